//! Faults and redrives.

use schemars::JsonSchema;

use crate::{
    located::Field,
    names::{AllServices, Containers, Functions, Name, Queues, Tables, Zones},
    reader::{read_as_table, read_by_kind},
    units::{Clock, Duration},
};

/// Something that breaks.
#[derive(Debug, Clone)]
pub(crate) enum FaultTable {
    TaskKill(Loss),
    InstanceLoss(Loss),
    AvailabilityZoneLoss(ZoneLoss),
    SpotStorm(SpotStorm),
    TableThrottle(TableThrottle),
    FunctionThrottle(FunctionThrottle),
    SlowDependency(SlowDependency),
    ServiceErrors(ServiceErrors),
    DuplicateMessages(DuplicateMessages),
    PoisonMessages(PoisonMessages),
    ConsumerStop(ConsumerStop),
    EventBusDelay(BusDelay),
    NotificationOutage(Outage),
    DatabaseFailover(Outage),
    ReplicaLoss(ReplicaLoss),
    ReplicaLag(BusDelay),
    CacheFlush(Instant),
    CacheNodeLoss(NodeLoss),
    ContainerPause(ContainerFault),
    ContainerKill(ContainerFault),
    ContainerCut(ContainerFault),
}

read_by_kind!(FaultTable as "Fault" {
    TaskKill(Loss) = "task-kill",
    InstanceLoss(Loss) = "instance-loss",
    AvailabilityZoneLoss(ZoneLoss) = "availability-zone-loss",
    SpotStorm(SpotStorm) = "spot-storm",
    TableThrottle(TableThrottle) = "table-throttle",
    FunctionThrottle(FunctionThrottle) = "function-throttle",
    SlowDependency(SlowDependency) = "slow-dependency",
    ServiceErrors(ServiceErrors) = "service-errors",
    DuplicateMessages(DuplicateMessages) = "duplicate-messages",
    PoisonMessages(PoisonMessages) = "poison-messages",
    ConsumerStop(ConsumerStop) = "consumer-stop",
    EventBusDelay(BusDelay) = "event-bus-delay",
    NotificationOutage(Outage) = "notification-outage",
    DatabaseFailover(Outage) = "database-failover",
    ReplicaLoss(ReplicaLoss) = "replica-loss",
    ReplicaLag(BusDelay) = "replica-lag",
    CacheFlush(Instant) = "cache-flush",
    CacheNodeLoss(NodeLoss) = "cache-node-loss",
    ContainerPause(ContainerFault) = "container-pause",
    ContainerKill(ContainerFault) = "container-kill",
    ContainerCut(ContainerFault) = "container-cut",
});

/// Tasks or instances die at once.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Loss {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// The service.
    pub(crate) service: Field<Name<AllServices>>,
    /// How many.
    pub(crate) count: Field<u32>,
}

read_as_table!(Loss {
    at: required "at",
    service: required "service",
    count: required "count",
});

/// Everything in a zone dies, and nothing starts there until the fault ends.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ZoneLoss {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it ends.
    pub(crate) length: Field<Duration>,
    /// The zone.
    pub(crate) zone: Field<Name<Zones>>,
}

read_as_table!(ZoneLoss {
    at: required "at",
    length: required "length",
    zone: required "zone",
});

/// Spot capacity is reclaimed, and there is none until the fault ends.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct SpotStorm {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it ends.
    pub(crate) length: Field<Duration>,
    /// Share of them, greater than 0 and at most 1.
    pub(crate) share: Field<f64>,
}

read_as_table!(SpotStorm {
    at: required "at",
    length: required "length",
    share: required "share",
});

/// DynamoDB refuses calls to a table.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct TableThrottle {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it ends.
    pub(crate) length: Field<Duration>,
    /// The table.
    pub(crate) table: Field<Name<Tables>>,
    /// Share of them, greater than 0 and at most 1.
    pub(crate) share: Field<f64>,
}

read_as_table!(TableThrottle {
    at: required "at",
    length: required "length",
    table: required "table",
    share: required "share",
});

/// A function's reserved concurrency is cut.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct FunctionThrottle {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it ends.
    pub(crate) length: Field<Duration>,
    /// The function.
    pub(crate) function: Field<Name<Functions>>,
    /// Invocations it may still run at once.
    pub(crate) concurrency: Field<u32>,
}

