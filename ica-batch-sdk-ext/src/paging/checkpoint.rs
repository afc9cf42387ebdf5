//! A position in a list that outlives the process.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PageStart;
use super::limits::MAX_TOKEN_BYTES;
use crate::error::{Error, NAME, Result, shown};

/// Position of a stream in its list: after the last item that the stream returned.
///
/// It implements the traits of serde; store it as JSON. It belongs to one list: the same project,
/// batch, item type, filter, page size and way of paging. Resuming another list fails, and the
/// error names the differences.
///
/// ```
/// # use ica_batch_sdk_ext::{Checkpoint, Client, Credentials};
/// use futures_util::TryStreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// let mut items = batch.items().stream();
/// items.try_next().await?;
/// let saved = serde_json::to_string(&items.checkpoint())?;
///
/// // Later, or in another process:
/// let checkpoint: Checkpoint = serde_json::from_str(&saved)?;
/// let rest: Vec<_> = batch.items().resume(checkpoint)?.try_collect().await?;
/// assert_eq!(rest.len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    list: ListIdentity,
    position: Position,
}

/// Way of paging, as a part of the identity of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PagingMode {
    Cursor,
    Offset,
}

impl PagingMode {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::Offset => "offset",
        }
    }
}

/// Identity of a list: the parameters that a checkpoint must have in common with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListIdentity {
    /// Name and value of each parameter, in the order in which errors list them.
    parameters: Vec<(String, String)>,
}

impl ListIdentity {
    pub(crate) fn new<const N: usize>(parameters: [(&str, String); N]) -> Self {
        let parameters = parameters.into_iter().map(|(name, value)| (name.to_owned(), value));
        Self {
            parameters: parameters.collect(),
        }
    }

    fn value(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map_or("absent", |(_, value)| value.as_str())
    }
}

/// Position in a list: a page, and the number of items that were returned of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) page: PageStart,
    /// Number of items of the page that were returned.
    pub(crate) returned: usize,
    /// Id of the last of them.
    pub(crate) last: Option<Uuid>,
}

impl Position {
    /// Returns the position before the first item of a page.
    pub(crate) fn before(page: PageStart) -> Self {
        Self {
            page,
            returned: 0,
            last: None,
        }
    }

    /// Returns an error for a position that no stream returned.
    fn check(&self, mode: PagingMode) -> Result<()> {
        let reason = match &self.page {
            PageStart::Offset(..) if mode == PagingMode::Cursor => "it has the offset of a list by cursor".to_owned(),
            PageStart::First | PageStart::Token(_) if mode == PagingMode::Offset => {
                "it has no offset of a list by offset".to_owned()
            }
            PageStart::Token(token) if token.is_empty() => "its page token is empty".to_owned(),
            PageStart::Token(token) if token.len() > MAX_TOKEN_BYTES => format!(
                "its page token has {} bytes, and a token has at most {MAX_TOKEN_BYTES}",
                token.len()
            ),
            PageStart::First | PageStart::Token(_) | PageStart::Offset(..) | PageStart::End => return Ok(()),
        };
        Err(Error::invalid_input(format!(
            "could not resume the list: the checkpoint is not valid: {reason}; use a checkpoint that a stream \
             returned, or start the list again"
        )))
    }
}

impl Checkpoint {
    pub(super) fn new(list: ListIdentity, position: Position) -> Self {
        Self { list, position }
    }

    /// Returns whether the stream had returned its last item: resuming from here returns no item
    /// and sends no request.
    pub fn is_end(&self) -> bool {
        self.position.page == PageStart::End
    }

    /// Returns the position if the checkpoint belongs to this list.
    pub(crate) fn position_in(self, list: &ListIdentity, mode: PagingMode) -> Result<Position> {
        let names = list.parameters.iter().map(|(name, _)| name);
        let differs = names
            .filter(|name| self.list.value(name) != list.value(name))
            .map(|name| {
                format!(
                    "{name} {}, not {}",
                    shown(self.list.value(name), NAME),
                    list.value(name)
                )
            })
            .collect::<Vec<_>>();
        if differs.is_empty() {
            self.position.check(mode)?;
            return Ok(self.position);
        }
        Err(Error::invalid_input(format!(
            "could not resume the list: the checkpoint belongs to another list ({}); resume the list that \
             the checkpoint was made from",
            differs.join("; ")
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::{Checkpoint, ListIdentity, PageStart, PagingMode, Position};

    fn checkpoint(page: PageStart) -> Checkpoint {
        Checkpoint::new(list("a"), Position::before(page))
    }

    fn list(batch: &str) -> ListIdentity {
        ListIdentity::new([("batch", batch.to_owned())])
    }

    #[test]
    fn a_position_belongs_to_the_mode_of_its_list() {
        let is_valid = |page: PageStart, mode| checkpoint(page).position_in(&list("a"), mode).is_ok();
        let offset = || PageStart::Offset(1000, 1000);
        assert!(is_valid(offset(), PagingMode::Offset) && !is_valid(offset(), PagingMode::Cursor));
        for page in [PageStart::First, PageStart::Token("t".to_owned())] {
            assert!(is_valid(page.clone(), PagingMode::Cursor) && !is_valid(page, PagingMode::Offset));
        }
        for mode in [PagingMode::Cursor, PagingMode::Offset] {
            assert!(is_valid(PageStart::End, mode));
        }
    }

    #[test]
    fn the_end_is_known() {
        assert!(checkpoint(PageStart::End).is_end());
        assert!(!checkpoint(PageStart::First).is_end());
    }

    #[test]
    fn another_list_is_named_with_what_differs() {
        let resumed = checkpoint(PageStart::First).position_in(&list("b"), PagingMode::Cursor);
        let error = resumed.unwrap_err().to_string();
        assert!(error.contains("batch a, not b"), "{error}");
        let wider = ListIdentity::new([("batch", "a".to_owned()), ("status", "FAILED".to_owned())]);
        let resumed = checkpoint(PageStart::First).position_in(&wider, PagingMode::Cursor);
        let error = resumed.unwrap_err().to_string();
        assert!(error.contains("status absent, not FAILED"), "{error}");
    }
}
