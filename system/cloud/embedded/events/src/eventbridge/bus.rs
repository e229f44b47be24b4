//! Event buses and their rules. A rule is immutable and replaced when it changes; the list of rules
//! is replaced as a whole, so that an event is routed by a snapshot without holding the lock.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::{Mutex, RwLock};
use securecart_embedded_wire::{Arn, AwsError};
use serde::{Deserialize, Serialize};

use super::{error, target::Target};
use crate::{metrics::Counters, pattern::Pattern};

/// The bus that every account has.
pub(super) const DEFAULT: &str = "default";

/// Rules of a bus (EventBridge quotas).
const RULES_MAX: usize = 300;

/// Tags of a resource.
const TAGS_MAX: usize = 50;

/// A tag, as the API writes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: String,
    value: String,
}

/// Tags by key.
#[derive(Debug, Clone, Default)]
pub(super) struct Tags(BTreeMap<String, String>);

impl Tags {
    pub(super) fn add(&mut self, tags: Vec<Tag>) -> Result<(), AwsError> {
        let mut all = self.0.clone();
        all.extend(tags.into_iter().map(|tag| (tag.key, tag.value)));
        if all.len() > TAGS_MAX {
            return Err(error::limit());
        }
        self.0 = all;
        Ok(())
    }

    pub(super) fn remove(&mut self, keys: &[String]) {
        self.0.retain(|key, _| !keys.contains(key));
    }

    pub(super) fn list(&self) -> Vec<Tag> {
        let tags = self.0.iter();
        tags.map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
    }
}

/// A bus.
#[derive(Debug)]
pub(super) struct Bus {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) description: Option<String>,
    pub(super) created_at_ms: u64,
    pub(super) tags: Mutex<Tags>,
    rules: RwLock<Rules>,
}

/// Rules by name.
pub(super) type Rules = Arc<BTreeMap<String, Arc<Rule>>>;

/// A rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) pattern_text: String,
    pub(super) pattern: Arc<Pattern>,
    pub(super) description: Option<String>,
    pub(super) role_arn: Option<String>,
    pub(super) state: State,
    pub(super) tags: Tags,
    /// In the order in which they were put.
    pub(super) targets: Vec<Arc<Target>>,
    pub(super) counters: Arc<Counters>,
}

/// Whether a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum State {
    #[default]
    Enabled,
    Disabled,
    /// There is no CloudTrail here: the same as enabled.
    EnabledWithAllCloudtrailManagementEvents,
}

impl Bus {
    pub(super) fn new(name: &str, description: Option<String>, created_at_ms: u64) -> Self {
        Self {
            name: name.to_owned(),
            arn: Arn::new("events", format!("event-bus/{name}")).to_string(),
            description,
            created_at_ms,
            tags: Mutex::default(),
            rules: RwLock::default(),
        }
    }

    pub(super) fn rule_arn(&self, rule: &str) -> String {
        let resource = match self.name.as_str() {
            DEFAULT => format!("rule/{rule}"),
            bus => format!("rule/{bus}/{rule}"),
        };
        Arn::new("events", resource).to_string()
    }

    pub(super) fn rules(&self) -> Rules {
        Arc::clone(&self.rules.read())
    }

    pub(super) fn rule(&self, name: &str) -> Result<Arc<Rule>, AwsError> {
        self.rules.read().get(name).cloned().ok_or_else(|| self.no_rule(name))
    }

    fn no_rule(&self, name: &str) -> AwsError {
        error::not_found(format!("Rule {name} does not exist on EventBus {}.", self.name))
    }

    /// Runs `change` on a copy of the rules under the bus's lock; then the copy is the rules.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, Arc<Rule>>) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let mut current = self.rules.write();
        let mut rules = BTreeMap::clone(&current);
        let result = change(&mut rules)?;
        if rules.len() > RULES_MAX {
            return Err(error::limit());
        }
        *current = Arc::new(rules);
        Ok(result)
    }

    /// Replaces a rule by a changed copy.
    pub(super) fn change_rule<T>(
        &self,
        name: &str,
        change: impl FnOnce(&mut Rule) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        self.change(|rules| {
            let place = rules.get_mut(name).ok_or_else(|| self.no_rule(name))?;
            let mut rule = Rule::clone(place);
            let result = change(&mut rule)?;
            *place = Arc::new(rule);
            Ok(result)
        })
    }
}
