//! What sessions do.

use schemars::JsonSchema;

use crate::{
    located::{Field, Located},
    names::{Name, Operations},
    reader::read_as_table,
    units::DurationRange,
};

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
    pub(crate) operation: Field<Name<Operations>>,
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
