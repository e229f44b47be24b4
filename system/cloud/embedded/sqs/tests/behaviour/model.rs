//! Random sequences of operations against a model that is simple enough to be right: a list of
//! messages, each with the time until which it is hidden.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::harness::{Harness, url};

#[derive(Debug, Clone)]
enum Step {
    Send {
        group: u8,
        delay: u64,
    },
    Receive {
        most: usize,
        visibility: u64,
    },
    /// On the handle that is given by index among all ever handed out.
    Delete {
        handle: prop::sample::Index,
    },
    Change {
        handle: prop::sample::Index,
        seconds: u64,
    },
    Pass {
        ms: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let handle = any::<prop::sample::Index>;
    prop_oneof![
        4 => (0_u8..4, prop_oneof![3 => Just(0), 1 => 1_u64..5])
            .prop_map(|(group, delay)| Step::Send { group, delay }),
        4 => (1_usize..=10, 0_u64..6)
            .prop_map(|(most, visibility)| Step::Receive { most, visibility }),
        3 => handle().prop_map(|handle| Step::Delete { handle }),
        1 => (handle(), 0_u64..6).prop_map(|(handle, seconds)| Step::Change { handle, seconds }),
        3 => (0_u64..3_000).prop_map(|ms| Step::Pass { ms }),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Visible,
    Delayed(u64),
    InFlight(u64),
}

#[derive(Debug)]
struct Modelled {
    group: u8,
    place: Place,
    /// Index of the latest handle.
    latest: Option<usize>,
}

/// What the queue must be like. Messages are numbered in the order they were sent.
#[derive(Debug, Default)]
struct Model {
    fifo: bool,
    now_ms: u64,
    messages: BTreeMap<usize, Modelled>,
    sent: usize,
    received: u64,
    deleted: u64,
    /// Every handle given out: its text and its message.
    handles: Vec<(String, usize)>,
}

impl Model {
    fn settle(&mut self) {
        let now_ms = self.now_ms;
        for message in self.messages.values_mut() {
            if let Place::Delayed(until) | Place::InFlight(until) = message.place
                && until <= now_ms
            {
                message.place = Place::Visible;
            }
        }
    }

    fn counts(&self) -> (u64, u64, u64) {
        self.messages.values().fold((0, 0, 0), |(visible, flying, delayed), message| match message
            .place
        {
            Place::Visible => (visible + 1, flying, delayed),
            Place::InFlight(_) => (visible, flying + 1, delayed),
            Place::Delayed(_) => (visible, flying, delayed + 1),
        })
    }

    fn is_blocked(&self, group: u8) -> bool {
        let holds = |m: &Modelled| m.group == group && matches!(m.place, Place::InFlight(_));
        self.fifo && self.messages.values().any(holds)
    }

    /// How many messages can be handed out now.
    fn available(&self) -> usize {
        let is_free = |m: &&Modelled| m.place == Place::Visible && !self.is_blocked(m.group);
        self.messages.values().filter(is_free).count()
    }

    /// Accounts for messages handed out together, checking that each might have been.
    fn hand_out(&mut self, got: &[(usize, String)], visibility: u64) {
        let mut blocked: Vec<u8> = (0..4).filter(|group| self.is_blocked(*group)).collect();
        let mut last: BTreeMap<u8, usize> = BTreeMap::new();
        let mut current = None;
        for (number, _) in got {
            let message = self.messages.get(number).expect("only messages that exist");
            assert_eq!(message.place, Place::Visible, "{number} handed out while hidden");
            if !self.fifo {
                continue;
            }
            let group = message.group;
            assert!(!blocked.contains(&group), "{number} overtakes one in flight");
            if current != Some(group) {
                assert!(!last.contains_key(&group), "groups are mixed in one batch");
                current = Some(group);
            }
            let first = self
                .messages
                .iter()
                .filter(|(n, m)| m.group == group && last.get(&group).is_none_or(|l| *n > l))
                .find(|(_, m)| m.place == Place::Visible);
            assert_eq!(first.map(|(n, _)| n), Some(number), "out of order in group {group}");
            last.insert(group, *number);
        }
        blocked.clear();
        for (number, handle) in got {
            let index = self.handles.len();
            self.handles.push((handle.clone(), *number));
            self.received += 1;
            let message = self.messages.get_mut(number).expect("looked at above");
            message.latest = Some(index);
            message.place = match visibility {
                0 => Place::Visible,
                seconds => Place::InFlight(self.now_ms + seconds * 1_000),
            };
        }
    }
}

struct Run {
    harness: Harness,
    queue: &'static str,
    model: Model,
}

impl Run {
    async fn play(&mut self, step: &Step) {
        match step {
            Step::Pass { ms } => {
                tokio::time::advance(Duration::from_millis(*ms)).await;
                self.model.now_ms += ms;
            }
            Step::Send { group, delay } => self.send(*group, *delay).await,
            Step::Receive { most, visibility } => self.receive(*most, *visibility).await,
            Step::Delete { handle } => self.delete(handle).await,
            Step::Change { handle, seconds } => self.change(handle, *seconds).await,
        }
        self.model.settle();
        let counts = self.harness.counts(self.queue).await;
        assert_eq!(counts, self.model.counts(), "after {step:?}");
        let metrics = self.harness.metrics(self.queue);
        assert_eq!(
            (metrics.sent, metrics.received, metrics.deleted),
            (self.model.sent as u64, self.model.received, self.model.deleted)
        );
    }

    async fn send(&mut self, group: u8, delay: u64) {
        let number = self.model.sent;
        let mut request = json!({"QueueUrl": url(self.queue), "MessageBody": number.to_string()});
        let delay = if self.model.fifo { 0 } else { delay };
        if self.model.fifo {
            request["MessageGroupId"] = json!(group.to_string());
            request["MessageDeduplicationId"] = json!(number.to_string());
        } else {
            request["DelaySeconds"] = json!(delay);
        }
        self.harness.call("SendMessage", request).await.expect("valid");
        let place = match delay {
            0 => Place::Visible,
            seconds => Place::Delayed(self.model.now_ms + seconds * 1_000),
        };
        self.model.messages.insert(number, Modelled { group, place, latest: None });
        self.model.sent += 1;
    }

    async fn receive(&mut self, most: usize, visibility: u64) {
        let request = json!({"MaxNumberOfMessages": most, "VisibilityTimeout": visibility});
        let got: Vec<(usize, String)> = self
            .harness
            .receive_with(self.queue, request)
            .await
            .into_iter()
            .map(|message| (message.body.parse().expect("a number"), message.handle))
            .collect();
        assert_eq!(got.len(), most.min(self.model.available()));
        self.model.hand_out(&got, visibility);
    }

    async fn delete(&mut self, handle: &prop::sample::Index) {
        if self.model.handles.is_empty() {
            return;
        }
        let index = handle.index(self.model.handles.len());
        let (handle, number) = self.model.handles[index].clone();
        let outcome = self.harness.delete(self.queue, &handle).await;
        let Some(message) = self.model.messages.get(&number) else {
            assert_eq!(outcome, Ok(Value::Object(serde_json::Map::new())), "gone already");
            return;
        };
        let is_latest = message.latest == Some(index);
        let is_held = is_latest && matches!(message.place, Place::InFlight(_));
        assert_eq!(outcome.is_ok(), !self.model.fifo || is_held);
        if outcome.is_ok() && is_latest {
            self.model.messages.remove(&number);
            self.model.deleted += 1;
        }
    }

    async fn change(&mut self, handle: &prop::sample::Index, seconds: u64) {
        if self.model.handles.is_empty() {
            return;
        }
        let index = handle.index(self.model.handles.len());
        let (handle, number) = self.model.handles[index].clone();
        let seconds_given = i64::try_from(seconds).expect("small");
        let outcome = self.harness.change(self.queue, &handle, seconds_given).await;
        let now_ms = self.model.now_ms;
        let held = self.model.messages.get_mut(&number).filter(|message| {
            message.latest == Some(index) && matches!(message.place, Place::InFlight(_))
        });
        assert_eq!(outcome.is_ok(), held.is_some());
        if let Some(message) = held {
            message.place = match seconds {
                0 => Place::Visible,
                seconds => Place::InFlight(now_ms + seconds * 1_000),
            };
        }
    }

    /// In the end everything that was not deleted is still there to be received.
    async fn drain(&mut self) {
        self.play(&Step::Pass { ms: 10_000 }).await;
        while !self.model.messages.is_empty() {
            let before = self.model.handles.len();
            self.play(&Step::Receive { most: 10, visibility: 5 }).await;
            let handles = self.model.handles[before..].to_vec();
            assert!(!handles.is_empty(), "messages are stuck");
            for (handle, number) in handles {
                self.harness.delete(self.queue, &handle).await.expect("held");
                self.model.messages.remove(&number);
                self.model.deleted += 1;
            }
        }
        assert_eq!(self.harness.counts(self.queue).await, (0, 0, 0));
    }
}

fn check(fifo: bool, steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (queue, attributes) =
            if fifo { ("q.fifo", json!({"FifoQueue": "true"})) } else { ("q", json!({})) };
        let harness = Harness::with_queue(queue, attributes).await;
        let mut run = Run { harness, queue, model: Model { fifo, ..Model::default() } };
        for step in steps {
            run.play(step).await;
        }
        run.drain().await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_standard_queue_does_what_the_model_does(steps in prop::collection::vec(step(), 1..80)) {
        check(false, &steps);
    }

    #[test]
    fn a_fifo_queue_does_what_the_model_does(steps in prop::collection::vec(step(), 1..80)) {
        check(true, &steps);
    }
}
