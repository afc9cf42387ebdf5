//! The operations, as the API describes them: no faults and no connections.

pub(crate) mod execute;
pub(crate) mod settings;
pub(crate) mod state;

mod create;
mod listing;
mod tokens;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use parking_lot::Mutex;

use self::settings::Settings;
use self::state::State;
use crate::api::paging::Tokens;
use crate::api::problem::Problem;
use crate::api::response::Answer;
use crate::batch::hold::Holds;
use crate::clock::Clock;
use crate::families::Families;
use crate::json::Style;
use crate::random::mix;

/// The state and settings that all requests share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) state: Mutex<State>,
    pub(crate) families: Families,
    pub(crate) holds: Arc<Holds>,
    page_tokens: Tokens,
    /// The number of listings that have ended, for the style that cycles.
    ends: AtomicUsize,
}

impl Core {
    pub(crate) fn new(settings: Settings) -> Self {
        let state = State::new(
            settings.projects.iter().cloned().collect(),
            &settings.api_keys,
            settings.seed,
        );
        Self {
            clock: settings.clock.clone(),
            state: Mutex::new(state),
            families: Families::new(&settings.lifecycle),
            holds: Arc::new(Holds::new()),
            page_tokens: Tokens {
                secret: mix(settings.seed ^ 3),
            },
            ends: AtomicUsize::new(0),
            settings,
        }
    }

    /// A problem, written.
    pub(crate) fn answer_of(&self, problem: Problem) -> Answer {
        let id = self.state.lock().new_id();
        let body = problem.render(id, self.clock.now(), Style::default());
        let mut answer = Answer::json(problem.status, "application/problem+json", body);
        answer.headers.extend(problem.headers);
        answer
    }
}
