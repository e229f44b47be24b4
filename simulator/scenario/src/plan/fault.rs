//! Faults: what breaks, when, for how long, and how much of it.

use securecart_domain::ServiceName;
use serde::Serialize;

use super::Container;

/// A fault of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Fault {
    /// When it begins, scenario seconds since midnight.
    pub at_s: f64,
    /// Scenario seconds until it ends; 0 for what happens at once.
    pub length_s: f64,
    /// What breaks.
    #[serde(flatten)]
    pub kind: FaultKind,
}

/// What breaks.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum FaultKind {
    /// Tasks of a service die at once; what they worked on is lost. ECS replaces them.
    TaskKill {
        /// Whose.
        service: ServiceName,
        /// How many.
        count: u32,
    },
    /// Instances of an EC2 service die at once.
    InstanceLoss {
        /// Whose.
        service: ServiceName,
        /// How many.
        count: u32,
    },
    /// Everything in a zone dies at once, and nothing starts there until the fault ends.
    AvailabilityZoneLoss {
        /// `a`, `b` or `c`.
        zone: char,
    },
    /// A share of all Spot capacity is reclaimed with two minutes' notice, and there is none to be
    /// had until the fault ends.
    SpotStorm {
        /// Share of the Spot tasks, 0 to 1.
        share: f64,
    },
    /// DynamoDB refuses a share of the calls to a table.
    TableThrottle {
        /// The table.
        table: String,
        /// Share of the calls, 0 to 1.
        share: f64,
    },
    /// A function's reserved concurrency is cut.
    FunctionThrottle {
        /// The function.
        function: String,
        /// Invocations it may still run at once.
        concurrency: u32,
    },
    /// Requests to a service take longer.
    SlowDependency {
        /// The service.
        service: ServiceName,
        /// Wall milliseconds that each request takes longer.
        added_ms: f64,
    },
    /// A service answers a share of its requests with 500.
    ServiceErrors {
        /// The service.
        service: ServiceName,
        /// Share of the requests, 0 to 1.
        share: f64,
    },
    /// A share of the messages of a queue is sent twice.
    DuplicateMessages {
        /// The queue.
        queue: String,
        /// Share of the messages, 0 to 1.
        share: f64,
    },
    /// Messages that nobody can read arrive in a queue.
    PoisonMessages {
        /// The queue.
        queue: String,
        /// How many in all, spread over the fault.
        count: u32,
    },
    /// The consumers of a queue stop taking messages.
    ConsumerStop {
        /// The queue.
        queue: String,
    },
    /// EventBridge delivers late.
    EventBusDelay {
        /// Wall milliseconds that each delivery takes longer.
        added_ms: f64,
    },
    /// The provider of e-mail and SMS refuses everything.
    NotificationOutage,
    /// The database's primary fails, and its standby takes over when the fault ends.
    DatabaseFailover,
    /// A read replica is lost until the fault ends.
    ReplicaLoss {
        /// Which one, from 1.
        replica: u32,
    },
    /// Read replicas fall behind.
    ReplicaLag {
        /// Wall milliseconds that they are further behind.
        added_ms: f64,
    },
    /// Everything in the cache is gone.
    CacheFlush,
    /// A node of the cache is lost until the fault ends, and comes back empty.
    CacheNodeLoss {
        /// Which one, from 1.
        node: u32,
    },
    /// A container's processes stand still until the fault ends.
    ContainerPause {
        /// Which one.
        container: Container,
    },
    /// A container is killed, and started again when the fault ends.
    ContainerKill {
        /// Which one.
        container: Container,
    },
    /// A container is cut off from the network until the fault ends.
    ContainerCut {
        /// Which one.
        container: Container,
    },
}

impl FaultKind {
    /// The name in scenarios and records.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::TaskKill { .. } => "task-kill",
            Self::InstanceLoss { .. } => "instance-loss",
            Self::AvailabilityZoneLoss { .. } => "availability-zone-loss",
            Self::SpotStorm { .. } => "spot-storm",
            Self::TableThrottle { .. } => "table-throttle",
            Self::FunctionThrottle { .. } => "function-throttle",
            Self::SlowDependency { .. } => "slow-dependency",
            Self::ServiceErrors { .. } => "service-errors",
            Self::DuplicateMessages { .. } => "duplicate-messages",
            Self::PoisonMessages { .. } => "poison-messages",
            Self::ConsumerStop { .. } => "consumer-stop",
            Self::EventBusDelay { .. } => "event-bus-delay",
            Self::NotificationOutage => "notification-outage",
            Self::DatabaseFailover => "database-failover",
            Self::ReplicaLoss { .. } => "replica-loss",
            Self::ReplicaLag { .. } => "replica-lag",
            Self::CacheFlush => "cache-flush",
            Self::CacheNodeLoss { .. } => "cache-node-loss",
            Self::ContainerPause { .. } => "container-pause",
            Self::ContainerKill { .. } => "container-kill",
            Self::ContainerCut { .. } => "container-cut",
        }
    }

    /// The container that it breaks: only a run with containers can play it.
    #[must_use]
    pub const fn container(&self) -> Option<Container> {
        match self {
            Self::ContainerPause { container }
            | Self::ContainerKill { container }
            | Self::ContainerCut { container } => Some(*container),
            _ => None,
        }
    }

    /// Its blast radius, in words: `4 tasks of checkout`, `zone a`.
    #[must_use]
    pub fn radius(&self) -> String {
        let percent = |share: &f64| format!("{}%", (share * 100.0).round());
        match self {
            Self::TaskKill { service, count } => format!("{count} tasks of {service}"),
            Self::InstanceLoss { service, count } => format!("{count} instances of {service}"),
            Self::AvailabilityZoneLoss { zone } => format!("zone {zone}"),
            Self::SpotStorm { share } => format!("{} of all Spot capacity", percent(share)),
            Self::TableThrottle { table, share } => {
                format!("{} of the calls to table {table}", percent(share))
            }
            Self::FunctionThrottle { function, concurrency } => {
                format!("function {function}, cut to {concurrency} at once")
            }
            Self::SlowDependency { service, added_ms } => {
                format!("every request to {service}, {added_ms} ms slower")
            }
            Self::ServiceErrors { service, share } => {
                format!("{} of the requests to {service}", percent(share))
            }
            Self::DuplicateMessages { queue, share } => {
                format!("{} of the messages of {queue}", percent(share))
            }
            Self::PoisonMessages { queue, count } => format!("{count} messages in {queue}"),
            Self::ConsumerStop { queue } => format!("every consumer of {queue}"),
            Self::EventBusDelay { added_ms } => {
                format!("every delivery of the bus, {added_ms} ms later")
            }
            Self::NotificationOutage => "every e-mail and SMS".to_owned(),
            Self::DatabaseFailover => "the primary of the database".to_owned(),
            Self::ReplicaLoss { replica } => format!("read replica {replica}"),
            Self::ReplicaLag { added_ms } => format!("every read replica, {added_ms} ms behind"),
            Self::CacheFlush => "everything in the cache".to_owned(),
            Self::CacheNodeLoss { node } => format!("node {node} of the cache"),
            Self::ContainerPause { container }
            | Self::ContainerKill { container }
            | Self::ContainerCut { container } => format!("container {}", container.as_str()),
        }
    }
}

/// Dead-letter queues that are worked off again, as an operator would do it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Redrive {
    /// When, scenario seconds since midnight.
    pub at_s: f64,
    /// The queue whose dead letters go back to it.
    pub queue: String,
}
