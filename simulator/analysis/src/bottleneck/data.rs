//! The data tiers: servers of the database that were down, out of connections or behind, and a cache
//! that was cold, short of room or of nodes.

mod cache;
mod degree;
mod spell;

use securecart_record::{DatabaseSample, RunRecord, Sample, format};

use super::{Class, Path, Suspect};
use crate::span::{at, timed, wall};
use spell::Spell;

/// The server that takes writes.
const PRIMARY: &str = "primary";

/// Lag of a replica past which it is behind, ms: what is read from it is visibly old. An assumption.
const LAG_MS_MAX: f64 = 1_000.0;

pub(super) fn suspects(record: &RunRecord, path: &Path) -> Vec<Suspect> {
    let servers = record.totals.databases.iter().map(|server| server.server.as_str());
    let on_path = servers.filter(|name| is_on(record, path, name));
    let mut suspects: Vec<Suspect> = on_path
        .flat_map(|name| {
            [outage(record, path, name), connections(record, path, name), lag(record, path, name)]
        })
        .flatten()
        .collect();
    if path.has_cache() {
        suspects.extend(cache::suspects(record, path));
    }
    suspects
}

/// Whether the server `name` is on `path`. Who only reads comes to the primary where no replica is left.
fn is_on(record: &RunRecord, path: &Path, name: &str) -> bool {
    if name != PRIMARY {
        return path.has_replicas();
    }
    let has_replica = |sample: &Sample| {
        sample.databases.iter().any(|server| server.server != PRIMARY && server.available)
    };
    path.has_primary()
        || (path.has_replicas() && !path.lag)
            && record.samples.iter().any(|sample| !has_replica(sample))
}

/// Every sample of the server `name`, with its length in wall seconds and its scenario time.
fn samples<'a>(
    record: &'a RunRecord,
    name: &'a str,
) -> impl Iterator<Item = (&'a DatabaseSample, f64, f64)> {
    timed(record).filter_map(move |(sample, seconds)| {
        let server = sample.databases.iter().find(|server| server.server == name)?;
        Some((server, seconds, sample.scenario_s))
    })
}

fn resource(name: &str) -> String {
    format!("database/{name}")
}

/// Queries of the server `name` over the run, those included that never got a connection.
fn queries(record: &RunRecord, name: &str) -> u64 {
    let totals = record.totals.databases.iter().find(|server| server.server == name);
    totals.map_or(0, |server| {
        let lost = [server.writes, server.failed, server.refused, server.timed_out];
        lost.into_iter().fold(server.reads, u64::saturating_add)
    })
}

/// A server that took no connections.
fn outage(record: &RunRecord, path: &Path, name: &str) -> Option<Suspect> {
    let (mut spell, mut failed) = (Spell::default(), 0_u64);
    for (server, seconds, scenario_s) in samples(record, name) {
        spell.add_if(!server.available, seconds, scenario_s);
        if !server.available {
            failed = failed.saturating_add(server.failed);
        }
    }
    let was_long =
        degree::was_away(record, spell.longest_s) && degree::lasted(record, spell.seconds);
    let explains = was_long
        || degree::are_many(failed, queries(record, name))
        || degree::explain_failures(record, path, failed);
    if !explains {
        return None;
    }
    let when = spell.describe()?;
    let failed = match failed {
        0 => String::new(),
        count => format!("; {} of its queries failed meanwhile", format::count(count)),
    };
    let evidence = format!("database {name} took no connections {when}{failed}");
    Some(Suspect::new(Class::Outage, spell.seconds, &resource(name), evidence))
}

/// A server whose connections were used up.
fn connections(record: &RunRecord, path: &Path, name: &str) -> Option<Suspect> {
    let (mut spell, mut refused, mut timed_out) = (Spell::default(), 0_u64, 0_u64);
    let (mut queued_s, mut worst) = (0.0, None::<(&DatabaseSample, f64)>);
    for (server, seconds, scenario_s) in samples(record, name).filter(|(one, ..)| is_short(one)) {
        spell.add(seconds, scenario_s);
        queued_s += if queues(server) { seconds } else { 0.0 };
        refused = refused.saturating_add(server.refused);
        timed_out = timed_out.saturating_add(server.timed_out);
        if worst.is_none_or(|(worst, _)| server.waiting > worst.waiting) {
            worst = Some((server, scenario_s));
        }
    }
    let (worst, scenario_s) = worst?;
    let lost = refused.saturating_add(timed_out);
    let explains = path.connections
        || degree::lasted(record, queued_s)
        || degree::are_many(lost, queries(record, name))
        || degree::explain_failures(record, path, lost);
    if !explains {
        return None;
    }
    let mut evidence = format!(
        "database {name} had too few connections for {}: {} of at most {} ran a query and {} requests \
         waited for one at {}",
        wall(spell.seconds),
        format::count(worst.in_use),
        format::count(worst.max_connections),
        format::count(worst.waiting),
        at(scenario_s),
    );
    let lost = [(timed_out, "waited too long"), (refused, "were refused")];
    for (count, what) in lost.into_iter().filter(|(count, _)| *count > 0) {
        evidence += &format!("; {} {what}", format::count(count));
    }
    Some(Suspect::new(Class::Capacity, spell.seconds, &resource(name), evidence))
}

/// Whether requests were turned away, or as many wait as are served: a wait is then longer than the
/// query itself. The latter is an assumption. While a server is down, that is the trouble.
fn is_short(server: &DatabaseSample) -> bool {
    server.available && (server.refused > 0 || server.timed_out > 0 || queues(server))
}

fn queues(server: &DatabaseSample) -> bool {
    server.waiting > 0 && server.waiting >= server.in_use
}

/// A replica that was behind the primary; how little ever where lag itself is asked for.
fn lag(record: &RunRecord, path: &Path, name: &str) -> Option<Suspect> {
    let least_ms = if path.lag { 0.0 } else { LAG_MS_MAX };
    let (mut behind_s, mut worst) = (0.0, None::<(f64, f64)>);
    for (server, seconds, scenario_s) in samples(record, name) {
        let Some(lag_ms) = server.lag_ms.filter(|lag_ms| *lag_ms > least_ms) else { continue };
        if lag_ms > LAG_MS_MAX {
            behind_s += seconds;
        }
        if worst.is_none_or(|(worst_ms, _)| lag_ms > worst_ms) {
            worst = Some((lag_ms, scenario_s));
        }
    }
    let (lag_ms, scenario_s) = worst?;
    if !path.lag && !degree::lasted(record, behind_s) {
        return None;
    }
    let long = if behind_s > 0.0 {
        let most = format::duration_s(LAG_MS_MAX / 1e3);
        format!(", and by more than {most} for {}", wall(behind_s))
    } else {
        String::new()
    };
    let evidence = format!(
        "database {name} was {} behind the primary at {}{long}",
        wall(lag_ms / 1e3),
        at(scenario_s),
    );
    Some(Suspect::new(Class::Backlog, lag_ms, &resource(name), evidence))
}
