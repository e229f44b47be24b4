use securecart_scenario::{Overrides, Scenario};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::tiers::{Backend, Choice};

const EPOCH_MS: u64 = 1_795_780_800_000;

fn plan() -> Plan {
    let shipped = scenario::find("smoke").expect("it is shipped");
    let scenario = Scenario::parse("smoke", shipped.text).expect("it is valid");
    scenario.plan(&Overrides::default()).expect("a plan")
}

#[tokio::test]
async fn a_run_that_fails_leaves_nothing_at_its_endpoint() {
    let emulator = Engine::new(Clock::starting_at(EPOCH_MS), 1);
    let served = emulator.serve(0).await.expect("a port");
    let endpoint = securecart_cloud::Endpoint::at(served.address());
    let choice = Choice {
        backend: Backend::Endpoint(endpoint.clone()),
        database_url: None,
        replica_urls: Vec::new(),
        cache_urls: Vec::new(),
    };
    let (plan, stop) = (plan(), CancellationToken::new());
    let logs = std::env::temp_dir();
    let tiers = Tiers::prepare(choice, &plan, ("fails", logs), |_| (), stop.clone()).await;
    let options = Options {
        plan,
        info: RunInfo::default(),
        environment: Environment::default(),
        tiers: tiers.expect("tiers"),
        epoch_ms: EPOCH_MS,
        // Taken: the run fails when everything else stands.
        aws_port: Some(served.address().port()),
        sabotage: None,
        stop,
    };
    let failed = start(options).finished.await.expect("no panic").expect_err("the port is taken");
    assert!(failed.to_string().contains("serve the AWS API"), "{failed}");
    let clients = endpoint.clients("test");
    let queues = clients.sqs.list_queues().send().await.expect("listed");
    assert_eq!(queues.queue_urls(), [] as [String; 0]);
    let tables = clients.dynamodb.list_tables().send().await.expect("listed");
    assert_eq!(tables.table_names(), [] as [String; 0]);
    let topics = clients.sns.list_topics().send().await.expect("listed");
    assert!(topics.topics().is_empty(), "{topics:?}");
    let buckets = clients.s3.list_buckets().send().await.expect("listed");
    assert!(buckets.buckets().is_empty(), "{buckets:?}");
    served.close().await;
}
