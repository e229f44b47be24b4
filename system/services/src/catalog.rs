//! The catalogue service: lists, details, search and prices.

mod store;

use std::sync::Arc;

use http::Method;
use securecart_domain::{Catalogue, ProductId, api::ProductList};

use crate::{Failure, Request, Response, internal::Prices, reply};
use store::Store;

/// The catalogue service.
#[derive(Debug)]
pub struct Catalog {
    store: Store,
}

impl Catalog {
    /// A service over `catalogue`.
    #[must_use]
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { store: Store::new(catalogue) }
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Response {
        reply::answer(self.route(&request))
    }

    fn route(&self, request: &Request) -> Result<Response, Failure> {
        match (request.method(), reply::segments(request).as_slice()) {
            (&Method::GET, ["products"]) => Ok(reply::ok(&self.list(request)?)),
            (&Method::GET, ["products", id]) => self.product(id),
            (&Method::GET, ["search"]) => Ok(reply::ok(&self.search(request)?)),
            (&Method::POST, ["prices"]) => {
                Ok(reply::ok(&self.prices(&reply::body::<Vec<ProductId>>(request)?)))
            }
            _ => Err(reply::no_route(request)),
        }
    }

    fn list(&self, request: &Request) -> Result<ProductList, Failure> {
        let category = parameter(request, "category")
            .ok_or_else(|| Failure::bad_request("`category` is missing"))?;
        let page = match parameter(request, "page") {
            None => 0,
            Some(text) => text.parse().map_err(|_| {
                Failure::bad_request(format!("`page` is not a whole number: `{text}`"))
            })?,
        };
        self.store
            .page(category, page)
            .ok_or_else(|| Failure::not_found(format!("there is no category `{category}`")))
    }

    fn product(&self, id: &str) -> Result<Response, Failure> {
        let id: ProductId = id.parse().map_err(|error| Failure::bad_request(format!("{error}")))?;
        let product = self.store.product(id);
        product
            .map(reply::ok)
            .ok_or_else(|| Failure::not_found(format!("there is no product {id}")))
    }

    fn search(&self, request: &Request) -> Result<ProductList, Failure> {
        let word = parameter(request, "q").ok_or_else(|| Failure::bad_request("`q` is missing"))?;
        Ok(self.store.search(word))
    }

    fn prices(&self, products: &[ProductId]) -> Prices {
        products
            .iter()
            .filter_map(|&id| self.store.product(id).map(|product| (id, product.price)))
            .collect()
    }
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;
    use securecart_domain::{Product, api::PAGE_SIZE};

    use super::*;

    fn get(path: &str) -> Request {
        http::Request::builder().uri(path).body(Bytes::new()).expect("a request")
    }

    async fn ask(path: &str) -> Response {
        let catalog = Catalog::new(Arc::new(Catalogue::generate(1, 1_000, 0.8)));
        catalog.handle(get(path)).await
    }

    #[tokio::test]
    async fn a_product_is_found_by_id() {
        let response = ask("/products/p-00000007").await;
        let product: Product = serde_json::from_slice(response.body()).expect("a product");
        assert_eq!(product.id, ProductId(7));
        assert_eq!(ask("/products/p-000f0000").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(ask("/products/seven").await.status(), StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn a_category_is_paged() {
        let page = |response: Response| -> ProductList {
            serde_json::from_slice(response.body()).expect("a list")
        };
        let first = page(ask("/products?category=audio&page=0").await);
        let second = page(ask("/products?category=audio&page=1").await);
        assert_eq!(first.products.len(), PAGE_SIZE);
        assert!(first.total > PAGE_SIZE);
        assert_ne!(first.products[0], second.products[0]);
        let beyond = page(ask("/products?category=audio&page=9999").await);
        assert!(beyond.products.is_empty());
        assert_eq!(ask("/products?category=cars").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(ask("/products?category=audio&page=x").await.status(), StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn a_word_finds_products_that_are_named_so() {
        let response = ask("/search?q=lantern").await;
        let found: ProductList = serde_json::from_slice(response.body()).expect("a list");
        assert!(!found.products.is_empty());
        assert!(found.products.iter().all(|product| product.name.contains("lantern")));
        assert_eq!(ask("/search").await.status(), StatusCode::BAD_REQUEST);
    }
}
