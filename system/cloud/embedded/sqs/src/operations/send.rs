//! `SendMessage`, `SendMessageBatch`, and deliveries from other services.

use std::sync::Arc;

use md5::{Digest as _, Md5};
use securecart_embedded_wire::{AwsError, QueueDelivery};
use sha2::Sha256;

use super::batch;
use crate::{
    attributes::{self, AttributeInput},
    error,
    queue::{Content, Outgoing, Queue, Sent},
    request::{Batch, SendMessage},
    service::Inner,
    settings::{MAX_DELAY_SECONDS, MAX_MESSAGE_BYTES},
    text::{Pairs, Text, hex, is_carried, parse, required, write_member, write_number},
};

pub(crate) fn send_message(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: SendMessage<'_> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    let (outgoing, digests) = prepare(inner, &queue, &request)?;
    let now_ms = inner.now_ms();
    let sent = queue.access(now_ms, |state| state.send(outgoing, now_ms))??;
    let mut out = Vec::with_capacity(224);
    out.push(b'{');
    digests.write(&mut out, &sent);
    out.push(b'}');
    Ok(out)
}

pub(crate) fn send_message_batch(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: Batch<'_, SendMessage<'_>> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    let entries = request.entries;
    batch::check("SendMessageBatchRequestEntry", entries.iter().map(|entry| entry.id.as_ref()))?;
    let prepared: Vec<_> = entries.iter().map(|entry| prepare(inner, &queue, entry)).collect();
    let limit = usize::try_from(MAX_MESSAGE_BYTES).unwrap_or(usize::MAX);
    let total: usize = prepared
        .iter()
        .zip(&entries)
        .map(|(outcome, entry)| match outcome {
            Ok((outgoing, _)) => size_bytes(&outgoing.content),
            Err(_) => entry.message_body.as_deref().map_or(0, str::len),
        })
        .sum();
    if total > limit {
        return Err(error::batch_too_long(limit, total));
    }
    let now_ms = inner.now_ms();
    let outcomes: Vec<_> = queue.access(now_ms, |state| {
        prepared
            .into_iter()
            .map(|outcome| {
                let (outgoing, digests) = outcome?;
                state.send(outgoing, now_ms).map(|sent| (sent, digests))
            })
            .collect()
    })?;
    let mut results = batch::Results::default();
    for (entry, outcome) in entries.iter().zip(outcomes) {
        let id = entry.id.as_deref().unwrap_or_default();
        results.push(id, outcome, |out, (sent, digests)| digests.write(out, &sent));
    }
    Ok(results.finish())
}

/// Puts a message of another service into a queue.
pub(crate) fn deliver(inner: &Inner, delivery: &QueueDelivery) -> Result<(), AwsError> {
    let queue = inner.registry.by_arn(&delivery.queue_arn).ok_or_else(error::no_such_queue)?;
    let attributes = delivery
        .attributes
        .iter()
        .map(|(name, data_type, value)| {
            let (data_type, value) = (Text::from(&**data_type), Some(Text::from(&**value)));
            let is_binary = data_type.starts_with("Binary");
            let (binary_value, string_value) =
                if is_binary { (value, None) } else { (None, value) };
            let input = AttributeInput { data_type: Some(data_type), string_value, binary_value };
            (Text::from(&**name), input)
        })
        .collect();
    let request = SendMessage {
        message_body: Some(Text::from(&*delivery.body)),
        message_attributes: Some(Pairs(attributes)),
        message_group_id: delivery.message_group_id.as_deref().map(Text::from),
        message_deduplication_id: delivery.message_deduplication_id.as_deref().map(Text::from),
        ..SendMessage::default()
    };
    let (outgoing, _) = prepare(inner, &queue, &request)?;
    let now_ms = inner.now_ms();
    queue.access(now_ms, |state| state.send(outgoing, now_ms))??;
    Ok(())
}

/// The digests an answer carries.
#[derive(Debug)]
struct Digests {
    body: [u8; 16],
    attributes: Option<[u8; 16]>,
    system_attributes: Option<[u8; 16]>,
}

