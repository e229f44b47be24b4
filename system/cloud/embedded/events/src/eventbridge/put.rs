//! `PutEvents`, and the way of an event through rules to targets.

use std::{collections::VecDeque, sync::Arc};

use securecart_embedded_wire::{Answer, AwsError, FunctionInvocation, QueueDelivery};
use serde::{Deserialize, Serialize};

use super::{
    EVENTBRIDGE_PROTOCOL, EventBridge,
    bus::{Bus, Rule, State},
    error,
    event::{Entry, Event},
    input::Sender,
    parse,
    target::{Destination, Target},
};
use crate::delivery::{Job, Message};

/// Entries of a request.
const ENTRIES_MAX: usize = 10;

/// Bytes of all entries: 1 MB (EventBridge API, PutEvents; it was 256 KB until 2026).
const SIZE_MAX: usize = 1_048_576;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    entries: Vec<Entry>,
    endpoint_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    failed_entry_count: usize,
    entries: Vec<Outcome>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    #[serde(rename_all = "PascalCase")]
    Accepted { event_id: String },
    #[serde(rename_all = "PascalCase")]
    Refused { error_code: &'static str, error_message: String },
}

/// An event before a bus.
struct Arrival {
    bus: Arc<Bus>,
    event: Arc<Event>,
    /// Whether another bus sent it. Such an event goes to no third one: so AWS rules out loops.
    forwarded: bool,
}

impl EventBridge {
    pub(super) async fn put_events(&self, body: &[u8]) -> Result<Answer, AwsError> {
        let request: Request = parse(body)?;
        check(&request)?;
        let mut outcomes = Vec::with_capacity(request.entries.len());
        for entry in &request.entries {
            outcomes.push(self.put(entry).await);
        }
        let failed = |outcome: &&Outcome| matches!(outcome, Outcome::Refused { .. });
        let response = Response {
            failed_entry_count: outcomes.iter().filter(failed).count(),
            entries: outcomes,
        };
        let body = serde_json::to_vec(&response).expect("strings and numbers are JSON");
        Ok(Answer::ok(EVENTBRIDGE_PROTOCOL, body))
    }

    async fn put(&self, entry: &Entry) -> Outcome {
        let event_id = self.ids.uuid();
        match entry.event(&event_id, self.clock.now_ms()) {
            Ok(event) => {
                // Like AWS: an event for a bus that isn't there is accepted and goes nowhere.
                if let Ok(bus) = self.bus(entry.event_bus_name.as_deref()) {
                    self.route(Arrival { bus, event: Arc::new(event), forwarded: false }).await;
                }
                Outcome::Accepted { event_id }
            }
            Err(refusal) => {
                Outcome::Refused { error_code: refusal.code, error_message: refusal.message }
            }
        }
    }

    async fn route(&self, arrival: Arrival) {
        let mut arrivals = VecDeque::from([arrival]);
        while let Some(arrival) = arrivals.pop_front() {
            for rule in arrival.bus.rules().values() {
                if rule.state == State::Disabled || !rule.pattern.matches(&arrival.event.fields) {
                    continue;
                }
                rule.counters.accepted.increment();
                for target in &rule.targets {
                    arrivals.extend(self.hand_over(rule, target, &arrival).await);
                }
            }
        }
    }

    /// Sends the event to the target; to a bus by returning its arrival there.
    async fn hand_over(
        &self,
        rule: &Rule,
        target: &Arc<Target>,
        arrival: &Arrival,
    ) -> Option<Arrival> {
        let event = &arrival.event;
        match &target.destination {
            Destination::Bus(name) => return self.forward(target, name, arrival).await,
            Destination::Topic => {
                let message = input(rule, target, event);
                match self.topics.publish_from_rule(&target.spec.arn, message).await {
                    Ok(()) => target.route.counters.delivered.increment(),
                    Err(error) => self.refuse(target, event, error.to_string()).await,
                }
            }
            Destination::Queue { group_id } => {
                let delivery = QueueDelivery {
                    queue_arn: target.spec.arn.clone(),
                    body: input(rule, target, event),
                    attributes: Vec::new(),
                    message_group_id: group_id.clone(),
                    message_deduplication_id: None,
                };
                self.courier.send(job(target, event, Message::Queue(delivery))).await;
            }
            Destination::Function => {
                let invocation = FunctionInvocation {
                    function_arn: target.spec.arn.clone(),
                    payload: input(rule, target, event),
                };
                self.courier.send(job(target, event, Message::Function(invocation))).await;
            }
        }
        None
    }

    async fn forward(
        &self,
        target: &Arc<Target>,
        name: &str,
        arrival: &Arrival,
    ) -> Option<Arrival> {
        if arrival.forwarded {
            let reason = "an event that another bus sent goes to no third bus".to_owned();
            self.refuse(target, &arrival.event, reason).await;
            return None;
        }
        match self.bus(Some(name)) {
            Ok(bus) => {
                target.route.counters.delivered.increment();
                Some(Arrival { bus, event: Arc::clone(&arrival.event), forwarded: true })
            }
            Err(error) => {
                self.refuse(target, &arrival.event, error.message).await;
                None
            }
        }
    }

    /// Gives up on a target that is neither queue nor function.
    async fn refuse(&self, target: &Arc<Target>, event: &Event, reason: String) {
        let never_sent = Message::Function(FunctionInvocation {
            function_arn: target.spec.arn.clone(),
            payload: String::new(),
        });
        self.courier.send(job(target, event, never_sent).refused(reason)).await;
    }
}

fn check(request: &Request) -> Result<(), AwsError> {
    let count = request.entries.len();
    if request.endpoint_id.is_some() {
        return Err(error::validation(
            "Parameter EndpointId is not valid. Reason: the embedded engine has no global endpoints.",
        ));
    }
    if count == 0 || count > ENTRIES_MAX {
        let bound = match count {
            0 => "have length greater than or equal to 1",
            _ => "have length less than or equal to 10",
        };
        return Err(error::constraint(&format!("[{count} entries]"), "entries", bound));
    }
    if request.entries.iter().map(Entry::size).sum::<usize>() > SIZE_MAX {
        return Err(error::validation(
            "Total size of the entries in the request is over the limit.",
        ));
    }
    Ok(())
}

fn input(rule: &Rule, target: &Target, event: &Event) -> String {
    target.input.render(event, Sender { rule_arn: &rule.arn, rule_name: &rule.name })
}

fn job(target: &Target, event: &Event, message: Message) -> Job {
    Job::new(message, Arc::clone(&target.route), Some(Arc::clone(&event.json)))
}
