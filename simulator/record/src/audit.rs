//! What the audit at the end of a run found.

use serde::{Deserialize, Serialize};

/// The audit: every accepted order has exactly one outcome, stock is conserved, money is captured
/// once, and nothing is lost in a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Audit {
    /// Orders that shoppers were told are accepted.
    pub accepted: u64,
    /// Of those: shipped (or delivered).
    pub shipped: u64,
    /// Of those: rejected for want of stock.
    pub rejected: u64,
    /// Of those: cancelled or refunded.
    pub cancelled: u64,
    /// Of those: still on their way in a queue when the run ended.
    pub queued: u64,
    /// Of those: in a dead-letter queue.
    pub dead_lettered: u64,
    /// Pieces in stock when the run began.
    pub stock_start: u64,
    /// Pieces in stock when it ended.
    pub stock_end: u64,
    /// Pieces set aside for orders.
    pub stock_sold: u64,
    /// Payments captured.
    pub captured: u64,
    /// Captured payments given back.
    pub refunded: u64,
    /// Authorisations given up, as an order was rejected or cancelled. 0 in older records, which did
    /// not count them.
    #[serde(default)]
    pub voided: u64,
    /// Notifications that were due.
    pub notifications_due: u64,
    /// Notifications that were sent.
    pub notifications_sent: u64,
    /// How many findings there are in all.
    pub findings_total: u64,
    /// The first [`MAX_FINDINGS`] findings. Empty: the audit is clean.
    pub findings: Vec<AuditFinding>,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AuditFinding {
    /// What kind of thing.
    pub kind: FindingKind,
    /// The order it is about, as text; empty where it is about none (stock).
    pub order: String,
    /// What was expected and what was found, as one sentence.
    pub detail: String,
}

/// Kinds of things that must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// An accepted order that is written down nowhere, or has no outcome and no message that goes on
    /// with it; or one whose checkout stayed open and that stopped after inventory had taken it up.
    LostOrder,
    /// An order that no shopper was told of, and none was left waiting for.
    UnknownOrder,
    /// An order that is written down or promised more than once, or one checkout that made two.
    DoubledOrder,
    /// Stock that does not add up: a product's (sold and left is not what there was, or less than
    /// nothing is left), or an order's (other pieces set aside than were bought, more than once, not at
    /// all for one that shipped, or still for one that will not ship).
    Oversold,
    /// A payment captured more than once.
    DoubleCapture,
    /// Money and order disagree: an order that went on without authorisation, shipped without a capture
    /// or on one that was voided, was captured without shipping, or will never ship and still holds the
    /// authorisation; an amount that is not the order's; money moved for no order at all.
    CaptureMismatch,
    /// A captured order that was cancelled without exactly one refund, a refund of anything else, or one
    /// of another amount.
    RefundMismatch,
    /// A notification that was due and not sent, sent twice, or sent without being due.
    NotificationMismatch,
}

/// Findings an audit lists; the others are only counted.
pub const MAX_FINDINGS: usize = 100;

impl FindingKind {
    /// The name in records and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LostOrder => "lost-order",
            Self::UnknownOrder => "unknown-order",
            Self::DoubledOrder => "doubled-order",
            Self::Oversold => "oversold",
            Self::DoubleCapture => "double-capture",
            Self::CaptureMismatch => "capture-mismatch",
            Self::RefundMismatch => "refund-mismatch",
            Self::NotificationMismatch => "notification-mismatch",
        }
    }
}

impl Audit {
    /// Counts a finding, and lists it if there is room.
    pub fn push_finding(&mut self, finding: AuditFinding) {
        self.findings_total += 1;
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings_total == 0
    }
}
