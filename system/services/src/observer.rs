//! What services tell whoever watches a run.

use securecart_domain::{OrderId, Timestamp};

/// Watches what no request's latency shows.
pub trait Observer: Send + Sync + 'static {
    /// `order` has shipped; it was accepted at `placed_at`. Called once for each shipped order.
    fn shipped(&self, order: OrderId, placed_at: Timestamp, shipped_at: Timestamp);
}
