//! A manifest: the analyses of a submission, as a stream that may fail, and the digest of their source.

use std::error::Error as StdError;
use std::fmt;

use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};

use super::analysis::Analysis;

/// Failure of the source of the rows.
pub(super) type SourceError = Box<dyn StdError + Send + Sync>;

/// Source of the rows of a submission.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// None for the rows that the journal has.
    pub(super) rows: Option<Manifest>,
    /// Text that changes with the source, as the caller gave it.
    pub(super) digest: Option<String>,
}

/// Analyses of a submission.
pub(super) struct Manifest(BoxStream<'static, Result<Analysis, SourceError>>);

impl Manifest {
    pub(super) fn new<T, E>(rows: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self
    where
        T: Into<Analysis>,
        E: Into<SourceError>,
    {
        Self(rows.map(|row| row.map(Into::into).map_err(Into::into)).boxed())
    }

    pub(super) async fn next(&mut self) -> Option<Result<Analysis, SourceError>> {
        self.0.next().await
    }
}

impl fmt::Debug for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Manifest")
    }
}
