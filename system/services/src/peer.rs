//! Another service, as a service sees it: something that answers HTTP requests.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Method, StatusCode};
use securecart_domain::api::Problem;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Failure, Request, Response};

/// A peer's answer in the making.
pub type PeerFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A service that can be called. What lies between (balancing, the network's time) is not the
/// caller's business.
#[derive(Clone)]
pub struct Peer {
    name: &'static str,
    call: Arc<dyn Fn(Request) -> PeerFuture + Send + Sync>,
}

impl Peer {
    /// The service `name`, reached by `call`.
    pub fn new(
        name: &'static str,
        call: impl Fn(Request) -> PeerFuture + Send + Sync + 'static,
    ) -> Self {
        Self { name, call: Arc::new(call) }
    }

    /// Asks for `path` and reads the answer.
    ///
    /// What the peer refuses is refused here with the same status; what it could not do is a
    /// failed dependency.
    pub(crate) async fn ask<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<A, Failure> {
        let response = self.send(method, path, body).await?;
        serde_json::from_slice(response.body())
            .map_err(|error| Failure::broken(self.name, error.to_string()))
    }

    /// Tells the peer something; the answer's body does not matter.
    pub(crate) async fn tell(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<(), Failure> {
        self.send(method, path, body).await.map(drop)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Response, Failure> {
        let body = serde_json::to_vec(body).expect("the services' types are plain data");
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .body(Bytes::from(body))
            .map_err(|error| Failure::broken(self.name, error.to_string()))?;
        let response = (self.call)(request).await;
        let status = response.status();
        if status.is_success() { Ok(response) } else { Err(self.refusal(status, &response)) }
    }

    fn refusal(&self, status: StatusCode, response: &Response) -> Failure {
        let problem: Option<Problem> = serde_json::from_slice(response.body()).ok();
        let message = problem.as_ref().map_or_else(String::new, |problem| problem.message.clone());
        let code = problem.and_then(|problem| known_code(&problem.code));
        match code {
            Some(code) if status.is_client_error() => {
                Failure::refused(status.as_u16(), code, message)
            }
            _ => Failure::Dependency {
                dependency: self.name,
                code: status.as_u16().to_string(),
                message,
            },
        }
    }
}

/// The refusals that a service passes on.
fn known_code(code: &str) -> Option<&'static str> {
    ["not-found", "payment-refused", "empty-cart"].into_iter().find(|known| *known == code)
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Peer({})", self.name)
    }
}
