//! What a fleet does about it: bring what is there to what is desired.
//!
//! Order: terminate the unhealthy (EC2), take away what is too much, launch what is missing, launch
//! replacements for what still runs, even out the zones, keep the warm pool.
//!
//! Invariant: every loop here ends, since each turn launches, ends or refuses a task.

use std::time::Duration;

use super::super::ecs::LaunchBudget;
use super::super::roster::{Launch, Purpose};
use super::super::{Capacity, Cause, Change, Hold, MAX_TASKS, TaskId, Zone};
use super::{Fleet, Refusal};

/// A rate hold is told when its last launch waits this long.
const TOLD_FROM: Duration = Duration::from_secs(1);

/// The least step between two attempts: the rounding of a token bucket's wait.
const TICK: Duration = Duration::from_micros(1);

/// A launch that is tried.
struct Attempt {
    capacity: Capacity,
    /// The emptiest one when unset.
    zone: Option<Zone>,
    cause: Cause,
    purpose: Purpose,
}

impl Fleet {
    pub(super) fn reconcile(
        &mut self,
        at: Duration,
        budget: &mut LaunchBudget,
        random: &mut dyn FnMut() -> f64,
    ) {
        self.retry = None;
        self.refused = None;
        if !self.profile.replaces_unhealthy_first {
            self.terminate_unhealthy(at);
        }
        self.trim(at);
        self.fill(at, budget, random);
        self.replace(at, budget, random);
        self.even_out(at, budget, random);
        self.rules.keep_pool(at, self.target, self.up, random);
        self.tell_hold(at);
    }

    /// EC2: at most a tenth of the group, or one, is out of service for it (sheet 3.2, unhealthy
    /// replace).
    fn terminate_unhealthy(&mut self, at: Duration) {
        let most = (self.target / 10).max(1);
        while let Some(id) = self.roster.unhealthy() {
            if self.target.saturating_sub(self.roster.counts().serving) >= most {
                break;
            }
            self.owed[Cause::Unhealthy as usize] += 1;
            self.release(at, id, Cause::Unhealthy);
        }
    }

    fn trim(&mut self, at: Duration) {
        loop {
            let base = self.base();
            if base.iter().sum::<u32>() <= self.target {
                break;
            }
            let Some((id, cause)) = self.choose(at, base) else { break };
            self.release(at, id, cause);
        }
        self.moved = 0;
    }

    fn fill(&mut self, at: Duration, budget: &mut LaunchBudget, random: &mut dyn FnMut() -> f64) {
        let mut blocked = [false; 2];
        loop {
            let base = self.base();
            let missing = self.target.saturating_sub(base.iter().sum());
            if missing == 0 {
                self.owed.fill(0);
                return;
            }
            let wanted = self.wanted();
            let capacity = Capacity::BOTH.into_iter().find(|capacity| {
                let i = capacity.index();
                !blocked[i] && base[i] < wanted[i]
            });
            let Some(capacity) = capacity else { return };
            let cause = self.cause_of_launch();
            let attempt = Attempt { capacity, zone: None, cause, purpose: Purpose::Wanted };
            match self.launch(at, &attempt, budget, random) {
                Ok(()) => self.owed[cause as usize] = self.owed[cause as usize].saturating_sub(1),
                Err(refusal) => {
                    blocked[capacity.index()] = true;
                    self.note(at, refusal, missing);
                }
            }
        }
    }

    /// Launches what is to be in service before an unhealthy or endangered task goes.
    fn replace(
        &mut self,
        at: Duration,
        budget: &mut LaunchBudget,
        random: &mut dyn FnMut() -> f64,
    ) {
        let ceiling = self.rules.ceiling(self.target);
        for capacity in Capacity::BOTH {
            loop {
                let counts = self.roster.counts();
                let (has, needs) =
                    (counts.replacements[capacity.index()], self.condemned(capacity));
                if has >= needs || counts.active() >= ceiling {
                    break;
                }
                let cause = if self.profile.replaces_unhealthy_first {
                    Cause::Unhealthy
                } else {
                    Cause::SpotReclaimed
                };
                let attempt =
                    Attempt { capacity, zone: None, cause, purpose: Purpose::Replacement };
                if let Err(refusal) = self.launch(at, &attempt, budget, random) {
                    self.note(at, refusal, needs - has);
                    break;
                }
            }
        }
    }

    /// Moves tasks from the fullest zone to the emptiest, a tenth of the group at a time or one, the
    /// new one first (EC2 user guide, "rebalancing activities"; ECS since 2025, its margin is our
    /// assumption). Only when nothing else is under way.
    fn even_out(
        &mut self,
        at: Duration,
        budget: &mut LaunchBudget,
        random: &mut dyn FnMut() -> f64,
    ) {
        let counts = *self.roster.counts();
        let busy = counts.pending
            + counts.counted
            + counts.unhealthy.iter().sum::<u32>()
            + counts.at_risk.iter().sum::<u32>();
        if busy > 0 || counts.active() != self.target || self.refused.is_some() {
            return;
        }
        let mut zones = self.zones();
        for _ in 0..(self.target / 10).max(1) {
            let up = || Zone::ALL.into_iter().filter(|zone| self.up[zone.index()]);
            let (Some(fullest), Some(emptiest)) = (
                up().max_by_key(|zone| zones[zone.index()]),
                up().min_by_key(|zone| zones[zone.index()]),
            ) else {
                return;
            };
            if zones[fullest.index()] < zones[emptiest.index()] + 2 {
                return;
            }
            let Some(capacity) = self
                .roster
                .choose(at, fullest, Capacity::OnDemand)
                .and_then(|id| self.roster.get(id))
                .map(|task| task.capacity)
            else {
                return;
            };
            let attempt = Attempt {
                capacity,
                zone: Some(emptiest),
                cause: Cause::Rebalance,
                purpose: Purpose::Rebalance,
            };
            if let Err(refusal) = self.launch(at, &attempt, budget, random) {
                self.note(at, refusal, 1);
                return;
            }
            zones[fullest.index()] -= 1;
            zones[emptiest.index()] += 1;
        }
    }

