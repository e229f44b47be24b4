//! What a scenario may ask for at most, so that every run is bounded, and at least, so that there is one.
//!
//! These protect the machine that runs the harness; none of them is a figure of AWS.

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
