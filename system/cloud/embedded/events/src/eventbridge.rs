//! Amazon EventBridge: buses whose rules hand events to queues, topics, functions and other buses.
//!
//! ```text
//! PutEvents ─▶ bus ─▶ rules (pattern) ─▶ (delay) ─▶ targets (input) ─▶ delivery, topics, another bus
//! ```
//!
//! An event costs what the rules of its bus cost: each compiled pattern is tried, other buses are
//! not looked at. Deliberately absent: schedules (`ScheduleExpression` is refused), archives and
//! replays, API destinations, partner sources, global endpoints, permissions, and how long a
//! delivery takes: whoever models that says so by [`EventBridge::set_delay`].

mod bus;
mod buses;
mod error;
mod event;
mod input;
mod late;
mod listing;
mod path;
mod put;
mod router;
mod rules;
mod target;

use std::sync::Arc;

use securecart_clock::Clock;
use securecart_embedded_wire::{Answer, AwsError, Call, Ids, Protocol, Targets};
use serde::de::DeserializeOwned;

use crate::{delivery::Courier, metrics::RuleMetrics, sns::Sns};
use bus::{Bus, DEFAULT, State};
use router::Router;

pub use router::EventDelay;

/// EventBridge speaks JSON 1.1.
pub const EVENTBRIDGE_PROTOCOL: Protocol = Protocol::Json11;

/// Amazon EventBridge. Needs a tokio runtime when it is called, not when it is made.
pub struct EventBridge {
    clock: Clock,
    ids: Ids,
    router: Arc<Router>,
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
            router: Arc::new(Router::new(
                Courier::new(targets, seed ^ 0x6576_656e_745f_7274),
                topics,
                default,
            )),
        }
    }

    /// Asks `delay` how long each delivery takes from the acceptance of its event to its first
    /// attempt; no time at all means that it is attempted before the call is answered. Holds for
    /// deliveries that are due from now on.
    pub fn set_delay(&self, delay: EventDelay) {
        self.router.set_delay(delay);
    }

    /// Deliveries that wait: for their delay to pass, or for another attempt.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.router.pending()
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
        let buses: Vec<Arc<Bus>> = self.router.buses.read().values().cloned().collect();
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
        self.router.bus(name)
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
