//! What lies between the SDK and a backend: modelled latency, and a count of calls.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use parking_lot::Mutex;
use rand::RngExt as _;
use securecart_behaviour::{Lognormal, latency};
use securecart_domain::random::{self, Stream};

use crate::clients::Shaping;

/// A backend with modelled latency in front of it.
#[derive(Debug, Clone)]
pub(crate) struct Shaped(SharedHttpConnector);

impl Shaped {
    pub(crate) fn new(
        backend: SharedHttpConnector,
        shaping: Shaping,
        role: &str,
        calls: Arc<AtomicU64>,
    ) -> Self {
        let random = match shaping {
            Shaping::None => None,
            Shaping::Modelled { seed } => {
                Some(Mutex::new(random::stream(seed, &format!("aws-latency/{role}"))))
            }
        };
        Self(SharedHttpConnector::new(Connector { backend, random, calls }))
    }
}

impl HttpClient for Shaped {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.clone()
    }
}

#[derive(Debug)]
struct Connector {
    backend: SharedHttpConnector,
    random: Option<Mutex<Stream>>,
    calls: Arc<AtomicU64>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let Some(random) = &self.random else { return self.backend.call(request) };
        // The whole of the modelled time passes before the call arrives: what a service reads is
        // as fresh as the answer, never older.
        let time = model(&request).at(random.lock().random());
        let backend = self.backend.clone();
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(time).await;
            backend.call(request).await
        })
    }
}

/// The model of the call's latency: JSON protocols name service and operation in `x-amz-target`;
/// of those in use here only Lambda, which has paths, and SNS do not.
fn model(request: &HttpRequest) -> Lognormal {
    let without = if request.uri().contains("/2015-03-31/") { "Lambda." } else { "SNS." };
    let target = request.headers().get("x-amz-target").unwrap_or(without);
    let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
    let service = match prefix {
        "AmazonSQS" => "sqs",
        "DynamoDB_20120810" => "dynamodb",
        "AWSEvents" => "events",
        "Lambda" => "lambda",
        _ => "sns",
    };
    latency::aws_call(service, operation)
}
