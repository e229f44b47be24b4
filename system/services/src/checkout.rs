//! The checkout service: turns a cart into an order, once for each idempotency key.
//!
//! The order's id follows from the key, so an attempt that takes over from one that died or failed
//! goes on with the same order: with the one that is written down where there is one, whatever is in
//! the cart by then. Each step (authorise, write, enqueue) can be repeated without effect.
//!
//! Once the order is accepted, what was bought is taken out of the cart, if the cart is still as it was
//! priced. That is a courtesy: where it fails, or takes longer than half a second, the checkout is
//! accepted all the same and the cart stays as it is; so it does where an attempt goes on with an order
//! that another has written down, because it never saw what was priced.

mod idempotency;

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use securecart_clock::Clock;
use securecart_domain::{
    Money, Order, OrderId, OrderState, Timestamp,
    api::{Accepted, CheckoutRequest, IDEMPOTENCY_KEY, Problem},
    cart::PricedLine,
    message::OrderMessage,
};

use crate::{
    Failure, Function, Mailbox, Peer, Request, Response,
    internal::{BoughtCart, PricedCart, Score, Transaction},
    orders::Ledger,
    reply,
};
use idempotency::{Attempt, Keys, Lease, Taken};

/// How long an accepted checkout waits for its cart to be emptied.
const EMPTY_WITHIN: Duration = Duration::from_millis(500);

/// The checkout service.
#[derive(Debug, Clone)]
pub struct Checkout {
    keys: Keys,
    orders: Ledger,
    queue: Mailbox,
    cart: Peer,
    fraud: Function,
    payment: Peer,
    clock: Clock,
}

