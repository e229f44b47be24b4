//! The catalogue service: lists, details, search and prices, from the cache where it has them and
//! from the database where it has not.
//!
//! What the cache holds is the answer as it is sent, so a hit costs no work on it.
//!
//! Invariants: many readers of a key that is not in the cache ask the database once; an answer is as
//! old as its time to live at the most; a cache that fails makes reads slower, never wrong.

use bytes::Bytes;
use http::Method;
use securecart_cache::Cache;
use securecart_database::Products;
use securecart_domain::{Product, ProductId};
use serde::Serialize;

use crate::{Failure, Request, Response, internal::Prices, reply};

/// The catalogue service.
#[derive(Debug, Clone)]
pub struct Catalog {
    products: Products,
    cache: Cache,
}

impl Catalog {
    /// A service over `products` with `cache` in front of them.
    #[must_use]
    pub fn new(products: Products, cache: Cache) -> Self {
        Self { products, cache }
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response {
        reply::answer(self.route(&request).await)
    }

    async fn route(&self, request: &Request) -> Result<Response, Failure> {
        match (request.method(), reply::segments(request).as_slice()) {
            (&Method::GET, ["products"]) => self.list(request).await,
            (&Method::GET, ["products", id]) => self.product(id).await,
            (&Method::GET, ["search"]) => self.search(request).await,
            (&Method::POST, ["prices"]) => {
                let products = reply::body::<Vec<ProductId>>(request)?;
                Ok(reply::ok(&self.prices(&products).await?))
            }
            _ => Err(reply::no_route(request)),
        }
    }

    async fn list(&self, request: &Request) -> Result<Response, Failure> {
        let category = parameter(request, "category")
            .ok_or_else(|| Failure::bad_request("`category` is missing"))?;
        let page: usize = match parameter(request, "page") {
            None => 0,
            Some(text) => text.parse().map_err(|_| {
                Failure::bad_request(format!("`page` is not a whole number: `{text}`"))
            })?,
        };
        let key = format!("page:{category}:{page}");
        let load = async { stored(self.products.page(category, page).await) };
        let found = self.cache.get_or_load(&key, load).await?;
        found
            .map(reply::json_bytes)
            .ok_or_else(|| Failure::not_found(format!("there is no category `{category}`")))
    }

    async fn product(&self, id: &str) -> Result<Response, Failure> {
        let id: ProductId = id.parse().map_err(|error| Failure::bad_request(format!("{error}")))?;
        self.find(id)
            .await?
            .map(reply::json_bytes)
            .ok_or_else(|| Failure::not_found(format!("there is no product {id}")))
    }

    /// A product as it is sent.
    async fn find(&self, id: ProductId) -> Result<Option<Bytes>, Failure> {
        let load = async { stored(self.products.get(id).await) };
        self.cache.get_or_load(&format!("product:{id}"), load).await
    }

    async fn search(&self, request: &Request) -> Result<Response, Failure> {
        let word = parameter(request, "q").ok_or_else(|| Failure::bad_request("`q` is missing"))?;
        let load = async { stored(self.products.search(word).await.map(Some)) };
        let found = self.cache.get_or_load(&format!("search:{word}"), load).await?;
        Ok(reply::json_bytes(found.unwrap_or_default()))
    }

    async fn prices(&self, products: &[ProductId]) -> Result<Prices, Failure> {
        let mut prices = Prices::new();
        for &id in products {
            if let Some(product) = self.find(id).await? {
                let product: Product = serde_json::from_slice(&product)
                    .map_err(|error| Failure::broken("cache", error.to_string()))?;
                prices.insert(id, product.price);
            }
        }
        Ok(prices)
    }
}

/// What the database gave as the cache keeps it.
fn stored<T: Serialize>(
    found: Result<Option<T>, securecart_database::Error>,
) -> Result<Option<Bytes>, Failure> {
    let found = found.map_err(|error| Failure::database(&error))?;
    Ok(found.map(|found| reply::bytes(&found)))
}

/// The value of a query parameter. The shop's parameters are words: nothing needs decoding.
fn parameter<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request
        .uri()
        .query()?
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        .filter(|value| !value.is_empty())
}
