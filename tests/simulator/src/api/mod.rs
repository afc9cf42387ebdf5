//! The basics of the API, the same for all operations: operations, versions, credentials, problems
//! and paging.

pub(crate) mod auth;
pub(crate) mod call;
pub(crate) mod compress;
pub(crate) mod family;
pub(crate) mod negotiation;
pub(crate) mod operation;
pub(crate) mod paging;
pub(crate) mod problem;
pub(crate) mod response;
pub(crate) mod version;
