//! The JSON Schema of the format, for editors.

use crate::document::Document;

/// The schema of a scenario file; kept as `scenarios/schema.json`.
///
/// It knows keys and types. Rules between values (a curve in order, a checkout after an
/// add-to-cart) are checked by [`Scenario::parse`](crate::Scenario::parse) only.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Document>()
        .to_value()
}

/// The schema of a table of this kind: `body` with the key that says so.
pub(crate) fn of_kind(kind: &str, body: schemars::Schema) -> serde_json::Value {
    let mut table = body.to_value();
    table["properties"]["kind"] = serde_json::json!({ "const": kind });
    let required = match table["required"].take() {
        serde_json::Value::Array(mut keys) => {
            keys.insert(0, "kind".into());
            keys
        }
        _ => vec!["kind".into()],
    };
    table["required"] = required.into();
    table
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::PathBuf};

    use crate::{
        document::{
            CatalogueTable, ChangeTable, FaultTable, FunctionTable, GatewayTable, Instances,
            JourneyTable, Live, NotificationTable, PolicyTable, RedriveTable, ServiceTable,
            ServiceTimeTable, SpikeTable, StepTable, TableScalingTable, TableTable, Tasks, Time,
            TrafficTable, Units, WarmTable,
        },
        reader::Key,
    };

    use super::*;

    fn file() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/schema.json")
    }

    fn text() -> String {
        format!("{:#}\n", schema())
    }

    #[test]
    fn the_kept_schema_is_up_to_date() {
        let kept = fs::read_to_string(file()).unwrap_or_default();
        assert!(
            kept == text(),
            "scenarios/schema.json is out of date; write it anew with \
             `cargo test -p securecart-scenario -- --ignored bless`"
        );
    }

    #[test]
    #[ignore = "writes scenarios/schema.json"]
    fn bless() {
        fs::write(file(), text()).expect("scenarios/ can be written");
    }

    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        let schema = schema();
        let definitions = &schema["$defs"];
        for (table, keys) in [
            (&schema, Document::KEYS),
            (&definitions["Time"], Time::KEYS),
            (&definitions["Live"], Live::KEYS),
            (&definitions["Traffic"], TrafficTable::KEYS),
            (&definitions["Spike"], SpikeTable::KEYS),
            (&definitions["Catalogue"], CatalogueTable::KEYS),
            (&definitions["Journey"], JourneyTable::KEYS),
            (&definitions["Step"], StepTable::KEYS),
            (&definitions["Service"], ServiceTable::KEYS),
            (&definitions["Tasks"], Tasks::KEYS),
            (&definitions["Instances"], Instances::KEYS),
            (&definitions["ServiceTime"], ServiceTimeTable::KEYS),
            (&definitions["ScalingStep"], ChangeTable::KEYS),
            (&definitions["Function"], FunctionTable::KEYS),
            (&definitions["Table"], TableTable::KEYS),
            (&definitions["Units"], Units::KEYS),
            (&definitions["Warm"], WarmTable::KEYS),
            (&definitions["TableScaling"], TableScalingTable::KEYS),
            (&definitions["Gateway"], GatewayTable::KEYS),
            (&definitions["Notifications"], NotificationTable::KEYS),
            (&definitions["Redrive"], RedriveTable::KEYS),
        ] {
            holds(table, keys);
        }
        for (tables, kinds) in [("Policy", PolicyTable::KINDS), ("Fault", FaultTable::KINDS)] {
            let tables = definitions[tables]["oneOf"].as_array().expect("there are kinds");
            assert_eq!(tables.len(), kinds.len());
            for (table, kind) in tables.iter().zip(kinds) {
                assert_eq!(table["properties"]["kind"]["const"], kind.name);
                holds(table, &[&[("kind", "required")], kind.keys].concat());
            }
        }
    }

    fn holds(table: &serde_json::Value, keys: &[Key]) {
        let properties = table["properties"].as_object().expect("a table has properties");
        let in_schema: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        let read: BTreeSet<&str> = keys.iter().map(|(key, _)| *key).collect();
        assert_eq!(in_schema, read);

        let required = table["required"].as_array().into_iter().flatten();
        let in_schema: BTreeSet<&str> = required.filter_map(|key| key.as_str()).collect();
        let required = keys.iter().filter(|(_, need)| *need == "required");
        let read: BTreeSet<&str> = required.map(|(key, _)| *key).collect();
        assert_eq!(in_schema, read);
        assert_eq!(table["additionalProperties"], false, "{keys:?}");
    }
}
