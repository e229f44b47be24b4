//! Services that had too few tasks.

use std::collections::{BTreeMap, BTreeSet};

use securecart_record::{RunRecord, Sample, ServiceSample, format};

use super::{Class, Path, Suspect};
use crate::{
    elasticity::is_saturated,
    span::{at, service, timed, wall},
};

/// Every service on `path` that had less than its load asked for and was full meanwhile.
pub(super) fn suspects(
    record: &RunRecord,
    path: &Path,
    maxima: &BTreeMap<String, u32>,
) -> Vec<Suspect> {
    let samples = record.samples.iter().flat_map(|sample| &sample.services);
    let names: BTreeSet<&str> = samples.map(|sample| sample.service.as_str()).collect();
    let on_path = names.into_iter().filter(|name| path.has_service(name));
    on_path.filter_map(|name| suspect(record, name, maxima.get(name).copied())).collect()
}

fn suspect(record: &RunRecord, name: &str, maximum: Option<u32>) -> Option<Suspect> {
    let trouble = Trouble::of(record, name, maximum);
    let weight = trouble.short_s.max(trouble.turning_away_s);
    let evidence = trouble.evidence(name, maximum)?;
    Some(Suspect::new(Class::Capacity, weight, name, evidence))
}

/// When and how much a service was short.
#[derive(Debug, Default)]
struct Trouble {
    /// Wall seconds with fewer tasks than needed and no room in them.
    short_s: f64,
    /// Wall seconds of those at the maximum.
    at_maximum_s: f64,
    /// Wall seconds in which work was turned away.
    turning_away_s: f64,
    /// Requests turned away.
    turned_away: u64,
    /// The busiest processors meanwhile, 0 to 1.
    cpu: f64,
    /// The worst moment: missing tasks, tasks in service, tasks needed, scenario seconds.
    worst: Option<(u32, u32, u32, f64)>,
}

impl Trouble {
    fn of(record: &RunRecord, name: &str, maximum: Option<u32>) -> Self {
        let mut trouble = Self::default();
        for (sample, seconds) in timed(record) {
            if let Some(now) = service(sample, name) {
                trouble.add(sample, now, seconds, maximum);
            }
        }
        trouble
    }

    fn add(&mut self, sample: &Sample, now: &ServiceSample, seconds: f64, maximum: Option<u32>) {
        self.turned_away += now.turned_away;
        if now.turned_away > 0 {
            self.turning_away_s += seconds;
        }
        let missing = now.demand.saturating_sub(now.tasks);
        if missing == 0 || !has_no_room(now) {
            return;
        }
        self.short_s += seconds;
        self.cpu = self.cpu.max(now.cpu);
        if maximum.is_some_and(|maximum| now.tasks >= maximum) {
            self.at_maximum_s += seconds;
        }
        if self.worst.is_none_or(|(worst, ..)| missing > worst) {
            self.worst = Some((missing, now.tasks, now.demand, sample.scenario_s));
        }
    }

    fn evidence(&self, name: &str, maximum: Option<u32>) -> Option<String> {
        let turned_away = match self.turned_away {
            0 => String::new(),
            count => format!("; {} requests were turned away", format::count(count)),
        };
        let Some((_, tasks, needed, scenario_s)) = self.worst else {
            return (self.turned_away > 0).then(|| {
                let seconds = wall(self.turning_away_s);
                let count = format::count(self.turned_away);
                format!("{name} turned {count} requests away within {seconds}: no slot was free")
            });
        };
        let cpu = if self.cpu > 0.0 {
            format!(" with CPU at {:.0} %", self.cpu * 100.0)
        } else {
            String::new()
        };
        let when = at(scenario_s);
        let sentence = match maximum.filter(|_| self.at_maximum_s > 0.0) {
            Some(maximum) => format!(
                "{name} was at its maximum of {} for {}{cpu}; {needed} were needed at {when}",
                tasks_of(maximum),
                wall(self.at_maximum_s),
            ),
            None => format!(
                "{name} was short of tasks for {}{cpu}: {tasks} in service and {needed} needed at \
                 {when}",
                wall(self.short_s),
            ),
        };
        Some(sentence + &turned_away)
    }
}

fn tasks_of(count: u32) -> String {
    format!("{count} task{}", if count == 1 { "" } else { "s" })
}

/// Whether nothing more fits into the tasks there are.
fn has_no_room(now: &ServiceSample) -> bool {
    is_saturated(now) || now.waiting > 0
}
