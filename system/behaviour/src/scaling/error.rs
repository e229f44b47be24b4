//! What a target can be refused for.

use crate::cloudwatch;

/// A target that Auto Scaling would not take.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Minimum above maximum.
    #[error("`{target}` has a minimum of {min} above its maximum of {max}")]
    Limits {
        /// The scalable target.
        target: String,
        /// Its minimum.
        min: u32,
        /// Its maximum.
        max: u32,
    },
    /// Two policies of one name.
    #[error("`{target}` has two policies named `{policy}`: rename one")]
    Duplicate {
        /// The scalable target.
        target: String,
        /// The name.
        policy: String,
    },
    /// Two target tracking policies on one metric.
    #[error("`{target}` tracks `{metric}` twice: each policy needs a metric of its own")]
    TrackedTwice {
        /// The scalable target.
        target: String,
        /// The metric.
        metric: String,
    },
    /// A kind of policy, or a setting of it, that the engine doesn't have.
    #[error("policy `{policy}`: {what}")]
    Policy {
        /// The policy.
        policy: String,
        /// What is wrong, and the way out.
        what: &'static str,
    },
    /// A scheduled action that can't be.
    #[error("scheduled action `{action}`: {what}")]
    Schedule {
        /// The action.
        action: String,
        /// What is wrong, and the way out.
        what: &'static str,
    },
    /// An alarm that CloudWatch would not take.
    #[error(transparent)]
    Alarm(#[from] cloudwatch::Error),
}
