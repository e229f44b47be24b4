//! The wall clock: read once, at the start of a run.

use jiff::Timestamp;

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "a run's epoch and its name come from the wall clock"
)]
pub(super) fn now() -> Timestamp {
    Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Milliseconds since the Unix epoch.
pub(super) fn epoch_ms(now: Timestamp) -> u64 {
    u64::try_from(now.as_millisecond()).unwrap_or(0)
}
