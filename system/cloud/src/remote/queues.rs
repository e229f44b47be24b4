//! What an emulator's queues hold: its own counts, looked at once a second, and what was done with
//! their messages.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_sdk_sqs::types::QueueAttributeName as Name;
use memchr::memmem;
use parking_lot::Mutex;
use securecart_domain::resources::{QUEUES, dead_letter_queue};
use securecart_embedded::QueueMetrics;
use tokio::{task::AbortHandle, time::interval};

use crate::{Clients, Resources, shaped::json};

/// How often the emulator is asked.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Looks in a row at which nothing was there before the queues count as empty: what SNS and
/// EventBridge of an emulator hand over may be between two of them.
const EMPTY_LOOKS: u32 = 3;

/// The queues of an emulator.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    known: Mutex<BTreeMap<String, Known>>,
    /// Looks in a row at which no queue but the dead-letter queues held anything.
    empty_looks: Mutex<u32>,
    watch: Mutex<Option<AbortHandle>>,
}

/// What is known of a queue.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    visible: u64,
    in_flight: u64,
    delayed: u64,
    received: u64,
    deleted: u64,
    /// Messages that came, as far as they were seen: those that went and those that are there.
    sent: u64,
}

impl Queues {
    /// Looks at every queue of `resources` from now on.
    pub(crate) fn watch(self: &Arc<Self>, clients: Clients, resources: &Resources) {
        let queues = Arc::downgrade(self);
        let urls = resources.queue_urls.clone();
        let watch = tokio::spawn(async move {
            let mut ticks = interval(LOOK_EVERY);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let Some(queues) = queues.upgrade() else { return };
                queues.look(&clients, &urls).await;
            }
        });
        if let Some(before) = self.watch.lock().replace(watch.abort_handle()) {
            before.abort();
        }
    }

    async fn look(&self, clients: &Clients, urls: &BTreeMap<String, String>) {
        let asked = urls.iter().map(|(name, url)| async move {
            let asked = clients
                .sqs
                .get_queue_attributes()
                .queue_url(url)
                .attribute_names(Name::ApproximateNumberOfMessages)
                .attribute_names(Name::ApproximateNumberOfMessagesNotVisible)
                .attribute_names(Name::ApproximateNumberOfMessagesDelayed);
            Some((name, asked.send().await.ok()?.attributes?))
        });
        let answers = futures::future::join_all(asked).await;
        let is_whole = answers.iter().all(Option::is_some);
        for (name, attributes) in answers.into_iter().flatten() {
            let count = |of: Name| {
                attributes.get(&of).and_then(|count| count.parse().ok()).unwrap_or_default()
            };
            let mut known = self.known.lock();
            let known = known.entry(name.clone()).or_default();
            known.visible = count(Name::ApproximateNumberOfMessages);
            known.in_flight = count(Name::ApproximateNumberOfMessagesNotVisible);
            known.delayed = count(Name::ApproximateNumberOfMessagesDelayed);
            known.see();
        }
        self.judge(is_whole);
    }

    /// Takes what a look has shown; one that is not whole shows nothing.
    fn judge(&self, is_whole: bool) {
        let known = self.known.lock();
        let is_empty = QUEUES.iter().all(|queue| known.get(*queue).is_none_or(Known::is_empty));
        let mut looks = self.empty_looks.lock();
        *looks = if is_whole && is_empty { *looks + 1 } else { 0 };
    }

    /// Whether nothing is in any queue but the dead-letter queues, nor on its way there.
    pub(crate) fn are_empty(&self) -> bool {
        *self.empty_looks.lock() >= EMPTY_LOOKS
    }

    /// Counts what a call that was answered has done.
    pub(crate) fn count(&self, operation: &str, request: &[u8], answer: &[u8]) {
        let done = match operation {
            "ReceiveMessage" => memmem::find_iter(answer, b"\"ReceiptHandle\"").count() as u64,
            "DeleteMessage" => 1,
            "DeleteMessageBatch" => batch_successes(answer),
            _ => return,
        };
        let url = json::member(request, "QueueUrl").and_then(json::string).unwrap_or_default();
        let Some((_, name)) = url.rsplit_once('/') else { return };
        let mut known = self.known.lock();
        let known = known.entry(name.to_owned()).or_default();
        if operation == "ReceiveMessage" {
            known.received += done;
        } else {
            known.deleted += done;
        }
        if done > 0 {
            // Whoever works off a message sends another one.
            *self.empty_looks.lock() = 0;
        }
    }

    /// Every queue.
    pub(crate) fn metrics(&self) -> Vec<QueueMetrics> {
        let known = self.known.lock();
        let metrics = |(name, queue): (&String, &Known)| QueueMetrics {
            name: name.clone(),
            visible: queue.visible,
            in_flight: queue.in_flight,
            delayed: queue.delayed,
            oldest_age_ms: 0,
            sent: queue.sent.max(queue.deleted),
            received: queue.received,
            deleted: queue.deleted,
            dead_lettered: known.get(&dead_letter_queue(name)).map_or(0, |dead| dead.sent),
            duplicated: 0,
        };
        known.iter().map(metrics).collect()
    }
}

impl Drop for Queues {
    fn drop(&mut self) {
        if let Some(watch) = self.watch.lock().take() {
            watch.abort();
        }
    }
}

impl Known {
    fn is_empty(&self) -> bool {
        self.visible + self.in_flight + self.delayed == 0
    }

    /// What is there and what went must have come. What is deleted while the emulator answers may be
    /// in both: off by that until the next look.
    fn see(&mut self) {
        self.sent = self.sent.max(self.deleted + self.visible + self.in_flight + self.delayed);
    }
}

/// Entries of a batch that were done.
fn batch_successes(answer: &[u8]) -> u64 {
    let answer: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
    let done = answer.get("Successful").and_then(|done| done.as_array());
    done.map_or(0, |done| done.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = br#"{"QueueUrl":"http://127.0.0.1:4566/000000000000/orders"}"#;

    #[test]
    fn what_was_done_is_counted_by_queue() {
        let queues = Queues::default();
        let two = br#"{"Messages":[{"Body":"{\"ReceiptHandle\":1}","ReceiptHandle":"a"},{"ReceiptHandle":"b"}]}"#;
        queues.count("ReceiveMessage", REQUEST, two);
        queues.count("DeleteMessage", REQUEST, b"");
        queues.count("DeleteMessageBatch", REQUEST, br#"{"Successful":[{"Id":"1"}],"Failed":[]}"#);
        queues.count("SendMessage", REQUEST, b"{}");
        let metrics = queues.metrics();
        let orders = metrics.first().expect("it was called");
        assert_eq!((orders.name.as_str(), orders.received, orders.deleted), ("orders", 2, 2));
        assert_eq!(orders.sent, 2);
    }

    #[test]
    fn queues_are_empty_only_after_several_looks_and_not_when_something_was_done() {
        let queues = Queues::default();
        for _ in 0..EMPTY_LOOKS - 1 {
            queues.judge(true);
            assert!(!queues.are_empty());
        }
        queues.judge(true);
        assert!(queues.are_empty());
        queues.count("DeleteMessage", REQUEST, b"");
        assert!(!queues.are_empty());
        for _ in 0..EMPTY_LOOKS {
            queues.judge(false);
        }
        assert!(!queues.are_empty(), "an emulator that does not answer tells nothing");
    }
}
