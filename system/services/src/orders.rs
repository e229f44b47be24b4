//! The orders service, and the orders that checkout writes and fulfilment moves on.

mod ledger;

use http::Method;
use securecart_domain::OrderId;

use crate::{Failure, Request, Response, reply};

pub(crate) use ledger::{Advanced, Ledger};

/// The orders service.
#[derive(Debug, Clone)]
pub struct Orders {
    ledger: Ledger,
}

impl Orders {
    /// A service that reads `orders`.
    #[must_use]
    pub fn new(orders: securecart_database::Orders) -> Self {
        Self { ledger: Ledger::new(orders) }
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response {
        reply::answer(self.route(&request).await)
    }

    async fn route(&self, request: &Request) -> Result<Response, Failure> {
        match (request.method(), reply::segments(request).as_slice()) {
            (&Method::GET, ["orders", id]) => {
                let id: OrderId =
                    id.parse().map_err(|error| Failure::bad_request(format!("{error}")))?;
                let found = self.ledger.view(id).await?;
                found
                    .map(|view| reply::ok(&view))
                    .ok_or_else(|| Failure::not_found(format!("there is no order {id}")))
            }
            _ => Err(reply::no_route(request)),
        }
    }
}
