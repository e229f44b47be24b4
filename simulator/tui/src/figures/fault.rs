//! The faults that go on.

use securecart_record::{FaultRecord, RunRecord};

/// A fault that goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunningFault<'a> {
    pub(crate) fault: &'a FaultRecord,
    /// Scenario seconds since it began.
    pub(crate) lasts_s: f64,
    /// Scenario seconds until it ends, where that is known.
    pub(crate) left_s: Option<f64>,
}

/// The faults that go on at the end of `record`, the oldest first.
pub(crate) fn running_faults<'a>(record: &'a RunRecord) -> Vec<RunningFault<'a>> {
    let Some(last) = record.samples.last() else { return Vec::new() };
    let running = |fault: &&FaultRecord| {
        fault.start_s <= last.at_s && fault.end_s.is_none_or(|end_s| end_s > last.at_s)
    };
    let now_s = last.scenario_s;
    let row = |fault: &'a FaultRecord| {
        let FaultRecord { start_scenario_s, end_scenario_s, .. } = fault;
        let left_s = end_scenario_s.map(|end_s| (end_s - now_s).max(0.0));
        RunningFault { fault, lasts_s: (now_s - start_scenario_s).max(0.0), left_s }
    };
    record.faults.iter().filter(running).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_fault_goes_on_from_its_start_to_its_end() {
        let seconds = |second| running_faults(&fixture::scaled(second)).len();
        assert_eq!(
            [seconds(0), seconds(49), seconds(50), seconds(69), seconds(70)],
            [0, 0, 1, 1, 0]
        );
        let record = fixture::scaled(60);
        let running = running_faults(&record)[0];
        assert_eq!((running.lasts_s, running.left_s), (300.0, Some(300.0)));
    }

    #[test]
    fn a_fault_without_an_end_goes_on() {
        let mut record = fixture::scaled(126);
        (record.faults[0].end_s, record.faults[0].end_scenario_s) = (None, None);
        assert_eq!(running_faults(&record)[0].left_s, None);
    }
}
