//! The scenarios that come with SecureCart, compiled in so that the binary needs no files.

use crate::suggest;

/// A scenario that comes with SecureCart.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    /// Its name, which is also its file's.
    pub name: &'static str,
    /// One line about it.
    pub summary: &'static str,
    /// Its file.
    pub text: &'static str,
}

const SHIPPED: [Shipped; 3] = [
    Shipped {
        name: "black-friday",
        summary: "Doorbuster at midnight, lunch plateau, evening peak",
        text: include_str!("../../../scenarios/black-friday.toml"),
    },
    Shipped {
        name: "steady",
        summary: "A flat load for two minutes: the baseline to compare with",
        text: include_str!("../../../scenarios/steady.toml"),
    },
    Shipped {
        name: "smoke",
        summary: "Twenty seconds of everything, for CI",
        text: include_str!("../../../scenarios/smoke.toml"),
    },
];

/// Every shipped scenario.
#[must_use]
pub fn shipped() -> &'static [Shipped] {
    &SHIPPED
}

/// The shipped scenario with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|scenario| scenario.name == name)
}

/// The name of the shipped scenario that `name` is probably meant to be.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    suggest::nearest(name, SHIPPED.iter().map(|scenario| scenario.name))
}

#[cfg(test)]
mod tests {
    use crate::{Overrides, Scenario};

    use super::*;

    #[test]
    fn names_and_summaries_are_those_of_the_files() {
        for shipped in shipped() {
            let scenario = Scenario::parse(shipped.name, shipped.text).expect("it is valid");
            assert_eq!(scenario.name(), shipped.name);
            assert_eq!(scenario.summary(), shipped.summary);
            assert!(shipped.text.starts_with("#:schema ./schema.json\n"), "{}", shipped.name);
            assert!(scenario.plan(&Overrides::default()).is_ok());
        }
    }

    #[test]
    fn a_slip_finds_the_scenario_that_was_meant() {
        assert_eq!(find("smoke").map(|found| found.name), Some("smoke"));
        assert!(find("smok").is_none());
        assert_eq!(nearest("smok"), Some("smoke"));
        assert_eq!(nearest("blackfriday"), Some("black-friday"));
        assert_eq!(nearest("weekend"), None);
    }
}
