//! A cache that lost nodes, went cold, or was too small or too short-lived for what is asked of it.

use securecart_record::{CacheSample, RunRecord, format};

use super::{
    super::{Class, Path, Suspect},
    Spell, degree,
};
use crate::span::{at, timed, wall};

const RESOURCE: &str = "cache";

/// Samples over which the hit ratio before and after an instant is taken: one alone has few reads.
const BEFORE: usize = 10;
const AFTER: usize = 3;

/// Fewest reads in those that make a ratio. An assumption.
const READS_MIN: u64 = 20;

/// How far a hit ratio must fall for the cache to have gone cold: every fifth read more goes to the
/// database. An assumption.
const FALL_MIN: f64 = 0.2;

/// Share of the fall that must be made up for before the cache is warm again. An assumption.
const WARM_SHARE: f64 = 0.8;

pub(super) fn suspects(record: &RunRecord, path: &Path) -> Vec<Suspect> {
    let cold = cold(record);
    // The ratio over the run says less than when it fell, and is only asked where it is the objective.
    let low = if cold.is_none() && path.hit_ratio { low(record) } else { None };
    nodes(record).into_iter().chain(cold).chain(low).collect()
}

/// Every sample of the cache, with its length in wall seconds and its scenario time.
fn samples(record: &RunRecord) -> impl Iterator<Item = (&CacheSample, f64, f64)> {
    timed(record)
        .filter_map(|(sample, seconds)| Some((sample.cache.as_ref()?, seconds, sample.scenario_s)))
}

/// Nodes that did not answer.
fn nodes(record: &RunRecord) -> Option<Suspect> {
    let (mut spell, mut errors, mut fewest) = (Spell::default(), 0_u64, None::<(u32, u32)>);
    let (mut missed, mut reads) = (0_u64, 0_u64);
    for (cache, seconds, scenario_s) in samples(record) {
        let is_down = cache.nodes_up < cache.nodes;
        spell.add_if(is_down, seconds, scenario_s);
        reads = reads.saturating_add(cache.hits).saturating_add(cache.misses);
        if !is_down {
            continue;
        }
        missed = missed.saturating_add(cache.misses);
        errors = errors.saturating_add(cache.errors);
        if fewest.is_none_or(|(up, _)| cache.nodes_up < up) {
            fewest = Some((cache.nodes_up, cache.nodes));
        }
    }
    let ((up, nodes), when) = (fewest?, spell.describe()?);
    let was_long = degree::was_away(record, spell.longest_s) && degree::are_many(missed, reads);
    if !was_long && !degree::are_many(errors, reads) {
        return None;
    }
    let errors = match errors {
        0 => String::new(),
        count => format!("; {} calls to it failed meanwhile", format::count(count)),
    };
    let evidence = format!("{} of {nodes} nodes of the cache were down {when}{errors}", nodes - up);
    Some(Suspect::new(Class::Outage, spell.seconds, RESOURCE, evidence))
}

/// Hits and misses.
type Reads = (u64, u64);

fn sum<'a>(samples: impl Iterator<Item = &'a (&'a CacheSample, f64, f64)>) -> Reads {
    samples.fold((0, 0), |(hits, misses), (cache, ..)| {
        (hits.saturating_add(cache.hits), misses.saturating_add(cache.misses))
    })
}

fn ratio((hits, misses): Reads) -> Option<f64> {
    let all = hits.saturating_add(misses);
    (all >= READS_MIN).then(|| hits as f64 / all as f64)
}

/// The deepest fall of the hit ratio, and how long it took to come back.
fn cold(record: &RunRecord) -> Option<Suspect> {
    let all: Vec<_> = samples(record).collect();
    let falls = (1..all.len()).filter_map(|index| {
        let before = ratio(sum(all[index.saturating_sub(BEFORE)..index].iter()))?;
        let after = ratio(sum(all[index..].iter().take(AFTER)))?;
        Some((before - after, index, before, after))
    });
    let (fall, index, before, after) = falls.max_by(|a, b| a.0.total_cmp(&b.0))?;
    if fall < FALL_MIN {
        return None;
    }
    let warm = after + fall * WARM_SHARE;
    let mut cold_s = 0.0;
    let back = (index..all.len()).find(|index| {
        let is_warm = ratio(sum(all[*index..].iter().take(AFTER))).is_some_and(|now| now >= warm);
        cold_s += if is_warm { 0.0 } else { all[*index].1 };
        is_warm
    });
    let back = match back {
        Some(_) => format!("back above {} after {}", format::share(warm), wall(cold_s)),
        None => "not back before the end".to_owned(),
    };
    let evidence = format!(
        "the cache was cold: its hit ratio fell from {} to {} at {}, {back}",
        format::share(before),
        format::share(after),
        at(all[index].2),
    );
    Some(Suspect::new(Class::Capacity, cold_s, RESOURCE, evidence))
}

/// The hit ratio of the whole run.
fn low(record: &RunRecord) -> Option<Suspect> {
    let totals = record.totals.cache.as_ref()?;
    let ratio = totals.hit_ratio()?;
    let evicted = match totals.evictions {
        0 => "nothing was evicted for want of room".to_owned(),
        count => format!("{} entries were evicted for want of room", format::count(count)),
    };
    let evidence = format!(
        "the cache answered {} of {} reads; {evicted}",
        format::share(ratio),
        format::count(totals.hits.saturating_add(totals.misses)),
    );
    Some(Suspect::new(Class::Capacity, 1.0 - ratio, RESOURCE, evidence))
}
