//! Every default of the scenario format, in one place.
//!
//! Service times and fleets are assumptions, declared as such (confidence F in the behaviour sheet's
//! terms): no published figure gives them. The fleets are sized for the live window of
//! `black-friday`, whose peak is about 1,650 shopper requests and 70 orders a second. What keeps a
//! processor busy is the modelled service time; what keeps a slot busy is that, the calls to AWS
//! and those to other services ([`service`] gives the sums). Fleets are fixed unless a scenario
//! gives a minimum, a maximum and a policy.

use std::collections::BTreeMap;

use securecart_domain::{ServiceName, catalogue, resources};

use crate::plan::{
    CacheSpec, CatalogueSpec, DatabaseSpec, FunctionSpec, GatewaySpec, NotificationSpec,
    ServiceSpec, ServiceTime, TableCapacity, TaskSpec,
};

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

/// The database. `max_connections` is what a db.r6g.large's memory would allow more than three times
/// (sheet 4.2: 16 GiB / 9,531,392 B = 1,802): a share of it, for services that are a share as well.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { replicas: 1, max_connections: 500, pool_size: 40, acquire_timeout_s: 5.0 };
/// The cache: room for the whole catalogue twice over. Times to live are assumptions.
pub const CACHE: CacheSpec = CacheSpec { nodes: 2, memory_mib: 64, ttl_s: 60.0, jitter: 0.2 };

/// GiB of memory that a task or instance has for each vCPU, for one that says only its vCPU.
pub const MEMORY_GIB_PER_VCPU: f64 = 2.0;
/// Scenario minutes that a step policy's alarm looks back.
pub const STEP_PERIODS: u32 = 1;
/// Scenario seconds of a step policy's cooldown: behaviour sheet 0.3, "cooldown default".
pub const STEP_COOLDOWN_S: f64 = 300.0;
/// Scenario seconds that predictive scaling launches ahead: behaviour sheet 0.3, "predictive
/// scaling".
pub const PREDICTIVE_BUFFER_S: f64 = 300.0;
/// Percent of a table's units that auto scaling holds: behaviour sheet 4.1, "auto scaling".
pub const TABLE_TARGET: f64 = 70.0;
/// The functions by name.
pub const FUNCTIONS: [&str; 2] = ["fraud", "deep-fraud"];
/// Runtimes of functions: behaviour sheet 2, "Cold start Init Duration".
pub const RUNTIMES: [&str; 8] =
    ["python3.12", "python3.13", "nodejs22", "nodejs24", "java21", "dotnet8", "go", "rust"];

/// Fleet and service time of `service`: a fixed number of tasks, which a scenario may let scale.
#[must_use]
pub fn service(service: ServiceName) -> ServiceSpec {
    // tasks, vCPU of one, slots of one; p50 ms, p99 ms.
    match service {
        // 1,100 requests/s x 5 ms = 6 of 8 processors.
        ServiceName::Catalog => spec(4, 2.0, 32, 4.0, 20.0),
        // 410 requests/s x 6 ms = 2.5 of 6.
        ServiceName::Cart => spec(6, 1.0, 16, 5.0, 20.0),
        // 70 orders/s x 18 ms = 1.3 of 4 processors; x 140 ms (cart, fraud, payment, four writes)
        // = 10 of 64 slots.
        ServiceName::Checkout => spec(4, 1.0, 16, 15.0, 60.0),
        // Authorises and captures: 140 requests/s x 47 ms = 6.6 of 10.
        ServiceName::Payment => spec(10, 1.0, 16, 40.0, 150.0),
        // A function: the tasks say nothing.
        ServiceName::Fraud => spec(1, 1.0, 1, 20.0, 80.0),
        // 70 messages/s x 5 ms = 0.3 of 2 processors; x 40 ms = 3 of 16 slots.
        ServiceName::Inventory => spec(2, 1.0, 8, 4.0, 15.0),
        // 70 requests/s x 4 ms = 0.3 of 2.
        ServiceName::Orders => spec(2, 1.0, 16, 3.0, 12.0),
        // 140 messages/s x 12 ms = 1.7 of 4 processors; 70/s x 45 ms and 70/s x 125 ms = 12 of 32
        // slots.
        ServiceName::Fulfilment => spec(4, 1.0, 8, 10.0, 40.0),
        // 88 messages/s x 6 ms = 0.5 of 2.
        ServiceName::Notifications => spec(2, 1.0, 8, 5.0, 20.0),
    }
}

fn spec(tasks: u32, vcpu: f64, concurrency: u32, p50_ms: f64, p99_ms: f64) -> ServiceSpec {
    let tasks = TaskSpec {
        min: tasks,
        max: tasks,
        initial: tasks,
        concurrency,
        vcpu,
        memory_gib: MEMORY_GIB_PER_VCPU * vcpu,
        ..TASKS
    };
    ServiceSpec { tasks, service_time: ServiceTime { p50_ms, p99_ms }, scaling: Vec::new() }
}

/// Tasks and instances, where neither the service nor the scenario says otherwise.
pub const TASKS: TaskSpec = TaskSpec {
    min: 1,
    max: 1,
    initial: 1,
    concurrency: 16,
    backlog: 64,
    vcpu: 1.0,
    memory_gib: 2.0,
    spot_share: 0.0,
    image_mb: 250.0,
    user_data_s: 30.0,
    warmup_s: 60.0,
    warm_pool: 0,
};

/// The functions: `fraud` scores an order during checkout, `deep-fraud` looks at it again.
///
/// 1,769 MiB is one vCPU (behaviour sheet 2). The scoring model's own initialisation is an
/// assumption: the sheet's range for Python with a model begins at 300 ms.
#[must_use]
pub fn functions() -> BTreeMap<String, FunctionSpec> {
    let function = |p50_ms, p99_ms, own_init_ms| FunctionSpec {
        runtime: "python3.13".to_owned(),
        image: false,
        memory_mib: 1_769,
        timeout_s: 10.0,
        own_init_ms,
        reserved_concurrency: None,
        provisioned_concurrency: 0,
        maximum_concurrency: None,
        service_time: ServiceTime { p50_ms, p99_ms },
    };
    let [fraud, deep_fraud] = FUNCTIONS.map(str::to_owned);
    BTreeMap::from([
        (fraud, function(20.0, 80.0, 300.0)),
        (deep_fraud, function(60.0, 250.0, 600.0)),
    ])
}

/// Every table is on demand unless a scenario provisions it.
#[must_use]
pub fn tables() -> BTreeMap<String, TableCapacity> {
    let on_demand = TableCapacity::OnDemand { warm_write: None, warm_read: None };
    resources::TABLES.iter().map(|table| (table.name.to_owned(), on_demand)).collect()
}

/// API Gateway: the account's default throttle (behaviour sheet 1.1).
pub const GATEWAY: GatewaySpec = GatewaySpec {
    rate_per_second: 10_000.0,
    burst: 5_000.0,
    route_rate_per_second: None,
    route_burst: None,
};
