//! Fraud and payment decide by the order alone, so that runs can be repeated.

use http::{Method, StatusCode};
use securecart_cloud::Shaping;
use securecart_domain::{CustomerId, Money, OrderId, random};
use securecart_services::{Fraud, Provider};
use serde_json::{Value, json};

use crate::stage::{Answer, Stage, problem, request};

/// What the shop will think of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) suspicious: bool,
    pub(crate) refused: bool,
    /// Found out by the deeper check, later.
    pub(crate) found_out: bool,
}

impl Decision {
    pub(crate) fn is_fine(self) -> bool {
        !self.suspicious && !self.refused && !self.found_out
    }
}

/// What the shop will think of `order`: the two rules of the services, written down again. The
/// tests below hold them against what the services say.
pub(crate) fn of(order: OrderId) -> Decision {
    let suspicious = random::mix(order.0 ^ 0x000f_4a0d).is_multiple_of(500);
    Decision {
        suspicious,
        refused: random::mix(order.0 ^ 0xca4d).is_multiple_of(100),
        found_out: !suspicious && random::mix(order.0 ^ 0xdee9).is_multiple_of(1_000),
    }
}

/// A key whose order the shop decides on as `wanted`.
pub(crate) fn key_of(wanted: Decision) -> String {
    (0..1_000_000)
        .map(|number| format!("decided-{number}"))
        .find(|key| of(OrderId::for_idempotency_key(key)) == wanted)
        .expect("a million orders hold one of each kind")
}

/// A key whose order is found out by the deeper check; one for each number.
pub(crate) fn found_out_key(number: u64) -> String {
    let wanted = Decision { suspicious: false, refused: false, found_out: true };
    (0..)
        .map(|attempt| format!("found-out-{number}-{attempt}"))
        .find(|key| of(OrderId::for_idempotency_key(key)) == wanted)
        .expect("one order in a thousand is found out")
}

fn transaction(order: OrderId, customer: CustomerId, amount: Money) -> Value {
    json!({ "order": order, "customer": customer, "amount": amount })
}

fn is_suspicious(transaction: &Value) -> bool {
    let score = Fraud.handle(transaction.to_string().as_bytes()).expect("a score");
    let score: Value = serde_json::from_slice(&score).expect("JSON");
    score["suspicious"].as_bool().expect("a score")
}

#[test]
fn the_fraud_check_looks_at_the_order_alone() {
    let mut suspicious = 0;
    for number in 0..5_000 {
        let order = OrderId(random::mix(number));
        let score = is_suspicious(&transaction(order, CustomerId(1), Money(100)));
        let again = is_suspicious(&transaction(order, CustomerId(2), Money(999_999)));
        assert_eq!((score, again), (of(order).suspicious, of(order).suspicious), "{order}");
        suspicious += u32::from(score);
    }
    assert!(suspicious > 0, "one order in 500 is suspicious");
}

#[tokio::test(start_paused = true)]
async fn a_card_is_refused_by_the_order_alone() {
    let provider = Provider::new(1.0, 1.0);
    let stage = Stage::with(Shaping::None, provider).await;
    let authorise = async |transaction: &Value| {
        let request = request(Method::POST, "/authorisations", transaction);
        Answer::of(&stage.payment.handle(request).await)
    };
    let mut refusals = 0;
    for number in 0..1_000 {
        let order = OrderId(random::mix(number));
        let first = authorise(&transaction(order, CustomerId(1), Money(100))).await;
        let again = authorise(&transaction(order, CustomerId(2), Money(999_999))).await;
        assert_eq!(first, again, "{order}");
        if of(order).refused {
            assert_eq!(first.problem(), problem(402, "payment-refused"));
            assert!(stage.payments(order).await.is_empty(), "no hold on a refused card");
            refusals += 1;
        } else {
            assert_eq!(first.status, StatusCode::OK);
        }
    }
    assert!(refusals > 0, "one card in 100 is refused");
}

#[tokio::test(start_paused = true)]
async fn money_moves_once_and_the_latest_authorisation_holds() {
    let stage = Stage::set().await;
    let order = OrderId(1);
    assert!(of(order).is_fine());
    let act = async |path: &str, cents: u64| {
        let transaction = transaction(order, CustomerId(1), Money(cents));
        let response = stage.payment.handle(request(Method::POST, path, &transaction)).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    };
    act("/authorisations", 100).await;
    act("/authorisations", 300).await;
    futures::future::join_all((0..20).map(|_| act("/captures", 300))).await;
    act("/captures", 999).await;
    let booked = stage.payments(order).await;
    let expected = [("authorised", 300), ("captured", 300)].map(|(act, c)| (act.to_owned(), c));
    assert_eq!(booked, expected.into());
}

#[tokio::test(start_paused = true)]
async fn what_payment_and_fraud_do_not_know_is_refused() {
    let stage = Stage::set().await;
    let known = transaction(OrderId(1), CustomerId(1), Money(1));
    for (path, body, expected) in [
        ("/refund", known.clone(), problem(404, "not-found")),
        ("/captures", json!({ "order": "o-1" }), problem(400, "bad-request")),
        ("/captures", json!("o-1"), problem(400, "bad-request")),
    ] {
        let answer = stage.payment.handle(request(Method::POST, path, &body)).await;
        assert_eq!(Answer::of(&answer).problem(), expected, "{path} {body}");
    }
    assert!(Fraud.handle(b"[]").is_err());
}
