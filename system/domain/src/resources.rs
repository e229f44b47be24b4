//! The names of SecureCart's AWS resources: what provisioning creates and services use.
//!
//! Names obey AWS's rules (a table name has 3 to 255 characters).

/// Queue of accepted orders, and of what became of their reservations.
pub const ORDERS_QUEUE: &str = "orders";
/// Queue of reservations to make.
pub const INVENTORY_QUEUE: &str = "inventory";
/// Queue of e-mails to send.
pub const EMAIL_QUEUE: &str = "notifications-email";
/// Queue of SMS to send.
pub const SMS_QUEUE: &str = "notifications-sms";

/// Every queue that has a dead-letter queue of its own.
pub const QUEUES: [&str; 4] = [ORDERS_QUEUE, INVENTORY_QUEUE, EMAIL_QUEUE, SMS_QUEUE];

/// The dead-letter queue of `queue`.
#[must_use]
pub fn dead_letter_queue(queue: &str) -> String {
    format!("{queue}-dlq")
}

/// Carts by cart id.
pub const CARTS_TABLE: &str = "carts";
/// Stock by product id.
pub const STOCK_TABLE: &str = "stock";
/// Reservations by order id.
pub const RESERVATIONS_TABLE: &str = "reservations";
/// Answers by idempotency key.
pub const IDEMPOTENCY_TABLE: &str = "idempotency";
/// Orders by order id, with an index by customer.
pub const ORDERS_TABLE: &str = "orders";
/// The index of [`ORDERS_TABLE`] by customer and time.
pub const ORDERS_BY_CUSTOMER_INDEX: &str = "by-customer";
/// The payment ledger: an entry for each order and act.
pub const PAYMENTS_TABLE: &str = "payments";
/// Notifications sent, by order and channel.
pub const NOTIFICATIONS_TABLE: &str = "notifications";

/// The event bus.
pub const BUS: &str = "securecart";
/// Rule that brings reservations back to the order queue.
pub const STOCK_RULE: &str = "stock-outcomes";
/// Rule that brings what a shopper should know to the topic.
pub const NOTIFY_RULE: &str = "notify-shopper";
/// The topic of what a shopper should know.
pub const NOTIFICATIONS_TOPIC: &str = "notifications";
