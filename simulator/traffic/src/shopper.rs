//! What a session asks for: every choice follows from its arrival's seed.
//!
//! Deliberately absent: I/O. The only thing a shopper learns from the shop is the id of an order.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use http_body_util::Full;
use rand::RngExt;
use securecart_domain::{
    CartId, Catalogue, CustomerId, OrderId, ProductId,
    api::{AddItem, CheckoutRequest, IDEMPOTENCY_KEY, Operation},
    random::{self, Stream},
};

/// Pages of a category a shopper leafs through; the first is looked at most.
const PAGES: u32 = 3;

/// Pieces of one product that are put into the cart at once, at the most.
const MAX_PIECES: u32 = 3;

/// One session's shopper.
#[derive(Debug)]
pub(crate) struct Shopper {
    choices: Stream,
    thinking: Stream,
    pub(crate) cart: CartId,
    customer: CustomerId,
    /// The checkout's idempotency key; one for each session, as a session buys once. A journey with
    /// several checkouts gets a key for each.
    seed: u64,
    checkouts: u64,
    hot_share: f64,
    /// The product that was looked at last.
    seen: Option<ProductId>,
    /// The order that was accepted last.
    pub(crate) order: Option<OrderId>,
}

/// A request to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    path: String,
    body: Bytes,
    pub(crate) key: Option<String>,
    /// What a right answer is about.
    pub(crate) about: About,
}

/// What a right answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Products,
    Product(ProductId),
    Cart(CartId),
    NewOrder,
    Order(OrderId),
    Page,
    Picture,
}

impl Shopper {
    /// The shopper of an arrival's `seed`; `hot_share` of its product choices go to the hot product.
    pub(crate) fn new(seed: u64, hot_share: f64) -> Self {
        Self {
            choices: random::stream(seed, "choices"),
            thinking: random::stream(seed, "thinking"),
            cart: CartId(random::mix(seed ^ 0x0c)),
            customer: CustomerId(random::mix(seed ^ 0x0d)),
            seed,
            checkouts: 0,
            hot_share,
            seen: None,
            order: None,
        }
    }

    /// How long the shopper thinks, ms, drawn evenly from `(least, most)`.
    pub(crate) fn think_ms(&mut self, (least, most): (u32, u32)) -> u32 {
        self.thinking.random_range(least..=most.max(least))
    }

    /// The request for `operation`; `None` for the status of an order when none was accepted.
    pub(crate) fn call(&mut self, operation: Operation, catalogue: &Catalogue) -> Option<Call> {
        let call = |path: String, about: About| Call {
            operation,
            path,
            body: Bytes::new(),
            key: None,
            about,
        };
        Some(match operation {
            Operation::ListProducts => {
                let categories = Catalogue::categories();
                let category = categories[self.choices.random_range(0..categories.len())];
                let page =
                    self.choices.random_range(0..PAGES).min(self.choices.random_range(0..PAGES));
                call(format!("/products?category={category}&page={page}"), About::Products)
            }
            Operation::Product => {
                let product = self.pick(catalogue);
                call(format!("/products/{product}"), About::Product(product))
            }
            Operation::Search => {
                let product = self.pick(catalogue);
                let name = catalogue.get(product).map_or("", |product| product.name.as_str());
                // "amber lantern 42": people search for the thing, not for its number.
                let word = name.split(' ').nth(1).unwrap_or(name);
                call(format!("/search?q={word}"), About::Products)
            }
            Operation::AddToCart => return Some(self.add_to_cart(catalogue)),
            Operation::ViewCart => call(format!("/carts/{}", self.cart), About::Cart(self.cart)),
            Operation::Checkout => return Some(self.checkout()),
            Operation::OrderStatus => {
                let order = self.order?;
                call(format!("/orders/{order}"), About::Order(order))
            }
            Operation::Storefront => call("/".to_owned(), About::Page),
            Operation::Image => {
                // Of what is looked at; it stays so, for the cart.
                let product = self.seen.unwrap_or_else(|| self.pick(catalogue));
                call(format!("/images/{product}"), About::Picture)
            }
        })
    }

    fn add_to_cart(&mut self, catalogue: &Catalogue) -> Call {
        let product = self.seen.take().unwrap_or_else(|| self.pick(catalogue));
        let quantity = self
            .choices
            .random_range(1..=MAX_PIECES)
            .min(self.choices.random_range(1..=MAX_PIECES));
        Call {
            operation: Operation::AddToCart,
            path: format!("/carts/{}/items", self.cart),
            body: json(&AddItem { customer: self.customer, product, quantity }),
            key: None,
            about: About::Cart(self.cart),
        }
    }

