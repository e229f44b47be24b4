//! Where products are kept: in memory for now, indexed by category and word.
//!
//! Costs: a product O(1), a page O(page), a search O(matches shown).

use std::{collections::HashMap, sync::Arc};

use securecart_domain::{
    Catalogue, Product, ProductId,
    api::{PAGE_SIZE, ProductList},
};

#[derive(Debug)]
pub(super) struct Store {
    catalogue: Arc<Catalogue>,
    by_category: HashMap<String, Vec<ProductId>>,
    by_word: HashMap<String, Vec<ProductId>>,
}

impl Store {
    pub(super) fn new(catalogue: Arc<Catalogue>) -> Self {
        let mut by_category: HashMap<String, Vec<ProductId>> = HashMap::new();
        let mut by_word: HashMap<String, Vec<ProductId>> = HashMap::new();
        for product in catalogue.products() {
            by_category.entry(product.category.clone()).or_default().push(product.id);
            for word in product.name.split_whitespace() {
                by_word.entry(word.to_owned()).or_default().push(product.id);
            }
        }
        Self { catalogue, by_category, by_word }
    }

    pub(super) fn product(&self, id: ProductId) -> Option<&Product> {
        self.catalogue.get(id)
    }

    /// Page `page` of `category`; `None` when there is no such category.
    pub(super) fn page(&self, category: &str, page: usize) -> Option<ProductList> {
        let ids = self.by_category.get(category)?;
        Some(self.slice(ids, page.saturating_mul(PAGE_SIZE)))
    }

    /// The most popular products with `word` in their name.
    pub(super) fn search(&self, word: &str) -> ProductList {
        let ids = self.by_word.get(word).map_or(&[][..], Vec::as_slice);
        self.slice(ids, 0)
    }

    fn slice(&self, ids: &[ProductId], skip: usize) -> ProductList {
        let shown = ids.iter().skip(skip).take(PAGE_SIZE);
        let products = shown.filter_map(|&id| self.product(id).cloned()).collect();
        ProductList { products, total: ids.len() }
    }
}
