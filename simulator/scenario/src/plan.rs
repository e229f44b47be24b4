//! The plan: a scenario after validation, with every default filled in and every number in one unit.
//!
//! Both clocks play a `Plan`. Times are scenario seconds since midnight unless a name says wall.

mod compute;
mod data;
mod fault;
mod gateway;
mod scaling;
mod tables;

use std::collections::BTreeMap;

use securecart_domain::{ServiceName, api::Operation};
use serde::Serialize;

pub use compute::{FunctionSpec, Platform, ServiceSpec, ServiceTime, TaskSpec};
pub use data::{CacheSpec, Container, DatabaseSpec};
pub use fault::{Fault, FaultKind, Redrive};
pub use gateway::GatewaySpec;
pub use scaling::{Change, Policy, ScalingMetric, Step as ScalingStep};
pub use tables::{TableCapacity, TableScaling};

/// What a run plays. Only `scenario` makes one, so every plan is valid.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The scenario's name.
    pub name: String,
    /// One line about it.
    pub summary: String,
    /// The seed of every random stream.
    pub seed: u64,
    /// Load as a fraction of the scenario's full load.
    pub scale: f64,
    /// What part of the scenario is played, and how fast.
    pub window: Window,
    /// How many sessions arrive when.
    pub traffic: Traffic,
    /// What there is to buy.
    pub catalogue: CatalogueSpec,
    /// What sessions do.
    pub journeys: Vec<Journey>,
    /// Every service, those the scenario does not mention with their defaults.
    pub services: BTreeMap<ServiceName, ServiceSpec>,
    /// Every function by name, those the scenario does not mention with their defaults.
    pub functions: BTreeMap<String, FunctionSpec>,
    /// Every table by name, those the scenario does not mention with their defaults.
    pub tables: BTreeMap<String, TableCapacity>,
    /// The relational database.
    pub database: DatabaseSpec,
    /// The cache in front of it.
    pub cache: CacheSpec,
    /// The gateway's throttles.
    pub gateway: GatewaySpec,
    /// What AWS does not publish and the scenario changes, by name.
    pub assumptions: BTreeMap<String, f64>,
    /// What breaks, in the order of its beginning.
    pub faults: Vec<Fault>,
    /// Dead-letter queues that are worked off again, in order.
    pub redrives: Vec<Redrive>,
    /// The provider that sends e-mail and SMS.
    pub notifications: NotificationSpec,
    /// What must hold.
    pub objectives: Vec<Objective>,
    /// What was set by hand, as given: `services.checkout.tasks.max=8`. The rest of the plan is
    /// what came of it.
    pub overrides: Vec<String>,
}

impl Plan {
    /// The faults that lie outside of what is played.
    pub fn skipped_faults(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().filter(|fault| !self.window.plays(fault.at_s))
    }
}

/// The part of the scenario a run plays.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Window {
    /// First second.
    pub start_s: f64,
    /// Last second; greater than `start_s`.
    pub end_s: f64,
    /// Scenario seconds that pass in one wall second; greater than 0.
    pub speed: f64,
}

impl Window {
    /// Wall seconds that the window takes.
    #[must_use]
    pub fn wall_s(&self) -> f64 {
        (self.end_s - self.start_s) / self.speed
    }

    /// Whether what happens at `scenario_s` is played: the window's last second is not.
    #[must_use]
    pub fn plays(&self, scenario_s: f64) -> bool {
        (self.start_s..self.end_s).contains(&scenario_s)
    }

    /// The scenario second that is played `wall_s` wall seconds into the run.
    #[must_use]
    pub fn scenario_s(&self, wall_s: f64) -> f64 {
        self.start_s + wall_s * self.speed
    }
}

/// How many sessions arrive when: an open, non-homogeneous Poisson process.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Traffic {
    /// Sessions a wall second where the curve is 1.0 and the scale 1.0.
    ///
    /// Speed compresses the curve, never the rate: at any speed this many shoppers come a second.
    pub sessions_per_second: f64,
    /// Points of the curve (second, factor), straight lines between them; ascending, at least one.
    pub curve: Vec<(f64, f64)>,
    /// Spikes on top of the curve; their factors multiply.
    pub spikes: Vec<Spike>,
}

/// A sudden crowd.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Spike {
    /// When it starts to rise.
    pub at_s: f64,
    /// How many times as many sessions arrive at its peak; at least 1.
    pub factor: f64,
    /// Seconds from start to peak; 0 is a step.
    pub rise_s: f64,
    /// Seconds in which what is above normal halves, from the peak on.
    pub half_life_s: f64,
    /// Share of product choices that go to the hot product at the peak, 0 to 1.
    pub hot_product_share: f64,
}

