//! The status of a run.

/// The status of a run, with its spellings in both versions of the public API description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AnalysisStatus {
    /// Asked for, and nothing more yet.
    Requested,
    /// Waits for its turn. Newer: V4 only.
    Queued,
    /// Its machines are being made ready. Newer: V4 only.
    Initializing,
    /// Its inputs are being fetched. Newer: V4 only.
    PreparingInputs,
    /// The pipeline runs.
    InProgress,
    /// Its outputs are being stored. Newer: V4 only.
    GeneratingOutputs,
    /// Waits for input that is not there yet.
    AwaitingInput,
    /// Was told to end early, and has not yet. Newer: V4 only.
    Aborting,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Ended badly, and will not be tried again.
    FailedFinal,
    /// Ended early, as it was told.
    Aborted,
}

impl AnalysisStatus {
    /// How V4 spells it.
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

    /// How V3 spells it. V3 has no word for the newer states: what waits is `REQUESTED`, what runs is `INPROGRESS`.
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

    /// Whether the run has ended.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::FailedFinal | Self::Aborted)
    }
}
