//! Tables, the gateway, and what AWS does not publish.

use std::collections::BTreeMap;

use crate::{
    defaults,
    document::{Assumptions, Capacity, GatewayTable, TableScalingTable, TableTable, Units},
    limits,
    located::Field,
    names::{self, ByName, Tables},
    plan::{GatewaySpec, TableCapacity, TableScaling},
    problem::Problems,
};

use super::bounds;

pub(super) fn tables(
    field: &Field<ByName<Tables, TableTable>>,
    problems: &mut Problems,
) -> BTreeMap<String, TableCapacity> {
    let mut capacities = defaults::tables();
    for (name, table) in ByName::of(field) {
        let capacity = match table.capacity.value() {
            Some(Capacity::Provisioned(units)) => provisioned(table, units, problems),
            _ => on_demand(table, problems),
        };
        match capacities.get_mut(&name.value) {
            Some(entry) => *entry = capacity,
            None => names::unknown::<Tables>(&name.value, Some(name.span), problems),
        }
    }
    capacities
}

fn on_demand(table: &TableTable, problems: &mut Problems) -> TableCapacity {
    if table.scaling.value().is_some() {
        let help = "give its units: `capacity = { read = 100, write = 50 }`";
        problems.add(table.scaling.span(), "`scaling` does nothing: the table is on demand", help);
    }
    let warm = table.warm.value();
    let mut whole = |field: &Field<u32>, key, least| {
        bounds::whole(field, key, (least, limits::WARM_UNITS), problems)
    };
    let (least_read, least_write) = limits::WARM_UNITS_LEAST;
    TableCapacity::OnDemand {
        warm_read: warm.and_then(|warm| whole(&warm.read, "read", least_read)),
        warm_write: warm.and_then(|warm| whole(&warm.write, "write", least_write)),
    }
}

fn provisioned(table: &TableTable, units: &Units, problems: &mut Problems) -> TableCapacity {
    if table.warm.value().is_some() {
        let help = "warm throughput is for a table on demand; this one has units";
        problems.add(table.warm.span(), "`warm` does nothing: the table is provisioned", help);
    }
    let legal = (1, limits::TABLE_UNITS);
    let read = bounds::whole(&units.read, "read", legal, problems).unwrap_or(1);
    let write = bounds::whole(&units.write, "write", legal, problems).unwrap_or(1);
    let scaling = table.scaling.value().map(|table| table_scaling(table, units, problems));
    TableCapacity::Provisioned { read, write, scaling }
}

fn table_scaling(
    table: &TableScalingTable,
    units: &Units,
    problems: &mut Problems,
) -> TableScaling {
    let target = bounds::number(&table.target, "target", limits::TABLE_TARGET, problems);
    let legal = (1, limits::TABLE_UNITS);
    let min = bounds::whole(&table.min, "min", legal, problems);
    let max = bounds::whole(&table.max, "max", legal, problems);
    if let (Some(min), Some(max)) = (min, max) {
        if min >= max {
            let message = format!("`min` of {min} is not below `max` of {max}");
            problems.add(table.max.span(), message, "scaling needs room between the two");
        } else {
            for (key, field) in [("read", &units.read), ("write", &units.write)] {
                if let Some(given) = field.value().filter(|given| !(min..=max).contains(*given)) {
                    let help = format!("`scaling` keeps it from {min} to {max}");
                    problems.add(field.span(), format!("`{key}` is {given}"), help);
                }
            }
        }
    }
    TableScaling {
        target: target.unwrap_or(defaults::TABLE_TARGET),
        min: min.unwrap_or(1),
        max: max.unwrap_or(1),
    }
}

pub(super) fn gateway(field: &Field<GatewayTable>, problems: &mut Problems) -> GatewaySpec {
    let standard = defaults::GATEWAY;
    let Some(table) = field.value() else { return standard };
    let mut rate =
        |field, key| bounds::above_zero_of(field, key, limits::GATEWAY_RATE, " requests", problems);
    let rate_per_second =
        rate(&table.rate_per_second, "rate-per-second").unwrap_or(standard.rate_per_second);
    let burst = rate(&table.burst, "burst").unwrap_or(standard.burst);
    let route_rate_per_second = rate(&table.route_rate_per_second, "route-rate-per-second");
    let route_burst = rate(&table.route_burst, "route-burst");
    if let Some(route) = route_rate_per_second.filter(|route| *route > rate_per_second) {
        let help = format!("the account's rate of {rate_per_second}/s is below it");
        let message = format!("`route-rate-per-second` of {route} does nothing");
        problems.add(table.route_rate_per_second.span(), message, help);
    }
    if route_burst.is_some() && table.route_rate_per_second.value().is_none() {
        let help = "routes are not limited: give `route-rate-per-second` too";
        problems.add(table.route_burst.span(), "`route-burst` does nothing", help);
    }
    GatewaySpec { rate_per_second, burst, route_rate_per_second, route_burst }
}

pub(super) fn assumptions(
    field: &Field<Assumptions>,
    problems: &mut Problems,
) -> BTreeMap<String, f64> {
    let entries = field.value().map_or(&[][..], |assumptions| assumptions.0.as_slice());
    let mut read = BTreeMap::new();
    for (name, quantity) in entries {
        let word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if !name.value.split('.').all(|part| part.split('-').all(word)) {
            let message = format!("`{}` is not a legal name", name.value);
            let help = "an assumption is lower-case words such as `dynamodb.split-delay`";
            problems.add(name.span, message, help);
        }
        if !(0.0..=limits::ASSUMPTION).contains(&quantity.value) {
            let message = format!("`{}` is {}", name.value, quantity.value);
            let help = format!("give a number from 0 to {}", limits::ASSUMPTION);
            problems.add(quantity.span, message, help);
        }
        read.insert(name.value.clone(), quantity.value);
    }
    read
}
