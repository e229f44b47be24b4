//! The examples of AWS's documentation and of event-ruler's README, and what both refuse.

use serde_json::{Value, json};

use super::{Dialect, Pattern};

fn matches(pattern: &Value, event: &Value) -> bool {
    let pattern = Pattern::parse(&pattern.to_string(), Dialect::EventPattern).expect("valid");
    pattern.matches(event.as_object().expect("an object"))
}

fn detail(pattern: &Value) -> bool {
    matches(&json!({ "detail": pattern }), &instance())
}

/// The README's event.
fn instance() -> Value {
    json!({
        "version": "0",
        "id": "ddddd4-aaaa-7777-4444-345dd43cc333",
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": "012345679012",
        "time": "2017-10-02T16:24:49Z",
        "region": "us-east-1",
        "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000"],
        "detail": {
            "c-count": 5,
            "d-count": 3,
            "x-limit": 301.8,
            "source-ip": "10.0.0.33",
            "instance-id": "i-000000aaaaaa00000",
            "state": "running",
            "name": "",
            "owner": null,
            "spot": true
        }
    })
}

#[test]
fn the_readme_examples_match() {
    for pattern in [
        json!({ "detail-type": ["EC2 Instance State-change Notification"],
                "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000"],
                "detail": { "state": ["initializing", "running"] } }),
        json!({ "time": [{ "prefix": "2017-10-02" }] }),
        json!({ "source": [{ "suffix": "ec2" }] }),
        json!({ "source": [{ "equals-ignore-case": "AWS.EC2" }] }),
        json!({ "source": [{ "prefix": { "equals-ignore-case": "AWS." } }] }),
        json!({ "source": [{ "suffix": { "equals-ignore-case": "EC2" } }] }),
        json!({ "source": [{ "wildcard": "a*.e*2" }] }),
        json!({ "detail": { "state": [{ "anything-but": "initializing" }] } }),
        json!({ "detail": { "x-limit": [{ "anything-but": 123 }] } }),
        json!({ "detail": { "state": [{ "anything-but": ["stopped", "overloaded"] }] } }),
        json!({ "detail": { "x-limit": [{ "anything-but": [100, 200, 300] }] } }),
        json!({ "detail": { "state": [{ "anything-but": { "prefix": "init" } }] } }),
        json!({ "detail": { "c-count": [{ "numeric": [">", 0, "<=", 5] }],
                            "d-count": [{ "numeric": ["<", 10] }],
                            "x-limit": [{ "numeric": ["=", 3.018e2] }] } }),
        json!({ "detail": { "source-ip": [{ "cidr": "10.0.0.0/24" }] } }),
        json!({ "detail": { "c-count": [{ "exists": true }] } }),
        json!({ "detail": { "e-count": [{ "exists": false }] } }),
        json!({ "time": [{ "prefix": "2017-10-02" }],
                "detail": { "state": [{ "anything-but": "initializing" }],
                            "c-count": [{ "numeric": [">", 0, "<=", 5] }],
                            "d-count": [{ "numeric": ["<", 10] }],
                            "x-limit": [{ "anything-but": [100, 200, 300] }],
                            "source-ip": [{ "cidr": "10.0.0.0/8" }] } }),
    ] {
        assert!(matches(&pattern, &instance()), "{pattern}");
    }
}

#[test]
fn values_keep_their_type() {
    assert!(detail(&json!({ "c-count": [5] })));
    assert!(!detail(&json!({ "c-count": ["5"] })));
    // AWS: "300, 300.0, and 3.0e2 are not considered equal"; `numeric` compares values.
    assert!(!detail(&json!({ "c-count": [5.0] })));
    assert!(detail(&json!({ "c-count": [{ "numeric": ["=", 5.0] }] })));
    assert!(!detail(&json!({ "state": [{ "numeric": ["<", 10] }] })));
    assert!(!detail(&json!({ "c-count": [{ "prefix": "5" }] })));
    assert!(detail(&json!({ "spot": [true] })) && !detail(&json!({ "spot": ["true"] })));
    assert!(detail(&json!({ "owner": [null] })) && !detail(&json!({ "owner": [""] })));
    assert!(detail(&json!({ "name": [""] })) && !detail(&json!({ "name": [null] })));
    assert!(!detail(&json!({ "missing": [null] })));
}

