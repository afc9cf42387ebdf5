//! Everything that exists in a simulator, behind one lock.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::auth::{Credentials, User};
use crate::batch::{Batch, BatchId, Item, Requested};
use crate::fate::Fates;
use crate::idempotency::Memory;
use crate::lifecycle::{Lifecycle, mix};
use crate::problem::{Code, Problem};

/// The whole state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) projects: BTreeSet<String>,
    pub(crate) credentials: Credentials,
    pub(crate) memory: Memory,
    pub(crate) executed_creates: usize,
    /// In the order of their creation.
    batches: Vec<Batch>,
    by_id: HashMap<BatchId, usize>,
    random: fastrand::Rng,
}

/// What a new batch is made from.
#[derive(Debug)]
pub(crate) struct NewBatch {
    pub(crate) project: String,
    pub(crate) key: Option<String>,
    pub(crate) owner: User,
    pub(crate) created: DateTime<Utc>,
    pub(crate) analyses: Vec<Requested>,
}

impl State {
    pub(crate) fn new(projects: BTreeSet<String>, keys: &[String], seed: u64) -> Self {
        Self {
            projects,
            credentials: Credentials::new(keys, mix(seed ^ 1)),
            memory: Memory::default(),
            executed_creates: 0,
            batches: Vec::new(),
            by_id: HashMap::new(),
            random: fastrand::Rng::with_seed(mix(seed ^ 2)),
        }
    }

    /// A new version-4 UUID from the simulator's seed.
    pub(crate) fn new_id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.u128(..).to_be_bytes()).into_uuid()
    }

    pub(crate) fn check_project(&self, project: &str) -> Result<(), Problem> {
        if self.projects.contains(project) {
            return Ok(());
        }
        Err(Problem::new(Code::NotFound, format!("There is no project {project:?}.")).parameter("projectId", project))
    }

    pub(crate) fn add_batch(&mut self, new: NewBatch, lifecycle: &Lifecycle, fates: &Fates) -> &Batch {
        let number = self.batches.len() as u64;
        let analyses = new.analyses.into_iter().enumerate();
        let items: Vec<_> = analyses
            .map(|(index, requested)| {
                let salt = mix(number << 32 | index as u64);
                let fate = lifecycle.settle_fate(fates.of(&requested.user_reference), salt);
                Item {
                    id: self.new_id(),
                    analysis_id: self.new_id(),
                    requested,
                    salt,
                    fate,
                    aborted_at: None,
                }
            })
            .collect();
        let job_ends = items
            .iter()
            .map(|item| lifecycle.creation_ends(item.salt))
            .max()
            .unwrap_or_default();
        let batch = Batch {
            id: self.new_id(),
            job_id: self.new_id(),
            project: new.project,
            key: new.key,
            owner: new.owner,
            created: new.created,
            items,
            job_ends,
            stopped_at: None,
        };
        self.by_id.insert(batch.id, self.batches.len());
        self.batches.push(batch);
        self.batches.last().expect("it was just added")
    }

    pub(crate) fn batches(&self) -> &[Batch] {
        &self.batches
    }

    /// The batch of that id in that project.
    pub(crate) fn batch(&self, project: &str, id: &str) -> Result<&Batch, Problem> {
        self.check_project(project)?;
        let found = parsed_id("batchId", id)?;
        let batch = self
            .by_id
            .get(&found)
            .map(|index| &self.batches[*index])
            .filter(|batch| batch.project == project);
        batch.ok_or_else(|| {
            Problem::new(Code::NotFound, format!("There is no batch {id} in this project.")).parameter("batchId", id)
        })
    }

    pub(crate) fn batch_mut(&mut self, id: BatchId) -> Option<&mut Batch> {
        self.by_id.get(&id).map(|index| &mut self.batches[*index])
    }

    pub(crate) fn item_of_analysis(&mut self, analysis: Uuid) -> Option<&mut Item> {
        self.batches
            .iter_mut()
            .flat_map(|batch| &mut batch.items)
            .find(|item| item.analysis_id == analysis)
    }
}

/// A path parameter that is a UUID.
pub(crate) fn parsed_id(name: &str, text: &str) -> Result<Uuid, Problem> {
    Uuid::parse_str(text).map_err(|_| {
        Problem::new(Code::InvalidRequest, format!("{name} {text:?} is not a UUID.")).parameter(name, text)
    })
}
