//! Works off SecureCart's queues, carefully or carelessly, until nothing is left in them.

use std::collections::{BTreeMap, HashSet};

use securecart_cloud::Role;
use securecart_domain::{
    ServiceName,
    event::Channel,
    resources::{EMAIL_QUEUE, INVENTORY_QUEUE, ORDERS_QUEUE, QUEUES, SMS_QUEUE, dead_letter_queue},
};
use securecart_services::{Failure, Letter, Mailbox};

use crate::stage::Stage;

/// The queues that services work off; that of order events a function does.
pub(crate) const OF_SERVICES: [&str; 4] = [ORDERS_QUEUE, INVENTORY_QUEUE, EMAIL_QUEUE, SMS_QUEUE];

/// Rounds over all queues after which they must be empty.
const ROUNDS_MAX: u32 = 200;

/// How messages are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// Each is handled once, then deleted.
    Once,
    /// Each is handled twice at the same time. The first time a body is seen, its message is left
    /// to come again and another with the same body is sent.
    Twice,
}

/// How often each message body was handled, by queue.
#[derive(Debug, Default)]
pub(crate) struct Handled {
    pub(crate) times: BTreeMap<(String, String), u32>,
    pub(crate) failures: Vec<Failure>,
    seen: HashSet<(String, String)>,
}

impl Stage {
    pub(crate) fn mailbox(&self, queue: &str) -> Mailbox {
        let service = match queue {
            ORDERS_QUEUE => ServiceName::Fulfilment,
            INVENTORY_QUEUE => ServiceName::Inventory,
            _ => ServiceName::Notifications,
        };
        let sqs = self.cloud.clients(Role::Service(service)).sqs;
        Mailbox::new(sqs, self.resources.queue_url(queue))
    }

    pub(crate) async fn send(&self, queue: &str, body: &str) {
        let url = self.resources.queue_url(queue);
        let send = self.aws().sqs.send_message().queue_url(url).message_body(body);
        send.send().await.expect("a queue takes messages");
    }

    /// Takes every visible message out of a queue.
    pub(crate) async fn take(&self, queue: &str) -> Vec<String> {
        let mailbox = self.mailbox(queue);
        let mut bodies = Vec::new();
        loop {
            let letters = mailbox.receive(10).await.expect("a queue gives messages");
            if letters.is_empty() {
                return bodies;
            }
            for letter in letters {
                bodies.push(letter.body().to_owned());
                mailbox.delete(&letter).await.expect("a message is deleted");
            }
        }
    }

    pub(crate) async fn take_dead_letters(&self, queue: &str) -> Vec<String> {
        self.take(&dead_letter_queue(queue)).await
    }

    /// Hands a message to the service that works off `queue`.
    pub(crate) async fn handle(&self, queue: &str, letter: &Letter) -> Result<(), Failure> {
        match queue {
            ORDERS_QUEUE => self.fulfilment.handle(letter).await,
            INVENTORY_QUEUE => self.inventory.handle(letter).await,
            EMAIL_QUEUE => self.notifications.handle(Channel::Email, letter).await,
            SMS_QUEUE => self.notifications.handle(Channel::Sms, letter).await,
            other => panic!("nobody works off `{other}`"),
        }
    }

    /// Works off every queue until all are empty and nothing more comes.
    pub(crate) async fn settle(&self, care: Care) -> Handled {
        let mut handled = Handled::default();
        for _ in 0..ROUNDS_MAX {
            let mut letters = 0;
            for queue in OF_SERVICES {
                letters += self.work_off(queue, care, &mut handled).await;
            }
            if letters == 0 && self.is_quiet() {
                return handled;
            }
        }
        panic!("still busy after {ROUNDS_MAX} rounds: {:?}", self.cloud.queue_metrics());
    }

    /// One batch of a queue, all of it at once.
    async fn work_off(&self, queue: &str, care: Care, handled: &mut Handled) -> usize {
        let mailbox = self.mailbox(queue);
        let letters = mailbox.receive(10).await.expect("a queue gives messages");
        let outcomes = futures::future::join_all(letters.iter().map(async |letter| {
            let first = self.handle(queue, letter);
            if care == Care::Once {
                return vec![first.await];
            }
            let (first, second) = futures::future::join(first, self.handle(queue, letter)).await;
            vec![first, second]
        }));
        for (letter, outcomes) in letters.iter().zip(outcomes.await) {
            let key = (queue.to_owned(), letter.body().to_owned());
            let failed = outcomes.iter().any(Result::is_err);
            *handled.times.entry(key.clone()).or_default() += outcomes.len() as u32;
            handled.failures.extend(outcomes.into_iter().filter_map(Result::err));
            if failed {
                mailbox.retry_later(letter).await.expect("a message is put off");
            } else if care == Care::Twice && handled.seen.insert(key) {
                self.send(queue, letter.body()).await;
            } else {
                mailbox.delete(letter).await.expect("a message is deleted");
            }
        }
        letters.len()
    }

    /// Whether no queue but the dead-letter queues holds a message.
    fn is_quiet(&self) -> bool {
        let metrics = self.cloud.queue_metrics();
        let mut ours = metrics.iter().filter(|queue| QUEUES.contains(&queue.name.as_str()));
        ours.all(|queue| queue.visible + queue.in_flight + queue.delayed == 0)
    }
}
