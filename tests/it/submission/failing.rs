//! Transactions of a journal that fail.

use std::path::Path;

use rusqlite::Connection;

/// Lets transactions fail that leave a row with this condition behind, until it is dropped.
///
/// The journal runs no trigger of its file, so this is an index whose expression cannot be
/// computed for such a row. Rows that exist already are excepted.
pub(super) struct Failing(Connection);

impl Failing {
    pub(super) fn new(journal: &Path, table: &str, condition: &str) -> Self {
        let connection = Connection::open(journal).unwrap();
        let row = if table == "analysis" { "submission" } else { "id" };
        let sql = format!("SELECT coalesce(max({row}), 0) FROM {table}");
        let last: i64 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        let sql = format!(
            "CREATE INDEX fails ON {table} (CASE WHEN {row} > {last} AND {condition} THEN json('the test lets it fail') END)"
        );
        connection.execute_batch(&sql).unwrap();
        Self(connection)
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        self.0.execute_batch("DROP INDEX fails").unwrap();
    }
}
