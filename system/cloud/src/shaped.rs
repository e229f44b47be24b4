//! What lies between the SDK and a backend: modelled latency, AWS's throttles, faults, and counts.
//!
//! ```text
//! SDK ─▶ count ─▶ modelled time ─▶ fault? ─▶ throttled? ─▶ backend ─▶ charge capacity ─▶ SDK
//! ```
//!
//! A call that is refused takes its modelled time as well, gets the answer that AWS would give, and
//! never reaches the backend; the SDK retries it as it would on AWS.
//!
//! Invariants: a call that nothing slows or refuses is passed on as it came; the layer reads no more
//! of a body than it needs. Rates of calls and units a second are wall time; burst capacity, split
//! and update delays and the window of on-demand growth are scenario time, compressed by the speed.

mod batch;
mod call;
mod consumed;
mod dynamodb;
mod faults;
pub(crate) mod json;
mod keys;
mod quotas;
mod refusal;
mod tables;
mod throttles;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use parking_lot::Mutex;
use rand::RngExt as _;
use securecart_domain::random::{self, Stream};

use refusal::Refusal;

pub(crate) use call::of as service_of;
pub use call::{NoTarget, Service, Target};
pub use faults::FaultGuard;
pub use tables::{TableCapacity, TableMetrics};
pub(crate) use throttles::Throttles;

/// What a role's clients have done.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    calls: AtomicU64,
    retries: AtomicU64,
    throttled: AtomicU64,
}

impl Counters {
    /// Calls, retries included.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Calls that were the SDK's second or later attempt.
    pub(crate) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Calls that were throttled, in whole or in part.
    pub(crate) fn throttled(&self) -> u64 {
        self.throttled.load(Ordering::Relaxed)
    }

    fn count_call(&self, request: &HttpRequest) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if call::is_retry(request) {
            self.retries.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn count_throttle(&self) {
        self.throttled.fetch_add(1, Ordering::Relaxed);
    }
}

/// A backend as a role's clients see it.
#[derive(Debug, Clone)]
pub(crate) struct Shaped(SharedHttpConnector);

impl Shaped {
    /// `backend` with nothing but a count of calls in front of it.
    pub(crate) fn plain(backend: SharedHttpConnector, counters: Arc<Counters>) -> Self {
        Self(SharedHttpConnector::new(Connector { backend, counters, model: None }))
    }

    /// `backend` behind AWS's modelled times and limits.
    pub(crate) fn modelled(
        backend: SharedHttpConnector,
        counters: Arc<Counters>,
        shared: Arc<Throttles>,
        seed: u64,
        role: &str,
    ) -> Self {
        let random = Mutex::new(random::stream(seed, &format!("aws-latency/{role}")));
        let model = Some(Arc::new(Model { shared, counters: Arc::clone(&counters), random }));
        Self(SharedHttpConnector::new(Connector { backend, counters, model }))
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
    counters: Arc<Counters>,
    model: Option<Arc<Model>>,
}

/// AWS as one role meets it.
#[derive(Debug)]
struct Model {
    shared: Arc<Throttles>,
    counters: Arc<Counters>,
    random: Mutex<Stream>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.counters.count_call(&request);
        let Some(model) = &self.model else { return self.backend.call(request) };
        // The whole of the modelled time passes before the call arrives: what a service reads is
        // as fresh as the answer, never older.
        let time = model.time(&request);
        let (model, backend) = (Arc::clone(model), self.backend.clone());
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(time).await;
            model.call(request, backend).await
        })
    }
}

/// How Lambda answers a call that it throttles.
const TOO_MANY_REQUESTS: u16 = 429;

impl Model {
    fn uniform(&self) -> f64 {
        self.random.lock().random()
    }

    fn time(&self, request: &HttpRequest) -> std::time::Duration {
        let (service, operation) = call::of(request);
        let time = self.shared.time(service, operation, self.uniform());
        self.shared.faults.time(service, operation, time)
    }

    async fn call(
        &self,
        request: HttpRequest,
        backend: SharedHttpConnector,
    ) -> Result<HttpResponse, ConnectorError> {
        let (service, operation) = call::of(&request);
        if self.shared.faults.fails(service, operation, || self.uniform()) {
            let unavailable = self.uniform() < 0.5;
            return self.answer(Refusal::failed(service, unavailable));
        }
        if service == Service::DynamoDb {
            return match keys::shape(operation) {
                Some(operation) => dynamodb::call(self, operation, request, backend).await,
                None => backend.call(request).await,
            };
        }
        let now = self.shared.tables.now();
        let quotas = &self.shared.quotas;
        let admitted = if service == Service::S3 {
            quotas.admit_object(now, request.method(), call::path(&request))
        } else {
            let body = request.body().bytes().unwrap_or_default();
            quotas.admit(now, service, operation, body)
        };
        if !admitted {
            return self.refuse(Refusal::throttled(service));
        }
        let answer = backend.call(request).await;
        // Lambda throttles by itself: it knows its environments.
        if answer.as_ref().is_ok_and(|answer| answer.status().as_u16() == TOO_MANY_REQUESTS) {
            self.counters.count_throttle();
        }
        answer
    }

    /// Answers a throttled call.
    fn refuse(&self, refusal: Refusal) -> Result<HttpResponse, ConnectorError> {
        self.counters.count_throttle();
        self.answer(refusal)
    }

    fn answer(&self, refusal: Refusal) -> Result<HttpResponse, ConnectorError> {
        refusal.into_response(&self.shared.ids.uuid())
    }
}
