//! Scaling policies: what AWS would refuse, and what would do nothing.
//!
//! The rules of AWS are those of behaviour sheet 0.3.

mod schedule;
mod steps;

use miette::SourceSpan;
use securecart_domain::ServiceName;

use crate::{
    defaults,
    document::{PolicyTable, Predictive, StepScaling, TargetTracking},
    limits,
    located::{Field, Located},
    names::{Name, ScalingMetrics},
    plan::{Platform, Policy, ScalingMetric, TaskSpec},
    problem::Problems,
    units::Duration,
};

use super::{Frame, bounds, length, serves};

pub(super) fn read(
    field: &Field<Vec<Located<PolicyTable>>>,
    service: ServiceName,
    tasks: TaskSpec,
    frame: &Frame,
    problems: &mut Problems,
) -> Vec<Policy> {
    let tables = field.value().map_or(&[][..], Vec::as_slice);
    if tables.len() > limits::POLICIES {
        length(tables.len(), limits::POLICIES, "scaling", field.span(), problems);
    }
    fixed(tables, tasks, problems);
    let target = Target(service);
    let policies: Vec<_> = tables
        .iter()
        .filter_map(|table| {
            let policy = match &table.value {
                PolicyTable::TargetTracking(table) => target.tracking(table, problems),
                PolicyTable::Step(table) => target.step(table, problems),
                PolicyTable::Scheduled(table) => schedule::action(table, service, frame, problems),
                PolicyTable::Predictive(table) => target.predictive(table, problems),
            };
            Some((table.span, policy?))
        })
        .collect();
    twice(&policies, problems);
    schedule::check(&policies, tasks, problems);
    policies.into_iter().map(|(_, policy)| policy).collect()
}

/// Reports policies of a fleet whose bounds leave them nothing to do.
fn fixed(tables: &[Located<PolicyTable>], tasks: TaskSpec, problems: &mut Problems) {
    let moves_bounds = tables.iter().any(|table| match &table.value {
        PolicyTable::Scheduled(action) => {
            action.min.value().is_some() || action.max.value().is_some()
        }
        _ => false,
    });
    if moves_bounds || !tasks.is_fixed() {
        return;
    }
    for table in tables {
        let message = format!("the policy does nothing: the number is fixed at {}", tasks.min);
        problems.add(table.span, message, "give `min` and `max` that leave it room");
    }
}

/// Reports what AWS takes only once for a target.
fn twice(policies: &[(SourceSpan, Policy)], problems: &mut Problems) {
    for (index, (span, policy)) in policies.iter().enumerate() {
        let before = policies[..index].iter().map(|(_, policy)| policy);
        match policy {
            Policy::TargetTracking { metric, .. } => {
                let same = |other: &&Policy| matches!(other, Policy::TargetTracking { metric: m, .. } if m == metric);
                if before.filter(same).count() > 0 {
                    let message = format!("`{}` is tracked twice", metric.as_str());
                    problems.add(*span, message, "AWS takes one target for each metric: drop one");
                }
            }
            Policy::Predictive { forecast_only: false, .. } => {
                let acts = |other: &&Policy| {
                    matches!(other, Policy::Predictive { forecast_only: false, .. })
                };
                if before.filter(acts).count() > 0 {
                    let help = "let all but one only forecast: `forecast-only = true`";
                    problems.add(*span, "two predictive policies scale", help);
                }
            }
            _ => {}
        }
    }
}

/// The service that policies scale.
#[derive(Clone, Copy)]
struct Target(ServiceName);

impl Target {
    /// The metric; `None` where it does not exist or this service has none, which is reported.
    fn metric(
        self,
        field: &Field<Name<ScalingMetrics>>,
        problems: &mut Problems,
    ) -> Option<ScalingMetric> {
        let name = Name::known(field, problems)?;
        let metric = ScalingMetric::ALL.into_iter().find(|metric| metric.as_str() == name)?;
        let help = match metric {
            ScalingMetric::BacklogPerTask if serves(self.0) => {
                "it answers requests and works off no queue: take `cpu` or `requests-per-target`"
            }
            ScalingMetric::RequestsPerTarget if !serves(self.0) => {
                "it works off queues and gets no requests: take `cpu` or `backlog-per-task`"
            }
            _ => return Some(metric),
        };
        problems.add(field.span(), format!("`{}` has no `{name}`", self.0), help);
        None
    }

