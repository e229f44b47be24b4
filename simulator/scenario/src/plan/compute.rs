//! What a service runs on: tasks on Fargate, instances of an Auto Scaling group, or a function.

use securecart_domain::ServiceName;
use serde::Serialize;

use super::scaling::Policy;

/// What a service runs on. SecureCart's design decides it, not the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// Tasks of an ECS service on Fargate.
    Ecs,
    /// Instances of an EC2 Auto Scaling group.
    Ec2,
    /// A Lambda function.
    Lambda,
}

impl Platform {
    /// Where `service` runs.
    #[must_use]
    pub const fn of(service: ServiceName) -> Self {
        match service {
            ServiceName::Catalog => Self::Ec2,
            ServiceName::Fraud => Self::Lambda,
            _ => Self::Ecs,
        }
    }

    /// The name in records and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ecs => "ecs",
            Self::Ec2 => "ec2",
            Self::Lambda => "lambda",
        }
    }
}

/// A service: what it runs on, its modelled time, and how it scales.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ServiceSpec {
    /// Its tasks or instances. A function has environments instead ([`FunctionSpec`]), and this
    /// says nothing about it.
    pub tasks: TaskSpec,
    /// The modelled service time of one request: the computing that this harness does not do, on
    /// one vCPU.
    pub service_time: ServiceTime,
    /// How it scales; nothing in here and its desired count never changes by itself.
    pub scaling: Vec<Policy>,
}

/// Tasks of an ECS service, or instances of an Auto Scaling group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TaskSpec {
    /// Fewest; at least 1.
    pub min: u32,
    /// Most; at least `min`.
    pub max: u32,
    /// How many run when the window begins; from `min` to `max`.
    pub initial: u32,
    /// Requests (or messages) one works on at once; at least 1.
    pub concurrency: u32,
    /// Requests that may wait for a slot of one before the service says 503.
    pub backlog: u32,
    /// Processors of one; greater than 0. Computing queues for them.
    pub vcpu: f64,
    /// Memory of one, GiB; greater than 0. Priced, and nothing else so far.
    pub memory_gib: f64,
    /// Share of them on Spot capacity, 0 to 1.
    pub spot_share: f64,
    /// Size of the image that a starting task pulls, MB (ECS).
    pub image_mb: f64,
    /// Scenario seconds of user data that a starting instance runs (EC2).
    pub user_data_s: f64,
    /// Scenario seconds that a started instance counts as warming (EC2).
    pub warmup_s: f64,
    /// Stopped instances kept ready (EC2); 0 is none.
    pub warm_pool: u32,
}

impl TaskSpec {
    /// Whether the number of tasks never changes.
    #[must_use]
    pub const fn is_fixed(&self) -> bool {
        self.min == self.max
    }
}

/// A modelled time: lognormal, given by two of its percentiles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ServiceTime {
    /// Median, ms; greater than 0.
    pub p50_ms: f64,
    /// 99th percentile, ms; at least the median.
    pub p99_ms: f64,
}

/// A Lambda function.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FunctionSpec {
    /// Its runtime, as the behaviour sheet's table of cold starts names it: `python3.13`.
    pub runtime: String,
    /// Whether it is a container image rather than a zip.
    pub image: bool,
    /// Memory, MiB.
    pub memory_mib: u32,
    /// Wall seconds after which an invocation is cut off.
    pub timeout_s: f64,
    /// Wall milliseconds that its own initialisation adds to a cold start.
    pub own_init_ms: f64,
    /// Reserved concurrency, where it has some; 0 turns it off.
    pub reserved_concurrency: Option<u32>,
    /// Provisioned concurrency.
    pub provisioned_concurrency: u32,
    /// Most concurrent invocations of its event source mapping, where one feeds it: 2 to 1,000.
    pub maximum_concurrency: Option<u32>,
    /// The modelled time of one invocation.
    pub service_time: ServiceTime,
}
