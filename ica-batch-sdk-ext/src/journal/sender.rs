//! Processes at work on a journal, as its table `sender` has them.
//!
//! A sender is alive for the length of its lease, which it renews. The locks of a sender that is no
//! longer alive have expired.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::{Connection, params};
use uuid::Uuid;

use super::database::{DbResult, write_transaction};
use super::time::{Millis, length};

/// Query for the senders that are alive at `:now`. A lease that ends later than a lease can was set
/// by a clock that was ahead. The minute is for clocks that differ, and for a `:now` that has
/// waited for its transaction.
pub(super) const ALIVE: &str = "SELECT id FROM sender WHERE alive_until BETWEEN :now AND :now + lease + 60000";

/// Process that sends or plans.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    pub(super) id: String,
    lease: Millis,
    has_left: Arc<AtomicBool>,
}

impl Sender {
    pub(super) fn new(lease: Duration) -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            lease: length(lease).max(1),
            has_left: Arc::default(),
        }
    }

    /// Adds the sender to the journal, and deletes senders that ended more than a day ago.
    pub(super) fn enter(&self, connection: &mut Connection, now: Millis) -> DbResult<()> {
        const DAY: Millis = 24 * 3600 * 1000;
        let transaction = write_transaction(connection)?;
        transaction.execute("DELETE FROM sender WHERE alive_until < ?1", [now.saturating_sub(DAY)])?;
        self.renew(&transaction, now)?;
        transaction.commit()?;
        Ok(())
    }

    /// Renews the lease, also if the sender was deleted in the meantime. Does nothing after
    /// [`leave`](Self::leave).
    pub(super) fn renew(&self, connection: &Connection, now: Millis) -> DbResult<()> {
        if self.has_left() {
            return Ok(());
        }
        let sql = "INSERT INTO sender (id, process, alive_until, lease) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until";
        let until = now.saturating_add(self.lease);
        connection
            .prepare_cached(sql)?
            .execute(params![self.id, std::process::id(), until, self.lease])?;
        Ok(())
    }

    /// Deletes the sender. Others can lock its chunks at once.
    pub(super) fn leave(&self, connection: &Connection) -> DbResult<()> {
        self.has_left.store(true, Ordering::Release);
        connection.execute("DELETE FROM sender WHERE id = ?1", [&self.id])?;
        Ok(())
    }

    pub(super) fn has_left(&self) -> bool {
        self.has_left.load(Ordering::Acquire)
    }
}
