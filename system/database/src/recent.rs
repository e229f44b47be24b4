//! What this process wrote lately, so that a shopper who reads from a replica finds it.
//!
//! A bounded map from an order to the position of its last write. It forgets the oldest first: after
//! [`REMEMBERED`], or when there are more than [`ORDERS_MAX`]. A replica that is further behind than
//! that shows old states, as it does to everybody who did not write.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use parking_lot::Mutex;
use securecart_domain::OrderId;
use tokio::time::Instant;

const REMEMBERED: Duration = Duration::from_secs(30);
const ORDERS_MAX: usize = 65_536;

#[derive(Debug, Default)]
pub(crate) struct Recent {
    writes: Mutex<Writes>,
}

#[derive(Debug, Default)]
struct Writes {
    position: HashMap<OrderId, u64>,
    oldest_first: VecDeque<(OrderId, u64, Instant)>,
}

impl Recent {
    pub(crate) fn wrote(&self, order: OrderId, position: u64) {
        let now = Instant::now();
        let mut writes = self.writes.lock();
        writes.position.insert(order, position);
        writes.oldest_first.push_back((order, position, now));
        while writes.oldest_first.len() > ORDERS_MAX
            || writes.oldest_first.front().is_some_and(|(.., at)| now - *at > REMEMBERED)
        {
            let Some((order, position, _)) = writes.oldest_first.pop_front() else { break };
            if writes.position.get(&order) == Some(&position) {
                writes.position.remove(&order);
            }
        }
    }

    /// The position of the last write to `order`; 0 where none is remembered.
    pub(crate) fn position(&self, order: OrderId) -> u64 {
        self.writes.lock().position.get(&order).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_last_write_is_remembered_for_a_while() {
        let recent = Recent::default();
        recent.wrote(OrderId(1), 7);
        tokio::time::advance(REMEMBERED / 2).await;
        recent.wrote(OrderId(1), 9);
        assert_eq!(recent.position(OrderId(1)), 9);
        assert_eq!(recent.position(OrderId(2)), 0);
        tokio::time::advance(REMEMBERED / 2 + Duration::from_secs(1)).await;
        recent.wrote(OrderId(2), 10);
        assert_eq!(recent.position(OrderId(1)), 9, "its first write is old, its last is not");
        tokio::time::advance(REMEMBERED + Duration::from_secs(1)).await;
        recent.wrote(OrderId(3), 11);
        assert_eq!(recent.position(OrderId(1)), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_bounded() {
        let recent = Recent::default();
        for order in 0..=ORDERS_MAX as u64 {
            recent.wrote(OrderId(order), order + 1);
        }
        assert_eq!(recent.position(OrderId(0)), 0);
        assert_eq!(recent.position(OrderId(1)), 2);
    }
}
