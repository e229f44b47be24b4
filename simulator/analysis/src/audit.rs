//! The audit: every accepted order has exactly one outcome, stock is conserved, money is captured
//! once, and nothing is lost in a queue.
//!
//! | finding | rule |
//! |---|---|
//! | lost order | an accepted order is written down, and has an outcome or a message that goes on with it |
//! | doubled order | an order is written once, and promised once |
//! | unknown order | somebody was told of an order, or never learnt what became of its checkout |
//! | oversold | per product: start = left + set aside, and left is not negative; what was set aside is what was bought |
//! | double capture | money is captured at most once |
//! | capture mismatch | captured if and only if shipped, and the order's total |
//! | refund mismatch | cancelled after a capture if and only if refunded once |
//! | notification mismatch | one for each channel of an order that shipped or was rejected, none else |
//!
//! Costs grow linearly with the facts (times a logarithm for the maps).

use std::collections::{BTreeMap, BTreeSet};

use securecart_domain::{OrderId, OrderState, ProductId, event::Channel};
use securecart_record::{Audit, AuditFinding, FindingKind};

use crate::facts::{Facts, OrderFact, PaymentAct, PaymentFact, ReservationFact, StockFact};

/// Reconciles the facts.
#[must_use]
pub fn audit(facts: &Facts) -> Audit {
    let mut auditor = Auditor::new(facts);
    auditor.promises();
    auditor.orders();
    auditor.stock();
    auditor.payments();
    auditor.notifications();
    auditor.audit
}

struct Auditor<'a> {
    facts: &'a Facts,
    accepted: BTreeSet<OrderId>,
    unresolved: BTreeSet<OrderId>,
    queued: BTreeSet<OrderId>,
    dead_lettered: BTreeSet<OrderId>,
    orders: BTreeMap<OrderId, &'a OrderFact>,
    payments: BTreeMap<OrderId, Vec<PaymentFact>>,
    audit: Audit,
}

impl<'a> Auditor<'a> {
    fn new(facts: &'a Facts) -> Self {
        let mut payments: BTreeMap<OrderId, Vec<PaymentFact>> = BTreeMap::new();
        for payment in &facts.payments {
            payments.entry(payment.order).or_default().push(*payment);
        }
        let accepted: BTreeSet<OrderId> = facts.accepted.iter().copied().collect();
        Self {
            facts,
            unresolved: facts.unresolved.iter().copied().collect(),
            queued: facts.queued.iter().copied().collect(),
            dead_lettered: facts.dead_lettered.iter().copied().collect(),
            orders: facts.orders.iter().map(|order| (order.order, order)).collect(),
            payments,
            audit: Audit { accepted: accepted.len() as u64, ..Audit::default() },
            accepted,
        }
    }

    fn find(&mut self, kind: FindingKind, order: Option<OrderId>, detail: String) {
        let order = order.map_or_else(String::new, |order| order.to_string());
        self.audit.push_finding(AuditFinding { kind, order, detail });
    }

    /// Whether a message that is still somewhere goes on with the order.
    fn is_under_way(&self, order: OrderId) -> bool {
        self.queued.contains(&order) || self.dead_lettered.contains(&order)
    }

    /// What shoppers were promised.
    fn promises(&mut self) {
        if self.accepted.len() < self.facts.accepted.len() {
            let doubles = self.facts.accepted.len() - self.accepted.len();
            let detail = format!("{doubles} checkouts were promised an order that another has");
            self.find(FindingKind::DoubledOrder, None, detail);
        }
        for id in self.accepted.clone() {
            let Some(order) = self.orders.get(&id).copied() else {
                let detail = "accepted, but written down nowhere".to_owned();
                self.find(FindingKind::LostOrder, Some(id), detail);
                continue;
            };
            match order.state {
                OrderState::Shipped | OrderState::Delivered => self.audit.shipped += 1,
                OrderState::Rejected => self.audit.rejected += 1,
                OrderState::Cancelled | OrderState::Refunded => self.audit.cancelled += 1,
                OrderState::Placed | OrderState::Paid | OrderState::Reserved => {
                    self.unfinished(order);
                }
            }
        }
    }

