//! The audit: every accepted order has exactly one outcome, stock is conserved, money is captured
//! once, and nothing is lost in a queue.
//!
//! | finding | rule |
//! |---|---|
//! | lost order | an accepted order is written down, and has an outcome or a message that goes on with it; an order whose checkout is open must go on once inventory has taken it up |
//! | doubled order | an order is written once, and promised once; none that nobody was told of is another once more (customer, instant, lines) |
//! | unknown order | somebody was told of an order, or never learnt what became of its checkout |
//! | oversold | per product: start = left + set aside, and left is not negative; per order: what was set aside is what was bought, once, and only for what ships |
//! | double capture | money is captured at most once |
//! | capture mismatch | authorised once paid; captured if and only if shipped, and the order's total; let go if it will never ship |
//! | refund mismatch | cancelled after a capture if and only if refunded once, and the order's total |
//! | notification mismatch | one for each channel of an order that shipped, was rejected or cancelled, and no other |
//!
//! A message that is still somewhere, in a queue or a dead-letter queue, excuses what it would go on
//! to do, and never what was done wrongly or too often. An accepted order that is gone is reported as
//! lost and nothing else: what it left behind can't be judged without it.
//!
//! Costs grow linearly with the facts (times a logarithm for the maps).
//!
//! Deliberately absent: what a message says. One about an order excuses each of its missing steps,
//! because any of them may be what it leads to.

use std::collections::{BTreeMap, BTreeSet};

use securecart_domain::{
    CustomerId, OrderId, OrderState, ProductId,
    event::{Channel, EventKind},
};
use securecart_record::{Audit, AuditFinding, FindingKind};

use crate::facts::{Facts, OrderFact, PaymentAct, PaymentFact, ReservationFact, StockFact};

/// Reconciles the facts.
#[must_use]
pub fn audit(facts: &Facts) -> Audit {
    let index = Index::new(facts);
    let audit = Audit { accepted: index.accepted.len() as u64, ..Audit::default() };
    let mut auditor = Auditor { facts, index: &index, audit };
    auditor.promises();
    auditor.orders();
    auditor.stock();
    auditor.payments();
    auditor.notifications();
    auditor.audit
}

/// The facts by order.
struct Index<'a> {
    accepted: BTreeSet<OrderId>,
    unresolved: BTreeSet<OrderId>,
    queued: BTreeSet<OrderId>,
    dead_lettered: BTreeSet<OrderId>,
    orders: BTreeMap<OrderId, &'a OrderFact>,
    reservations: BTreeMap<OrderId, &'a ReservationFact>,
    /// Orders that shoppers were told of, by customer and instant.
    told: BTreeMap<(CustomerId, u64), &'a OrderFact>,
}

impl<'a> Index<'a> {
    fn new(facts: &'a Facts) -> Self {
        let set = |orders: &[OrderId]| orders.iter().copied().collect();
        let reservations = facts.reservations.iter();
        let accepted: BTreeSet<OrderId> = set(&facts.accepted);
        let told = facts.orders.iter().filter(|order| accepted.contains(&order.order));
        Self {
            told: told.map(|order| ((order.customer, order.placed_at_ms), order)).collect(),
            accepted,
            unresolved: set(&facts.unresolved),
            queued: set(&facts.queued),
            dead_lettered: set(&facts.dead_lettered),
            orders: facts.orders.iter().map(|order| (order.order, order)).collect(),
            reservations: reservations.map(|found| (found.order, found)).collect(),
        }
    }

    /// Whether a message that is still somewhere goes on with the order.
    fn is_under_way(&self, order: OrderId) -> bool {
        self.queued.contains(&order) || self.dead_lettered.contains(&order)
    }

    /// Whether the order was promised and is written down nowhere.
    fn is_lost(&self, order: OrderId) -> bool {
        self.accepted.contains(&order) && !self.orders.contains_key(&order)
    }

    /// The order that somebody was told of and that `order` is a second time.
    fn twin(&self, order: &OrderFact) -> Option<OrderId> {
        let twin = self.told.get(&(order.customer, order.placed_at_ms))?;
        (twin.order != order.order && twin.lines == order.lines).then_some(twin.order)
    }

    /// Whether an order without an outcome is stuck although nobody was told that it is accepted.
    ///
    /// A checkout that ended before it handed its order on leaves one that is only written down.
    /// Once inventory has answered, it was handed on, and must not have stopped.
    fn is_abandoned(&self, order: &OrderFact) -> bool {
        let is_taken_up =
            order.state == OrderState::Reserved || self.reservations.contains_key(&order.order);
        is_taken_up && !order.state.is_outcome() && !self.is_under_way(order.order)
    }
}

