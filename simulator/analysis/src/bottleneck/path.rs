//! What an objective depends on: the services, queues, tables and data tiers on the path of what it
//! measures.

use std::collections::BTreeSet;

use securecart_domain::{
    ServiceName,
    api::Operation,
    resources::{
        CARTS_TABLE, EMAIL_QUEUE, IDEMPOTENCY_TABLE, INVENTORY_QUEUE, NOTIFICATIONS_TABLE,
        ORDERS_QUEUE, QUEUES, RESERVATIONS_TABLE, SMS_QUEUE, STOCK_TABLE,
    },
};

/// Services that write to the database's primary.
const WRITERS: [ServiceName; 5] = [
    ServiceName::Orders,
    ServiceName::Checkout,
    ServiceName::Payment,
    ServiceName::Fulfilment,
    ServiceName::Fraud,
];

/// Services that read from the database's replicas.
const READERS: [ServiceName; 2] = [ServiceName::Catalog, ServiceName::Orders];

/// Metrics that how long calls to AWS take has no part in: limits and starts are modelled, and
/// shoppers come whether they are answered soon or not.
const BESIDE_CALLS: [&str; 4] = ["throttled", "cold-starts", "throughput", "orders.rate"];

/// What an objective depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Path {
    services: BTreeSet<&'static str>,
    queues: BTreeSet<&'static str>,
    /// Whether the storefront's bucket is on it.
    bucket: bool,
    /// Whether it is about requests that failed.
    pub(super) availability: bool,
    /// Whether it is about dead letters.
    pub(super) dead_letters: bool,
    /// Whether it is about the lag of replicas.
    pub(super) lag: bool,
    /// Whether it is about requests that wait for a connection to the database.
    pub(super) connections: bool,
    /// Whether it is about the share of reads that the cache answers.
    pub(super) hit_ratio: bool,
    /// The operations whose latency is asked for; `None` is all of them.
    pub(super) latencies: BTreeSet<Option<&'static str>>,
}

impl Path {
    /// What the objective on `metric` depends on.
    pub(super) fn of(metric: &str) -> Self {
        let mut path = Self::default();
        path.add(metric);
        path
    }

    fn add(&mut self, metric: &str) {
        if let Some((queue, _)) = metric.split_once(".queue.") {
            return self.add_queue(queue);
        }
        if metric.starts_with("order-to-shipped.") {
            return self.add_queue(ORDERS_QUEUE);
        }
        match metric {
            "dead-letters" => {
                self.dead_letters = true;
                QUEUES.into_iter().for_each(|queue| self.add_queue(queue));
            }
            "database.lag" => self.lag = true,
            "database.waiting" => self.connections = true,
            "cache.hit-ratio" => self.hit_ratio = true,
            // The generator's own.
            "arrivals.late" => {}
            _ => self.add_requests(metric),
        }
    }

    fn add_queue(&mut self, name: &str) {
        let Some(queue) = QUEUES.into_iter().find(|queue| *queue == name) else { return };
        self.queues.insert(queue);
        self.services.extend(consumers(queue).iter().map(|service| service.as_str()));
        if queue == ORDERS_QUEUE {
            // An order waits in there until its stock is reserved.
            self.queues.insert(INVENTORY_QUEUE);
        }
    }

    fn add_requests(&mut self, metric: &str) {
        let operation: Option<Operation> =
            metric.split_once('.').and_then(|(name, _)| name.parse().ok());
        self.availability |= metric.ends_with("availability");
        if metric.contains("latency.") {
            self.latencies.insert(operation.map(Operation::as_str));
        }
        let operations = operation.map_or_else(|| Operation::ALL.to_vec(), |one| vec![one]);
        for operation in operations {
            self.bucket |= matches!(operation, Operation::Storefront | Operation::Image);
            self.services.extend(servers(operation).iter().map(|service| service.as_str()));
        }
    }

    /// Whether the service or function `name` is on it.
    pub(super) fn has_service(&self, name: &str) -> bool {
        self.services.contains(name)
    }

    /// Whether calls of `caller` to AWS, a service or `origin`, shape what `metric` measures.
    pub(super) fn calls(&self, caller: &str, metric: &str) -> bool {
        let is_on = if caller == "origin" { self.bucket } else { self.has_service(caller) };
        is_on && !BESIDE_CALLS.contains(&metric)
    }

    /// Whether any calls to AWS do.
    pub(super) fn calls_aws(&self, metric: &str) -> bool {
        (self.bucket || !self.services.is_empty()) && !BESIDE_CALLS.contains(&metric)
    }

