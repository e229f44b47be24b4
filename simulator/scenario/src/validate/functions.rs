//! Functions; what a scenario does not say has its default.

use std::collections::BTreeMap;

use crate::{
    defaults,
    document::FunctionTable,
    limits,
    located::Field,
    names::{self, ByName, Functions, Name},
    plan::FunctionSpec,
    problem::Problems,
};

use super::{bounds, services::service_time};

/// The function that a queue feeds.
const QUEUE_FED: &str = "deep-fraud";

pub(super) fn read(
    field: &Field<ByName<Functions, FunctionTable>>,
    problems: &mut Problems,
) -> BTreeMap<String, FunctionSpec> {
    let mut specs = defaults::functions();
    for (name, table) in ByName::of(field) {
        let known = specs.get(&name.value).cloned();
        if known.is_none() {
            names::unknown::<Functions>(&name.value, Some(name.span), problems);
        }
        let exists = known.is_some();
        let standard = known.or_else(|| specs.values().next().cloned());
        let Some(spec) = standard.map(|standard| spec(table, standard, problems)) else { continue };
        if exists && name.value != QUEUE_FED && spec.maximum_concurrency.is_some() {
            let message =
                format!("`maximum-concurrency` does nothing: no queue feeds `{}`", name.value);
            let help = format!("`{QUEUE_FED}` has it; elsewhere give `reserved-concurrency`");
            problems.add(table.maximum_concurrency.span(), message, help);
        }
        if exists {
            specs.insert(name.value.clone(), spec);
        }
    }
    unreserved(field, &specs, problems);
    specs
}

fn spec(table: &FunctionTable, standard: FunctionSpec, problems: &mut Problems) -> FunctionSpec {
    let mut whole = |field, key, range| bounds::whole(field, key, range, problems);
    let memory_mib = whole(&table.memory_mib, "memory-mib", limits::FUNCTION_MEMORY_MIB);
    let account = (0, limits::RESERVED_CONCURRENCY);
    let reserved = whole(&table.reserved_concurrency, "reserved-concurrency", account);
    let provisioned = whole(&table.provisioned_concurrency, "provisioned-concurrency", account);
    let mapping = limits::MAXIMUM_CONCURRENCY;
    let maximum = whole(&table.maximum_concurrency, "maximum-concurrency", mapping);
    let (least_s, most_s) = limits::FUNCTION_TIMEOUT_S;
    let timeout_s = bounds::seconds(&table.timeout, "timeout", (least_s, most_s), problems);
    let own_init_s =
        bounds::seconds(&table.own_init, "own-init", (0.0, limits::OWN_INIT_S), problems);
    if let (Some(reserved), Some(provisioned)) = (reserved, provisioned)
        && provisioned > reserved
    {
        let message = format!("`provisioned-concurrency` is {provisioned}");
        let help = format!("give at most `reserved-concurrency`, which is {reserved}");
        problems.add(table.provisioned_concurrency.span(), message, help);
    }
    FunctionSpec {
        runtime: Name::known(&table.runtime, problems).map_or(standard.runtime, str::to_owned),
        image: table.image.value().copied().unwrap_or(standard.image),
        memory_mib: memory_mib.unwrap_or(standard.memory_mib),
        timeout_s: timeout_s.unwrap_or(standard.timeout_s),
        own_init_ms: own_init_s.map_or(standard.own_init_ms, |init_s| init_s * 1_000.0),
        reserved_concurrency: reserved.or(standard.reserved_concurrency),
        provisioned_concurrency: provisioned.unwrap_or(standard.provisioned_concurrency),
        maximum_concurrency: maximum.or(standard.maximum_concurrency),
        service_time: service_time(&table.service_time, problems).unwrap_or(standard.service_time),
    }
}

/// 100 of an account's 1,000 stay unreserved (behaviour sheet 2, "account concurrency").
fn unreserved(
    field: &Field<ByName<Functions, FunctionTable>>,
    specs: &BTreeMap<String, FunctionSpec>,
    problems: &mut Problems,
) {
    let sum: u32 = specs.values().filter_map(|spec| spec.reserved_concurrency).sum();
    let each_fits = specs
        .values()
        .all(|spec| spec.reserved_concurrency.unwrap_or(0) <= limits::RESERVED_CONCURRENCY);
    if each_fits && sum > limits::RESERVED_CONCURRENCY {
        let last =
            ByName::of(field).last().and_then(|(_, table)| table.reserved_concurrency.span());
        let message = format!("`reserved-concurrency` adds up to {sum}");
        let help = format!("an account can reserve {} in all", limits::RESERVED_CONCURRENCY);
        problems.add(last.or_else(|| field.span()), message, help);
    }
}
