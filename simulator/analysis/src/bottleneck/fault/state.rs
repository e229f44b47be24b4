//! Faults in which what an objective counts grew: dead letters, backlogs, lag, misses of the cache.

use securecart_record::{RunRecord, Sample, format};

use super::{
    super::{Class, Path, Suspect},
    Kind,
};
use crate::{
    figures,
    span::{at, timed},
};

/// Share of what was counted that must have come with a fault. An assumption.
const SHARE_MIN: f64 = 0.5;

/// How far the hit ratio must be lower during a fault than outside of it. An assumption.
const COLDER_MIN: f64 = 0.1;

/// Messages that a backlog has at the least. An assumption.
const BACKLOG_MIN: u64 = 10;

/// Faults of what no consumer of a queue uses: those write to the primary and read no cache.
const BESIDE_QUEUES: [&str; 4] = ["cache-flush", "cache-node-loss", "replica-lag", "replica-loss"];

/// Dead letters that came after the fault began: a message is given up only after every delivery of
/// it has timed out, long after it was sent.
pub(super) fn dead_letters(record: &RunRecord, kind: &Kind<'_>, path: &Path) -> Option<Suspect> {
    let end = figures::dead_letters_in(record.samples.last()?);
    if !path.dead_letters || end == 0 {
        return None;
    }
    let before = record.samples.iter().rev().find(|sample| sample.at_s <= kind.start_s());
    let came = end.saturating_sub(before.map_or(0, |sample| figures::dead_letters_in(sample)));
    let share = came as f64 / end as f64;
    (share >= SHARE_MIN).then(|| {
        let evidence = format!(
            "{} of {} dead letters came after {} began{}",
            format::count(came),
            format::count(end),
            kind.describe(),
            kind.effect(),
        );
        // What is made to be unreadable is the likelier cause.
        let weight = share + f64::from(u8::from(kind.name == "poison-messages"));
        Suspect::new(Class::Fault, weight, kind.name, evidence)
    })
}

/// The backlog of a queue that rose during the fault, by more than half of its largest.
pub(super) fn backlog(record: &RunRecord, kind: &Kind<'_>, path: &Path) -> Option<Suspect> {
    if BESIDE_QUEUES.contains(&kind.name) {
        return None;
    }
    let queues = record.totals.queues.iter().map(|queue| queue.queue.as_str());
    let risen = queues.filter(|name| path.has_queue(name)).filter_map(|name| {
        let visible = |sample: &Sample| {
            sample.queues.iter().find(|queue| queue.queue == name).map_or(0, |queue| queue.visible)
        };
        let largest = record.samples.iter().map(|sample| visible(sample)).max()?;
        let mut within =
            timed(record).filter(|(sample, length_s)| kind.is_within(sample, *length_s));
        let first = visible(within.next()?.0);
        let most = within.map(|(sample, _)| visible(sample)).max()?;
        let rise = most.saturating_sub(first);
        (largest > 0 && rise as f64 >= largest as f64 * SHARE_MIN).then_some((
            rise as f64 / largest as f64,
            name,
            first,
            most,
        ))
    });
    let (share, name, first, most) = risen.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let evidence = format!(
        "the backlog of queue {name} grew from {} to {} messages during {}{}",
        format::count(first),
        format::count(most),
        kind.describe(),
        kind.effect(),
    );
    // A few messages are work under way, whatever else went on.
    (most >= BACKLOG_MIN).then(|| Suspect::new(Class::Fault, share, kind.name, evidence))
}

/// The worst lag of a replica, where it fell into the fault.
pub(super) fn lag(record: &RunRecord, kind: &Kind<'_>, path: &Path) -> Option<Suspect> {
    if !path.lag {
        return None;
    }
    let worst = |sample: &Sample| {
        let lags = sample.databases.iter();
        let lags = lags.filter_map(|server| Some((server.lag_ms?, server.server.clone())));
        lags.max_by(|a, b| a.0.total_cmp(&b.0))
    };
    let lags = timed(record)
        .filter_map(|(sample, length_s)| Some((worst(sample)?, sample, length_s)))
        .max_by(|a, b| a.0.0.total_cmp(&b.0.0));
    let ((lag_ms, server), sample, length_s) = lags?;
    (lag_ms > 0.0 && kind.is_within(sample, length_s)).then(|| {
        let evidence = format!(
            "{server} was {} (wall) behind the primary at {}, during {}{}",
            format::duration_s(lag_ms / 1e3),
            at(sample.scenario_s),
            kind.describe(),
            kind.effect(),
        );
        Suspect::new(Class::Fault, lag_ms, kind.name, evidence)
    })
}

/// The share of reads that the cache answered, where it was lower during the fault.
pub(super) fn hit_ratio(record: &RunRecord, kind: &Kind<'_>, path: &Path) -> Option<Suspect> {
    if !path.hit_ratio {
        return None;
    }
    let (mut within, mut outside) = ((0, 0), (0, 0));
    for (sample, length_s) in timed(record) {
        let Some(cache) = &sample.cache else { continue };
        let side = if kind.is_within(sample, length_s) { &mut within } else { &mut outside };
        *side = (side.0 + cache.hits, side.1 + cache.misses);
    }
    let ratio = |(hits, misses): (u64, u64)| {
        (hits + misses > 0).then(|| hits as f64 / (hits + misses) as f64)
    };
    let (within, outside) = (ratio(within)?, ratio(outside)?);
    (outside - within >= COLDER_MIN).then(|| {
        let evidence = format!(
            "the cache answered {} of the reads during {} and {} outside of it{}",
            format::share(within),
            kind.describe(),
            format::share(outside),
            kind.effect(),
        );
        Suspect::new(Class::Fault, outside - within, kind.name, evidence)
    })
}
