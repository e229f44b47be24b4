//! Tokens of past transactions: a repeated request is answered, not carried out again.

use std::collections::{HashMap, VecDeque};

use crate::capacity::Usage;

/// Milliseconds for which a token is known (API reference, `TransactWriteItems`).
const LIFETIME_MS: u64 = 10 * 60 * 1_000;

/// Tokens kept at most; the oldest are forgotten first. Every transaction made through the SDK
/// carries a token, so this bounds what ten minutes of them cost.
const CAPACITY: usize = 200_000;

/// MD5 of a request's writes.
pub(crate) type Fingerprint = [u8; 16];

/// What each table used.
pub(crate) type TableUsages = Vec<(String, Usage)>;

/// What is known of a token.
#[derive(Debug)]
struct Past {
    until_ms: u64,
    fingerprint: Fingerprint,
    /// What a repetition costs; `None` while the transaction is being carried out.
    reads: Option<TableUsages>,
}

/// What a request with a token comes to.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It is new: carry it out, then call [`Tokens::finish`] or [`Tokens::abandon`].
    New,
    /// It was carried out already; repeating it costs these reads.
    Done(TableUsages),
    /// The same request is being carried out.
    InProgress,
    /// The token stands for another request.
    Mismatch,
}

/// Tokens and what they stand for.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    known: HashMap<String, Past>,
    /// Tokens by the time at which they will be forgotten.
    order: VecDeque<(u64, String)>,
}

impl Tokens {
    /// Begins a request that carries `token`.
    pub(crate) fn begin(&mut self, token: &str, fingerprint: Fingerprint, now_ms: u64) -> Begun {
        self.forget(now_ms, CAPACITY);
        match self.known.get(token) {
            Some(past) if past.fingerprint != fingerprint => Begun::Mismatch,
            Some(Past { reads: Some(reads), .. }) => Begun::Done(reads.clone()),
            Some(_) => Begun::InProgress,
            None => {
                self.forget(now_ms, CAPACITY - 1);
                let until_ms = now_ms + LIFETIME_MS;
                let past = Past { until_ms, fingerprint, reads: None };
                self.known.insert(token.to_owned(), past);
                self.order.push_back((until_ms, token.to_owned()));
                Begun::New
            }
        }
    }

    /// The transaction was carried out; repeating it costs `reads`.
    pub(crate) fn finish(&mut self, token: &str, reads: TableUsages) {
        if let Some(past) = self.known.get_mut(token) {
            past.reads = Some(reads);
        }
    }

    /// The transaction was not carried out; the token may be used again.
    pub(crate) fn abandon(&mut self, token: &str) {
        self.known.remove(token);
    }

    fn forget(&mut self, now_ms: u64, capacity: usize) {
        while let Some((until_ms, _)) = self.order.front() {
            if *until_ms > now_ms && self.order.len() <= capacity {
                break;
            }
            let Some((until_ms, token)) = self.order.pop_front() else { break };
            // A token that was abandoned and used again has a later place in the order.
            if self.known.get(&token).is_some_and(|past| past.until_ms == until_ms) {
                self.known.remove(&token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_for_ten_minutes() {
        let mut tokens = Tokens::default();
        assert!(matches!(tokens.begin("a", [1; 16], 0), Begun::New));
        assert!(matches!(tokens.begin("a", [1; 16], 0), Begun::InProgress));
        tokens.finish("a", vec![("carts".to_owned(), Usage::of_table(1.0))]);
        assert!(matches!(tokens.begin("a", [1; 16], 1), Begun::Done(reads) if reads.len() == 1));
        assert!(matches!(tokens.begin("a", [2; 16], LIFETIME_MS - 1), Begun::Mismatch));
        assert!(matches!(tokens.begin("a", [2; 16], LIFETIME_MS), Begun::New));
    }

    #[test]
    fn an_abandoned_token_is_free_and_keeps_its_new_lifetime() {
        let mut tokens = Tokens::default();
        assert!(matches!(tokens.begin("a", [1; 16], 0), Begun::New));
        tokens.abandon("a");
        assert!(matches!(tokens.begin("a", [2; 16], 500), Begun::New));
        tokens.finish("a", Vec::new());
        assert!(matches!(tokens.begin("a", [2; 16], LIFETIME_MS + 1), Begun::Done(_)));
    }

    #[test]
    fn tokens_are_bounded() {
        let mut tokens = Tokens::default();
        for number in 0..=CAPACITY {
            assert!(matches!(tokens.begin(&number.to_string(), [0; 16], 0), Begun::New));
        }
        assert_eq!(tokens.known.len(), CAPACITY);
        assert!(matches!(tokens.begin("1", [0; 16], 0), Begun::InProgress));
        assert!(matches!(tokens.begin("0", [0; 16], 0), Begun::New), "the oldest is forgotten");
    }
}