struct Auditor<'a> {
    facts: &'a Facts,
    index: &'a Index<'a>,
    audit: Audit,
}

impl Auditor<'_> {
    fn find(&mut self, kind: FindingKind, order: Option<OrderId>, detail: String) {
        let order = order.map_or_else(String::new, |order| order.to_string());
        self.audit.push_finding(AuditFinding { kind, order, detail });
    }

    /// What shoppers were promised.
    fn promises(&mut self) {
        let mut seen = BTreeSet::new();
        for id in &self.facts.accepted {
            if !seen.insert(*id) {
                let detail = "promised to more than one checkout".to_owned();
                self.find(FindingKind::DoubledOrder, Some(*id), detail);
            } else if let Some(order) = self.index.orders.get(id) {
                self.outcome(order);
            } else {
                let detail = "accepted, but written down nowhere".to_owned();
                self.find(FindingKind::LostOrder, Some(*id), detail);
            }
        }
    }

    /// Counts where an accepted order has ended, or where it waits.
    fn outcome(&mut self, order: &OrderFact) {
        match order.state {
            OrderState::Shipped | OrderState::Delivered => self.audit.shipped += 1,
            OrderState::Rejected => self.audit.rejected += 1,
            OrderState::Cancelled | OrderState::Refunded => self.audit.cancelled += 1,
            OrderState::Placed | OrderState::Paid | OrderState::Reserved => {
                if self.index.dead_lettered.contains(&order.order) {
                    self.audit.dead_lettered += 1;
                } else if self.index.queued.contains(&order.order) {
                    self.audit.queued += 1;
                } else {
                    let state = order.state.as_str();
                    let detail = format!("accepted and {state}, but no message goes on with it");
                    self.find(FindingKind::LostOrder, Some(order.order), detail);
                }
            }
        }
    }

    /// What was written down.
    fn orders(&mut self) {
        let mut seen = BTreeSet::new();
        for order in &self.facts.orders {
            let (id, state) = (order.order, order.state.as_str());
            let is_promised = self.index.accepted.contains(&id);
            let is_open = self.index.unresolved.contains(&id);
            if !seen.insert(id) {
                let detail = "written down more than once".to_owned();
                self.find(FindingKind::DoubledOrder, Some(id), detail);
            } else if !is_promised && !is_open {
                let (kind, detail) = match self.index.twin(order) {
                    Some(twin) => (
                        FindingKind::DoubledOrder,
                        format!("{state}, but no shopper was told of it: it is {twin} once more"),
                    ),
                    None => {
                        let detail = format!("{state}, but no shopper was told of it");
                        (FindingKind::UnknownOrder, detail)
                    }
                };
                self.find(kind, Some(id), detail);
            } else if !is_promised && self.index.is_abandoned(order) {
                let detail = format!("taken up and {state}, but no message goes on with it");
                self.find(FindingKind::LostOrder, Some(id), detail);
            }
        }
    }

    fn stock(&mut self) {
        let mut sold: BTreeMap<ProductId, Sold> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for reservation in &self.facts.reservations {
            if !seen.insert(reservation.order) {
                let detail = "inventory has answered for it more than once".to_owned();
                self.find(FindingKind::Oversold, Some(reservation.order), detail);
            }
            if !reservation.reserved {
                continue;
            }
            for (product, pieces) in &reservation.lines {
                let of_product = sold.entry(*product).or_default();
                of_product.add(reservation.order, *pieces);
                self.audit.stock_sold = self.audit.stock_sold.saturating_add(*pieces);
            }
            self.bought(reservation);
        }
        for stock in &self.facts.stock {
            self.shelf(stock, &sold.remove(&stock.product).unwrap_or_default());
        }
        for (product, sold) in sold {
            let (pieces, buyers) = (sold.pieces, sold.buyers());
            let detail =
                format!("product {product}: {pieces} sold{buyers}, and there is no stock of it");
            self.find(FindingKind::Oversold, None, detail);
        }
        for order in self.index.orders.values() {
            self.set_aside(order);
        }
    }

    /// Stock that is set aside, against what was bought.
    fn bought(&mut self, reservation: &ReservationFact) {
        let id = reservation.order;
        let detail = match self.index.orders.get(&id) {
            None if self.index.is_lost(id) => return,
            None => "stock is set aside for an order that is written down nowhere",
            Some(order) if order.lines == reservation.lines => return,
            Some(_) => "what was set aside is not what was bought",
        };
        self.find(FindingKind::Oversold, Some(id), detail.to_owned());
    }

    /// An order, against what inventory has answered for it.
    fn set_aside(&mut self, order: &OrderFact) {
        use OrderState::{
            Cancelled, Delivered, Paid, Placed, Refunded, Rejected, Reserved, Shipped,
        };
        let id = order.order;
        let reserved = self.index.reservations.get(&id).map(|found| found.reserved);
        let what = match (order.state, reserved) {
            (Reserved | Shipped | Delivered | Refunded, None | Some(false)) => {
                "no stock was set aside for it"
            }
            (Rejected, None) => "inventory was never asked",
            (Rejected, Some(true)) => "its stock is still set aside",
            (Cancelled, Some(true)) if !self.index.is_under_way(id) => {
                "its stock is still set aside"
            }
            (Reserved | Shipped | Delivered | Refunded, Some(true))
            | (Rejected, Some(false))
            | (Placed | Paid | Cancelled, _) => return,
        };
        self.find(FindingKind::Oversold, Some(id), format!("{}, but {what}", order.state.as_str()));
    }

    /// One product: what there was, less what was sold, is what is left.
    fn shelf(&mut self, stock: &StockFact, sold: &Sold) {
        let pieces = |count: i64| u64::try_from(count).unwrap_or(0);
        self.audit.stock_start = self.audit.stock_start.saturating_add(pieces(stock.start));
        self.audit.stock_end = self.audit.stock_end.saturating_add(pieces(stock.left));
        let expected = i128::from(stock.start) - i128::from(sold.pieces);
        if i128::from(stock.left) != expected || stock.left < 0 {
            let detail = format!(
                "product {}: {} at the start less {} sold{} leaves {expected}, found {}",
                stock.product,
                stock.start,
                sold.pieces,
                sold.buyers(),
                stock.left
            );
            self.find(FindingKind::Oversold, None, detail);
        }
    }

    fn payments(&mut self) {
        let mut ledgers: BTreeMap<OrderId, Vec<PaymentFact>> = BTreeMap::new();
        for payment in &self.facts.payments {
            ledgers.entry(payment.order).or_default().push(*payment);
        }
        // An order that nothing was entered for is held against that.
        for id in self.index.orders.keys() {
            ledgers.entry(*id).or_default();
        }
        for (id, entries) in &ledgers {
            self.ledger(*id, entries);
        }
    }

    /// The entries of one order.
    fn ledger(&mut self, id: OrderId, entries: &[PaymentFact]) {
        let (captured, refunded) =
            (count(entries, PaymentAct::Captured), count(entries, PaymentAct::Refunded));
        self.audit.captured += captured;
        self.audit.refunded += refunded;
        self.audit.voided += count(entries, PaymentAct::Voided);
        if captured > 1 {
            let detail = format!("captured {captured} times");
            self.find(FindingKind::DoubleCapture, Some(id), detail);
        }
        if let Some(order) = self.index.orders.get(&id) {
            self.capture(order, entries);
            self.refund(order, entries);
        } else if captured + refunded > 0 && !self.index.is_lost(id) {
            let detail = "money was moved for an order that is written down nowhere".to_owned();
            self.find(FindingKind::CaptureMismatch, Some(id), detail);
        }
    }

    fn capture(&mut self, order: &OrderFact, entries: &[PaymentFact]) {
        use OrderState::{Cancelled, Placed, Rejected, Reserved};
        let (id, state) = (order.order, order.state);
        let is_under_way = self.index.is_under_way(id);
        let is_shipped = has_shipped(state);
        let is = |act| count(entries, act) > 0;
        let (is_captured, is_voided) = (is(PaymentAct::Captured), is(PaymentAct::Voided));
        // Captured and cancelled is the business of refunds.
        let may_be_captured =
            is_shipped || state == Cancelled || (state == Reserved && is_under_way);
        let is_ended_unpaid = matches!(state, Rejected | Cancelled) && !is_captured;
        let rules = [
            (state != Placed && !is(PaymentAct::Authorised), "never authorised"),
            (is_shipped && !is_captured, "never captured"),
            (is_shipped && is_voided, "its authorisation was voided"),
            (is_captured && !may_be_captured, "captured, and not on its way"),
            (is_ended_unpaid && !is_voided && !is_under_way, "its authorisation was not voided"),
        ];
        for (_, what) in rules.into_iter().filter(|(is_broken, _)| *is_broken) {
            let detail = format!("{}, but {what}", state.as_str());
            self.find(FindingKind::CaptureMismatch, Some(id), detail);
        }
        self.amounts(FindingKind::CaptureMismatch, order, entries, PaymentAct::Captured);
    }

    fn refund(&mut self, order: &OrderFact, entries: &[PaymentFact]) {
        let id = order.order;
        let captured = count(entries, PaymentAct::Captured).min(1);
        let refunded = count(entries, PaymentAct::Refunded);
        let due = match order.state {
            OrderState::Refunded => 1,
            OrderState::Cancelled => captured,
            _ => 0,
        };
        // A refund may be yet to make, or made and the order not yet moved on; more than what was
        // captured is never given back.
        let is_excused = self.index.is_under_way(id) && refunded <= captured;
        if refunded != due && !is_excused {
            let state = order.state.as_str();
            let detail = format!("{state}: refunds due {due}, made {refunded}");
            self.find(FindingKind::RefundMismatch, Some(id), detail);
        }
        self.amounts(FindingKind::RefundMismatch, order, entries, PaymentAct::Refunded);
    }

    /// Whatever is taken or given back is what the order costs.
    fn amounts(
        &mut self,
        kind: FindingKind,
        order: &OrderFact,
        entries: &[PaymentFact],
        act: PaymentAct,
    ) {
        let verb = if act == PaymentAct::Refunded { "refunded" } else { "captured" };
        for entry in entries.iter().filter(|entry| entry.act == act) {
            if entry.amount != order.total {
                let detail = format!("{verb} {}, and costs {}", entry.amount, order.total);
                self.find(kind, Some(order.order), detail);
            }
        }
    }

    fn notifications(&mut self) {
        let mut sent: BTreeMap<(OrderId, &str, Channel), u64> = BTreeMap::new();
        for notice in &self.facts.notifications {
            let of_notice =
                sent.entry((notice.order, notice.kind.detail_type(), notice.channel)).or_default();
            *of_notice = of_notice.saturating_add(notice.sent);
            self.audit.notifications_sent =
                self.audit.notifications_sent.saturating_add(notice.sent);
        }
        for order in self.index.orders.values() {
            let Some(kind) = notice_due(order.state) else { continue };
            let (id, kind) = (order.order, kind.detail_type());
            for channel in Channel::of(order.customer) {
                self.audit.notifications_due += 1;
                let count = sent.remove(&(id, kind, *channel)).unwrap_or(0);
                let is_missing = count == 0 && !self.index.is_under_way(id);
                if is_missing || count > 1 {
                    let times = times(count);
                    let detail = format!("its {kind} notice by {} was {times}", channel.as_str());
                    self.find(FindingKind::NotificationMismatch, Some(id), detail);
                }
            }
        }
        for ((id, kind, channel), count) in sent {
            if count > 0 && !self.index.is_lost(id) {
                let (channel, times) = (channel.as_str(), times(count));
                let detail = format!("a {kind} notice by {channel} was {times}, and none is due");
                self.find(FindingKind::NotificationMismatch, Some(id), detail);
            }
        }
    }
}

