//! What happens without an alarm: scheduled actions, forecasts, and the limits themselves.

use std::time::Duration;

use super::{
    Capacity, Decision, Engine, Hold, Outcome, PolicyKind, PredictiveMode, PredictiveScaling,
    Scaler, ScheduledAction,
    forecast::hour_of,
    gate::{asked, shown},
    scaler::{Rule, start_of},
};

impl ScheduledAction {
    /// Its first occurrence at or after `now`.
    pub(super) fn next(&self, now: Duration) -> Option<Duration> {
        let Some(late) = now.checked_sub(self.at) else { return Some(self.at) };
        if late.is_zero() {
            return Some(self.at);
        }
        let every = self.every.filter(|every| !every.is_zero())?;
        let times = late.as_nanos().div_ceil(every.as_nanos());
        Some(self.at + every.saturating_mul(u32::try_from(times).ok()?))
    }
}

impl Scaler {
    /// Runs a scheduled action: sets the limits, and moves the capacity into them at once. Cooldowns
    /// neither hold it nor start (sheet 0.3, "scheduled action").
    pub(super) fn run_action(
        &mut self,
        index: usize,
        at: Duration,
        capacity: &mut Capacity,
        decisions: &mut Vec<Decision>,
    ) {
        let due = self.actions[index].take().unwrap_or(at);
        let action = &self.target.schedule[index];
        self.actions[index] = action.every.map(|every| due.saturating_add(every));
        let name = action.name.clone();
        let (min, max) =
            (action.min.unwrap_or(self.target.min), action.max.unwrap_or(self.target.max));
        let from = capacity.desired;
        let what =
            format!("scheduled action {name} sets a minimum of {min} and a maximum of {max}");
        if min > max {
            let reason =
                format!("{what}, but the minimum would exceed the maximum; nothing changes");
            let outcome = Outcome::Held(Hold::InvalidLimits);
            decisions.push(unmeasured(at, name, from, from, outcome, reason));
            return;
        }
        let wanted = action.desired.unwrap_or(from).clamp(min, max);
        (self.target.min, self.target.max) = (min, max);
        let to = if self.may_move(at, from, wanted) { wanted } else { from };
        self.move_to(at, to, capacity);
        let reason = if from == to {
            format!("{what}; the desired capacity stays {to}")
        } else {
            format!("{what}, changing the desired capacity from {from} to {to}")
        };
        decisions.push(unmeasured(at, name, from, to, Outcome::Applied, reason));
    }

    /// Moves a capacity that lies outside of the limits into them.
    pub(super) fn enforce_limits(
        &mut self,
        at: Duration,
        capacity: &mut Capacity,
        decisions: &mut Vec<Decision>,
    ) {
        let (min, max) = self.limits();
        let from = capacity.desired;
        let to = from.clamp(min, max);
        if from == to || !self.may_move(at, from, to) {
            return;
        }
        self.move_to(at, to, capacity);
        let (side, limit) = if to > from { ("below", "minimum") } else { ("above", "maximum") };
        let reason = format!(
            "the desired capacity of {from} lies {side} the {limit}, changing the desired capacity \
             from {from} to {to}"
        );
        decisions.push(unmeasured(at, "min-max".to_owned(), from, to, Outcome::Applied, reason));
    }

    /// Scales out to what the forecast asks for in the hour that begins, never in.
    pub(super) fn act_on(
        &mut self,
        index: usize,
        at: Duration,
        capacity: &mut Capacity,
        decisions: &mut Vec<Decision>,
    ) {
        let hour = self.rules[index].next_hour;
        self.rules[index].next_hour += 1;
        let policy = &self.target.policies[index];
        let PolicyKind::Predictive(predictive) = &policy.kind else { return };
        let Some(want) = wanted(&self.rules[index], predictive, hour) else { return };
        let from = capacity.desired;
        if want <= from {
            return;
        }
        let to = want.min(self.target.max);
        let what = format!(
            "the forecast of policy {} for {} asks for {} to keep {} at {}",
            policy.name,
            crate::cloudwatch::clock(start_of(hour)),
            asked(want),
            predictive.metric,
            predictive.target,
        );
        let held = match predictive.mode {
            PredictiveMode::ForecastOnly => Some(("the policy only forecasts", Hold::ForecastOnly)),
            PredictiveMode::ForecastAndScale if to <= from => {
                Some(("the maximum is reached", Hold::AtMaximum))
            }
            PredictiveMode::ForecastAndScale => None,
        };
        let (to, outcome, reason) = match held {
            Some((why, hold)) => {
                let to = shown(want, self.target.max);
                (to, Outcome::Held(hold), format!("{what}, but {why}; it stays {from}"))
            }
            None => {
                let change = format!("{what}, changing the desired capacity from {from} to {to}");
                (to, Outcome::Applied, change)
            }
        };
        let decision = Decision {
            metric: Some(predictive.metric.clone()),
            target: Some(predictive.target),
            ..unmeasured(at, policy.name.clone(), from, to, outcome, reason)
        };
        if outcome == Outcome::Applied {
            self.move_to(at, to, capacity);
        }
        decisions.push(decision);
    }

    /// What a forecast that is acted on asks for now: no scale-in goes below it, because of all
    /// that policies ask for, the largest counts. Within the buffer the next hour counts already.
    pub(super) fn forecast_floor(&self, now: Duration) -> u32 {
        let hour = hour_of(now);
        let floors = self.rules.iter().zip(&self.target.policies).filter_map(|(rule, policy)| {
            let PolicyKind::Predictive(predictive) = &policy.kind else { return None };
            if predictive.mode == PredictiveMode::ForecastOnly {
                return None;
            }
            let early = now.saturating_add(predictive.scheduling_buffer) >= start_of(hour + 1);
            let next = if early { wanted(rule, predictive, hour + 1) } else { None };
            wanted(rule, predictive, hour).max(next)
        });
        floors.max().unwrap_or(0)
    }

    /// Whether DynamoDB still takes a decrease, if it is one.
    fn may_move(&self, at: Duration, from: u32, to: u32) -> bool {
        to >= from || self.target.engine != Engine::DynamoDb || self.decreases.allowed(at)
    }

    fn move_to(&mut self, at: Duration, to: u32, capacity: &mut Capacity) {
        if to < capacity.desired {
            self.decreases.count(at);
        }
        capacity.desired = to;
    }
}

/// The capacity that keeps the metric at its target under the load expected in `hour`.
fn wanted(rule: &Rule, predictive: &PredictiveScaling, hour: u64) -> Option<u32> {
    let load = rule.forecast.as_ref()?.expected(hour)?;
    Some((load / predictive.target - 1e-9).ceil() as u32)
}

/// A decision that no metric's value led to.
fn unmeasured(
    at: Duration,
    policy: String,
    from: u32,
    to: u32,
    outcome: Outcome,
    reason: String,
) -> Decision {
    let (alarm, metric, value, target) = (None, None, None, None);
    Decision { at, policy, alarm, metric, value, target, from, to, outcome, reason }
}
