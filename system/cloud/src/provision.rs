//! Creates SecureCart's resources: the same calls on every backend.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, PutRequest,
    ScalarAttributeType, TimeToLiveSpecification, WriteRequest,
};
use aws_sdk_eventbridge::types::{InputTransformer, Target};
use aws_sdk_lambda::types::{FunctionResponseType, ScalingConfig};
use aws_sdk_sqs::{
    error::SdkError, operation::create_queue::CreateQueueError, types::QueueAttributeName,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use securecart_domain::{
    ProductId,
    event::{self, EventKind},
    resources::{
        BUS, DEEP_FRAUD_FUNCTION, EMAIL_QUEUE, NOTIFICATIONS_TOPIC, NOTIFY_RULE,
        ORDER_EVENTS_QUEUE, ORDER_EVENTS_RULE, ORDERS_QUEUE, QUEUES, SMS_QUEUE, STOCK_RULE,
        STOCK_TABLE, TABLES, Table, dead_letter_queue,
    },
};
use serde_json::json;

use crate::{Clients, Error, ErrorKind, storefront};

/// Longest time that the name of a deleted queue stays taken, with a margin (behaviour sheet 5.1: 60 s).
const NAME_RESERVED: Duration = Duration::from_secs(65);

/// How often it is asked for meanwhile.
const NAME_ASKED_EVERY: Duration = Duration::from_secs(2);

/// Times a message is received before it goes to its dead-letter queue. AWS's own default when a
/// redrive policy is set by console is 10 (behaviour sheet 5.1); SecureCart gives up at half.
const MAX_RECEIVE_COUNT: u32 = 5;

/// Seconds a received message stays invisible (behaviour sheet 5.1: AWS's default).
const VISIBILITY_TIMEOUT_S: u32 = 30;

/// Items of one `BatchWriteItem` (DynamoDB's limit).
const BATCH_ITEMS: usize = 25;

/// How often what DynamoDB leaves of a batch is tried again.
const BATCH_ATTEMPTS: u32 = 8;

/// Wait before the second attempt; doubled each time.
const BATCH_WAIT: Duration = Duration::from_millis(50);

/// Batches of stock that are written at once.
const BATCHES_IN_FLIGHT: usize = 16;

/// Pieces of a product to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    /// Which product.
    pub product: ProductId,
    /// How many pieces.
    pub pieces: u32,
}

/// What services need to know of the resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// URL of each queue, dead-letter queues included, by its name.
    pub queue_urls: BTreeMap<String, String>,
}

impl Resources {
    /// The URL of `queue`.
    ///
    /// # Panics
    /// When there is no such queue: names come from `securecart_domain::resources`.
    #[must_use]
    pub fn queue_url(&self, queue: &str) -> String {
        self.queue_urls.get(queue).expect("every queue of the domain is provisioned").clone()
    }
}

/// Creates every queue, table, topic, bus, rule, subscription and bucket, and fills stock and bucket.
///
/// # Errors
/// When the AWS API refuses a call or can't be reached; what was created stays.
pub async fn provision(clients: &Clients, stock: Vec<Stock>) -> Result<Resources, Error> {
    let resources = queues(clients).await?;
    tables(clients).await?;
    let products: Vec<ProductId> = stock.iter().map(|stock| stock.product).collect();
    fill_stock(clients, stock).await?;
    storefront::fill(clients, products.into_iter()).await?;
    let topic = topic(clients, &resources).await?;
    bus(clients, &resources, &topic).await?;
    Ok(resources)
}

/// Has the deeper fraud check work off the queue of order events, in at most `maximum_concurrency`
/// batches at once (2 to 1,000) where it is given. The function must be there.
///
/// # Errors
/// When the AWS API refuses a call or can't be reached.
pub async fn map_order_events(
    clients: &Clients,
    resources: &Resources,
    maximum_concurrency: Option<u32>,
) -> Result<(), Error> {
    let url = resources.queue_url(ORDER_EVENTS_QUEUE);
    let arn = queue_arn(clients, ORDER_EVENTS_QUEUE, &url).await?;
    let maximum = maximum_concurrency.and_then(|most| i32::try_from(most).ok());
    let scaling = maximum.map(|most| ScalingConfig::builder().maximum_concurrency(most).build());
    clients
        .lambda
        .create_event_source_mapping()
        .event_source_arn(arn)
        .function_name(DEEP_FRAUD_FUNCTION)
        .function_response_types(FunctionResponseType::ReportBatchItemFailures)
        .set_scaling_config(scaling)
        .send()
        .await
        .map_err(|error| Error::call(format!("map queue `{ORDER_EVENTS_QUEUE}`"), error))?;
    Ok(())
}

async fn queues(clients: &Clients) -> Result<Resources, Error> {
    let mut queue_urls = BTreeMap::new();
    for queue in QUEUES {
        let dead_letters = dead_letter_queue(queue);
        let url = create_queue(clients, &dead_letters, None).await?;
        let arn = queue_arn(clients, &dead_letters, &url).await?;
        queue_urls.insert(dead_letters, url);
        let policy = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": MAX_RECEIVE_COUNT });
        let url = create_queue(clients, queue, Some(policy.to_string())).await?;
        queue_urls.insert(queue.to_owned(), url);
    }
    Ok(Resources { queue_urls })
}