    fn unfinished(&mut self, order: &OrderFact) {
        if self.dead_lettered.contains(&order.order) {
            self.audit.dead_lettered += 1;
        } else if self.queued.contains(&order.order) {
            self.audit.queued += 1;
        } else {
            let state = order.state.as_str();
            let detail = format!("accepted and {state}, but no message goes on with it");
            self.find(FindingKind::LostOrder, Some(order.order), detail);
        }
    }

    /// What was written down.
    fn orders(&mut self) {
        let mut seen = BTreeSet::new();
        for order in &self.facts.orders {
            if !seen.insert(order.order) {
                let detail = "written down more than once".to_owned();
                self.find(FindingKind::DoubledOrder, Some(order.order), detail);
            } else if !self.accepted.contains(&order.order)
                && !self.unresolved.contains(&order.order)
            {
                let detail = format!("{}, but no shopper was told of it", order.state.as_str());
                self.find(FindingKind::UnknownOrder, Some(order.order), detail);
            }
        }
    }

    fn stock(&mut self) {
        let mut sold: BTreeMap<ProductId, u64> = BTreeMap::new();
        let mut reserved = BTreeSet::new();
        for reservation in self.facts.reservations.iter().filter(|found| found.reserved) {
            reserved.insert(reservation.order);
            for (product, pieces) in &reservation.lines {
                *sold.entry(*product).or_default() += pieces;
                self.audit.stock_sold += pieces;
            }
            self.reservation(reservation);
        }
        for stock in &self.facts.stock {
            self.shelf(stock, sold.remove(&stock.product).unwrap_or(0));
        }
        for (product, pieces) in sold {
            let detail = format!("product {product}: {pieces} sold, and there is no stock of it");
            self.find(FindingKind::Oversold, None, detail);
        }
        for order in &self.facts.orders {
            if has_shipped(order.state) && !reserved.contains(&order.order) {
                let detail = "shipped, but no stock was set aside for it".to_owned();
                self.find(FindingKind::Oversold, Some(order.order), detail);
            }
        }
    }

    /// Stock that is set aside for an order, against the order.
    fn reservation(&mut self, reservation: &ReservationFact) {
        let id = reservation.order;
        let detail = match self.orders.get(&id) {
            // An accepted order that is gone is reported as lost.
            None if self.accepted.contains(&id) => return,
            None => "stock is set aside for an order that is written down nowhere".to_owned(),
            Some(order) if order.lines != reservation.lines => {
                "what was set aside is not what was bought".to_owned()
            }
            Some(order)
                if matches!(order.state, OrderState::Rejected | OrderState::Cancelled)
                    && !self.is_under_way(id) =>
            {
                format!("{}, but its stock is still set aside", order.state.as_str())
            }
            Some(_) => return,
        };
        self.find(FindingKind::Oversold, Some(id), detail);
    }

    /// One product: what there was, less what was sold, is what is left.
    fn shelf(&mut self, stock: &StockFact, sold: u64) {
        self.audit.stock_start += stock.start.unsigned_abs();
        self.audit.stock_end += u64::try_from(stock.left).unwrap_or(0);
        let expected = stock.start - i64::try_from(sold).unwrap_or(i64::MAX);
        if stock.left != expected || stock.left < 0 {
            let detail = format!(
                "product {}: {} at the start less {sold} sold leaves {expected}, found {}",
                stock.product, stock.start, stock.left
            );
            self.find(FindingKind::Oversold, None, detail);
        }
    }

