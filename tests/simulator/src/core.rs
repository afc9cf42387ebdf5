//! What all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;

use crate::answer::Answer;
use crate::builder::Settings;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::hold::Holds;
use crate::lifecycle::mix;
use crate::paging::Tokens;
use crate::problem::{Code, Problem};
use crate::record::Recorder;
use crate::render::item::ItemRenderer;
use crate::render::json::Style;
use crate::state::State;

/// The inside of a simulator.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) state: Mutex<State>,
    pub(crate) faults: Faults,
    pub(crate) recorder: Recorder,
    pub(crate) holds: Arc<Holds>,
    pub(crate) items: ItemRenderer,
    pub(crate) page_tokens: Tokens,
    /// How many listings have ended, for the style that cycles.
    pub(crate) ends: AtomicUsize,
    /// What handlers panicked with.
    pub(crate) panics: Mutex<Vec<String>>,
    sequence: AtomicU64,
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
            faults: Faults::default(),
            recorder: Recorder::new(settings.record_limit),
            holds: Arc::new(Holds::new()),
            items: ItemRenderer::default(),
            page_tokens: Tokens {
                secret: mix(settings.seed ^ 3),
            },
            ends: AtomicUsize::new(0),
            panics: Mutex::default(),
            sequence: AtomicU64::new(0),
            settings,
        }
    }

    pub(crate) fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    /// A problem, written.
    pub(crate) fn answer_of(&self, problem: Problem) -> Answer {
        let id = self.state.lock().new_id();
        let body = problem.render(id, self.clock.now(), Style::default());
        let mut answer = Answer::json(problem.status, "application/problem+json", body);
        answer.headers.extend(problem.headers);
        answer
    }

    /// Keeps what a handler panicked with, and makes the answer for it.
    pub(crate) fn panicked(&self, panic: String) -> Answer {
        let problem = Problem::new(Code::Internal, format!("The simulator panicked: {panic}"));
        self.panics.lock().push(panic);
        self.answer_of(problem)
    }
}
