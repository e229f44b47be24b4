//! What all batches share: their rules, and answers entry by entry.

use std::collections::HashSet;

use securecart_embedded_wire::AwsError;

use crate::{
    error,
    text::{Text, write_key, write_member},
};

/// The most entries of a batch.
const MAX_ENTRIES: usize = 10;

/// Refuses batches that are empty, too long, or whose entries cannot be told apart.
pub(super) fn check<'a, 'b: 'a>(
    kind: &str,
    ids: impl ExactSizeIterator<Item = Option<&'a Text<'b>>>,
) -> Result<(), AwsError> {
    match ids.len() {
        0 => return Err(error::empty_batch(kind)),
        1..=MAX_ENTRIES => {}
        count => return Err(error::too_many_entries(count)),
    }
    let mut seen = HashSet::new();
    for id in ids {
        let id: &str = id.ok_or_else(|| error::missing("Id"))?;
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if id.is_empty() || id.len() > 80 || !id.bytes().all(is_allowed) {
            return Err(error::invalid_entry_id());
        }
        if !seen.insert(id) {
            return Err(error::repeated_entry(id));
        }
    }
    Ok(())
}

/// The answer to a batch while it is being written.
#[derive(Debug, Default)]
pub(super) struct Results {
    successful: Vec<u8>,
    failed: Vec<u8>,
}

impl Results {
    /// Records what became of the entry `id`; `members` writes the rest of a success.
    pub(super) fn push<T>(
        &mut self,
        id: &str,
        outcome: Result<T, AwsError>,
        members: impl FnOnce(&mut Vec<u8>, T),
    ) {
        let list = if outcome.is_ok() { &mut self.successful } else { &mut self.failed };
        if !list.is_empty() {
            list.push(b',');
        }
        list.push(b'{');
        write_member(list, "Id", id);
        match outcome {
            Ok(value) => members(list, value),
            Err(error) => {
                write_member(list, "Code", error::query_code(&error));
                write_member(list, "Message", &error.message);
                write_key(list, "SenderFault");
                list.extend_from_slice(if error.status < 500 { b"true" } else { b"false" });
            }
        }
        list.push(b'}');
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.successful.len() + self.failed.len() + 32);
        out.push(b'{');
        for (key, list) in [("Successful", self.successful), ("Failed", self.failed)] {
            if !list.is_empty() {
                write_key(&mut out, key);
                out.push(b'[');
                out.extend_from_slice(&list);
                out.push(b']');
            }
        }
        out.push(b'}');
        out
    }
}
