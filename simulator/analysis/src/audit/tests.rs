//! What the audit finds, and what it leaves alone.

mod damage;

use proptest::prelude::*;
use securecart_domain::{CustomerId, Money};

use super::*;
use crate::facts::{Lines, NotificationFact};

/// Pieces of each product at the start.
const START: i64 = 1_000;

/// Products there are.
const PRODUCTS: u32 = 4;

const FIRST: &str = "o-0000000000000001";

/// Where a message about an order still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Message {
    Nowhere,
    Queued,
    DeadLettered,
}

/// How far an order has come.
#[derive(Debug, Clone, Copy)]
struct Life {
    state: OrderState,
    /// Whether the shopper was told that it is accepted; else the checkout is open.
    is_told: bool,
    message: Message,
    /// Whether what comes next is done, though the state does not say so yet: the stock of a paid
    /// order, the capture of a reserved one, and what follows on the end of one that has ended.
    is_ahead: bool,
    /// Whether it was captured before it was cancelled.
    is_captured: bool,
}

impl Life {
    /// The usual one: told, complete, and in the queue unless it has ended.
    fn usual(state: OrderState) -> Self {
        let message = if state.is_outcome() { Message::Nowhere } else { Message::Queued };
        let is_ahead = state.is_outcome();
        Self { state, is_told: true, message, is_ahead, is_captured: false }
    }

    /// The nearest life that can be: what is not done yet has a message that leads to it.
    fn sound(self) -> Self {
        if self.message != Message::Nowhere {
            return self;
        }
        let is_untouched = matches!(self.state, OrderState::Placed | OrderState::Paid);
        if self.state.is_outcome() {
            Self { is_ahead: true, ..self }
        } else if is_untouched && !self.is_told {
            Self { is_ahead: false, ..self }
        } else {
            Self { message: Message::Queued, ..self }
        }
    }

    fn acts(self) -> Vec<PaymentAct> {
        use PaymentAct::{Authorised, Captured, Refunded, Voided};
        let mut acts = match self.state {
            OrderState::Placed => vec![],
            _ => vec![Authorised],
        };
        acts.extend_from_slice(match (self.state, self.is_ahead) {
            (OrderState::Reserved, true) | (OrderState::Shipped | OrderState::Delivered, _) => {
                &[Captured]
            }
            (OrderState::Refunded, _) => &[Captured, Refunded],
            (OrderState::Rejected, true) => &[Voided],
            (OrderState::Cancelled, true) if self.is_captured => &[Captured, Refunded],
            (OrderState::Cancelled, false) if self.is_captured => &[Captured],
            (OrderState::Cancelled, true) => &[Voided],
            _ => &[],
        });
        acts
    }

    /// What inventory has answered, if it has.
    fn is_reserved(self) -> Option<bool> {
        match self.state {
            OrderState::Reserved
            | OrderState::Shipped
            | OrderState::Delivered
            | OrderState::Refunded => Some(true),
            OrderState::Rejected => Some(false),
            OrderState::Paid if self.is_ahead => Some(true),
            // Its stock is yet to be released.
            OrderState::Cancelled if !self.is_ahead => Some(true),
            OrderState::Placed | OrderState::Paid | OrderState::Cancelled => None,
        }
    }
}

/// A world in which everything adds up: an order for each of `lives`, from order 1 on.
fn lived(lives: &[Life]) -> Facts {
    let mut facts = Facts::default();
    for product in (0..PRODUCTS).map(ProductId) {
        facts.stock.push(StockFact { product, start: START, left: START });
    }
    for (n, life) in (1_u64..).zip(lives) {
        add(&mut facts, OrderId(n), *life);
    }
    facts
}

/// The usual world with orders in these states.
fn world(states: &[OrderState]) -> Facts {
    lived(&states.iter().copied().map(Life::usual).collect::<Vec<_>>())
}

