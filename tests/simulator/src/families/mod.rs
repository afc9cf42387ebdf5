//! The families of batches.
//!
//! A new family needs a folder here, its names in [`api::family`](crate::api::family), and entries
//! in [`Families`].

pub(crate) mod analysis;
pub(crate) mod lifecycle;
pub(crate) mod sample;

use std::sync::Arc;

use self::analysis::Analysis;
use self::lifecycle::Lifecycle;
use self::sample::Sample;
use crate::api::family::Family;
use crate::batch::family::BatchFamily;

/// The families of one simulator.
#[derive(Debug)]
pub(crate) struct Families {
    analysis: Arc<dyn BatchFamily>,
    sample: Arc<dyn BatchFamily>,
}

impl Families {
    pub(crate) fn new(lifecycle: &Lifecycle) -> Self {
        Self {
            analysis: Arc::new(Analysis::new(lifecycle.runs.clone())),
            sample: Arc::new(Sample),
        }
    }

    pub(crate) fn get(&self, family: Family) -> &Arc<dyn BatchFamily> {
        match family {
            Family::Analysis => &self.analysis,
            Family::Sample => &self.sample,
        }
    }
}
