//! Long polls wait on the runtime's clock, and what they wait for ends them.

use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use tokio::time::Instant;

use crate::support::Stage;

#[tokio::test(start_paused = true)]
async fn a_long_poll_is_woken_by_a_send() {
    let stage = Stage::new();
    let (url, _) = stage.queue("orders", &[]).await;
    let begun = Instant::now();
    let poll = stage.sqs.receive_message().queue_url(&url).wait_time_seconds(20).send();
    let send = async {
        tokio::time::sleep(Duration::from_secs(7)).await;
        stage.sqs.send_message().queue_url(&url).message_body("m").send().await.expect("sent");
    };
    let (received, ()) = tokio::join!(poll, send);
    let messages = received.expect("received").messages.expect("a message");
    assert_eq!(messages[0].body(), Some("m"));
    assert_eq!(begun.elapsed(), Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_for_nothing_ends_after_its_time() {
    let stage = Stage::new();
    let (url, _) = stage.queue("orders", &[]).await;
    let begun = Instant::now();
    let received = stage.sqs.receive_message().queue_url(&url).wait_time_seconds(20).send().await;
    assert_eq!(received.expect("an answer, not a time-out").messages, None);
    assert_eq!(begun.elapsed(), Duration::from_secs(20));
    assert_eq!(stage.requests(), 3, "create, read the ARN, receive: the SDK retried nothing");
}

#[tokio::test(start_paused = true)]
async fn a_message_comes_back_when_its_visibility_ends() {
    let stage = Stage::new();
    let visibility = [(QueueAttributeName::VisibilityTimeout, "15")];
    let (url, _) = stage.queue("orders", &visibility).await;
    stage.sqs.send_message().queue_url(&url).message_body("m").send().await.expect("sent");
    assert_eq!(stage.receive(&url).await.len(), 1);
    let begun = Instant::now();
    let again = stage.sqs.receive_message().queue_url(&url).wait_time_seconds(20).send().await;
    assert_eq!(again.expect("received").messages().len(), 1);
    assert_eq!(begun.elapsed(), Duration::from_secs(15));
}
