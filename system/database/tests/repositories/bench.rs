//! A database to test on.

use std::time::Duration;

use securecart_database::{
    Connections, Database, Orders, Payments, Products, ServerMetrics, Settings, Source,
};
use securecart_domain::{
    CustomerId, Money, Order, OrderId, OrderState, ProductId, Timestamp, cart::PricedLine,
};

pub(crate) struct Bench {
    pub(crate) database: Database,
    pub(crate) connections: Connections,
    pub(crate) products: Products,
    pub(crate) orders: Orders,
    pub(crate) payments: Payments,
    _folder: Option<tempfile::TempDir>,
}

pub(crate) fn settings() -> Settings {
    Settings {
        replicas: 2,
        max_connections: 20,
        pool_size: 5,
        acquire_timeout: Duration::from_secs(20),
        seed: 7,
        modelled: true,
        assumptions: Default::default(),
        hold_clock: true,
    }
}

/// A variable that names a server.
#[expect(clippy::disallowed_methods, reason = "servers for tests are named by the environment")]
pub(crate) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

impl Bench {
    pub(crate) async fn sqlite(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let source = Source::Sqlite { folder: folder.path().join("database") };
        Self::open(source, Some(folder), change).await
    }

    pub(crate) async fn postgres(change: impl FnOnce(&mut Settings)) -> Self {
        // Folders' names are unique: so is the run's.
        let unique = tempfile::tempdir().expect("a folder");
        let run = unique.path().file_name().expect("a name").to_string_lossy().into_owned();
        let source = Source::Postgres {
            primary: variable("SECURECART_TEST_POSTGRES_URL"),
            replicas: vec![variable("SECURECART_TEST_POSTGRES_REPLICA_URL")],
            run: format!("{run}-{}", std::process::id()),
        };
        Self::open(source, None, change).await
    }

    async fn open(
        source: Source,
        folder: Option<tempfile::TempDir>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = settings();
        change(&mut settings);
        let database = Database::open(source, settings).await.expect("a database");
        let connections = database.connections("tests");
        Self {
            products: Products::new(connections.clone()),
            orders: Orders::new(connections.clone()),
            payments: Payments::new(connections.clone()),
            connections,
            database,
            _folder: folder,
        }
    }

    pub(crate) async fn close(self) {
        self.database.close().await.expect("closed");
    }

    pub(crate) fn primary(&self) -> ServerMetrics {
        self.database.metrics().swap_remove(0)
    }

    pub(crate) async fn insert(&self, order: &Order) {
        let written = self.orders.insert(order.clone(), OrderState::Paid).await;
        assert_eq!(written.as_ref(), Ok(order));
    }
}

/// An order that is all of `id`'s own.
pub(crate) fn order(id: u64) -> Order {
    let lines: Vec<PricedLine> = (1..=3)
        .map(|line| PricedLine {
            product: ProductId(line * 100),
            quantity: line,
            unit_price: Money(u64::from(line) * 499),
        })
        .collect();
    Order {
        id: OrderId(id),
        customer: CustomerId(!id),
        total: lines.iter().map(PricedLine::total).sum(),
        lines,
        placed_at: Timestamp(1_764_000_000_000),
    }
}
