//! The state of a simulator.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::api::auth::{Credentials, User};
use crate::api::family::Family;
use crate::api::problem::{Code, Problem};
use crate::batch::creation::Creation;
use crate::batch::family::{BatchFamily, ItemRequest};
use crate::batch::fate::Fates;
use crate::batch::idempotency::Memory;
use crate::batch::model::{Batch, BatchId, Item};
use crate::content::project::ProjectContent;
use crate::random::mix;

/// The projects, credentials, keys and batches of a simulator.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) projects: BTreeSet<String>,
    pub(crate) credentials: Credentials,
    pub(crate) keys: Memory,
    pub(crate) executed_creates: usize,
    /// In the order of their creation.
    batches: Vec<Batch>,
    by_id: HashMap<BatchId, usize>,
    /// The batch and the item that created an analysis or sample.
    by_created: HashMap<Uuid, (usize, usize)>,
    /// The content of each project that was asked for its content.
    content: HashMap<String, ProjectContent>,
    random: fastrand::Rng,
}

/// An item and its batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) batch: &'a Batch,
    pub(crate) item: &'a Item,
}

/// The parts of a new batch.
#[derive(Debug)]
pub(crate) struct NewBatch {
    pub(crate) family: Arc<dyn BatchFamily>,
    pub(crate) project: String,
    pub(crate) key: Option<String>,
    pub(crate) owner: User,
    pub(crate) created: DateTime<Utc>,
    pub(crate) items: Vec<Box<dyn ItemRequest>>,
}

impl State {
    pub(crate) fn new(projects: BTreeSet<String>, keys: &[String], users: &HashMap<String, String>, seed: u64) -> Self {
        Self {
            projects,
            credentials: Credentials::new(keys, users, mix(seed ^ 1)),
            keys: Memory::default(),
            executed_creates: 0,
            batches: Vec::new(),
            by_id: HashMap::new(),
            by_created: HashMap::new(),
            content: HashMap::new(),
            random: fastrand::Rng::with_seed(mix(seed ^ 2)),
        }
    }

    /// Returns a new version-4 UUID, drawn from the simulator's seed.
    pub(crate) fn new_id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.u128(..).to_be_bytes()).into_uuid()
    }

    pub(crate) fn check_project(&self, project: &str) -> Result<(), Problem> {
        if self.projects.contains(project) {
            return Ok(());
        }
        Err(
            Problem::new(Code::NotFound, format!("Project {project:?} does not exist."))
                .parameter("projectId", project),
        )
    }

    /// Returns the data and pipelines of a project.
    pub(crate) fn content(&mut self, project: &str) -> &mut ProjectContent {
        self.content.entry(project.to_owned()).or_default()
    }

    pub(crate) fn add_batch(&mut self, new: NewBatch, creation: &Creation, fates: &Fates) -> &Batch {
        let number = self.batches.len() as u64;
        let statuses = new.family.facts().statuses;
        let requests = new.items.into_iter().enumerate();
        let items: Vec<_> = requests
            .map(|(index, request)| {
                let salt = mix(number << 32 | index as u64);
                let fate = creation.settle(fates.of(request.name()), salt, statuses);
                Item {
                    id: self.new_id(),
                    created_id: self.new_id(),
                    request,
                    salt,
                    fate,
                    is_deleted: false,
                }
            })
            .collect();
        let job_ends = items
            .iter()
            .map(|item| creation.ends(item.salt))
            .max()
            .unwrap_or_default();
        let batch = Batch {
            id: self.new_id(),
            family: new.family,
            job_id: self.new_id(),
            project: new.project,
            key: new.key,
            owner: new.owner,
            created: new.created,
            items,
            job_ends,
            stopped_at: None,
        };
        let index = self.batches.len();
        self.by_id.insert(batch.id, index);
        let created = batch.items.iter().enumerate();
        self.by_created
            .extend(created.map(|(item, created)| (created.created_id, (index, item))));
        self.batches.push(batch);
        self.batches.last().expect("it was just added")
    }

    pub(crate) fn batches(&self) -> &[Batch] {
        &self.batches
    }

    /// Returns the batch of this family, project and id.
    pub(crate) fn batch(&self, family: Family, project: &str, id: &str) -> Result<&Batch, Problem> {
        self.check_project(project)?;
        let found = parsed_id("batchId", id)?;
        let batch = self
            .by_id
            .get(&found)
            .map(|index| &self.batches[*index])
            .filter(|batch| batch.family.facts().family == family && batch.project == project);
        batch.ok_or_else(|| {
            Problem::new(Code::NotFound, format!("Batch {id} does not exist in this project.")).parameter("batchId", id)
        })
    }

    pub(crate) fn batch_mut(&mut self, id: BatchId) -> Option<&mut Batch> {
        self.by_id.get(&id).map(|index| &mut self.batches[*index])
    }

    pub(crate) fn item_that_created(&mut self, id: Uuid) -> Option<&mut Item> {
        let (batch, item) = *self.by_created.get(&id)?;
        Some(&mut self.batches[batch].items[item])
    }

    /// Returns the items of a project that create analyses, in the order of their batches.
    pub(crate) fn analyses<'a>(&'a self, project: &'a str) -> impl Iterator<Item = Row<'a>> {
        let batches = self
            .batches
            .iter()
            .filter(move |batch| creates_analyses(batch, project));
        batches.flat_map(|batch| batch.items.iter().map(move |item| Row { batch, item }))
    }

    /// Returns the item of a project that creates this analysis.
    pub(crate) fn analysis(&self, project: &str, id: Uuid) -> Option<Row<'_>> {
        let (batch, item) = *self.by_created.get(&id)?;
        let batch = &self.batches[batch];
        creates_analyses(batch, project).then_some(Row {
            batch,
            item: &batch.items[item],
        })
    }
}

fn creates_analyses(batch: &Batch, project: &str) -> bool {
    batch.family.facts().family == Family::Analysis && batch.project == project
}

/// Parses a path parameter that is a UUID.
pub(crate) fn parsed_id(name: &str, text: &str) -> Result<Uuid, Problem> {
    Uuid::parse_str(text).map_err(|_| {
        Problem::new(
            Code::InvalidRequest,
            format!("{name} {text:?} is not valid: it is not a UUID."),
        )
        .parameter(name, text)
    })
}
