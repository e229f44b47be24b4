//! What tables and functions used and were refused, for samples and sums.

use std::collections::HashMap;

use securecart_cloud::{Cloud, FunctionMetrics, TableMetrics};
use securecart_record::{FunctionSample, FunctionTotals, TableSample, TableTotals};

/// Counters at the last sample.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    tables: HashMap<String, TableMetrics>,
    functions: HashMap<String, FunctionMetrics>,
}

impl Limits {
    /// What each table did since the last call.
    pub(crate) fn tables(&mut self, cloud: &Cloud) -> Vec<TableSample> {
        let samples = cloud.tables().into_iter().map(|now| {
            let before = self.tables.insert(now.table.clone(), now.clone());
            let (read, write, reads, writes) = before.map_or((0.0, 0.0, 0, 0), |before| {
                let throttled = (before.throttled_reads, before.throttled_writes);
                (before.read_units, before.write_units, throttled.0, throttled.1)
            });
            TableSample {
                read_units: now.read_units - read,
                write_units: now.write_units - write,
                read_provisioned: now.read_provisioned,
                write_provisioned: now.write_provisioned,
                throttled_reads: now.throttled_reads - reads,
                throttled_writes: now.throttled_writes - writes,
                table: now.table,
            }
        });
        samples.collect()
    }

    /// What each function did since the last call.
    pub(crate) fn functions(&mut self, cloud: &Cloud) -> Vec<FunctionSample> {
        let samples = cloud.functions().into_iter().map(|now| {
            let before = self.functions.insert(now.name.clone(), now.clone());
            let since = |of: fn(&FunctionMetrics) -> u64| of(&now) - before.as_ref().map_or(0, of);
            FunctionSample {
                invocations: since(|function| function.invocations),
                cold_starts: since(|function| function.cold_starts),
                throttles: since(|function| function.throttles),
                errors: since(|function| function.errors),
                concurrent: now.concurrent,
                environments: now.environments,
                function: now.name,
            }
        });
        samples.collect()
    }
}

/// What each table used in all.
pub(crate) fn table_totals(cloud: &Cloud) -> Vec<TableTotals> {
    let totals = cloud.tables().into_iter().map(|table| TableTotals {
        table: table.table,
        read_units: table.read_units,
        write_units: table.write_units,
        throttled_reads: table.throttled_reads,
        throttled_writes: table.throttled_writes,
    });
    totals.collect()
}

/// What each function did in all.
pub(crate) fn function_totals(cloud: &Cloud) -> Vec<FunctionTotals> {
    let totals = cloud.functions().into_iter().map(|function| FunctionTotals {
        function: function.name,
        invocations: function.invocations,
        cold_starts: function.cold_starts,
        throttles: function.throttles,
        errors: function.errors,
        concurrent_max: function.concurrent_max,
        gb_s: function.gb_s + function.provisioned_gb_s,
    });
    totals.collect()
}