async fn create_queue(
    clients: &Clients,
    name: &str,
    redrive_policy: Option<String>,
) -> Result<String, Error> {
    let context = format!("create queue `{name}`");
    let created = clients
        .sqs
        .create_queue()
        .queue_name(name)
        .attributes(QueueAttributeName::VisibilityTimeout, VISIBILITY_TIMEOUT_S.to_string());
    let created = match redrive_policy {
        Some(policy) => created.attributes(QueueAttributeName::RedrivePolicy, policy),
        None => created,
    };
    let mut waited = Duration::ZERO;
    let created = loop {
        match created.clone().send().await {
            Err(error) if is_reserved(&error) && waited < NAME_RESERVED => {
                if waited.is_zero() {
                    log::warn!(
                        "queue `{name}` was deleted a moment ago: its name is free in a minute"
                    );
                }
                tokio::time::sleep(NAME_ASKED_EVERY).await;
                waited += NAME_ASKED_EVERY;
            }
            outcome => break outcome.map_err(|error| Error::call(&context, error))?,
        }
    };
    created.queue_url.ok_or(Error { kind: ErrorKind::Missing("QueueUrl"), context })
}

/// Whether the name was a queue's until a moment ago.
fn is_reserved(error: &SdkError<CreateQueueError>) -> bool {
    error.as_service_error().is_some_and(CreateQueueError::is_queue_deleted_recently)
}

async fn queue_arn(clients: &Clients, name: &str, url: &str) -> Result<String, Error> {
    let context = format!("read the ARN of queue `{name}`");
    let answer = clients
        .sqs
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await
        .map_err(|error| Error::call(&context, error))?;
    answer
        .attributes
        .and_then(|mut attributes| attributes.remove(&QueueAttributeName::QueueArn))
        .ok_or(Error { kind: ErrorKind::Missing("QueueArn"), context })
}

async fn tables(clients: &Clients) -> Result<(), Error> {
    for table in TABLES {
        create_table(clients, table).await?;
        if let Some(attribute) = table.time_to_live {
            expire_items(clients, table.name, attribute).await?;
        }
    }
    Ok(())
}

async fn create_table(clients: &Clients, table: Table) -> Result<(), Error> {
    let context = format!("create table `{}`", table.name);
    let keys = [(Some(table.partition_key), KeyType::Hash), (table.sort_key, KeyType::Range)];
    let mut create = clients
        .dynamodb
        .create_table()
        .table_name(table.name)
        .billing_mode(BillingMode::PayPerRequest);
    for (name, key_type) in keys {
        let Some(name) = name else { continue };
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build();
        let element = KeySchemaElement::builder().attribute_name(name).key_type(key_type).build();
        let (Ok(attribute), Ok(element)) = (attribute, element) else {
            return Err(Error { kind: ErrorKind::Missing("key schema"), context });
        };
        create = create.attribute_definitions(attribute).key_schema(element);
    }
    create.send().await.map_err(|error| Error::call(context, error))?;
    Ok(())
}

async fn expire_items(clients: &Clients, table: &str, attribute: &str) -> Result<(), Error> {
    let context = format!("set the time to live of table `{table}`");
    let specification =
        TimeToLiveSpecification::builder().enabled(true).attribute_name(attribute).build();
    let Ok(specification) = specification else {
        return Err(Error { kind: ErrorKind::Missing("time-to-live attribute"), context });
    };
    clients
        .dynamodb
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(specification)
        .send()
        .await
        .map_err(|error| Error::call(context, error))?;
    Ok(())
}

async fn fill_stock(clients: &Clients, stock: Vec<Stock>) -> Result<(), Error> {
    let batches: Vec<Vec<Stock>> = stock.chunks(BATCH_ITEMS).map(<[Stock]>::to_vec).collect();
    stream::iter(batches)
        .map(|batch| write_stock(clients, batch))
        .buffer_unordered(BATCHES_IN_FLIGHT)
        .try_collect::<()>()
        .await
}

