//! What stands between a request and a change: cooldowns, limits, suspensions; and the decisions
//! that come of it.

use std::time::Duration;

use super::{
    Capacity, Decision, Engine, Hold, Outcome, PolicyKind, Scaler,
    evaluate::{Direction, Request},
};
use crate::cloudwatch::{Alarm, clock};

/// What earlier activities left behind.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Cooldowns {
    /// Scale-out: until when, from which capacity, and what was asked for.
    out: Option<ScaleOut>,
    in_until: Option<Duration>,
    /// Simple scaling: the cooldown that begins when the activity ends.
    simple_pending: Option<Duration>,
    simple_until: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct ScaleOut {
    until: Duration,
    base: u32,
    want: u32,
}

impl Cooldowns {
    /// The capacity before the scale-out whose cooldown lasts.
    pub(super) fn base(&self, now: Duration) -> Option<u32> {
        self.out.filter(|out| now < out.until).map(|out| out.base)
    }

    /// Starts the cooldown of a simple policy once its activity has ended.
    pub(super) fn settle(&mut self, now: Duration, capacity: Capacity) {
        if !capacity.is_changing()
            && let Some(cooldown) = self.simple_pending.take()
        {
            self.simple_until = Some(now.saturating_add(cooldown));
        }
    }

    /// Further scale-out only if it is larger (sheet 0.3, "cooldown").
    fn holds_out(&self, now: Duration, want: u32) -> Option<Hold> {
        let out = self.out.filter(|out| now < out.until && want <= out.want)?;
        Some(Hold::Cooldown { until: out.until })
    }

    fn holds_in(&self, now: Duration) -> Option<Hold> {
        self.in_until.filter(|until| now < *until).map(|until| Hold::Cooldown { until })
    }

    fn holds_simple(&self, now: Duration, capacity: Capacity) -> Option<Hold> {
        if capacity.is_changing() || self.simple_pending.is_some() {
            return Some(Hold::ActivityInProgress);
        }
        self.simple_until.filter(|until| now < *until).map(|until| Hold::Cooldown { until })
    }
}

/// How many are asked for, in words: an arithmetic that saturates asks for no number.
pub(super) fn asked(want: u32) -> String {
    if want == u32::MAX { "more than any limit".to_owned() } else { want.to_string() }
}

/// How many a decision that was held shows: what is beyond counting would have been the maximum.
pub(super) fn shown(want: u32, max: u32) -> u32 {
    if want == u32::MAX { max } else { want }
}

impl Scaler {
    /// Applies a request for more, or holds it.
    pub(super) fn scale_out(
        &mut self,
        request: &Request,
        now: Duration,
        capacity: &mut Capacity,
        decisions: &mut Vec<Decision>,
    ) {
        let to = request.want.clamp(self.target.min, self.target.max);
        let held = request
            .fault
            .or_else(|| self.blocked(request, now, *capacity))
            .or_else(|| self.cooldowns.holds_out(now, request.want))
            .or(match capacity.desired {
                desired if request.want <= desired => Some(Hold::NotLarger),
                desired if to <= desired => Some(Hold::AtMaximum),
                _ => None,
            });
        if let Some(held) = held {
            return self.hold(request, held, now, *capacity, decisions);
        }
        let cooldown = self.cooldown(request);
        if self.is_simple(request) {
            self.cooldowns.simple_pending = Some(cooldown);
        } else {
            let until = now.saturating_add(cooldown);
            self.cooldowns.out = Some(ScaleOut { until, base: request.base, want: request.want });
        }
        // An out alarm ends the cooldown of a scale-in at once.
        self.cooldowns.in_until = None;
        self.apply(request, to, now, capacity, decisions);
    }

    /// Applies a request for less, or holds it.
    pub(super) fn scale_in(
        &mut self,
        request: &Request,
        now: Duration,
        capacity: &mut Capacity,
        decisions: &mut Vec<Decision>,
    ) {
        let forecast = self.forecast_floor(now);
        let to = request.want.max(forecast).clamp(self.target.min, self.target.max);
        let held = request
            .fault
            .or_else(|| self.blocked(request, now, *capacity))
            .or_else(|| self.suspended(*capacity).then_some(Hold::ScaleInSuspended))
            .or_else(|| self.cooldowns.holds_in(now))
            .or(match capacity.desired {
                desired if desired <= self.target.min => Some(Hold::AtMinimum),
                desired if request.want >= desired => Some(Hold::AlreadyAtDesired),
                desired if to >= desired => Some(Hold::Forecast),
                _ => None,
            })
            .or_else(|| {
                let limited =
                    self.target.engine == Engine::DynamoDb && !self.decreases.allowed(now);
                limited.then_some(Hold::DecreaseLimit)
            });
        if let Some(held) = held {
            return self.hold(request, held, now, *capacity, decisions);
        }
        let cooldown = self.cooldown(request);
        if self.is_simple(request) {
            self.cooldowns.simple_pending = Some(cooldown);
        } else {
            self.cooldowns.in_until = Some(now.saturating_add(cooldown));
        }
        // What a scale-out had added is no longer there to be counted.
        self.cooldowns.out = None;
        self.decreases.count(now);
        self.apply(request, to, now, capacity, decisions);
    }

