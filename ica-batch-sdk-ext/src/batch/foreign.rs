//! Foreign text in batches and items: ICA's messages, statuses that are not known, and names.
//!
//! It is scrubbed when a response was read, so that everything that is made of the response has
//! scrubbed text: items, reports of waits, submissions and their journals.

use ica_batch_sdk::OpenEnum;

use crate::call::Core;
use crate::error::{DETAIL, Scrubber};

/// Scrubber of the foreign texts of one response. It is made when a text needs it, because most
/// items have no message and a known status.
#[derive(Debug)]
pub struct ForeignTexts<'a> {
    core: &'a Core,
    scrubber: Option<Scrubber>,
}

impl<'a> ForeignTexts<'a> {
    pub(crate) fn new(core: &'a Core) -> Self {
        Self { core, scrubber: None }
    }

    fn scrubber(&mut self) -> &Scrubber {
        self.scrubber.get_or_insert_with(|| self.core.scrubber(None))
    }

    /// Scrubs a message for people.
    pub(crate) fn message(&mut self, message: &mut Option<String>) {
        if let Some(text) = message {
            *text = self.scrubber().text(text, DETAIL);
        }
    }

    /// Removes secrets from a status. The rest stays, because a status is a value of the API.
    pub(crate) fn status<S: OpenEnum>(&mut self, status: &mut S) {
        if status.is_recognized() {
            return;
        }
        if let Some(replaced) = self.scrubber().replace_secrets(status.as_str()) {
            *status = S::from(replaced.as_str());
        }
    }

    /// Removes secrets from the name of an item.
    pub(super) fn name(&mut self, name: &mut String) {
        if let Some(replaced) = self.scrubber().replace_secrets(name) {
            *name = replaced;
        }
    }
}