    fn launch(
        &mut self,
        at: Duration,
        attempt: &Attempt,
        budget: &mut LaunchBudget,
        random: &mut dyn FnMut() -> f64,
    ) -> Result<(), Refusal> {
        let Attempt { capacity, zone, cause, purpose } = *attempt;
        let zones = Zone::ALL.into_iter().filter(|zone| self.up[zone.index()]);
        let emptiest = zones.min_by_key(|zone| self.roster.counts().staying_in(*zone));
        let zone = zone.or(emptiest).ok_or(Refusal::open(Hold::NoZone))?;
        if capacity == Capacity::Spot && !self.spot_available {
            return Err(Refusal::open(Hold::NoSpotCapacity));
        }
        if self.roster.len() >= 2 * MAX_TASKS as usize {
            return Err(Refusal::open(Hold::TooManyTasks));
        }
        self.rules.admit(at, capacity, budget)?;
        let start = self.rules.start_time(zone, capacity, random);
        let interruption = match capacity {
            Capacity::OnDemand => None,
            Capacity::Spot => self.profile.spot.time_to_interruption(random()),
        };
        let template = self.template;
        self.roster
            .launch(at, Launch { zone, capacity, cause, purpose, template, start, interruption });
        Ok(())
    }

    /// Lets go of a task: one in service drains, one that never was stops at once.
    fn release(&mut self, at: Duration, id: TaskId, cause: Cause) {
        if self.roster.get(id).is_some_and(|task| task.is_pending()) {
            self.roster.stop(at, id, cause, false);
        } else {
            self.roster.drain(at, id, at + self.profile.drain, cause, false);
        }
    }

    /// Which task to let go of, and why: unhealthy and endangered ones first, then by the zone with
    /// the most tasks.
    fn choose(&mut self, at: Duration, base: [u32; 2]) -> Option<(TaskId, Cause)> {
        if let Some(id) = self.roster.condemned() {
            let unhealthy = self.roster.get(id).is_some_and(|task| task.unhealthy);
            return Some((id, if unhealthy { Cause::Unhealthy } else { Cause::SpotReclaimed }));
        }
        let counts = self.roster.counts();
        let zone = Zone::ALL.into_iter().max_by_key(|zone| counts.active_in(*zone))?;
        let too_much_spot = base[Capacity::Spot.index()] > self.wanted()[Capacity::Spot.index()];
        let preferred = if too_much_spot { Capacity::Spot } else { Capacity::OnDemand };
        let id = self.roster.choose(at, zone, preferred)?;
        let cause = if self.moved > 0 { Cause::Rebalance } else { Cause::ScaleIn };
        self.moved = self.moved.saturating_sub(1);
        Some((id, cause))
    }

    /// What counts towards the desired count, by capacity: not what was launched ahead of an end
    /// that is still to come.
    fn base(&self) -> [u32; 2] {
        let counts = self.roster.counts();
        Capacity::BOTH.map(|capacity| {
            let i = capacity.index();
            let ahead =
                counts.replacements[i].min(self.condemned(capacity)) + counts.rebalancing[i];
            let leaving = if capacity == Capacity::Spot { counts.counted } else { 0 };
            counts.active_of(capacity) + leaving - ahead
        })
    }

    fn wanted(&self) -> [u32; 2] {
        let spot = self.profile.spot.wanted(self.target);
        [self.target - spot, spot]
    }

    /// Tasks that go when their replacement is in service.
    fn condemned(&self, capacity: Capacity) -> u32 {
        let counts = self.roster.counts();
        let i = capacity.index();
        let unhealthy = if self.profile.replaces_unhealthy_first { counts.unhealthy[i] } else { 0 };
        unhealthy + counts.at_risk[i]
    }

    fn cause_of_launch(&self) -> Cause {
        const LOSSES: [Cause; 5] = [
            Cause::Killed,
            Cause::ZoneLost,
            Cause::SpotReclaimed,
            Cause::Unhealthy,
            Cause::FailedStart,
        ];
        LOSSES.into_iter().find(|cause| self.owed[*cause as usize] > 0).unwrap_or(Cause::ScaleOut)
    }

    fn note(&mut self, at: Duration, refusal: Refusal, wanted: u32) {
        if let Some(again) = refusal.again {
            let again = again.max(at + TICK);
            self.retry = Some(self.retry.map_or(again, |retry| retry.min(again)));
        }
        if self.refused.is_none() && refusal.each.saturating_mul(wanted) >= TOLD_FROM {
            self.refused = Some((refusal.hold, wanted));
        }
    }

    fn tell_hold(&mut self, at: Duration) {
        let now = self.refused.map(|(hold, _)| hold);
        if now != self.holding
            && let Some((reason, wanted)) = self.refused
        {
            self.roster.tell(at, Change::Held { reason, wanted });
        }
        self.holding = now;
    }
}