#[test]
fn anything_but_takes_every_documented_form() {
    for (pattern, expected) in [
        (json!({ "anything-but": "running" }), false),
        (json!({ "anything-but": ["running", "x"] }), false),
        (json!({ "anything-but": { "prefix": "run" } }), false),
        (json!({ "anything-but": { "prefix": ["x", "run"] } }), false),
        (json!({ "anything-but": { "suffix": "ing" } }), false),
        (json!({ "anything-but": { "suffix": ["ed"] } }), true),
        (json!({ "anything-but": { "equals-ignore-case": "RUNNING" } }), false),
        (json!({ "anything-but": { "equals-ignore-case": ["a", "Running"] } }), false),
        (json!({ "anything-but": { "wildcard": "*unn*" } }), false),
        (json!({ "anything-but": { "wildcard": ["*/lib/*", "*/bin/*"] } }), true),
        (json!({ "anything-but": 5 }), true),
    ] {
        assert_eq!(detail(&json!({ "state": [pattern.clone()] })), expected, "{pattern}");
    }
    assert!(!detail(&json!({ "missing": [{ "anything-but": "x" }] })), "an absent field");
    assert!(!detail(&json!({ "c-count": [{ "anything-but": [5.0] }] })), "numbers by value");
}

#[test]
fn exists_asks_about_leaves() {
    let event = json!({ "detail": { "count": { "inner": 1 }, "none": [], "null": null } });
    for (field, exists) in [("count", false), ("none", false), ("null", true), ("gone", false)] {
        for asked in [true, false] {
            let pattern = json!({ "detail": { field: [{ "exists": asked }] } });
            assert_eq!(matches(&pattern, &event), asked == exists, "{pattern}");
        }
    }
    let nested = json!({ "detail": { "a": { "b": { "c": [{ "exists": false }] } } } });
    assert!(matches(&nested, &event));
    let either = json!({ "detail": { "gone": [{ "exists": false }, "x"] } });
    assert!(matches(&either, &event));
    assert!(!matches(&either, &json!({ "detail": { "gone": "y" } })));
}

#[test]
fn fields_below_an_array_match_within_one_element() {
    let event = json!({ "employees": [
        { "first": "Anna", "last": "Smith", "ids": [1, 2] },
        { "first": "Peter", "last": "Jones" },
    ]});
    let person =
        |first: &str, last: &str| json!({ "employees": { "first": [first], "last": [last] } });
    assert!(matches(&person("Anna", "Smith"), &event));
    assert!(!matches(&person("Anna", "Jones"), &event));
    assert!(matches(&json!({ "employees": { "ids": [2] } }), &event));
    let absent = json!({ "employees": { "first": ["Peter"], "ids": [{ "exists": false }] } });
    assert!(!matches(&absent, &event), "the event has ids, though Peter has none");
}

#[test]
fn or_combines_fields() {
    let pattern = json!({
        "source": ["aws.cloudwatch"],
        "$or": [
            { "metricName": ["CPUUtilization", "ReadLatency"] },
            { "metricType": ["MetricType"], "namespace": ["AWS/EC2", "AWS/ES"],
              "$or": [{ "metricId": [1234] }, { "spaceId": [1000] }] },
            { "scope": ["Service"] }
        ]
    });
    let with = |fields: Value| {
        let mut event = json!({ "source": "aws.cloudwatch" });
        event.as_object_mut().expect("object").extend(fields.as_object().expect("object").clone());
        matches(&pattern, &event)
    };
    assert!(with(json!({ "metricName": "ReadLatency" })));
    assert!(with(json!({ "scope": "Service" })));
    assert!(with(json!({ "metricType": "MetricType", "namespace": "AWS/ES", "spaceId": 1000 })));
    assert!(!with(json!({ "metricType": "MetricType", "namespace": "AWS/ES" })));
    assert!(!with(json!({})));
    let plain = json!({ "$or": { "metricType": ["MetricType"] } });
    assert!(matches(&plain, &json!({ "$or": { "metricType": "MetricType" } })));
}