    /// Reports what was held back: once, until the reason or the alarm's state changes.
    pub(super) fn hold(
        &mut self,
        request: &Request,
        held: Hold,
        now: Duration,
        capacity: Capacity,
        decisions: &mut Vec<Decision>,
    ) {
        let situation = Some((held, self.alarm(request).map_or(0, Alarm::transitions)));
        let before = &mut self.rules[request.policy].held[request.direction as usize];
        if *before == situation {
            return;
        }
        *before = situation;
        let why = self.explain(held);
        let reason = format!("{}, but {why}; it stays {}", self.cause(request), capacity.desired);
        let to = shown(request.want, self.target.max);
        decisions.push(self.decision(
            request,
            now,
            capacity.desired,
            to,
            Outcome::Held(held),
            reason,
        ));
    }

    fn apply(
        &mut self,
        request: &Request,
        to: u32,
        now: Duration,
        capacity: &mut Capacity,
        decisions: &mut Vec<Decision>,
    ) {
        let from = std::mem::replace(&mut capacity.desired, to);
        self.rules[request.policy].held = [None; 2];
        let limit = match to {
            to if to == request.want => "",
            to if to == self.target.max => ", the maximum",
            to if to == self.target.min => ", the minimum",
            _ => ", as the forecast asks",
        };
        let cause = self.cause(request);
        let reason = format!("{cause}, changing the desired capacity from {from} to {to}{limit}");
        decisions.push(self.decision(request, now, from, to, Outcome::Applied, reason));
    }

    /// What blocks either direction.
    fn blocked(&self, request: &Request, now: Duration, capacity: Capacity) -> Option<Hold> {
        if self.is_simple(request) {
            self.cooldowns.holds_simple(now, capacity)
        } else {
            // A table takes no `UpdateTable` while one is under way.
            let updating = self.target.engine == Engine::DynamoDb && capacity.is_changing();
            updating.then_some(Hold::ActivityInProgress)
        }
    }

    /// Sheet 0.3, "ECS deployment in progress"; sheet 3.2, "default instance warmup".
    fn suspended(&self, capacity: Capacity) -> bool {
        match self.target.engine {
            Engine::Ecs => capacity.deployment,
            Engine::Ec2 => capacity.warming > 0,
            Engine::DynamoDb | Engine::Lambda => false,
        }
    }

    fn is_simple(&self, request: &Request) -> bool {
        matches!(self.target.policies[request.policy].kind, PolicyKind::Simple(_))
    }

    /// The cooldown that a change by this request starts. EC2 has those of simple policies only.
    fn cooldown(&self, request: &Request) -> Duration {
        match &self.target.policies[request.policy].kind {
            PolicyKind::Simple(simple) => simple.cooldown,
            _ if self.target.engine == Engine::Ec2 => Duration::ZERO,
            PolicyKind::TargetTracking(tracking) if request.direction == Direction::Out => {
                tracking.scale_out_cooldown
            }
            PolicyKind::TargetTracking(tracking) => tracking.scale_in_cooldown,
            PolicyKind::Step(step) => step.cooldown,
            PolicyKind::Predictive(_) => Duration::ZERO,
        }
    }

    fn alarm(&self, request: &Request) -> Option<&Alarm> {
        let rule = &self.rules[request.policy];
        if request.low { rule.low.as_ref() } else { rule.high.as_ref() }
    }

    fn decision(
        &self,
        request: &Request,
        at: Duration,
        from: u32,
        to: u32,
        outcome: Outcome,
        reason: String,
    ) -> Decision {
        let settings = self.alarm(request).map(Alarm::settings);
        Decision {
            at,
            policy: self.target.policies[request.policy].name.clone(),
            alarm: settings.map(|settings| settings.name.clone()),
            metric: settings.map(|settings| settings.metric.clone()),
            value: request.value,
            target: Some(request.target),
            from,
            to,
            outcome,
            reason,
        }
    }

    fn cause(&self, request: &Request) -> String {
        let Some(settings) = self.alarm(request).map(Alarm::settings) else {
            return String::new();
        };
        let value = request.value.map_or_else(|| "no data".to_owned(), number);
        format!(
            "monitor alarm {} in state ALARM triggered policy {}: {} of {value} against {} on {} {} \
             asks for {}",
            settings.name,
            self.target.policies[request.policy].name,
            settings.metric,
            number(request.target),
            request.base,
            self.target.engine.unit(),
            asked(request.want),
        )
    }

    fn explain(&self, held: Hold) -> String {
        let (min, max) = self.limits();
        match held {
            Hold::Cooldown { until } => format!("a cooldown lasts until {}", clock(until)),
            Hold::AtMaximum => format!("the maximum is {max}"),
            Hold::AtMinimum => format!("the minimum is {min}"),
            Hold::NotLarger => "as much is desired already".to_owned(),
            Hold::AlreadyAtDesired => "that is no change".to_owned(),
            Hold::OtherPolicies => "another policy does not agree".to_owned(),
            Hold::ScaleInSuspended if self.target.engine == Engine::Ec2 => {
                "scale-in waits while instances warm up".to_owned()
            }
            Hold::ScaleInSuspended => "scale-in is suspended during a deployment".to_owned(),
            Hold::ActivityInProgress => "an earlier change is still being made".to_owned(),
            Hold::DecreaseLimit => {
                "no further decrease is allowed today until an hour has passed without one"
                    .to_owned()
            }
            Hold::Forecast => "the forecast asks for as much as there is".to_owned(),
            Hold::ForecastOnly => "the policy only forecasts".to_owned(),
            Hold::NoStep => "no step covers that value".to_owned(),
            Hold::InvalidLimits => "the minimum would exceed the maximum".to_owned(),
        }
    }
}

/// A metric's value for people.
fn number(value: f64) -> String {
    if value.abs() < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") }
}