    fn tracking(self, table: &TargetTracking, problems: &mut Problems) -> Option<Policy> {
        let metric = self.metric(&table.metric, problems);
        let target = goal(metric, &table.target, "target", problems);
        let scale_out_cooldown_s =
            self.cooldown(&table.scale_out_cooldown, "scale-out-cooldown", problems);
        let scale_in_cooldown_s =
            self.cooldown(&table.scale_in_cooldown, "scale-in-cooldown", problems);
        let scale_in = table.scale_in.value().copied().unwrap_or(true);
        let in_cooldown = &table.scale_in_cooldown;
        if !scale_in && in_cooldown.value().is_some() {
            let help = "it never scales in: drop `scale-in-cooldown`, or `scale-in = false`";
            problems.add(in_cooldown.span(), "`scale-in-cooldown` does nothing", help);
        }
        Some(Policy::TargetTracking {
            metric: metric?,
            target: target?,
            scale_out_cooldown_s,
            scale_in_cooldown_s,
            scale_in,
        })
    }

    fn step(self, table: &StepScaling, problems: &mut Problems) -> Option<Policy> {
        let metric = self.metric(&table.metric, problems);
        let above = goal(metric, &table.above, "above", problems);
        let below = goal(metric, &table.below, "below", problems);
        let minutes = (1, limits::ALARM_PERIODS);
        let periods = bounds::whole(&table.periods, "periods", minutes, problems);
        let cooldown_s = self.cooldown(&table.cooldown, "cooldown", problems);
        let standard_s =
            if Platform::of(self.0) == Platform::Ec2 { 0.0 } else { defaults::STEP_COOLDOWN_S };
        let (threshold, is_above) = match (above, below) {
            (Some(threshold), None) => (Some(threshold), true),
            (None, Some(threshold)) => (Some(threshold), false),
            (Some(_), Some(_)) => {
                let help = "an alarm has one side: write a policy for each";
                problems.add(table.below.span(), "`above` and `below` are both given", help);
                (above, true)
            }
            (None, None) => (None, true),
        };
        let steps = steps::read(&table.steps, is_above, problems);
        if table.above.value().is_none() && table.below.value().is_none() {
            let help = "say when the alarm fires: `above = 100` or `below = 10`";
            let span = table.metric.span().or_else(|| table.steps.span());
            problems.add(span, "a step policy has neither `above` nor `below`", help);
        }
        Some(Policy::Step {
            metric: metric?,
            threshold: threshold?,
            above: is_above,
            periods: periods.unwrap_or(defaults::STEP_PERIODS),
            steps,
            cooldown_s: cooldown_s.unwrap_or(standard_s),
        })
    }

    fn predictive(self, table: &Predictive, problems: &mut Problems) -> Option<Policy> {
        let metric = self.metric(&table.metric, problems);
        if metric == Some(ScalingMetric::BacklogPerTask) {
            let help = "the curve foretells requests, not queues: take `cpu`";
            problems.add(table.metric.span(), "a backlog can't be forecast", help);
        }
        let target = goal(metric, &table.target, "target", problems);
        let longest_s = limits::PREDICTIVE_BUFFER_S;
        let buffer_s = bounds::seconds(&table.buffer, "buffer", (0.0, longest_s), problems);
        Some(Policy::Predictive {
            metric: metric?,
            target: target?,
            buffer_s: buffer_s.unwrap_or(defaults::PREDICTIVE_BUFFER_S),
            forecast_only: table.forecast_only.value().copied().unwrap_or(false),
        })
    }

    /// A cooldown, which only Application Auto Scaling knows (sheet 3.2, "default instance warmup").
    fn cooldown(self, field: &Field<Duration>, key: &str, problems: &mut Problems) -> Option<f64> {
        let cooldown_s = bounds::seconds(field, key, (0.0, limits::COOLDOWN_S), problems);
        if cooldown_s.is_some() && Platform::of(self.0) == Platform::Ec2 {
            let help = "an Auto Scaling group waits until instances are warm: see `warmup`";
            problems.add(field.span(), format!("`{key}` does nothing on EC2"), help);
        }
        cooldown_s
    }
}

/// A target or threshold in the metric's own unit.
fn goal(
    metric: Option<ScalingMetric>,
    field: &Field<f64>,
    key: &str,
    problems: &mut Problems,
) -> Option<f64> {
    let (most, unit) = match metric {
        Some(ScalingMetric::Cpu | ScalingMetric::Slots) => (100.0, " percent"),
        Some(ScalingMetric::RequestsPerTarget) => (limits::SCALING_TARGET, " requests a minute"),
        Some(ScalingMetric::BacklogPerTask) => (limits::SCALING_TARGET, " messages for each task"),
        None => (limits::SCALING_TARGET, ""),
    };
    bounds::above_zero_of(field, key, most, unit, problems)
}
