//! The service: its calls by name, deliveries from other services, and metrics.

use std::sync::Arc;

use securecart_clock::Clock;
use securecart_embedded_wire::{Answer, AwsError, Call, Ids, Protocol, QueueDelivery, TargetError};

use crate::{
    error::NAMESPACE,
    moves::Moves,
    operations,
    queue::Queue,
    registry::Registry,
    text::{Text, required},
};

/// How SQS calls look on the wire.
pub const PROTOCOL: Protocol = Protocol::Json10;

/// Amazon SQS.
///
/// Needs a tokio runtime with time enabled: long polls and message move tasks wait on its clock.
#[derive(Debug)]
pub struct Sqs {
    inner: Arc<Inner>,
    seed: u64,
}

/// What operations work on. Move tasks hold it weakly, so they end with the service.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) registry: Registry,
    pub(crate) moves: Moves,
}

impl Inner {
    pub(crate) fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// The queue a request names.
    pub(crate) fn queue(&self, url: Option<&Text<'_>>) -> Result<Arc<Queue>, AwsError> {
        self.registry.by_url(required(url, "QueueUrl")?)
    }
}

/// A queue at one moment, and what happened to it so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMetrics {
    /// The queue's name.
    pub name: String,
    /// Messages that can be received (`ApproximateNumberOfMessages`).
    pub visible: u64,
    /// Messages received and neither deleted nor timed out (`...NotVisible`).
    pub in_flight: u64,
    /// Messages whose delay has not passed (`...Delayed`).
    pub delayed: u64,
    /// How long the oldest message has been in the queue, milliseconds; 0 when it is empty.
    pub oldest_age_ms: u64,
    /// Messages accepted since the queue was created, those moved here by a task among them; copies
    /// that the queue made are not.
    pub sent: u64,
    /// Messages handed out, each time they were.
    pub received: u64,
    /// Messages deleted by a caller.
    pub deleted: u64,
    /// Messages that left for the queue's dead-letter queue.
    pub dead_lettered: u64,
    /// Messages of which the queue made a copy (see [`Sqs::set_duplicates`]).
    pub duplicated: u64,
}

impl Sqs {
    /// A service without queues. Identifiers come from `seed`.
    #[must_use]
    pub fn new(clock: Clock, seed: u64) -> Self {
        let inner = Inner {
            clock,
            ids: Ids::new(seed),
            registry: Registry::default(),
            moves: Moves::default(),
        };
        Self { inner: Arc::new(inner), seed }
    }

    /// Answers one call. Dropping the future of a long poll loses no message.
    ///
    /// # Errors
    ///
    /// What AWS documents for the operation, in the namespace `com.amazonaws.sqs` and with a
    /// query-compatible code; `UnknownOperationException` for operations the engine does not have.
    pub async fn call(&self, call: Call<'_>) -> Result<Answer, AwsError> {
        let body = match call.operation {
            "ReceiveMessage" => operations::receive_message(&self.inner, call.body).await?,
            _ => self.answer(call)?,
        };
        Ok(Answer::ok(PROTOCOL, body))
    }

    /// Every operation that does not wait.
    fn answer(&self, call: Call<'_>) -> Result<Vec<u8>, AwsError> {
        let (inner, body) = (&self.inner, call.body);
        match call.operation {
            "SendMessage" => operations::send_message(inner, body),
            "SendMessageBatch" => operations::send_message_batch(inner, body),
            "DeleteMessage" => operations::delete_message(inner, body),
            "DeleteMessageBatch" => operations::delete_message_batch(inner, body),
            "ChangeMessageVisibility" => operations::change_visibility(inner, body),
            "ChangeMessageVisibilityBatch" => operations::change_visibility_batch(inner, body),
            "CreateQueue" => operations::create_queue(inner, call),
            "DeleteQueue" => operations::delete_queue(inner, body),
            "PurgeQueue" => operations::purge_queue(inner, body),
            "GetQueueUrl" => operations::get_queue_url(inner, call),
            "ListQueues" => operations::list_queues(inner, call),
            "ListDeadLetterSourceQueues" => operations::list_sources(inner, call),
            "GetQueueAttributes" => operations::get_attributes(inner, body),
            "SetQueueAttributes" => operations::set_attributes(inner, body),
            "TagQueue" => operations::tag_queue(inner, body),
            "UntagQueue" => operations::untag_queue(inner, body),
            "ListQueueTags" => operations::list_tags(inner, body),
            "StartMessageMoveTask" => operations::start_move(inner, body),
            "ListMessageMoveTasks" => operations::list_moves(inner, body),
            "CancelMessageMoveTask" => operations::cancel_move(inner, body),
            other => Err(AwsError::unknown_operation(NAMESPACE, "sqs", other)),
        }
    }

    /// Puts a message of another service into a queue, under the rules of `SendMessage`.
    ///
    /// # Errors
    ///
    /// [`TargetError::Permanent`] when the queue does not exist or refuses the message: a delivery
    /// in process has no transient failures.
    pub fn deliver(&self, delivery: &QueueDelivery) -> Result<(), TargetError> {
        operations::deliver(&self.inner, delivery)
            .map_err(|error| TargetError::Permanent(error.to_string()))
    }

    /// Makes the standard queue `queue` hold `share` (0 to 1) of the messages sent to it from now on
    /// twice, whoever sends them: SQS delivers at least once. The copy has the id, the body and the
    /// attributes of the original, and receipt handles and a receive count of its own; deleting one
    /// leaves the other. 0, as at the beginning, is never.
    ///
    /// `false` when there is no such queue, or when it is a FIFO queue: those have no duplicates.
    pub fn set_duplicates(&self, queue: &str, share: f64) -> bool {
        let Some(queue) = self.inner.registry.by_name(queue) else { return false };
        // Each queue has numbers of its own, which those of identifiers say nothing about.
        let seed = queue.name.bytes().fold(self.seed ^ 0x7371_735f_6475_706c, |seed, byte| {
            (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let set = queue.access(self.inner.now_ms(), |state| state.set_duplicates(share, seed));
        set.unwrap_or(false)
    }

    /// All queues by name. Costs a constant time for each queue, however full it is.
    #[must_use]
    pub fn metrics(&self) -> Vec<QueueMetrics> {
        let now_ms = self.inner.now_ms();
        let queues = self.inner.registry.all();
        queues.iter().filter_map(|queue| metrics_of(queue, now_ms)).collect()
    }
}

/// `None` for a queue that has just been deleted.
fn metrics_of(queue: &Queue, now_ms: u64) -> Option<QueueMetrics> {
    queue
        .access(now_ms, |state| {
            let counts = state.counts();
            QueueMetrics {
                name: queue.name.to_string(),
                visible: counts.visible as u64,
                in_flight: counts.in_flight as u64,
                delayed: counts.delayed as u64,
                oldest_age_ms: state.oldest_age_ms(now_ms),
                sent: state.totals.sent,
                received: state.totals.received,
                deleted: state.totals.deleted,
                dead_lettered: state.totals.dead_lettered,
                duplicated: state.totals.duplicated,
            }
        })
        .ok()
}
