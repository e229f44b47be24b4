//! What the audit finds, and what it leaves alone.

use proptest::prelude::*;
use securecart_domain::{CustomerId, Money};

use super::*;
use crate::facts::{Lines, NotificationFact};

/// Pieces of each product at the start.
const START: i64 = 1_000;

/// Products there are.
const PRODUCTS: u32 = 4;

/// A world in which everything adds up: `orders` in these states, from order 1 on.
fn world(states: &[OrderState]) -> Facts {
    let mut facts = Facts::default();
    let mut left = vec![START; PRODUCTS as usize];
    for (n, state) in (1_u64..).zip(states) {
        add(&mut facts, &mut left, OrderId(n), *state);
    }
    facts.stock = (0..PRODUCTS)
        .zip(left)
        .map(|(product, left)| StockFact { product: ProductId(product), start: START, left })
        .collect();
    facts
}

fn add(facts: &mut Facts, left: &mut [i64], order: OrderId, state: OrderState) {
    use OrderState::{Cancelled, Delivered, Paid, Placed, Refunded, Rejected, Reserved, Shipped};
    let customer = CustomerId(order.0);
    let total = Money(1_000 + order.0);
    let first = (order.0 % 4) as u32;
    let lines: Lines = [(ProductId(first), 2), (ProductId((first + 1) % PRODUCTS), 1)].into();
    facts.accepted.push(order);
    facts.orders.push(OrderFact { order, customer, state, total, lines: lines.clone() });
    let mut pay = |act| facts.payments.push(PaymentFact { order, act, amount: total });
    pay(PaymentAct::Authorised);
    match state {
        Shipped | Delivered => pay(PaymentAct::Captured),
        Refunded => {
            pay(PaymentAct::Captured);
            pay(PaymentAct::Refunded);
        }
        Rejected | Cancelled => pay(PaymentAct::Voided),
        Placed | Paid | Reserved => facts.queued.push(order),
    }
    if matches!(state, Shipped | Delivered | Refunded | Reserved) {
        for (product, pieces) in &lines {
            left[product.0 as usize] -= i64::try_from(*pieces).expect("few");
        }
        facts.reservations.push(ReservationFact { order, reserved: true, lines });
    } else if state == Rejected {
        facts.reservations.push(ReservationFact { order, reserved: false, lines });
    }
    if has_shipped(state) || state == Rejected {
        for channel in Channel::of(customer) {
            facts.notifications.push(NotificationFact { order, channel: *channel, sent: 1 });
        }
    }
}

/// The only finding, which must be of `kind` and about order 1 unless it is about stock.
fn only(facts: &Facts, kind: FindingKind) -> AuditFinding {
    let audit = audit(facts);
    assert_eq!(audit.findings_total, 1, "{:?}", audit.findings);
    let finding = audit.findings[0].clone();
    assert_eq!(finding.kind, kind, "{finding:?}");
    finding
}

fn kinds(facts: &Facts) -> Vec<FindingKind> {
    audit(facts).findings.iter().map(|finding| finding.kind).collect()
}

const FIRST: &str = "o-0000000000000001";

#[test]
fn a_world_that_adds_up_is_clean_and_counted() {
    let audit = audit(&world(&OrderState::ALL));
    assert!(audit.is_clean(), "{:?}", audit.findings);
    let outcomes =
        [audit.shipped, audit.rejected, audit.cancelled, audit.queued, audit.dead_lettered];
    assert_eq!(outcomes, [2, 1, 2, 3, 0]);
    assert_eq!(audit.accepted, outcomes.iter().sum::<u64>());
    assert_eq!(audit.stock_start, audit.stock_end + audit.stock_sold);
    assert_eq!((audit.captured, audit.refunded), (3, 1));
    assert_eq!(audit.notifications_due, audit.notifications_sent);
}

#[test]
fn an_accepted_order_that_is_nowhere_is_lost() {
    let mut facts = world(&[OrderState::Rejected]);
    facts.orders.clear();
    facts.notifications.clear();
    assert_eq!(only(&facts, FindingKind::LostOrder).order, FIRST);
}

