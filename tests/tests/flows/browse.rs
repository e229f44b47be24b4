//! Flow 1: shoppers look at lists, products and searches.

use http::StatusCode;
use securecart_domain::{
    Catalogue, Product, ProductId,
    api::{PAGE_SIZE, ProductList},
};

use crate::stage::{PRODUCTS, Stage, problem};

#[tokio::test(start_paused = true)]
async fn the_pages_of_all_categories_hold_every_product_once() {
    let stage = Stage::set().await;
    let mut seen = Vec::new();
    for category in Catalogue::categories() {
        let mut total = 0;
        for page in 0.. {
            let answer = stage.get(&format!("/products?category={category}&page={page}")).await;
            assert_eq!(answer.status, StatusCode::OK);
            let list: ProductList = answer.read();
            assert!(list.products.len() <= PAGE_SIZE);
            assert!(list.products.iter().all(|product| product.category == *category));
            total += list.products.len();
            seen.extend(list.products.iter().map(|product| product.id.0));
            if list.products.is_empty() {
                assert_eq!(total, list.total, "{category}");
                break;
            }
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..PRODUCTS).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_product_is_shown_as_the_catalogue_has_it() {
    let stage = Stage::set().await;
    let wanted = ProductId(17);
    let shown: Product = stage.get(&format!("/products/{wanted}")).await.read();
    assert_eq!(Some(&shown), stage.catalogue.get(wanted));
}

#[tokio::test(start_paused = true)]
async fn a_search_finds_all_that_is_named_so_and_shows_a_page_of_it() {
    let stage = Stage::set().await;
    let named = |word: &str| {
        let all = stage.catalogue.products().iter();
        all.filter(|product| product.name.split(' ').any(|part| part == word)).count()
    };
    for word in ["lantern", "prime", "17"] {
        let found: ProductList = stage.get(&format!("/search?q={word}")).await.read();
        assert_eq!(found.total, named(word), "{word}");
        assert_eq!(found.products.len(), found.total.min(PAGE_SIZE), "{word}");
    }
    let nothing: ProductList = stage.get("/search?q=unicorn").await.read();
    assert_eq!((nothing.products.len(), nothing.total), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_is_a_400_and_what_is_not_there_a_404() {
    let stage = Stage::set().await;
    for (path, expected) in [
        ("/products", problem(400, "bad-request")),
        ("/products?category=", problem(400, "bad-request")),
        ("/products?category=audio&page=-1", problem(400, "bad-request")),
        ("/products?category=cars", problem(404, "not-found")),
        ("/products/seven", problem(400, "bad-request")),
        ("/products/p-ffffffff", problem(404, "not-found")),
        ("/products/p-00000001/reviews", problem(404, "not-found")),
        ("/search", problem(400, "bad-request")),
        ("/search?p=lantern", problem(400, "bad-request")),
    ] {
        assert_eq!(stage.get(path).await.problem(), expected, "{path}");
    }
}
