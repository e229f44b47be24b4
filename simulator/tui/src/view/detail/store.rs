//! What keeps data or stands beside the services in detail: its figures and its courses. Rates are a
//! wall second.

use securecart_record::{FunctionSample, Sample, TableSample, format};

use super::{Course, Fact, data};
use crate::{
    figures::{FunctionRow, StoreRow, TableRow, find_function, find_table, throttled},
    state::State,
};

pub(super) fn title(row: &StoreRow<'_>) -> String {
    let name = row.name();
    match row {
        StoreRow::Database(_) => format!("{name}, database"),
        StoreRow::Cache(_) => name.to_owned(),
        StoreRow::Table(_) => format!("{name} table"),
        StoreRow::Function(_) => format!("{name} function"),
        StoreRow::Container(_) => format!("{name} container"),
    }
}

pub(super) fn facts(row: &StoreRow<'_>) -> Vec<Fact> {
    match row {
        StoreRow::Database(row) => data::database_facts(row),
        StoreRow::Cache(row) => data::cache_facts(row),
        StoreRow::Table(row) => table_facts(row),
        StoreRow::Function(row) => function_facts(row),
        StoreRow::Container(row) => data::container_facts(row),
    }
}

pub(super) fn courses<'a>(state: &State, row: &StoreRow<'a>) -> Vec<Course<'a>> {
    match row {
        StoreRow::Database(row) => data::database_courses(state, row),
        StoreRow::Cache(_) => data::cache_courses(state),
        StoreRow::Table(row) => table_courses(state, row.name).into(),
        StoreRow::Function(row) => function_courses(state, row.name).into(),
        StoreRow::Container(row) => data::container_courses(row.name),
    }
}

fn table_facts(row: &TableRow<'_>) -> Vec<Fact> {
    let provisioned = |units: Option<u32>| match units {
        Some(units) => format!("{}/s", format::count(u64::from(units))),
        None => "on demand".to_owned(),
    };
    let mut facts = vec![
        ("read units", format::rate(row.read_rate)),
        ("provisioned", provisioned(row.now.read_provisioned)),
        ("write units", format::rate(row.write_rate)),
        ("provisioned", provisioned(row.now.write_provisioned)),
        ("throttled", format::rate(row.throttled_rate)),
    ];
    if let Some(totals) = row.totals {
        let units = |units: f64| format::count(units.max(0.0) as u64);
        facts.extend([
            ("read units, run", units(totals.read_units)),
            ("write units, run", units(totals.write_units)),
            ("reads thr., run", format::count(totals.throttled_reads)),
            ("writes thr., run", format::count(totals.throttled_writes)),
        ]);
    }
    facts
}

fn table_courses<'a>(state: &State, name: &'a str) -> [Course<'a>; 3] {
    let seconds = f64::from(state.record().resolution_s.max(1));
    let of = move |sample: &Sample, value: fn(&TableSample) -> f64| {
        find_table(sample, name).map(|table| value(table) / seconds)
    };
    [
        (
            "write units a second",
            whole,
            Box::new(move |sample| of(sample, |table| table.write_units)),
        ),
        (
            "read units a second",
            whole,
            Box::new(move |sample| of(sample, |table| table.read_units)),
        ),
        (
            "throttled a second",
            whole,
            Box::new(move |sample| of(sample, |table| throttled(table) as f64)),
        ),
    ]
}

fn function_facts(row: &FunctionRow<'_>) -> Vec<Fact> {
    let now = row.now;
    let mut facts = vec![
        ("invocations", format::rate(row.invocation_rate)),
        ("cold starts", format::rate(row.cold_rate)),
        ("throttled", format::rate(row.throttled_rate)),
        ("running", format::count(now.concurrent)),
        ("environments", format::count(now.environments)),
    ];
    if let Some(totals) = row.totals {
        facts.extend([
            ("invocations, run", format::count(totals.invocations)),
            ("cold starts, run", format::count(totals.cold_starts)),
            ("throttled, run", format::count(totals.throttles)),
            ("errors, run", format::count(totals.errors)),
            ("most at once", format::count(totals.concurrent_max)),
            ("billed GB-s", format!("{:.1}", totals.gb_s)),
        ]);
    }
    facts
}

fn function_courses<'a>(state: &State, name: &'a str) -> [Course<'a>; 3] {
    let seconds = f64::from(state.record().resolution_s.max(1));
    let of = move |sample: &Sample, value: fn(&FunctionSample) -> f64| {
        find_function(sample, name).map(value)
    };
    [
        (
            "running at once",
            whole,
            Box::new(move |sample| of(sample, |function| function.concurrent as f64)),
        ),
        (
            "environments",
            whole,
            Box::new(move |sample| of(sample, |function| function.environments as f64)),
        ),
        (
            "cold starts a second",
            whole,
            Box::new(move |sample| {
                of(sample, |function| function.cold_starts as f64).map(|count| count / seconds)
            }),
        ),
    ]
}

pub(super) fn whole(value: f64) -> String {
    format::count(value.max(0.0).round() as u64)
}
