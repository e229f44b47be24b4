//! Many producers and consumers on several threads: nothing lost, nothing handed out twice.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::json;

use crate::harness::Harness;

const PRODUCERS: usize = 8;
const CONSUMERS: usize = 16;
const EACH: usize = 250;

/// Sends `PRODUCERS * EACH` messages and consumes them at once; returns the bodies by consumer in
/// the order each got them.
async fn run(harness: Arc<Harness>, queue: &'static str, fifo: bool) -> Vec<Vec<String>> {
    let deleted = Arc::new(AtomicUsize::new(0));
    let producers: Vec<_> = (0..PRODUCERS)
        .map(|producer| {
            let harness = harness.clone();
            tokio::spawn(async move {
                for n in 0..EACH {
                    let body = format!("{producer}:{n}");
                    if fifo {
                        harness.send_fifo(queue, &producer.to_string(), &body).await;
                    } else {
                        harness.send(queue, &body).await;
                    }
                }
            })
        })
        .collect();
    let consumers: Vec<_> = (0..CONSUMERS)
        .map(|_| {
            let (harness, deleted) = (harness.clone(), deleted.clone());
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while deleted.load(Ordering::SeqCst) < PRODUCERS * EACH {
                    let request = json!({"WaitTimeSeconds": 1, "MaxNumberOfMessages": 3});
                    for message in harness.receive_with(queue, request).await {
                        seen.push(message.body);
                        harness.delete(queue, &message.handle).await.expect("held");
                        deleted.fetch_add(1, Ordering::SeqCst);
                    }
                }
                seen
            })
        })
        .collect();
    for producer in producers {
        producer.await.expect("sent all");
    }
    let mut seen = Vec::new();
    for consumer in consumers {
        seen.push(consumer.await.expect("consumed"));
    }
    assert_eq!(harness.counts(queue).await, (0, 0, 0));
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_standard_queue_hands_out_each_message_once() {
    let harness = Arc::new(Harness::with_queue("q", json!({})).await);
    let seen: Vec<String> = run(harness.clone(), "q", false).await.into_iter().flatten().collect();
    let distinct: HashSet<&String> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (PRODUCERS * EACH, PRODUCERS * EACH));
    let metrics = harness.metrics("q");
    let all = (PRODUCERS * EACH) as u64;
    assert_eq!((metrics.sent, metrics.received, metrics.deleted), (all, all, all));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_fifo_queue_also_keeps_each_group_in_order() {
    let harness = Arc::new(Harness::with_queue("q.fifo", json!({"FifoQueue": "true"})).await);
    let seen = run(harness, "q.fifo", true).await;
    assert_eq!(seen.iter().map(Vec::len).sum::<usize>(), PRODUCERS * EACH);
    for consumer in seen {
        let mut last: HashMap<String, usize> = HashMap::new();
        for body in consumer {
            let (group, n) = body.split_once(':').expect("group and number");
            let n: usize = n.parse().expect("a number");
            let before = last.insert(group.to_owned(), n);
            assert!(before.is_none_or(|before| before < n), "{group}: {n} after {before:?}");
        }
    }
}

/// Consumers that give up at random moments while producers send: what they were handed is either
/// theirs or still in the queue.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn polls_dropped_at_any_moment_lose_nothing() {
    let harness = Arc::new(Harness::with_queue("q", json!({})).await);
    let got = Arc::new(Mutex::new(HashSet::new()));
    for round in 0..200 {
        let polls: Vec<_> = (0..4)
            .map(|_| {
                let (harness, got) = (harness.clone(), got.clone());
                tokio::spawn(async move {
                    let wait = json!({"WaitTimeSeconds": 20, "MaxNumberOfMessages": 1});
                    for message in harness.receive_with("q", wait).await {
                        got.lock().expect("unpoisoned").insert(message.body);
                    }
                })
            })
            .collect();
        for n in 0..3 {
            harness.send("q", &format!("{round}:{n}")).await;
        }
        for poll in &polls {
            poll.abort();
        }
        for poll in polls {
            // Either ended by itself or aborted; both are fine.
            let _ = poll.await;
        }
    }
    // Messages are taken and handed over in one step: whoever was aborted had none.
    let told = got.lock().expect("unpoisoned").len() as u64;
    let metrics = harness.metrics("q");
    assert_eq!((metrics.sent, metrics.in_flight), (600, told));
    assert_eq!(metrics.visible, 600 - told);
    assert_eq!(metrics.received, metrics.in_flight);
}
