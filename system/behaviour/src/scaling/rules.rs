//! What AWS refuses when a target, a policy or a scheduled action is registered.

use std::time::Duration;

use super::{
    AdjustmentType, Engine, Error, Policy, PolicyKind, PredictiveMode, ScalableTarget,
    ScheduledAction, StepScaling, TargetTracking,
};

/// Steps of a policy at most (sheet 0.3, "step scaling").
const MAX_STEPS: usize = 20;

/// Scheduled actions of an Auto Scaling group at most (sheet 0.3, "scheduled action").
const MAX_ACTIONS: usize = 125;

const HOUR: Duration = Duration::from_secs(3_600);

impl ScalableTarget {
    /// Whether AWS would take it.
    ///
    /// # Errors
    ///
    /// The first thing that it would refuse.
    pub fn check(&self) -> Result<(), Error> {
        if self.min > self.max {
            let target = self.name.clone();
            return Err(Error::Limits { target, min: self.min, max: self.max });
        }
        for (index, policy) in self.policies.iter().enumerate() {
            if self.policies[..index].iter().any(|other| other.name == policy.name) {
                let (target, policy) = (self.name.clone(), policy.name.clone());
                return Err(Error::Duplicate { target, policy });
            }
            check_policy(self.engine, policy)?;
        }
        self.check_metrics()?;
        if let (Engine::Ec2, Some(action)) = (self.engine, self.schedule.get(MAX_ACTIONS)) {
            return Err(refused(action, "a group has 125 at most; drop some"));
        }
        self.schedule.iter().try_for_each(|action| check_action(self.engine, action))
    }

    fn check_metrics(&self) -> Result<(), Error> {
        let tracked = |policy: &Policy| match &policy.kind {
            PolicyKind::TargetTracking(tracking) => Some(tracking.metric.clone()),
            _ => None,
        };
        let mut metrics: Vec<String> = self.policies.iter().filter_map(tracked).collect();
        metrics.sort_unstable();
        match metrics.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => {
                Err(Error::TrackedTwice { target: self.name.clone(), metric: pair[0].clone() })
            }
            None => self.check_forecasts(),
        }
    }

    fn check_forecasts(&self) -> Result<(), Error> {
        let acts = |policy: &&Policy| {
            matches!(&policy.kind, PolicyKind::Predictive(predictive)
                if predictive.mode == PredictiveMode::ForecastAndScale)
        };
        match self.policies.iter().filter(acts).nth(1) {
            Some(policy) => Err(Error::Policy {
                policy: policy.name.clone(),
                what: "only one predictive policy may scale; let the others forecast only",
            }),
            None => Ok(()),
        }
    }
}

fn check_policy(engine: Engine, policy: &Policy) -> Result<(), Error> {
    let wrong = match &policy.kind {
        PolicyKind::TargetTracking(tracking) => tracking_fault(engine, tracking),
        PolicyKind::Step(step) => {
            step.alarm.check()?;
            // `ScalingPolicy` in the API reference of Application Auto Scaling.
            let none = matches!(engine, Engine::DynamoDb | Engine::Lambda);
            none.then_some("DynamoDB and Lambda have no step scaling; use target tracking")
                .or_else(|| step_fault(step))
        }
        PolicyKind::Simple(simple) => {
            simple.alarm.check()?;
            (engine != Engine::Ec2).then_some("only EC2 has simple scaling; use step scaling")
        }
        PolicyKind::Predictive(predictive) => {
            if !matches!(engine, Engine::Ec2 | Engine::Ecs) {
                Some("only EC2 and ECS have predictive scaling")
            } else if predictive.target.is_nan() || predictive.target <= 0.0 {
                Some("a target has to be above zero")
            } else if predictive.scheduling_buffer >= HOUR {
                Some("a scheduling buffer has to be below an hour")
            } else {
                None
            }
        }
    };
    wrong.map_or(Ok(()), |what| Err(Error::Policy { policy: policy.name.clone(), what }))
}

fn tracking_fault(engine: Engine, tracking: &TargetTracking) -> Option<&'static str> {
    let minute = tracking.period == Duration::from_secs(60);
    if !tracking.target.is_finite() || tracking.target <= 0.0 {
        Some("a target has to be above zero")
    } else if engine == Engine::DynamoDb && !(20.0..=90.0).contains(&tracking.target) {
        Some("a target utilisation of DynamoDB is 20 to 90 percent")
    } else if engine == Engine::Ec2 && tracking.period > Duration::from_secs(60) {
        Some("periods above 60 s can't be tracked")
    } else if engine != Engine::Ec2 && !minute {
        Some("only EC2 tracks metrics of other periods than 60 s")
    } else {
        None
    }
}

fn step_fault(step: &StepScaling) -> Option<&'static str> {
    if step.steps.is_empty() || step.steps.len() > MAX_STEPS {
        return Some("a policy has 1 to 20 steps");
    }
    if step.adjustment_type == AdjustmentType::ExactCapacity
        && step.steps.iter().any(|step| step.adjustment < 0)
    {
        return Some("an exact capacity can't be negative");
    }
    let mut bounds: Vec<(f64, f64)> = step
        .steps
        .iter()
        .map(|s| (s.lower.unwrap_or(f64::NEG_INFINITY), s.upper.unwrap_or(f64::INFINITY)))
        .collect();
    bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    if bounds.iter().any(|(lower, upper)| lower.is_nan() || upper.is_nan() || lower >= upper) {
        Some("a step's lower bound lies below its upper bound")
    } else if bounds.iter().any(|b| b.0 == f64::NEG_INFINITY && b.1 == f64::INFINITY) {
        Some("a step needs a bound")
    } else if bounds.windows(2).any(|pair| pair[0].1 != pair[1].0) {
        Some("steps may have no gap and no overlap")
    } else {
        None
    }
}

fn check_action(engine: Engine, action: &ScheduledAction) -> Result<(), Error> {
    if action.min.is_none() && action.max.is_none() && action.desired.is_none() {
        return Err(refused(action, "changes nothing; set min, max or desired"));
    }
    if action.desired.is_some() && engine != Engine::Ec2 {
        return Err(refused(action, "only EC2 schedules a desired capacity; set min and max"));
    }
    if action.every.is_some_and(|every| every < Duration::from_secs(60)) {
        return Err(refused(action, "repeats once a minute at most"));
    }
    Ok(())
}

fn refused(action: &ScheduledAction, what: &'static str) -> Error {
    Error::Schedule { action: action.name.clone(), what }
}
