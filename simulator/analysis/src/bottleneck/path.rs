//! What an objective depends on: the services, queues and tables on the path of what it measures.

use std::collections::BTreeSet;

use securecart_domain::{
    ServiceName,
    api::Operation,
    resources::{
        CARTS_TABLE, EMAIL_QUEUE, IDEMPOTENCY_TABLE, INVENTORY_QUEUE, NOTIFICATIONS_TABLE,
        ORDERS_QUEUE, QUEUES, RESERVATIONS_TABLE, SMS_QUEUE, STOCK_TABLE,
    },
};
use securecart_record::Objective;

/// What a set of objectives depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Path {
    services: BTreeSet<&'static str>,
    queues: BTreeSet<&'static str>,
    /// Whether one of them is about requests that failed.
    pub(super) availability: bool,
    /// The operations whose latency is asked for; `None` is all of them.
    pub(super) latencies: BTreeSet<Option<&'static str>>,
}

impl Path {
    /// What `objectives` depend on together.
    pub(super) fn of<'a>(objectives: impl Iterator<Item = &'a Objective>) -> Self {
        let mut path = Self::default();
        for objective in objectives {
            path.add(&objective.metric);
        }
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
            "dead-letters" => QUEUES.into_iter().for_each(|queue| self.add_queue(queue)),
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
            self.services.extend(servers(operation).iter().map(|service| service.as_str()));
        }
    }

    /// Whether the service or function `name` is on it.
    pub(super) fn has_service(&self, name: &str) -> bool {
        self.services.contains(name)
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(metrics: &[&str]) -> Path {
        let objective = |metric: &&str| Objective {
            metric: (*metric).to_owned(),
            bound: String::new(),
            measured: String::new(),
            share_of_bound: None,
            held: Some(false),
        };
        let objectives: Vec<_> = metrics.iter().map(objective).collect();
        Path::of(objectives.iter())
    }

    #[test]
    fn a_checkout_involves_what_it_calls() {
        let path = path(&["checkout.latency.p99"]);
        for service in ["checkout", "cart", "payment", "fraud", "catalog"] {
            assert!(path.has_service(service), "{service}");
        }
        assert!(!path.has_service("notifications") && !path.has_service("fulfilment"));
        assert!(path.has_table("carts") && path.has_table("orders") && !path.has_table("stock"));
        assert!(!path.availability && path.latencies.contains(&Some("checkout")));
    }

    #[test]
    fn an_order_on_its_way_involves_who_works_on_it() {
        for metric in ["order-to-shipped.latency.p95", "orders.queue.drain"] {
            let path = path(&[metric]);
            assert!(path.has_queue("orders") && path.has_queue("inventory"), "{metric}");
            assert!(path.has_service("fulfilment") && path.has_service("payment"), "{metric}");
            assert!(path.has_table("stock") && !path.has_service("checkout"), "{metric}");
        }
    }

    #[test]
    fn the_whole_shop_is_every_operation() {
        let path = path(&["availability"]);
        assert!(path.availability && path.has_service("orders") && path.has_service("catalog"));
        assert!(path.latencies.is_empty() && !path.has_service("notifications"));
    }

    #[test]
    fn late_arrivals_are_nobodys_but_the_generators() {
        assert_eq!(path(&["arrivals.late"]), Path::default());
        assert!(path(&["dead-letters"]).has_notifications());
    }
}
