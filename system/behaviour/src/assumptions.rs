//! The numbers that AWS does not publish and the models need all the same.
//!
//! Every one of them is in [`ALL`], with what it means and the row of the behaviour sheet that it
//! belongs to, so that a report can print them and a scenario can replace them. Models take their
//! values at construction; nothing looks a value up while it works.
//!
//! Invariants: keys are unique, sorted and kebab-case with dots; a value is finite and not negative.

mod listed;

use std::fmt;

pub use listed::*;

/// A number that AWS does not publish.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assumption {
    /// Its name in scenarios and reports, such as `dynamodb.split-delay`.
    pub key: &'static str,
    /// What is taken where nothing else is said.
    pub value: f64,
    /// Unit of the value, such as `s`, `ms` or `share`.
    pub unit: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Row of the behaviour sheet that it stands for or comes from.
    pub row: &'static str,
}

/// A set of values: the listed ones, except where replaced.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assumptions {
    /// By key, ascending. There are few, mostly none.
    replaced: Vec<(&'static str, f64)>,
}

/// Why a value was not replaced.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// There is no such assumption.
    Unknown {
        /// What was asked for.
        key: String,
        /// The key that is spelt most like it.
        nearest: &'static str,
    },
    /// A value that no assumption can have.
    Invalid {
        /// Whose value.
        key: &'static str,
        /// The value.
        value: f64,
    },
}

impl fmt::Display for Refused {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { key, nearest } => {
                write!(to, "there is no assumption `{key}`; the nearest is `{nearest}`")
            }
            Self::Invalid { key, value } => {
                write!(
                    to,
                    "assumption `{key}` can't be {value}: give a number from 0 up, of a share at most 1"
                )
            }
        }
    }
}

impl std::error::Error for Refused {}

impl Assumptions {
    /// The value of `assumption`.
    #[must_use]
    pub fn of(&self, assumption: &Assumption) -> f64 {
        match self.place(assumption.key) {
            Ok(place) => self.replaced[place].1,
            Err(_) => assumption.value,
        }
    }

    /// The value of `assumption`, whose unit is seconds.
    #[must_use]
    pub fn duration(&self, assumption: &Assumption) -> std::time::Duration {
        debug_assert_eq!(assumption.unit, "s", "{}", assumption.key);
        std::time::Duration::try_from_secs_f64(self.of(assumption))
            .unwrap_or(std::time::Duration::MAX)
    }

    /// The value of `key`; `None` where there is no such assumption.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<f64> {
        find(key).map(|assumption| self.of(assumption))
    }

    /// Replaces the value of `key`.
    ///
    /// # Errors
    /// When there is no such assumption, and when the value is negative or not finite.
    pub fn set(&mut self, key: &str, value: f64) -> Result<(), Refused> {
        let Some(assumption) = find(key) else {
            return Err(Refused::Unknown { key: key.to_owned(), nearest: nearest(key) });
        };
        let key = assumption.key;
        let most = if assumption.unit == "share" { 1.0 } else { f64::INFINITY };
        if !value.is_finite() || !(0.0..=most).contains(&value) {
            return Err(Refused::Invalid { key, value });
        }
        match self.place(key) {
            Ok(place) => self.replaced[place].1 = value,
            Err(place) => self.replaced.insert(place, (key, value)),
        }
        Ok(())
    }

    /// Every assumption with the value it has here, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Assumption, f64)> {
        ALL.iter().map(|assumption| (assumption, self.of(assumption)))
    }

    /// Those that were replaced, by key.
    pub fn replaced(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.replaced.iter().copied()
    }

    fn place(&self, key: &str) -> Result<usize, usize> {
        self.replaced.binary_search_by(|(replaced, _)| (*replaced).cmp(key))
    }
}

fn find(key: &str) -> Option<&'static Assumption> {
    let place = ALL.binary_search_by(|assumption| assumption.key.cmp(key)).ok()?;
    Some(&ALL[place])
}

fn nearest(key: &str) -> &'static str {
    let distance = |assumption: &&Assumption| edits(key, assumption.key);
    ALL.iter().min_by_key(distance).map_or("", |assumption| assumption.key)
}

/// Levenshtein's distance, over bytes: keys are ASCII.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (done, byte) in from.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = done + 1;
        for (place, other) in to.bytes().enumerate() {
            let replaced = diagonal + usize::from(byte != other);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_unique_and_kebab_case() {
        for pair in ALL.windows(2) {
            assert!(pair[0].key < pair[1].key, "{} before {}", pair[0].key, pair[1].key);
        }
        for assumption in ALL {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            let key = assumption.key;
            assert!(key.bytes().all(|byte| plain(byte) || b".-".contains(&byte)), "{key}");
            assert!(key.contains('.'), "{key}");
            assert!(assumption.value.is_finite() && assumption.value >= 0.0, "{key}");
            assert!(!assumption.what.is_empty() && !assumption.row.is_empty(), "{key}");
        }
    }

    #[test]
    fn a_value_is_the_listed_one_until_it_is_replaced() {
        let mut assumptions = Assumptions::default();
        assert_eq!(assumptions.of(&DYNAMODB_SPLIT_DELAY), DYNAMODB_SPLIT_DELAY.value);
        assumptions.set("dynamodb.split-delay", 300.0).expect("there is such a key");
        assert_eq!(assumptions.of(&DYNAMODB_SPLIT_DELAY), 300.0);
        assert_eq!(assumptions.get("dynamodb.split-delay"), Some(300.0));
        assert_eq!(assumptions.replaced().collect::<Vec<_>>(), [("dynamodb.split-delay", 300.0)]);
        let listed = assumptions.iter().count();
        assert_eq!(listed, ALL.len());
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let mut assumptions = Assumptions::default();
        let error = assumptions.set("dynamodb.split-dely", 1.0).expect_err("no such key");
        assert_eq!(
            error.to_string(),
            "there is no assumption `dynamodb.split-dely`; the nearest is `dynamodb.split-delay`"
        );
        assert_eq!(assumptions.get("dynamodb.split-dely"), None);
    }

    #[test]
    fn a_value_that_can_not_be_is_refused() {
        let mut assumptions = Assumptions::default();
        for value in [-1.0, f64::NAN, f64::INFINITY] {
            let refused = assumptions.set("quotas.burst", value);
            assert!(matches!(refused, Err(Refused::Invalid { .. })), "{value}");
        }
        let refused = assumptions.set("fleet.full", 1.5);
        assert!(matches!(refused, Err(Refused::Invalid { .. })), "more than all");
        assert_eq!(assumptions, Assumptions::default());
    }

    #[test]
    fn edits_are_counted() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("same", "same"), 0);
    }
}
