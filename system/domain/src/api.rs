//! The shop's public HTTP API: its operations, and the bodies that shoppers and gateway exchange.
//!
//! | operation | request | answer |
//! |---|---|---|
//! | `list-products` | `GET /products?category=audio&page=0` | 200, [`ProductList`] |
//! | `product` | `GET /products/{product}` | 200, [`Product`]; 404 |
//! | `search` | `GET /search?q=lantern` | 200, [`ProductList`] |
//! | `add-to-cart` | `POST /carts/{cart}/items`, [`AddItem`] | 200, [`CartView`]; 400, 404 |
//! | `view-cart` | `GET /carts/{cart}` | 200, [`CartView`]; 404 |
//! | `checkout` | `POST /checkout`, `idempotency-key`, [`CheckoutRequest`] | 202, [`Accepted`]; 402, 404, 409 |
//! | `order-status` | `GET /orders/{order}` | 200, [`OrderView`]; 404 |
//! | `storefront` | `GET /`, `GET /assets/{file}` | 200, a file of the site; 304; 404; 503 |
//! | `image` | `GET /images/{product}` | 200, an SVG; 304; 404; 503 |
//!
//! The last two have no service behind them but a bucket; `if-none-match` is answered 304. Every
//! other answer carries [`Problem`].

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    CartId, CartLine, CustomerId, Money, OrderId, OrderState, Product, ProductId, ServiceName,
};

/// Header that makes a checkout repeatable: one key, one order.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The second path of `storefront`.
pub const ASSETS_PATH: &str = "/assets/{file}";

/// Products on one page of a list.
pub const PAGE_SIZE: usize = 20;

/// Something a shopper can ask of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// A page of a category.
    ListProducts,
    /// One product.
    Product,
    /// Products whose name contains a word.
    Search,
    /// Puts a product into the cart.
    AddToCart,
    /// The cart with prices.
    ViewCart,
    /// Buys the cart.
    Checkout,
    /// What became of an order.
    OrderStatus,
    /// A file of the shop's site.
    Storefront,
    /// A product's picture.
    Image,
}

impl Operation {
    /// Every operation: those of services in the order of a shopper's way through the shop, then those
    /// of the bucket.
    pub const ALL: [Self; 9] = [
        Self::ListProducts,
        Self::Product,
        Self::Search,
        Self::AddToCart,
        Self::ViewCart,
        Self::Checkout,
        Self::OrderStatus,
        Self::Storefront,
        Self::Image,
    ];

    /// The name in scenarios, records and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ListProducts => "list-products",
            Self::Product => "product",
            Self::Search => "search",
            Self::AddToCart => "add-to-cart",
            Self::ViewCart => "view-cart",
            Self::Checkout => "checkout",
            Self::OrderStatus => "order-status",
            Self::Storefront => "storefront",
            Self::Image => "image",
        }
    }

    /// The operation's place in [`Operation::ALL`], for tables indexed by operation.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// HTTP method and path, with parameters in braces as `matchit` reads them. `storefront` has a second
    /// path, [`ASSETS_PATH`].
    #[must_use]
    pub const fn route(self) -> (&'static str, &'static str) {
        match self {
            Self::ListProducts => ("GET", "/products"),
            Self::Product => ("GET", "/products/{product}"),
            Self::Search => ("GET", "/search"),
            Self::AddToCart => ("POST", "/carts/{cart}/items"),
            Self::ViewCart => ("GET", "/carts/{cart}"),
            Self::Checkout => ("POST", "/checkout"),
            Self::OrderStatus => ("GET", "/orders/{order}"),
            Self::Storefront => ("GET", "/"),
            Self::Image => ("GET", "/images/{product}"),
        }
    }

    /// The service behind the route; `None` where it is the bucket.
    #[must_use]
    pub const fn service(self) -> Option<ServiceName> {
        Some(match self {
            Self::ListProducts | Self::Product | Self::Search => ServiceName::Catalog,
            Self::AddToCart | Self::ViewCart => ServiceName::Cart,
            Self::Checkout => ServiceName::Checkout,
            Self::OrderStatus => ServiceName::Orders,
            Self::Storefront | Self::Image => return None,
        })
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A name that no operation has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no operation `{0}`")]
pub struct UnknownOperation(pub String);

impl FromStr for Operation {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, UnknownOperation> {
        Self::ALL
            .into_iter()
            .find(|operation| operation.as_str() == text)
            .ok_or_else(|| UnknownOperation(text.to_owned()))
    }
}

/// Answer of `list-products` and `search`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductList {
    /// At most [`PAGE_SIZE`] products.
    pub products: Vec<Product>,
    /// How many there are in all.
    pub total: usize,
}

/// Body of `add-to-cart`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddItem {
    /// Whose cart it is.
    pub customer: CustomerId,
    /// Which product.
    pub product: ProductId,
    /// How many more of it; at least 1.
    pub quantity: u32,
}

/// Answer of `add-to-cart` and `view-cart`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartView {
    /// The cart.
    pub cart: CartId,
    /// What is in it.
    pub lines: Vec<CartLine>,
    /// What it costs now.
    pub total: Money,
}

/// Body of `checkout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutRequest {
    /// The cart to buy.
    pub cart: CartId,
    /// Who buys it.
    pub customer: CustomerId,
}

/// Answer of `checkout`: the order is accepted, its fulfilment goes on without the shopper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The order.
    pub order: OrderId,
}

/// Answer of `order-status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// The order.
    pub order: OrderId,
    /// Where it is in its life.
    pub state: OrderState,
    /// What it costs.
    pub total: Money,
}

/// Why a request was not fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A fixed word for programs, such as `empty-cart`.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}
