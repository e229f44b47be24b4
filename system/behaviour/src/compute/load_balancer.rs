//! The target group of an Application Load Balancer (sheet 3.1, ALB and drain): when a new target
//! takes work, when a target counts as unhealthy, how long one drains.
//!
//! Invariant: a target's state changes only on a check.
//!
//! Deliberately absent: slow start, and routing itself (which target gets a request).

use std::time::Duration;

/// How the target group checks and drains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Between two checks of a target: 5 to 300 s, 30 s by default.
    pub interval: Duration,
    /// How long a check waits for an answer: 5 s by default.
    pub timeout: Duration,
    /// Failed checks in a row that make a target unhealthy: 2 by default.
    pub unhealthy_checks: u32,
    /// Passed checks in a row that make an unhealthy target healthy: 5 by default.
    pub healthy_checks: u32,
    /// How long a target that leaves may finish its work: 0 to 3600 s, 300 s by default.
    pub deregistration_delay: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            unhealthy_checks: 2,
            healthy_checks: 5,
            deregistration_delay: Duration::from_secs(300),
        }
    }
}

impl Settings {
    /// From registration to the one check that a new target must pass. Assumption: the check comes
    /// at a time spread evenly over the interval, and a started target passes it.
    #[must_use]
    pub fn first_pass(&self, uniform: f64) -> Duration {
        self.interval.mul_f64(uniform.clamp(0.0, 1.0))
    }

    /// From the moment a target stops answering until it counts as unhealthy: the checks to fail,
    /// the first of them at a time spread evenly over the interval, the last with its timeout.
    #[must_use]
    pub fn time_to_unhealthy(&self, uniform: f64) -> Duration {
        self.first_pass(uniform)
            + self.interval * self.unhealthy_checks.saturating_sub(1)
            + self.timeout
    }
}

/// The health of one target, as its checks show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    state: State,
    /// Checks in a row that speak against the state.
    against: u32,
}

/// What the load balancer takes a target for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    /// Registered, not yet checked: it takes no work.
    #[default]
    Initial,
    /// It takes work.
    Healthy,
    /// It takes no work.
    Unhealthy,
}

impl Health {
    /// What the target counts as.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Notes a check; the state, where the check changed it.
    pub fn check(&mut self, settings: &Settings, passed: bool) -> Option<State> {
        let (next, needed) = match (self.state, passed) {
            (State::Initial, true) => (State::Healthy, 1),
            (State::Unhealthy, true) => (State::Healthy, settings.healthy_checks),
            (State::Initial | State::Healthy, false) => {
                (State::Unhealthy, settings.unhealthy_checks)
            }
            (State::Healthy, true) | (State::Unhealthy, false) => {
                self.against = 0;
                return None;
            }
        };
        self.against += 1;
        if self.against < needed {
            return None;
        }
        *self = Self { state: next, against: 0 };
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pass_makes_a_new_target_healthy_two_failures_unhealthy_five_passes_healthy_again() {
        let settings = Settings::default();
        let mut health = Health::default();
        let mut checks = |passed: &[bool]| {
            passed.iter().map(|&passed| health.check(&settings, passed)).collect::<Vec<_>>()
        };
        assert_eq!(checks(&[true]), [Some(State::Healthy)]);
        assert_eq!(checks(&[false, true, false]), [None, None, None], "not in a row");
        assert_eq!(checks(&[false]), [Some(State::Unhealthy)]);
        assert_eq!(checks(&[true, true, false]), [None, None, None]);
        assert_eq!(checks(&[true, true, true, true]), [None; 4]);
        assert_eq!(checks(&[true]), [Some(State::Healthy)]);
    }

    #[test]
    fn a_new_target_that_fails_becomes_unhealthy() {
        let mut health = Health::default();
        assert_eq!(health.check(&Settings::default(), false), None);
        assert_eq!(health.state(), State::Initial);
        assert_eq!(health.check(&Settings::default(), false), Some(State::Unhealthy));
    }

    #[test]
    fn a_dead_target_is_noticed_within_65_seconds() {
        let settings = Settings::default();
        assert_eq!(settings.time_to_unhealthy(0.0), Duration::from_secs(35));
        assert_eq!(settings.time_to_unhealthy(1.0), Duration::from_secs(65));
    }
}
