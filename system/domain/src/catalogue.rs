//! The catalogue: products generated from the run's seed, and how popular each is.
//!
//! Popularity is Zipf-like: AWS behaviour sheet, row "popularity" of section 1.2 (Breslau et al.,
//! INFOCOM 1999: exponents of 0.64 to 0.83 across web proxies). A product's id is its rank.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, Zipf};
use serde::{Deserialize, Serialize};

use crate::{Money, ProductId, random};

/// Products a catalogue has unless the scenario says otherwise.
pub const DEFAULT_PRODUCTS: u32 = 10_000;

/// The Zipf exponent unless the scenario says otherwise: the upper end of what was measured.
pub const DEFAULT_ZIPF_EXPONENT: f64 = 0.8;

const CATEGORIES: [&str; 8] =
    ["audio", "books", "games", "garden", "home", "outdoor", "toys", "wardrobe"];
const ADJECTIVES: [&str; 12] = [
    "amber", "brisk", "calm", "deep", "eager", "fine", "grand", "hardy", "ideal", "keen", "lucid",
    "prime",
];
const NOUNS: [&str; 12] = [
    "anvil", "basket", "compass", "drum", "easel", "flask", "globe", "hammock", "kettle",
    "lantern", "mitten", "tent",
];

/// A thing to buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its id, which is its rank by popularity.
    pub id: ProductId,
    /// What the shop calls it.
    pub name: String,
    /// The shelf it is on.
    pub category: String,
    /// Price of one.
    pub price: Money,
}

/// Every product of a run, in order of rank.
#[derive(Debug, Clone)]
pub struct Catalogue {
    products: Vec<Product>,
    popularity: Zipf<f64>,
}

impl Catalogue {
    /// `count` products (at least one) of `seed` whose popularity falls with `zipf_exponent`.
    #[must_use]
    pub fn generate(seed: u64, count: u32, zipf_exponent: f64) -> Self {
        let count = count.max(1);
        let mut rng = random::stream(seed, "catalogue");
        let products = (0..count).map(|rank| product(ProductId(rank), &mut rng)).collect();
        let popularity = Zipf::new(f64::from(count), zipf_exponent.max(0.0))
            .expect("at least one product and an exponent of at least zero");
        Self { products, popularity }
    }

    /// Every product, the most popular first.
    #[must_use]
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// The product with `id`.
    #[must_use]
    pub fn get(&self, id: ProductId) -> Option<&Product> {
        self.products.get(id.0 as usize)
    }

    /// A product as a shopper picks it: popular ones more often.
    pub fn pick(&self, rng: &mut impl Rng) -> ProductId {
        // Zipf yields ranks from 1 to n.
        let rank = self.popularity.sample(rng) as u32;
        ProductId(rank.clamp(1, self.products.len() as u32) - 1)
    }

    /// The shelves of the shop.
    #[must_use]
    pub fn categories() -> &'static [&'static str] {
        &CATEGORIES
    }
}

fn product(id: ProductId, rng: &mut impl Rng) -> Product {
    let adjective = ADJECTIVES[rng.random_range(0..ADJECTIVES.len())];
    let noun = NOUNS[rng.random_range(0..NOUNS.len())];
    let category = CATEGORIES[rng.random_range(0..CATEGORIES.len())];
    // Prices from 5 to 250 USD, more cheap than dear: the square of a uniform number.
    let spread: f64 = rng.random();
    let cents = 500 + (spread * spread * 24_500.0) as u64;
    Product {
        id,
        name: format!("{adjective} {noun} {}", id.0),
        category: category.to_owned(),
        price: Money(cents),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_catalogue() {
        let first = Catalogue::generate(1, 100, 0.8);
        let again = Catalogue::generate(1, 100, 0.8);
        assert_eq!(first.products(), again.products());
        assert_ne!(first.products(), Catalogue::generate(2, 100, 0.8).products());
    }

    #[test]
    fn picks_follow_the_ranks() {
        let catalogue = Catalogue::generate(1, 1_000, 0.8);
        let mut rng = random::stream(1, "picks");
        let mut hits = vec![0_u32; 1_000];
        for _ in 0..100_000 {
            hits[catalogue.pick(&mut rng).0 as usize] += 1;
        }
        // Expected ratio of rank 1 to rank 10 is 10^0.8 = 6.3; 1,000 hits bound the noise.
        let ratio = f64::from(hits[0]) / f64::from(hits[9].max(1));
        assert!((4.5..9.0).contains(&ratio), "rank 1 to rank 10: {ratio}");
        assert!(hits.iter().all(|&h| h < 10_000), "no product takes a tenth of all views");
    }
}
