//! Faults: what a plan breaks, when, and that it is whole again afterwards.
//!
//! ```text
//! Plan.faults ─▶ begin ─▶ fleets, AWS calls, queues, the provider ─▶ end ─▶ journal
//! ```
//!
//! Invariants: a fault that lasts is undone at its end, and also when the run ends before; its
//! effect is counted, not assumed.

mod inject;
mod machines;
mod poison;

use std::{sync::Arc, time::Duration};

use securecart_cloud::{Cloud, EventDelays, Resources, Role};
use securecart_record::SkippedFault;
use securecart_scenario::{Fault, Plan, Redrive};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    data::Data, run::Stage, scaling::Journal, shop::Shop, tiers::Machines, time::ScenarioTime,
};
use inject::Injected;

/// Plays the faults of a plan.
pub(crate) struct Faults {
    plan: Arc<Plan>,
    site: Site,
    time: ScenarioTime,
    journal: Arc<Journal>,
}

/// What can be broken.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) cloud: Arc<Cloud>,
    pub(super) shop: Arc<Shop>,
    pub(super) event_delays: Arc<EventDelays>,
    pub(super) resources: Resources,
    pub(super) data: Arc<Data>,
    pub(super) machines: Option<Arc<Machines>>,
    pub(super) seed: u64,
}

/// Something that is to happen at a time of the scenario.
enum Event {
    Begin(Fault),
    End(usize),
    Redrive(Redrive),
}

/// A fault that is on.
struct On {
    injected: Injected,
    place: usize,
}

impl Faults {
    pub(crate) fn new(stage: &Stage, shop: Arc<Shop>, journal: Arc<Journal>) -> Self {
        let site = Site {
            cloud: Arc::clone(&stage.cloud),
            shop,
            event_delays: Arc::clone(&stage.event_delays),
            resources: stage.resources.clone(),
            data: Arc::clone(&stage.data),
            machines: stage.machines.clone(),
            seed: stage.plan.seed,
        };
        Self { plan: Arc::clone(&stage.plan), site, time: stage.time.clone(), journal }
    }

    /// Plays the faults inside the window until `stop`, and undoes what is still on then.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut agenda = self.agenda();
        let mut on: Vec<Option<On>> = Vec::new();
        while let Some((at_s, event)) = agenda.pop() {
            if !self.reached(at_s, &stop).await {
                break;
            }
            match event {
                Event::Begin(fault) => {
                    let length_s = fault.length_s;
                    let fault = self.begin(fault).await;
                    if length_s > 0.0 {
                        on.push(Some(fault));
                        insert(&mut agenda, at_s + length_s, Event::End(on.len() - 1));
                    } else {
                        self.end(fault).await;
                    }
                }
                Event::End(index) => {
                    if let Some(fault) = on[index].take() {
                        self.end(fault).await;
                    }
                }
                Event::Redrive(redrive) => self.redrive(&redrive).await,
            }
        }
        for fault in on.into_iter().flatten() {
            self.end(fault).await;
        }
    }

    /// Everything that happens inside the window, the next last.
    fn agenda(&self) -> Vec<(f64, Event)> {
        let window = self.plan.window;
        let mut agenda = Vec::new();
        for fault in self.plan.faults.iter().filter(|fault| window.plays(fault.at_s)) {
            insert(&mut agenda, fault.at_s, Event::Begin(fault.clone()));
        }
        for redrive in self.plan.redrives.iter().filter(|redrive| window.plays(redrive.at_s)) {
            insert(&mut agenda, redrive.at_s, Event::Redrive(redrive.clone()));
        }
        agenda
    }

    /// Waits for a time of the scenario; `false` when the run ended before.
    async fn reached(&self, scenario_s: f64, stop: &CancellationToken) -> bool {
        loop {
            let wait_s = self.time.wall_s_of(scenario_s) - self.time.wall_s();
            if wait_s <= 0.0 && self.time.has_begun() {
                return true;
            }
            // Until the first shopper comes the clock stands, so it is looked at again.
            let wait = Duration::from_secs_f64(wait_s.clamp(0.001, 0.1));
            tokio::select! {
                () = stop.cancelled() => return false,
                () = tokio::time::sleep_until(Instant::now() + wait) => {}
            }
        }
    }

    async fn begin(&self, fault: Fault) -> On {
        let length_s = fault.length_s;
        let wall = Duration::from_secs_f64(length_s / self.time.speed());
        let (kind, radius) = (fault.kind.as_str(), fault.kind.radius());
        let injected = Injected::begin(self.site.clone(), fault.kind, wall).await;
        let place = self.journal.fault_begins(kind, radius, length_s, injected.effect());
        On { injected, place }
    }

    async fn end(&self, fault: On) {
        let effect = fault.injected.end().await;
        self.journal.fault_ends(fault.place, Some(effect));
    }

    /// Sends the dead letters of a queue back to it, as an operator would.
    async fn redrive(&self, redrive: &Redrive) {
        let queue = &redrive.queue;
        let clients = self.site.cloud.clients(Role::Harness);
        let text = match securecart_cloud::redrive(&clients, queue).await {
            Ok(redrive) => format!("redrive: {} dead letters went back to {queue}", redrive.moved),
            Err(error) => format!("redrive: the dead letters of {queue} stayed: {error}"),
        };
        self.journal.mark(text);
    }
}

/// The faults of `plan` that are not played, for the record.
pub(crate) fn skipped(plan: &Plan) -> Vec<SkippedFault> {
    let skipped = plan.skipped_faults().map(|fault| SkippedFault {
        kind: fault.kind.as_str().to_owned(),
        radius: fault.kind.radius(),
        start_scenario_s: fault.at_s,
        end_scenario_s: (fault.length_s > 0.0).then_some(fault.at_s + fault.length_s),
    });
    skipped.collect()
}

/// Puts `event` in its place; of those at the same time, what was there first comes first.
fn insert(agenda: &mut Vec<(f64, Event)>, at_s: f64, event: Event) {
    let place = agenda.partition_point(|(other_s, _)| *other_s > at_s);
    agenda.insert(place, (at_s, event));
}

#[cfg(test)]
mod tests {
    use securecart_scenario::{Overrides, Scenario};

    use super::*;

    #[test]
    fn faults_outside_of_what_is_played_are_kept_for_the_record() {
        let shipped = securecart_scenario::find("poison-messages").expect("it is shipped");
        let scenario = Scenario::parse("poison-messages", shipped.text).expect("it is valid");
        let whole = scenario.plan(&Overrides::default()).expect("a plan");
        assert_eq!(skipped(&whole), []);
        let last_s = whole.faults.last().expect("it has faults").at_s;
        let window = whole.window;
        let duration_wall_s = Some((last_s - window.start_s) / window.speed);
        let part = scenario.plan(&Overrides { duration_wall_s, ..Overrides::default() });
        let part = part.expect("a plan");
        let skipped = skipped(&part);
        assert_eq!(skipped.len(), 1, "it begins in the second in which the window ends");
        assert_eq!(
            (skipped[0].kind.as_str(), skipped[0].start_scenario_s),
            ("consumer-stop", last_s)
        );
        assert!(skipped[0].end_scenario_s.is_some_and(|end_s| end_s > last_s));
    }
}
