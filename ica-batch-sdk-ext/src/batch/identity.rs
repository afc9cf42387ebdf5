//! Comparison of a response with its request.
//!
//! A response is used only if it is about the thing that was asked for. A cache or a proxy that
//! confuses two responses would otherwise attach the results of one sample to another.

use uuid::Uuid;

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

/// Checks that the project of a batch is the one that the request names, where the response has it.
///
/// The ids of projects in responses are UUIDs. Another text names a project in another way, and
/// cannot be compared.
pub(super) fn check_project(project: &str, received: Option<Uuid>) -> Result<()> {
    let (Ok(asked), Some(received)) = (project.parse::<Uuid>(), received) else {
        return Ok(());
    };
    check_id("project", asked, received)
}