fn add(facts: &mut Facts, order: OrderId, life: Life) {
    let Life { state, is_told, message, is_ahead, .. } = life;
    let customer = CustomerId(order.0);
    let total = Money(1_000 + order.0);
    let first = (order.0 % 4) as u32;
    let lines: Lines = [(ProductId(first), 2), (ProductId((first + 1) % PRODUCTS), 1)].into();
    let checkouts = if is_told { &mut facts.accepted } else { &mut facts.unresolved };
    checkouts.push(order);
    facts.orders.push(OrderFact {
        order,
        customer,
        state,
        total,
        lines: lines.clone(),
        placed_at_ms: order.0,
    });
    for act in life.acts() {
        facts.payments.push(PaymentFact { order, act, amount: total });
    }
    match message {
        Message::Nowhere => {}
        Message::Queued => facts.queued.push(order),
        Message::DeadLettered => facts.dead_lettered.push(order),
    }
    if let Some(reserved) = life.is_reserved() {
        for (product, pieces) in lines.iter().filter(|_| reserved) {
            facts.stock[product.0 as usize].left -= i64::try_from(*pieces).expect("few");
        }
        facts.reservations.push(ReservationFact { order, reserved, lines });
    }
    if let Some(kind) = notice_due(state).filter(|_| is_ahead) {
        for channel in Channel::of(customer) {
            let channel = *channel;
            facts.notifications.push(NotificationFact { order, kind, channel, sent: 1 });
        }
    }
}

/// The only finding, which must be of `kind`.
fn only(facts: &Facts, kind: FindingKind) -> AuditFinding {
    let audit = audit(facts);
    assert_eq!(audit.findings_total, 1, "{:?}", audit.findings);
    let finding = audit.findings[0].clone();
    assert_eq!(finding.kind, kind, "{finding:?}");
    finding
}

/// The only finding, which must be of `kind` and about order 1: what it says.
fn about_first(facts: &Facts, kind: FindingKind) -> String {
    let AuditFinding { order, detail, .. } = only(facts, kind);
    assert_eq!(order, FIRST, "{detail}");
    detail
}

fn assert_clean(facts: &Facts) {
    let audit = audit(facts);
    assert!(audit.is_clean(), "{:?}", audit.findings);
}

/// Forgets the entries of this kind.
fn without(mut facts: Facts, act: PaymentAct) -> Facts {
    facts.payments.retain(|entry| entry.act != act);
    facts
}

/// Adds an entry for order 1 of what it costs.
fn with(mut facts: Facts, act: PaymentAct) -> Facts {
    let amount = facts.orders[0].total;
    facts.payments.push(PaymentFact { order: OrderId(1), act, amount });
    facts
}

#[test]
fn a_world_that_adds_up_is_clean_and_counted() {
    let audit = audit(&world(&OrderState::ALL));
    assert!(audit.is_clean(), "{:?}", audit.findings);
    let outcomes =
        [audit.shipped, audit.rejected, audit.cancelled, audit.queued, audit.dead_lettered];
    assert_eq!(outcomes, [2, 1, 2, 3, 0]);
    assert_eq!(audit.accepted, outcomes.iter().sum::<u64>());
    assert_eq!(audit.stock_sold, 12, "reserved, shipped, delivered, refunded: three pieces each");
    assert_eq!(audit.stock_start, audit.stock_end + audit.stock_sold);
    assert_eq!((audit.captured, audit.refunded, audit.voided), (3, 1, 2));
    assert_eq!((audit.notifications_due, audit.notifications_sent), (7, 7));
}

#[test]
fn nothing_at_all_is_clean() {
    assert_eq!(audit(&Facts::default()), Audit::default());
}

#[test]
fn an_accepted_order_that_is_nowhere_is_lost_and_nothing_else() {
    for state in OrderState::ALL {
        let mut facts = world(&[state]);
        facts.orders.clear();
        assert!(about_first(&facts, FindingKind::LostOrder).contains("nowhere"));
        assert_eq!(audit(&facts).accepted, 1);
    }
}

