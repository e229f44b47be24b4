//! A cloud with SecureCart's resources, and clients of one role.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_types::retry::RetryConfig;
use securecart_behaviour::Assumptions;
use securecart_clock::Clock;
use securecart_cloud::{Clients, Cloud, Role, Shaping, TableCapacity, TableMetrics, provision};
use securecart_domain::ServiceName;
use securecart_embedded::Engine;

pub(crate) const ROLE: Role = Role::Service(ServiceName::Cart);

/// A cloud under test.
pub(crate) struct Stage {
    pub(crate) cloud: Cloud,
    /// As a service has them.
    pub(crate) service: Clients,
    /// Not shaped.
    pub(crate) harness: Clients,
}

impl Stage {
    /// All tables on demand, at speed 1.
    pub(crate) async fn new() -> Self {
        Self::with(1.0, &[], &[]).await
    }

    /// `tables` provisioned with read and write units, `assumptions` replaced.
    pub(crate) async fn with(
        speed: f64,
        tables: &[(&str, u32, u32)],
        assumptions: &[(&str, f64)],
    ) -> Self {
        let mut replaced = Assumptions::default();
        for (key, value) in assumptions {
            replaced.set(key, *value).expect("there is such an assumption");
        }
        let engine = Engine::new(Clock::starting_at(1_800_000_000_000), 7);
        let cloud = Cloud::embedded(engine, Shaping::Modelled { seed: 7 });
        let cloud = cloud.at_speed(speed, &replaced);
        let capacity = |(name, read, write): &(&str, u32, u32)| {
            ((*name).to_owned(), TableCapacity::Provisioned { read: *read, write: *write })
        };
        cloud.set_tables(tables.iter().map(capacity).collect::<BTreeMap<_, _>>());
        let harness = cloud.clients(Role::Harness);
        provision(&harness, Vec::new()).await.expect("the engine has room");
        let service = cloud.clients(ROLE);
        Self { cloud, service, harness }
    }

    pub(crate) fn table(&self, name: &str) -> TableMetrics {
        let tables = self.cloud.tables();
        tables.into_iter().find(|table| table.table == name).expect("it was called")
    }
}

/// The first attempt is the only one.
pub(crate) fn once() -> aws_sdk_dynamodb::config::Builder {
    attempts(1)
}

/// So many attempts, the SDK's own waits between them.
pub(crate) fn attempts(most: u32) -> aws_sdk_dynamodb::config::Builder {
    let retries = RetryConfig::standard().with_max_attempts(most);
    aws_sdk_dynamodb::config::Builder::new().retry_config(retries)
}

/// The key of a cart.
pub(crate) fn cart(number: usize) -> AttributeValue {
    AttributeValue::S(format!("cart-{number}"))
}
