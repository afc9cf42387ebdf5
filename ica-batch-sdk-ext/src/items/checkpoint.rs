//! Where a list was left, to go on from there: after a restart, or in another process.

use ica_batch_sdk::types::ItemStatus;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::pagination::PageAt;

/// Where a stream of items is: after the last item that it handed out.
///
/// A value for serde; keep it as JSON. It is bound to its list: the project and batch, what the items are read as, the filter,
/// the page size and the way of paging. [`Items::resume`](super::Items::resume) refuses one of another list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    origin: Origin,
    place: Place,
}

/// Which list it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) project: String,
    pub(crate) batch: Uuid,
    pub(crate) listing: String,
    pub(crate) status: Vec<ItemStatus>,
    pub(crate) page_size: u64,
    pub(crate) by_offset: bool,
}

/// A place in a list: the page, and what was handed out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) at: PageAt,
    /// How many items of the page were handed out, and the last of them.
    pub(crate) taken: usize,
    pub(crate) last: Option<Uuid>,
}

impl Place {
    pub(crate) fn at(at: PageAt) -> Self {
        Self {
            at,
            taken: 0,
            last: None,
        }
    }
}

impl Checkpoint {
    pub(super) fn new(origin: Origin, place: Place) -> Self {
        Self { origin, place }
    }

    /// The place, if this is a checkpoint of that list.
    pub(super) fn place_in(self, list: &Origin) -> Result<Place> {
        let Origin {
            project,
            batch,
            listing,
            status,
            page_size,
            by_offset,
        } = &self.origin;
        let mode = |by_offset: bool| if by_offset { "offset" } else { "cursor" };
        let differs = [
            (project != &list.project).then(|| format!("the project ({project}, not {})", list.project)),
            (batch != &list.batch).then(|| format!("the batch ({batch}, not {})", list.batch)),
            (listing != &list.listing).then(|| format!("what is read ({listing}, not {})", list.listing)),
            (status != &list.status).then(|| format!("the status filter ({status:?}, not {:?})", list.status)),
            (page_size != &list.page_size).then(|| format!("the page size ({page_size}, not {})", list.page_size)),
            (*by_offset != list.by_offset)
                .then(|| format!("the way of paging ({}, not {})", mode(*by_offset), mode(list.by_offset))),
        ];
        let differs = differs.into_iter().flatten().collect::<Vec<_>>();
        if differs.is_empty() {
            return Ok(self.place);
        }
        Err(Error::invalid_input(format!(
            "the checkpoint is of another list, which differs in {}; resume the list that it was taken of",
            differs.join(", ")
        )))
    }
}
