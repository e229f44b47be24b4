//! Whether an answer is what was asked for.
//!
//! Bodies are read only as far as a shopper would notice: the right kind of thing, about the right
//! product, cart or order. That also finds answers that went to the wrong request.

use securecart_domain::{
    CartId, OrderId, ProductId,
    api::{Accepted, Operation},
};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};

use crate::{
    cause::Cause,
    client::Reply,
    shopper::{About, Call},
};

#[derive(Deserialize)]
struct ProductsShape {
    #[serde(rename = "products")]
    _products: Vec<IgnoredAny>,
    #[serde(rename = "total")]
    _total: usize,
}

#[derive(Deserialize)]
struct ProductShape {
    id: ProductId,
}

#[derive(Deserialize)]
struct CartShape {
    cart: CartId,
    #[serde(rename = "lines")]
    _lines: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct OrderShape {
    order: OrderId,
}

#[derive(Deserialize)]
struct ProblemShape<'a> {
    #[serde(borrow)]
    code: &'a str,
}

/// What `reply` says to `call`: an order id where one was accepted, or why it is not what was asked.
pub(crate) fn judge(call: &Call, reply: &Reply) -> Result<Option<OrderId>, Cause> {
    let promised = if call.operation == Operation::Checkout { 202 } else { 200 };
    if reply.status != promised {
        let problem: Option<ProblemShape<'_>> = serde_json::from_slice(&reply.body).ok();
        return Err(Cause::status(reply.status, problem.map(|problem| problem.code)));
    }
    let fits = match call.about {
        About::Products => read::<ProductsShape>(reply).is_some(),
        About::Product(id) => read::<ProductShape>(reply).is_some_and(|shape| shape.id == id),
        About::Cart(id) => read::<CartShape>(reply).is_some_and(|shape| shape.cart == id),
        About::Order(id) => read::<OrderShape>(reply).is_some_and(|shape| shape.order == id),
        About::Page => reply.body.starts_with(b"<!doctype html>"),
        About::Picture => reply.body.starts_with(b"<svg "),
        About::NewOrder => {
            let accepted = read::<Accepted>(reply).ok_or(Cause::Body)?;
            return Ok(Some(accepted.order));
        }
    };
    if fits { Ok(None) } else { Err(Cause::Body) }
}

fn read<T: DeserializeOwned>(reply: &Reply) -> Option<T> {
    serde_json::from_slice(&reply.body).ok()
}

#[cfg(test)]
mod tests {
    use securecart_domain::Catalogue;

    use super::*;
    use crate::shopper::Shopper;

    fn judged(operation: Operation, status: u16, body: &str) -> Result<Option<OrderId>, Cause> {
        let catalogue = Catalogue::generate(1, 10, 0.8);
        let mut shopper = Shopper::new(1, 1.0);
        shopper.order = Some(OrderId(5));
        let body = body.replace("$cart", &shopper.cart.to_string());
        let call = shopper.call(operation, &catalogue).expect("a call");
        judge(&call, &Reply { status, body: body.into() })
    }

    #[test]
    fn right_answers_pass() {
        assert_eq!(
            judged(Operation::Search, 200, r#"{"products":[{"id":"p-0"}],"total":1}"#),
            Ok(None)
        );
        assert_eq!(judged(Operation::Product, 200, r#"{"id":"p-00000000","name":"x"}"#), Ok(None));
        assert_eq!(
            judged(Operation::ViewCart, 200, r#"{"cart":"$cart","lines":[],"total":0}"#),
            Ok(None)
        );
        let order = r#"{"order":"o-0000000000000005"}"#;
        assert_eq!(judged(Operation::Checkout, 202, order), Ok(Some(OrderId(5))));
        assert_eq!(judged(Operation::OrderStatus, 200, order), Ok(None));
        assert_eq!(judged(Operation::Storefront, 200, "<!doctype html>\n<html>"), Ok(None));
        assert_eq!(judged(Operation::Image, 200, "<svg viewBox='0 0 1 1'/>"), Ok(None));
    }

    #[test]
    fn answers_to_somebody_else_and_garbage_do_not() {
        assert_eq!(judged(Operation::Product, 200, r#"{"id":"p-00000007"}"#), Err(Cause::Body));
        assert_eq!(judged(Operation::OrderStatus, 200, r#"{"order":"o-6"}"#), Err(Cause::Body));
        for garbage in ["", "null", "<html>", "{\"order\":3}", "\u{0}"] {
            assert_eq!(judged(Operation::Checkout, 202, garbage), Err(Cause::Body), "{garbage}");
            assert_eq!(judged(Operation::Search, 200, garbage), Err(Cause::Body), "{garbage}");
            assert_eq!(judged(Operation::Image, 200, garbage), Err(Cause::Body), "{garbage}");
            assert_eq!(judged(Operation::Storefront, 200, garbage), Err(Cause::Body), "{garbage}");
        }
    }

    #[test]
    fn other_statuses_keep_the_shop_s_code() {
        let problem = r#"{"code":"payment-refused","message":"no"}"#;
        let cause = judged(Operation::Checkout, 402, problem).expect_err("refused");
        assert_eq!(cause.to_string(), "402 payment-refused");
        let accepted = judged(Operation::Checkout, 200, r#"{"order":"o-5"}"#);
        assert_eq!(accepted.expect_err("not the promised status").to_string(), "200");
    }
}
