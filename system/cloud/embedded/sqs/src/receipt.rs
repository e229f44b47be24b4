//! Receipt handles: opaque to callers, self-checking here.
//!
//! A handle names the queue, the message's place in it and the receive that gave it out. A check
//! word over all three tells a handle of ours from anything else, so garbage and handles of other
//! queues are refused without a table of handles.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::queue::Key;

const BYTES: usize = 40;

/// What a receipt handle says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// The queue's instance: a queue created anew under an old name is another one.
    pub(crate) queue: u64,
    /// The message.
    pub(crate) key: Key,
    /// The receive, unique within the queue.
    pub(crate) serial: u64,
}

impl Receipt {
    pub(crate) fn encode(&self) -> String {
        let key = self.key.to_u64();
        let check = self.check();
        let mut bytes = [0; BYTES];
        // The serial comes last and the check first, so that handles differ from their start.
        for (slot, word) in
            bytes.chunks_exact_mut(8).zip([check, self.queue, key, self.serial, !check])
        {
            slot.copy_from_slice(&word.to_be_bytes());
        }
        STANDARD.encode(bytes)
    }

    /// The receipt in `handle`; `None` for anything this engine did not give out.
    pub(crate) fn decode(handle: &str) -> Option<Self> {
        let mut bytes = [0; BYTES + 2];
        let length = STANDARD.decode_slice(handle, &mut bytes).ok()?;
        if length != BYTES {
            return None;
        }
        let word = |index: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[index * 8..index * 8 + 8]);
            u64::from_be_bytes(word)
        };
        let receipt = Self { queue: word(1), key: Key::from_u64(word(2)), serial: word(3) };
        let check = receipt.check();
        (word(0) == check && word(4) == !check).then_some(receipt)
    }

    fn check(&self) -> u64 {
        let spread = |value: u64| {
            let z = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        spread(self.queue ^ spread(self.key.to_u64() ^ spread(self.serial ^ 0x5351_535f_7265_6376)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_survives_the_trip_and_garbage_does_not() {
        let receipt = Receipt { queue: 9, key: Key::from_u64(77), serial: 3 };
        let handle = receipt.encode();
        assert_eq!(Receipt::decode(&handle), Some(receipt));
        let mut forged = handle.into_bytes();
        forged[20] = if forged[20] == b'A' { b'B' } else { b'A' };
        assert_eq!(Receipt::decode(&String::from_utf8(forged).expect("ASCII")), None);
        for garbage in ["", "AQEB", "not base64 at all!", &"A".repeat(56), &"A".repeat(5_000)] {
            assert_eq!(Receipt::decode(garbage), None);
        }
    }
}
