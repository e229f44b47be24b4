//! The embedded AWS engine: SQS, DynamoDB, SNS, EventBridge, Lambda and S3 in one process.
//!
//! ```text
//! SDK client ─▶ Connector ──────────┐
//! AWS CLI ────▶ loopback server ────┴▶ Engine::handle ─▶ route ─▶ sqs | dynamodb | sns | events | lambda
//!                                   └▶ Engine::stream ─▶ s3
//! ```
//!
//! The engine plugs in below the SDK, so signing, serialisation and retries are the real ones. The
//! same engine can be served on a loopback port, so that the AWS CLI sees what the services see.
//!
//! Invariants: both ways in share [`Engine::handle`], whose bodies are whole, and `Engine::stream`, whose
//! bodies flow; time comes from the [`Clock`]; identifiers
//! come from the seed. Deliberately absent: latency and throttling (the `cloud` crate lays those
//! over any backend; only Lambda has its own, because concurrency is known here alone), and
//! authentication (any credentials will do; part of IAM, later).
#![forbid(unsafe_code)]

mod connector;
mod hooks;
mod hub;
mod route;
mod server;
mod streaming;

use std::{fmt, sync::Arc};

use securecart_behaviour::lambda::OverReserved;
use securecart_clock::Clock;
use securecart_embedded_dynamodb::DynamoDb;
use securecart_embedded_events::{EVENTBRIDGE_PROTOCOL, EventBridge, SNS_PROTOCOL, Sns};
use securecart_embedded_lambda::{Lambda, RestCall};
use securecart_embedded_s3::S3;
use securecart_embedded_sqs::Sqs;
use securecart_embedded_wire::{Answer, Call, Ids, Protocol};

pub use connector::Connector;
pub use securecart_embedded_dynamodb::TableMetrics;
pub use securecart_embedded_events::EventDelay;
pub use securecart_embedded_lambda::{
    FunctionConfig, FunctionError, FunctionMetrics, Handler, HandlerFuture, MappingMetrics,
    RemoteAnswer, RemoteSqs,
};
pub use securecart_embedded_s3::operation as s3_operation;
pub use securecart_embedded_sqs::QueueMetrics;

pub use route::is_s3;
pub use securecart_embedded_wire::AwsError;

use hub::Hub;
use route::{Route, Service};

/// Version of the engine, for records.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the SDK believes the engine to be when it is reached without a socket. Queue URLs begin
/// with it. The name cannot resolve (RFC 2606), so a connector that is missing shows at once.
pub const IN_PROCESS_ORIGIN: &str = "http://embedded.invalid";

/// An HTTP request as far as the engine looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method: `POST` except for REST protocols.
    pub method: &'a str,
    /// The path and query; of meaning to REST protocols.
    pub path: &'a str,
    /// `x-amz-invocation-type`, of Lambda's `Invoke`.
    pub invocation_type: Option<&'a str>,
    /// `x-amz-target`, of the JSON protocols.
    pub target: Option<&'a str>,
    /// `authorization`, whose credential scope names the service for query protocols.
    pub authorization: Option<&'a str>,
    /// Scheme, host and port the caller used.
    pub origin: &'a str,
    /// The body, whole.
    pub body: &'a [u8],
}

/// All of the embedded AWS.
pub struct Engine {
    ids: Ids,
    sqs: Arc<Sqs>,
    dynamodb: DynamoDb,
    sns: Arc<Sns>,
    eventbridge: EventBridge,
    lambda: Arc<Lambda>,
    s3: S3,
}

impl Engine {
    /// An empty AWS whose time is `clock`'s and whose identifiers come from `seed`.
    #[must_use]
    pub fn new(clock: Clock, seed: u64) -> Arc<Self> {
        let sqs = Arc::new(Sqs::new(clock, seed));
        let lambda = Arc::new(Lambda::new(clock, seed, Arc::clone(&sqs)));
        let hub = Arc::new(Hub::new(Arc::clone(&sqs), Arc::clone(&lambda)));
        let sns = Arc::new(Sns::new(clock, seed, Arc::clone(&hub) as _));
        let eventbridge = EventBridge::new(clock, seed, hub as _, Arc::clone(&sns));
        Arc::new(Self {
            ids: Ids::new(seed),
            sqs,
            dynamodb: DynamoDb::new(clock, seed),
            sns,
            eventbridge,
            lambda,
            s3: S3::new(clock, seed),
        })
    }