#[test]
fn an_accepted_order_without_outcome_and_without_message_is_lost() {
    for state in [OrderState::Placed, OrderState::Paid, OrderState::Reserved] {
        let mut facts = world(&[state]);
        facts.queued.clear();
        let detail = about_first(&facts, FindingKind::LostOrder);
        assert!(detail.contains(state.as_str()), "{detail}");
    }
}

#[test]
fn what_is_queued_or_dead_lettered_is_accounted_for() {
    let mut facts = world(&[OrderState::Paid, OrderState::Paid, OrderState::Shipped]);
    facts.dead_lettered = vec![OrderId(1), OrderId(3)];
    let audit = audit(&facts);
    assert!(audit.is_clean(), "{:?}", audit.findings);
    let counts = (audit.shipped, audit.queued, audit.dead_lettered);
    assert_eq!(counts, (1, 1, 1), "in both queues counts as dead-lettered, shipped as shipped");
}

#[test]
fn an_open_checkout_may_leave_an_order_or_none_and_is_not_counted() {
    let mut facts = world(&[OrderState::Paid, OrderState::Shipped]);
    facts.queued.clear();
    facts.accepted.clear();
    facts.unresolved = vec![OrderId(1), OrderId(2), OrderId(3)];
    assert_clean(&facts);
    let audit = audit(&facts);
    assert_eq!((audit.accepted, audit.shipped, audit.queued), (0, 0, 0));
}

#[test]
fn an_open_checkout_is_no_excuse_once_inventory_has_taken_the_order_up() {
    let mut reserved = world(&[OrderState::Reserved]);
    reserved.unresolved = std::mem::take(&mut reserved.accepted);
    assert_clean(&reserved);
    reserved.queued.clear();
    about_first(&reserved, FindingKind::LostOrder);
    reserved.orders[0].state = OrderState::Paid;
    about_first(&reserved, FindingKind::LostOrder);
    reserved.dead_lettered.push(OrderId(1));
    assert_clean(&reserved);
}

#[test]
fn an_order_is_written_and_promised_once() {
    for state in OrderState::ALL {
        let mut twice = world(&[state]);
        twice.orders.push(twice.orders[0].clone());
        assert!(about_first(&twice, FindingKind::DoubledOrder).contains("written down"));
        let mut promised = world(&[state]);
        promised.accepted.push(OrderId(1));
        assert!(about_first(&promised, FindingKind::DoubledOrder).contains("promised"));
        assert_eq!(audit(&promised).accepted, 1, "orders are counted, not promises");
    }
}

#[test]
fn an_order_that_nobody_was_told_of_is_unknown_unless_its_checkout_is_open() {
    let mut facts = world(&[OrderState::Shipped]);
    facts.accepted.clear();
    about_first(&facts, FindingKind::UnknownOrder);
    facts.unresolved.push(OrderId(1));
    assert_clean(&facts);
}

#[test]
fn an_order_that_is_another_once_more_is_doubled() {
    let mut facts = world(&[OrderState::Shipped]);
    facts.orders.push(OrderFact { order: OrderId(99), ..facts.orders[0].clone() });
    let doubled = audit(&facts);
    let finding = doubled.findings.iter().find(|f| f.kind == FindingKind::DoubledOrder);
    let finding = finding.expect("doubled");
    assert_eq!(finding.order, OrderId(99).to_string());
    assert!(finding.detail.contains(&OrderId(1).to_string()), "{}", finding.detail);
    let other = facts.orders.last_mut().expect("an order");
    other.placed_at_ms += 1;
    let kinds: Vec<_> = audit(&facts).findings.iter().map(|finding| finding.kind).collect();
    assert!(kinds.contains(&FindingKind::UnknownOrder), "another order of the same: {kinds:?}");
    assert!(!kinds.contains(&FindingKind::DoubledOrder), "{kinds:?}");
}

