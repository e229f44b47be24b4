//! The call rates of SQS, SNS, EventBridge and S3. They act in wall time: what counts is calls a second
//! as they are made, whatever the run's speed.

use std::{collections::HashMap, time::Duration};

use parking_lot::Mutex;
use securecart_behaviour::{
    event_bridge::PutEvents,
    s3::{Access, S3},
    sns::Sns,
    sqs::{Action, Fifo},
};

use super::{call::Service, json};

/// FIFO queues that are limited: more than SecureCart has. Any beyond them are not.
const MOST_QUEUES: usize = 1_000;

/// The rates of an account in us-east-1.
#[derive(Debug)]
pub(super) struct Quotas {
    burst: Duration,
    fifo: Mutex<HashMap<String, Fifo>>,
    sns: Mutex<Sns>,
    put_events: Mutex<PutEvents>,
    s3: Mutex<S3>,
}

impl Quotas {
    pub(super) fn new(burst: Duration) -> Self {
        let now = Duration::ZERO;
        Self {
            burst,
            fifo: Mutex::default(),
            sns: Mutex::new(Sns::new(burst, now)),
            put_events: Mutex::new(PutEvents::new(burst, now)),
            s3: Mutex::new(S3::new(burst, now)),
        }
    }

    /// Takes a call; `false` is a throttle.
    pub(super) fn admit(
        &self,
        now: Duration,
        service: Service,
        operation: &str,
        body: &[u8],
    ) -> bool {
        match (service, operation) {
            (Service::Sqs, _) => self.sqs(now, operation, body),
            (Service::Sns, "Publish") if has_field(body, b"PhoneNumber=") => {
                self.sns.lock().sms(now)
            }
            (Service::Sns, "Publish") => self.sns.lock().publish(now, 1),
            (Service::Sns, "PublishBatch") => self.sns.lock().publish(now, batch_entries(body)),
            (Service::EventBridge, "PutEvents") => self.put_events.lock().call(now),
            _ => true,
        }
    }

    /// Takes a call to S3, which is `method` on `path`; `false` is a throttle.
    pub(super) fn admit_object(&self, now: Duration, method: &str, path: &str) -> bool {
        let access = if matches!(method, "GET" | "HEAD") { Access::Read } else { Access::Write };
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        self.s3.lock().call(now, path.trim_start_matches('/'), access)
    }

    fn sqs(&self, now: Duration, operation: &str, body: &[u8]) -> bool {
        let Some(action) = action(operation) else { return true };
        let url = json::member(body, "QueueUrl").and_then(json::string).unwrap_or_default();
        if !url.ends_with(".fifo") {
            return true;
        }
        let mut queues = self.fifo.lock();
        if let Some(queue) = queues.get_mut(url) {
            return queue.call(now, action);
        }
        if queues.len() >= MOST_QUEUES {
            return true;
        }
        let mut queue = Fifo::new(self.burst, now);
        let admitted = queue.call(now, action);
        queues.insert(url.to_owned(), queue);
        admitted
    }
}

fn action(operation: &str) -> Option<Action> {
    match operation {
        "SendMessage" | "SendMessageBatch" => Some(Action::Send),
        "ReceiveMessage" => Some(Action::Receive),
        "DeleteMessage" | "DeleteMessageBatch" => Some(Action::Delete),
        "ChangeMessageVisibility" | "ChangeMessageVisibilityBatch" => {
            Some(Action::ChangeVisibility)
        }
        _ => None,
    }
}

fn fields(form: &[u8]) -> impl Iterator<Item = &[u8]> {
    form.split(|byte| *byte == b'&')
}

fn has_field(form: &[u8], start: &[u8]) -> bool {
    fields(form).any(|field| field.starts_with(start))
}

/// Messages of a `PublishBatch`: each has an id.
fn batch_entries(form: &[u8]) -> u32 {
    let is_id = |field: &&[u8]| {
        let name = field.split(|byte| *byte == b'=').next().unwrap_or_default();
        name.starts_with(b"PublishBatchRequestEntries.") && name.ends_with(b".Id")
    };
    u32::try_from(fields(form).filter(is_id).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fifo_queues_are_limited() {
        let quotas = Quotas::new(Duration::from_secs(1));
        let send = |url: &str| {
            let body = format!(r#"{{"QueueUrl":"{url}","MessageBody":"m"}}"#);
            quotas.admit(Duration::ZERO, Service::Sqs, "SendMessage", body.as_bytes())
        };
        assert_eq!((0..1_000).filter(|_| send("http://e/0/orders")).count(), 1_000);
        assert_eq!((0..1_000).filter(|_| send("http://e/0/orders.fifo")).count(), 300);
        assert!(send("http://e/0/other.fifo"), "each has its own");
    }

    #[test]
    fn a_batch_counts_its_messages_and_an_sms_is_one() {
        let quotas = Quotas::new(Duration::from_secs(1));
        let publish = |operation, body: &str| {
            quotas.admit(Duration::ZERO, Service::Sns, operation, body.as_bytes())
        };
        let batch = "Action=PublishBatch&PublishBatchRequestEntries.member.1.Id=a\
                     &PublishBatchRequestEntries.member.1.Message=.Id\
                     &PublishBatchRequestEntries.member.2.Id=b";
        assert_eq!(batch_entries(batch.as_bytes()), 2);
        let sms = "Action=Publish&PhoneNumber=%2B1555&Message=m";
        assert_eq!((0..100).filter(|_| publish("Publish", sms)).count(), 20);
        let left = (0..40_000).filter(|_| publish("Publish", "Action=Publish&Message=m")).count();
        assert_eq!(left, 29_980);
        assert!(!publish("PublishBatch", batch));
    }
}
