//! Comparison of a response with its request.
//!
//! A response is used only if it is about the thing that was asked for. A cache or a proxy that
//! confuses two responses would otherwise attach the results of one sample to another.

use uuid::Uuid;

use super::family::Family;
use crate::error::{Error, ErrorKind, Result};

/// Checks that a response is about the thing with this id.
pub(crate) fn check_id(noun: &str, asked: Uuid, received: Uuid) -> Result<()> {
    if asked == received {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Unreadable,
        format!("the response is about {noun} {received}, and {asked} was asked for"),
    ))
}

/// Checks that a batch is in the project that the request names, where the response has the
/// project.
///
/// The ids of projects in responses are UUIDs. Another text names a project in another way, and
/// cannot be compared.
pub(super) fn check_project<F: Family>(project: &str, batch: &F::Batch) -> Result<()> {
    let (Ok(asked), Some(received)) = (project.parse::<Uuid>(), F::batch_project(batch)) else {
        return Ok(());
    };
    check_id("project", asked, received)
}
