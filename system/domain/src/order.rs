//! An order, its one life cycle and its one ledger.
//!
//! ```text
//! placed ─▶ paid ─▶ reserved ─▶ shipped ─▶ delivered
//!             │         │           └────▶ refunded
//!             ├─────────┴──▶ cancelled
//!             └──▶ rejected
//! ```
//!
//! `paid` means that the payment is authorised: money is captured after the stock is reserved and
//! before the parcel leaves, so an order that cannot be fulfilled never costs the shopper anything.
//! A refused authorisation ends before there is an order at all.

use serde::{Deserialize, Serialize};

use crate::{CustomerId, Money, OrderId, Timestamp, cart::PricedLine};

/// Where an order is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    /// Written down.
    Placed,
    /// Its payment is authorised.
    Paid,
    /// Its stock is set aside.
    Reserved,
    /// Its payment is captured and the parcel is on its way.
    Shipped,
    /// The parcel has arrived.
    Delivered,
    /// It could not be fulfilled (no stock); nothing was captured.
    Rejected,
    /// It was stopped before it shipped.
    Cancelled,
    /// Its money was given back after it shipped.
    Refunded,
}

impl OrderState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Placed,
        Self::Paid,
        Self::Reserved,
        Self::Shipped,
        Self::Delivered,
        Self::Rejected,
        Self::Cancelled,
        Self::Refunded,
    ];

    /// The name in tables, records and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Paid => "paid",
            Self::Reserved => "reserved",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }

    /// The state named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether an order may go from here to `next`.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Placed, Self::Paid)
                | (Self::Paid, Self::Reserved | Self::Rejected | Self::Cancelled)
                | (Self::Reserved, Self::Shipped | Self::Cancelled)
                | (Self::Shipped, Self::Delivered | Self::Refunded)
                | (Self::Delivered, Self::Refunded)
        )
    }

    /// Whether the shop owes the shopper nothing more: the outcome the audit counts.
    ///
    /// A shipped order counts: its delivery takes days and is the carrier's.
    #[must_use]
    pub const fn is_outcome(self) -> bool {
        matches!(
            self,
            Self::Shipped | Self::Delivered | Self::Rejected | Self::Cancelled | Self::Refunded
        )
    }
}

/// Something that was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Who bought it.
    pub customer: CustomerId,
    /// What was bought, at the prices of that moment.
    pub lines: Vec<PricedLine>,
    /// The sum of the lines.
    pub total: Money,
    /// When checkout accepted it.
    pub placed_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_read_back() {
        for state in OrderState::ALL {
            assert_eq!(OrderState::parse(state.as_str()), Some(state));
        }
        assert_eq!(OrderState::parse("lost"), None);
    }

    proptest! {
        /// However an order wanders, it can't leave an end, and it ships only once reserved.
        #[test]
        fn every_walk_through_the_life_cycle_is_sound(choices in prop::collection::vec(0_usize..8, 0..40)) {
            let mut walk = vec![OrderState::Placed];
            for choice in choices {
                let here = walk[walk.len() - 1];
                let next = OrderState::ALL[choice];
                if here.may_become(next) {
                    prop_assert!(!walk.contains(&next), "no state is entered twice");
                    walk.push(next);
                }
            }
            if walk.contains(&OrderState::Shipped) {
                prop_assert!(walk.contains(&OrderState::Reserved) && walk.contains(&OrderState::Paid));
                prop_assert!(!walk.contains(&OrderState::Cancelled));
            }
            let last = walk[walk.len() - 1];
            let stuck = OrderState::ALL.iter().all(|&next| !last.may_become(next));
            prop_assert!(!stuck || last.is_outcome(), "an order stuck in {last:?} has no outcome");
        }
    }
}
