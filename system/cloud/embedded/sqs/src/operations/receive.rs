//! `ReceiveMessage`, with its long poll.

use std::{pin::pin, sync::Arc, time::Duration};

use securecart_embedded_wire::{ACCOUNT_ID, AwsError};
use tokio::time::{Instant, sleep_until};

use crate::{
    attributes::Selection,
    error,
    queue::{Delivery, Queue, Request, Taken},
    request::ReceiveMessage,
    service::Inner,
    settings::{MAX_VISIBILITY_SECONDS, MAX_WAIT_SECONDS, NAMES},
    text::{Text, hex, parse, write_key, write_member, write_number},
};

/// The attributes the service itself keeps of a message.
const SYSTEM_NAMES: [&str; 10] = [
    "All",
    "AWSTraceHeader",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
];

pub(crate) async fn receive_message(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: ReceiveMessage<'_> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    let wanted = Wanted::new(&request)?;
    let request = validate(&request, &queue)?;
    let deliveries = poll(inner, &queue, &request).await?;
    Ok(wanted.write(&deliveries, queue.fifo))
}

/// A receive and how long it may wait.
struct Poll<'a> {
    request: Request<'a>,
    wait_seconds: Option<u64>,
}

fn validate<'a>(request: &'a ReceiveMessage<'_>, queue: &Queue) -> Result<Poll<'a>, AwsError> {
    let within = |value: Option<i64>, name: &str, least: u64, most: u64, reason: &str| {
        let Some(value) = value else { return Ok(None) };
        let checked = u64::try_from(value).ok().filter(|v| (least..=most).contains(v));
        checked.map(Some).ok_or_else(|| error::invalid_value(value, name, reason))
    };
    let most = within(
        request.max_number_of_messages,
        "MaxNumberOfMessages",
        1,
        10,
        "Must be between 1 and 10, if provided.",
    )?;
    let visibility_seconds = within(
        request.visibility_timeout,
        "VisibilityTimeout",
        0,
        MAX_VISIBILITY_SECONDS,
        "Must be between 0 and 43200, if provided.",
    )?;
    let wait_seconds = within(
        request.wait_time_seconds,
        "WaitTimeSeconds",
        0,
        MAX_WAIT_SECONDS,
        "Must be >= 0 and <= 20, if provided.",
    )?;
    let attempt_id = request.receive_request_attempt_id.as_deref();
    if let Some(id) = attempt_id {
        let is_valid =
            !id.is_empty() && id.len() <= 128 && id.bytes().all(|b| b.is_ascii_graphic());
        let reason = match (queue.fifo, is_valid) {
            (false, _) => "The request include parameter that is not valid for this queue type.",
            (true, false) => {
                "ReceiveRequestAttemptId can only include alphanumeric and punctuation \
                 characters. 1 to 128 in length."
            }
            (true, true) => "",
        };
        if !reason.is_empty() {
            return Err(error::invalid_value(id, "ReceiveRequestAttemptId", reason));
        }
    }
    let most = usize::try_from(most.unwrap_or(1)).unwrap_or(1);
    Ok(Poll { request: Request { most, visibility_seconds, attempt_id }, wait_seconds })
}

/// Tries until something is there or the time is up. Messages are taken and returned in one step,
/// so a poll that is dropped while it waits holds none.
async fn poll(
    inner: &Inner,
    queue: &Arc<Queue>,
    poll: &Poll<'_>,
) -> Result<Vec<Delivery>, AwsError> {
    let started_ms = inner.now_ms();
    let mut woken = pin!(queue.wake.notified());
    loop {
        // Registered before looking: what comes between the look and the wait is not missed.
        woken.as_mut().enable();
        let attempt = attempt(inner, queue, &poll.request)?;
        let wait_seconds = poll.wait_seconds.unwrap_or(attempt.queue_wait_seconds);
        if !attempt.taken.deliveries.is_empty() {
            return Ok(attempt.taken.deliveries);
        }
        if wait_seconds == 0 && attempt.taken.at_limit && !queue.fifo {
            return Err(error::over_limit());
        }
        let until_ms = started_ms + wait_seconds * 1_000;
        if attempt.now_ms >= until_ms {
            return Ok(Vec::new());
        }
        let next_ms = attempt.next_deadline_ms.unwrap_or(until_ms).min(until_ms);
        tokio::select! {
            () = woken.as_mut() => {}
            () = sleep_until(instant(inner, next_ms)) => {}
        }
        woken.set(queue.wake.notified());
    }
}

/// When the clock shows `at_ms`.
fn instant(inner: &Inner, at_ms: u64) -> Instant {
    let started = inner.clock.started();
    let since_ms = at_ms.saturating_sub(inner.clock.at_ms(started));
    started + Duration::from_millis(since_ms)
}

