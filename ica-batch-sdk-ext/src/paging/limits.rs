//! Limits of lists, so that no response makes a list run without end.

use std::time::Duration;

use uuid::Uuid;

use crate::error::{Error, ErrorKind, Result, counted};

/// Maximum number of items per page that can be asked for. A page of more items exceeds the default
/// limit of a response, even if an item has 350 bytes only.
pub(crate) const MAX_PAGE_SIZE: u64 = 100_000;

/// Maximum number of pages without items in a row. A list that is filtered by the server may have
/// some of them; only a list without end has so many.
pub(crate) const MAX_EMPTY_PAGES: u32 = 100;

/// Maximum number of pages without items of a whole list.
pub(crate) const MAX_EMPTY_PAGES_OF_A_LIST: u32 = 1000;

/// Maximum number of items of a list. The items of a batch come from one request, and no request has
/// so many.
pub(crate) const MAX_ITEMS: u64 = 1_000_000;

/// Maximum number of items that a list by cursor may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ItemLimit {
    /// Maximum number of items.
    pub(crate) items: u64,
    /// Place that has no more items, such as "batch".
    pub(crate) of: &'static str,
}

impl ItemLimit {
    /// Limit of the items of a batch.
    pub(crate) const BATCH: Self = Self {
        items: MAX_ITEMS,
        of: "batch",
    };
}

/// Maximum length of a page token in bytes. The token goes into a URL, and many servers and proxies
/// limit the first line of a request to 8 KiB.
pub(crate) const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Checks a page size that a caller has set.
pub(crate) fn check_page_size(size: u64) -> Result<()> {
    let reason = match size {
        0 => "the page size is 0; ask for at least one item per page".to_owned(),
        1..=MAX_PAGE_SIZE => return Ok(()),
        _ => format!("the page size is {size}; ask for at most {MAX_PAGE_SIZE} items per page"),
    };
    Err(Error::invalid_input(reason))
}

/// Reason why the pages of a list cannot be followed any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// A page names a page token that was followed before.
    TokenRepeats,
    /// A page token has this many bytes. The token itself is dropped.
    TokenTooLong(usize),
    /// Too many pages in a row have no items.
    EmptyPages,
    /// Too many pages of the list have no items.
    EmptyPagesOfList,
    /// The pages have too many items.
    TooManyItems(ItemLimit),
    /// A page begins with an item that an earlier page began with.
    ItemRepeats(Uuid),
}

impl Flaw {
    /// Returns the error of the list.
    pub(crate) fn error(self) -> Error {
        let what = match self {
            Self::TokenRepeats => "a page names an earlier page as the next one".to_owned(),
            Self::TokenTooLong(bytes) => format!(
                "the server returned a page token of {bytes} bytes, and at most {MAX_TOKEN_BYTES} fit into a URL"
            ),
            Self::EmptyPages => format!("the server returned {MAX_EMPTY_PAGES} pages without items in a row"),
            Self::EmptyPagesOfList => format!("the server returned {MAX_EMPTY_PAGES_OF_A_LIST} pages without items"),
            Self::TooManyItems(ItemLimit { items, of }) => {
                format!("the server returned {items} items, which no {of} has, and names a further page")
            }
            Self::ItemRepeats(id) => format!("two pages begin with the same item, {id}"),
        };
        let error = Error::new(ErrorKind::Paging, what);
        match self {
            Self::EmptyPages | Self::EmptyPagesOfList => {
                error.with_advice("ask for larger pages, or start the list again")
            }
            _ => error,
        }
    }
}

/// Checks that a page has no more items than were asked for.
pub(crate) fn check_page_length(items: usize, asked: u64) -> Result<()> {
    let items = items as u64;
    if items <= asked {
        return Ok(());
    }
    let what = format!(
        "the server returned a page of {}, and at most {asked} were asked for",
        counted(items, "item")
    );
    Err(Error::new(ErrorKind::Paging, what))
}

/// Checks the number of items that lists of the same batch returned so far, one after the other.
pub(crate) fn check_item_count(items: usize) -> Result<()> {
    match items as u64 > MAX_ITEMS {
        true => Err(Error::new(
            ErrorKind::Paging,
            format!("the server returned more than {MAX_ITEMS} different items, which no batch has"),
        )),
        false => Ok(()),
    }
}

/// Returns the error of a list whose deadline has passed.
pub(crate) fn deadline_passed(limit: Duration) -> Error {
    let what = format!("the deadline of the list ({limit:?}) has passed");
    let advice = "resume the list from its checkpoint, or allow more time with list_deadline";
    Error::new(ErrorKind::Timeout, what).with_advice(advice)
}

#[cfg(test)]
mod tests {
    use super::{Flaw, MAX_ITEMS, MAX_PAGE_SIZE, check_item_count, check_page_length, check_page_size};

    #[test]
    fn a_batch_has_a_maximum_of_items() {
        let most = usize::try_from(MAX_ITEMS).unwrap();
        assert!(check_item_count(0).is_ok() && check_item_count(most).is_ok());
        for count in [most + 1, most + 2] {
            assert!(check_item_count(count).is_err(), "{count}");
        }
    }

    #[test]
    fn a_page_size_has_bounds() {
        assert!(check_page_size(1).is_ok() && check_page_size(MAX_PAGE_SIZE).is_ok());
        for size in [0, MAX_PAGE_SIZE + 1, u64::MAX] {
            let error = check_page_size(size).unwrap_err();
            assert!(error.is_invalid_input());
            assert!(
                error.to_string().contains(&format!("the page size is {size};")),
                "{error}"
            );
        }
    }

    #[test]
    fn errors_name_the_server_and_the_numbers() {
        let error = check_page_length(5, 4).unwrap_err().to_string();
        assert!(error.starts_with("the server returned a page of 5 items, and at most 4 were asked for"));
        assert!(check_page_length(4, 4).is_ok());
        let error = Flaw::TokenTooLong(9000).error().to_string();
        assert!(
            error.starts_with("the server returned a page token of 9000 bytes, and at most 8192 fit"),
            "{error}"
        );
    }
}
