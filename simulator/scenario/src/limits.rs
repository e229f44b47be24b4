//! What a scenario may ask for at most, so that every run is bounded, and at least, so that there is one.
//!
//! Most of these protect the machine that runs the harness and are no figures of AWS; those that are
//! AWS's name their row of the behaviour sheet.

/// Sessions a wall second at the busiest moment of the window, scale and spikes included.
pub const SESSIONS_PER_SECOND: f64 = 100_000.0;
/// Sessions of a whole run, on average over seeds: below that there is nothing to measure.
pub const SESSIONS_MIN: f64 = 1.0;
/// Wall seconds a run takes.
pub const WALL_S: f64 = 3_600.0;
/// Load as a multiple of the full load.
pub const SCALE: f64 = 1_000_000.0;
/// Scenario seconds that pass in a wall second.
pub const SPEED: f64 = 1_000_000.0;
/// Scenario seconds a scenario is long.
pub const LENGTH_S: f64 = 4.0 * 86_400.0;
/// Products in the catalogue.
pub const PRODUCTS: u32 = 1_000_000;
/// Pieces in stock of one product.
pub const STOCK: u32 = 1_000_000_000;
/// How fast popularity may fall with rank.
pub const ZIPF_EXPONENT: f64 = 5.0;
/// Points of a curve.
pub const CURVE_POINTS: usize = 1_000;
/// A factor of a curve or a spike.
pub const FACTOR: f64 = 1_000.0;
/// Spikes of a scenario.
pub const SPIKES: usize = 64;
/// Journeys of a scenario.
pub const JOURNEYS: usize = 64;
/// Steps of a journey.
pub const STEPS: usize = 64;
/// Repeats of a step.
pub const REPEATS: u32 = 1_000;
/// Milliseconds a shopper thinks before a request.
pub const THINK_MS: u32 = 600_000;
/// Tasks of a service.
pub const TASKS: u32 = 10_000;
/// Requests a task works on at once.
pub const CONCURRENCY: u32 = 10_000;
/// Requests that may wait for a task.
pub const BACKLOG: u32 = 1_000_000;
/// Milliseconds of a modelled service time: what API Gateway waits for an answer (29 s).
pub const SERVICE_TIME_MS: f64 = 29_000.0;
/// Notifications a wall second.
pub const NOTIFICATIONS_PER_SECOND: f64 = 1_000_000.0;
/// Objectives of a scenario.
pub const OBJECTIVES: usize = 64;
/// Characters of a name.
pub const NAME_CHARS: usize = 64;
/// Characters of a summary.
pub const SUMMARY_CHARS: usize = 200;
/// Processors of an instance.
pub const VCPU: f64 = 192.0;
/// GiB of memory of an instance.
pub const MEMORY_GIB: f64 = 1_536.0;
/// MB of an image.
pub const IMAGE_MB: f64 = 50_000.0;
/// Scenario seconds of user data or warm-up.
pub const BOOT_S: f64 = 3_600.0;
/// Scaling policies and scheduled actions of a service: sheet 0.3, "scheduled action".
pub const POLICIES: usize = 125;
/// Steps of a step policy: sheet 0.3, "step scaling".
pub const SCALING_STEPS: usize = 20;
/// A scaling target or threshold that is no percentage.
pub const SCALING_TARGET: f64 = 1_000_000.0;
/// Scenario minutes that an alarm looks back.
pub const ALARM_PERIODS: u32 = 60;
/// Scenario seconds of a cooldown.
pub const COOLDOWN_S: f64 = 86_400.0;
/// Scenario seconds that predictive scaling launches ahead; below an hour: sheet 0.3, "predictive
/// scaling".
pub const PREDICTIVE_BUFFER_S: f64 = 3_599.0;
/// MiB of a function, least and most (AWS Lambda quotas).
pub const FUNCTION_MEMORY_MIB: (u32, u32) = (128, 10_240);
/// Wall seconds of a function's timeout, least and most (AWS Lambda quotas: 15 minutes).
pub const FUNCTION_TIMEOUT_S: (f64, f64) = (1.0, 900.0);
/// Wall seconds of a function's own initialisation: Lambda cuts it off there (AWS Lambda developer
/// guide, "Init phase").
pub const OWN_INIT_S: f64 = 10.0;
/// Concurrency that an account can reserve in all: sheet 2, "account concurrency".
pub const RESERVED_CONCURRENCY: u32 = 900;
/// Concurrent invocations of an event source mapping: sheet 2, "MaximumConcurrency".
pub const MAXIMUM_CONCURRENCY: (u32, u32) = (2, 1_000);
/// Units of a table: sheet 4.1, "table/account quota".
pub const TABLE_UNITS: u32 = 40_000;
/// Warm throughput of a table.
pub const WARM_UNITS: u32 = 1_000_000;
/// What a table on demand serves from the start, reads and writes: sheet 4.1, "on-demand start".
pub const WARM_UNITS_LEAST: (u32, u32) = (12_000, 4_000);
/// Percent of a table's units that auto scaling holds: sheet 4.1, "auto scaling".
pub const TABLE_TARGET: std::ops::RangeInclusive<f64> = 20.0..=90.0;
/// Requests a wall second of the gateway, and requests its buckets hold.
pub const GATEWAY_RATE: f64 = 1_000_000.0;
/// The number of an assumption.
pub const ASSUMPTION: f64 = 1e12;
/// Read replicas of a database: sheet 4.2, "read replicas".
pub const REPLICAS: u32 = 15;
/// Connections of a database server: sheet 4.2, "max_connections" (PostgreSQL's upper end).
pub const CONNECTIONS: u32 = 5_000;
/// Wall seconds that a request waits for a connection: what API Gateway waits for an answer (29 s).
pub const ACQUIRE_TIMEOUT_S: f64 = 29.0;
/// Nodes of a cache.
pub const CACHE_NODES: u32 = 90;
/// MiB of a node of the cache.
pub const CACHE_MEMORY_MIB: u32 = 16_384;
/// Wall seconds that an entry of the cache is kept.
pub const CACHE_TTL_S: f64 = 86_400.0;
/// Faults of a scenario.
pub const FAULTS: usize = 256;
/// Redrives of a scenario.
pub const REDRIVES: usize = 64;
/// Messages that a fault puts into a queue.
pub const POISON_MESSAGES: u32 = 100_000;
/// Wall seconds that a fault makes a request or a delivery take longer.
pub const ADDED_S: f64 = 60.0;
/// Values that can be set by hand.
pub const OVERRIDES: usize = 64;
