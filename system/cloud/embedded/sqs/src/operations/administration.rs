//! Creating, finding, listing, purging and deleting queues.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use securecart_embedded_wire::{ACCOUNT_ID, AwsError, Call};

use super::{EMPTY, attributes::check_redrive, tags};
use crate::{
    error,
    queue::{Queue, State},
    request::{CreateQueue, GetQueueUrl, ListQueues, OfQueue},
    service::Inner,
    settings::Settings,
    text::{Text, parse, required, write_key, write_member, write_string},
};

/// The most queues one page lists.
const MAX_RESULTS: i64 = 1_000;

fn url(origin: &str, queue: &Queue) -> String {
    format!("{origin}/{ACCOUNT_ID}/{}", queue.name)
}

fn url_answer(call: Call<'_>, queue: &Queue) -> Vec<u8> {
    let mut out = vec![b'{'];
    write_member(&mut out, "QueueUrl", &url(call.origin, queue));
    out.push(b'}');
    out
}

pub(crate) fn create_queue(inner: &Inner, call: Call<'_>) -> Result<Vec<u8>, AwsError> {
    let request: CreateQueue<'_> = parse(call.body)?;
    let name: &str = required(request.queue_name.as_ref(), "QueueName")?;
    let attributes = request.attributes.unwrap_or_default().0;
    let fifo = check_name(name, &attributes)?;
    let given = || {
        attributes
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .filter(|(n, _)| *n != "FifoQueue")
    };
    let settings = Settings::new(fifo).with(given())?;
    if let Some(existing) = inner.registry.by_name(name) {
        return same_or_refused(inner, call, &existing, &settings, given());
    }
    let tags = match &request.tags {
        Some(pairs) => tags::merge(BTreeMap::new(), pairs)?,
        None => BTreeMap::new(),
    };
    let now_ms = inner.now_ms();
    let queue = Queue::new(name, inner.ids.next_u64(), settings.clone(), tags, now_ms);
    check_redrive(inner, &queue, &settings)?;
    let (queue, is_new) = inner.registry.add(queue, now_ms)?;
    if is_new {
        return Ok(url_answer(call, &queue));
    }
    // Somebody else was quicker.
    same_or_refused(inner, call, &queue, &settings, given())
}

/// Creating a queue again is fine as long as the attributes given are those it has.
fn same_or_refused<'a>(
    inner: &Inner,
    call: Call<'_>,
    existing: &Queue,
    wanted: &Settings,
    given: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<u8>, AwsError> {
    let has = existing.access(inner.now_ms(), |state| state.settings.clone())?;
    for (name, _) in given {
        if has.get(name) != wanted.get(name) {
            return Err(error::queue_exists(name));
        }
    }
    Ok(url_answer(call, existing))
}

/// Checks name and type against each other; tells whether the queue is FIFO.
fn check_name(name: &str, attributes: &[(Text<'_>, Text<'_>)]) -> Result<bool, AwsError> {
    let wants_fifo = attributes.iter().find(|(name, _)| &**name == "FifoQueue");
    let fifo = match wants_fifo.map(|(_, value)| value.to_ascii_lowercase()).as_deref() {
        None => false,
        Some("true") => true,
        // The service knows the attribute only as true.
        Some(_) => return Err(error::unknown_attribute("FifoQueue")),
    };
    let stem = if fifo { name.strip_suffix(".fifo") } else { Some(name) };
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_valid = name.len() <= 80
        && stem.is_some_and(|stem| !stem.is_empty() && stem.bytes().all(is_allowed));
    match (is_valid, fifo) {
        (true, _) => Ok(fifo),
        (false, true) => Err(error::invalid(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or \
             underscores, must end with .fifo suffix and be 1 to 80 in length.",
        )),
        (false, false) => Err(error::invalid(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        )),
    }
}

pub(crate) fn delete_queue(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: OfQueue<'_> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    let now_ms = inner.now_ms();
    queue.access(now_ms, State::dissolve)?;
    inner.registry.remove(&queue, now_ms);
    inner.moves.forget(&queue.arn);
    Ok(EMPTY.to_vec())
}

pub(crate) fn purge_queue(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: OfQueue<'_> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    let now_ms = inner.now_ms();
    queue.access(now_ms, |state| state.purge(&queue.name, now_ms))??;
    Ok(EMPTY.to_vec())
}

pub(crate) fn get_queue_url(inner: &Inner, call: Call<'_>) -> Result<Vec<u8>, AwsError> {
    let request: GetQueueUrl<'_> = parse(call.body)?;
    let name = required(request.queue_name.as_ref(), "QueueName")?;
    let is_ours = request.owner.as_deref().is_none_or(|owner| owner == ACCOUNT_ID);
    let queue = inner.registry.by_name(name).filter(|_| is_ours);
    Ok(url_answer(call, &*queue.ok_or_else(error::no_such_queue)?))
}

pub(crate) fn list_queues(inner: &Inner, call: Call<'_>) -> Result<Vec<u8>, AwsError> {
    let request: ListQueues<'_> = parse(call.body)?;
    let prefix = request.queue_name_prefix.as_deref().unwrap_or_default();
    let mut queues = inner.registry.all();
    queues.retain(|queue| queue.name.starts_with(prefix));
    page(call, &request, "QueueUrls", &queues)
}

pub(crate) fn list_sources(inner: &Inner, call: Call<'_>) -> Result<Vec<u8>, AwsError> {
    let request: ListQueues<'_> = parse(call.body)?;
    let target = inner.queue(request.queue_url.as_ref())?;
    let queues = sources(inner, &target.arn);
    page(call, &request, "queueUrls", &queues)
}

/// The queues whose dead-letter queue is `target_arn`.
pub(super) fn sources(inner: &Inner, target_arn: &str) -> Vec<Arc<Queue>> {
    let now_ms = inner.now_ms();
    let mut queues = inner.registry.all();
    queues.retain(|queue| {
        queue.access(now_ms, |state| {
            state.settings.redrive.as_ref().is_some_and(|policy| policy.target_arn == target_arn)
        }) == Ok(true)
    });
    queues
}

/// One page of `queues`, which are sorted by name. The token is the last name of the page before.
fn page(
    call: Call<'_>,
    request: &ListQueues<'_>,
    key: &str,
    queues: &[Arc<Queue>],
) -> Result<Vec<u8>, AwsError> {
    let most = request.max_results.unwrap_or(MAX_RESULTS);
    if !(1..=MAX_RESULTS).contains(&most) {
        return Err(error::invalid_value(
            most,
            "MaxResults",
            "MaxResults must be an integer between 1 and 1000.",
        ));
    }
    let after = request.next_token.as_deref().map(token_name).transpose()?;
    let start = after.map_or(0, |after| queues.partition_point(|queue| *queue.name <= *after));
    let most = usize::try_from(most).unwrap_or(1);
    let rest = &queues[start..];
    let shown = &rest[..rest.len().min(most)];
    let mut out = vec![b'{'];
    if !shown.is_empty() {
        write_key(&mut out, key);
        out.push(b'[');
        for (index, queue) in shown.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_string(&mut out, &url(call.origin, queue));
        }
        out.push(b']');
    }
    if let (Some(last), true, true) =
        (shown.last(), rest.len() > shown.len(), request.max_results.is_some())
    {
        write_member(&mut out, "NextToken", &STANDARD.encode(last.name.as_bytes()));
    }
    out.push(b'}');
    Ok(out)
}

fn token_name(token: &str) -> Result<String, AwsError> {
    STANDARD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| error::invalid("Invalid or expired next token."))
}