/// Orders that took a product which are named.
const BUYERS_NAMED: usize = 3;

/// What was set aside of a product, and for whom.
#[derive(Debug, Default)]
struct Sold {
    pieces: u64,
    orders: u64,
    first: Vec<OrderId>,
}

impl Sold {
    fn add(&mut self, order: OrderId, pieces: u64) {
        self.pieces = self.pieces.saturating_add(pieces);
        self.orders += 1;
        if self.first.len() < BUYERS_NAMED {
            self.first.push(order);
        }
    }

    /// The orders in parentheses: ` (o-1, o-2 and 7 more)`; nothing without any.
    fn buyers(&self) -> String {
        let named: Vec<String> = self.first.iter().map(OrderId::to_string).collect();
        match (named.len(), self.orders - named.len() as u64) {
            (0, _) => String::new(),
            (_, 0) => format!(" ({})", named.join(", ")),
            (_, more) => format!(" ({} and {more} more)", named.join(", ")),
        }
    }
}

/// How often something was sent.
fn times(count: u64) -> String {
    match count {
        0 => "never sent".to_owned(),
        1 => "sent".to_owned(),
        count => format!("sent {count} times"),
    }
}

fn count(entries: &[PaymentFact], act: PaymentAct) -> u64 {
    entries.iter().filter(|entry| entry.act == act).count() as u64
}

/// Whether the parcel has left, whatever became of it since.
fn has_shipped(state: OrderState) -> bool {
    matches!(state, OrderState::Shipped | OrderState::Delivered | OrderState::Refunded)
}

/// What the shopper is told of an order in this state.
fn notice_due(state: OrderState) -> Option<EventKind> {
    match state {
        OrderState::Rejected => Some(EventKind::OrderRejected),
        OrderState::Cancelled => Some(EventKind::OrderCancelled),
        _ => has_shipped(state).then_some(EventKind::OrderShipped),
    }
}

#[cfg(test)]
mod tests;
