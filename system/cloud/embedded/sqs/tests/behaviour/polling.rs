//! Long polls: woken at once, on time, and safe to drop.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::time::Instant;

use crate::harness::{Harness, Received, url};

/// A poll in the background that reports what it got and after how many milliseconds.
fn poll(harness: &Arc<Harness>, wait: u64) -> tokio::task::JoinHandle<(Vec<Received>, u128)> {
    let harness = harness.clone();
    tokio::spawn(async move {
        let started = Instant::now();
        let request = json!({"WaitTimeSeconds": wait, "MaxNumberOfMessages": 1});
        let got = harness.receive_with("q", request).await;
        (got, started.elapsed().as_millis())
    })
}

async fn after(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

#[tokio::test(start_paused = true)]
async fn an_empty_poll_ends_with_its_time() {
    let harness = Harness::with_queue("q", json!({"ReceiveMessageWaitTimeSeconds": "3"})).await;
    let started = Instant::now();
    assert!(harness.receive("q").await.is_empty());
    assert_eq!(started.elapsed().as_secs(), 3);
    // The request's own time goes first, also when it is zero.
    assert!(harness.receive_with("q", json!({"WaitTimeSeconds": 0})).await.is_empty());
    assert_eq!(started.elapsed().as_secs(), 3);
    assert!(harness.receive_with("q", json!({"WaitTimeSeconds": 20})).await.is_empty());
    assert_eq!(started.elapsed().as_secs(), 23);
}

#[tokio::test(start_paused = true)]
async fn a_send_wakes_one_poll_each() {
    let harness = Arc::new(Harness::with_queue("q", json!({})).await);
    let polls = [poll(&harness, 20), poll(&harness, 20), poll(&harness, 4)];
    after(1_000).await;
    harness.send("q", "a").await;
    after(1_000).await;
    harness.send("q", "b").await;
    let mut waits = Vec::new();
    for poll in polls {
        let (got, ms) = poll.await.expect("ended");
        waits.push((got.len(), ms));
    }
    waits.sort_unstable();
    assert_eq!(waits, [(0, 4_000), (1, 1_000), (1, 2_000)]);
}

#[tokio::test(start_paused = true)]
async fn delays_and_timeouts_end_polls_on_time() {
    let harness = Arc::new(Harness::with_queue("q", json!({})).await);
    let delayed = poll(&harness, 20);
    after(1_000).await;
    let request = json!({"QueueUrl": url("q"), "MessageBody": "m", "DelaySeconds": 5});
    harness.call("SendMessage", request).await.expect("sent");
    let (got, ms) = delayed.await.expect("ended");
    assert_eq!((got.len(), ms), (1, 6_000));

    // The default timeout of 30 s has 10 s to go once a poll starts.
    after(20_000).await;
    let timed_out = poll(&harness, 20);
    let (got, ms) = timed_out.await.expect("ended");
    assert_eq!((got.len(), ms), (1, 10_000));

    // Shortening and ending a visibility are news to a poll that waits.
    for (seconds, expected_ms) in [(2, 3_000), (0, 1_000)] {
        let handle = harness.receive("q").await.pop().map(|message| message.handle);
        let handle = match handle {
            Some(handle) => handle,
            None => {
                after(30_000).await;
                harness.receive("q").await.remove(0).handle
            }
        };
        let waiting = poll(&harness, 20);
        after(1_000).await;
        harness.change("q", &handle, seconds).await.expect("changed");
        let (got, ms) = waiting.await.expect("ended");
        assert_eq!((got.len(), ms), (1, expected_ms));
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_poll_takes_no_message_and_no_wake_up() {
    let harness = Arc::new(Harness::with_queue("q", json!({})).await);
    for round in 0..50 {
        let dropped: Vec<_> = (0..4).map(|_| poll(&harness, 20)).collect();
        let kept = poll(&harness, 20);
        after(1).await;
        // Aborted after the message woke one of them and before it ran, or before the message.
        if round % 2 == 0 {
            harness.send("q", "m").await;
        }
        dropped.iter().for_each(tokio::task::JoinHandle::abort);
        if round % 2 == 1 {
            harness.send("q", "m").await;
        }
        let (got, ms) = kept.await.expect("not aborted");
        assert_eq!((got.len(), ms), (1, 1), "round {round}");
        harness.delete("q", &got[0].handle).await.expect("deleted");
    }
    assert_eq!(harness.counts("q").await, (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn deleting_the_queue_ends_its_polls() {
    let harness = Arc::new(Harness::with_queue("q", json!({})).await);
    let waiting = {
        let harness = harness.clone();
        tokio::spawn(async move {
            let request = json!({"QueueUrl": url("q"), "WaitTimeSeconds": 20});
            harness.call("ReceiveMessage", request).await
        })
    };
    after(1_000).await;
    harness.call("DeleteQueue", json!({"QueueUrl": url("q")})).await.expect("deleted");
    let error = waiting.await.expect("ended").expect_err("the queue is gone");
    assert_eq!(error.query_code.as_deref(), Some("AWS.SimpleQueueService.NonExistentQueue"));
}
