//! Buses for cases, with rules to queues.

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};
use serde_json::Value;

use crate::{
    case::{Checked, Mismatch},
    check::{Answered as _, built, present, same},
    context::{Context, Made},
    sqs::{Queue, body_of},
};

/// The source of the cases' events.
pub(super) const SOURCE: &str = "conformance.shop";

/// A bus of a case.
#[derive(Debug, Clone)]
pub(super) struct Bus {
    pub(super) cx: Context,
    pub(super) name: String,
    pub(super) arn: String,
}

impl Bus {
    pub(super) async fn new(cx: &Context) -> Result<Self, Mismatch> {
        let name = cx.name("bus");
        let created = cx.events().create_event_bus().name(&name).send().await;
        let arn = present("EventBusArn", created.answer("CreateEventBus")?.event_bus_arn)?;
        cx.made(Made::Bus(name.clone()));
        Ok(Self { cx: cx.clone(), name, arn })
    }

    /// Puts a rule with this pattern; its name.
    pub(super) async fn rule(&self, pattern: &str) -> Result<String, Mismatch> {
        let name = self.cx.name("rule");
        let put = self.cx.events().put_rule().name(&name).event_bus_name(&self.name);
        put.event_pattern(pattern).send().await.answer("PutRule")?;
        self.cx.made(Made::Rule { bus: self.name.clone(), name: name.clone() });
        Ok(name)
    }

    /// Adds a target to a rule.
    pub(super) async fn target(&self, rule: &str, target: Target) -> Checked {
        let put = self.cx.events().put_targets().rule(rule).event_bus_name(&self.name);
        let put = put.targets(target).send().await.answer("PutTargets")?;
        same("FailedEntryCount", put.failed_entry_count, 0)
    }

    /// A queue that hears the events that match.
    pub(super) async fn heard_by(&self, pattern: &str) -> Result<Queue, Mismatch> {
        let queue = Queue::new(&self.cx, &[]).await?;
        let rule = self.rule(pattern).await?;
        self.target(&rule, target(&queue).await?).await?;
        Ok(queue)
    }

    /// Puts one event.
    pub(super) async fn put(&self, detail_type: &str, detail: &Value) -> Result<String, Mismatch> {
        let put = self.cx.events().put_events().entries(self.entry(detail_type, detail));
        let put = put.send().await.answer("PutEvents")?;
        same("FailedEntryCount", put.failed_entry_count, 0)?;
        present("EventId", put.entries().first().and_then(|entry| entry.event_id.clone()))
    }

    pub(super) fn entry(&self, detail_type: &str, detail: &Value) -> PutEventsRequestEntry {
        let entry = PutEventsRequestEntry::builder().event_bus_name(&self.name).source(SOURCE);
        entry.detail_type(detail_type).detail(detail.to_string()).build()
    }
}

/// `queue` as a target.
pub(super) async fn target(queue: &Queue) -> Result<Target, Mismatch> {
    built(Target::builder().id("queue").arn(queue.arn().await?).build())
}

/// The next delivery's body within five seconds.
pub(super) async fn next_body(queue: &Queue) -> Result<String, Mismatch> {
    let messages = queue.receive(1, 5).await?;
    let body = messages.first().map(|message| body_of(message).to_owned());
    present("a delivery", body)
}

/// The same, as JSON.
pub(super) async fn next_json(queue: &Queue) -> Result<Value, Mismatch> {
    let body = next_body(queue).await?;
    serde_json::from_str(&body).map_err(|_| Mismatch::new("JSON", body))
}
