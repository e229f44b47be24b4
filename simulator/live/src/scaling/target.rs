//! One thing that scales: its scaler, where its metrics come from, and what a decision does.

use std::{sync::Arc, time::Duration};

use securecart_behaviour::scaling::{Capacity, Decision, Outcome, Scaler};
use securecart_cloud::Cloud;
use securecart_record::{ScalingActivity, ScalingOutcome};
use securecart_scenario::{Platform, ScalingMetric};

use super::{Journal, table::Dimension};
use crate::{
    compute::{Group, Reading},
    time::ScenarioTime,
};

/// A minute of scenario time.
pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// Something that scales.
pub(super) struct Target {
    pub(super) scaler: Scaler,
    pub(super) what: What,
    /// Activities that were carried out and are not yet in effect: place in the journal, capacity.
    under_way: Vec<(usize, u32, u32)>,
}

/// What scales.
pub(super) enum What {
    /// The tasks or instances of a service.
    Group(Box<Tasks>),
    /// Read or write capacity of a table.
    Table(Dimension),
}

/// The tasks of a service, and what its policies watch.
pub(super) struct Tasks {
    pub(super) group: Arc<Group>,
    pub(super) metrics: Vec<ScalingMetric>,
    pub(super) queues: Vec<String>,
    pub(super) before: Reading,
}

impl Target {
    pub(super) fn new(scaler: Scaler, what: What) -> Self {
        Self { scaler, what, under_way: Vec::new() }
    }

    /// Datapoints of the minute that ended at `end`.
    pub(super) fn observe(&mut self, end: Duration, time: &ScenarioTime, cloud: &Cloud) {
        match &mut self.what {
            What::Group(tasks) => {
                let reading = tasks.group.reading();
                let minute = reading.since(&tasks.before);
                tasks.before = reading;
                for metric in &tasks.metrics {
                    let value = tasks.value(*metric, &minute, cloud);
                    self.scaler.observe(metric.as_str(), end, value);
                }
            }
            What::Table(dimension) => {
                let value = dimension.rate(time.wall_s(), cloud);
                self.scaler.observe(dimension.metric(), end, value);
            }
        }
    }

    /// Decides what is due by `now` and carries it out.
    pub(super) fn step(
        &mut self,
        now: Duration,
        time: &ScenarioTime,
        cloud: &Cloud,
        journal: &Journal,
    ) {
        let capacity = self.capacity(cloud);
        for decision in self.scaler.step(now, capacity) {
            if decision.outcome == Outcome::Applied {
                self.carry_out(decision.to);
            }
            let place = journal.activity(self.activity(&decision, time));
            if decision.outcome == Outcome::Applied
                && let Some(place) = place
            {
                self.supersede(&decision, journal);
                self.under_way.push((place, decision.from, decision.to));
            }
        }
        if let What::Table(dimension) = &self.what {
            dimension.update(cloud);
        }
        self.settle(cloud, journal);
    }

    /// What was decided earlier in the other direction and is not yet in effect never will be.
    fn supersede(&mut self, decision: &Decision, journal: &Journal) {
        let out = decision.to > decision.from;
        self.under_way.retain(|(place, from, to)| {
            let same = (to > from) == out;
            if !same {
                journal.superseded(*place);
            }
            same
        });
    }

    /// Tells the journal what is in effect by now.
    fn settle(&mut self, cloud: &Cloud, journal: &Journal) {
        if self.under_way.is_empty() {
            return;
        }
        let capacity = self.capacity(cloud);
        self.under_way.retain(|(place, from, to)| {
            let reached =
                if to > from { capacity.in_service >= *to } else { capacity.running <= *to };
            if reached {
                journal.effective(*place);
            }
            !reached
        });
    }

    fn capacity(&self, cloud: &Cloud) -> Capacity {
        match &self.what {
            What::Group(tasks) => {
                let shape = tasks.group.shape();
                Capacity {
                    desired: shape.desired,
                    running: shape.running,
                    in_service: shape.in_service,
                    warming: shape.warming,
                    deployment: false,
                }
            }
            What::Table(dimension) => dimension.capacity(cloud),
        }
    }

    fn carry_out(&self, to: u32) {
        match &self.what {
            What::Group(tasks) => tasks.group.set_desired(to),
            What::Table(dimension) => dimension.want(to),
        }
    }

    fn activity(&self, decision: &Decision, time: &ScenarioTime) -> ScalingActivity {
        let scenario_s = decision.at.as_secs_f64();
        ScalingActivity {
            at_s: time.wall_s_of(scenario_s),
            scenario_s,
            resource: self.what.resource(),
            dimension: self.what.dimension().to_owned(),
            policy: decision.policy.clone(),
            alarm: decision.alarm.clone(),
            metric: decision.metric.clone().unwrap_or_default(),
            value: decision.value,
            target: decision.target,
            from: decision.from,
            to: decision.to,
            outcome: match decision.outcome {
                Outcome::Applied => ScalingOutcome::Applied,
                Outcome::Held(_) => ScalingOutcome::Held,
            },
            reason: decision.reason.clone(),
            effective_s: None,
            effective_scenario_s: None,
        }
    }
}

impl What {
    fn resource(&self) -> String {
        match self {
            Self::Group(tasks) => tasks.group.service.as_str().to_owned(),
            Self::Table(dimension) => format!("table/{}", dimension.table()),
        }
    }

    fn dimension(&self) -> &'static str {
        match self {
            Self::Group(tasks) => dimension(tasks.group.platform),
            Self::Table(dimension) => dimension.name(),
        }
    }
}

/// What is set, as Application Auto Scaling names it; an Auto Scaling group has no such name and
/// gets one of the same form.
pub(super) fn dimension(platform: Platform) -> &'static str {
    match platform {
        Platform::Ecs => "ecs:service:DesiredCount",
        Platform::Ec2 => "autoscaling:autoScalingGroup:DesiredCapacity",
        Platform::Lambda => "lambda:function:ProvisionedConcurrency",
    }
}

impl Tasks {
    /// A metric over the last minute, in its own unit.
    fn value(&self, metric: ScalingMetric, minute: &Reading, cloud: &Cloud) -> Option<f64> {
        match metric {
            ScalingMetric::Cpu => minute.cpu().map(|share| share * 100.0),
            ScalingMetric::Slots => minute.slots().map(|share| share * 100.0),
            ScalingMetric::RequestsPerTarget => {
                (minute.task_s > 0.0).then(|| minute.offered as f64 / minute.task_s * 60.0)
            }
            ScalingMetric::BacklogPerTask => {
                let running = self.group.shape().running;
                let visible: u64 = cloud
                    .queue_metrics()
                    .iter()
                    .filter(|queue| self.queues.contains(&queue.name))
                    .map(|queue| queue.visible)
                    .sum();
                (running > 0).then(|| visible as f64 / f64::from(running))
            }
        }
    }
}