#[test]
fn what_is_not_a_pattern_is_refused_with_a_reason() {
    for (pattern, reason) in [
        (r"[]", "Filter is not an object"),
        (r"{", "Filter is not valid JSON"),
        (r"{}", "Empty objects are not allowed"),
        (r#"{"a": {}}"#, "Empty objects are not allowed"),
        (r#"{"a": []}"#, "Empty arrays are not allowed"),
        (r#"{"a": "x"}"#, r#""a" must be an object or an array"#),
        (r#"{"a": [["x"]]}"#, "Match value must be String, number, true, false, or null"),
        (r#"{"a": [{"like": "x"}]}"#, "Unrecognized match type like"),
        (r#"{"a": [{}]}"#, "Match expression name not found"),
        (r#"{"a": [{"prefix": "x", "suffix": "y"}]}"#, "Only one key allowed"),
        (r#"{"a": [{"prefix": 1}]}"#, "prefix match pattern must be a string"),
        (r#"{"a": [{"suffix": null}]}"#, "suffix match pattern must be a string"),
        (r#"{"a": [{"exists": "yes"}]}"#, "exists match pattern must be either true or false."),
        (r#"{"a": [{"numeric": 5}]}"#, "Value of numeric must be an array."),
        (r#"{"a": [{"numeric": []}]}"#, "Invalid member in numeric match: ]"),
        (r#"{"a": [{"numeric": ["~", 1]}]}"#, "Unrecognized numeric range operator: ~"),
        (r#"{"a": [{"numeric": ["=", "1"]}]}"#, "Value of equals must be numeric"),
        (r#"{"a": [{"numeric": ["<", 1, ">", 0]}]}"#, "Too many elements in numeric expression"),
        (r#"{"a": [{"numeric": [">", 1, "<", 1]}]}"#, "Bottom must be less than top"),
        (r#"{"a": [{"numeric": [">", 1, "=", 2]}]}"#, "Bad numeric range operator: ="),
        (r#"{"a": [{"numeric": [">", 1, "<", 2, 3]}]}"#, "Too many terms in numeric range"),
        (r#"{"a": [{"numeric": ["<", 6e9]}]}"#, "between -5.0E9 and 5.0E9"),
        (r#"{"a": [{"anything-but": [1, "x"]}]}"#, "mixed type is not supported"),
        (r#"{"a": [{"anything-but": []}]}"#, "mixed type is not supported"),
        (r#"{"a": [{"anything-but": [null]}]}"#, "start|null|boolean is not supported"),
        (r#"{"a": [{"anything-but": {"numeric": [1]}}]}"#, "Unsupported anything-but pattern"),
        (r#"{"a": [{"anything-but": {"prefix": ""}}]}"#, "Null prefix/suffix not allowed"),
        (r#"{"a": [{"anything-but": null}]}"#, "Value of anything-but must be an array"),
        (r#"{"a": [{"wildcard": "a**"}]}"#, "Consecutive wildcard characters at pos 1"),
        (r#"{"a": [{"cidr": "10.0.0.0"}]}"#, "Malformed CIDR, one '/' required"),
    ] {
        let error = Pattern::parse(pattern, Dialect::EventPattern).expect_err(pattern).to_string();
        assert!(error.contains(reason), "{pattern}: {error}");
    }
}

#[test]
fn filter_policies_offer_fewer_operators() {
    for (pattern, reason) in [
        (r#"{"a": [{"wildcard": "a*"}]}"#, "Unrecognized match type wildcard"),
        (r#"{"a": [{"prefix": {"equals-ignore-case": "x"}}]}"#, "prefix match pattern must be"),
        (r#"{"a": [{"anything-but": {"wildcard": "x"}}]}"#, "Unsupported anything-but pattern"),
    ] {
        Pattern::parse(pattern, Dialect::EventPattern).expect(pattern);
        let error = Pattern::parse(pattern, Dialect::FilterPolicy).expect_err(pattern).to_string();
        assert!(error.contains(reason), "{pattern}: {error}");
    }
}

#[test]
fn a_pattern_of_too_many_combinations_is_refused() {
    let branch = r#"[{"a": ["1"]}, {"a": ["2"]}]"#;
    let deep = (0..12).fold(r#"{"z": ["1"]}"#.to_owned(), |inner, level| {
        format!(r#"{{"k{level}": {{"$or": {branch}}}, "m{level}": {inner}}}"#)
    });
    let error = Pattern::parse(&deep, Dialect::EventPattern).expect_err("4,096 combinations");
    assert!(error.to_string().contains("too complex"), "{error}");
}
