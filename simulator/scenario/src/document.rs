//! A scenario as it is written: every key of the format, each value with its place.
//!
//! The same types give the JSON Schema, so a doc comment here is what an editor shows. A test holds
//! the keys that are read against the keys of the schema. Nothing is checked here but types.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use securecart_domain::{ServiceName, api::Operation};

use crate::{
    located::{Field, Located},
    problem::Problems,
    reader::{Fields, Read, Value, entries, list, mismatch, span_of, table},
    units::{Clock, ClockRange, Duration, DurationRange},
};

/// Derives [`Read`] from the keys of a table, in the order of the schema.
macro_rules! read_as_table {
    ($table:ident { $($field:ident: $need:ident $key:literal),* $(,)? }) => {
        impl Read for $table {
            fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
                table(value, problems, Self::fields)
            }
        }

        impl $table {
            pub(crate) fn fields(fields: &mut Fields<'_, '_>) -> Self {
                Self { $($field: fields.$need($key)),* }
            }

            /// Every key that is read, and whether it is `required` or `optional`.
            #[cfg(test)]
            pub(crate) const KEYS: &'static [(&'static str, &'static str)] =
                &[$(($key, stringify!($need))),*];
        }
    };
}

/// A SecureCart scenario: who comes when, what they do, what serves them and what must hold.
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
    /// Fleets and modelled times by service; those not given have their defaults.
    #[schemars(default)]
    pub(crate) services: Field<Services>,
    /// The provider that sends e-mail and SMS.
    #[schemars(default)]
    pub(crate) notifications: Field<NotificationTable>,
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
    notifications: optional "notifications",
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

/// How many sessions arrive when.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Traffic", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct TrafficTable {
    /// `open`: arrivals do not wait for answers. There is no other model.
    #[schemars(default)]
    pub(crate) model: Field<String>,
    /// Sessions a wall second where the curve is 1.0, at full scale.
    pub(crate) sessions_per_second: Field<f64>,
    /// Points (time, factor) with straight lines between them, from the start to the end; 1.0 throughout unless given.
    #[schemars(default)]
    pub(crate) curve: Field<Vec<Located<Point>>>,
    /// Sudden crowds on top of the curve; their factors multiply.
    #[schemars(default)]
    pub(crate) spikes: Field<Vec<Located<SpikeTable>>>,
}

read_as_table!(TrafficTable {
    model: optional "model",
    sessions_per_second: required "sessions-per-second",
    curve: optional "curve",
    spikes: optional "spikes",
});

/// A point of the curve: time and factor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    /// When.
    pub(crate) at: Clock,
    /// Factor of the rate; at least 0.
    pub(crate) factor: f64,
}

impl Read for Point {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        let expected = "a time and a factor such as `[\"00:15\", 2.6]`";
        let [at, factor] = list(value, expected, problems)? else {
            mismatch(value, expected, problems);
            return None;
        };
        // Both are read before either decides, so that both are reported.
        let (at, factor) = (Clock::read(at, problems), f64::read(factor, problems));
        Some(Self { at: at?, factor: factor? })
    }
}

impl JsonSchema for Point {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Point")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "description": "A time and a factor such as [\"00:15\", 2.6].",
            "prefixItems": [generator.subschema_for::<Clock>(), { "type": "number", "minimum": 0 }],
            "items": false,
            "minItems": 2,
        })
    }
}

/// A sudden crowd.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Spike", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct SpikeTable {
    /// When it starts to rise.
    pub(crate) at: Field<Clock>,
    /// How many times as many sessions arrive at its peak; at least 1.
    pub(crate) factor: Field<f64>,
    /// Scenario time from start to peak; 60s unless given, 0s is a step.
    #[schemars(default)]
    pub(crate) rise: Field<Duration>,
    /// Scenario time in which what is above normal halves; 15m unless given.
    #[schemars(default)]
    pub(crate) half_life: Field<Duration>,
    /// Share of product choices that go to the hot product at the peak, 0 to 1; 0 unless given.
    #[schemars(default)]
    pub(crate) hot_product_share: Field<f64>,
}

read_as_table!(SpikeTable {
    at: required "at",
    factor: required "factor",
    rise: optional "rise",
    half_life: optional "half-life",
    hot_product_share: optional "hot-product-share",
});

/// What there is to buy.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename = "Catalogue", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct CatalogueTable {
    /// How many products; 10,000 unless given.
    #[schemars(default)]
    pub(crate) products: Field<u32>,
    /// How fast popularity falls with rank; 0.8 unless given.
    #[schemars(default)]
    pub(crate) zipf_exponent: Field<f64>,
    /// Pieces in stock of each product; 100,000 unless given.
    #[schemars(default)]
    pub(crate) stock: Field<u32>,
    /// Pieces in stock of the hot product, which is the most popular one; 100,000 unless given.
    #[schemars(default)]
    pub(crate) hot_product_stock: Field<u32>,
}

