//! Random worlds that add up, and every way to damage one order in them.

use super::*;

/// A way to break a world.
#[derive(Debug, Clone, Copy)]
enum Damage {
    ForgetOrder,
    WriteTwice,
    PromiseTwice,
    ForgetPromise,
    LoseMessages,
    CaptureTwice,
    CaptureUnshipped,
    ForgetCapture,
    CaptureOther,
    ForgetAuthorisation,
    RefundAgain,
    ForgetRefund,
    NotifyTwice,
    NotifyUndue,
    ForgetNotice,
    SwapNotice,
    TakeStock,
    ReserveOther,
    ReserveTwice,
    FlipReservation,
    ForgetReservation,
}

const DAMAGES: [Damage; 21] = [
    Damage::ForgetOrder,
    Damage::WriteTwice,
    Damage::PromiseTwice,
    Damage::ForgetPromise,
    Damage::LoseMessages,
    Damage::CaptureTwice,
    Damage::CaptureUnshipped,
    Damage::ForgetCapture,
    Damage::CaptureOther,
    Damage::ForgetAuthorisation,
    Damage::RefundAgain,
    Damage::ForgetRefund,
    Damage::NotifyTwice,
    Damage::NotifyUndue,
    Damage::ForgetNotice,
    Damage::SwapNotice,
    Damage::TakeStock,
    Damage::ReserveOther,
    Damage::ReserveTwice,
    Damage::FlipReservation,
    Damage::ForgetReservation,
];

/// Damages order `place` of the world of `lives`: what must be found, or nothing where the order
/// can't be damaged this way.
fn inflict(damage: Damage, facts: &mut Facts, lives: &[Life], place: usize) -> Option<FindingKind> {
    let life = lives[place];
    match damage {
        Damage::ForgetOrder
        | Damage::WriteTwice
        | Damage::PromiseTwice
        | Damage::ForgetPromise
        | Damage::LoseMessages => inflict_on_order(damage, facts, life, place),
        Damage::CaptureTwice
        | Damage::CaptureUnshipped
        | Damage::ForgetCapture
        | Damage::CaptureOther
        | Damage::ForgetAuthorisation
        | Damage::RefundAgain
        | Damage::ForgetRefund => inflict_on_money(damage, facts, life, place),
        Damage::NotifyTwice | Damage::NotifyUndue | Damage::ForgetNotice | Damage::SwapNotice => {
            inflict_on_notices(damage, facts, life, place)
        }
        Damage::TakeStock
        | Damage::ReserveOther
        | Damage::ReserveTwice
        | Damage::FlipReservation
        | Damage::ForgetReservation => inflict_on_stock(damage, facts, life, place),
    }
}

fn inflict_on_order(
    damage: Damage,
    facts: &mut Facts,
    life: Life,
    place: usize,
) -> Option<FindingKind> {
    let id = facts.orders[place].order;
    match damage {
        Damage::ForgetOrder if life.is_told => {
            facts.orders.remove(place);
            Some(FindingKind::LostOrder)
        }
        Damage::WriteTwice => {
            facts.orders.push(facts.orders[place].clone());
            Some(FindingKind::DoubledOrder)
        }
        Damage::PromiseTwice if life.is_told => {
            facts.accepted.push(id);
            Some(FindingKind::DoubledOrder)
        }
        Damage::ForgetPromise => {
            facts.accepted.retain(|accepted| *accepted != id);
            facts.unresolved.retain(|unresolved| *unresolved != id);
            Some(FindingKind::UnknownOrder)
        }
        Damage::LoseMessages if !life.state.is_outcome() => {
            facts.queued.retain(|queued| *queued != id);
            facts.dead_lettered.retain(|dead| *dead != id);
            let is_stuck = life.is_told || life.is_reserved().is_some();
            is_stuck.then_some(FindingKind::LostOrder)
        }
        _ => None,
    }
}

fn inflict_on_money(
    damage: Damage,
    facts: &mut Facts,
    life: Life,
    place: usize,
) -> Option<FindingKind> {
    let OrderFact { order, total: amount, .. } = facts.orders[place];
    let find = |act| facts.payments.iter().position(|e| e.order == order && e.act == act);
    let captured = find(PaymentAct::Captured);
    let refunded = find(PaymentAct::Refunded);
    let has_message = life.message != Message::Nowhere;
    match damage {
        Damage::CaptureTwice => {
            facts.payments.push(facts.payments[captured?]);
            Some(FindingKind::DoubleCapture)
        }
        Damage::CaptureUnshipped => {
            use OrderState::{Paid, Placed, Rejected};
            facts.payments.push(PaymentFact { order, act: PaymentAct::Captured, amount });
            matches!(life.state, Placed | Paid | Rejected).then_some(FindingKind::CaptureMismatch)
        }
        Damage::ForgetCapture => {
            facts.payments.remove(captured?);
            has_shipped(life.state).then_some(FindingKind::CaptureMismatch)
        }
        Damage::CaptureOther => {
            facts.payments[captured?].amount = amount + Money(1);
            Some(FindingKind::CaptureMismatch)
        }
        Damage::ForgetAuthorisation => {
            facts.payments.remove(find(PaymentAct::Authorised)?);
            Some(FindingKind::CaptureMismatch)
        }
        Damage::RefundAgain => {
            facts.payments.push(PaymentFact { order, act: PaymentAct::Refunded, amount });
            let may_be_the_first = has_message && captured.is_some() && refunded.is_none();
            (!may_be_the_first).then_some(FindingKind::RefundMismatch)
        }
        Damage::ForgetRefund => {
            facts.payments.remove(refunded?);
            (!has_message).then_some(FindingKind::RefundMismatch)
        }
        _ => None,
    }
}

