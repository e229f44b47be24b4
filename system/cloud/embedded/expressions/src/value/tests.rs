use super::*;

#[test]
fn values_stay_small() {
    assert_eq!(size_of::<AttributeValue>(), 32);
}

fn read(text: &str) -> Result<AttributeValue, String> {
    serde_json::from_str(text).map_err(|error| {
        validation_message(&error).unwrap_or_else(|| format!("malformed: {error}"))
    })
}

fn write(value: &AttributeValue) -> String {
    serde_json::to_string(value).expect("a value can be written")
}

#[test]
fn every_type_has_its_json() {
    for text in [
        r#"{"S":"a \"quoted\" text"}"#,
        r#"{"S":""}"#,
        r#"{"N":"1.5"}"#,
        r#"{"B":"3q2+7w=="}"#,
        r#"{"B":""}"#,
        r#"{"BOOL":false}"#,
        r#"{"NULL":true}"#,
        r#"{"L":[{"S":"a"},{"L":[]}]}"#,
        r#"{"M":{"a":{"N":"1"},"b":{"M":{}}}}"#,
        r#"{"SS":["a","b"]}"#,
        r#"{"NS":["-1","2"]}"#,
        r#"{"BS":["AA==","AQ=="]}"#,
        r#"{"SS":["","a"]}"#,
        r#"{"BS":["","AQ=="]}"#,
    ] {
        let value = read(text).expect(text);
        assert_eq!(write(&value), text);
        assert!(text.starts_with(&format!("{{\"{}\"", value.type_name())), "{text}");
    }
}

#[test]
fn refused_values_have_aws_messages() {
    for (text, message) in [
        (
            "{}",
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
        (
            r#"{"X":"a"}"#,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
        (
            r#"{"S":"a","N":"1"}"#,
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        ),
        (r#"{"N":""}"#, "The parameter cannot be converted to a numeric value"),
        (r#"{"NS":["1","b"]}"#, "The parameter cannot be converted to a numeric value: b"),
        (
            r#"{"N":"1e126"}"#,
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        (
            r#"{"NULL":false}"#,
            "One or more parameter values were invalid: Null attribute value types must have the value of true",
        ),
        (
            r#"{"SS":[]}"#,
            "One or more parameter values were invalid: An string set  may not be empty",
        ),
        (
            r#"{"NS":[]}"#,
            "One or more parameter values were invalid: An number set  may not be empty",
        ),
        (
            r#"{"BS":[]}"#,
            "One or more parameter values were invalid: Binary sets should not be empty",
        ),
        (
            r#"{"SS":["a","a"]}"#,
            "One or more parameter values were invalid: Input collection [a, a] contains duplicates.",
        ),
        (r#"{"NS":["1","1.0"]}"#, "Input collection contains duplicates"),
        (
            r#"{"BS":["Yg==","Yg=="]}"#,
            "One or more parameter values were invalid: Input collection [Yg==, Yg==]of type BS contains duplicates.",
        ),
    ] {
        assert_eq!(read(text), Err(message.to_owned()), "{text}");
        let nested = format!("{{\n\"L\":[{text}]}}");
        assert_eq!(read(&nested), Err(message.to_owned()), "{nested}");
    }
}

#[test]
fn unknown_members_are_skipped_as_aws_does() {
    assert_eq!(read(r#"{"X":{"S":[1]},"S":"a","Y":null}"#), Ok("a".into()));
}

#[test]
fn malformed_json_is_no_validation_error() {
    for text in [
        "",
        "1",
        "[]",
        r#"{"S":1}"#,
        r#"{"N":1}"#,
        r#"{"B":"*"}"#,
        r#"{"BOOL":"true"}"#,
        r#"{"L":{}}"#,
        r#"{"S":"a""#,
    ] {
        let error = read(text).expect_err(text);
        assert!(error.starts_with("malformed: "), "{text}: {error}");
    }
}

#[test]
fn documents_nest_thirty_two_levels_and_no_more() {
    let nested = |levels: usize| {
        format!("{}{{\"S\":\"a\"}}{}", "{\"L\":[".repeat(levels), "]}".repeat(levels))
    };
    let deepest = read(&nested(MAX_NESTING)).expect("32 levels");
    assert_eq!(deepest.nesting(), MAX_NESTING);
    let error = read(&nested(MAX_NESTING + 1)).expect_err("33 levels");
    assert!(error.starts_with("Nesting Levels have exceeded supported limits"), "{error}");
}

#[test]
fn sizes_follow_the_guide() {
    for (text, size) in [
        (r#"{"S":"äb"}"#, 3),
        (r#"{"N":"1234"}"#, 3),
        (r#"{"B":"AAAA"}"#, 3),
        (r#"{"BOOL":true}"#, 1),
        (r#"{"NULL":true}"#, 1),
        (r#"{"L":[]}"#, 3),
        (r#"{"L":[{"S":"ab"},{"S":"c"}]}"#, 3 + 2 + 3),
        (r#"{"M":{"key":{"S":"ab"}}}"#, 3 + 1 + 3 + 2),
        (r#"{"SS":["ab","c"]}"#, 3),
        (r#"{"NS":["1","22"]}"#, 4),
        (r#"{"BS":["AAAA"]}"#, 3),
    ] {
        assert_eq!(read(text).expect(text).size(), size, "{text}");
    }
    let item: Item = serde_json::from_str(r#"{"id":{"S":"abc"},"n":{"N":"7"}}"#).expect("an item");
    assert_eq!(item_size(&item), 2 + 3 + 1 + 2);
}

mod properties {
    use proptest::{collection, prelude::*};

    use super::*;

    fn text(pattern: &'static str) -> impl Strategy<Value = CompactString> {
        pattern.prop_map(CompactString::from)
    }

    fn values() -> impl Strategy<Value = AttributeValue> {
        let number = (any::<i64>(), -20_i32..20).prop_map(|(digits, exponent)| {
            format!("{digits}e{exponent}").parse().expect("a number")
        });
        let bytes = collection::vec(any::<u8>(), 1..8);
        let scalar = prop_oneof![
            "\\PC{0,12}".prop_map(AttributeValue::string),
            number.clone().prop_map(AttributeValue::N),
            bytes.clone().prop_map(AttributeValue::B),
            any::<bool>().prop_map(AttributeValue::Bool),
            Just(AttributeValue::Null),
            collection::btree_set(text("\\PC{1,5}"), 1..4).prop_map(AttributeValue::Ss),
            collection::btree_set(number, 1..4).prop_map(AttributeValue::Ns),
            collection::btree_set(bytes, 1..4).prop_map(AttributeValue::Bs),
        ];
        scalar.prop_recursive(6, 40, 5, |inner| {
            prop_oneof![
                collection::vec(inner.clone(), 0..5).prop_map(AttributeValue::L),
                collection::btree_map(text("\\PC{0,5}"), inner, 0..5).prop_map(AttributeValue::M),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_survives_a_round_trip(value in values()) {
            prop_assert_eq!(read(&write(&value)), Ok(value));
        }

        #[test]
        fn no_input_makes_reading_panic(text in r#"(\{|\}|\[|\]|"S":|"L":|"M":|"NS":|"a"|"1"|,|:|\\){0,30}"#) {
            if let Ok(value) = read(&text) {
                prop_assert_eq!(read(&write(&value)), Ok(value));
            }
        }
    }
}
