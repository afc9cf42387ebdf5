//! The status of a run.

/// The status of a run, with its spellings in both versions of the public API description.
///
/// ```
/// use ica_simulator::AnalysisStatus;
///
/// let status = AnalysisStatus::InProgress;
/// assert_eq!((status.v3(), status.v4()), ("INPROGRESS", "IN_PROGRESS"));
/// assert!(!status.is_final());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AnalysisStatus {
    /// The run is requested and nothing else has happened.
    Requested,
    /// The run waits in the queue. V4 only.
    Queued,
    /// ICA starts the machines of the run. V4 only.
    Initializing,
    /// ICA copies the inputs. V4 only.
    PreparingInputs,
    /// The pipeline runs.
    InProgress,
    /// ICA stores the outputs. V4 only.
    GeneratingOutputs,
    /// The run waits for input.
    AwaitingInput,
    /// An abort is requested and the run has not ended. V4 only.
    Aborting,
    /// The run ended with success.
    Succeeded,
    /// The run failed.
    Failed,
    /// The run failed and is not retried.
    FailedFinal,
    /// The run was aborted.
    Aborted,
}

impl AnalysisStatus {
    /// Returns the spelling of V4.
    pub fn v4(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Queued => "QUEUED",
            Self::Initializing => "INITIALIZING",
            Self::PreparingInputs => "PREPARING_INPUTS",
            Self::InProgress => "IN_PROGRESS",
            Self::GeneratingOutputs => "GENERATING_OUTPUTS",
            Self::AwaitingInput => "AWAITING_INPUT",
            Self::Aborting => "ABORTING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::FailedFinal => "FAILED_FINAL",
            Self::Aborted => "ABORTED",
        }
    }

    /// Returns the spelling of V3. V3 has no values for the states of V4 alone: a queued run is
    /// `REQUESTED`, the others are `INPROGRESS`.
    pub fn v3(self) -> &'static str {
        match self {
            Self::Requested | Self::Queued => "REQUESTED",
            Self::Initializing
            | Self::PreparingInputs
            | Self::InProgress
            | Self::GeneratingOutputs
            | Self::Aborting => "INPROGRESS",
            Self::AwaitingInput => "AWAITINGINPUT",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::FailedFinal => "FAILEDFINAL",
            Self::Aborted => "ABORTED",
        }
    }

    /// Returns whether the run has ended.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::FailedFinal | Self::Aborted)
    }
}
