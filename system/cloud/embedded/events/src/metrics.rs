//! Cumulative counts of topics and rules.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// What became of the deliveries of a topic or a rule since it was made.
///
/// `delivered + failed + dead_lettered + pending` is the number of deliveries that were due, save
/// those that are being attempted at this moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryMetrics {
    /// Taken by their target.
    pub delivered: u64,
    /// Given up, and in no dead-letter queue: lost.
    pub failed: u64,
    /// Given up, and put into a dead-letter queue.
    pub dead_lettered: u64,
    /// Attempts after the first.
    pub retried: u64,
    /// Waiting now: for another attempt, behind one that does (message groups), or for the delay of
    /// a delivery from EventBridge to pass.
    pub pending: u64,
}

/// A topic's counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicMetrics {
    /// The topic's ARN.
    pub topic_arn: String,
    /// Messages that were accepted; repeated ones (FIFO) are not counted again.
    pub published: u64,
    /// Deliveries that a filter policy prevented.
    pub filtered_out: u64,
    /// What became of the others.
    pub deliveries: DeliveryMetrics,
}

/// A rule's counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleMetrics {
    /// The rule's ARN.
    pub rule_arn: String,
    /// Events that matched while the rule was enabled.
    pub matched: u64,
    /// What became of their deliveries, one for each target.
    pub deliveries: DeliveryMetrics,
}

/// The live counters behind [`DeliveryMetrics`], and the two that come before delivery.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) accepted: Counter,
    pub(crate) filtered_out: Counter,
    pub(crate) delivered: Counter,
    pub(crate) failed: Counter,
    pub(crate) dead_lettered: Counter,
    pub(crate) retried: Counter,
    /// Shared with what holds a part in it.
    pub(crate) pending: Arc<Counter>,
}

impl Counters {
    pub(crate) fn deliveries(&self) -> DeliveryMetrics {
        DeliveryMetrics {
            delivered: self.delivered.get(),
            failed: self.failed.get(),
            dead_lettered: self.dead_lettered.get(),
            retried: self.retried.get(),
            pending: self.pending.get(),
        }
    }
}

/// A number that many threads change; nothing else is ordered by it.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn decrement(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
