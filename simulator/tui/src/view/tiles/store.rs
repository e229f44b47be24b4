//! The tiles of what keeps data or stands beside the services.

use securecart_record::{CacheSample, Sample, format};

use super::Tile;
use crate::figures::{
    CacheRow, ContainerRow, DatabaseRow, FunctionRow, StoreRow, TableRow, find_container,
    find_database, find_function, find_table,
};

/// What a course shows of a sample.
type Course = fn(&Sample, &str) -> Option<f64>;

pub(super) fn tile(row: &StoreRow<'_>) -> Tile {
    let (figures, course) = match row {
        StoreRow::Database(row) => database(row),
        StoreRow::Cache(row) => cache(row),
        StoreRow::Table(row) => table(row),
        StoreRow::Function(row) => function(row),
        StoreRow::Container(row) => container(row),
    };
    Tile {
        subject: row.subject(),
        name: row.name().to_owned(),
        health: row.health(),
        figures,
        course,
    }
}

fn database(row: &DatabaseRow<'_>) -> (Vec<String>, Course) {
    let now = row.now;
    let mut figures = Vec::new();
    if now.waiting > 0 {
        figures.push(format!("{} waiting", format::count(now.waiting)));
    }
    let (used, most) = (format::count(now.in_use), format::count(now.max_connections));
    figures.push(format!("{used}/{most} in use"));
    figures.extend(now.lag_ms.map(|lag_ms| format!("lag {}", format::duration_s(lag_ms / 1e3))));
    figures.push(format!("r {}", format::rate(row.read_rate)));
    figures.push(format!("w {}", format::rate(row.write_rate)));
    (figures, |sample, name| find_database(sample, name).map(|server| server.in_use as f64))
}

fn cache(row: &CacheRow<'_>) -> (Vec<String>, Course) {
    let mut figures = vec![
        format!("hit {}", row.hit_ratio.map_or_else(|| format::NONE.to_owned(), format::share)),
        format!("{}/{} nodes", row.now.nodes_up, row.now.nodes),
        format!("miss {}", format::rate(row.miss_rate)),
    ];
    if row.eviction_rate > 0.0 {
        figures.insert(1, format!("evicts {}", format::rate(row.eviction_rate)));
    }
    (figures, |sample, _| sample.cache.as_ref().and_then(CacheSample::hit_ratio))
}

fn table(row: &TableRow<'_>) -> (Vec<String>, Course) {
    let used = |rate: f64, provisioned: Option<u32>| {
        let rate = format::count(rate.max(0.0).round() as u64);
        match provisioned {
            Some(units) => format!("{rate}/{}", format::count(u64::from(units))),
            None => rate,
        }
    };
    let mut figures = vec![
        format!("w {}", used(row.write_rate, row.now.write_provisioned)),
        format!("r {}", used(row.read_rate, row.now.read_provisioned)),
    ];
    if row.throttled_rate > 0.0 {
        figures.insert(0, format!("{} lost", format::rate(row.throttled_rate)));
    }
    (figures, |sample, name| find_table(sample, name).map(|table| table.write_units))
}

fn function(row: &FunctionRow<'_>) -> (Vec<String>, Course) {
    let now = row.now;
    let mut figures = vec![
        format!("{} of {} envs", format::count(now.concurrent), format::count(now.environments)),
        format::rate(row.invocation_rate),
    ];
    if row.cold_rate > 0.0 {
        figures.push(format!("cold {}", format::rate(row.cold_rate)));
    }
    (figures, |sample, name| find_function(sample, name).map(|function| function.concurrent as f64))
}

fn container(row: &ContainerRow<'_>) -> (Vec<String>, Course) {
    let figures = vec![format!("{:.2} cores", row.now.cores), format::bytes(row.now.memory_bytes)];
    (figures, |sample, name| find_container(sample, name).map(|container| container.cores))
}
