//! What a call costs: not a test, a measurement. Run it on a quiet machine.
//!
//! ```text
//! cargo test --release -p securecart-database --test costs -- --ignored --nocapture
//! ```

use std::time::Duration;

use securecart_database::{Database, Orders, Payments, Products, Settings, Source};
use securecart_database::{Entry, EntryKind};
use securecart_domain::{
    Catalogue, CustomerId, Money, Order, OrderId, OrderState, ProductId, Timestamp,
    cart::PricedLine,
};
use tokio::time::Instant;

/// CPU time of this process, all threads, seconds (Linux: ticks of a hundredth).
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    let ticks = |place: usize| fields[place].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / 100.0
}

#[expect(clippy::print_stdout, reason = "it is what the measurement is for")]
async fn measure<F: Future>(what: &str, calls: u32, call: impl Fn(u32) -> F) {
    let (since, before) = (Instant::now(), cpu());
    for number in 0..calls {
        call(number).await;
    }
    let (wall, used) = (since.elapsed().as_secs_f64(), cpu() - before);
    println!(
        "{what:<28} {:>8.0} calls/s {:>7.1} us each {:>7.1} us of CPU each",
        f64::from(calls) / wall,
        wall * 1e6 / f64::from(calls),
        used * 1e6 / f64::from(calls),
    );
}

fn order(id: u32) -> Order {
    let line =
        |product| PricedLine { product: ProductId(product), quantity: 1, unit_price: Money(999) };
    Order {
        id: OrderId(securecart_domain::random::mix(id.into())),
        customer: CustomerId(id.into()),
        lines: (0..3).map(line).collect(),
        total: Money(2_997),
        placed_at: Timestamp(0),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn each_call_one_after_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = Source::Sqlite { folder: folder.path().to_owned() };
    let settings = Settings {
        replicas: 2,
        max_connections: 100,
        pool_size: 20,
        acquire_timeout: Duration::from_secs(1),
        seed: 1,
        modelled: false,
        assumptions: Default::default(),
        hold_clock: false,
    };
    let database = Database::open(source, settings).await.expect("a database");
    let connections = database.connections("measurement");
    let products = Products::new(connections.clone());
    let catalogue = Catalogue::generate(1, 10_000, 0.8);
    measure("insert 10,000 products", 1, |_| async {
        products.insert_all(catalogue.products()).await.expect("inserted");
        assert!(database.catch_up(Duration::from_secs(60)).await);
    })
    .await;
    let orders = Orders::new(connections.clone());
    let payments = Payments::new(connections);
    measure("product", 20_000, async |n| products.get(ProductId(n % 10_000)).await).await;
    measure("page of 20", 5_000, async |n| products.page("audio", n as usize % 50).await).await;
    measure("search, 20 shown", 5_000, async |_| products.search("lantern").await).await;
    let few = [1, 5, 99].map(ProductId);
    measure("prices of 3", 10_000, async |_| products.prices(&few).await).await;
    measure("insert an order", 20_000, async |n| orders.insert(order(n), OrderState::Paid).await)
        .await;
    measure("advance an order", 20_000, async |n| {
        let (from, to) = (OrderState::Paid, OrderState::Reserved);
        orders.advance(order(n).id, from, to, Timestamp(1)).await
    })
    .await;
    measure("enter a payment", 20_000, async |n| {
        let kind = EntryKind::Captured;
        let entry = Entry { order: order(n).id, kind, amount: Money(1), at: Timestamp(1) };
        payments.enter(&entry, true).await
    })
    .await;
    measure("view an order", 20_000, async |n| orders.view(order(n).id).await).await;
    measure("find an order", 20_000, async |n| orders.find(order(n).id).await).await;
    measure("all 20,000 orders", 1, |_| orders.all(drop)).await;
    for server in database.metrics() {
        println!("{}: {} reads, {} writes", server.name, server.reads, server.writes);
    }
    database.close().await.expect("closed");
}
