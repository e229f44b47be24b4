//! The calls that are measured, on any backend, and what must be there before.

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, PutRequest, ScalarAttributeType, WriteRequest,
};
use securecart_cloud::Clients;
use tokio::time::timeout;

use super::{failed::Refusal, meter::Call};

/// Items that calls on items are spread over.
pub(super) const ITEMS: u64 = 1_000;

/// A message's and an item's body: about as long as an order.
pub(super) const BODY: &str = "{\"order\":\"o-00000000000000ff\",\"customer\":\"u-0000000000000042\",\
     \"lines\":[{\"product\":\"p-00000007\",\"quantity\":1,\"unit_price\":1999}],\"total\":1999}";

const TABLE: &str = "bench-items";
const MESSAGES: &str = "bench-messages";
const SUBSCRIBER: &str = "bench-subscriber";
const TOPIC: &str = "bench-topic";
const BUCKET: &str = "bench-objects";
const KEY: &str = "images/object";

/// Bytes of the object: about as many as a product's picture has.
const OBJECT_BYTES: usize = 4_096;

/// How long a backend has to answer at all.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Items of one `BatchWriteItem` (DynamoDB's limit).
const BATCH_ITEMS: usize = 25;

/// A resource of the benchmark, by its name on the backend.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) queue_url: String,
    /// The queue that the topic delivers to.
    pub(super) subscriber_url: String,
    pub(super) topic_arn: String,
}

/// Whether the table has an index by `owner`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    None,
    ByOwner,
}

/// Whether anybody answers, and as SQS does.
pub(super) async fn look(clients: &Clients) -> Result<(), Refusal> {
    let asked = timeout(ANSWER_WITHIN, clients.sqs.list_queues().send()).await;
    let late = |_| Refusal::late("ListQueues", ANSWER_WITHIN.as_secs());
    asked.map_err(late)?.map(drop).map_err(|error| Refusal::of("ListQueues", &error))
}

/// Creates the queue, the table and the topic with its one subscriber. What a backend says no to is
/// the error.
pub(super) async fn prepare(clients: &Clients, index: Index) -> Result<Names, Refusal> {
    let queue_url = create_queue(clients, MESSAGES).await?;
    let subscriber_url = create_queue(clients, SUBSCRIBER).await?;
    create_table(clients, index).await?;
    let topic = clients.sns.create_topic().name(TOPIC).send().await;
    let topic = topic.map_err(|error| Refusal::of("CreateTopic", &error))?;
    let topic_arn = topic.topic_arn.unwrap_or_default();
    let arn = "arn:aws:sqs:us-east-1:000000000000:bench-subscriber";
    let subscribe = clients.sns.subscribe().topic_arn(&topic_arn).protocol("sqs").endpoint(arn);
    subscribe.send().await.map_err(|error| Refusal::of("Subscribe", &error))?;
    Ok(Names { queue_url, subscriber_url, topic_arn })
}

/// Removes what [`prepare`] makes, also what another benchmark that was ended has left.
pub(super) async fn clear(clients: &Clients) {
    for queue in [MESSAGES, SUBSCRIBER] {
        let found = clients.sqs.get_queue_url().queue_name(queue).send().await;
        if let Some(url) = found.ok().and_then(|found| found.queue_url) {
            let _ = clients.sqs.delete_queue().queue_url(url).send().await;
        }
    }
    let _ = clients.dynamodb.delete_table().table_name(TABLE).send().await;
    // Creating a topic that is there gives its ARN.
    if let Ok(topic) = clients.sns.create_topic().name(TOPIC).send().await {
        let arn = topic.topic_arn.unwrap_or_default();
        let _ = clients.sns.delete_topic().topic_arn(arn).send().await;
    }
}

async fn create_queue(clients: &Clients, name: &str) -> Result<String, Refusal> {
    let created = clients.sqs.create_queue().queue_name(name).send().await;
    let created = created.map_err(|error| Refusal::of("CreateQueue", &error))?;
    Ok(created.queue_url.unwrap_or_default())
}

async fn create_table(clients: &Clients, index: Index) -> Result<(), Refusal> {
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .expect("name and type are set")
    };
    let key = |name: &str, key_type: KeyType| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(key_type)
            .build()
            .expect("name and type are set")
    };
    let mut create = clients
        .dynamodb
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk"))
        .key_schema(key("pk", KeyType::Hash));
    if index == Index::ByOwner {
        let index = GlobalSecondaryIndex::builder()
            .index_name("by-owner")
            .key_schema(key("owner", KeyType::Hash))
            .projection(Projection::builder().projection_type(ProjectionType::All).build())
            .build()
            .expect("name, schema and projection are set");
        create = create.attribute_definitions(attribute("owner")).global_secondary_indexes(index);
    }
    create.send().await.map(drop).map_err(|error| Refusal::of("CreateTable", &error))
}

pub(super) fn send_message(clients: &Clients, names: &Names) -> Call {
    let (sqs, url) = (clients.sqs.clone(), names.queue_url.clone());
    Arc::new(move |_| {
        let send = sqs.send_message().queue_url(&url).message_body(BODY);
        Box::pin(async move { send.send().await.is_ok() })
    })
}

