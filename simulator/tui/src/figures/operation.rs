//! The operations of the shop's API.

use securecart_record::{
    LatencySample, OperationSample, OperationTotals, Percentiles, RunRecord, Sample,
};

use super::{per_second, recent};
use crate::state::Subject;

/// One operation over the run, and its recent rate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OperationRow<'a> {
    pub(crate) name: &'a str,
    pub(crate) totals: &'a OperationTotals,
    /// Response times over the run.
    pub(crate) percentiles: Percentiles,
    /// Requests a second, recently.
    pub(crate) request_rate: f64,
}

/// The operations that were used, in the order of the record.
pub(crate) fn operations(record: &RunRecord) -> Vec<OperationRow<'_>> {
    let row = |totals| operation(record, totals);
    record.totals.operations.iter().map(row).collect()
}

fn operation<'a>(record: &'a RunRecord, totals: &'a OperationTotals) -> OperationRow<'a> {
    let name = totals.operation.as_str();
    OperationRow {
        name,
        totals,
        percentiles: totals.percentiles(),
        request_rate: per_second(record, recent(record), |sample| {
            find(sample, name).map_or(0, |operation| operation.requests)
        }),
    }
}

/// The sample of the operation `name` in `sample`.
pub(crate) fn find<'a>(sample: &'a Sample, name: &str) -> Option<&'a OperationSample> {
    sample.operations.iter().find(|operation| operation.operation == name)
}

/// The response times of `subject` in `sample`; none where nothing of it completed.
pub(crate) fn percentiles_of(sample: &Sample, subject: &Subject) -> Option<LatencySample> {
    let (requests, latency) = match subject {
        Subject::AllOperations => (sample.traffic.requests, sample.traffic.latency),
        Subject::Operation(name) => {
            find(sample, name).map(|operation| (operation.requests, operation.latency))?
        }
        Subject::Service(name) => {
            super::find_service(sample, name).map(|service| (service.handled, service.latency))?
        }
        _ => return None,
    };
    (requests > 0).then_some(latency)
}
