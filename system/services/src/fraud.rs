//! The fraud check: scores an order before it is accepted.
//!
//! The score is a fixed function of the order, so that runs can be repeated: one order in
//! [`SUSPICIOUS_ONE_IN`] is turned away. The time the scoring takes is the fleet's modelled one.

use http::Method;
use securecart_domain::random;

use crate::{
    Failure, Request, Response,
    internal::{Score, Transaction},
    reply,
};

/// One order in this many is suspicious: assumed.
const SUSPICIOUS_ONE_IN: u64 = 500;

/// The fraud service.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fraud;

impl Fraud {
    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response {
        reply::answer(route(&request))
    }
}

fn route(request: &Request) -> Result<Response, Failure> {
    match (request.method(), request.uri().path()) {
        (&Method::POST, "/scores") => {
            let transaction: Transaction = reply::body(request)?;
            Ok(reply::ok(&Score { suspicious: suspicious(&transaction) }))
        }
        _ => Err(reply::no_route(request)),
    }
}

fn suspicious(transaction: &Transaction) -> bool {
    random::mix(transaction.order.0 ^ 0x000f_4a0d).is_multiple_of(SUSPICIOUS_ONE_IN)
}

#[cfg(test)]
mod tests {
    use securecart_domain::{CustomerId, Money, OrderId};

    use super::*;

    #[test]
    fn about_one_order_in_five_hundred_is_suspicious() {
        let hits = (0..100_000_u64)
            .filter(|&order| {
                suspicious(&Transaction {
                    order: OrderId(random::mix(order)),
                    customer: CustomerId(1),
                    amount: Money(1),
                })
            })
            .count();
        assert!((150..=250).contains(&hits), "{hits}");
    }
}
