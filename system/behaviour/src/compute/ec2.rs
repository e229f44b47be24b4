//! An EC2 Auto Scaling group: how long an instance takes to launch, and its warm pool (sheet 3.2).
//!
//! Assumptions: an instance out of a stopped pool takes a boot without user data (user data does not
//! run again at a restart unless asked to), one out of a running pool only its health check; a
//! launch goes to the zone with the fewest instances even where only another zone's pool has some.
//!
//! Deliberately absent: lifecycle hooks, hibernated pools, reuse of instances on scale-in, instance
//! maintenance policies, RunInstances throttling, and instance types: one Spot pool per group.

mod warm_pool;

use std::time::Duration;

pub(super) use warm_pool::Pool;
pub use warm_pool::{PoolState, WarmPool};

use super::fleet::Profile;
use super::roster::Choice;
use super::{Capacity, MAX_TASKS, Zone, load_balancer, spot};
use crate::{Lognormal, assumptions};

/// An EC2 Auto Scaling group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// From RunInstances to a shell, median: [`assumptions::EC2_BOOT_MEDIAN`].
    pub boot_median: Duration,
    /// Its spread: [`assumptions::EC2_BOOT_SIGMA`].
    pub boot_sigma: f64,
    /// What the user data takes at the first boot: 30 to 180 s; 60 s is our assumption.
    pub user_data: Duration,
    /// How much is Spot. A group never falls back to On-Demand by itself.
    pub spot: spot::Settings,
    /// Its target group.
    pub balancer: load_balancer::Settings,
    /// The default cooldown: 300 s. It is also the warm-up where no warm-up is set.
    pub cooldown: Duration,
    /// The default instance warm-up; unset by default.
    pub warm_up: Option<Duration>,
    /// How long failed checks are ignored after an instance is in service: 0 s by default.
    pub health_grace: Duration,
    /// The maximum size: sizes the warm pool and bounds replacements.
    pub max: u32,
    /// Instances kept prepared. On-Demand launches draw on it; AWS refused it for groups with Spot
    /// until 2023 at least.
    pub warm_pool: Option<WarmPool>,
    /// Capacity Rebalancing: how long before the interruption notice the rebalance recommendation
    /// comes. AWS says earlier or together, not how much earlier. `None` is off.
    pub capacity_rebalancing: Option<Duration>,
}

impl Default for Settings {
    /// The sheet's defaults: no warm pool, no Capacity Rebalancing.
    fn default() -> Self {
        Self {
            boot_median: Duration::from_secs_f64(assumptions::EC2_BOOT_MEDIAN.value),
            boot_sigma: assumptions::EC2_BOOT_SIGMA.value,
            user_data: Duration::from_secs(60),
            spot: spot::Settings::default(),
            balancer: load_balancer::Settings::default(),
            cooldown: Duration::from_secs(300),
            warm_up: None,
            health_grace: Duration::ZERO,
            max: MAX_TASKS,
            warm_pool: None,
            capacity_rebalancing: None,
        }
    }
}

impl Settings {
    /// From RunInstances (or StartInstances: assumption) to a booted instance, user data not
    /// included, at the share `uniform` of its distribution.
    #[must_use]
    pub fn boot_time(&self, uniform: f64) -> Duration {
        Lognormal::with_sigma(self.boot_median, self.boot_sigma).long_at(uniform)
    }

    pub(super) fn profile(&self) -> Profile {
        Profile {
            spot: self.spot,
            balancer: self.balancer,
            drain: self.balancer.deregistration_delay,
            health_grace: self.health_grace,
            grace_from_start: false,
            warm_up: self.warm_up.unwrap_or(self.cooldown),
            replaces_unhealthy_first: false,
            replaces_interrupted_at_notice: self.capacity_rebalancing.is_some(),
            rebalance_lead: self.capacity_rebalancing,
            choice: Choice::OldestTemplate,
        }
    }
}

/// The group's state beside its instances.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) settings: Settings,
    pub(super) pool: Option<Pool>,
}

impl Group {
    /// A group whose warm pool, if any, is full.
    pub(super) fn new(settings: Settings, desired: u32) -> Self {
        let pool = settings
            .warm_pool
            .map(|warm_pool| Pool::full(warm_pool, warm_pool.size(settings.max, desired)));
        Self { settings, pool }
    }

    /// From the launch to a running process; draws on the warm pool.
    pub(super) fn start_time(
        &mut self,
        zone: Zone,
        capacity: Capacity,
        random: &mut dyn FnMut() -> f64,
    ) -> Duration {
        let pool = self.pool.as_mut().filter(|_| capacity == Capacity::OnDemand);
        match pool.and_then(|pool| pool.take(zone)) {
            Some(PoolState::Running) => Duration::ZERO,
            Some(PoolState::Stopped) => self.settings.boot_time(random()),
            None => self.settings.boot_time(random()) + self.settings.user_data,
        }
    }

    /// Fills or trims the warm pool to its size.
    pub(super) fn keep_pool(
        &mut self,
        at: Duration,
        desired: u32,
        up: [bool; 3],
        random: &mut dyn FnMut() -> f64,
    ) {
        let settings = self.settings;
        if let Some(pool) = &mut self.pool {
            let size = pool.settings().size(settings.max, desired);
            pool.settle(at);
            pool.keep(size, up, || at + settings.boot_time(random()) + settings.user_data);
        }
    }
}