/// Receives one message and deletes it: two calls that count as one.
pub(super) fn receive_and_delete(clients: &Clients, names: &Names) -> Call {
    let (sqs, url) = (clients.sqs.clone(), names.queue_url.clone());
    Arc::new(move |_| {
        let (sqs, url) = (sqs.clone(), url.clone());
        Box::pin(async move {
            let received = sqs.receive_message().queue_url(&url).send().await;
            let Ok(received) = received else { return false };
            // The queue was filled for the whole round: one that is empty measures nothing.
            let handle = received.messages().first().and_then(|first| first.receipt_handle.clone());
            let Some(handle) = handle else { return false };
            sqs.delete_message().queue_url(url).receipt_handle(handle).send().await.is_ok()
        })
    })
}

/// Puts the items 0 to `items` into the table, in batches.
pub(super) async fn fill_table(clients: &Clients, items: u64) -> Result<(), Refusal> {
    let request = |n| {
        let put = PutRequest::builder().set_item(Some(item(n))).build().expect("an item is set");
        WriteRequest::builder().put_request(put).build()
    };
    for first in (0..items).step_by(BATCH_ITEMS) {
        let last = items.min(first + BATCH_ITEMS as u64);
        let requests = (first..last).map(request).collect();
        let write = clients.dynamodb.batch_write_item().request_items(TABLE, requests);
        let written = write.send().await;
        let written = written.map_err(|error| Refusal::of("BatchWriteItem", &error))?;
        let left = written.unprocessed_items.unwrap_or_default().len();
        if left > 0 {
            return Err(Refusal::wrong("BatchWriteItem", format!("{left} items unprocessed")));
        }
    }
    Ok(())
}

/// Overwrites items.
pub(super) fn put_item(clients: &Clients, items: u64) -> Call {
    let dynamodb = clients.dynamodb.clone();
    Arc::new(move |n| {
        let put = dynamodb.put_item().table_name(TABLE).set_item(Some(item(spread(n, items))));
        Box::pin(async move { put.send().await.is_ok() })
    })
}

pub(super) fn get_item(clients: &Clients, items: u64) -> Call {
    let dynamodb = clients.dynamodb.clone();
    Arc::new(move |n| {
        let get = dynamodb.get_item().table_name(TABLE).key("pk", key(spread(n, items)));
        Box::pin(async move { get.send().await.is_ok() })
    })
}

pub(super) fn update_item(clients: &Clients, items: u64) -> Call {
    let dynamodb = clients.dynamodb.clone();
    Arc::new(move |n| {
        let update = dynamodb
            .update_item()
            .table_name(TABLE)
            .key("pk", key(spread(n, items)))
            .update_expression("SET stock = stock - :one")
            .condition_expression("stock >= :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        Box::pin(async move { update.send().await.is_ok() })
    })
}

pub(super) fn query_index(clients: &Clients, items: u64) -> Call {
    let dynamodb = clients.dynamodb.clone();
    Arc::new(move |n| {
        let owner = format!("owner-{:08}", spread(n, items));
        let query = dynamodb
            .query()
            .table_name(TABLE)
            .index_name("by-owner")
            .key_condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", AttributeValue::S(owner));
        Box::pin(async move {
            // Each owner has one item.
            query.send().await.is_ok_and(|found| found.count == 1)
        })
    })
}

pub(super) fn publish(clients: &Clients, names: &Names) -> Call {
    let (sns, arn) = (clients.sns.clone(), names.topic_arn.clone());
    Arc::new(move |_| {
        let publish = sns.publish().topic_arn(&arn).message(BODY);
        Box::pin(async move { publish.send().await.is_ok() })
    })
}

/// Creates the bucket with its one object.
pub(super) async fn put_object(clients: &Clients) -> Result<(), Refusal> {
    let created = clients.s3.create_bucket().bucket(BUCKET).send().await;
    created.map_err(|error| Refusal::of("CreateBucket", &error))?;
    let put = clients.s3.put_object().bucket(BUCKET).key(KEY);
    let put = put.body(vec![b'x'; OBJECT_BYTES].into());
    put.send().await.map(drop).map_err(|error| Refusal::of("PutObject", &error))
}

/// Reads the object to its end.
pub(super) fn get_object(clients: &Clients) -> Call {
    let s3 = clients.s3.clone();
    Arc::new(move |_| {
        let get = s3.get_object().bucket(BUCKET).key(KEY);
        Box::pin(async move {
            let Ok(object) = get.send().await else { return false };
            let body = object.body.collect().await;
            body.is_ok_and(|body| body.into_bytes().len() == OBJECT_BYTES)
        })
    })
}

pub(super) fn queue_depth(clients: &Clients, names: &Names) -> Call {
    use aws_sdk_sqs::types::QueueAttributeName;
    let (sqs, url) = (clients.sqs.clone(), names.queue_url.clone());
    Arc::new(move |_| {
        let attributes =
            sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::All);
        Box::pin(async move { attributes.send().await.is_ok() })
    })
}

fn item(n: u64) -> HashMap<String, AttributeValue> {
    let text = AttributeValue::S;
    HashMap::from([
        ("pk".to_owned(), key(n)),
        ("owner".to_owned(), text(format!("owner-{n:08}"))),
        ("body".to_owned(), text(BODY.to_owned())),
        ("stock".to_owned(), AttributeValue::N("1000000000".to_owned())),
    ])
}

fn key(n: u64) -> AttributeValue {
    AttributeValue::S(format!("item-{n:08}"))
}

/// Spreads numbers over `items` without order, so that no cache sees a pattern.
fn spread(n: u64, items: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % items
}
