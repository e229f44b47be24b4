//! A function: which of its requests run, and in what environment.

use std::time::Duration;

use crate::TokenBucket;

use super::{
    Account, ColdStart, Environment, Moment, OverReserved, Throttle, Usage,
    account::request_rate,
    environment::{Idle, Keep},
    provisioned::Provisioned,
};

/// New environments of a function that may start at once (sheet 2, scale-up).
const SCALE_UP_BURST: f64 = 1_000.0;

/// New environments a second after that: 1,000 in 10 s, refilled continuously (sheet 2, scale-up).
const SCALE_UP_PER_SECOND: f64 = 100.0;

/// What a function is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FunctionConfig {
    /// Memory, MB: 128 to 10,240.
    pub memory_mb: u32,
    /// What starting an environment takes.
    pub cold_start: ColdStart,
    /// Reserved concurrency: set aside for the function, and the most it gets. 0 disables it.
    pub reserved: Option<u32>,
    /// Provisioned concurrency: environments started ahead.
    pub provisioned: u32,
    /// How long an environment waits for a request before it is given up, scenario time. AWS
    /// doesn't say; see [`FunctionConfig::IDLE_RECLAIM`].
    pub idle_reclaim: Duration,
    /// How old an environment gets, scenario time. AWS doesn't say; see [`FunctionConfig::LIFETIME`].
    pub lifetime: Duration,
}

impl FunctionConfig {
    /// An environment's wait that is assumed where nothing better is known: 10 min, the middle of
    /// what is told (sheet 2, idle reclaim).
    pub const IDLE_RECLAIM: Duration = Duration::from_secs(600);

    /// An environment's age that is assumed where nothing better is known: 2 h ("recycled after
    /// hours", sheet 2, idle reclaim).
    pub const LIFETIME: Duration = Duration::from_secs(7_200);

    /// A function without reserved or provisioned concurrency, with the assumed times.
    #[must_use]
    pub const fn on_demand(memory_mb: u32, cold_start: ColdStart) -> Self {
        Self {
            memory_mb,
            cold_start,
            reserved: None,
            provisioned: 0,
            idle_reclaim: Self::IDLE_RECLAIM,
            lifetime: Self::LIFETIME,
        }
    }

    /// Concurrency taken from the unreserved pool, in use or not.
    fn set_aside(&self) -> u32 {
        self.reserved.unwrap_or(self.provisioned)
    }
}

/// How a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invocation {
    /// Somebody waits for the answer: direct calls, and batches of event source mappings.
    Synchronous,
    /// From Lambda's own queue of events, which the request rate doesn't bound.
    Asynchronous,
}

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Start {
    /// An environment waited for it.
    Warm(Environment),
    /// An environment is started for it.
    Cold {
        /// The environment.
        environment: Environment,
        /// Init Duration: passes before the handler runs, and is billed.
        init: Duration,
        /// What the handler's first call takes beyond later ones.
        first_call: Duration,
    },
    /// It is not run.
    Throttled(Throttle),
}

/// A function of an [`Account`]; it is used with that one alone.
#[derive(Debug, Clone)]
pub struct Function {
    config: FunctionConfig,
    idle: Idle,
    provisioned: Provisioned,
    running_on_demand: u32,
    running_max: u32,
    scale_up: TokenBucket,
    reserved_requests: TokenBucket,
    usage: Usage,
}

impl Function {
    /// A function without environments but those that are provisioned from now on.
    ///
    /// # Errors
    /// When the account can't set its concurrency aside.
    pub fn new(
        config: FunctionConfig,
        account: &mut Account,
        now: Moment,
    ) -> Result<Self, OverReserved> {
        account.set_aside(0, config.set_aside(), now)?;
        Ok(Self {
            config,
            idle: Idle::default(),
            provisioned: Provisioned::new(config.provisioned, now),
            running_on_demand: 0,
            running_max: 0,
            scale_up: TokenBucket::full(SCALE_UP_BURST, SCALE_UP_PER_SECOND, now.scenario),
            reserved_requests: request_rate(config.reserved.unwrap_or(0), now),
            usage: Usage::default(),
        })
    }

    /// Begins a request. `uniform` (0 to 1) is where among cold starts this one would be.
    pub fn begin(
        &mut self,
        account: &mut Account,
        invocation: Invocation,
        now: Moment,
        uniform: f64,
    ) -> Start {
        match self.place(account, invocation, now) {
            Ok(Place::Waiting(environment)) => Start::Warm(environment),
            Ok(Place::New(environment)) => self.start(environment, uniform),
            Err(throttle) => {
                self.usage.throttles += 1;
                Start::Throttled(throttle)
            }
        }
    }

    fn place(
        &mut self,
        account: &mut Account,
        invocation: Invocation,
        now: Moment,
    ) -> Result<Place, Throttle> {
        let is_counted = invocation == Invocation::Synchronous;
        if let Some(reserved) = self.config.reserved {
            if self.running() >= reserved {
                return Err(Throttle::ReservedConcurrency);
            }
            if is_counted && !self.reserved_requests.take(now.wall) {
                return Err(Throttle::ReservedRequestRate);
            }
        }
        if self.provisioned.take(is_counted, now) {
            return Ok(Place::Waiting(self.run(now, now.scenario, true)));
        }
        if self.config.reserved.is_none() {
            account.check(is_counted, now)?;
        }
        let place = if let Some(created_at) = self.idle.take(self.keep(), now) {
            Place::Waiting(self.run(now, created_at, false))
        } else if self.scale_up.take(now.scenario) {
            Place::New(self.run(now, now.scenario, false))
        } else {
            return Err(Throttle::ScaleUp);
        };
        self.running_on_demand += 1;
        if self.config.reserved.is_none() {
            account.take_in(1);
        }
        self.running_max = self.running_max.max(self.running());
        Ok(place)
    }

