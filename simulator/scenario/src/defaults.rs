//! Every default of the scenario format, in one place.
//!
//! Service times and fleets are assumptions, declared as such (confidence F in the behaviour sheet's
//! terms): no published figure gives them. The fleets are sized for the live window of
//! `black-friday`, whose peak is about 1,650 shopper requests and 70 orders a second. What keeps a
//! slot busy is counted from the modelled means: the service time, the calls to AWS and those to
//! other services ([`service`] gives the sums). Most slots are then busy 35 to 50 % of the time;
//! a fleet has at least two tasks, so small services are less so. Part 2 lets fleets scale; until
//! then they are fixed.

use securecart_domain::{ServiceName, catalogue};

use crate::plan::{CatalogueSpec, NotificationSpec, ServiceSpec, ServiceTime};

/// Seed of every random stream. A run is reproducible without saying so.
pub const SEED: u64 = 1;
/// Second of the day at which a scenario starts.
pub const START_S: f64 = 0.0;
/// Scenario seconds a wall second, for a scenario without `live`.
pub const SPEED: f64 = 1.0;
/// Share of the full load, for a scenario without `live`.
pub const SCALE: f64 = 1.0;
/// Factor of the curve, for a scenario without one.
pub const CURVE_FACTOR: f64 = 1.0;
/// Seconds from a spike's start to its peak: the doorbuster shape of behaviour sheet 7.
pub const SPIKE_RISE_S: f64 = 60.0;
/// Seconds in which a spike halves: the doorbuster shape of behaviour sheet 7.
pub const SPIKE_HALF_LIFE_S: f64 = 900.0;
/// Share of choices of a spike that go to the hot product.
pub const HOT_PRODUCT_SHARE: f64 = 0.0;
/// How often a step is done.
pub const REPEAT: u32 = 1;
/// Wall milliseconds a shopper thinks before a request.
///
/// Real shoppers think ten times as long. Arrivals are open, so the request rate does not depend on
/// it; only the number of sessions under way does, and a short one fits a laptop.
pub const THINK_MS: (u32, u32) = (200, 1_000);

/// The catalogue: enough of everything, so that only a scenario that wants it runs out of stock.
pub const CATALOGUE: CatalogueSpec = CatalogueSpec {
    products: catalogue::DEFAULT_PRODUCTS,
    zipf_exponent: catalogue::DEFAULT_ZIPF_EXPONENT,
    stock: 100_000,
    hot_product_stock: 100_000,
};

/// The notification provider. SMS: behaviour sheet 5.2 (transactional). E-mail: an assumption.
pub const NOTIFICATIONS: NotificationSpec =
    NotificationSpec { email_per_second: 200.0, sms_per_second: 20.0 };

/// Fleet and service time of `service`.
#[must_use]
pub const fn service(service: ServiceName) -> ServiceSpec {
    // tasks, concurrency, backlog; p50 ms, p99 ms.
    match service {
        // 1,100 requests/s x 5 ms = 6 slots busy of 16.
        ServiceName::Catalog => spec(4, 4, 64, 4.0, 20.0),
        // 410 requests/s x 15 to 20 ms (a read, a write, prices) = 6 to 9 of 16.
        ServiceName::Cart => spec(4, 4, 64, 5.0, 20.0),
        // 70 orders/s x 140 ms (cart, fraud, payment, four writes) = 10 of 24.
        ServiceName::Checkout => spec(6, 4, 64, 15.0, 60.0),
        // Authorises and captures: 140 requests/s x 53 ms = 7 of 16.
        ServiceName::Payment => spec(4, 4, 64, 40.0, 150.0),
        // 70 requests/s x 24 ms = 2 of 6.
        ServiceName::Fraud => spec(2, 3, 64, 20.0, 80.0),
        // 70 messages/s x 40 ms (a transaction, an event, a delete) = 3 of 8.
        ServiceName::Inventory => spec(2, 4, 64, 4.0, 15.0),
        // 70 requests/s x 7 ms = less than 1 of 8.
        ServiceName::Orders => spec(2, 4, 64, 3.0, 12.0),
        // 70 orders/s x 45 ms, and again x 125 ms once there is stock = 12 of 24.
        ServiceName::Fulfilment => spec(6, 4, 64, 10.0, 40.0),
        // 88 messages/s x 18 ms = 2 of 8.
        ServiceName::Notifications => spec(2, 4, 64, 5.0, 20.0),
    }
}

const fn spec(tasks: u32, concurrency: u32, backlog: u32, p50_ms: f64, p99_ms: f64) -> ServiceSpec {
    ServiceSpec { tasks, concurrency, backlog, service_time: ServiceTime { p50_ms, p99_ms } }
}
