//! The cart service: carts in DynamoDB, with conditional writes and a time to live.

mod table;

use http::Method;
use securecart_clock::Clock;
use securecart_domain::{
    Cart, CartId, Money,
    api::{AddItem, CartView},
    cart::{MAX_LINES, MAX_QUANTITY, PricedLine},
};

use crate::{
    Failure, Peer, Request, Response,
    internal::{BoughtCart, PricedCart, Prices},
    reply,
};
use table::{Added, Table};

/// The cart service.
#[derive(Debug)]
pub struct Carts {
    table: Table,
    catalog: Peer,
}

impl Carts {
    /// A service that keeps carts with `dynamodb` and asks `catalog` for prices.
    #[must_use]
    pub fn new(dynamodb: aws_sdk_dynamodb::Client, catalog: Peer, clock: Clock) -> Self {
        Self { table: Table::new(dynamodb, clock), catalog }
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response {
        reply::answer(self.route(&request).await)
    }

    async fn route(&self, request: &Request) -> Result<Response, Failure> {
        match (request.method(), reply::segments(request).as_slice()) {
            (&Method::POST, ["carts", id, "items"]) => {
                self.add(cart_id(id)?, reply::body(request)?).await
            }
            (&Method::GET, ["carts", id]) => self.view(cart_id(id)?).await,
            (&Method::GET, ["priced-carts", id]) => {
                Ok(reply::ok(&self.priced(cart_id(id)?).await?))
            }
            (&Method::POST, ["emptied-carts"]) => {
                let bought: BoughtCart = reply::body(request)?;
                self.table.empty(bought.cart, bought.version).await?;
                Ok(reply::ok(&()))
            }
            _ => Err(reply::no_route(request)),
        }
    }

    async fn add(&self, cart: CartId, item: AddItem) -> Result<Response, Failure> {
        if item.quantity == 0 || item.quantity > MAX_QUANTITY {
            return Err(Failure::bad_request(format!(
                "`quantity` is {}: it must be 1 to {MAX_QUANTITY}",
                item.quantity
            )));
        }
        let prices = self.prices(&[item.product]).await?;
        if !prices.contains_key(&item.product) {
            return Err(Failure::not_found(format!("there is no product {}", item.product)));
        }
        match self.table.add(cart, item).await? {
            Added::Cart(cart) => Ok(reply::ok(&self.show(cart).await?)),
            Added::Full => Err(Failure::refused(
                409,
                "cart-full",
                format!("a cart holds {MAX_LINES} products and {MAX_QUANTITY} pieces of each"),
            )),
        }
    }

    async fn view(&self, cart: CartId) -> Result<Response, Failure> {
        let (cart, _) = self.find(cart).await?;
        Ok(reply::ok(&self.show(cart).await?))
    }

    async fn find(&self, cart: CartId) -> Result<(Cart, u64), Failure> {
        let found = self.table.get(cart).await?;
        found.ok_or_else(|| Failure::not_found(format!("there is no cart {cart}")))
    }

    async fn show(&self, cart: Cart) -> Result<CartView, Failure> {
        let total = total(&self.price(&cart).await?);
        Ok(CartView { cart: cart.id, lines: cart.lines, total })
    }

    async fn priced(&self, cart: CartId) -> Result<PricedCart, Failure> {
        let (cart, version) = self.find(cart).await?;
        let lines = self.price(&cart).await?;
        if lines.is_empty() {
            return Err(Failure::refused(409, "empty-cart", format!("cart {} is empty", cart.id)));
        }
        Ok(PricedCart { customer: cart.customer, lines, version })
    }

    /// The lines at today's prices; products that are no longer sold are left out.
    async fn price(&self, cart: &Cart) -> Result<Vec<PricedLine>, Failure> {
        let products: Vec<_> = cart.lines.iter().map(|line| line.product).collect();
        let prices = self.prices(&products).await?;
        let priced = cart.lines.iter().filter_map(|line| {
            let unit_price = *prices.get(&line.product)?;
            Some(PricedLine { product: line.product, quantity: line.quantity, unit_price })
        });
        Ok(priced.collect())
    }

    async fn prices(&self, products: &[securecart_domain::ProductId]) -> Result<Prices, Failure> {
        self.catalog.ask(Method::POST, "/prices", &products).await
    }
}

fn total(lines: &[PricedLine]) -> Money {
    lines.iter().map(PricedLine::total).sum()
}

fn cart_id(text: &str) -> Result<CartId, Failure> {
    text.parse().map_err(|error| Failure::bad_request(format!("{error}")))
}
