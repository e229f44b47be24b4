//! The requests, as the service model names their members. Strings are borrowed from the body.

use serde::Deserialize;

use crate::{
    attributes::AttributeInput,
    text::{Pairs, Text},
};

/// Requests that only name a queue.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct OfQueue<'a> {
    #[serde(borrow)]
    pub(crate) queue_url: Option<Text<'a>>,
}

/// A batch: the queue and up to ten entries.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Batch<'a, Entry> {
    #[serde(borrow)]
    pub(crate) queue_url: Option<Text<'a>>,
    #[serde(default = "Vec::new")]
    pub(crate) entries: Vec<Entry>,
}

/// `SendMessage`, and an entry of `SendMessageBatch`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct SendMessage<'a> {
    #[serde(borrow)]
    pub(crate) queue_url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) message_body: Option<Text<'a>>,
    pub(crate) delay_seconds: Option<i64>,
    #[serde(borrow)]
    pub(crate) message_attributes: Option<Pairs<'a, AttributeInput<'a>>>,
    #[serde(borrow)]
    pub(crate) message_system_attributes: Option<Pairs<'a, AttributeInput<'a>>>,
    #[serde(borrow)]
    pub(crate) message_deduplication_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) message_group_id: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ReceiveMessage<'a> {
    #[serde(borrow)]
    pub(crate) queue_url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) attribute_names: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub(crate) message_system_attribute_names: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub(crate) message_attribute_names: Option<Vec<Text<'a>>>,
    pub(crate) max_number_of_messages: Option<i64>,
    pub(crate) visibility_timeout: Option<i64>,
    pub(crate) wait_time_seconds: Option<i64>,
    #[serde(borrow)]
    pub(crate) receive_request_attempt_id: Option<Text<'a>>,
}

/// `DeleteMessage` and `ChangeMessageVisibility`, and entries of their batches.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct WithReceipt<'a> {
    #[serde(borrow)]
    pub(crate) queue_url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) receipt_handle: Option<Text<'a>>,
    pub(crate) visibility_timeout: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct CreateQueue<'a> {
    #[serde(borrow)]
    pub(crate) queue_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) attributes: Option<Pairs<'a, Text<'a>>>,
    /// The one member that the model spells in lower case.
    #[serde(borrow, rename = "tags")]
    pub(crate) tags: Option<Pairs<'a, Text<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct GetQueueUrl<'a> {
    #[serde(borrow)]
    pub(crate) queue_name: Option<Text<'a>>,
    #[serde(borrow, rename = "QueueOwnerAWSAccountId")]
    pub(crate) owner: Option<Text<'a>>,
}

/// `ListQueues` and `ListDeadLetterSourceQueues`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ListQueues<'a> {
    #[serde(borrow)]
    pub(crate) queue_url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) queue_name_prefix: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) next_token: Option<Text<'a>>,
    pub(crate) max_results: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct GetQueueAttributes<'a> {
    #[serde(borrow)]
    pub(crate) queue_url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) attribute_names: Option<Vec<Text<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct SetQueueAttributes<'a> {
    #[serde(borrow)]
    pub(crate) queue_url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) attributes: Option<Pairs<'a, Text<'a>>>,
}

/// `TagQueue` and `UntagQueue`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Tagging<'a> {
    #[serde(borrow)]
    pub(crate) queue_url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) tags: Option<Pairs<'a, Text<'a>>>,
    #[serde(borrow)]
    pub(crate) tag_keys: Option<Vec<Text<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct StartMove<'a> {
    #[serde(borrow)]
    pub(crate) source_arn: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) destination_arn: Option<Text<'a>>,
    pub(crate) max_number_of_messages_per_second: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ListMoves<'a> {
    #[serde(borrow)]
    pub(crate) source_arn: Option<Text<'a>>,
    pub(crate) max_results: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct CancelMove<'a> {
    #[serde(borrow)]
    pub(crate) task_handle: Option<Text<'a>>,
}
