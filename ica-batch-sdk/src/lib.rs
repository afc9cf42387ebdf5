//! Raw client of ICA's creation batches, analyses, data and pipelines, generated from the OpenAPI
//! description.
//!
//! Most programs use `ica-batch-sdk-ext`, which adds idempotency keys, retries, credentials, paging
//! and waiting. This crate is its base: [`Client`] and [`types`], which progenitor generates, and
//! hooks that send the headers that ICA expects.
//!
//! - Every operation sends the Accept and Content-Type headers of its version ([`OPERATIONS`]), and
//!   no `api-version`.
//! - [`CallContext`] has the settings of one call: credential, timeout, response limit. Create one
//!   [`Client`] per call.
//! - Enums of responses are open ([`OpenEnum`]): an unknown value is kept, not rejected. It is cut
//!   after 128 characters.
//! - Text with limits has a type of its own ([`types::UserReference`]). Builders take any text and
//!   return [`InvalidText`] for an invalid one.
//!
//! ```
//! use ica_batch_sdk::types::{CreateAnalysisCreationBatch, CreateNextflowAnalysis, NextflowAnalysisInput};
//! use ica_batch_sdk::{CallContext, Client};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # // A build of the whole workspace turns on rustls in reqwest without a provider.
//! # let _ = rustls::crypto::ring::default_provider().install_default();
//! # let simulator = ica_simulator::Simulator::builder().start()?;
//! # let (base_url, api_key, project) = (simulator.base_url(), simulator.api_key(), simulator.project_id());
//! // A credential must not follow a redirect to another origin.
//! let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
//! let client = Client::new_with_client(&base_url, http, CallContext::new().api_key(api_key)?);
//!
//! let analysis = CreateNextflowAnalysis::builder()
//!     .user_reference("sample-1")?
//!     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
//!     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
//!     .build();
//! let request = CreateAnalysisCreationBatch::builder().nextflow_items(vec![analysis]).build();
//! let key = "cohort-42/chunk-7".parse()?;
//! let response = client.create_analysis_creation_batch(project, Some(&key), &request).await;
//! // The text of `Error` contains header values, so only the status is shown.
//! let batch = response.map_err(|error| format!("status {:?}", error.status()))?;
//! assert!(!batch.id.is_nil());
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//! - `schemars`: every type derives `schemars::JsonSchema` (schemars 1).
//! - `regenerate`: the build script generates the client from `../openapi/ica-batch.yaml`, or from
//!   the file in the environment variable `ICA_BATCH_SPEC`. Without the feature the crate uses the
//!   generated file that it contains.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod checked_text;
mod context;
mod decode;
mod encode;
mod gzip;
mod hooks;
mod json_error;
mod limit;
mod metered;
mod open_enum;
mod operation;
mod visible;

#[cfg(feature = "regenerate")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}
#[cfg(not(feature = "regenerate"))]
#[rustfmt::skip]
mod generated;

/// Source that the build script generated, for tests.
#[cfg(feature = "regenerate")]
#[doc(hidden)]
pub const GENERATED_SOURCE: &str = include_str!(concat!(env!("OUT_DIR"), "/generated.rs"));

pub use checked_text::InvalidText;
pub(crate) use checked_text::{Limits, PatternWords, checked_text};
pub use context::{CallContext, ResponseHead};
use decode::decode;
use encode::encode_path;
pub use generated::*;
pub use limit::ResponseTooLarge;
pub use open_enum::{OpenEnum, UnknownValue, UnrecognizedValue};
pub(crate) use open_enum::{OpenEnumVisitor, open_enum};
pub use operation::{Accept, Operation};
#[doc(hidden)]
pub use visible::is_invisible;
