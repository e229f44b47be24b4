//! An engine with SDK clients over it, and a count of the requests they make.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType,
};
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use securecart_behaviour::{
    Lognormal,
    lambda::{self, ColdStart, Package, Runtime},
};
use securecart_clock::Clock;
use securecart_embedded::{
    Connector, Engine, FunctionConfig, FunctionError, FunctionMetrics, Handler, IN_PROCESS_ORIGIN,
};

/// 2026-11-27 00:00 UTC.
const EPOCH_MS: u64 = 1_795_737_600_000;

/// An engine and the clients over it.
pub(crate) struct Stage {
    pub(crate) engine: Arc<Engine>,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) eventbridge: aws_sdk_eventbridge::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    requests: Arc<AtomicU64>,
}

/// The configuration of any service's client, as `securecart-cloud` builds it.
macro_rules! client {
    ($sdk:ident, $connector:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .region($sdk::config::Region::new("us-east-1"))
                .endpoint_url(IN_PROCESS_ORIGIN)
                .credentials_provider(Credentials::from_keys("key", "secret", None))
                .sleep_impl(TokioSleep::new())
                .retry_config($sdk::config::retry::RetryConfig::standard())
                .stalled_stream_protection($sdk::config::StalledStreamProtectionConfig::disabled())
                .http_client($connector.clone())
                .build(),
        )
    };
}

/// S3's client: it needs to be told to leave buckets in the path.
fn objects(connector: &Counted) -> aws_sdk_s3::Client {
    let client = client!(aws_sdk_s3, connector);
    let config = client.config().to_builder().force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(config)
}

impl Stage {
    pub(crate) fn new() -> Self {
        let engine = Engine::new(Clock::starting_at(EPOCH_MS), 7);
        let requests = Arc::<AtomicU64>::default();
        let counted = Counted {
            connector: Connector::new(Arc::clone(&engine)),
            requests: Arc::clone(&requests),
        };
        Self {
            engine,
            sqs: client!(aws_sdk_sqs, counted),
            dynamodb: client!(aws_sdk_dynamodb, counted),
            sns: client!(aws_sdk_sns, counted),
            eventbridge: client!(aws_sdk_eventbridge, counted),
            lambda: client!(aws_sdk_lambda, counted),
            s3: objects(&counted),
            requests,
        }
    }

    /// Requests made so far, retries among them.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Creates a queue; its URL and ARN.
    pub(crate) async fn queue(
        &self,
        name: &str,
        attributes: &[(QueueAttributeName, &str)],
    ) -> (String, String) {
        let mut create = self.sqs.create_queue().queue_name(name);
        for (attribute, value) in attributes {
            create = create.attributes(attribute.clone(), *value);
        }
        let url = create.send().await.expect("created").queue_url.expect("a URL");
        let got = self.sqs.get_queue_attributes().queue_url(&url);
        let got = got.attribute_names(QueueAttributeName::QueueArn).send().await.expect("there");
        let arn = got.attributes.expect("attributes")[&QueueAttributeName::QueueArn].clone();
        (url, arn)
    }

    /// Registers a function that gives each event, as text, to `handle`.
    pub(crate) fn function<F>(
        &self,
        name: &str,
        config: FunctionConfig,
        handle: impl Fn(String) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Result<String, FunctionError>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |event| {
            let event = String::from_utf8(event.to_vec()).expect("JSON is text");
            let outcome = handle(event);
            Box::pin(async move { outcome.await.map(Into::into) })
        });
        self.engine.register_function(name, config, handler).expect("it fits");
    }

    /// What a function did.
    pub(crate) fn metrics(&self, name: &str) -> FunctionMetrics {
        let metrics = self.engine.function_metrics();
        metrics.into_iter().find(|function| function.name == name).expect("it is registered")
    }

    /// Creates a table whose partition key is `id`.
    pub(crate) async fn table(&self, name: &str) {
        let attribute = AttributeDefinition::builder()
            .attribute_name("id")
            .attribute_type(ScalarAttributeType::S)
            .build()
            .expect("complete");
        let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash);
        self.dynamodb
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute)
            .key_schema(key.build().expect("complete"))
            .send()
            .await
            .expect("created");
    }

    /// Puts an item with a number `n` into `table`.
    pub(crate) async fn put_number(&self, table: &str, id: &str, n: i64) {
        let put = self.dynamodb.put_item().table_name(table);
        put.item("id", text(id)).item("n", number(n)).send().await.expect("put");
    }

    /// The number `n` of an item.
    pub(crate) async fn number(&self, table: &str, id: &str) -> i64 {
        let get = self.dynamodb.get_item().table_name(table).key("id", text(id));
        let item = get.consistent_read(true).send().await.expect("got").item.expect("it is there");
        item["n"].as_n().expect("a number").parse().expect("whole")
    }

    /// What `url` holds, up to ten messages; waits for the first.
    pub(crate) async fn receive(&self, url: &str) -> Vec<Message> {
        let receive = self.sqs.receive_message().queue_url(url);
        let received = receive.max_number_of_messages(10).wait_time_seconds(1).send().await;
        received.expect("received").messages.unwrap_or_default()
    }

    /// The bodies of what `url` holds, sorted.
    pub(crate) async fn bodies(&self, url: &str) -> Vec<String> {
        let messages = self.receive(url).await;
        let mut bodies: Vec<String> =
            messages.into_iter().map(|message| message.body.expect("a body")).collect();
        bodies.sort();
        bodies
    }
}

/// A function in Rust with 512 MB.
pub(crate) fn config() -> FunctionConfig {
    let cold_start =
        ColdStart { runtime: Runtime::Rust, package: Package::Zip, own: Lognormal::NONE };
    FunctionConfig::new(lambda::FunctionConfig::on_demand(512, cold_start))
}

pub(crate) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(crate) fn number(n: i64) -> AttributeValue {
    AttributeValue::N(n.to_string())
}

/// The engine's connector, with a count.
#[derive(Debug, Clone)]
struct Counted {
    connector: Connector,
    requests: Arc<AtomicU64>,
}

impl HttpConnector for Counted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.connector.call(request)
    }
}

impl HttpClient for Counted {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
