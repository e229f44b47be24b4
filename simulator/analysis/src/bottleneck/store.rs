//! Tables and functions that were throttled, queues that grew, and the provider of messages.

use securecart_record::{RunRecord, format};

use super::{Class, Path, Suspect};
use crate::span::{at, timed, wall};

/// Seconds of its own inflow that a queue may hold before its backlog has grown. An assumption.
const BEHIND_S: f64 = 10.0;

/// Share of what the notification service handles that may fail. An assumption.
const FAILED_SHARE_MAX: f64 = 0.05;

pub(super) fn suspects(record: &RunRecord, path: &Path) -> Vec<Suspect> {
    let totals = &record.totals;
    let tables = totals.tables.iter().map(|table| table.table.as_str());
    let functions = totals.functions.iter().map(|function| function.function.as_str());
    let queues = totals.queues.iter().map(|queue| queue.queue.as_str());
    tables
        .filter(|name| path.has_table(name))
        .filter_map(|name| table(record, name))
        .chain(
            functions
                .filter(|name| path.has_service(name))
                .filter_map(|name| function(record, name)),
        )
        .chain(queues.filter(|name| path.has_queue(name)).filter_map(|name| queue(record, name)))
        .chain(provider(record, path))
        .collect()
}

/// How often something happened, for how many wall seconds, and when most of it did.
#[derive(Debug, Default)]
struct Spell {
    count: u64,
    seconds: f64,
    most: u64,
    most_scenario_s: f64,
}

impl Spell {
    /// Of the samples' `counts`: an interval's count, its length, its end in scenario time.
    fn of(counts: impl Iterator<Item = (u64, f64, f64)>) -> Option<Self> {
        let mut spell = Self::default();
        for (count, seconds, scenario_s) in counts.filter(|(count, ..)| *count > 0) {
            spell.count = spell.count.saturating_add(count);
            spell.seconds += seconds;
            if count > spell.most {
                (spell.most, spell.most_scenario_s) = (count, scenario_s);
            }
        }
        (spell.count > 0).then_some(spell)
    }

    fn when(&self) -> String {
        format!("within {}, most of them at {}", wall(self.seconds), at(self.most_scenario_s))
    }
}

fn table(record: &RunRecord, name: &str) -> Option<Suspect> {
    let totals = record.totals.tables.iter().find(|table| table.table == name)?;
    let counts = timed(record).filter_map(|(sample, seconds)| {
        let table = sample.tables.iter().find(|table| table.table == name)?;
        let throttled = table.throttled_reads.saturating_add(table.throttled_writes);
        Some((throttled, seconds, sample.scenario_s))
    });
    let spell = Spell::of(counts)?;
    let evidence = format!(
        "table {name} throttled {} reads and {} writes {}",
        format::count(totals.throttled_reads),
        format::count(totals.throttled_writes),
        spell.when(),
    );
    Some(Suspect::new(Class::Capacity, spell.seconds, &format!("table/{name}"), evidence))
}

fn function(record: &RunRecord, name: &str) -> Option<Suspect> {
    let totals = record.totals.functions.iter().find(|function| function.function == name)?;
    let counts = timed(record).filter_map(|(sample, seconds)| {
        let function = sample.functions.iter().find(|function| function.function == name)?;
        Some((function.throttles, seconds, sample.scenario_s))
    });
    let spell = Spell::of(counts)?;
    let evidence = format!(
        "function {name} was throttled {} times {}; at most {} ran at once",
        format::count(spell.count),
        spell.when(),
        format::count(totals.concurrent_max),
    );
    Some(Suspect::new(Class::Capacity, spell.seconds, &format!("function/{name}"), evidence))
}

fn queue(record: &RunRecord, name: &str) -> Option<Suspect> {
    let of = |sample: &securecart_record::Sample| {
        sample.queues.iter().find(|queue| queue.queue == name).cloned()
    };
    let (mut sent, mut all_s, mut deepest) = (0.0, 0.0, None::<(u64, u64, f64)>);
    for (sample, seconds) in timed(record) {
        let Some(now) = of(sample) else { continue };
        sent += now.sent as f64;
        all_s += seconds;
        if deepest.is_none_or(|(visible, ..)| now.visible > visible) {
            deepest = Some((now.visible, now.oldest_age_ms, sample.scenario_s));
        }
    }
    let (visible, oldest_age_ms, scenario_s) = deepest?;
    let sent_a_second = if all_s > 0.0 { sent / all_s } else { 0.0 };
    let behind_s = visible as f64 / sent_a_second.max(1.0);
    (behind_s > BEHIND_S).then(|| {
        let age = if record.run.has_queue_ages() {
            let age = format::latency_us(oldest_age_ms.saturating_mul(1_000));
            format!(", the oldest {age} old (wall)")
        } else {
            String::new()
        };
        let evidence = format!(
            "the backlog of queue {name} grew to {} messages at {}{age}",
            format::count(visible),
            at(scenario_s),
        );
        Suspect::new(Class::Backlog, behind_s, &format!("queue/{name}"), evidence)
    })
}

/// The provider of e-mail and SMS: who it refuses fails in the notification service.
fn provider(record: &RunRecord, path: &Path) -> Option<Suspect> {
    let service = record.totals.services.iter().find(|service| service.service == "notifications");
    let totals = service.filter(|_| path.has_notifications())?;
    let share = totals.failed as f64 / totals.handled.max(1) as f64;
    (share > FAILED_SHARE_MAX).then(|| {
        let evidence = format!(
            "the provider of e-mail and SMS failed {} of {} attempts of notifications ({})",
            format::count(totals.failed),
            format::count(totals.handled),
            format::share(share.min(1.0)),
        );
        Suspect::new(Class::Capacity, share, "notification-provider", evidence)
    })
}
