//! A minute's evaluation: alarms, what each policy asks for, and which of them has its way.

use std::time::Duration;

use super::{
    Adjustment, AdjustmentType, Capacity, Decision, Engine, Hold, PolicyKind, Scaler,
    arithmetic::{adjusted, step, tracking_in, tracking_out},
    scaler::MINUTE,
};
use crate::cloudwatch::{Alarm, AlarmState, Statistic};

/// Which way a policy wants to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Out,
    In,
}

/// What a policy asks for because its alarm has fired.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    /// Index of the policy.
    pub(super) policy: usize,
    /// Whether `AlarmLow` fired, not the policy's only or high alarm.
    pub(super) low: bool,
    pub(super) direction: Direction,
    /// The capacity it started from, and the one it asks for.
    pub(super) base: u32,
    pub(super) want: u32,
    /// As decisions report them: for DynamoDB in percent.
    pub(super) value: Option<f64>,
    pub(super) target: f64,
    /// Why it can't even be considered.
    pub(super) fault: Option<Hold>,
}

impl Scaler {
    /// Evaluates the alarms for the periods that ended at `end`, at `now`, and acts on them.
    pub(super) fn evaluate(
        &mut self,
        end: Duration,
        now: Duration,
        capacity: &mut Capacity,
        decisions: &mut Vec<Decision>,
    ) {
        self.cooldowns.settle(now, *capacity);
        self.account_load(end, *capacity);
        let requests: Vec<Request> = (0..self.rules.len())
            .filter_map(|policy| self.request(policy, end, now, *capacity))
            .collect();
        if !requests.is_empty() {
            self.resolve(requests, now, capacity, decisions);
        }
    }

    /// Sheet 0.3, "several policies": the largest capacity wins; target tracking policies scale in
    /// only when all of them that may agree.
    fn resolve(
        &mut self,
        mut requests: Vec<Request>,
        now: Duration,
        capacity: &mut Capacity,
        decisions: &mut Vec<Decision>,
    ) {
        requests.sort_by_key(|request| std::cmp::Reverse(request.want));
        let (outward, inward): (Vec<_>, Vec<_>) =
            requests.into_iter().partition(|request| request.direction == Direction::Out);
        let wants_out = self.wants_out() || outward.iter().any(|r| r.want > capacity.desired);
        for request in &outward {
            self.scale_out(request, now, capacity, decisions);
        }
        let agreed = self.all_low();
        let mut done = false;
        for request in &inward {
            if wants_out || (request.low && !agreed) {
                self.hold(request, Hold::OtherPolicies, now, *capacity, decisions);
            } else if !done {
                // Smaller capacities that others ask for at the same time are not even held.
                done = true;
                self.scale_in(request, now, capacity, decisions);
            }
        }
    }

    /// Whether a target tracking policy's `AlarmHigh` is on.
    fn wants_out(&self) -> bool {
        let tracks = |kind: &PolicyKind| matches!(kind, PolicyKind::TargetTracking(_));
        let on = |alarm: &Alarm| alarm.state() == AlarmState::Alarm;
        self.rules
            .iter()
            .zip(&self.target.policies)
            .any(|(rule, policy)| tracks(&policy.kind) && rule.high.as_ref().is_some_and(on))
    }

    /// Whether each `AlarmLow` is on. A policy that may not scale in has none.
    fn all_low(&self) -> bool {
        self.rules
            .iter()
            .filter_map(|rule| rule.low.as_ref())
            .all(|a| a.state() == AlarmState::Alarm)
    }

    fn request(
        &mut self,
        policy: usize,
        end: Duration,
        now: Duration,
        capacity: Capacity,
    ) -> Option<Request> {
        let rule = &mut self.rules[policy];
        let mut fired = [None; 2];
        for (alarm, fired) in [&mut rule.high, &mut rule.low].into_iter().zip(&mut fired) {
            let Some(alarm) = alarm else { continue };
            let interval = alarm.settings().evaluation_interval();
            if !end.as_secs().is_multiple_of(interval.as_secs()) {
                continue;
            }
            let metric = self.metrics.get(&alarm.settings().metric)?;
            if alarm.evaluate(end, now, metric).fires {
                *fired = Some((alarm.latest(), alarm.settings().threshold));
            }
        }
        let (low, (value, threshold)) = match fired {
            [Some(high), _] => (false, high),
            [None, Some(low)] => (true, low),
            [None, None] => return None,
        };
        match &self.target.policies[policy].kind {
            PolicyKind::TargetTracking(_) => self.tracked(policy, low, value?, capacity),
            PolicyKind::Step(_) => self.stepped(policy, value, threshold, now, capacity),
            PolicyKind::Simple(simple) => {
                Some(self.adjust(policy, simple.adjustment, value, threshold, None, capacity))
            }
            PolicyKind::Predictive(_) => None,
        }
    }

