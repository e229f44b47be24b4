//! Names of things that SecureCart has: services, queues, tables, functions and the like.
//!
//! A document keeps a name as it is written; [`Name::known`] finds out whether there is such a thing.

use std::{borrow::Cow, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use securecart_domain::{ServiceName, api::Operation, resources};

use crate::{
    defaults,
    located::{Field, Located},
    plan::{Container, Platform, ScalingMetric},
    problem::Problems,
    reader::{Read, Value, entries},
    suggest,
};

/// A kind of thing that has a name.
pub(crate) trait Names {
    /// What one is called in a message.
    const WHAT: &'static str;
    /// The name of the schema of one.
    const SCHEMA: &'static str;

    /// Every name there is.
    fn all() -> Vec<&'static str>;
}

macro_rules! names {
    ($($(#[$doc:meta])* $kind:ident: $what:literal, $schema:literal, $all:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $kind;

        impl Names for $kind {
            const WHAT: &'static str = $what;
            const SCHEMA: &'static str = $schema;

            fn all() -> Vec<&'static str> {
                $all
            }
        }
    )*};
}

names! {
    /// Operations of the shop.
    Operations: "operation", "Operation",
        Operation::ALL.iter().map(|known| known.as_str()).collect();
    /// All services.
    AllServices: "service", "ServiceName",
        ServiceName::ALL.iter().map(|known| known.as_str()).collect();
    /// Services that are a fleet of tasks or instances.
    Fleets: "service", "FleetName",
        ServiceName::ALL
            .iter()
            .filter(|known| Platform::of(**known) != Platform::Lambda)
            .map(|known| known.as_str())
            .collect();
    /// Functions.
    Functions: "function", "FunctionName", defaults::FUNCTIONS.to_vec();
    /// Tables.
    Tables: "table", "TableName", resources::TABLES.iter().map(|table| table.name).collect();
    /// Queues.
    Queues: "queue", "QueueName", resources::QUEUES.to_vec();
    /// Availability Zones.
    Zones: "Availability Zone", "Zone", vec!["a", "b", "c"];
    /// Containers of a run.
    Containers: "container", "ContainerName",
        Container::ALL.iter().map(|known| known.as_str()).collect();
    /// Runtimes of functions.
    Runtimes: "runtime", "Runtime", defaults::RUNTIMES.to_vec();
    /// Metrics that scaling policies watch.
    ScalingMetrics: "scaling metric", "ScalingMetric",
        ScalingMetric::ALL.iter().map(|known| known.as_str()).collect();
}

/// A name of this kind, which may not exist.
#[derive(Debug, Clone)]
pub(crate) struct Name<N> {
    pub(crate) text: String,
    names: PhantomData<N>,
}

impl<N: Names> Name<N> {
    /// The name that `field` gives; `None` where it is absent or does not exist, which is reported.
    pub(crate) fn known(field: &Field<Self>, problems: &mut Problems) -> Option<&'static str> {
        let name = field.value()?;
        let known = N::all().into_iter().find(|known| *known == name.text);
        if known.is_none() {
            unknown::<N>(&name.text, field.span(), problems);
        }
        known
    }
}

/// Reports that nothing of this kind is called `text`.
pub(crate) fn unknown<N: Names>(
    text: &str,
    span: Option<miette::SourceSpan>,
    problems: &mut Problems,
) {
    let help = suggest::help(text, N::all());
    problems.add(span, format!("there is no {} `{text}`", N::WHAT), help);
}

impl<N> Read for Name<N> {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        String::read(value, problems).map(|text| Self { text, names: PhantomData })
    }
}

impl<N: Names> JsonSchema for Name<N> {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed(N::SCHEMA)
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": N::all() })
    }
}

/// Tables by a name of this kind, which may not exist.
#[derive(Debug, Clone)]
pub(crate) struct ByName<N, T> {
    pub(crate) entries: Vec<(Located<String>, T)>,
    names: PhantomData<N>,
}

impl<N, T> ByName<N, T> {
    /// The entries of `field`; none where it is absent.
    pub(crate) fn of(field: &Field<Self>) -> &[(Located<String>, T)] {
        field.value().map_or(&[][..], |by_name| by_name.entries.as_slice())
    }
}

impl<N, T: Read> Read for ByName<N, T> {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        let entries = entries(value, problems)?
            .into_iter()
            .filter_map(|(name, value)| T::read(value, problems).map(|entry| (name, entry)));
        Some(Self { entries: entries.collect(), names: PhantomData })
    }
}

impl<N: Names, T: JsonSchema> JsonSchema for ByName<N, T> {
    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}s", T::schema_name()))
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let entry = generator.subschema_for::<T>();
        let properties: serde_json::Map<_, _> =
            N::all().into_iter().map(|name| (name.to_owned(), entry.clone().to_value())).collect();
        json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
    }
}
