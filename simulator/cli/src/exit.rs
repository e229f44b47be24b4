//! How the process ends: one code, one meaning.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done; a run's objectives held and its audit is clean |
//! | 1 | the harness itself failed |
//! | 2 | the command line can't be understood |
//! | 3 | the scenario is not valid |
//! | 4 | the backend or the environment is not available |
//! | 5 | an objective was missed |
//! | 7 | inconclusive: an objective could not be measured |
//! | 8 | the audit failed |
//! | 130 | interrupted |
//!
//! 6 (regression) is the gate's and not used yet.

use std::process::ExitCode;

use securecart_record::Verdict;

/// An exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything asked for was done.
    Done,
    /// The harness failed.
    Failure,
    /// The command line makes no sense.
    Usage,
    /// The scenario is not valid.
    Scenario,
    /// The environment lacks something.
    Unavailable,
    /// As the run's verdict says.
    Verdict(Verdict),
    /// Stopped before there was a verdict.
    Interrupted,
}

impl Exit {
    /// The code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Scenario => 3,
            Self::Unavailable => 4,
            Self::Verdict(verdict) => verdict.exit_code(),
            Self::Interrupted => Verdict::Interrupted.exit_code(),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
