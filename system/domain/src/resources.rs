//! The names of SecureCart's AWS resources: what provisioning creates and services use.
//!
//! Names obey AWS's rules (a table name has 3 to 255 characters).

use crate::ProductId;

/// Queue of accepted orders, and of what became of their reservations.
pub const ORDERS_QUEUE: &str = "orders";
/// Queue of reservations to make.
pub const INVENTORY_QUEUE: &str = "inventory";
/// Queue of e-mails to send.
pub const EMAIL_QUEUE: &str = "notifications-email";
/// Queue of SMS to send.
pub const SMS_QUEUE: &str = "notifications-sms";

/// Queue of orders to look at again; the deeper fraud check works it off.
pub const ORDER_EVENTS_QUEUE: &str = "order-events";

/// Every queue that has a dead-letter queue of its own.
pub const QUEUES: [&str; 5] =
    [ORDERS_QUEUE, INVENTORY_QUEUE, EMAIL_QUEUE, SMS_QUEUE, ORDER_EVENTS_QUEUE];

/// The dead-letter queue of `queue`.
#[must_use]
pub fn dead_letter_queue(queue: &str) -> String {
    format!("{queue}-dlq")
}

/// A table: its name, its partition key and its sort key, both strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its partition key.
    pub partition_key: &'static str,
    /// Its sort key, where it has one.
    pub sort_key: Option<&'static str>,
    /// The attribute that holds when an item expires (seconds since the Unix epoch), where it does.
    pub time_to_live: Option<&'static str>,
}

/// Every DynamoDB table. Products, orders and payments are in the relational database.
pub const TABLES: [Table; 5] = [
    table(CARTS_TABLE, "cart_id").expiring("expires_at"),
    table(STOCK_TABLE, "product_id"),
    table(RESERVATIONS_TABLE, "order_id"),
    table(IDEMPOTENCY_TABLE, "idempotency_key").expiring("expires_at"),
    table(NOTIFICATIONS_TABLE, "order_id").sorted("notice"),
];

const fn table(name: &'static str, partition_key: &'static str) -> Table {
    Table { name, partition_key, sort_key: None, time_to_live: None }
}

impl Table {
    const fn sorted(self, sort_key: &'static str) -> Self {
        Self { sort_key: Some(sort_key), ..self }
    }

    const fn expiring(self, attribute: &'static str) -> Self {
        Self { time_to_live: Some(attribute), ..self }
    }
}

/// Carts by cart id.
pub const CARTS_TABLE: &str = "carts";
/// Stock by product id.
pub const STOCK_TABLE: &str = "stock";
/// Reservations by order id.
pub const RESERVATIONS_TABLE: &str = "reservations";
/// Answers by idempotency key.
pub const IDEMPOTENCY_TABLE: &str = "idempotency";
/// Notifications sent, by order and channel.
pub const NOTIFICATIONS_TABLE: &str = "notifications";

/// The event bus.
pub const BUS: &str = "securecart";
/// Rule that brings reservations back to the order queue.
pub const STOCK_RULE: &str = "stock-outcomes";
/// Rule that brings what a shopper should know to the topic.
pub const NOTIFY_RULE: &str = "notify-shopper";
/// Rule that brings each order to the deeper fraud check.
pub const ORDER_EVENTS_RULE: &str = "order-events";

/// Function that scores an order before it is accepted.
pub const FRAUD_FUNCTION: &str = "fraud";
/// Function that looks at an order again.
pub const DEEP_FRAUD_FUNCTION: &str = "deep-fraud";

/// The bucket of the shop's site and of the products' pictures.
pub const STOREFRONT_BUCKET: &str = "securecart-storefront";

/// Key of the site's page.
pub const INDEX_KEY: &str = "index.html";

/// Where the site's other files lie: `assets/app.js`.
pub const ASSETS_PREFIX: &str = "assets/";

/// How many products have a picture of their own: the most popular. The others share one.
pub const IMAGES: u32 = 500;

/// Key of the picture that products without one of their own share.
pub const PLACEHOLDER_IMAGE_KEY: &str = "images/placeholder.svg";

/// Key of the picture of `product`.
#[must_use]
pub fn image_key(product: ProductId) -> String {
    if product.0 < IMAGES {
        format!("images/{product}.svg")
    } else {
        PLACEHOLDER_IMAGE_KEY.to_owned()
    }
}

/// The topic of what a shopper should know.
pub const NOTIFICATIONS_TOPIC: &str = "notifications";