read_as_table!(CatalogueTable {
    products: optional "products",
    zipf_exponent: optional "zipf-exponent",
    stock: optional "stock",
    hot_product_stock: optional "hot-product-stock",
});

/// What a kind of session does.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Journey", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct JourneyTable {
    /// Its name: lower-case words with hyphens.
    pub(crate) name: Field<String>,
    /// How often it is chosen, relative to the others; greater than 0.
    pub(crate) weight: Field<f64>,
    /// Its requests in order.
    pub(crate) steps: Field<Vec<Located<StepTable>>>,
}

read_as_table!(JourneyTable {
    name: required "name",
    weight: required "weight",
    steps: required "steps",
});

/// A request of a session.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Step", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct StepTable {
    /// What is asked.
    #[schemars(rename = "do")]
    pub(crate) operation: Field<OperationName>,
    /// How often, one after the other; 1 unless given.
    #[schemars(default)]
    pub(crate) times: Field<u32>,
    /// Wall time (speed does not shorten it) a shopper thinks before each; 200ms..1s unless given.
    #[schemars(default)]
    pub(crate) think: Field<DurationRange>,
}

read_as_table!(StepTable {
    operation: required "do",
    times: optional "times",
    think: optional "think",
});

/// The name of an operation, which may not exist.
#[derive(Debug, Clone)]
pub(crate) struct OperationName(pub(crate) String);

impl Read for OperationName {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        String::read(value, problems).map(Self)
    }
}

impl JsonSchema for OperationName {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Operation")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

/// Services by name, which may not exist.
#[derive(Debug, Clone)]
pub(crate) struct Services(pub(crate) Vec<(Located<String>, ServiceTable)>);

impl Read for Services {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        let services = entries(value, problems)?.into_iter().filter_map(|(name, value)| {
            ServiceTable::read(value, problems).map(|service| (name, service))
        });
        Some(Self(services.collect()))
    }
}

impl JsonSchema for Services {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Services")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let service = generator.subschema_for::<ServiceTable>();
        let properties: serde_json::Map<_, _> = ServiceName::ALL
            .iter()
            .map(|name| (name.as_str().to_owned(), service.clone().to_value()))
            .collect();
        json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
    }
}

/// A service's fleet and its modelled time.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Service", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ServiceTable {
    /// Its tasks, whose number is fixed.
    #[schemars(default)]
    pub(crate) tasks: Field<Tasks>,
    /// The modelled time of one request: the computing that the harness does not do.
    #[schemars(default)]
    pub(crate) service_time: Field<ServiceTimeTable>,
}

read_as_table!(ServiceTable { tasks: optional "tasks", service_time: optional "service-time" });

/// A fleet of tasks.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Tasks {
    /// How many there are; at least 1.
    #[schemars(default)]
    pub(crate) count: Field<u32>,
    /// Requests (or messages) one works on at once; at least 1.
    #[schemars(default)]
    pub(crate) concurrency: Field<u32>,
    /// Requests that may wait for a slot of one before it says 503.
    #[schemars(default)]
    pub(crate) backlog: Field<u32>,
}

read_as_table!(Tasks {
    count: optional "count",
    concurrency: optional "concurrency",
    backlog: optional "backlog",
});

/// A modelled time: lognormal, given by two of its percentiles.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "ServiceTime", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ServiceTimeTable {
    /// Half of the requests take no longer.
    pub(crate) p50: Field<Duration>,
    /// 99 of 100 requests take no longer; at least p50.
    pub(crate) p99: Field<Duration>,
}

read_as_table!(ServiceTimeTable { p50: required "p50", p99: required "p99" });

/// The provider that sends e-mail and SMS.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename = "Notifications", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct NotificationTable {
    /// E-mails it takes a wall second; 200 unless given.
    #[schemars(default)]
    pub(crate) email_per_second: Field<f64>,
    /// SMS it takes a wall second; 20 unless given.
    #[schemars(default)]
    pub(crate) sms_per_second: Field<f64>,
}

read_as_table!(NotificationTable {
    email_per_second: optional "email-per-second",
    sms_per_second: optional "sms-per-second",
});

/// Objectives: metric and bound, each as written.
#[derive(Debug, Clone)]
pub(crate) struct Objectives(pub(crate) Vec<(Located<String>, Located<String>)>);

impl Read for Objectives {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        let objectives = entries(value, problems)?.into_iter().filter_map(|(metric, value)| {
            if value.get_ref().is_table() {
                let message = format!("`{}` is a table, not a metric", metric.value);
                problems.add(
                    metric.span,
                    message,
                    "quote a metric with dots: \"checkout.latency.p99\" = \"< 800ms\"",
                );
                return None;
            }
            let bound = String::read(value, problems)?;
            Some((metric, Located { value: bound, span: span_of(value) }))
        });
        Some(Self(objectives.collect()))
    }
}

impl JsonSchema for Objectives {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Objectives")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": { "type": "string", "pattern": "^(<|<=|>|>=) ?[0-9].*$" },
        })
    }
}
