//! Tables and functions: what they were asked for, and what they had.

use securecart_record::{
    FunctionSample, FunctionTotals, RunRecord, Sample, TableSample, TableTotals,
};

use super::{Health, per_second, recent};

/// Share of provisioned capacity from which a table is full.
const FULL_SHARE: f64 = 0.9;
/// Share of failed invocations from which a function is failing.
const FAILING_SHARE: f64 = 0.01;

/// One table: its latest interval, its recent rates and how well it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableRow<'a> {
    pub(crate) name: &'a str,
    /// The latest interval.
    pub(crate) now: &'a TableSample,
    /// The run so far; absent until the table is first counted.
    pub(crate) totals: Option<&'a TableTotals>,
    /// Read capacity units a wall second, in the latest interval.
    pub(crate) read_rate: f64,
    /// Write capacity units a wall second, in the latest interval.
    pub(crate) write_rate: f64,
    /// Reads and writes throttled a wall second, recently.
    pub(crate) throttled_rate: f64,
    pub(crate) health: Health,
}

/// The tables, in the order of the record.
pub(crate) fn tables(record: &RunRecord) -> Vec<TableRow<'_>> {
    let Some(last) = record.samples.last() else { return Vec::new() };
    last.tables.iter().map(|now| table(record, now)).collect()
}

fn table<'a>(record: &'a RunRecord, now: &'a TableSample) -> TableRow<'a> {
    let name = now.table.as_str();
    let seconds = f64::from(record.resolution_s.max(1));
    let throttled_rate =
        per_second(record, recent(record), |sample| find_table(sample, name).map_or(0, throttled));
    let (read_rate, write_rate) = (now.read_units / seconds, now.write_units / seconds);
    let used = share(read_rate, now.read_provisioned).max(share(write_rate, now.write_provisioned));
    let health = if throttled_rate > 0.0 {
        Health::bad("throttled", throttled_rate)
    } else if used >= FULL_SHARE {
        Health::watch("full", used)
    } else {
        Health::good("ok")
    };
    let totals = record.totals.tables.iter().find(|totals| totals.table == name);
    TableRow { name, now, totals, read_rate, write_rate, throttled_rate, health }
}

/// Reads and writes that were throttled in an interval.
pub(crate) fn throttled(table: &TableSample) -> u64 {
    table.throttled_reads.saturating_add(table.throttled_writes)
}

/// The used share of what is provisioned; 0 on demand.
pub(crate) fn share(rate: f64, provisioned: Option<u32>) -> f64 {
    provisioned.map_or(0.0, |units| rate / f64::from(units.max(1)))
}

/// The sample of the table `name` in `sample`.
pub(crate) fn find_table<'a>(sample: &'a Sample, name: &str) -> Option<&'a TableSample> {
    sample.tables.iter().find(|table| table.table == name)
}

/// One function: its latest interval, its recent rates and how well it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FunctionRow<'a> {
    pub(crate) name: &'a str,
    /// The latest interval.
    pub(crate) now: &'a FunctionSample,
    /// The run so far; absent until the function is first counted.
    pub(crate) totals: Option<&'a FunctionTotals>,
    /// Invocations a wall second, recently.
    pub(crate) invocation_rate: f64,
    /// Cold starts a wall second, recently.
    pub(crate) cold_rate: f64,
    /// Throttled invocations a wall second, recently.
    pub(crate) throttled_rate: f64,
    pub(crate) health: Health,
}

/// The functions, in the order of the record.
pub(crate) fn functions(record: &RunRecord) -> Vec<FunctionRow<'_>> {
    let Some(last) = record.samples.last() else { return Vec::new() };
    last.functions.iter().map(|now| function(record, now)).collect()
}

fn function<'a>(record: &'a RunRecord, now: &'a FunctionSample) -> FunctionRow<'a> {
    let name = now.function.as_str();
    let rate = |count: fn(&FunctionSample) -> u64| {
        per_second(record, recent(record), |sample| find_function(sample, name).map_or(0, count))
    };
    let invocation_rate = rate(|function| function.invocations);
    let cold_rate = rate(|function| function.cold_starts);
    let throttled_rate = rate(|function| function.throttles);
    let failed_rate = rate(|function| function.errors);
    let health = if throttled_rate > 0.0 {
        Health::bad("throttled", throttled_rate)
    } else if failed_rate > 0.0 && failed_rate >= invocation_rate * FAILING_SHARE {
        Health::bad("failing", failed_rate)
    } else if cold_rate > 0.0 {
        Health::watch("cold starts", cold_rate)
    } else if invocation_rate == 0.0 {
        Health::good("idle")
    } else {
        Health::good("ok")
    };
    let totals = record.totals.functions.iter().find(|totals| totals.function == name);
    FunctionRow { name, now, totals, invocation_rate, cold_rate, throttled_rate, health }
}

/// The sample of the function `name` in `sample`.
pub(crate) fn find_function<'a>(sample: &'a Sample, name: &str) -> Option<&'a FunctionSample> {
    sample.functions.iter().find(|function| function.function == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{figures::Severity, fixture};

    #[test]
    fn a_table_that_throttles_is_failing_and_a_full_one_worth_an_eye() {
        let record = fixture::scaled(45);
        let rows = tables(&record);
        let named = |name: &str| rows.iter().find(|row| row.name == name).expect("a table");
        assert_eq!(named("carts").health.word, "throttled");
        assert_eq!(named("stock").health.word, "full");
        assert_eq!(named("orders").health.word, "ok");
        assert!(named("orders").now.write_provisioned.is_none(), "on demand is never full");
    }

    #[test]
    fn rates_are_a_second_also_of_merged_samples() {
        let mut record = fixture::scaled(45);
        let before = tables(&record)[0].write_rate;
        record.resolution_s = 2;
        assert!((tables(&record)[0].write_rate * 2.0 - before).abs() < 1e-9);
    }

    #[test]
    fn a_function_that_starts_cold_is_worth_an_eye() {
        let cold = fixture::scaled(8);
        assert_eq!(functions(&cold)[0].health.word, "cold starts");
        assert_eq!(functions(&cold)[0].health.severity, Severity::Watch);
        assert_eq!(functions(&fixture::scaled(120))[0].health.word, "ok");
    }
}
