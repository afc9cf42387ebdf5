//! Foreign text in data: values that are not known. Names and paths are data, and stay.

use ica_batch_sdk::types::ProjectData;

use crate::batch::ForeignTexts;

/// Scrubs what the server wrote into a file or folder.
pub(super) fn scrub(data: &mut ProjectData, texts: &mut ForeignTexts<'_>) {
    if let Some(details) = &mut data.data.details {
        texts.status(&mut details.status);
        texts.status(&mut details.data_type);
    }
}
