use securecart_record::Verdict;

use super::*;
use crate::summary::{fixture, scaled_fixture};

fn of(resource: &str) -> Selection {
    Selection { resource: Some(resource.to_owned()), scaled_only: false }
}

#[test]
fn activities_in_the_order_in_which_they_happened() {
    let record = scaled_fixture();
    insta::assert_snapshot!(scaling(&record, &Selection::default(), 100).expect("text"));
    let narrow = scaling(&record, &of("checkout"), 40).expect("text");
    insta::assert_snapshot!("narrow", narrow);
}

#[test]
fn activities_in_the_shape_of_aws() {
    let json = scaling_json(&scaled_fixture(), &Selection::default()).expect("JSON");
    insta::assert_snapshot!(json);
}

#[test]
fn a_resource_is_named_in_every_way_people_do() {
    let record = scaled_fixture();
    let count = |name: &str| selected(&record, &of(name)).expect("known").len();
    assert_eq!([count("checkout"), count("service/securecart/checkout")], [3, 3]);
    assert_eq!([count("carts"), count("table/carts")], [1, 1]);
    let unknown = selected(&record, &of("chekout")).expect_err("unknown").to_string();
    assert!(unknown.contains("no resource `chekout`; it has "), "{unknown}");
    assert!(unknown.ends_with("it has checkout, function/fraud, table/carts, table/stock"));
}

#[test]
fn a_resource_without_decisions_is_none_that_is_unknown() {
    let mut record = scaled_fixture();
    record.scaling.retain(|activity| activity.resource != "checkout");
    record.totals.services[0].service = "checkout".to_owned();
    for name in ["checkout", "service/securecart/checkout"] {
        let text = scaling(&record, &of(name), 100).expect("known");
        assert!(text.starts_with(&format!("no scaling decisions of {name} in run ")), "{text}");
        let json = scaling_json(&record, &of(name)).expect("known");
        assert_eq!(json.split_whitespace().collect::<String>(), r#"{"ScalingActivities":[]}"#);
    }
    assert!(scaling(&record, &of("nothing/checkout"), 100).is_err());
    let mut held = scaled_fixture();
    held.scaling.retain(|activity| activity.outcome == ScalingOutcome::Held);
    let resource = held.scaling[0].resource.clone();
    let selection = Selection { resource: Some(resource), scaled_only: true };
    let text = scaling(&held, &selection, 100).expect("known");
    assert!(
        text.contains("0 scaling activities") || text.contains("no scaling activities"),
        "{text}"
    );
}

#[test]
fn what_was_held_back_can_be_left_out_as_aws_does() {
    let selection = Selection { scaled_only: true, ..Selection::default() };
    let record = scaled_fixture();
    let text = scaling(&record, &selection, 100).expect("text");
    assert!(text.contains("3 scaling activities; decisions that were held back"), "{text}");
    assert!(!text.contains("not scaled"), "{text}");
    assert!(!scaling_json(&record, &selection).expect("JSON").contains("NotScaledReasons"));
}

#[test]
fn a_run_without_scaling_says_so() {
    let record = fixture(Verdict::Held);
    let text = scaling(&record, &Selection::default(), 100).expect("text");
    assert_eq!(text, "nothing scaled in run black-friday-20261127T000000Z-00ff\n");
    let json = scaling_json(&record, &Selection::default()).expect("JSON");
    assert_eq!(json.split_whitespace().collect::<String>(), r#"{"ScalingActivities":[]}"#);
}
