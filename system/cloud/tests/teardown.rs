//! Resources that go, and come again under the same names.
#![forbid(unsafe_code)]

use securecart_clock::Clock;
use securecart_cloud::{Cloud, Role, Shaping, Stock, provision, remove};
use securecart_domain::ProductId;
use securecart_embedded::Engine;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn what_was_removed_is_provisioned_again_once_its_names_are_free() {
    let engine = Engine::new(Clock::starting_at(1_795_737_600_000), 1);
    let cloud = Cloud::embedded(engine, Shaping::Modelled { seed: 1 });
    let clients = cloud.clients(Role::Harness);
    let stock = || vec![Stock { product: ProductId(1), pieces: 5 }];
    let first = provision(&clients, stock()).await.expect("an empty AWS takes everything");
    assert!(remove(&clients).await.expect("everything goes") > 15);
    let since = Instant::now();
    let second = provision(&clients, stock()).await.expect("everything comes again");
    assert_eq!(first, second);
    let waited = since.elapsed();
    assert!((58..=63).contains(&waited.as_secs()), "SQS keeps a name for 60 s: {waited:?}");
}
