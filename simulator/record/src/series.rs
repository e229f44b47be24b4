//! The series of a record, kept within [`MAX_SAMPLES`] and [`MAX_MARKS`] however long the run is.

use std::sync::Arc;

use crate::{MAX_SAMPLES, Mark, RunRecord, Sample};

/// Marks a record holds at the most. What happens after that is not marked.
pub const MAX_MARKS: usize = 1_000;

impl RunRecord {
    /// Appends what happened in one wall second.
    ///
    /// Once the series is full, neighbours are merged pairwise (see [`Sample::merge`]) and
    /// [`resolution_s`](Self::resolution_s) doubles; from then on as many seconds as that share a
    /// sample. A second belongs to the sample that its middle falls into, so a tick that comes a
    /// little early or late changes nothing.
    pub fn push_sample(&mut self, mut sample: Sample) {
        sample.tidy();
        let (slot, place) = self.slot(sample.at_s);
        if let Some(last) = self.samples.last()
            && self.resolution_s > 1
            && self.slot(last.at_s).0 == slot
        {
            let share = 1.0 / (place + 1.0);
            if let Some(last) = self.samples.last_mut() {
                Arc::make_mut(last).merge(&sample, share);
            }
            return;
        }
        if self.samples.len() >= MAX_SAMPLES {
            self.halve();
        }
        self.samples.push(Arc::new(sample));
    }

    /// Appends a mark, unless there are [`MAX_MARKS`] already.
    pub fn push_mark(&mut self, mark: Mark) {
        if self.marks.len() < MAX_MARKS {
            self.marks.push(mark);
        }
    }

    /// Which sample the second that ended at `at_s` belongs to, and which second of it it is.
    fn slot(&self, at_s: f64) -> (f64, f64) {
        let resolution_s = f64::from(self.resolution_s.max(1));
        let second = (at_s - 0.5).floor();
        (second.div_euclid(resolution_s), second.rem_euclid(resolution_s))
    }

    /// Merges every two neighbours into one.
    fn halve(&mut self) {
        let halved = self.samples.chunks(2).map(|pair| match pair {
            [earlier, later] => {
                let mut merged = Sample::clone(earlier);
                merged.merge(later, 0.5);
                Arc::new(merged)
            }
            alone => Arc::clone(&alone[0]),
        });
        self.samples = halved.collect();
        self.resolution_s = self.resolution_s.max(1).saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Environment, HostSample, QueueSample, RunInfo, TrafficSample};

    fn record() -> RunRecord {
        RunRecord::starting(RunInfo::default(), Environment::default())
    }

    fn second(at_s: f64, requests: u64, backlog: u64, cpu_host: f64) -> Sample {
        Sample {
            at_s,
            scenario_s: at_s * 30.0,
            traffic: TrafficSample { requests, ..TrafficSample::default() },
            queues: vec![QueueSample {
                queue: "orders".to_owned(),
                visible: backlog,
                sent: requests,
                ..QueueSample::default()
            }],
            host: HostSample { cpu_host, ..HostSample::default() },
            ..Sample::default()
        }
    }

    fn requests(record: &RunRecord) -> u64 {
        record.samples.iter().map(|sample| sample.traffic.requests).sum()
    }

    #[test]
    fn a_long_run_keeps_its_sums_and_its_peaks() {
        let mut record = record();
        let seconds = MAX_SAMPLES * 5;
        for at in 1..=seconds {
            let backlog = if at == 777 { 9_999 } else { 1 };
            record.push_sample(second(at as f64, 3, backlog, 0.25));
        }
        assert_eq!(record.resolution_s, 8);
        assert_eq!(record.samples.len(), seconds / 8);
        assert_eq!(requests(&record), 3 * seconds as u64);
        assert!(record.samples.iter().any(|sample| sample.queues[0].visible == 9_999));
        assert!(record.samples.iter().all(|sample| sample.traffic.requests == 24));
        assert!(record.samples.iter().all(|sample| sample.host.cpu_host == 0.25));
        assert_eq!(record.samples.last().expect("samples").at_s, seconds as f64);
    }

    #[test]
    fn a_mean_over_a_merged_sample_weighs_every_second_alike() {
        let mut record = record();
        record.resolution_s = 4;
        for (at, cpu) in [(1.02, 0.0), (1.98, 0.0), (3.01, 0.0), (4.04, 1.0), (5.0, 1.0)] {
            record.push_sample(second(at, 1, 0, cpu));
        }
        let shares: Vec<f64> = record.samples.iter().map(|sample| sample.host.cpu_host).collect();
        assert_eq!(shares, [0.25, 1.0]);
    }

    #[test]
    fn a_snapshot_does_not_change_when_the_record_goes_on() {
        let mut record = record();
        record.resolution_s = 2;
        record.push_sample(second(1.0, 1, 0, 0.0));
        let snapshot = record.clone();
        record.push_sample(second(2.0, 1, 0, 0.0));
        assert_eq!((requests(&snapshot), requests(&record)), (1, 2));
    }

    #[test]
    fn what_is_not_a_number_is_kept_out() {
        let mut record = record();
        record.push_sample(second(f64::NAN, 1, 0, f64::INFINITY));
        assert_eq!((record.samples[0].at_s, record.samples[0].host.cpu_host), (0.0, 0.0));
    }

    #[test]
    fn marks_are_bounded() {
        let mut record = record();
        for at in 0..MAX_MARKS + 7 {
            record.push_mark(Mark { at_s: at as f64, scenario_s: 0.0, text: "fault".to_owned() });
        }
        assert_eq!(record.marks.len(), MAX_MARKS);
        assert_eq!(record.marks[0].at_s, 0.0, "the oldest stay");
    }

    proptest! {
        /// Whatever the times of the samples, the series is bounded and no count is lost.
        #[test]
        fn any_series_is_bounded_and_complete(
            start in -1e6..1e6_f64,
            steps in prop::collection::vec(-2.0..1e4_f64, 1..40),
            repeat in 1..400_usize,
        ) {
            let mut record = record();
            let mut at_s = start;
            for step in steps.iter().cycle().take(steps.len() * repeat) {
                at_s += step;
                record.push_sample(second(at_s, 1, 0, 0.5));
            }
            prop_assert!(record.samples.len() <= MAX_SAMPLES);
            prop_assert_eq!(requests(&record), (steps.len() * repeat) as u64);
        }
    }
}
