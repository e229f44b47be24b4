//! Amazon EventBridge: buses whose rules hand events to queues, topics, functions and other buses.
//!
//! ```text
//! PutEvents ─▶ bus ─▶ rules (pattern) ─▶ targets (input) ─▶ delivery, topics, another bus
//! ```
//!
//! An event costs what the rules of its bus cost: each compiled pattern is tried, other buses are
//! not looked at. Deliberately absent: schedules (`ScheduleExpression` is refused), archives and
//! replays, API destinations, partner sources, global endpoints, permissions, and the delay of a
//! throttled account (that is `behaviour`).

mod bus;
mod buses;
mod error;
mod event;
mod input;
mod listing;
mod path;
mod put;
mod rules;
mod target;

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::RwLock;
use securecart_clock::Clock;
use securecart_embedded_wire::{Answer, AwsError, Call, Ids, Protocol, Targets};
use serde::de::DeserializeOwned;

use crate::{delivery::Courier, metrics::RuleMetrics, sns::Sns};
use bus::{Bus, DEFAULT, State};

/// EventBridge speaks JSON 1.1.
pub const EVENTBRIDGE_PROTOCOL: Protocol = Protocol::Json11;

/// Amazon EventBridge. Needs a tokio runtime when it is called, not when it is made.
pub struct EventBridge {
    clock: Clock,
    ids: Ids,
    courier: Arc<Courier>,
    topics: Arc<Sns>,
    buses: RwLock<BTreeMap<String, Arc<Bus>>>,
}

impl EventBridge {
    /// A service with the default bus that delivers to `targets` and publishes to `topics`. Ids and
    /// jitter come from `seed`.
    #[must_use]
    pub fn new(clock: Clock, seed: u64, targets: Arc<dyn Targets>, topics: Arc<Sns>) -> Self {
        let default = Bus::new(DEFAULT, None, clock.now_ms());
        Self {
            clock,
            ids: Ids::new(seed ^ 0x6576_656e_745f_6964),
            courier: Arc::new(Courier::new(targets, seed ^ 0x6576_656e_745f_7274)),
            topics,
            buses: RwLock::new(BTreeMap::from([(DEFAULT.to_owned(), Arc::new(default))])),
        }
    }

    /// Answers a call; `call.operation` is what follows `AWSEvents.` in `x-amz-target`.
    ///
    /// # Errors
    ///
    /// The error that EventBridge documents for what is wrong with the call.
    pub async fn call(&self, call: Call<'_>) -> Result<Answer, AwsError> {
        let body = call.body;
        let answer = match call.operation {
            "PutEvents" => return self.put_events(body).await,
            "CreateEventBus" => self.create_event_bus(body),
            "DeleteEventBus" => self.delete_event_bus(body),
            "DescribeEventBus" => self.describe_event_bus(body),
            "ListEventBuses" => self.list_event_buses(body),
            "PutRule" => self.put_rule(body),
            "DeleteRule" => self.delete_rule(body),
            "DescribeRule" => self.describe_rule(body),
            "ListRules" => self.list_rules(body),
            "ListRuleNamesByTarget" => self.list_rule_names_by_target(body),
            "EnableRule" => self.set_state(body, State::Enabled),
            "DisableRule" => self.set_state(body, State::Disabled),
            "PutTargets" => self.put_targets(body),
            "RemoveTargets" => self.remove_targets(body),
            "ListTargetsByRule" => self.list_targets_by_rule(body),
            "TestEventPattern" => rules::test_event_pattern(body),
            "TagResource" => self.tag_resource(body),
            "UntagResource" => self.untag_resource(body),
            "ListTagsForResource" => self.list_tags(body),
            operation => Err(error::unknown_operation(operation)),
        }?;
        Ok(Answer::ok(EVENTBRIDGE_PROTOCOL, answer.to_string()))
    }

    /// The counts of every rule, by bus and name.
    #[must_use]
    pub fn metrics(&self) -> Vec<RuleMetrics> {
        let buses: Vec<Arc<Bus>> = self.buses.read().values().cloned().collect();
        buses
            .iter()
            .flat_map(|bus| bus.rules().values().cloned().collect::<Vec<_>>())
            .map(|rule| RuleMetrics {
                rule_arn: rule.arn.clone(),
                matched: rule.counters.accepted.get(),
                deliveries: rule.counters.deliveries(),
            })
            .collect()
    }

    /// The bus of a name or an ARN; without either the default one.
    fn bus(&self, name: Option<&str>) -> Result<Arc<Bus>, AwsError> {
        let name = name.filter(|name| !name.is_empty()).unwrap_or(DEFAULT);
        let name = match name.starts_with("arn:") {
            true => name.rsplit_once(":event-bus/").map_or(name, |(_, name)| name),
            false => name,
        };
        let bus = self.buses.read().get(name).cloned();
        bus.ok_or_else(|| error::not_found(format!("Event bus {name} does not exist.")))
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, AwsError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| error::serialization(&error))
}

/// A time as JSON 1.1 writes it: seconds since the Unix epoch.
#[expect(clippy::cast_precision_loss, reason = "milliseconds fit into 52 bits for ages")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

#[cfg(test)]
mod tests;