/// What there is to buy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CatalogueSpec {
    /// How many products.
    pub products: u32,
    /// How fast popularity falls with rank.
    pub zipf_exponent: f64,
    /// Pieces in stock of each product.
    pub stock: u32,
    /// Pieces in stock of the hot product (rank 0).
    pub hot_product_stock: u32,
}

/// What a kind of session does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Journey {
    /// Its name, such as `browse`.
    pub name: String,
    /// How often it is chosen, relative to the others; greater than 0.
    pub weight: f64,
    /// Its steps in order; at least one.
    pub steps: Vec<Step>,
}

/// One request of a session.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// What is asked.
    pub operation: Operation,
    /// How often it is done, one after the other; at least 1.
    pub repeat: u32,
    /// Wall milliseconds a shopper thinks before each, drawn evenly between the two.
    pub think_ms: (u32, u32),
}

/// The provider that sends e-mail and SMS.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NotificationSpec {
    /// E-mails the provider takes a wall second.
    pub email_per_second: f64,
    /// SMS the provider takes a wall second (behaviour sheet 5.2: 20/s transactional).
    pub sms_per_second: f64,
}

/// Something that must hold, such as `checkout.latency.p99 < 800ms`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Objective {
    /// What is measured.
    pub metric: Metric,
    /// The metric as written.
    pub metric_text: String,
    /// Which side of the bound is good.
    pub comparison: Comparison,
    /// The bound in the metric's own unit: µs, a share of 0 to 1, a count, or a rate a second.
    pub bound: f64,
    /// Comparison and bound as written, such as `< 800ms`.
    pub bound_text: String,
}

/// Which side of a bound is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether `measured` is on the good side of `bound`.
    #[must_use]
    pub fn holds(self, measured: f64, bound: f64) -> bool {
        match self {
            Self::Less => measured < bound,
            Self::AtMost => measured <= bound,
            Self::Greater => measured > bound,
            Self::AtLeast => measured >= bound,
        }
    }
}

/// A figure of the record that an objective can name.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Metric {
    /// `latency.p99`, `checkout.latency.p99`: response time from intent, µs. Of all operations
    /// where none is named.
    Latency {
        /// The operation; all of them where absent.
        operation: Option<Operation>,
        /// 0 to 1; 1 is `max`.
        quantile: f64,
    },
    /// `order-to-shipped.latency.p95`: from acceptance to shipment, µs.
    OrderToShipped {
        /// 0 to 1; 1 is `max`.
        quantile: f64,
    },
    /// `orders.queue.drain`: scenario time from the end of a spike's rise until the queue is back
    /// at 1 % of its largest backlog, µs; 0 when it never exceeded one second's worth.
    QueueDrain {
        /// The queue.
        queue: String,
    },
    /// `orders.queue.depth`: most messages visible at once.
    QueueDepth {
        /// The queue.
        queue: String,
    },
    /// `orders.queue.age`: age of the oldest message at its worst, µs.
    QueueAge {
        /// The queue.
        queue: String,
    },
    /// `dead-letters`: messages in all dead-letter queues at the end.
    DeadLetters,
    /// `availability`, `checkout.availability`: share of requests that did not fail, 0 to 1.
    Availability {
        /// The operation; all of them where absent.
        operation: Option<Operation>,
    },
    /// `throughput`: requests a wall second over the run.
    Throughput,
    /// `orders.rate`: accepted orders a wall second over the run.
    OrderRate,
    /// `arrivals.late`: share of sessions that started late or never, 0 to 1.
    LateArrivals,
    /// `throttled`: share of AWS calls that were throttled, 0 to 1.
    Throttled,
    /// `cold-starts`: share of invocations of functions that waited for a cold start, 0 to 1.
    ColdStarts,
    /// `checkout.under-provisioned`: share of the time in which a service had less capacity than
    /// its load asked for, 0 to 1.
    UnderProvisioned {
        /// The service.
        service: ServiceName,
    },
    /// `database.lag`: how far the replica furthest behind was behind the primary, wall time, µs.
    DatabaseLag,
    /// `database.waiting`: most requests that waited for a connection of one server at once.
    DatabaseWaiting,
    /// `cache.hit-ratio`: share of the reads that were in the cache, 0 to 1.
    CacheHitRatio,
}
