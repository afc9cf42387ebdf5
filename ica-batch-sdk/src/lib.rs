//! The raw client of ICA's analysis and sample creation batches.
//!
//! Most programs want `ica-batch-sdk-ext`, which adds idempotency keys, retries, credentials, paging and waiting.
//! This crate is what it stands on: [`Client`] and [`types`], generated from the OpenAPI description by
//! progenitor, and the hooks that make each operation send exactly what ICA asks for.
//!
//! - Every operation sends the Accept and Content-Type of its version ([`OPERATIONS`]), and no `api-version`.
//! - [`CallContext`] carries what one call needs: credential, timeout, response limit. A [`Client`] is made
//!   for a call and thrown away.
//! - Enums of responses are open ([`OpenEnum`]): an unknown value is kept, not rejected.
//! - Text with limits has a type of its own ([`types::UserReference`]). Builders take text and return [`InvalidText`] when
//!   it is not valid.
//!
//! ```no_run
//! use ica_batch_sdk::{CallContext, Client};
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // A credential must not follow a redirect to somebody else.
//! let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
//! let context = CallContext::new().bearer("eyJhbGciOi…")?;
//! let client = Client::new_with_client("https://ica.illumina.com/ica/rest", http, context);
//! let batch = client
//!     .get_analysis_creation_batch("my-project", &"7c1d0b1e-58b6-4b0e-9a3f-3f6b9d3f1c11".parse()?)
//!     .await
//!     .map_err(|error| format!("status {:?}", error.status()))?;
//! println!("{}", batch.id);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//! - `schemars`: every type derives `schemars::JsonSchema` (schemars 1).
//! - `regenerate`: the build script generates the client from `../openapi/ica-batch.yaml`, or from the file that
//!   the environment variable `ICA_BATCH_SPEC` names, in place of the checked-in one.

mod checked_text;
mod context;
mod encode;
mod hooks;
mod limit;
mod open_enum;
mod operation;

#[cfg(feature = "regenerate")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}
#[cfg(not(feature = "regenerate"))]
#[rustfmt::skip]
mod generated;

pub use checked_text::InvalidText;
pub(crate) use checked_text::{Limits, PatternWords, checked_text};
pub use context::{CallContext, ResponseHead};
use encode::encode_path;
pub use generated::*;
pub use limit::ResponseTooLarge;
pub(crate) use open_enum::open_enum;
pub use open_enum::{OpenEnum, UnknownValue, UnrecognizedValue};
pub use operation::{Accept, Operation};