    fn payments(&mut self) {
        let known: BTreeSet<OrderId> =
            self.orders.keys().chain(self.payments.keys()).copied().collect();
        for id in known {
            let entries = self.payments.get(&id).cloned().unwrap_or_default();
            let count = |act| entries.iter().filter(|entry| entry.act == act).count() as u64;
            let (captured, refunded) = (count(PaymentAct::Captured), count(PaymentAct::Refunded));
            self.audit.captured += captured;
            self.audit.refunded += refunded;
            if captured > 1 {
                let detail = format!("captured {captured} times");
                self.find(FindingKind::DoubleCapture, Some(id), detail);
            }
            let order = self.orders.get(&id).copied();
            self.capture(id, order, captured, &entries);
            self.refund(id, order, captured, refunded);
        }
    }

    fn capture(
        &mut self,
        id: OrderId,
        order: Option<&OrderFact>,
        captured: u64,
        entries: &[PaymentFact],
    ) {
        let shipped = order.is_some_and(|order| has_shipped(order.state));
        if shipped && captured == 0 {
            let detail = "shipped, but never captured".to_owned();
            self.find(FindingKind::CaptureMismatch, Some(id), detail);
        }
        if shipped && entries.iter().any(|entry| entry.act == PaymentAct::Voided) {
            let detail = "shipped, although its authorisation was voided".to_owned();
            self.find(FindingKind::CaptureMismatch, Some(id), detail);
        }
        // A captured order that has not shipped may be on its way, or was cancelled and refunded.
        let excused = order.is_some_and(|order| order.state == OrderState::Cancelled)
            || self.is_under_way(id);
        if captured > 0 && !shipped && !excused {
            let detail = "captured, but never shipped".to_owned();
            self.find(FindingKind::CaptureMismatch, Some(id), detail);
        }
        let Some(order) = order else { return };
        for entry in entries.iter().filter(|entry| entry.act == PaymentAct::Captured) {
            if entry.amount != order.total {
                let detail = format!("captured {}, and costs {}", entry.amount, order.total);
                self.find(FindingKind::CaptureMismatch, Some(id), detail);
            }
        }
    }

    fn refund(&mut self, id: OrderId, order: Option<&OrderFact>, captured: u64, refunded: u64) {
        let state = order.map(|order| order.state);
        let due = match state {
            Some(OrderState::Refunded) => 1,
            Some(OrderState::Cancelled) => captured.min(1),
            _ => 0,
        };
        if refunded != due && !self.is_under_way(id) {
            let detail = format!("{due} refunds are due, {refunded} were made");
            self.find(FindingKind::RefundMismatch, Some(id), detail);
        }
    }

    fn notifications(&mut self) {
        let mut sent: BTreeMap<(OrderId, Channel), u64> = BTreeMap::new();
        for notification in &self.facts.notifications {
            let key = (notification.order, notification.channel);
            *sent.entry(key).or_default() += notification.sent;
            self.audit.notifications_sent += notification.sent;
        }
        for order in &self.facts.orders {
            if !has_shipped(order.state) && order.state != OrderState::Rejected {
                continue;
            }
            for channel in Channel::of(order.customer) {
                self.audit.notifications_due += 1;
                let count = sent.remove(&(order.order, *channel)).unwrap_or(0);
                let missing = count == 0 && !self.is_under_way(order.order);
                if missing || count > 1 {
                    let detail = format!(
                        "{} by {} was sent {count} times",
                        order.state.as_str(),
                        channel.as_str()
                    );
                    self.find(FindingKind::NotificationMismatch, Some(order.order), detail);
                }
            }
        }
        for ((order, channel), count) in sent {
            let detail = format!("{count} by {} were sent, and none is due", channel.as_str());
            self.find(FindingKind::NotificationMismatch, Some(order), detail);
        }
    }
}

/// Whether the parcel has left, whatever became of it since.
fn has_shipped(state: OrderState) -> bool {
    matches!(state, OrderState::Shipped | OrderState::Delivered | OrderState::Refunded)
}

#[cfg(test)]
mod tests;