    fn run(&mut self, now: Moment, created_at: Duration, is_provisioned: bool) -> Environment {
        self.usage.requests += 1;
        self.running_max = self.running_max.max(self.running());
        Environment { created_at, began_at: now.wall, init: Duration::ZERO, is_provisioned }
    }

    fn start(&mut self, mut environment: Environment, uniform: f64) -> Start {
        let init = self.config.cold_start.init(uniform);
        let first_call = self.config.cold_start.runtime.first_call(self.config.memory_mb);
        self.usage.cold_starts += 1;
        environment.init = init;
        Start::Cold { environment, init, first_call }
    }

    /// Ends a request: bills it, and keeps its environment for the next one.
    pub fn end(&mut self, account: &mut Account, now: Moment, environment: Environment) {
        let created_at = environment.created_at;
        if !self.finish(account, now, environment) {
            self.idle.put(created_at, now);
        }
    }

    /// Ends a request whose environment is no good any more: it timed out, or crashed. A
    /// provisioned one is replaced at once: an assumption.
    pub fn lose(&mut self, account: &mut Account, now: Moment, environment: Environment) {
        self.finish(account, now, environment);
    }

    /// Ends a request, and says whether it was a provisioned environment's.
    #[expect(clippy::needless_pass_by_value, reason = "an environment is given back once")]
    fn finish(&mut self, account: &mut Account, now: Moment, environment: Environment) -> bool {
        let busy = now.wall.saturating_sub(environment.began_at);
        let Environment { init, is_provisioned, .. } = environment;
        self.usage.bill(self.config.memory_mb, busy, init.min(busy), is_provisioned);
        if is_provisioned {
            self.provisioned.running -= 1;
        } else {
            self.running_on_demand -= 1;
            if self.config.reserved.is_none() {
                account.let_go(1);
            }
        }
        is_provisioned
    }

    /// Reserves concurrency, or gives the reservation up. What runs goes on.
    ///
    /// # Errors
    /// When the account can't set that much aside.
    pub fn set_reserved(
        &mut self,
        account: &mut Account,
        reserved: Option<u32>,
        now: Moment,
    ) -> Result<(), OverReserved> {
        let config = FunctionConfig { reserved, ..self.config };
        account.set_aside(self.config.set_aside(), config.set_aside(), now)?;
        match (self.config.reserved, reserved) {
            (None, Some(_)) => account.let_go(self.running_on_demand),
            (Some(_), None) => account.take_in(self.running_on_demand),
            _ => {}
        }
        if self.config.reserved != reserved {
            self.reserved_requests = request_rate(reserved.unwrap_or(0), now);
        }
        self.config = config;
        Ok(())
    }

    /// Asks for `provisioned` environments ahead of requests.
    ///
    /// # Errors
    /// When the account can't set that much aside.
    pub fn set_provisioned(
        &mut self,
        account: &mut Account,
        provisioned: u32,
        now: Moment,
    ) -> Result<(), OverReserved> {
        let config = FunctionConfig { provisioned, ..self.config };
        account.set_aside(self.config.set_aside(), config.set_aside(), now)?;
        self.provisioned.set_target(provisioned, now);
        self.config = config;
        Ok(())
    }

    /// What it is like now.
    #[must_use]
    pub const fn config(&self) -> &FunctionConfig {
        &self.config
    }

    /// Requests that run.
    #[must_use]
    pub const fn running(&self) -> u32 {
        self.running_on_demand + self.provisioned.running
    }

    /// Requests that ran at once, at the most.
    #[must_use]
    pub const fn running_max(&self) -> u32 {
        self.running_max
    }

    /// Environments that there are, busy or waiting, provisioned or not.
    #[must_use]
    pub fn environments(&mut self, now: Moment) -> u32 {
        let provisioned = self.provisioned.allocated(now).max(self.provisioned.running);
        provisioned + self.running_on_demand + self.idle.count(self.keep(), now)
    }

    /// Provisioned environments: asked for, and there.
    #[must_use]
    pub fn provisioned(&self, now: Moment) -> (u32, u32) {
        (self.provisioned.target(), self.provisioned.allocated(now))
    }

    /// What it has done, and is billed for.
    #[must_use]
    pub fn usage(&mut self, now: Moment) -> Usage {
        let gb = f64::from(self.config.memory_mb) / 1_024.0;
        Usage { allocated_gb_s: self.provisioned.count(now) * gb, ..self.usage }
    }

    const fn keep(&self) -> Keep {
        Keep { idle: self.config.idle_reclaim, life: self.config.lifetime }
    }
}

/// Where a request runs.
enum Place {
    Waiting(Environment),
    New(Environment),
}

#[cfg(test)]
mod tests;
