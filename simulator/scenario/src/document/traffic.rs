//! How many sessions arrive when.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    located::{Field, Located},
    problem::Problems,
    reader::{Read, Value, list, mismatch, read_as_table},
    units::{Clock, Duration},
};

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