#[test]
fn who_bought_what_was_oversold_is_named() {
    let mut facts = world(&[OrderState::Shipped; 5]);
    for reservation in &mut facts.reservations {
        reservation.lines = facts.orders[0].lines.clone();
    }
    for order in &mut facts.orders {
        order.lines = facts.reservations[0].lines.clone();
    }
    let named = audit(&facts);
    let finding = named.findings.iter().find(|found| found.detail.contains("more)"));
    let finding = finding.expect("a product that all of them took");
    let first = facts.reservations[0].order.to_string();
    assert!(finding.detail.contains(&first), "{}", finding.detail);
    assert!(finding.detail.contains("and 2 more)"), "{}", finding.detail);
}

#[test]
fn stock_that_does_not_add_up_is_oversold() {
    for change in [-1, 1] {
        let mut leak = world(&[OrderState::Shipped]);
        leak.stock[3].left += change;
        assert!(only(&leak, FindingKind::Oversold).detail.contains("product p-00000003"));
    }
    let mut missing = world(&[OrderState::Shipped]);
    missing.stock.retain(|stock| stock.product != ProductId(1));
    assert!(only(&missing, FindingKind::Oversold).detail.contains("no stock of it"));
}

#[test]
fn stock_below_zero_is_oversold_even_if_it_adds_up() {
    let mut facts = world(&[OrderState::Shipped]);
    facts.stock[1] = StockFact { product: ProductId(1), start: 1, left: -1 };
    let finding = only(&facts, FindingKind::Oversold);
    assert!(finding.detail.contains("found -1"), "{finding:?}");
    assert_eq!(finding.order, "", "it is about a product");
}

#[test]
fn what_ships_was_set_aside_once() {
    use OrderState::{Delivered, Refunded, Reserved, Shipped};
    for state in [Reserved, Shipped, Delivered, Refunded] {
        let mut never = world(&[state]);
        never.reservations.clear();
        never.stock.iter_mut().for_each(|stock| stock.left = stock.start);
        assert!(about_first(&never, FindingKind::Oversold).contains("no stock"));
        let mut refused = world(&[state]);
        refused.reservations[0].reserved = false;
        refused.stock.iter_mut().for_each(|stock| stock.left = stock.start);
        assert!(about_first(&refused, FindingKind::Oversold).contains("no stock"));
        let mut twice = world(&[state]);
        twice.reservations.push(twice.reservations[0].clone());
        twice.stock.iter_mut().for_each(|stock| stock.left -= START - stock.left);
        assert!(about_first(&twice, FindingKind::Oversold).contains("more than once"));
    }
}

#[test]
fn what_is_set_aside_was_bought_by_an_order_there_is() {
    let mut other = world(&[OrderState::Shipped]);
    other.orders[0].lines = [(ProductId(3), 3)].into();
    assert!(about_first(&other, FindingKind::Oversold).contains("not what was bought"));
    let mut nobody = world(&[OrderState::Reserved]);
    nobody.orders.clear();
    nobody.accepted.clear();
    assert!(about_first(&nobody, FindingKind::Oversold).contains("nowhere"));
}

#[test]
fn a_rejected_order_was_refused_its_stock() {
    let mut kept = world(&[OrderState::Rejected]);
    kept.reservations[0].reserved = true;
    for (product, pieces) in &kept.reservations[0].lines {
        kept.stock[product.0 as usize].left -= i64::try_from(*pieces).expect("few");
    }
    kept.queued.push(OrderId(1));
    assert!(about_first(&kept, FindingKind::Oversold).contains("still set aside"));
    let mut unasked = world(&[OrderState::Rejected]);
    unasked.reservations.clear();
    assert!(about_first(&unasked, FindingKind::Oversold).contains("never asked"));
}