    /// Makes `handler` the function `name`, which callers, topics, rules and event source mappings
    /// know as `arn:aws:lambda:...:function:NAME`.
    ///
    /// # Errors
    /// When the account can't set the concurrency aside that `config` reserves.
    pub fn register_function(
        &self,
        name: &str,
        config: FunctionConfig,
        handler: Handler,
    ) -> Result<(), OverReserved> {
        self.lambda.register(name, config, handler)
    }

    /// Reserves concurrency for a function, 0 to turn it off; `None` gives it back what it was
    /// registered with.
    ///
    /// # Errors
    /// When there is no such function, or too little concurrency would be left unreserved.
    pub fn throttle_function(&self, name: &str, reserved: Option<u32>) -> Result<(), AwsError> {
        self.lambda.throttle(name, reserved)
    }

    /// The shop's clock runs `speed` times as fast as the wall clock from now on. It is the clock of
    /// what comes and goes with the load (Lambda's environments); requests never go by it.
    pub fn set_speed(&self, speed: f64) {
        self.lambda.set_speed(speed);
    }

    /// Event source mappings stop to take messages; those that they have are done with first.
    pub async fn stop_mappings(&self) {
        self.lambda.stop_mappings().await;
    }

    /// Answers one request. Never fails: what goes wrong is an AWS error in the answer.
    pub async fn handle(&self, request: Request<'_>) -> Answer {
        let route = match route::route(&request) {
            Ok(route) => route,
            Err(error) => return self.error(route::error_protocol(&request), &error),
        };
        let (protocol, outcome) = self.dispatch(&route, &request).await;
        match outcome {
            Ok(answer) => answer,
            Err(error) => self.error(protocol, &error),
        }
    }

    async fn dispatch(
        &self,
        route: &Route<'_>,
        request: &Request<'_>,
    ) -> (Protocol, Result<Answer, AwsError>) {
        let call = Call { operation: &route.operation, body: request.body, origin: request.origin };
        // The large futures are boxed: a call's future is moved as a whole, room for all included.
        match route.service {
            Service::Sqs => (securecart_embedded_sqs::PROTOCOL, self.sqs.call(call).await),
            Service::DynamoDb => {
                (securecart_embedded_dynamodb::PROTOCOL, self.dynamodb.call(call).await)
            }
            Service::DynamoDbStreams => {
                (securecart_embedded_dynamodb::PROTOCOL, self.dynamodb.call_streams(call).await)
            }
            Service::Sns => (SNS_PROTOCOL, Box::pin(self.sns.call(call)).await),
            Service::EventBridge => {
                (EVENTBRIDGE_PROTOCOL, Box::pin(self.eventbridge.call(call)).await)
            }
            Service::Lambda => {
                let call = RestCall {
                    method: request.method,
                    path: request.path,
                    invocation_type: request.invocation_type,
                    body: request.body,
                };
                (securecart_embedded_lambda::PROTOCOL, Box::pin(self.lambda.call(call)).await)
            }
        }
    }

    fn error(&self, protocol: Protocol, error: &AwsError) -> Answer {
        Answer::error(protocol, error, &self.ids.uuid())
    }

    /// Depths, ages and counters of every queue; costs nothing that grows with their messages.
    #[must_use]
    pub fn queue_metrics(&self) -> Vec<QueueMetrics> {
        self.sqs.metrics()
    }

    /// What every function did.
    #[must_use]
    pub fn function_metrics(&self) -> Vec<FunctionMetrics> {
        self.lambda.function_metrics()
    }

    /// What every event source mapping did.
    #[must_use]
    pub fn mapping_metrics(&self) -> Vec<MappingMetrics> {
        self.lambda.mapping_metrics()
    }

    /// Bytes that the objects of S3, and uploads and downloads under way, take now.
    #[must_use]
    pub fn object_bytes(&self) -> u64 {
        self.s3.bytes_held()
    }

    /// Items and consumed capacity of every table.
    #[must_use]
    pub fn table_metrics(&self) -> Vec<TableMetrics> {
        self.dynamodb.metrics()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (queues, tables) = (self.queue_metrics().len(), self.table_metrics().len());
        write!(f, "Engine({queues} queues, {tables} tables)")
    }
}
