//! A modelled time before each request: what a hop or a managed service takes on AWS.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use parking_lot::Mutex;
use rand::RngExt as _;
use securecart_behaviour::Lognormal;
use securecart_domain::random::Stream;
use tower::{Layer, Service};

/// Lays a modelled time before a service. Clones share their stream of random numbers.
#[derive(Debug, Clone)]
pub struct DelayLayer {
    time: Lognormal,
    random: Arc<Mutex<Stream>>,
}

impl DelayLayer {
    /// Times drawn from `time` with `random`.
    #[must_use]
    pub fn new(time: Lognormal, random: Stream) -> Self {
        Self { time, random: Arc::new(Mutex::new(random)) }
    }
}

impl<S> Layer<S> for DelayLayer {
    type Service = Delay<S>;

    fn layer(&self, inner: S) -> Delay<S> {
        Delay { inner, layer: self.clone() }
    }
}

/// A service with a modelled time before it.
#[derive(Debug, Clone)]
pub struct Delay<S> {
    inner: S,
    layer: DelayLayer,
}

impl<S, R> Service<R> for Delay<S>
where
    S: Service<R> + Clone + Send + 'static,
    S::Future: Send,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let time = self.layer.time.at(self.layer.random.lock().random());
        // The one that is ready goes into the future; its clone waits for the next request.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            tokio::time::sleep(time).await;
            inner.call(request).await
        })
    }
}
