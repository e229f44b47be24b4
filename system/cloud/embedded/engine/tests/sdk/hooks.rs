//! What a run asks of the engine beyond AWS's calls: deliveries that take their time, and twice.

use std::{sync::Arc, time::Duration};

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};

use crate::support::Stage;

/// A rule on the default bus that sends everything of `shop` to a topic, and that to a queue; the
/// queue's URL.
async fn wired(stage: &Stage) -> String {
    let (url, arn) = stage.queue("notices", &[]).await;
    let topic = stage.sns.create_topic().name("notices").send().await.expect("created");
    let topic = topic.topic_arn.expect("an ARN");
    let subscribe = stage.sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(arn);
    subscribe.send().await.expect("subscribed");
    let rule = stage.eventbridge.put_rule().name("all").event_pattern(r#"{"source":["shop"]}"#);
    rule.send().await.expect("put");
    let target = Target::builder().id("topic").arn(topic).build().expect("complete");
    let put = stage.eventbridge.put_targets().rule("all").targets(target).send().await;
    assert_eq!(put.expect("put").failed_entry_count(), 0);
    url
}

async fn event(stage: &Stage) {
    let entry = PutEventsRequestEntry::builder().source("shop").detail_type("order").detail("{}");
    let put = stage.eventbridge.put_events().entries(entry.build()).send().await.expect("put");
    assert_eq!(put.failed_entry_count(), 0, "{put:?}");
}

fn visible(stage: &Stage) -> u64 {
    stage.engine.queue_metrics().iter().map(|queue| queue.visible).sum()
}

#[tokio::test(start_paused = true)]
async fn a_late_event_is_pending_until_it_is_in_its_queue() {
    let stage = Stage::new();
    wired(&stage).await;
    event(&stage).await;
    assert_eq!((visible(&stage), stage.engine.pending_deliveries()), (1, 0), "at once by itself");
    stage.engine.set_event_delay(Arc::new(|| Duration::from_secs(20)));
    event(&stage).await;
    tokio::time::sleep(Duration::from_secs(19)).await;
    assert_eq!((visible(&stage), stage.engine.pending_deliveries()), (1, 1));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!((visible(&stage), stage.engine.pending_deliveries()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn what_topics_send_comes_twice_as_well() {
    let stage = Stage::new();
    let url = wired(&stage).await;
    assert!(stage.engine.set_duplicates("notices", 1.0));
    event(&stage).await;
    let messages = stage.receive(&url).await;
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0].message_id, messages[1].message_id);
    assert_eq!(messages[0].body, messages[1].body);
    assert_ne!(messages[0].receipt_handle, messages[1].receipt_handle);
}
