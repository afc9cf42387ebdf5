//! Helpers of the journal's unit tests.

use std::path::Path;

use super::database::DbResult;

/// Returns the value of an operation that must succeed.
#[track_caller]
pub(super) fn ok<T>(result: DbResult<T>) -> T {
    result.map_err(|error| error.at(Path::new("test.db"))).unwrap()
}
