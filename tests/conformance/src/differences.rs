//! The known differences of each backend, with a reason for each.
//!
//! ```toml
//! [localstack]
//! "sqs/send-message/trace-header" = "why AWS is another opinion"
//! "lambda/*" = "a whole group, by what its ids begin with"
//! "sqs/fifo/order" = { reason = "a race in the emulator", flaky = true }
//! ```
//!
//! Invariant: an entry names cases that exist; a backend without entries must have no difference.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Deserialize;

use crate::Case;

/// The backends that have a table, as `--backend` names them, and what they are.
pub const BACKENDS: [(&str, &str); 4] = [
    ("embedded", "the embedded engine"),
    ("localstack", "LocalStack 4.14.0, its DynamoDB an older DynamoDB Local"),
    ("moto", "moto_server"),
    ("ministack", "MiniStack"),
];

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Why the backend does something else than AWS.
    pub reason: String,
    /// Whether it shows only at times, or only in some builds of the backend, so that a pass proves
    /// nothing.
    pub flaky: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Reason(String),
    Full { reason: String, flaky: bool },
}

/// All entries, by backend and by case or group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences(BTreeMap<String, BTreeMap<String, Difference>>);

/// Why a file of differences is refused.
#[derive(Debug)]
pub struct DifferencesError(String);

impl std::fmt::Display for DifferencesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "differences.toml: {}", self.0)
    }
}

impl std::error::Error for DifferencesError {}

impl Differences {
    /// The entries of `text`, which must name cases of `cases` and backends of [`BACKENDS`].
    ///
    /// # Errors
    /// When the text is no such file, or names what is not there.
    pub fn parse(text: &str, cases: &[Case]) -> Result<Self, DifferencesError> {
        let read: BTreeMap<String, BTreeMap<String, Entry>> =
            toml::from_str(text).map_err(|error| DifferencesError(error.to_string()))?;
        let mut all = BTreeMap::new();
        for (backend, entries) in read {
            if !BACKENDS.iter().any(|(name, _)| *name == backend) {
                return Err(DifferencesError(format!("there is no backend `{backend}`")));
            }
            let mut of_backend = BTreeMap::new();
            for (key, entry) in entries {
                if !cases.iter().any(|case| covers(&key, &case.id)) {
                    return Err(DifferencesError(format!("`{key}` names no case")));
                }
                let difference = match entry {
                    Entry::Reason(reason) => Difference { reason, flaky: false },
                    Entry::Full { reason, flaky } => Difference { reason, flaky },
                };
                if difference.reason.trim().is_empty() {
                    return Err(DifferencesError(format!("`{key}` has no reason")));
                }
                of_backend.insert(key, difference);
            }
            all.insert(backend, of_backend);
        }
        Ok(Self(all))
    }

    /// The entry that covers a case: its own, or that of its group.
    #[must_use]
    pub fn find(&self, backend: &str, case: &str) -> Option<(&str, &Difference)> {
        let entries = self.0.get(backend)?;
        let own = entries.get_key_value(case);
        let found = own.or_else(|| entries.iter().find(|(key, _)| covers(key, case)));
        found.map(|(key, difference)| (key.as_str(), difference))
    }

    /// The table as Markdown.
    #[must_use]
    pub fn to_markdown(&self, cases: &[Case]) -> String {
        let mut out = String::from(HEAD);
        for (backend, what) in BACKENDS {
            let entries = self.0.get(backend);
            let covered =
                cases.iter().filter(|case| self.find(backend, &case.id).is_some()).count();
            let line = match covered {
                0 => format!("All {} cases hold.", cases.len()),
                _ => format!("{covered} of {} cases differ.", cases.len()),
            };
            // Writing to a string can't fail.
            let _infallible = writeln!(out, "\n## {backend}: {what}\n\n{line}");
            let Some(entries) = entries.filter(|entries| !entries.is_empty()) else { continue };
            out.push_str("\n| case | AWS's rule | why it differs |\n|---|---|---|\n");
            for (key, difference) in entries {
                let rule = cases.iter().find(|case| case.id == *key);
                let rule = rule.map_or("(all of them)", |case| case.rule.as_str());
                let flaky = if difference.flaky { " (at times, or in some builds)" } else { "" };
                let _infallible = writeln!(
                    out,
                    "| `{key}` | {} | {}{flaky} |",
                    cell(rule),
                    cell(&difference.reason)
                );
            }
        }
        out
    }
}

const HEAD: &str = "# Where backends differ from AWS

Written by `cargo run -p securecart-conformance -- --write-table` from `differences.toml`; a test keeps the
two together. AWS's documentation decides what is right.
";

/// A cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Whether the entry `key` is about `case`.
fn covers(key: &str, case: &str) -> bool {
    match key.strip_suffix('*') {
        Some(group) => case.starts_with(group),
        None => key == case,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{case::case, context::Context};

    fn cases() -> Vec<Case> {
        let case = |id: &str| case(id, "a | rule", "a page", |_: Context| async { Ok(()) });
        vec![case("sqs/a/one"), case("sqs/a/two"), case("sns/b/one")]
    }

    #[test]
    fn an_entry_of_its_own_goes_before_its_group() {
        let text =
            "[moto]\n\"sqs/*\" = \"all\"\n\"sqs/a/two\" = { reason = \"own\", flaky = true }";
        let differences = Differences::parse(text, &cases()).expect("valid");
        let reason = |case: &str| {
            differences.find("moto", case).map(|(key, found)| (key, &*found.reason, found.flaky))
        };
        assert_eq!(reason("sqs/a/one"), Some(("sqs/*", "all", false)));
        assert_eq!(reason("sqs/a/two"), Some(("sqs/a/two", "own", true)));
        assert_eq!(reason("sns/b/one"), None);
        assert_eq!(differences.find("localstack", "sqs/a/one"), None);
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for text in [
            "[moto]\n\"sqs/a/three\" = \"r\"",
            "[moto]\n\"ses/*\" = \"r\"",
            "[motor]\n\"sqs/a/one\" = \"r\"",
            "[moto]\n\"sqs/a/one\" = \" \"",
            "[moto]\n\"sqs/a/one\" = 1",
            "moto",
        ] {
            assert!(Differences::parse(text, &cases()).is_err(), "{text}");
        }
    }

    #[test]
    fn the_table_counts_what_is_covered() {
        let text = "[moto]\n\"sqs/*\" = \"all\"\n\"sns/b/one\" = \"none\"";
        let table = Differences::parse(text, &cases()).expect("valid").to_markdown(&cases());
        assert!(table.contains("3 of 3 cases differ."), "{table}");
        assert!(table.contains("| `sns/b/one` | a \\| rule | none |"), "{table}");
        assert!(table.contains("## embedded: the embedded engine\n\nAll 3 cases hold."), "{table}");
    }
}
