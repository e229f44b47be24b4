//! The whole suite on the embedded engine, and the table of differences.

use std::collections::BTreeSet;

use securecart_conformance::{
    Backend, DIFFERENCES, Differences, Judged, Run, cases, judge, run, text,
};

/// Cases at once: most of those that wait, wait for a visibility timeout.
const CONCURRENCY: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_engine_does_what_aws_documents() {
    let all = cases();
    let differences = Differences::parse(DIFFERENCES, &all).expect("valid");
    let chosen: Vec<_> = all.iter().collect();
    let backend = Backend::embedded(7);
    let suite = Run { backend: &backend, token: "test", concurrency: CONCURRENCY };
    let outcomes = run(&suite, &chosen, |_| {}).await;
    let judged = judge(outcomes, &differences, "embedded");
    assert!(!judged.iter().any(Judged::is_failure), "{}", text("embedded", &judged));
}

#[test]
fn ids_are_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for case in cases() {
        assert_eq!(case.id.split('/').count(), 3, "{}: service/topic/rule", case.id);
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "/-".contains(c);
        assert!(case.id.chars().all(is_plain), "{}", case.id);
        assert!(case.rule.ends_with('.') && case.rule.len() > 15, "{}: {}", case.id, case.rule);
        assert!(case.source.len() > 5, "{}: {}", case.id, case.source);
        assert!(seen.insert(case.id.clone()), "{} is there twice", case.id);
    }
    assert!(seen.len() >= 300, "{} cases", seen.len());
}

#[test]
fn the_table_of_differences_is_up_to_date() {
    let all = cases();
    let differences = Differences::parse(DIFFERENCES, &all).expect("valid");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/DIFFERENCES.md");
    let table = std::fs::read_to_string(path).expect("DIFFERENCES.md");
    assert!(
        table == differences.to_markdown(&all),
        "write it again: cargo run -p securecart-conformance -- --write-table"
    );
}
