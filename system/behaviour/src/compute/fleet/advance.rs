//! What happens to a fleet: due times and commands.
//!
//! Invariant: nothing is launched or chosen here; that is `reconcile`, after every advance.

use std::time::Duration;

use super::super::roster::{Due, Phase, Purpose};
use super::super::spot::NOTICE;
use super::super::{Capacity, Cause, TaskId, Zone};
use super::{Command, Fleet};

impl Fleet {
    /// Plays what is due at `at`: due times in order, then commands in order.
    pub(super) fn advance(&mut self, at: Duration, random: &mut dyn FnMut() -> f64) {
        while let Some((id, due)) = self.roster.due(at) {
            self.fall_due(at, id, due, random);
        }
        while self.inbox.front().is_some_and(|(due, _)| *due <= at) {
            if let Some((_, command)) = self.inbox.pop_front() {
                self.obey(at, command, random);
            }
        }
    }

    fn fall_due(&mut self, at: Duration, id: TaskId, due: Due, random: &mut dyn FnMut() -> f64) {
        match due {
            Due::Started => self.start(at, id, random),
            Due::Checked => self.enter(at, id),
            Due::Warmed => self.roster.alter(id, |task| {
                task.warming = false;
                task.timer = None;
            }),
            Due::Ended => self.end(at, id),
            Due::AtRisk => self.signal(at, id),
            Due::Noticed => self.notice(at, id),
        }
    }

    fn obey(&mut self, at: Duration, command: Command, random: &mut dyn FnMut() -> f64) {
        match command {
            Command::Begin => self.fix_interruptions(at, random),
            Command::Desired(desired) => self.target = desired,
            Command::Kill(id) => self.lose(at, id, Cause::Killed),
            Command::KillShare(share) => {
                for id in self.draw(share, |_| true, random) {
                    self.lose(at, id, Cause::Killed);
                }
            }
            Command::LoseZone(zone) => self.take_down(at, zone),
            Command::RestoreZone(zone) => self.up[zone.index()] = true,
            Command::ReclaimSpot(share) => {
                for id in self.draw(share, |capacity| capacity == Capacity::Spot, random) {
                    self.signal(at, id);
                }
            }
            Command::SpotAvailable(available) => self.spot_available = available,
            Command::Unhealthy(id) => self.condemn(at, id),
            Command::Idle(id) => self.let_go(at, id),
            Command::FailStarts(failing) => self.failing_starts = failing,
            Command::NewTemplate => {
                self.template += 1;
                self.rules.new_template(at);
            }
        }
    }

    fn start(&mut self, at: Duration, id: TaskId, random: &mut dyn FnMut() -> f64) {
        self.rules.started(at, self.failing_starts);
        if self.failing_starts {
            self.owed[Cause::FailedStart as usize] += 1;
            self.roster.stop(at, id, Cause::FailedStart, false);
            return;
        }
        let checked = at + self.profile.balancer.first_pass(random());
        self.roster.start(id, checked, at + self.profile.health_grace);
    }

    fn enter(&mut self, at: Duration, id: TaskId) {
        let Some(task) = self.roster.get(id) else { return };
        if task.purpose == Purpose::Rebalance {
            self.moved += 1;
        }
        let health_from = if self.profile.grace_from_start {
            task.health_from
        } else {
            at + self.profile.health_grace
        };
        self.roster.enter(at, id, at + self.profile.warm_up, health_from);
    }

    fn end(&mut self, at: Duration, id: TaskId) {
        if let Some(Phase::Draining { cause, counted }) = self.roster.get(id).map(|task| task.phase)
        {
            if counted {
                self.owed[cause as usize] += 1;
            }
            self.roster.stop(at, id, cause, false);
        }
    }

    /// The interruption of a Spot task begins: with a rebalance recommendation where those are
    /// followed and come early, else with the notice.
    fn signal(&mut self, at: Duration, id: TaskId) {
        match self.profile.rebalance_lead {
            Some(lead) if !lead.is_zero() => self.roster.alter(id, |task| {
                // One that was already signalled keeps its earlier notice.
                if !task.at_risk {
                    task.at_risk = true;
                    task.interruption = Some((at + lead, Due::Noticed));
                }
            }),
            _ => self.notice(at, id),
        }
    }

    fn notice(&mut self, at: Duration, id: TaskId) {
        let counted = !self.profile.replaces_interrupted_at_notice;
        if !counted {
            self.owed[Cause::SpotReclaimed as usize] += 1;
        }
        self.roster.drain(at, id, at + NOTICE, Cause::SpotReclaimed, counted);
    }

    /// A task ends without draining.
    fn lose(&mut self, at: Duration, id: TaskId, cause: Cause) {
        let Some(task) = self.roster.get(id) else { return };
        // One that drains is missed only where the group still counts on it.
        if !matches!(task.phase, Phase::Draining { counted: false, .. }) {
            self.owed[cause as usize] += 1;
        }
        self.roster.stop(at, id, cause, true);
    }

    fn take_down(&mut self, at: Duration, zone: Zone) {
        self.up[zone.index()] = false;
        self.rules.lose_zone(zone);
        let lost: Vec<_> =
            self.roster.iter().filter(|(_, task)| task.zone == zone).map(|(id, _)| id).collect();
        for id in lost {
            self.lose(at, id, Cause::ZoneLost);
        }
    }

    fn condemn(&mut self, at: Duration, id: TaskId) {
        let counts = self
            .roster
            .get(id)
            .is_some_and(|task| task.phase == Phase::InService && at >= task.health_from);
        if counts {
            self.roster.alter(id, |task| task.unhealthy = true);
        }
    }

    fn let_go(&mut self, at: Duration, id: TaskId) {
        let phase = self.roster.get(id).map(|task| task.phase);
        if let Some(Phase::Draining { cause, .. }) = phase
            && cause != Cause::SpotReclaimed
        {
            self.end(at, id);
        }
    }

    fn fix_interruptions(&mut self, at: Duration, random: &mut dyn FnMut() -> f64) {
        let spot: Vec<_> = self
            .roster
            .iter()
            .filter(|(_, task)| task.capacity == Capacity::Spot)
            .map(|(id, _)| id)
            .collect();
        for id in spot {
            let after = self.profile.spot.time_to_interruption(random());
            let interruption = after.map(|after| (at + after, Due::AtRisk));
            self.roster.alter(id, |task| task.interruption = interruption);
        }
    }

    /// A share of the active tasks of the capacities wanted, rounded to whole tasks, at random.
    fn draw(
        &self,
        share: f64,
        wanted: impl Fn(Capacity) -> bool,
        random: &mut dyn FnMut() -> f64,
    ) -> Vec<TaskId> {
        let mut ids: Vec<_> = self
            .roster
            .iter()
            .filter(|(_, task)| task.is_active() && wanted(task.capacity))
            .map(|(id, _)| id)
            .collect();
        let count = (ids.len() as f64 * share.clamp(0.0, 1.0)).round() as usize;
        for taken in 0..count {
            let left = ids.len() - taken;
            let offset = ((random() * left as f64) as usize).min(left - 1);
            ids.swap(taken, taken + offset);
        }
        ids.truncate(count);
        ids
    }
}
