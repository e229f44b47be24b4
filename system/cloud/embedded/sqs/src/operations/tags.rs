//! Tags of queues.

use std::collections::BTreeMap;

use securecart_embedded_wire::AwsError;

use super::EMPTY;
use crate::{
    error,
    request::{OfQueue, Tagging},
    service::Inner,
    text::{Pairs, Text, parse, required, write_key, write_string},
};

/// The most tags of a queue.
const MAX_TAGS: usize = 50;

pub(crate) fn tag_queue(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: Tagging<'_> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    let tags = required(request.tags, "Tags")?;
    queue.access(inner.now_ms(), |state| {
        state.tags = merge(state.tags.clone(), &tags)?;
        Ok::<_, AwsError>(())
    })??;
    Ok(EMPTY.to_vec())
}

pub(crate) fn untag_queue(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: Tagging<'_> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    let keys = required(request.tag_keys, "TagKeys")?;
    queue.access(inner.now_ms(), |state| {
        for key in &keys {
            state.tags.remove(&**key);
        }
    })?;
    Ok(EMPTY.to_vec())
}

pub(crate) fn list_tags(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: OfQueue<'_> = parse(body)?;
    let queue = inner.queue(request.queue_url.as_ref())?;
    let tags = queue.access(inner.now_ms(), |state| state.tags.clone())?;
    if tags.is_empty() {
        return Ok(EMPTY.to_vec());
    }
    let mut out = vec![b'{'];
    write_key(&mut out, "Tags");
    out.push(b'{');
    for (index, (key, value)) in tags.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(&mut out, key);
        out.push(b':');
        write_string(&mut out, value);
    }
    out.extend_from_slice(b"}}");
    Ok(out)
}

/// `tags` with `new` over them.
pub(super) fn merge(
    mut tags: BTreeMap<String, String>,
    new: &Pairs<'_, Text<'_>>,
) -> Result<BTreeMap<String, String>, AwsError> {
    for (key, value) in &new.0 {
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(error::invalid(format!(
                "Tag `{}` is invalid: keys have 1 to 128 characters, values up to 256.",
                &**key
            )));
        }
        tags.insert(key.to_string(), value.to_string());
    }
    if tags.len() > MAX_TAGS {
        return Err(error::invalid(format!("Too many tags: a queue has up to {MAX_TAGS}.")));
    }
    Ok(tags)
}