impl Checkout {
    /// A service that keeps keys with `dynamodb` and orders in `orders`, and hands accepted orders to `queue`.
    #[must_use]
    pub fn new(
        dynamodb: aws_sdk_dynamodb::Client,
        orders: securecart_database::Orders,
        queue: Mailbox,
        cart: Peer,
        fraud: Function,
        payment: Peer,
        clock: Clock,
    ) -> Self {
        let keys = Keys::new(dynamodb, clock);
        Self { keys, orders: Ledger::new(orders), queue, cart, fraud, payment, clock }
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response {
        reply::answer(self.route(&request).await)
    }

    async fn route(&self, request: &Request) -> Result<Response, Failure> {
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/checkout") => {
                let key = key(request.headers())?;
                self.once(key, reply::body(request)?).await
            }
            _ => Err(reply::no_route(request)),
        }
    }

    /// Does the checkout, or answers what its first attempt answered.
    async fn once(&self, key: &str, asked: CheckoutRequest) -> Result<Response, Failure> {
        let lease = match self.keys.begin(key).await? {
            Attempt::Mine(lease) => lease,
            Attempt::Taken(taken) => return answer_of(taken),
        };
        let id = OrderId::for_idempotency_key(key);
        let outcome = match self.written_before(&lease, id).await {
            Ok(Some(order)) => self.enqueue(order).await.map(|accepted| (accepted, None)),
            Ok(None) => self.checkout(id, asked).await,
            Err(failure) => Err(failure),
        };
        let (outcome, bought) = match outcome {
            Ok((accepted, bought)) => (Ok(accepted), bought),
            Err(failure) => (Err(failure), None),
        };
        let response = self.conclude(&lease, outcome).await;
        if let Some(bought) = bought {
            self.empty(bought).await;
        }
        response
    }

    /// Takes what was bought out of the cart.
    async fn empty(&self, bought: BoughtCart) {
        let told = self.cart.tell(Method::POST, "/emptied-carts", &bought);
        match tokio::time::timeout(EMPTY_WITHIN, told).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => log::warn!("cart {} is not emptied: {failure}", bought.cart),
            Err(_) => log::warn!("cart {} is not emptied: no answer", bought.cart),
        }
    }

    /// What an earlier attempt has written down: the order is that, whatever is in the cart by now.
    async fn written_before(&self, lease: &Lease, id: OrderId) -> Result<Option<Order>, Failure> {
        if lease.taken_over { self.orders.find(id).await } else { Ok(None) }
    }

    /// The order that is accepted, and the cart as it was priced; no cart where another attempt had
    /// written the order down meanwhile, of whatever was in the cart by then.
    async fn checkout(
        &self,
        id: OrderId,
        asked: CheckoutRequest,
    ) -> Result<(Accepted, Option<BoughtCart>), Failure> {
        let path = format!("/priced-carts/{}", asked.cart);
        let cart: PricedCart = self.cart.ask(Method::GET, &path, &()).await?;
        if cart.customer != asked.customer {
            let message = format!("{} has no cart {}", asked.customer, asked.cart);
            return Err(Failure::not_found(message));
        }
        let bought = BoughtCart { cart: asked.cart, version: cart.version };
        let order = self.order(id, asked, cart.lines);
        let transaction = Transaction { order: id, customer: asked.customer, amount: order.total };
        let score: Score = self.fraud.ask(&transaction).await?;
        if score.suspicious {
            let message = format!("order {id} looks like fraud");
            return Err(Failure::refused(402, "fraud-suspected", message));
        }
        self.payment.tell(Method::POST, "/authorisations", &transaction).await?;
        let lines = order.lines.clone();
        let order = self.orders.insert(order, OrderState::Paid).await?;
        let bought = (order.lines == lines).then_some(bought);
        Ok((self.enqueue(order).await?, bought))
    }

    /// Hands the order on to fulfilment, which takes one that comes twice once.
    async fn enqueue(&self, order: Order) -> Result<Accepted, Failure> {
        let accepted = Accepted { order: order.id };
        self.queue.send(&OrderMessage::Placed { order }).await?;
        Ok(accepted)
    }

    fn order(&self, id: OrderId, asked: CheckoutRequest, lines: Vec<PricedLine>) -> Order {
        let total: Money = lines.iter().map(PricedLine::total).sum();
        let placed_at = Timestamp(self.clock.now_ms());
        Order { id, customer: asked.customer, lines, total, placed_at }
    }

    /// Keeps the answer for the next time the key comes; gives the key back where there is none.
    async fn conclude(
        &self,
        lease: &Lease,
        outcome: Result<Accepted, Failure>,
    ) -> Result<Response, Failure> {
        let response = match outcome {
            Ok(accepted) => reply::json(StatusCode::ACCEPTED, &accepted),
            Err(failure @ Failure::Refused { .. }) => reply::failure(&failure),
            Err(failure @ Failure::Dependency { .. }) => {
                if let Err(second) = self.keys.give_back(lease).await {
                    // The lease ends by itself.
                    log::warn!("a key was not given back: {second}");
                }
                return Err(failure);
            }
        };
        let status = response.status().as_u16();
        match self.keys.finish(lease, status, response.body()).await? {
            None => Ok(response),
            Some(taken) => answer_of(taken),
        }
    }
}

/// The answer to an attempt whose key is somebody else's.
fn answer_of(taken: Taken) -> Result<Response, Failure> {
    match taken {
        Taken::Answered { status, body } => Ok(replay(status, body)),
        Taken::UnderWay => Err(Failure::refused(
            409,
            "checkout-in-progress",
            "this checkout is being worked on: ask again with the same key",
        )),
    }
}

fn replay(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let value: serde_json::Value = serde_json::from_str(&body)
        .unwrap_or_else(|_| serde_json::json!(Problem { code: "lost".into(), message: body }));
    reply::json(status, &value)
}

fn key(headers: &HeaderMap) -> Result<&str, Failure> {
    headers
        .get(IDEMPOTENCY_KEY)
        .and_then(|value| value.to_str().ok())
        .filter(|key| (1..=64).contains(&key.len()))
        .ok_or_else(|| {
            Failure::bad_request(format!("header `{IDEMPOTENCY_KEY}` must have 1 to 64 characters"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_demanded_and_bounded() {
        let mut headers = HeaderMap::new();
        assert!(key(&headers).is_err());
        headers.insert(IDEMPOTENCY_KEY, "k".repeat(64).parse().expect("a header"));
        assert!(key(&headers).is_ok());
        headers.insert(IDEMPOTENCY_KEY, "k".repeat(65).parse().expect("a header"));
        assert!(key(&headers).is_err());
    }
}
