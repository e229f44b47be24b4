//! A scenario as it is written: every key of the format, each value with its place.
//!
//! The same types give the JSON Schema, so a doc comment here is what an editor shows. A test holds
//! the keys that are read against the keys of the schema. Nothing is checked here but types.

mod data;
mod faults;
mod journeys;
mod objectives;
mod resources;
mod scaling;
mod services;
mod traffic;

use schemars::JsonSchema;

use crate::{
    located::{Field, Located},
    names::{ByName, Fleets, Functions, Tables},
    reader::read_as_table,
    units::{Clock, ClockRange, Duration},
};

pub(crate) use data::{CacheTable, DatabaseTable};
pub(crate) use faults::{FaultTable, RedriveTable};
pub(crate) use journeys::{JourneyTable, StepTable};
pub(crate) use objectives::{Assumptions, Objectives};
#[cfg(test)]
pub(crate) use resources::WarmTable;
pub(crate) use resources::{
    Capacity, CatalogueTable, GatewayTable, NotificationTable, TableScalingTable, TableTable, Units,
};
pub(crate) use scaling::{
    ChangeTable, PolicyTable, Predictive, Scheduled, StepScaling, TargetTracking,
};
pub(crate) use services::{FunctionTable, Instances, ServiceTable, ServiceTimeTable, Tasks};
pub(crate) use traffic::{Point, SpikeTable, TrafficTable};

/// A SecureCart scenario: who comes when, what they do, what serves them, what breaks and what must hold.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Scenario", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Document {
    /// Its name: lower-case words with hyphens.
    pub(crate) name: Field<String>,
    /// One line about it.
    pub(crate) summary: Field<String>,
    /// Seed of every random stream; 1 unless given. One seed offers the same arrivals every time.
    #[schemars(default)]
    pub(crate) seed: Field<u64>,
    /// How long it is and what a live run plays of it.
    pub(crate) time: Field<Time>,
    /// How many sessions arrive when.
    pub(crate) traffic: Field<TrafficTable>,
    /// What there is to buy.
    #[schemars(default)]
    pub(crate) catalogue: Field<CatalogueTable>,
    /// What sessions do.
    pub(crate) journey: Field<Vec<Located<JourneyTable>>>,
    /// Fleets, modelled times and scaling by service; those not given have their defaults.
    #[schemars(default)]
    pub(crate) services: Field<ByName<Fleets, ServiceTable>>,
    /// Functions by name; those not given have their defaults.
    #[schemars(default)]
    pub(crate) functions: Field<ByName<Functions, FunctionTable>>,
    /// DynamoDB tables by name; those not given are on demand.
    #[schemars(default)]
    pub(crate) tables: Field<ByName<Tables, TableTable>>,
    /// The relational database: products, orders and payments.
    #[schemars(default)]
    pub(crate) database: Field<DatabaseTable>,
    /// The cache in front of it.
    #[schemars(default)]
    pub(crate) cache: Field<CacheTable>,
    /// Throttles of API Gateway.
    #[schemars(default)]
    pub(crate) gateway: Field<GatewayTable>,
    /// The provider that sends e-mail and SMS.
    #[schemars(default)]
    pub(crate) notifications: Field<NotificationTable>,
    /// What AWS does not publish, by name: a number, or a duration.
    #[schemars(default)]
    pub(crate) assumptions: Field<Assumptions>,
    /// What breaks.
    #[schemars(default)]
    pub(crate) fault: Field<Vec<Located<FaultTable>>>,
    /// Dead-letter queues that are worked off again.
    #[schemars(default)]
    pub(crate) redrive: Field<Vec<Located<RedriveTable>>>,
    /// What must hold; the run fails when one is missed.
    #[schemars(default)]
    pub(crate) objectives: Field<Objectives>,
}

read_as_table!(Document {
    name: required "name",
    summary: required "summary",
    seed: optional "seed",
    time: required "time",
    traffic: required "traffic",
    catalogue: optional "catalogue",
    journey: required "journey",
    services: optional "services",
    functions: optional "functions",
    tables: optional "tables",
    database: optional "database",
    cache: optional "cache",
    gateway: optional "gateway",
    notifications: optional "notifications",
    assumptions: optional "assumptions",
    fault: optional "fault",
    redrive: optional "redrive",
    objectives: optional "objectives",
});

/// How long a scenario is and what a live run plays of it.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Time {
    /// Time of day at which it starts; 00:00 unless given.
    #[schemars(default)]
    pub(crate) start: Field<Clock>,
    /// Scenario time from start to end.
    pub(crate) length: Field<Duration>,
    /// What a live run plays unless the command line says otherwise.
    #[schemars(default)]
    pub(crate) live: Field<Live>,
}

read_as_table!(Time { start: optional "start", length: required "length", live: optional "live" });

/// What a live run plays unless the command line says otherwise.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Live {
    /// Scenario time played; all of it unless given.
    #[schemars(default)]
    pub(crate) window: Field<ClockRange>,
    /// Scenario seconds that pass in a wall second; 1 unless given. It compresses the curve, never the rate.
    #[schemars(default)]
    pub(crate) speed: Field<f64>,
    /// Load as a share of the full load; 1 unless given.
    #[schemars(default)]
    pub(crate) scale: Field<f64>,
}

read_as_table!(Live { window: optional "window", speed: optional "speed", scale: optional "scale" });
