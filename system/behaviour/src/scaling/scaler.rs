//! The state machine of one scalable target: its metrics, its alarms, and what falls due when.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Capacity, Decision, Engine, Error, Hold, Policy, PolicyKind, ScalableTarget,
    decreases::Decreases,
    forecast::{Forecast, hour_of},
    gate::Cooldowns,
};
use crate::cloudwatch::{Alarm, AlarmSettings, Comparison, Metric, MissingData};

pub(super) const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Scales one target. Feed it a period's datapoints before the first [`Scaler::step`] at or after
/// that period's end; they count from the target's `metric_lag` after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaler {
    pub(super) target: ScalableTarget,
    pub(super) metrics: BTreeMap<String, Metric>,
    pub(super) rules: Vec<Rule>,
    /// When each scheduled action is next due.
    pub(super) actions: Vec<Option<Duration>>,
    pub(super) cooldowns: Cooldowns,
    pub(super) decreases: Decreases,
    /// The units that DynamoDB's thresholds are made from.
    units: Option<u32>,
    started: Duration,
    interval: Duration,
    /// The end of the period that the next evaluation is about.
    next_end: Duration,
}

/// What a policy has while it runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Rule {
    /// `AlarmHigh`, or the alarm of a step or simple policy.
    pub(super) high: Option<Alarm>,
    /// `AlarmLow`.
    pub(super) low: Option<Alarm>,
    pub(super) forecast: Option<Forecast>,
    /// The hour that a forecast is next acted on for.
    pub(super) next_hour: u64,
    /// What was last held back, outward and inward, and at which transition of the alarm.
    pub(super) held: [Option<(Hold, u64)>; 2],
}

/// What falls due.
enum Event {
    Action(usize),
    Forecast(usize),
    Evaluation,
}

impl Scaler {
    /// Starts scaling `target` at `now`, with alarms that know nothing yet. Of its scheduled
    /// actions, those that were due before `now` are not run.
    ///
    /// # Errors
    ///
    /// What [`ScalableTarget::check`] finds.
    pub fn new(target: ScalableTarget, now: Duration) -> Result<Self, Error> {
        target.check()?;
        let tracked = |p: &&Policy| matches!(p.kind, PolicyKind::TargetTracking(_));
        let several = target.policies.iter().filter(tracked).count() > 1;
        let rules: Vec<Rule> = target
            .policies
            .iter()
            .map(|policy| Rule::new(&target, policy, several, now))
            .collect::<Result<_, Error>>()?;
        let interval =
            rules.iter().flat_map(Rule::alarms).map(|a| a.settings().evaluation_interval());
        let interval = interval.min().unwrap_or(MINUTE);
        let seconds = interval.as_secs();
        let actions = target.schedule.iter().map(|a| a.next(now)).collect();
        Ok(Self {
            metrics: metrics(&target, &rules),
            rules,
            actions,
            cooldowns: Cooldowns::default(),
            decreases: Decreases::default(),
            units: None,
            started: now,
            interval,
            next_end: Duration::from_secs((now.as_secs() / seconds + 1) * seconds),
            target,
        })
    }

    /// A datapoint of `metric` over the period that ended at `end`: a minute, or less where a
    /// policy tracks a high-resolution metric. `None` is no data. A metric that no policy looks at
    /// is ignored.
    pub fn observe(&mut self, metric: &str, end: Duration, value: Option<f64>) {
        if let (Some(metric), Some(value)) = (self.metrics.get_mut(metric), value) {
            metric.record(end, value);
        }
    }

    /// Everything that is due up to `now`, in order. `capacity` is how things stand; what was
    /// applied earlier has to show in its `desired`.
    pub fn step(&mut self, now: Duration, mut capacity: Capacity) -> Vec<Decision> {
        let mut decisions = Vec::new();
        while let Some((at, event)) = self.next_event(now) {
            let at = at.max(self.started);
            match event {
                Event::Action(index) => self.run_action(index, at, &mut capacity, &mut decisions),
                Event::Forecast(index) => self.act_on(index, at, &mut capacity, &mut decisions),
                Event::Evaluation => {
                    let end = self.next_end;
                    self.next_end += self.interval;
                    self.follow_units(at, capacity);
                    self.evaluate(end, at, &mut capacity, &mut decisions);
                }
            }
        }
        self.enforce_limits(now, &mut capacity, &mut decisions);
        decisions
    }

    /// Least and most capacity now, as scheduled actions have left them.
    #[must_use]
    pub fn limits(&self) -> (u32, u32) {
        (self.target.min, self.target.max)
    }

