//! The figures of the whole shop: in the last second, and over the run.

use securecart_record::{HostSample, LatencySample, RunRecord};

use super::per_second;

/// One line of headline figures.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Headline {
    /// Sessions due a second.
    pub(crate) offered_rate: f64,
    /// Requests answered or failed a second.
    pub(crate) request_rate: f64,
    /// Orders accepted a second.
    pub(crate) order_rate: f64,
    /// Share of requests that failed; none without requests.
    pub(crate) failed_share: Option<f64>,
    /// Response times; none without requests.
    pub(crate) latency: Option<LatencySample>,
}

impl Headline {
    /// The latest second (or interval, once samples were merged); none before the first.
    pub(crate) fn now(record: &RunRecord) -> Option<Self> {
        let last = record.samples.last()?;
        let rate = |count| per_second(record, std::slice::from_ref(last), |_| count);
        let traffic = &last.traffic;
        Some(Self {
            offered_rate: rate(traffic.arrivals),
            request_rate: rate(traffic.requests),
            order_rate: rate(traffic.orders),
            failed_share: share(traffic.failed, traffic.requests),
            latency: (traffic.requests > 0).then_some(traffic.latency),
        })
    }

    /// The whole run so far; none before the first sample.
    pub(crate) fn run(record: &RunRecord) -> Option<Self> {
        let totals = &record.totals;
        // Arrivals end with the window; the time in which queues are worked off has none.
        let seconds = record.samples.last()?.at_s.min(wall_length_s(record));
        if seconds <= 0.0 {
            return None;
        }
        let percentiles = totals.response.percentiles();
        Some(Self {
            offered_rate: totals.arrivals as f64 / seconds,
            request_rate: totals.requests as f64 / seconds,
            order_rate: totals.orders_accepted as f64 / seconds,
            failed_share: share(totals.failed_requests, totals.requests),
            latency: (totals.requests > 0).then_some(LatencySample {
                p50_us: percentiles.p50_us,
                p90_us: percentiles.p90_us,
                p99_us: percentiles.p99_us,
                max_us: percentiles.max_us,
            }),
        })
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Progress {
    /// Scenario seconds since midnight.
    pub(crate) scenario_s: f64,
    /// Wall seconds since the first intended arrival.
    pub(crate) wall_s: f64,
    /// Wall seconds that the traffic takes.
    pub(crate) wall_length_s: f64,
    /// Share of the traffic that has passed, 0 to 1.
    pub(crate) share: f64,
    /// The machine, in the latest interval.
    pub(crate) host: HostSample,
}

/// How far the run is; at its start before the first sample.
pub(crate) fn progress(record: &RunRecord) -> Progress {
    let last = record.samples.last();
    let wall_s = last.map_or(0.0, |sample| sample.at_s);
    let wall_length_s = wall_length_s(record);
    let share = if wall_length_s > 0.0 { (wall_s / wall_length_s).clamp(0.0, 1.0) } else { 0.0 };
    Progress {
        scenario_s: last.map_or(record.run.window_start_s, |sample| sample.scenario_s),
        wall_s,
        wall_length_s,
        share,
        host: last.map_or_else(HostSample::default, |sample| sample.host),
    }
}

fn wall_length_s(record: &RunRecord) -> f64 {
    (record.run.window_end_s - record.run.window_start_s) / record.run.speed
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