read_as_table!(FunctionThrottle {
    at: required "at",
    length: required "length",
    function: required "function",
    concurrency: required "concurrency",
});

/// Requests to a service take longer.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct SlowDependency {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it ends.
    pub(crate) length: Field<Duration>,
    /// The service.
    pub(crate) service: Field<Name<AllServices>>,
    /// Wall time that each takes longer.
    pub(crate) added: Field<Duration>,
}

read_as_table!(SlowDependency {
    at: required "at",
    length: required "length",
    service: required "service",
    added: required "added",
});

/// A service answers requests with 500.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ServiceErrors {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it ends.
    pub(crate) length: Field<Duration>,
    /// The service.
    pub(crate) service: Field<Name<AllServices>>,
    /// Share of them, greater than 0 and at most 1.
    pub(crate) share: Field<f64>,
}

read_as_table!(ServiceErrors {
    at: required "at",
    length: required "length",
    service: required "service",
    share: required "share",
});

/// Messages of a queue are sent twice.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct DuplicateMessages {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it ends.
    pub(crate) length: Field<Duration>,
    /// The queue.
    pub(crate) queue: Field<Name<Queues>>,
    /// Share of them, greater than 0 and at most 1.
    pub(crate) share: Field<f64>,
}

read_as_table!(DuplicateMessages {
    at: required "at",
    length: required "length",
    queue: required "queue",
    share: required "share",
});

/// Messages that nobody can read arrive in a queue.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct PoisonMessages {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it ends.
    pub(crate) length: Field<Duration>,
    /// The queue.
    pub(crate) queue: Field<Name<Queues>>,
    /// How many.
    pub(crate) count: Field<u32>,
}

read_as_table!(PoisonMessages {
    at: required "at",
    length: required "length",
    queue: required "queue",
    count: required "count",
});

/// The consumers of a queue stop taking messages.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ConsumerStop {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it ends.
    pub(crate) length: Field<Duration>,
    /// The queue.
    pub(crate) queue: Field<Name<Queues>>,
}

read_as_table!(ConsumerStop {
    at: required "at",
    length: required "length",
    queue: required "queue",
});

/// EventBridge delivers late, or a replica is behind.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct BusDelay {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it ends.
    pub(crate) length: Field<Duration>,
    /// Wall time that each takes longer.
    pub(crate) added: Field<Duration>,
}

read_as_table!(BusDelay {
    at: required "at",
    length: required "length",
    added: required "added",
});

/// The provider of e-mail and SMS refuses everything, or the database fails over.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Outage {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it ends.
    pub(crate) length: Field<Duration>,
}

read_as_table!(Outage {
    at: required "at",
    length: required "length",
});

/// A read replica is lost.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ReplicaLoss {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it is back.
    pub(crate) length: Field<Duration>,
    /// Which one, from 1; 1 unless given.
    #[schemars(default)]
    pub(crate) replica: Field<u32>,
}

read_as_table!(ReplicaLoss {
    at: required "at",
    length: required "length",
    replica: optional "replica",
});

/// A node of the cache is lost, with all that it holds.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct NodeLoss {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it is back, empty.
    pub(crate) length: Field<Duration>,
    /// Which one, from 1; 1 unless given.
    #[schemars(default)]
    pub(crate) node: Field<u32>,
}

read_as_table!(NodeLoss {
    at: required "at",
    length: required "length",
    node: optional "node",
});

/// Something that happens at once.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Instant {
    /// When.
    pub(crate) at: Field<Clock>,
}

read_as_table!(Instant { at: required "at" });

/// A container is paused, killed or cut off. Only a run with containers can play it.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ContainerFault {
    /// When it begins.
    pub(crate) at: Field<Clock>,
    /// Scenario time until it goes on, is started again or is connected again.
    pub(crate) length: Field<Duration>,
    /// Which one.
    pub(crate) container: Field<Name<Containers>>,
}

read_as_table!(ContainerFault {
    at: required "at",
    length: required "length",
    container: required "container",
});

/// A dead-letter queue that is worked off again.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Redrive", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct RedriveTable {
    /// When.
    pub(crate) at: Field<Clock>,
    /// The queue whose dead letters go back to it.
    pub(crate) queue: Field<Name<Queues>>,
}

read_as_table!(RedriveTable { at: required "at", queue: required "queue" });