    /// Its alarms, in the order of its policies, high before low.
    pub fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.rules.iter().flat_map(Rule::alarms)
    }

    fn next_event(&self, now: Duration) -> Option<(Duration, Event)> {
        let mut next = (self.next_end.saturating_add(self.target.metric_lag), Event::Evaluation);
        for (index, (rule, policy)) in self.rules.iter().zip(&self.target.policies).enumerate() {
            if let PolicyKind::Predictive(predictive) = &policy.kind {
                let at = start_of(rule.next_hour).saturating_sub(predictive.scheduling_buffer);
                if at <= next.0 {
                    next = (at, Event::Forecast(index));
                }
            }
        }
        for (index, at) in self.actions.iter().enumerate().rev() {
            if let Some(at) = at.filter(|at| *at <= next.0) {
                next = (at, Event::Action(index));
            }
        }
        (next.0 <= now).then_some(next)
    }

    /// DynamoDB's alarms watch consumed units, so their thresholds follow the provisioned ones.
    fn follow_units(&mut self, now: Duration, capacity: Capacity) {
        if self.target.engine != Engine::DynamoDb || self.units == Some(capacity.running) {
            return;
        }
        self.units = Some(capacity.running);
        let share = f64::from(capacity.running) / 100.0;
        for (rule, policy) in self.rules.iter_mut().zip(&self.target.policies) {
            if let PolicyKind::TargetTracking(tracking) = &policy.kind {
                let low = Engine::DynamoDb.low_threshold(tracking.target);
                for (alarm, percent) in [(&mut rule.high, tracking.target), (&mut rule.low, low)] {
                    if let Some(alarm) = alarm {
                        alarm.set_threshold(now, percent * share);
                    }
                }
            }
        }
    }
}

impl Rule {
    fn new(
        target: &ScalableTarget,
        policy: &Policy,
        several: bool,
        now: Duration,
    ) -> Result<Self, Error> {
        let mut rule = Self { next_hour: hour_of(now) + 1, ..Self::default() };
        match &policy.kind {
            PolicyKind::TargetTracking(tracking) => {
                let engine = target.engine;
                let suffix = if several { format!("-{}", policy.name) } else { String::new() };
                let alarm = |side: &str, comparison, threshold, count| {
                    let name = format!("TargetTracking-{}-Alarm{side}{suffix}", target.name);
                    let settings =
                        AlarmSettings::new(name, &tracking.metric, comparison, threshold);
                    Alarm::new(AlarmSettings {
                        period: tracking.period,
                        missing_data: missing_data(engine),
                        ..settings.consecutive(count)
                    })
                };
                let high = engine.high_datapoints();
                rule.high = Some(alarm("High", Comparison::GreaterThan, tracking.target, high)?);
                if !tracking.disable_scale_in {
                    let threshold = engine.low_threshold(tracking.target);
                    let low = engine.low_datapoints();
                    rule.low = Some(alarm("Low", Comparison::LessThan, threshold, low)?);
                }
            }
            PolicyKind::Step(step) => rule.high = Some(Alarm::new(step.alarm.clone())?),
            PolicyKind::Simple(simple) => rule.high = Some(Alarm::new(simple.alarm.clone())?),
            PolicyKind::Predictive(predictive) => {
                rule.forecast = Some(Forecast::new(&predictive.history, now));
            }
        }
        Ok(rule)
    }

    pub(super) fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.high.iter().chain(&self.low)
    }
}

/// Alarms on `AWS/DynamoDB` metrics always ignore missing data (sheet 0.2).
fn missing_data(engine: Engine) -> MissingData {
    if engine == Engine::DynamoDb { MissingData::Ignore } else { MissingData::Missing }
}

/// A window for each metric that a policy looks at, as long as its longest evaluation range.
fn metrics(target: &ScalableTarget, rules: &[Rule]) -> BTreeMap<String, Metric> {
    let mut shapes: BTreeMap<String, (Duration, Duration)> = BTreeMap::new();
    let mut need = |metric: &str, resolution: Duration, window: Duration| {
        let shape = shapes.entry(metric.to_owned()).or_insert((MINUTE, Duration::ZERO));
        *shape = (shape.0.min(resolution), shape.1.max(window));
    };
    for alarm in rules.iter().flat_map(Rule::alarms) {
        let settings = alarm.settings();
        let window = settings.period.saturating_mul(settings.evaluation_range());
        need(&settings.metric, settings.evaluation_interval(), window);
    }
    for policy in &target.policies {
        if let PolicyKind::Predictive(predictive) = &policy.kind {
            need(&predictive.metric, MINUTE, MINUTE);
        }
    }
    let slack = target.metric_lag.saturating_add(MINUTE * 2);
    shapes
        .into_iter()
        .map(|(metric, (resolution, window))| {
            (metric, Metric::new(resolution, window.saturating_add(slack)))
        })
        .collect()
}

/// When an hour begins.
pub(super) fn start_of(hour: u64) -> Duration {
    Duration::from_secs(hour.saturating_mul(HOUR.as_secs()))
}
