//! Pictures for people: statuses over time, and a page with the state of a submission.
//!
//! - `statuses` has the order and the colors of statuses.
//! - `svg` draws a history.
//! - `html` writes a page of one file.

mod html;
mod statuses;
mod svg;

pub(crate) use html::{Failures, Page, PageWriter};
pub(crate) use svg::{svg, write};
