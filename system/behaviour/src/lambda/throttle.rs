//! Why a request is answered 429.

use std::fmt;

/// The limit that a request ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Throttle {
    /// The account's unreserved concurrency is in use.
    AccountConcurrency,
    /// The function's reserved concurrency is in use; all of it is when it is 0.
    ReservedConcurrency,
    /// Ten synchronous requests a second for each unit of the account's concurrency.
    RequestRate,
    /// Ten synchronous requests a second for each unit of the function's reserved concurrency.
    ReservedRequestRate,
    /// The function's budget of new environments is spent.
    ScaleUp,
}

impl Throttle {
    /// Every limit.
    pub const ALL: [Self; 5] = [
        Self::AccountConcurrency,
        Self::ReservedConcurrency,
        Self::RequestRate,
        Self::ReservedRequestRate,
        Self::ScaleUp,
    ];

    /// The `Reason` of AWS's `TooManyRequestsException` (API model, `ThrottleReason`).
    ///
    /// AWS doesn't say which reason stands for the scale-up rate: that it is the invocation rate's
    /// is an assumption.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::AccountConcurrency => "ConcurrentInvocationLimitExceeded",
            Self::ReservedConcurrency => "ReservedFunctionConcurrentInvocationLimitExceeded",
            Self::RequestRate | Self::ScaleUp => "FunctionInvocationRateLimitExceeded",
            Self::ReservedRequestRate => "ReservedFunctionInvocationRateLimitExceeded",
        }
    }
}

impl fmt::Display for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccountConcurrency => "account concurrency",
            Self::ReservedConcurrency => "reserved concurrency",
            Self::RequestRate => "request rate",
            Self::ReservedRequestRate => "reserved request rate",
            Self::ScaleUp => "scale-up rate",
        })
    }
}
