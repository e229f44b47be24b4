//! FIFO queues keep the order of each group, however many consumers there are.

use std::collections::HashMap;

use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use tokio::{sync::mpsc, task::JoinSet};

use crate::support::Stage;

const GROUPS: usize = 5;
const MESSAGES: usize = 40;
const CONSUMERS: usize = 8;

/// Receives, tells what it got in the order in which it got it, and only then deletes.
async fn consume(sqs: aws_sdk_sqs::Client, url: String, seen: mpsc::Sender<(String, usize)>) {
    loop {
        let received = sqs
            .receive_message()
            .queue_url(&url)
            .max_number_of_messages(3)
            .wait_time_seconds(20)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
            .send()
            .await
            .expect("received");
        for message in received.messages() {
            let attributes = message.attributes().expect("attributes");
            let group = attributes[&MessageSystemAttributeName::MessageGroupId].clone();
            let number = message.body().expect("a body").parse().expect("a number");
            if seen.send((group, number)).await.is_err() {
                return;
            }
        }
        for message in received.messages() {
            let handle = message.receipt_handle().expect("a handle");
            let delete = sqs.delete_message().queue_url(&url).receipt_handle(handle);
            delete.send().await.expect("deleted");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_consumers_see_each_group_in_order() {
    let stage = Stage::new();
    let fifo =
        [(QueueAttributeName::FifoQueue, "true"), (QueueAttributeName::VisibilityTimeout, "600")];
    let (url, _) = stage.queue("orders.fifo", &fifo).await;
    let (tell, mut seen) = mpsc::channel(GROUPS * MESSAGES);
    let mut consumers = JoinSet::new();
    for _ in 0..CONSUMERS {
        consumers.spawn(consume(stage.sqs.clone(), url.clone(), tell.clone()));
    }
    for number in 0..MESSAGES {
        for group in 0..GROUPS {
            let send = stage.sqs.send_message().queue_url(&url).message_body(number.to_string());
            let send = send.message_group_id(format!("g-{group}"));
            let send = send.message_deduplication_id(format!("{group}-{number}"));
            send.send().await.expect("sent");
        }
    }
    let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
    for _ in 0..GROUPS * MESSAGES {
        let (group, number) = seen.recv().await.expect("consumers go on");
        groups.entry(group).or_default().push(number);
    }
    consumers.shutdown().await;
    assert!(seen.try_recv().is_err(), "a message was handed out twice");
    assert_eq!(groups.len(), GROUPS);
    for (group, numbers) in groups {
        assert_eq!(numbers, (0..MESSAGES).collect::<Vec<_>>(), "{group}");
    }
}