fn inflict_on_notices(
    damage: Damage,
    facts: &mut Facts,
    life: Life,
    place: usize,
) -> Option<FindingKind> {
    let OrderFact { order, .. } = facts.orders[place];
    let sent = facts.notifications.iter().position(|notice| notice.order == order);
    match damage {
        Damage::NotifyTwice => facts.notifications[sent?].sent += 1,
        Damage::NotifyUndue if notice_due(life.state).is_none() => {
            let (kind, channel) = (EventKind::OrderShipped, Channel::Email);
            facts.notifications.push(NotificationFact { order, kind, channel, sent: 1 });
        }
        Damage::ForgetNotice if life.message == Message::Nowhere => {
            facts.notifications.remove(sent?);
        }
        Damage::SwapNotice => {
            let notice = &mut facts.notifications[sent?];
            notice.kind = match notice.kind {
                EventKind::OrderShipped => EventKind::OrderRejected,
                _ => EventKind::OrderShipped,
            };
        }
        _ => return None,
    }
    Some(FindingKind::NotificationMismatch)
}

fn inflict_on_stock(
    damage: Damage,
    facts: &mut Facts,
    life: Life,
    place: usize,
) -> Option<FindingKind> {
    let id = facts.orders[place].order;
    let answer = facts.reservations.iter().position(|found| found.order == id);
    let must_stand = has_shipped(life.state)
        || matches!(life.state, OrderState::Reserved | OrderState::Rejected);
    match damage {
        Damage::TakeStock => facts.stock[product_of(place).0 as usize].left -= 1,
        Damage::ReserveOther if life.is_reserved() == Some(true) => {
            *facts.reservations[answer?].lines.entry(product_of(place)).or_default() += 1;
        }
        Damage::ReserveTwice => facts.reservations.push(facts.reservations[answer?].clone()),
        Damage::FlipReservation if must_stand => {
            let answer = &mut facts.reservations[answer?];
            answer.reserved = !answer.reserved;
        }
        Damage::ForgetReservation if must_stand => drop(facts.reservations.remove(answer?)),
        _ => return None,
    }
    Some(FindingKind::Oversold)
}

/// The product that damage to the order at `place` is about.
fn product_of(place: usize) -> ProductId {
    ProductId((place as u32) % PRODUCTS)
}

fn lives() -> impl Strategy<Value = Vec<Life>> {
    let messages = [Message::Nowhere, Message::Queued, Message::DeadLettered];
    let life = (
        prop::sample::select(OrderState::ALL.to_vec()),
        prop::bool::weighted(0.8),
        prop::sample::select(messages.to_vec()),
        any::<bool>(),
        any::<bool>(),
    );
    let life = life.prop_map(|(state, is_told, message, is_ahead, is_captured)| {
        Life { state, is_told, message, is_ahead, is_captured }.sound()
    });
    prop::collection::vec(life, 1..60)
}

proptest! {
    #[test]
    fn any_world_that_adds_up_is_clean(lives in lives()) {
        let audit = audit(&lived(&lives));
        prop_assert!(audit.is_clean(), "{:?}", audit.findings);
        let outcomes =
            audit.shipped + audit.rejected + audit.cancelled + audit.queued + audit.dead_lettered;
        prop_assert_eq!(outcomes, audit.accepted);
        prop_assert_eq!(audit.stock_start, audit.stock_end + audit.stock_sold);
    }

    /// Each damage is tried on the first order at or after `place` that it can be done to.
    #[test]
    fn any_single_damage_is_found_and_named(
        lives in lives(),
        damage in prop::sample::select(DAMAGES.to_vec()),
        place in any::<prop::sample::Index>(),
    ) {
        let start = place.index(lives.len());
        let damaged = (0..lives.len()).map(|n| (start + n) % lives.len()).find_map(|place| {
            let mut facts = lived(&lives);
            let kind = inflict(damage, &mut facts, &lives, place)?;
            Some((facts, kind, place))
        });
        prop_assume!(damaged.is_some());
        let (facts, kind, place) = damaged.expect("assumed");
        let order = OrderId(place as u64 + 1).to_string();
        let product = product_of(place).to_string();
        let audit = audit(&facts);
        let is_named = |found: &AuditFinding| {
            found.order == order || (found.order.is_empty() && found.detail.contains(&product))
        };
        let is_found = audit.findings.iter().any(|found| found.kind == kind && is_named(found));
        prop_assert!(is_found, "{damage:?} of {order}: {:?}", audit.findings);
        // Nothing is held against another order.
        let others = audit.findings.iter().filter(|found| !found.order.is_empty() && found.order != order);
        prop_assert_eq!(others.count(), 0, "{:?}", audit.findings);
    }
}