#[test]
fn a_cancelled_order_gives_its_stock_back_in_the_end() {
    let cancelled = Life { is_ahead: false, ..Life::usual(OrderState::Cancelled) };
    let mut facts = lived(&[Life { message: Message::Queued, ..cancelled }]);
    assert_clean(&facts);
    facts = with(facts, PaymentAct::Voided);
    facts.queued.clear();
    let (order, kind, channel) = (OrderId(1), EventKind::OrderCancelled, Channel::Email);
    facts.notifications.push(NotificationFact { order, kind, channel, sent: 1 });
    assert!(about_first(&facts, FindingKind::Oversold).contains("still set aside"));
    // Released: nothing is set aside any more, and the pieces are back.
    facts.reservations[0].reserved = false;
    for stock in &mut facts.stock {
        stock.left = stock.start;
    }
    assert_clean(&facts);
    facts.notifications.clear();
    about_first(&facts, FindingKind::NotificationMismatch);
}

#[test]
fn money_is_captured_once() {
    use OrderState::{Delivered, Refunded, Shipped};
    for state in [Shipped, Delivered, Refunded] {
        let twice = with(world(&[state]), PaymentAct::Captured);
        assert_eq!(about_first(&twice, FindingKind::DoubleCapture), "captured 2 times");
    }
}

#[test]
fn what_ships_was_authorised_and_captured() {
    let shipped = || world(&[OrderState::Shipped]);
    let finding = |facts: Facts| about_first(&facts, FindingKind::CaptureMismatch);
    assert!(finding(without(shipped(), PaymentAct::Captured)).contains("never captured"));
    assert!(finding(without(shipped(), PaymentAct::Authorised)).contains("never authorised"));
    assert!(finding(with(shipped(), PaymentAct::Voided)).contains("was voided"));
    let mut amount = shipped();
    amount.payments[1].amount = Money(1);
    assert_eq!(finding(amount), "captured 0.01 USD, and costs 10.01 USD");
}

#[test]
fn what_is_captured_ships_or_is_on_its_way() {
    let mut reserved = with(world(&[OrderState::Reserved]), PaymentAct::Captured);
    assert_clean(&reserved);
    reserved.dead_lettered = std::mem::take(&mut reserved.queued);
    assert_clean(&reserved);
    for state in [OrderState::Placed, OrderState::Paid] {
        let mut facts = with(world(&[state]), PaymentAct::Captured);
        facts.payments.insert(0, PaymentFact { act: PaymentAct::Authorised, ..facts.payments[0] });
        assert!(about_first(&facts, FindingKind::CaptureMismatch).contains("not on its way"));
    }
    let mut rejected = with(world(&[OrderState::Rejected]), PaymentAct::Captured);
    rejected.queued.push(OrderId(1));
    about_first(&rejected, FindingKind::CaptureMismatch);
    let mut nobody = world(&[]);
    let (order, amount) = (OrderId(1), Money(5));
    nobody.payments.push(PaymentFact { order, act: PaymentAct::Authorised, amount });
    assert_clean(&nobody);
    nobody.payments.push(PaymentFact { order, act: PaymentAct::Captured, amount });
    about_first(&nobody, FindingKind::CaptureMismatch);
}

#[test]
fn an_order_that_will_never_ship_lets_the_money_go() {
    for state in [OrderState::Rejected, OrderState::Cancelled] {
        let mut facts = without(world(&[state]), PaymentAct::Voided);
        assert!(about_first(&facts, FindingKind::CaptureMismatch).contains("not voided"));
        facts.queued.push(OrderId(1));
        assert_clean(&facts);
    }
}

#[test]
fn a_captured_order_that_is_cancelled_is_refunded_once() {
    let cancelled = Life { is_captured: true, ..Life::usual(OrderState::Cancelled) };
    let facts = lived(&[cancelled]);
    assert_clean(&facts);
    about_first(&with(facts.clone(), PaymentAct::Refunded), FindingKind::RefundMismatch);
    let mut missing = without(facts.clone(), PaymentAct::Refunded);
    about_first(&missing, FindingKind::RefundMismatch);
    missing.queued.push(OrderId(1));
    assert_clean(&missing);
    let mut amount = facts;
    amount.payments[2].amount = Money(1);
    assert_eq!(
        about_first(&amount, FindingKind::RefundMismatch),
        "refunded 0.01 USD, and costs 10.01 USD"
    );
}

