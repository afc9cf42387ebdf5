//! What the paths of a manifest mean in ICA, while it is checked.

use std::collections::HashMap;
use std::io;

use super::found_ids::{FoundIds, FoundIdsWriter};
use super::hashes::Hashes;
use super::window::Window;

/// Number of paths whose ids are known at a time. More of them are forgotten, and looked up again where
/// they occur again.
const KNOWN: usize = 50_000;

/// Ids by path.
type Ids = HashMap<Box<str>, Box<str>>;

/// Ids of the data and folders of the rows that were checked.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) data: Ids,
    pub(super) folders: Ids,
    ids: FoundIdsWriter,
    different_data: Hashes,
    different_folders: Hashes,
}

/// Ids of a manifest, and the numbers of different texts.
#[derive(Debug)]
pub(super) struct FoundAll {
    pub(super) ids: FoundIds,
    pub(super) data: u64,
    pub(super) folders: u64,
}

impl Found {
    /// Forgets the paths if they are many.
    pub(super) fn forget(&mut self) {
        for known in [&mut self.data, &mut self.folders] {
            if known.len() > KNOWN {
                known.clear();
            }
        }
    }

    /// Records the ids of a window without problems.
    ///
    /// # Errors
    /// A temporary file cannot be written.
    pub(super) fn record(&mut self, window: &Window) -> io::Result<()> {
        for row in &window.rows {
            for (_, text) in row.data() {
                self.ids.add(text, self.data.get(text).map_or("", Box::as_ref))?;
            }
            if let Some(text) = &row.output_folder {
                let id = self.folders.get(text.as_str());
                self.ids.add(text, id.map_or("", Box::as_ref))?;
            }
        }
        for text in window.data(|_| false) {
            self.different_data.add(&text, 0)?;
        }
        for text in window.folders(|_| false) {
            self.different_folders.add(&text, 0)?;
        }
        Ok(())
    }

    /// Returns what was found.
    ///
    /// # Errors
    /// A temporary file cannot be written or read.
    pub(super) fn finish(self) -> io::Result<FoundAll> {
        Ok(FoundAll {
            ids: self.ids.finish()?,
            data: self.different_data.distinct()?,
            folders: self.different_folders.distinct()?,
        })
    }
}
