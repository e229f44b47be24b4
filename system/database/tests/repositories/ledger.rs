//! Orders and payments.

use std::collections::BTreeMap;

use futures::future::join_all;
use securecart_database::{Advanced, Damage, Entry, EntryKind};
use securecart_domain::{Money, OrderId, OrderState, Timestamp};

use super::bench::{Bench, order};

const NOW: Timestamp = Timestamp(1_764_000_001_000);

pub(crate) async fn an_order_is_written_once_and_read_back(bench: &Bench) {
    // Ids use all 64 bits.
    for id in [0, 1, u64::MAX, u64::MAX / 2 + 1] {
        let first = order(id);
        bench.insert(&first).await;
        let mut other = order(id);
        other.lines.truncate(1);
        other.total = Money(1);
        let written = bench.orders.insert(other, OrderState::Placed).await;
        assert_eq!(written, Ok(first.clone()), "what is there stays as it is");
        assert_eq!(bench.orders.find(OrderId(id)).await, Ok(Some(first)));
    }
    assert_eq!(bench.orders.find(OrderId(2)).await, Ok(None));
    assert_eq!(bench.orders.view(OrderId(2)).await, Ok(None));
}

pub(crate) async fn an_order_moves_along_its_life_and_not_otherwise(bench: &Bench) {
    use OrderState::{Cancelled, Delivered, Paid, Refunded, Reserved, Shipped};
    let id = OrderId(5);
    let advance = |from, to| bench.orders.advance(id, from, to, NOW);
    assert_eq!(advance(Paid, Reserved).await, Ok(Advanced::Missing));
    bench.insert(&order(5)).await;
    assert_eq!(advance(Paid, Reserved).await, Ok(Advanced::Now));
    assert_eq!(advance(Paid, Reserved).await, Ok(Advanced::Already(Reserved)), "done again");
    assert_eq!(advance(Paid, Cancelled).await, Ok(Advanced::Already(Reserved)));
    assert_eq!(advance(Reserved, Shipped).await, Ok(Advanced::Now));
    assert_eq!(advance(Shipped, Delivered).await, Ok(Advanced::Now));
    assert_eq!(advance(Delivered, Refunded).await, Ok(Advanced::Now));
    let view = bench.orders.view(id).await.expect("an answer").expect("an order");
    assert_eq!((view.state, view.total), (Refunded, order(5).total));
    assert_eq!(bench.orders.find(id).await, Ok(Some(order(5))), "what was ordered stays");
    for (id, from, to) in
        [(6, Paid, OrderState::Rejected), (7, Paid, Cancelled), (8, OrderState::Placed, Paid)]
    {
        bench.orders.insert(order(id), from).await.expect("inserted");
        assert_eq!(bench.orders.advance(OrderId(id), from, to, NOW).await, Ok(Advanced::Now));
    }
}

pub(crate) async fn of_fifty_who_move_an_order_one_does(bench: &Bench) {
    bench.insert(&order(9)).await;
    let advance = |_| bench.orders.advance(OrderId(9), OrderState::Paid, OrderState::Reserved, NOW);
    let outcomes = join_all((0..50).map(advance)).await;
    let moved = outcomes.iter().filter(|outcome| **outcome == Ok(Advanced::Now)).count();
    let rest = Ok(Advanced::Already(OrderState::Reserved));
    assert_eq!(moved, 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == rest).count(), 49);
}

fn entry(order: u64, kind: EntryKind, cents: u64) -> Entry {
    Entry { order: OrderId(order), kind, amount: Money(cents), at: NOW }
}

pub(crate) async fn two_captures_at_once_are_one(bench: &Bench) {
    assert_eq!(bench.payments.is_captured(OrderId(3)).await, Ok(false));
    let (one, two) = (entry(3, EntryKind::Captured, 500), entry(3, EntryKind::Captured, 500));
    let (one, two) =
        tokio::join!(bench.payments.enter(&one, true), bench.payments.enter(&two, true));
    assert!(one.expect("entered") ^ two.expect("entered"), "one of them captures");
    assert_eq!(bench.payments.is_captured(OrderId(3)).await, Ok(true));
    assert_eq!(bench.payments.is_captured(OrderId(4)).await, Ok(false));
}

async fn payments(bench: &Bench) -> Vec<Entry> {
    let mut entries = Vec::new();
    bench.payments.all(|entry| entries.push(entry)).await.expect("read");
    entries
}

pub(crate) async fn the_latest_authorisation_holds(bench: &Bench) {
    for cents in [100, 300, 200] {
        let authorised = entry(1, EntryKind::Authorised, cents);
        assert_eq!(bench.payments.enter(&authorised, false).await, Ok(true));
    }
    for kind in [EntryKind::Voided, EntryKind::Refunded] {
        assert_eq!(bench.payments.enter(&entry(1, kind, 200), true).await, Ok(true));
        assert_eq!(bench.payments.enter(&entry(1, kind, 999), true).await, Ok(false));
    }
    let expected = [EntryKind::Authorised, EntryKind::Refunded, EntryKind::Voided];
    assert_eq!(payments(bench).await, expected.map(|kind| entry(1, kind, 200)));
}

pub(crate) async fn the_audit_reads_every_row_once(bench: &Bench) {
    // More than two pages, over the whole range of ids.
    let ids: Vec<u64> = (0..2_100).map(|n| n * (u64::MAX / 2_099)).collect();
    for ids in ids.chunks(100) {
        join_all(ids.iter().map(|&id| async move {
            bench.insert(&order(id)).await;
            let captured = entry(id, EntryKind::Captured, id / 2);
            assert_eq!(bench.payments.enter(&captured, true).await, Ok(true));
        }))
        .await;
    }
    let mut orders = BTreeMap::new();
    let read = bench.orders.all(|stored| {
        assert_eq!(stored.state, OrderState::Paid);
        assert_eq!(orders.insert(stored.order.id.0, stored.order), None, "read twice");
    });
    read.await.expect("read");
    assert_eq!(orders, ids.iter().map(|&id| (id, order(id))).collect());
    let mut captured: Vec<u64> = payments(bench).await.iter().map(|entry| entry.order.0).collect();
    captured.sort_unstable();
    assert_eq!(captured, ids);
}

pub(crate) async fn damage_is_what_the_audit_then_finds(bench: &Bench) {
    bench.insert(&order(1)).await;
    let twice = Damage::CaptureTwice(OrderId(1));
    assert_eq!(twice.commit(&bench.connections).await, Ok(false), "nothing to capture again");
    let captured = entry(1, EntryKind::Captured, 500);
    bench.payments.enter(&captured, true).await.expect("entered");
    assert_eq!(twice.commit(&bench.connections).await, Ok(true));
    assert_eq!(payments(bench).await, [captured, captured]);
    assert_eq!(Damage::LoseOrder(OrderId(1)).commit(&bench.connections).await, Ok(true));
    assert_eq!(bench.orders.find(OrderId(1)).await, Ok(None));
}

pub(crate) async fn a_shopper_sees_what_was_just_written(bench: &Bench) {
    for id in 0..20 {
        bench.insert(&order(id)).await;
        let seen = bench.orders.view(OrderId(id)).await.expect("an answer").expect("the order");
        assert_eq!(seen.state, OrderState::Paid);
        bench
            .orders
            .advance(OrderId(id), OrderState::Paid, OrderState::Reserved, NOW)
            .await
            .expect("moved");
        let seen = bench.orders.view(OrderId(id)).await.expect("an answer").expect("the order");
        assert_eq!(seen.state, OrderState::Reserved);
    }
}
