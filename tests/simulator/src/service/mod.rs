//! The operations as the API describes them, without faults and connections.

pub(crate) mod core;
pub(crate) mod format;
pub(crate) mod settings;
pub(crate) mod state;

mod analyses;
mod content;
mod create;
mod dispatch;
mod items;
mod page;
mod tokens;
