//! Order and deduplication of a FIFO topic.

use std::collections::{HashMap, VecDeque};

use sha2::{Digest, Sha256};

/// How long a deduplication id is remembered (SNS guide, "message deduplication").
const WINDOW_MS: u64 = 5 * 60 * 1_000;

/// The first sequence number: 20 digits, as AWS's have.
const FIRST_SEQUENCE_NUMBER: u128 = 10_000_000_000_000_000_000;

/// What an accepted message was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) message_id: String,
    pub(super) sequence_number: String,
}

/// A FIFO topic's memory: the messages of the last five minutes, by deduplication id.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    given: u128,
    known: HashMap<String, Accepted>,
    /// Keys of `known` with the time at which they are forgotten, oldest first.
    forgotten_at_ms: VecDeque<(u64, String)>,
}

impl Sequence {
    /// `Err` with the earlier message if `key` was seen within the window.
    pub(super) fn accept(
        &mut self,
        key: String,
        message_id: &str,
        now_ms: u64,
    ) -> Result<Accepted, Accepted> {
        while self.forgotten_at_ms.front().is_some_and(|(at_ms, _)| *at_ms <= now_ms) {
            if let Some((_, key)) = self.forgotten_at_ms.pop_front() {
                self.known.remove(&key);
            }
        }
        if let Some(earlier) = self.known.get(&key) {
            return Err(earlier.clone());
        }
        let sequence_number = (FIRST_SEQUENCE_NUMBER + self.given).to_string();
        self.given += 1;
        let accepted = Accepted { message_id: message_id.to_owned(), sequence_number };
        self.known.insert(key.clone(), accepted.clone());
        self.forgotten_at_ms.push_back((now_ms + WINDOW_MS, key));
        Ok(accepted)
    }
}

/// The deduplication id of a message under content-based deduplication: SHA-256 of its body.
pub(super) fn content_id(message: &str) -> String {
    Sha256::digest(message.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_id_gives_the_first_message_for_five_minutes() {
        let mut sequence = Sequence::default();
        let first = sequence.accept("k".to_owned(), "m-1", 0).expect("new");
        assert_eq!(first.sequence_number, "10000000000000000000");
        let again = sequence.accept("k".to_owned(), "m-2", WINDOW_MS - 1);
        assert_eq!(again, Err(first));
        let later = sequence.accept("k".to_owned(), "m-3", WINDOW_MS).expect("forgotten");
        assert_eq!(later.message_id, "m-3");
        assert_eq!(later.sequence_number, "10000000000000000001");
        assert_eq!(sequence.known.len(), 1);
        assert_eq!(sequence.forgotten_at_ms.len(), 1);
    }

    #[test]
    fn content_ids_are_sha_256() {
        assert_eq!(
            content_id("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