    fn checkout(&mut self) -> Call {
        let key = format!("k-{:016x}-{}", self.seed, self.checkouts);
        self.checkouts += 1;
        Call {
            operation: Operation::Checkout,
            path: "/checkout".to_owned(),
            body: json(&CheckoutRequest { cart: self.cart, customer: self.customer }),
            key: Some(key),
            about: About::NewOrder,
        }
    }

    fn pick(&mut self, catalogue: &Catalogue) -> ProductId {
        // Both are drawn always, so that a spike changes which product is hot and nothing else.
        let hot = self.choices.random::<f64>() < self.hot_share;
        let usual = catalogue.pick(&mut self.choices);
        let product = if hot { ProductId(0) } else { usual };
        self.seen = Some(product);
        product
    }
}

impl Call {
    /// The request as it is sent, without a `host`.
    pub(crate) fn request(&self) -> Request<Full<Bytes>> {
        let (method, _) = self.operation.route();
        let method = if method == "POST" { Method::POST } else { Method::GET };
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = method;
        *request.uri_mut() = self.path.parse().expect("paths are made of ASCII words and digits");
        let headers = request.headers_mut();
        if !self.body.is_empty() {
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
        }
        if let Some(key) = &self.key {
            let key = HeaderValue::from_str(key).expect("keys are made of letters and digits");
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        request
    }
}

fn json(body: &impl serde::Serialize) -> Bytes {
    serde_json::to_vec(body).expect("ids and numbers serialise").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(seed: u64, hot_share: f64) -> Vec<Call> {
        let catalogue = Catalogue::generate(7, 200, 0.8);
        let mut shopper = Shopper::new(seed, hot_share);
        let once = Operation::ALL.iter().filter_map(|op| shopper.call(*op, &catalogue)).collect();
        shopper.order = Some(OrderId(9));
        [once, Vec::from_iter(shopper.call(Operation::OrderStatus, &catalogue))].concat()
    }

    #[test]
    fn one_seed_makes_one_session() {
        assert_eq!(calls(1, 0.2), calls(1, 0.2));
        assert_ne!(calls(1, 0.2), calls(2, 0.2));
    }

    #[test]
    fn an_order_is_only_asked_for_once_there_is_one() {
        let operations: Vec<_> = calls(3, 0.0).iter().map(|call| call.operation).collect();
        let first = Operation::ALL.into_iter().filter(|op| *op != Operation::OrderStatus);
        assert_eq!(operations, Vec::from_iter(first.chain([Operation::OrderStatus])));
    }

    #[test]
    fn the_picture_is_of_the_product_that_is_looked_at() {
        let catalogue = Catalogue::generate(7, 200, 0.8);
        let mut shopper = Shopper::new(5, 0.0);
        let mut path = |operation| shopper.call(operation, &catalogue).expect("a call").path;
        let product = path(Operation::Product);
        let product = product.rsplit('/').next().expect("an id").to_owned();
        assert_eq!(path(Operation::Image), format!("/images/{product}"));
        assert_eq!(path(Operation::Storefront), "/");
        let added = shopper.call(Operation::AddToCart, &catalogue).expect("a call").body;
        assert!(String::from_utf8_lossy(&added).contains(&product), "and goes into the cart");
    }

    #[test]
    fn requests_match_the_routes_and_checkouts_carry_different_keys() {
        for call in calls(4, 0.0) {
            let request = call.request();
            let (method, route) = call.operation.route();
            assert_eq!(request.method().as_str(), method);
            let (path, route): (Vec<_>, Vec<_>) =
                (request.uri().path().split('/').collect(), route.split('/').collect());
            assert_eq!(path.len(), route.len(), "{}", request.uri());
            assert!(path.iter().zip(&route).all(|(a, b)| a == b || b.starts_with('{')));
        }
        let mut shopper = Shopper::new(4, 0.0);
        let (first, second) = (shopper.checkout(), shopper.checkout());
        assert_eq!(
            first.request().headers()[IDEMPOTENCY_KEY],
            first.key.as_deref().expect("a key")
        );
        assert_ne!(first.key, second.key);
    }

    #[test]
    fn a_spike_sends_its_share_to_the_hot_product_and_leaves_the_rest() {
        let catalogue = Catalogue::generate(7, 1_000, 0.8);
        let pick = |seed, share| Shopper::new(seed, share).pick(&catalogue);
        let hot = (0..4_000).filter(|&seed| pick(seed, 0.5) == ProductId(0)).count();
        // 2,000 and the hot product's usual share of under a twentieth; 5 sigma are 160.
        assert!((1_840..2_400).contains(&hot), "{hot}");
        for seed in 0..200 {
            let calm = pick(seed, 0.0);
            assert!(pick(seed, 0.5) == calm || pick(seed, 0.5) == ProductId(0));
        }
    }
}
