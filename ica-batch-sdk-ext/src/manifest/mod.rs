//! Manifests as files, and their check before anything is sent.
//!
//! From the bottom up:
//!
//! - `row` and `defaults` are the values of an analysis, and `format` the kinds of files.
//! - `problem` has what is wrong, with its place.
//! - `lines` reads lines of a limited length, `records` splits CSV and TSV, and `columns` knows the
//!   columns. `input_columns` and `fastq_pairs` find rows and columns without data, and exchanged
//!   reads. `table`, `sample_sheet` and `json_lines` (with `json_members`) make rows of them, and `rows`
//!   joins the three.
//! - `file` is the [`ManifestFile`].
//! - `hashes`, `digest` and `usage` are computed over all rows, and `window` reads rows with them. What
//!   is large is in files of `temporary`.
//!   `repeated` finds user references that occur several times.
//! - `names`, `found` and `found_ids` have what names and paths mean in ICA, and `analysis` makes
//!   requests with them.
//! - `checked` is the result of a check, `default_problems` places problems, and `preflight` is the
//!   check.

mod analysis;
mod checked;
mod columns;
mod default_problems;
mod defaults;
mod digest;
mod fastq_pairs;
mod file;
mod format;
mod found;
mod found_ids;
mod hashes;
mod input_columns;
mod json_lines;
mod json_members;
mod lines;
mod names;
mod preflight;
mod problem;
mod records;
mod repeated;
mod row;
mod rows;
mod sample_sheet;
mod table;
mod temporary;
mod usage;
mod window;

pub use checked::{CheckedManifest, ManifestAnalyses, PreflightReport};
pub use defaults::{DefaultValue, ManifestDefaults};
pub use file::ManifestFile;
pub use format::ManifestFormat;
pub use names::PreflightPipeline;
pub use preflight::{Preflight, PreflightProgress};
pub use problem::{ManifestProblem, ManifestProblems};
pub use row::{ManifestRow, ManifestValue};
pub use rows::ManifestRows;
pub use usage::PreflightCode;
