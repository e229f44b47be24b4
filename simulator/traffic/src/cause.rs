//! Why a request was not answered as asked.

use std::fmt;

/// The shop's code for a checkout whose key another attempt holds.
const IN_PROGRESS: &str = "checkout-in-progress";

/// Longest problem code that is kept; codes come from the network.
const MAX_CODE: usize = 40;

/// Why a request was not answered as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    /// No connection.
    Connect,
    /// The connection broke, or what came was not HTTP.
    Transport,
    /// No whole answer in time.
    Timeout,
    /// The run ended first.
    Interrupted,
    /// An answer of the right status with a body that does not fit the request.
    Body,
    /// Another status, with the shop's code for it where there is one.
    Status(u16, Option<Box<str>>),
}

impl Cause {
    /// A status and the `code` of the shop's problem, if it is a code: a short kebab-case word.
    pub(crate) fn status(status: u16, code: Option<&str>) -> Self {
        let code = code.filter(|code| {
            (1..=MAX_CODE).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        });
        Self::Status(status, code.map(Into::into))
    }

    /// Whether the request failed; the shop's rightful refusals (402, 404, 409) did not, and what the
    /// end of the run cut off was not given the time to.
    pub(crate) const fn is_failure(&self) -> bool {
        !matches!(self, Self::Status(402 | 404 | 409, _) | Self::Interrupted)
    }

    /// Whether a shopper's browser would ask again.
    pub(crate) const fn is_worth_a_retry(&self) -> bool {
        match self {
            Self::Connect | Self::Transport | Self::Timeout => true,
            Self::Status(status, _) => *status >= 500,
            Self::Interrupted | Self::Body => false,
        }
    }

    /// Whether the shop may have done what was asked, although it did not say so.
    pub(crate) fn is_ambiguous(&self) -> bool {
        match self {
            // Another attempt with the key is at work, or died and still holds it: that settles
            // nothing.
            Self::Status(409, Some(code)) => code.as_ref() == IN_PROGRESS,
            Self::Transport | Self::Timeout | Self::Interrupted | Self::Body => true,
            // A status of 2xx or 3xx is here only because it is not the one that was promised.
            Self::Status(status, _) => *status >= 500 || *status < 400,
            Self::Connect => false,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("connect"),
            Self::Transport => f.write_str("transport"),
            Self::Timeout => f.write_str("timeout"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Body => f.write_str("malformed-body"),
            Self::Status(status, Some(code)) => write!(f, "{status} {code}"),
            Self::Status(status, None) => write!(f, "{status}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_from_the_network_are_kept_only_when_they_are_codes() {
        assert_eq!(Cause::status(402, Some("payment-refused")).to_string(), "402 payment-refused");
        for odd in ["", "Not A Code", "<html>", &"x".repeat(41)] {
            assert_eq!(Cause::status(503, Some(odd)).to_string(), "503");
        }
    }

    #[test]
    fn refusals_are_no_failures_and_silence_is_ambiguous() {
        for refusal in [402, 404, 409] {
            assert!(!Cause::status(refusal, None).is_failure());
            assert!(!Cause::status(refusal, None).is_ambiguous());
        }
        for failure in [204, 302, 400, 403, 429, 500, 503] {
            assert!(Cause::status(failure, None).is_failure(), "{failure}");
        }
        assert!(!Cause::Interrupted.is_failure() && Cause::Interrupted.is_ambiguous());
        assert!(!Cause::status(429, None).is_ambiguous(), "it was turned away");
        let in_progress = Cause::Status(409, Some(IN_PROGRESS.into()));
        assert!(
            in_progress.is_ambiguous() && !in_progress.is_failure(),
            "another attempt is at work"
        );
        assert!(!Cause::Connect.is_ambiguous(), "it was never sent");
        assert!(Cause::Timeout.is_ambiguous() && Cause::status(500, None).is_ambiguous());
    }
}
