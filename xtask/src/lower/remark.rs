//! Decisions that a description asks for.

use std::fmt;

/// Something in a description that the generator accepts, and that somebody should decide.
///
/// ```
/// let spec = "
/// openapi: 3.0.1
/// info: { title: Tiny, version: '1' }
/// paths:
///   /api/jobs:
///     get:
///       operationId: getJobs
///       responses:
///         '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Job' } } } }
/// components:
///   schemas:
///     Job:
///       type: object
///       properties:
///         status: { type: string, enum: [RUNNING, DONE] }
///         phase: { type: string, enum: [RUNNING, DONE] }
/// ";
/// let remarks = xtask::generate(spec)?.remarks;
/// assert_eq!(remarks[0].place, "Job.phase");
/// assert!(remarks[0].to_string().starts_with("Job.phase: it has the values of Job.status and gets the same type"));
/// # Ok::<(), xtask::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Schema or operation, with the property or the parameter.
    pub place: String,
    /// The finding, and the advice.
    pub text: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}