#[test]
fn nothing_else_is_refunded() {
    for state in OrderState::ALL {
        let facts = with(world(&[state]), PaymentAct::Refunded);
        about_first(&facts, FindingKind::RefundMismatch);
    }
    let mut under_way = with(world(&[OrderState::Shipped]), PaymentAct::Refunded);
    under_way.queued.push(OrderId(1));
    assert_clean(&under_way);
    under_way = with(under_way, PaymentAct::Refunded);
    about_first(&under_way, FindingKind::RefundMismatch);
    let refunded = without(world(&[OrderState::Refunded]), PaymentAct::Refunded);
    about_first(&refunded, FindingKind::RefundMismatch);
}

#[test]
fn each_notification_that_is_due_is_sent_once() {
    use OrderState::{Delivered, Refunded, Rejected, Shipped};
    for state in [Shipped, Delivered, Refunded, Rejected] {
        let mut missing = world(&[state]);
        missing.notifications.clear();
        about_first(&missing, FindingKind::NotificationMismatch);
        missing.dead_lettered.push(OrderId(1));
        assert_clean(&missing);
        let mut twice = world(&[state]);
        twice.notifications[0].sent = 2;
        twice.queued.push(OrderId(1));
        assert!(about_first(&twice, FindingKind::NotificationMismatch).contains("2 times"));
    }
}

#[test]
fn every_channel_of_a_customer_is_due() {
    let mut facts = world(&[OrderState::Shipped; 4]);
    assert_eq!(audit(&facts).notifications_due, 5, "one customer in four also has an SMS");
    facts.notifications.retain(|notice| notice.channel == Channel::Email);
    let finding = only(&facts, FindingKind::NotificationMismatch);
    assert_eq!(finding.order, "o-0000000000000004");
    assert_eq!(finding.detail, "its OrderShipped notice by sms was never sent");
}

#[test]
fn no_other_notification_is_sent() {
    use OrderState::{Cancelled, Paid, Placed, Reserved, Shipped};
    let (order, sent) = (OrderId(1), 1);
    let notice = |kind, channel| NotificationFact { order, kind, channel, sent };
    let shipped = notice(EventKind::OrderShipped, Channel::Email);
    for state in [Placed, Paid, Reserved, Cancelled] {
        let mut undue = world(&[state]);
        undue.notifications.push(shipped);
        assert!(about_first(&undue, FindingKind::NotificationMismatch).contains("none is due"));
    }
    for other in [
        notice(EventKind::OrderRejected, Channel::Email),
        notice(EventKind::OrderShipped, Channel::Sms),
    ] {
        let mut facts = world(&[Shipped]);
        facts.notifications.push(other);
        assert!(about_first(&facts, FindingKind::NotificationMismatch).contains("none is due"));
    }
    let mut nobody = world(&[]);
    nobody.notifications.push(shipped);
    about_first(&nobody, FindingKind::NotificationMismatch);
}

#[test]
fn past_a_hundred_findings_are_only_counted() {
    let mut facts = world(&[OrderState::Paid; 250]);
    facts.queued.clear();
    let audit = audit(&facts);
    assert_eq!((audit.findings_total, audit.findings.len()), (250, 100));
}

#[test]
fn absurd_figures_are_found_and_never_wrap() {
    let mut facts = world(&[OrderState::Shipped, OrderState::Shipped]);
    for stock in &mut facts.stock {
        (stock.start, stock.left) = (i64::MIN, i64::MAX);
    }
    for reservation in &mut facts.reservations {
        reservation.lines.values_mut().for_each(|pieces| *pieces = u64::MAX);
    }
    for notice in &mut facts.notifications {
        notice.sent = u64::MAX;
    }
    let audit = audit(&facts);
    assert_eq!((audit.stock_sold, audit.notifications_sent), (u64::MAX, u64::MAX));
    assert_eq!((audit.stock_start, audit.stock_end), (0, u64::MAX));
    let products = audit.findings.iter().filter(|found| found.order.is_empty()).count();
    assert_eq!(products, PRODUCTS as usize);
}
