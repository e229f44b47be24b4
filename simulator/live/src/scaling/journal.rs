//! What scaling and faults did, for the record.

use parking_lot::Mutex;
use securecart_record::{
    FaultRecord, MAX_ACTIVITIES, Mark, RunRecord, ScalingActivity, ScalingOutcome,
};

use super::target::dimension;
use crate::{compute::Group, time::ScenarioTime};

/// Scaling activities and faults so far. Bounded like the record.
#[derive(Debug)]
pub(crate) struct Journal {
    time: ScenarioTime,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    scaling: Vec<ScalingActivity>,
    dropped: u64,
    faults: Vec<FaultRecord>,
    marks: Vec<Mark>,
}

impl Journal {
    pub(crate) fn new(time: ScenarioTime) -> Self {
        Self { time, inner: Mutex::default() }
    }

    /// Adds an activity; returns its place, to say later that it took effect.
    pub(crate) fn activity(&self, activity: ScalingActivity) -> Option<usize> {
        let mut inner = self.inner.lock();
        if inner.scaling.len() >= MAX_ACTIVITIES {
            inner.dropped += 1;
            return None;
        }
        inner.scaling.push(activity);
        Some(inner.scaling.len() - 1)
    }

    /// Launches of `group` are held back, for `reason`.
    pub(crate) fn launch_held(&self, group: &Group, reason: String) {
        let shape = group.shape();
        self.activity(ScalingActivity {
            at_s: self.time.wall_s(),
            scenario_s: self.time.scenario_s(),
            resource: group.service.as_str().to_owned(),
            dimension: dimension(group.platform).to_owned(),
            policy: "launch".to_owned(),
            alarm: None,
            metric: String::new(),
            value: None,
            target: None,
            from: shape.running,
            to: shape.desired,
            outcome: ScalingOutcome::Held,
            reason,
            effective_s: None,
            effective_scenario_s: None,
        });
    }

    /// The activity at `place` has taken effect now.
    pub(crate) fn effective(&self, place: usize) {
        let (at_s, scenario_s) = (self.time.wall_s(), self.time.scenario_s());
        let mut inner = self.inner.lock();
        if let Some(activity) = inner.scaling.get_mut(place) {
            activity.effective_s = Some(at_s);
            activity.effective_scenario_s = Some(scenario_s);
        }
    }

    /// The activity at `place` was given up before it took effect.
    pub(crate) fn superseded(&self, place: usize) {
        if let Some(activity) = self.inner.lock().scaling.get_mut(place) {
            activity.outcome = ScalingOutcome::Superseded;
        }
    }

    /// A fault begins that should last `length_s` of scenario time; returns its place.
    pub(crate) fn fault_begins(
        &self,
        kind: &str,
        radius: String,
        length_s: f64,
        effect: String,
    ) -> usize {
        let (at_s, scenario_s) = (self.time.wall_s(), self.time.scenario_s());
        let mut inner = self.inner.lock();
        let text = format!("fault: {kind}: {radius}");
        inner.marks.push(Mark { at_s, scenario_s, text });
        inner.faults.push(FaultRecord {
            kind: kind.to_owned(),
            radius,
            start_s: at_s,
            start_scenario_s: scenario_s,
            end_s: Some(at_s + length_s / self.time.speed()),
            end_scenario_s: Some(scenario_s + length_s),
            effect,
        });
        inner.faults.len() - 1
    }

    /// The fault at `place` is over; `effect` says more about what it did, where there is more.
    pub(crate) fn fault_ends(&self, place: usize, effect: Option<String>) {
        let (at_s, scenario_s) = (self.time.wall_s(), self.time.scenario_s());
        let mut inner = self.inner.lock();
        let Some(fault) = inner.faults.get_mut(place) else { return };
        let lasted = at_s > fault.start_s;
        fault.end_s = Some(at_s);
        fault.end_scenario_s = Some(scenario_s);
        if let Some(effect) = effect {
            fault.effect = effect;
        }
        let text = format!("the fault is over: {}", fault.kind);
        if lasted {
            inner.marks.push(Mark { at_s, scenario_s, text });
        }
    }

    /// Marks now with `text`.
    pub(crate) fn mark(&self, text: String) {
        let (at_s, scenario_s) = (self.time.wall_s(), self.time.scenario_s());
        self.inner.lock().marks.push(Mark { at_s, scenario_s, text });
    }

    /// Writes everything into the record.
    pub(crate) fn write(&self, record: &mut RunRecord) {
        let mut inner = self.inner.lock();
        record.scaling.clone_from(&inner.scaling);
        record.scaling_dropped = inner.dropped;
        record.faults.clone_from(&inner.faults);
        for mark in inner.marks.drain(..) {
            record.push_mark(mark);
        }
    }
}

#[cfg(test)]
mod tests {
    use securecart_record::{Environment, RunInfo};
    use securecart_scenario::Window;
    use tokio::time::{Duration, Instant};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_fault_has_a_beginning_an_end_and_its_marks() {
        let time = ScenarioTime::new(Window { start_s: 0.0, end_s: 600.0, speed: 60.0 });
        time.begin(Instant::now());
        let journal = Journal::new(time);
        let place =
            journal.fault_begins("task-kill", "2 tasks of cart".to_owned(), 600.0, String::new());
        tokio::time::advance(Duration::from_secs(2)).await;
        journal.fault_ends(place, Some("2 tasks died".to_owned()));
        let mut record = RunRecord::starting(RunInfo::default(), Environment::default());
        journal.write(&mut record);
        assert_eq!(record.faults[0].end_scenario_s, Some(120.0));
        assert_eq!(record.faults[0].effect, "2 tasks died");
        assert_eq!(record.marks.len(), 2);
        journal.write(&mut record);
        assert_eq!(record.marks.len(), 2, "a mark is written once");
    }
}
