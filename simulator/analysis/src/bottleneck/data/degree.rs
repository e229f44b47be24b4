//! Whether trouble was large enough to explain a miss: one call that failed explains none.
//!
//! All bounds here are assumptions.

use securecart_record::RunRecord;

use crate::{bottleneck::Path, span::timed};

/// Share of the calls, or of the time, from which trouble shows: that of a 99th percentile.
const SHARE_MIN: f64 = 0.01;

/// Fewest events that are more than chance.
const EVENTS_MIN: u64 = 5;

/// Wall seconds in a row that something must be away. A cache node is left alone for one after a call
/// that failed, which two samples may see.
const AWAY_MIN_S: f64 = 3.0;

/// Share of the failed requests that failed queries must come to.
const FAILED_SHARE_MIN: f64 = 0.5;

/// Whether `seconds` are a share of the run that shows.
pub(super) fn lasted(record: &RunRecord, seconds: f64) -> bool {
    let all_s: f64 = timed(record).map(|(_, seconds)| seconds).sum();
    seconds > 0.0 && seconds >= all_s * SHARE_MIN
}

/// Whether something was away for `longest_s` in a row because it was away: not for one call.
pub(super) fn was_away(record: &RunRecord, longest_s: f64) -> bool {
    // Of samples that were merged one tells no more than that it was so at some time.
    longest_s >= AWAY_MIN_S.max(2.0 * f64::from(record.resolution_s))
}

/// Whether `events` of `all` are a share that shows.
pub(super) fn are_many(events: u64, all: u64) -> bool {
    events >= EVENTS_MIN && events as f64 >= all as f64 * SHARE_MIN
}

/// Whether so many queries that failed explain the requests that did, where `path` is about those.
pub(super) fn explain_failures(record: &RunRecord, path: &Path, queries: u64) -> bool {
    let failed = record.totals.failed_requests;
    path.availability
        && queries > 0
        && failed > 0
        && queries as f64 >= failed as f64 * FAILED_SHARE_MIN
}