#[test]
fn an_order_without_outcome_and_without_message_is_lost() {
    let mut facts = world(&[OrderState::Paid]);
    facts.queued.clear();
    assert_eq!(only(&facts, FindingKind::LostOrder).order, FIRST);
    facts.dead_lettered.push(OrderId(1));
    let audit = audit(&facts);
    assert!(audit.is_clean(), "a dead-lettered order is accounted for");
    assert_eq!(audit.dead_lettered, 1);
}

#[test]
fn an_order_is_written_and_promised_once() {
    let mut twice = world(&[OrderState::Paid]);
    twice.orders.push(twice.orders[0].clone());
    assert_eq!(only(&twice, FindingKind::DoubledOrder).order, FIRST);
    let mut promised = world(&[OrderState::Paid]);
    promised.accepted.push(OrderId(1));
    only(&promised, FindingKind::DoubledOrder);
}

#[test]
fn an_order_that_nobody_was_told_of_is_unknown_unless_its_checkout_is_open() {
    let mut facts = world(&[OrderState::Shipped]);
    facts.accepted.clear();
    assert_eq!(only(&facts, FindingKind::UnknownOrder).order, FIRST);
    facts.unresolved.push(OrderId(1));
    assert!(audit(&facts).is_clean());
}

#[test]
fn stock_that_does_not_add_up_is_oversold() {
    let mut leak = world(&[OrderState::Shipped]);
    leak.stock[3].left -= 1;
    assert!(only(&leak, FindingKind::Oversold).detail.contains("product p-00000003"));
    let mut negative = world(&[]);
    negative.stock[0] = StockFact { product: ProductId(0), start: -1, left: -1 };
    only(&negative, FindingKind::Oversold);
    let mut missing = world(&[OrderState::Shipped]);
    missing.stock.retain(|stock| stock.product != ProductId(1));
    assert!(only(&missing, FindingKind::Oversold).detail.contains("no stock of it"));
}

#[test]
fn what_ships_was_set_aside_and_what_is_set_aside_was_bought() {
    let mut without = world(&[OrderState::Shipped]);
    without.reservations.clear();
    without.stock.iter_mut().for_each(|stock| stock.left = stock.start);
    assert_eq!(only(&without, FindingKind::Oversold).order, FIRST);
    let mut other = world(&[OrderState::Shipped]);
    other.orders[0].lines = [(ProductId(3), 3)].into();
    assert_eq!(only(&other, FindingKind::Oversold).order, FIRST);
    let mut kept = world(&[OrderState::Shipped]);
    kept.orders[0].state = OrderState::Rejected;
    kept.payments.retain(|entry| entry.act != PaymentAct::Captured);
    assert_eq!(only(&kept, FindingKind::Oversold).order, FIRST);
}

#[test]
fn money_is_captured_once_for_what_ships_and_for_nothing_else() {
    let mut twice = world(&[OrderState::Shipped]);
    twice.payments.push(twice.payments[1]);
    assert_eq!(only(&twice, FindingKind::DoubleCapture).order, FIRST);
    let mut never = world(&[OrderState::Shipped]);
    never.payments.truncate(1);
    assert_eq!(only(&never, FindingKind::CaptureMismatch).order, FIRST);
    let mut amount = world(&[OrderState::Shipped]);
    amount.payments[1].amount = Money(1);
    assert_eq!(only(&amount, FindingKind::CaptureMismatch).order, FIRST);
    let mut rejected = world(&[OrderState::Rejected]);
    rejected.payments[1].act = PaymentAct::Captured;
    assert_eq!(only(&rejected, FindingKind::CaptureMismatch).order, FIRST);
    let mut voided = world(&[OrderState::Shipped]);
    voided.payments[0].act = PaymentAct::Voided;
    assert_eq!(only(&voided, FindingKind::CaptureMismatch).order, FIRST);
}

#[test]
fn a_captured_order_on_its_way_is_no_mismatch() {
    let mut facts = world(&[OrderState::Reserved]);
    let amount = facts.orders[0].total;
    facts.payments.push(PaymentFact { order: OrderId(1), act: PaymentAct::Captured, amount });
    assert!(audit(&facts).is_clean(), "{:?}", kinds(&facts));
}