/// One look at the queue.
struct Attempt {
    taken: Taken,
    now_ms: u64,
    queue_wait_seconds: u64,
    next_deadline_ms: Option<u64>,
}

fn attempt(inner: &Inner, queue: &Queue, request: &Request<'_>) -> Result<Attempt, AwsError> {
    let now_ms = inner.now_ms();
    let (mut attempt, dead_letter_queue) = queue.access(now_ms, |state| {
        // Without its dead-letter queue a message stays where it is.
        let redrive = state.settings.redrive.as_ref().and_then(|policy| {
            let target = inner.registry.by_name(policy.target_name())?;
            Some((target, policy.max_receive_count))
        });
        let (target, max_receives) = redrive.unzip();
        let attempt = Attempt {
            taken: state.receive(request, max_receives, now_ms),
            now_ms,
            queue_wait_seconds: state.settings.receive_wait_seconds,
            next_deadline_ms: state.next_deadline_ms(),
        };
        (attempt, target)
    })?;
    let dead = std::mem::take(&mut attempt.taken.dead);
    if let Some(target) = dead_letter_queue.filter(|_| !dead.is_empty()) {
        // If the target is deleted just now, its messages go with it, these among them.
        let _gone = target.access(now_ms, |state| {
            for message in dead {
                state.adopt(message, queue.arn.clone(), now_ms);
            }
        });
    }
    Ok(attempt)
}

/// What an answer says of each message.
struct Wanted {
    system: Vec<&'static str>,
    all_system: bool,
    attributes: Selection,
}

impl Wanted {
    fn new(request: &ReceiveMessage<'_>) -> Result<Self, AwsError> {
        let names = [&request.message_system_attribute_names, &request.attribute_names];
        let mut system = Vec::new();
        for name in names.into_iter().flatten().flatten() {
            match SYSTEM_NAMES.iter().find(|known| **known == &**name) {
                Some(known) => system.push(*known),
                // The older member is typed as names of queue attributes: they select nothing.
                None if NAMES.contains(&&**name) => {}
                None => return Err(error::unknown_attribute(name)),
            }
        }
        let patterns: &[Text<'_>] = request.message_attribute_names.as_deref().unwrap_or_default();
        Ok(Self {
            all_system: system.contains(&"All"),
            system,
            attributes: Selection::new(patterns),
        })
    }

    fn write(&self, deliveries: &[Delivery], fifo: bool) -> Vec<u8> {
        if deliveries.is_empty() {
            return super::EMPTY.to_vec();
        }
        let bodies: usize = deliveries.iter().map(|delivery| delivery.content.body.len()).sum();
        let mut out = Vec::with_capacity(bodies + bodies / 8 + deliveries.len() * 512);
        out.extend_from_slice(b"{\"Messages\":[");
        for (index, delivery) in deliveries.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.write_one(&mut out, delivery, fifo);
        }
        out.extend_from_slice(b"]}");
        out
    }

    fn write_one(&self, out: &mut Vec<u8>, delivery: &Delivery, fifo: bool) {
        let content = &delivery.content;
        out.push(b'{');
        write_member(out, "MessageId", &delivery.id);
        write_member(out, "ReceiptHandle", &delivery.handle);
        write_member(out, "MD5OfBody", &hex(&content.body_md5));
        write_member(out, "Body", &content.body);
        if !self.system.is_empty() {
            self.write_system(out, delivery, fifo);
        }
        self.attributes.write(out, &content.attributes, content.attributes_md5);
        out.push(b'}');
    }

    fn write_system(&self, out: &mut Vec<u8>, delivery: &Delivery, fifo: bool) {
        let content = &delivery.content;
        let wants = |name: &str| self.all_system || self.system.contains(&name);
        let start = out.len();
        write_key(out, "Attributes");
        out.push(b'{');
        let empty = out.len();
        for (name, number) in [
            ("ApproximateFirstReceiveTimestamp", delivery.first_received_ms),
            ("ApproximateReceiveCount", u64::from(delivery.receives)),
            ("SentTimestamp", delivery.sent_ms),
        ] {
            if wants(name) {
                write_number(out, name, number);
            }
        }
        if fifo && wants("SequenceNumber") {
            write_number(out, "SequenceNumber", delivery.sequence);
        }
        for (name, text) in [
            ("SenderId", Some(ACCOUNT_ID)),
            ("MessageGroupId", content.group.as_deref()),
            ("MessageDeduplicationId", content.deduplication_id.as_deref()),
            ("DeadLetterQueueSourceArn", delivery.dead_letter_source.as_deref()),
            ("AWSTraceHeader", content.trace_header.as_deref()),
        ] {
            if let Some(text) = text.filter(|_| wants(name)) {
                write_member(out, name, text);
            }
        }
        if out.len() == empty {
            out.truncate(start);
        } else {
            out.push(b'}');
        }
    }
}