impl Digests {
    fn write(&self, out: &mut Vec<u8>, sent: &Sent) {
        write_member(out, "MessageId", &sent.id);
        write_member(out, "MD5OfMessageBody", &hex(&self.body));
        if let Some(digest) = &self.attributes {
            write_member(out, "MD5OfMessageAttributes", &hex(digest));
        }
        if let Some(digest) = &self.system_attributes {
            write_member(out, "MD5OfMessageSystemAttributes", &hex(digest));
        }
        if let Some(number) = sent.sequence_number {
            write_number(out, "SequenceNumber", number);
        }
    }
}

fn size_bytes(content: &Content) -> usize {
    content.body.len() + attributes::size_bytes(&content.attributes)
}

/// Everything about a message that can be checked and computed without the queue's lock.
fn prepare(
    inner: &Inner,
    queue: &Queue,
    request: &SendMessage<'_>,
) -> Result<(Outgoing, Digests), AwsError> {
    let body = request.message_body.as_deref().filter(|body| !body.is_empty());
    let body = required(body, "MessageBody")?;
    if !is_carried(body) {
        return Err(error::invalid_contents());
    }
    let delay_seconds = request.delay_seconds.map(delay).transpose()?;
    let attributes = match &request.message_attributes {
        Some(pairs) => attributes::validate(pairs)?,
        None => Vec::new(),
    };
    let (trace_header, system_digest) = system_attributes(request)?;
    let group = request.message_group_id.as_deref();
    check_id("MessageGroupId", group)?;
    let deduplication_id = request.message_deduplication_id.as_deref();
    check_id("MessageDeduplicationId", deduplication_id)?;

    let attributes_md5 = (!attributes.is_empty()).then(|| attributes::digest(&attributes));
    let digests = Digests {
        body: Md5::digest(body).into(),
        attributes: attributes_md5,
        system_attributes: system_digest,
    };
    let content = Content {
        body: body.into(),
        body_md5: digests.body,
        attributes,
        attributes_md5,
        trace_header,
        group: group.map(Arc::from),
        deduplication_id: deduplication_id.map(Box::from),
    };
    let content_id = (queue.fifo && deduplication_id.is_none())
        .then(|| hex(&Sha256::digest(body)).into_boxed_str());
    let outgoing = Outgoing {
        id: inner.ids.uuid().into(),
        content: Arc::new(content),
        delay_seconds,
        content_id,
    };
    Ok((outgoing, digests))
}

fn delay(seconds: i64) -> Result<u64, AwsError> {
    u64::try_from(seconds).ok().filter(|seconds| *seconds <= MAX_DELAY_SECONDS).ok_or_else(|| {
        error::invalid_value(seconds, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
    })
}

/// The trace header, the only system attribute there is, and the digest over it.
#[expect(clippy::type_complexity, reason = "a pair used once is clearer than a type of its own")]
fn system_attributes(
    request: &SendMessage<'_>,
) -> Result<(Option<Box<str>>, Option<[u8; 16]>), AwsError> {
    let Some(pairs) = request.message_system_attributes.as_ref().filter(|p| !p.0.is_empty()) else {
        return Ok((None, None));
    };
    for (name, input) in &pairs.0 {
        if &**name != "AWSTraceHeader" {
            return Err(error::invalid(format!(
                "Message system attribute name '{}' is invalid: only AWSTraceHeader is supported.",
                &**name
            )));
        }
        if input.data_type.as_deref() != Some("String") {
            return Err(error::invalid(
                "Message system attribute 'AWSTraceHeader' must be of type 'String'.",
            ));
        }
    }
    let digest = attributes::digest(&attributes::validate(pairs)?);
    let header = pairs.0.first().and_then(|(_, input)| input.string_value.as_deref());
    Ok((header.map(Box::from), Some(digest)))
}

/// Group and deduplication ids: 1 to 128 printable ASCII characters without spaces.
fn check_id(parameter: &str, id: Option<&str>) -> Result<(), AwsError> {
    match id {
        Some(id)
            if id.is_empty() || id.len() > 128 || !id.bytes().all(|b| b.is_ascii_graphic()) =>
        {
            Err(error::invalid_value(
                id,
                parameter,
                &format!(
                    "{parameter} can only include alphanumeric and punctuation characters. 1 to \
                     128 in length."
                ),
            ))
        }
        _ => Ok(()),
    }
}