#[test]
fn a_captured_order_that_is_cancelled_is_refunded_once() {
    let mut facts = world(&[OrderState::Cancelled]);
    facts.payments[1].act = PaymentAct::Captured;
    assert_eq!(only(&facts, FindingKind::RefundMismatch).order, FIRST);
    let refund = PaymentFact { act: PaymentAct::Refunded, ..facts.payments[1] };
    facts.payments.push(refund);
    assert!(audit(&facts).is_clean());
    facts.payments.push(refund);
    assert_eq!(only(&facts, FindingKind::RefundMismatch).order, FIRST);
}

#[test]
fn each_notification_that_is_due_is_sent_once_and_no_other() {
    let mut missing = world(&[OrderState::Shipped]);
    missing.notifications.clear();
    assert_eq!(only(&missing, FindingKind::NotificationMismatch).order, FIRST);
    missing.queued.push(OrderId(1));
    assert!(audit(&missing).is_clean(), "it is still in its queue");
    let mut twice = world(&[OrderState::Rejected]);
    twice.notifications[0].sent = 2;
    assert_eq!(only(&twice, FindingKind::NotificationMismatch).order, FIRST);
    let mut undue = world(&[OrderState::Paid]);
    let channel = Channel::Email;
    undue.notifications.push(NotificationFact { order: OrderId(1), channel, sent: 1 });
    assert_eq!(only(&undue, FindingKind::NotificationMismatch).order, FIRST);
}

#[test]
fn past_a_hundred_findings_are_only_counted() {
    let mut facts = world(&[OrderState::Paid; 250]);
    facts.queued.clear();
    let audit = audit(&facts);
    assert_eq!((audit.findings_total, audit.findings.len()), (250, 100));
}

/// Ways to break a world, each about one order.
const MUTATIONS: usize = 7;

/// Breaks the world at the order `place`; false where this order can't be broken this way.
fn mutate(facts: &mut Facts, mutation: usize, place: usize) -> bool {
    let order = facts.orders[place].clone();
    let first = |payments: &[PaymentFact], act| {
        payments.iter().position(|entry| entry.order == order.order && entry.act == act)
    };
    match mutation {
        0 => drop(facts.orders.remove(place)),
        1 => facts.orders.push(order),
        2 => {
            let Some(entry) = first(&facts.payments, PaymentAct::Captured) else { return false };
            facts.payments.push(facts.payments[entry]);
        }
        3 => {
            let Some(entry) = first(&facts.payments, PaymentAct::Captured) else { return false };
            facts.payments.remove(entry);
        }
        4 => {
            let about = |sent: &NotificationFact| sent.order == order.order;
            let Some(sent) = facts.notifications.iter().position(about) else { return false };
            facts.notifications.remove(sent);
        }
        5 => facts.stock[place % PRODUCTS as usize].left -= 1,
        _ => facts.accepted.retain(|accepted| *accepted != order.order),
    }
    true
}

fn states() -> impl Strategy<Value = Vec<OrderState>> {
    prop::collection::vec(prop::sample::select(OrderState::ALL.to_vec()), 1..60)
}

proptest! {
    #[test]
    fn any_world_that_adds_up_is_clean(states in states()) {
        let audit = audit(&world(&states));
        prop_assert!(audit.is_clean(), "{:?}", audit.findings);
        let outcomes =
            audit.shipped + audit.rejected + audit.cancelled + audit.queued + audit.dead_lettered;
        prop_assert_eq!(outcomes, audit.accepted);
    }

    #[test]
    fn any_single_damage_is_found_and_named(
        states in states(),
        mutation in 0..MUTATIONS,
        place in any::<prop::sample::Index>(),
    ) {
        let mut facts = world(&states);
        let place = place.index(states.len());
        let order = facts.orders[place].order.to_string();
        prop_assume!(mutate(&mut facts, mutation, place));
        let audit = audit(&facts);
        prop_assert!(!audit.is_clean());
        let product = format!("p-{:08x}", place % PRODUCTS as usize);
        let named = audit.findings.iter().any(|found| found.order == order || found.detail.contains(&product));
        prop_assert!(named, "{:?}", audit.findings);
    }
}
