//! What serves sessions: tasks, instances and functions.

use schemars::JsonSchema;

use super::PolicyTable;
use crate::{
    located::{Field, Located},
    names::{Name, Runtimes},
    reader::read_as_table,
    units::Duration,
};

/// A service's fleet, its modelled time, and how it scales.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Service", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ServiceTable {
    /// Its tasks on Fargate; every fleet but `catalog` has them.
    #[schemars(default)]
    pub(crate) tasks: Field<Tasks>,
    /// Its instances on EC2; only `catalog` has them.
    #[schemars(default)]
    pub(crate) instances: Field<Instances>,
    /// The modelled time of one request: the computing that the harness does not do.
    #[schemars(default)]
    pub(crate) service_time: Field<ServiceTimeTable>,
    /// Its scaling policies; without any its number of tasks never changes by itself.
    #[schemars(default)]
    pub(crate) scaling: Field<Vec<Located<PolicyTable>>>,
}

read_as_table!(ServiceTable {
    tasks: optional "tasks",
    instances: optional "instances",
    service_time: optional "service-time",
    scaling: optional "scaling",
});

/// Tasks of an ECS service on Fargate.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Tasks {
    /// Fewest; at least 1.
    #[schemars(default)]
    pub(crate) min: Field<u32>,
    /// Most; at least `min`.
    #[schemars(default)]
    pub(crate) max: Field<u32>,
    /// How many run when the window begins; from `min` to `max`.
    #[schemars(default)]
    pub(crate) initial: Field<u32>,
    /// A fixed number: short for the same `min`, `max` and `initial`.
    #[schemars(default)]
    pub(crate) count: Field<u32>,
    /// Processors of one: 0.25, 0.5, 1, 2, 4, 8 or 16.
    #[schemars(default)]
    pub(crate) vcpu: Field<f64>,
    /// Memory of one, GiB; twice the processors unless given.
    #[schemars(default)]
    pub(crate) memory_gib: Field<f64>,
    /// Requests (or messages) one works on at once; at least 1.
    #[schemars(default)]
    pub(crate) concurrency: Field<u32>,
    /// Requests that may wait for a slot of one before it says 503.
    #[schemars(default)]
    pub(crate) backlog: Field<u32>,
    /// Share of them on Spot capacity, 0 to 1; 0 unless given.
    #[schemars(default)]
    pub(crate) spot_share: Field<f64>,
    /// Size of the image that a starting task pulls, MB; 250 unless given.
    #[schemars(default)]
    pub(crate) image_mb: Field<f64>,
}

read_as_table!(Tasks {
    min: optional "min",
    max: optional "max",
    initial: optional "initial",
    count: optional "count",
    vcpu: optional "vcpu",
    memory_gib: optional "memory-gib",
    concurrency: optional "concurrency",
    backlog: optional "backlog",
    spot_share: optional "spot-share",
    image_mb: optional "image-mb",
});

/// Instances of an EC2 Auto Scaling group.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Instances {
    /// Fewest; at least 1.
    #[schemars(default)]
    pub(crate) min: Field<u32>,
    /// Most; at least `min`.
    #[schemars(default)]
    pub(crate) max: Field<u32>,
    /// How many run when the window begins; from `min` to `max`.
    #[schemars(default)]
    pub(crate) initial: Field<u32>,
    /// A fixed number: short for the same `min`, `max` and `initial`.
    #[schemars(default)]
    pub(crate) count: Field<u32>,
    /// Processors of one.
    #[schemars(default)]
    pub(crate) vcpu: Field<f64>,
    /// Memory of one, GiB; twice the processors unless given.
    #[schemars(default)]
    pub(crate) memory_gib: Field<f64>,
    /// Requests one works on at once; at least 1.
    #[schemars(default)]
    pub(crate) concurrency: Field<u32>,
    /// Requests that may wait for a slot of one before it says 503.
    #[schemars(default)]
    pub(crate) backlog: Field<u32>,
    /// Share of them on Spot capacity, 0 to 1; 0 unless given.
    #[schemars(default)]
    pub(crate) spot_share: Field<f64>,
    /// Scenario time of user data that a starting instance runs; 30s unless given.
    #[schemars(default)]
    pub(crate) user_data: Field<Duration>,
    /// Scenario time that a started instance counts as warming; 60s unless given.
    #[schemars(default)]
    pub(crate) warmup: Field<Duration>,
    /// Stopped instances kept ready; 0 unless given.
    #[schemars(default)]
    pub(crate) warm_pool: Field<u32>,
}

read_as_table!(Instances {
    min: optional "min",
    max: optional "max",
    initial: optional "initial",
    count: optional "count",
    vcpu: optional "vcpu",
    memory_gib: optional "memory-gib",
    concurrency: optional "concurrency",
    backlog: optional "backlog",
    spot_share: optional "spot-share",
    user_data: optional "user-data",
    warmup: optional "warmup",
    warm_pool: optional "warm-pool",
});

/// A Lambda function.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Function", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct FunctionTable {
    /// Its runtime; `python3.13` unless given.
    #[schemars(default)]
    pub(crate) runtime: Field<Name<Runtimes>>,
    /// Whether it is a container image rather than a zip; `false` unless given.
    #[schemars(default)]
    pub(crate) image: Field<bool>,
    /// Memory, MiB: 128 to 10,240, where 1,769 is one processor.
    #[schemars(default)]
    pub(crate) memory_mib: Field<u32>,
    /// Wall time after which an invocation is cut off; 10s unless given.
    #[schemars(default)]
    pub(crate) timeout: Field<Duration>,
    /// Wall time that its own initialisation adds to a cold start.
    #[schemars(default)]
    pub(crate) own_init: Field<Duration>,
    /// Reserved concurrency; none unless given, 0 turns it off.
    #[schemars(default)]
    pub(crate) reserved_concurrency: Field<u32>,
    /// Provisioned concurrency; 0 unless given.
    #[schemars(default)]
    pub(crate) provisioned_concurrency: Field<u32>,
    /// Most concurrent invocations of the queue that feeds it: 2 to 1,000 (`deep-fraud` only).
    #[schemars(default)]
    pub(crate) maximum_concurrency: Field<u32>,
    /// The modelled time of one invocation.
    #[schemars(default)]
    pub(crate) service_time: Field<ServiceTimeTable>,
}

read_as_table!(FunctionTable {
    runtime: optional "runtime",
    image: optional "image",
    memory_mib: optional "memory-mib",
    timeout: optional "timeout",
    own_init: optional "own-init",
    reserved_concurrency: optional "reserved-concurrency",
    provisioned_concurrency: optional "provisioned-concurrency",
    maximum_concurrency: optional "maximum-concurrency",
    service_time: optional "service-time",
});

/// A modelled time: lognormal, given by two of its percentiles.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "ServiceTime", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ServiceTimeTable {
    /// Half of the requests take no longer.
    pub(crate) p50: Field<Duration>,
    /// 99 of 100 requests take no longer; at least p50.
    pub(crate) p99: Field<Duration>,
}

read_as_table!(ServiceTimeTable { p50: required "p50", p99: required "p99" });
