//! Exit codes.

use std::process::ExitCode;

/// Exit code of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything that was asked for is done.
    Done = 0,
    /// The work is finished, and some analyses failed, were rejected, or an audit found something.
    Failures = 1,
    /// The command line is not valid, or names a file that cannot be used.
    Usage = 2,
    /// The input was rejected. Nothing was sent.
    Rejected = 3,
    /// ICA or the network failed, or ICA refused the request.
    Service = 4,
    /// The program was interrupted, or its time was over, or a file could not be used for the moment.
    /// The same command continues.
    Resumable = 5,
}

/// Text about the exit codes in the help.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done
  1  finished, and some analyses failed or were rejected, or an audit found differences
  2  the command line is not valid, or names a file that cannot be used; nothing was done
  3  the input was rejected, and nothing was sent
  4  ICA or the network failed, or ICA refused the request
  5  interrupted, out of time, or a file is in use or its disk full; run the same command again to continue";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
