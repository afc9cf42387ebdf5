//! A clock that advances to the next end of a sleep, when it is told to.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use ica_batch_sdk_ext::clock::{Clock, Sleep};
use tokio::sync::oneshot;

#[derive(Clone, Default)]
pub(crate) struct SimulatedClock(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    time: Duration,
    /// Sleeps by their end, in the order in which they began.
    sleeps: BTreeMap<(Duration, u64), oneshot::Sender<()>>,
    number: u64,
}

impl SimulatedClock {
    pub(crate) fn time(&self) -> Duration {
        self.0.lock().unwrap().time
    }

    /// Advances to the next end of a sleep that somebody waits for, and ends all sleeps until then.
    pub(crate) fn advance_to_next(&self) {
        let mut state = self.0.lock().unwrap();
        while let Some(((end, _), sleep)) = state.sleeps.pop_first() {
            if sleep.send(()).is_ok() {
                state.time = end;
                break;
            }
        }
        let time = state.time;
        while let Some(next) = state.sleeps.first_entry() {
            if next.key().0 > time {
                break;
            }
            let _ = next.remove().send(());
        }
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_464_900) + self.time()
    }

    fn elapsed(&self) -> Duration {
        self.time()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.clone();
        Box::pin(async move {
            let ended = {
                let mut state = clock.0.lock().unwrap();
                let (send, ended) = oneshot::channel();
                state.number += 1;
                let key = (state.time.saturating_add(duration), state.number);
                state.sleeps.insert(key, send);
                ended
            };
            let _ = ended.await;
        })
    }
}

impl fmt::Debug for SimulatedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SimulatedClock({:?})", self.time())
    }
}
