//! Content of the crate that comes from a description.

use crate::lower::{Remark, Skipped};

/// Generated source, with what is left out and what is to decide.
pub(crate) struct Content<'a> {
    pub(crate) source: &'a str,
    pub(crate) skipped: &'a [Skipped],
    pub(crate) remarks: &'a [Remark],
}
