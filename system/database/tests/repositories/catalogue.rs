//! Products and their lists.

use securecart_domain::{Catalogue, ProductId, api::PAGE_SIZE};

use super::bench::Bench;

async fn stocked(bench: &Bench) -> Catalogue {
    let catalogue = Catalogue::generate(1, 1_000, 0.8);
    bench.products.insert_all(catalogue.products()).await.expect("inserted");
    assert!(bench.database.catch_up(std::time::Duration::from_secs(20)).await, "replicas lag");
    catalogue
}

pub(crate) async fn a_product_is_found_by_id(bench: &Bench) {
    let catalogue = stocked(bench).await;
    for id in [0, 7, 999] {
        let found = bench.products.get(ProductId(id)).await.expect("an answer");
        assert_eq!(found.as_ref(), catalogue.get(ProductId(id)));
        assert!(found.is_some());
    }
    assert_eq!(bench.products.get(ProductId(1_000)).await, Ok(None));
    assert_eq!(bench.products.get(ProductId(u32::MAX)).await, Ok(None));
    // All of it was answered by replicas.
    assert_eq!(bench.primary().reads, 0);
}

pub(crate) async fn a_category_is_paged(bench: &Bench) {
    let catalogue = stocked(bench).await;
    let audio: Vec<_> =
        catalogue.products().iter().filter(|product| product.category == "audio").collect();
    let mut paged = Vec::new();
    for page in 0..=audio.len() / PAGE_SIZE {
        let page = bench.products.page("audio", page).await.expect("an answer").expect("a page");
        assert_eq!(page.total, audio.len());
        assert!(page.products.len() <= PAGE_SIZE);
        paged.extend(page.products);
    }
    assert_eq!(paged.iter().collect::<Vec<_>>(), audio, "every product once, in order of rank");
    for beyond in [9_999, usize::MAX] {
        let page = bench.products.page("audio", beyond).await.expect("an answer").expect("a page");
        assert!(page.products.is_empty());
        assert_eq!(page.total, audio.len());
    }
    assert_eq!(bench.products.page("cars", 0).await, Ok(None));
    // A word is no category.
    assert_eq!(bench.products.page("lantern", 0).await, Ok(None));
}

pub(crate) async fn a_word_finds_products_that_are_named_so(bench: &Bench) {
    let catalogue = stocked(bench).await;
    let named = |word: &str| {
        let has = |name: &str| name.split_whitespace().any(|one| one == word);
        catalogue.products().iter().filter(|product| has(&product.name)).count()
    };
    let found = bench.products.search("lantern").await.expect("an answer");
    assert_eq!(found.total, named("lantern"));
    assert_eq!(found.products.len(), PAGE_SIZE.min(found.total));
    assert!(found.products.iter().all(|product| product.name.contains("lantern")));
    assert!(found.products.is_sorted_by_key(|product| product.id), "the most popular first");
    let none = bench.products.search("' OR 1=1 --").await.expect("an answer");
    assert_eq!((none.products.len(), none.total), (0, 0));
}

pub(crate) async fn prices_come_in_the_order_asked(bench: &Bench) {
    let catalogue = stocked(bench).await;
    for asked in [vec![], vec![3_u32], vec![9, 2, 5_000, 9, 1], (0..150).rev().collect()] {
        let asked: Vec<ProductId> = asked.into_iter().map(ProductId).collect();
        let prices = bench.products.prices(&asked).await.expect("an answer");
        let known = asked.iter().filter_map(|&id| Some((id, catalogue.get(id)?.price)));
        assert_eq!(prices, known.collect::<Vec<_>>());
    }
}

pub(crate) async fn inserting_again_changes_nothing(bench: &Bench) {
    let catalogue = stocked(bench).await;
    let before = bench.products.page("toys", 0).await;
    bench.products.insert_all(catalogue.products()).await.expect("inserted again");
    assert_eq!(bench.products.page("toys", 0).await, before);
}
