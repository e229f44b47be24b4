//! `GetQueueAttributes` and `SetQueueAttributes`.

use securecart_embedded_wire::AwsError;

use super::EMPTY;
use crate::{
    error,
    queue::{Queue, State},
    request::{GetQueueAttributes, SetQueueAttributes},
    service::Inner,
    settings::{NAMES, Settings},
    text::{parse, required, write_key, write_member},
};

pub(crate) fn get_attributes(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: GetQueueAttributes<'_> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    let wanted = request.attribute_names.unwrap_or_default();
    if let Some(name) = wanted.iter().find(|name| &***name != "All" && !NAMES.contains(&&***name)) {
        return Err(error::unknown_attribute(name));
    }
    let all = wanted.iter().any(|name| &**name == "All");
    let is_wanted = |name: &str| all || wanted.iter().any(|wanted| &**wanted == name);
    queue.access(inner.now_ms(), |state| {
        let shown = NAMES.iter().filter(|name| is_wanted(name));
        let mut out = b"{".to_vec();
        for name in shown {
            if let Some(value) = value(&queue, state, name) {
                if out.len() == 1 {
                    write_key(&mut out, "Attributes");
                    out.push(b'{');
                }
                write_member(&mut out, name, &value);
            }
        }
        out.extend_from_slice(if out.len() == 1 { b"}" } else { b"}}" });
        out
    })
}

fn value(queue: &Queue, state: &State, name: &str) -> Option<String> {
    let counts = state.counts();
    match name {
        "QueueArn" => Some(queue.arn.to_string()),
        "ApproximateNumberOfMessages" => Some(counts.visible.to_string()),
        "ApproximateNumberOfMessagesNotVisible" => Some(counts.in_flight.to_string()),
        "ApproximateNumberOfMessagesDelayed" => Some(counts.delayed.to_string()),
        "CreatedTimestamp" => Some((queue.created_ms / 1_000).to_string()),
        "LastModifiedTimestamp" => Some((state.modified_ms / 1_000).to_string()),
        _ => state.settings.get(name),
    }
}

pub(crate) fn set_attributes(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: SetQueueAttributes<'_> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    let attributes = required(request.attributes, "Attributes")?.0;
    let given = || attributes.iter().map(|(name, value)| (&**name, &**value));
    let now_ms = inner.now_ms();
    if given().any(|(name, value)| name == "RedrivePolicy" && !value.is_empty()) {
        // Looked at before the lock is taken: the target is another queue with its own.
        let settings = queue.access(now_ms, |state| state.settings.with(given()))??;
        check_redrive(inner, &queue, &settings)?;
    }
    queue.access(now_ms, |state| {
        let settings = state.settings.with(given())?;
        state.configure(settings, now_ms);
        Ok::<_, AwsError>(())
    })??;
    Ok(EMPTY.to_vec())
}

/// Refuses a redrive policy whose target is missing, of the other type or unwilling.
pub(super) fn check_redrive(
    inner: &Inner,
    queue: &Queue,
    settings: &Settings,
) -> Result<(), AwsError> {
    let Some(policy) = &settings.redrive else { return Ok(()) };
    let refuse = |reason: &str| error::invalid_value(policy.to_text(), "RedrivePolicy", reason);
    let Some(target) = inner.registry.by_name(policy.target_name()) else {
        return Err(refuse("Dead letter target does not exist."));
    };
    if target.fifo != settings.fifo {
        return Err(refuse("Dead-letter queue must be same type of queue as the source."));
    }
    let allowed = if target.arn == queue.arn {
        settings.redrive_allow.clone()
    } else {
        target.access(inner.now_ms(), |state| state.settings.redrive_allow.clone())?
    };
    if allowed.is_some_and(|allowed| !allowed.allows(&queue.arn)) {
        return Err(refuse(
            "The dead-letter queue's redrive allow policy does not allow this queue.",
        ));
    }
    Ok(())
}