    fn tracked(&self, policy: usize, low: bool, value: f64, capacity: Capacity) -> Option<Request> {
        let PolicyKind::TargetTracking(tracking) = &self.target.policies[policy].kind else {
            return None;
        };
        let engine = self.target.engine;
        let (direction, base) = if low {
            (Direction::In, capacity.removable(engine))
        } else {
            (Direction::Out, capacity.measured(engine))
        };
        let value = if engine == Engine::DynamoDb {
            100.0 * value / f64::from(capacity.running.max(1))
        } else {
            value
        };
        let want = match direction {
            Direction::Out => tracking_out(base, value, tracking.target),
            Direction::In => tracking_in(base, value, tracking.target),
        };
        let (value, target) = (Some(value), tracking.target);
        Some(Request { policy, low, direction, base, want, value, target, fault: None })
    }

    fn stepped(
        &self,
        policy: usize,
        value: Option<f64>,
        threshold: f64,
        now: Duration,
        capacity: Capacity,
    ) -> Option<Request> {
        let PolicyKind::Step(scaling) = &self.target.policies[policy].kind else { return None };
        let found = value.and_then(|value| {
            step(&scaling.steps, value - threshold, scaling.alarm.comparison.is_upper())
        });
        let adjustment = Adjustment {
            kind: scaling.adjustment_type,
            by: found.map_or(0, |step| step.adjustment),
            min_magnitude: scaling.min_adjustment_magnitude,
        };
        let base = self.cooldowns.base(now);
        let mut request = self.adjust(policy, adjustment, value, threshold, base, capacity);
        if found.is_none() {
            request.fault = Some(Hold::NoStep);
        }
        Some(request)
    }

    /// What an adjustment asks for. While a cooldown lasts, `before` is the capacity that its
    /// activity started from: what that added counts (sheet 0.3, "cooldown").
    fn adjust(
        &self,
        policy: usize,
        adjustment: Adjustment,
        value: Option<f64>,
        target: f64,
        before: Option<u32>,
        capacity: Capacity,
    ) -> Request {
        let engine = self.target.engine;
        let exact = adjustment.kind == AdjustmentType::ExactCapacity;
        let outward =
            if exact { adjusted(0, adjustment) >= capacity.desired } else { adjustment.by > 0 };
        let (direction, base) = match outward {
            true => (Direction::Out, before.unwrap_or_else(|| capacity.measured(engine))),
            false => (Direction::In, capacity.removable(engine)),
        };
        let want = adjusted(base, adjustment);
        let nothing = !exact && adjustment.by == 0;
        let fault = nothing.then_some(Hold::AlreadyAtDesired);
        Request { policy, low: false, direction, base, want, value, target, fault }
    }

    /// Adds the minute that ended at `end` to the loads that predictive policies learn from: the
    /// metric times the capacity in service now. After a lag that capacity may be a newer one.
    fn account_load(&mut self, end: Duration, capacity: Capacity) {
        if !end.as_secs().is_multiple_of(MINUTE.as_secs()) {
            return;
        }
        for (rule, policy) in self.rules.iter_mut().zip(&self.target.policies) {
            let (PolicyKind::Predictive(predictive), Some(forecast)) =
                (&policy.kind, &mut rule.forecast)
            else {
                continue;
            };
            forecast.advance(end.saturating_sub(MINUTE));
            let metric = self.metrics.get(&predictive.metric);
            if let Some(value) = metric.and_then(|m| m.datapoint(end, MINUTE, Statistic::Average)) {
                forecast.add(value * f64::from(capacity.in_service));
            }
        }
    }
}
