//! The settings and state that all requests share.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use parking_lot::Mutex;

use super::settings::Settings;
use super::state::State;
use crate::api::paging::Tokens;
use crate::api::problem::Problem;
use crate::api::response::ApiResponse;
use crate::batch::hold::Holds;
use crate::clock::Clock;
use crate::families::Families;
use crate::json::Style;
use crate::random::mix;

/// The settings and state of a simulator.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) state: Mutex<State>,
    pub(crate) families: Families,
    pub(crate) holds: Arc<Holds>,
    pub(super) page_tokens: Tokens,
    /// Number of lists that have ended, for
    /// [`EndOfList::Cycle`](super::settings::EndOfList::Cycle).
    pub(super) ends: AtomicUsize,
}

impl Core {
    pub(crate) fn new(settings: Settings) -> Self {
        let state = State::new(
            settings.projects.iter().cloned().collect(),
            &settings.api_keys,
            &settings.users,
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

    /// Returns the response for a problem.
    pub(crate) fn problem_response(&self, problem: Problem) -> ApiResponse {
        let id = self.state.lock().new_id();
        let body = problem.render(id, self.clock.now(), Style::default());
        let mut response = ApiResponse::json(problem.status, "application/problem+json", body);
        response.headers.extend(problem.headers);
        response
    }
}