async fn write_stock(clients: &Clients, batch: Vec<Stock>) -> Result<(), Error> {
    let context = "fill the stock";
    let requests: Result<Vec<WriteRequest>, BuildError> =
        batch.into_iter().map(stock_request).collect();
    let mut requests = requests.map_err(|_| Error {
        kind: ErrorKind::Missing("item of stock"),
        context: context.into(),
    })?;
    let mut wait = BATCH_WAIT;
    for _ in 0..BATCH_ATTEMPTS {
        let answer = clients
            .dynamodb
            .batch_write_item()
            .request_items(STOCK_TABLE, requests)
            .send()
            .await
            .map_err(|error| Error::call(context, error))?;
        requests = answer
            .unprocessed_items
            .and_then(|mut tables| tables.remove(STOCK_TABLE))
            .unwrap_or_default();
        if requests.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    let left = format!("{} items are still unprocessed", requests.len());
    Err(Error { kind: ErrorKind::Call(left), context: context.to_owned() })
}

fn stock_request(stock: Stock) -> Result<WriteRequest, BuildError> {
    let pieces = AttributeValue::N(stock.pieces.to_string());
    let put = PutRequest::builder()
        .item("product_id", AttributeValue::S(stock.product.to_string()))
        .item("available", pieces.clone())
        .item("start", pieces)
        .build()?;
    Ok(WriteRequest::builder().put_request(put).build())
}

async fn topic(clients: &Clients, resources: &Resources) -> Result<String, Error> {
    let context = format!("create topic `{NOTIFICATIONS_TOPIC}`");
    let created = clients
        .sns
        .create_topic()
        .name(NOTIFICATIONS_TOPIC)
        .send()
        .await
        .map_err(|error| Error::call(&context, error))?;
    let topic = created.topic_arn.ok_or(Error { kind: ErrorKind::Missing("TopicArn"), context })?;
    for (queue, channel) in [(EMAIL_QUEUE, "email"), (SMS_QUEUE, "sms")] {
        subscribe(clients, resources, &topic, queue, channel).await?;
    }
    Ok(topic)
}

/// A queue hears only of shoppers who want to hear by its channel.
async fn subscribe(
    clients: &Clients,
    resources: &Resources,
    topic: &str,
    queue: &str,
    channel: &str,
) -> Result<(), Error> {
    let arn = queue_arn(clients, queue, &resources.queue_url(queue)).await?;
    let policy = json!({ "detail": { "channels": [channel] } });
    clients
        .sns
        .subscribe()
        .topic_arn(topic)
        .protocol("sqs")
        .endpoint(arn)
        .attributes("RawMessageDelivery", "true")
        .attributes("FilterPolicyScope", "MessageBody")
        .attributes("FilterPolicy", policy.to_string())
        .send()
        .await
        .map_err(|error| Error::call(format!("subscribe queue `{queue}`"), error))?;
    Ok(())
}

async fn bus(clients: &Clients, resources: &Resources, topic: &str) -> Result<(), Error> {
    clients
        .eventbridge
        .create_event_bus()
        .name(BUS)
        .send()
        .await
        .map_err(|error| Error::call(format!("create event bus `{BUS}`"), error))?;
    let orders = queue_arn(clients, ORDERS_QUEUE, &resources.queue_url(ORDERS_QUEUE)).await?;
    let outcomes = [EventKind::StockReserved, EventKind::StockRejected];
    rule(clients, STOCK_RULE, &outcomes, stock_target(orders)).await?;
    let url = resources.queue_url(ORDER_EVENTS_QUEUE);
    let events = queue_arn(clients, ORDER_EVENTS_QUEUE, &url).await?;
    let events = Target::builder().id("order-events").arn(events).build();
    rule(clients, ORDER_EVENTS_RULE, &[EventKind::OrderPlaced], events).await?;
    let notices: Vec<EventKind> =
        EventKind::ALL.into_iter().filter(|kind| kind.notifies()).collect();
    let topic = Target::builder().id("topic").arn(topic).build();
    rule(clients, NOTIFY_RULE, &notices, topic).await
}

type BuiltTarget = Result<Target, BuildError>;

/// The event becomes what the order queue carries: an `OrderMessage::Stock`.
fn stock_target(orders: String) -> BuiltTarget {
    let transformer = InputTransformer::builder()
        .input_paths_map("outcome", "$.detail-type")
        .input_paths_map("detail", "$.detail")
        .input_template(r#"{"kind":"stock","outcome":"<outcome>","detail":<detail>}"#)
        .build()?;
    Target::builder().id("orders").arn(orders).input_transformer(transformer).build()
}

async fn rule(
    clients: &Clients,
    name: &str,
    kinds: &[EventKind],
    target: BuiltTarget,
) -> Result<(), Error> {
    let context = format!("put rule `{name}`");
    let types: Vec<&str> = kinds.iter().map(|kind| kind.detail_type()).collect();
    let pattern = json!({ "source": [event::SOURCE], "detail-type": types });
    clients
        .eventbridge
        .put_rule()
        .name(name)
        .event_bus_name(BUS)
        .event_pattern(pattern.to_string())
        .send()
        .await
        .map_err(|error| Error::call(&context, error))?;
    let Ok(target) = target else {
        return Err(Error { kind: ErrorKind::Missing("target"), context });
    };
    let put = clients
        .eventbridge
        .put_targets()
        .rule(name)
        .event_bus_name(BUS)
        .targets(target)
        .send()
        .await
        .map_err(|error| Error::call(&context, error))?;
    match put.failed_entries.unwrap_or_default().first() {
        None => Ok(()),
        Some(failed) => Err(Error {
            kind: ErrorKind::Call(failed.error_message.clone().unwrap_or_default()),
            context,
        }),
    }
}
