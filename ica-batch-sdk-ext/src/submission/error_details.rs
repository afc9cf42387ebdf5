//! Values that errors of submissions have.

use super::bad_rows::BadRows;
use crate::error::Error;
use crate::journal::{CreatedElsewhere, DuplicateReferences, ManifestChanges};

impl Error {
    /// Returns the differences of the manifests, if the error's kind is
    /// [`ManifestChanged`](crate::ErrorKind::ManifestChanged).
    pub fn manifest_changes(&self) -> Option<&ManifestChanges> {
        std::error::Error::source(self)?.downcast_ref()
    }

    /// Returns the rows of a manifest that cannot be sent, if they are the reason of the error.
    pub fn bad_rows(&self) -> Option<&BadRows> {
        std::error::Error::source(self)?.downcast_ref()
    }

    /// Returns the user references that occur more than once, if the error's kind is
    /// [`DuplicateReferences`](crate::ErrorKind::DuplicateReferences).
    pub fn duplicate_references(&self) -> Option<&DuplicateReferences> {
        std::error::Error::source(self)?.downcast_ref()
    }

    /// Returns the rows that another submission of the project has created, if the error's kind is
    /// [`CreatedElsewhere`](crate::ErrorKind::CreatedElsewhere).
    pub fn created_elsewhere(&self) -> Option<&CreatedElsewhere> {
        std::error::Error::source(self)?.downcast_ref()
    }
}