    /// Whether a service on it writes to the database's primary.
    pub(super) fn has_primary(&self) -> bool {
        self.connections || WRITERS.iter().any(|service| self.has_service(service.as_str()))
    }

    /// Whether a service on it reads from the database's replicas.
    pub(super) fn has_replicas(&self) -> bool {
        let reads = READERS.iter().any(|service| self.has_service(service.as_str()));
        self.connections || self.lag || reads
    }

    /// Whether the cache is on it: the catalogue reads it before the database.
    pub(super) fn has_cache(&self) -> bool {
        self.hit_ratio || self.has_service(ServiceName::Catalog.as_str())
    }

    /// Whether the queue `name` is on it.
    pub(super) fn has_queue(&self, name: &str) -> bool {
        self.queues.contains(name)
    }

    /// Whether a service on it uses the table `name`.
    pub(super) fn has_table(&self, name: &str) -> bool {
        let owner = match name {
            CARTS_TABLE => ServiceName::Cart,
            STOCK_TABLE | RESERVATIONS_TABLE => ServiceName::Inventory,
            IDEMPOTENCY_TABLE => ServiceName::Checkout,
            NOTIFICATIONS_TABLE => ServiceName::Notifications,
            _ => return false,
        };
        self.has_service(owner.as_str())
    }

    /// Whether what shoppers are told is on it.
    pub(super) fn has_notifications(&self) -> bool {
        self.has_service(ServiceName::Notifications.as_str())
    }
}

/// The services that a message of `queue` keeps busy until it is gone.
fn consumers(queue: &str) -> &'static [ServiceName] {
    match queue {
        ORDERS_QUEUE => &[ServiceName::Fulfilment, ServiceName::Inventory, ServiceName::Payment],
        INVENTORY_QUEUE => &[ServiceName::Inventory],
        EMAIL_QUEUE | SMS_QUEUE => &[ServiceName::Notifications],
        _ => &[],
    }
}

/// The services that work on a request: the first, and what it calls.
fn servers(operation: Operation) -> &'static [ServiceName] {
    match operation {
        Operation::ListProducts | Operation::Product | Operation::Search => &[ServiceName::Catalog],
        Operation::AddToCart | Operation::ViewCart => &[ServiceName::Cart, ServiceName::Catalog],
        Operation::Checkout => &[
            ServiceName::Checkout,
            ServiceName::Cart,
            ServiceName::Payment,
            ServiceName::Fraud,
            ServiceName::Catalog,
        ],
        Operation::OrderStatus => &[ServiceName::Orders],
        // The bucket's.
        Operation::Storefront | Operation::Image => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_involves_what_it_calls() {
        let path = Path::of("checkout.latency.p99");
        for service in ["checkout", "cart", "payment", "fraud", "catalog"] {
            assert!(path.has_service(service), "{service}");
        }
        assert!(!path.has_service("notifications") && !path.has_service("fulfilment"));
        assert!(path.has_table("carts") && path.has_primary() && !path.has_table("stock"));
        assert!(!path.availability && path.latencies.contains(&Some("checkout")));
    }

    #[test]
    fn an_order_on_its_way_involves_who_works_on_it() {
        for metric in ["order-to-shipped.latency.p95", "orders.queue.drain"] {
            let path = Path::of(metric);
            assert!(path.has_queue("orders") && path.has_queue("inventory"), "{metric}");
            assert!(path.has_service("fulfilment") && path.has_service("payment"), "{metric}");
            assert!(path.has_table("stock") && !path.has_service("checkout"), "{metric}");
        }
    }

    #[test]
    fn the_whole_shop_is_every_operation() {
        let path = Path::of("availability");
        assert!(path.availability && path.has_service("orders") && path.has_service("catalog"));
        assert!(path.latencies.is_empty() && !path.has_service("notifications"));
    }

    #[test]
    fn who_browses_reads_and_who_buys_writes() {
        let of = |metric| {
            let path = Path::of(metric);
            (path.has_cache(), path.has_replicas(), path.has_primary())
        };
        assert_eq!(of("search.latency.p99"), (true, true, false));
        assert_eq!(of("checkout.latency.p99"), (true, true, true));
        assert_eq!(of("order-to-shipped.latency.p95"), (false, false, true));
        assert_eq!(of("availability"), (true, true, true));
        assert_eq!(of("database.lag"), (false, true, false));
        assert_eq!(of("cache.hit-ratio"), (true, false, false));
        assert_eq!(of("notifications-sms.queue.age"), (false, false, false));
    }

    #[test]
    fn late_arrivals_are_nobodys_but_the_generators() {
        assert_eq!(Path::of("arrivals.late"), Path::default());
        assert!(Path::of("dead-letters").has_notifications());
    }
}
