//! Fleets driven from outside, as a run drives them.

mod auto_scaling;
mod fargate;
mod properties;

use std::collections::BTreeMap;
use std::time::Duration;

use super::ecs::LaunchBudget;
use super::*;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A fleet, the account's budget and a stream of random numbers; it checks every event against the
/// life of its task.
struct Rig {
    fleet: Fleet,
    budget: LaunchBudget,
    state: u64,
    events: Vec<Event>,
    lives: BTreeMap<TaskId, Life>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Life {
    Pending,
    InService,
    Draining,
    Stopped,
}

impl Rig {
    fn new(fleet: Fleet) -> Self {
        let budget = LaunchBudget::new(Duration::ZERO);
        Self { fleet, budget, state: 7, events: Vec::new(), lives: BTreeMap::new() }
    }

    fn ecs(settings: ecs::Settings, desired: u32) -> Self {
        Self::new(Fleet::ecs(settings, desired, Duration::ZERO))
    }

    fn ec2(settings: ec2::Settings, desired: u32) -> Self {
        Self::new(Fleet::ec2(settings, desired, Duration::ZERO))
    }

    /// Steps to `now` and returns what happened since the last step.
    fn step(&mut self, now: Duration) -> Vec<Event> {
        let state = &mut self.state;
        let mut random = || {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (*state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let events = self.fleet.step(now, &mut self.budget, &mut random);
        for event in &events {
            assert!(self.events.last().is_none_or(|last| last.at <= event.at), "in time order");
            assert!(event.at <= now);
            self.live(event.change);
            self.events.push(*event);
        }
        events
    }

    fn live(&mut self, change: Change) {
        let (id, next, from): (_, _, &[_]) = match change {
            Change::Launching { id, .. } => {
                assert_eq!(id.0, self.lives.len() as u64, "dense");
                assert_eq!(self.lives.insert(id, Life::Pending), None);
                return;
            }
            Change::Held { .. } => return,
            Change::InService { id } => (id, Life::InService, &[Life::Pending]),
            Change::Draining { id, .. } => (id, Life::Draining, &[Life::Pending, Life::InService]),
            Change::Stopped { id, .. } => {
                (id, Life::Stopped, &[Life::Pending, Life::InService, Life::Draining])
            }
        };
        let life = self.lives.get_mut(&id).expect("launched");
        assert!(from.contains(life), "{id:?}: {life:?} to {next:?}");
        *life = next;
    }

    fn count(&self, life: Life) -> u32 {
        self.lives.values().filter(|other| **other == life).count() as u32
    }

    /// What the events say is what the fleet says.
    fn assert_conserved(&self) {
        assert_eq!(self.fleet.pending(), self.count(Life::Pending));
        assert_eq!(self.fleet.draining(), self.count(Life::Draining));
        assert!(self.fleet.in_service() <= self.count(Life::InService));
        assert_eq!(
            self.fleet.zones().iter().sum::<u32>(),
            self.count(Life::Pending) + self.count(Life::InService)
        );
    }

    fn in_service_ids(&self) -> Vec<TaskId> {
        self.lives.iter().filter(|(_, life)| **life == Life::InService).map(|(id, _)| *id).collect()
    }
}

fn launches(events: &[Event]) -> Vec<(Duration, Cause)> {
    events
        .iter()
        .filter_map(|event| match event.change {
            Change::Launching { cause, .. } => Some((event.at, cause)),
            _ => None,
        })
        .collect()
}

fn stops(events: &[Event]) -> Vec<(Duration, Cause, bool)> {
    events
        .iter()
        .filter_map(|event| match event.change {
            Change::Stopped { cause, abrupt, .. } => Some((event.at, cause, abrupt)),
            _ => None,
        })
        .collect()
}

fn drains(events: &[Event]) -> Vec<(Duration, TaskId, Duration, Cause)> {
    events
        .iter()
        .filter_map(|event| match event.change {
            Change::Draining { id, until, cause } => Some((event.at, id, until, cause)),
            _ => None,
        })
        .collect()
}

fn entries(events: &[Event]) -> Vec<Duration> {
    let entered = |event: &Event| matches!(event.change, Change::InService { .. });
    events.iter().filter(|event| entered(event)).map(|event| event.at).collect()
}

fn holds(events: &[Event]) -> Vec<(Duration, Hold, u32)> {
    events
        .iter()
        .filter_map(|event| match event.change {
            Change::Held { reason, wanted } => Some((event.at, reason, wanted)),
            _ => None,
        })
        .collect()
}

fn spread(zones: [u32; 3]) -> u32 {
    zones.into_iter().max().unwrap_or(0) - zones.into_iter().min().unwrap_or(0)
}
