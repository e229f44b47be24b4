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

const SHIPPED: [Shipped; 9] = [
    Shipped {
        name: "black-friday",
        summary: "Doorbuster at midnight, lunch plateau, evening peak",
        text: include_str!("../../../scenarios/black-friday.toml"),
    },
    Shipped {
        name: "flash-sale",
        summary: "One hot product and thirty times the shoppers for five minutes",
        text: include_str!("../../../scenarios/flash-sale.toml"),
    },
    Shipped {
        name: "doorbuster-az-loss",
        summary: "The doorbuster, and a zone lost twenty minutes into it",
        text: include_str!("../../../scenarios/doorbuster-az-loss.toml"),
    },
    Shipped {
        name: "spot-storm",
        summary: "The evening peak on Spot capacity, 60 % of it reclaimed",
        text: include_str!("../../../scenarios/spot-storm.toml"),
    },
    Shipped {
        name: "poison-messages",
        summary: "Unreadable and double messages, a stopped consumer, a redrive",
        text: include_str!("../../../scenarios/poison-messages.toml"),
    },
    Shipped {
        name: "database-failover",
        summary: "The primary fails over at lunch, a replica is lost, another is behind",
        text: include_str!("../../../scenarios/database-failover.toml"),
    },
    Shipped {
        name: "cache-flush",
        summary: "The cache is emptied at the evening peak, then one of two nodes is lost",
        text: include_str!("../../../scenarios/cache-flush.toml"),
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
    fn the_commands_in_their_comments_can_be_run() {
        let mut commands = 0;
        for shipped in shipped() {
            let start = format!("#   securecart scenario {} ", shipped.name);
            for arguments in shipped.text.lines().filter_map(|line| line.strip_prefix(&*start)) {
                let options: Vec<String> = arguments
                    .split("--set ")
                    .map(|option| option.trim().trim_matches('\'').to_owned())
                    .filter(|option| !option.is_empty())
                    .collect();
                let scenario = Scenario::parse(shipped.name, shipped.text).expect("it is valid");
                let variant = scenario.set(&options).expect("the variant is valid");
                let plan = variant.plan(&Overrides::default()).expect("it can be played");
                assert_eq!(plan.overrides, options);
                commands += 1;
            }
        }
        assert_eq!(commands, 7, "each of the seven has its variant");
    }

    #[test]
    fn no_live_run_offers_more_than_black_friday() {
        for shipped in shipped() {
            let scenario = Scenario::parse(shipped.name, shipped.text).expect("it is valid");
            let plan = scenario.plan(&Overrides::default()).expect("it can be played");
            let peak = plan.peak_rate() * plan.requests_per_session();
            let mean = plan.expected_requests() / plan.window.wall_s();
            assert!(mean < 700.0 && peak < 1_750.0, "{}: {mean}, {peak}", shipped.name);
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
