use super::*;
use crate::{
    AttributeValue,
    fixture::{Request, item, product},
};

const VALUES: &str = r#"{
    ":n": {"N": "5"}, ":s": {"S": "x"}, ":b": {"B": "YQ=="}, ":true": {"BOOL": true},
    ":list": {"L": [{"S": "new"}]}, ":map": {"M": {}}, ":null": {"NULL": true},
    ":red": {"SS": ["Red"]}, ":all": {"SS": ["Red", "Green", "Blue"]},
    ":pink": {"SS": ["Pink"]}, ":ns": {"NS": ["9"]}
}"#;

fn request() -> Request {
    Request::new(&[("#r", "ProductReviews"), ("#c", "c"), ("#d", "[3]")], VALUES)
}

/// What became of an item, with what `UPDATED_OLD` and `UPDATED_NEW` show of it.
#[derive(Debug)]
struct Outcome {
    item: Item,
    old: Item,
    new: Item,
}

fn apply(text: &str, before: &Item) -> Result<Outcome, String> {
    let request = request();
    let substitutions = request.substitutions();
    let update = Update::parse(text).map_err(|error| error.to_string())?;
    update.check(&substitutions).map_err(|error| error.to_string())?;
    let updated = update.apply(before, &substitutions).map_err(|error| error.to_string())?;
    let (old, new) = (updated.updated_old(before), updated.updated_new(&updated.item));
    Ok(Outcome { item: updated.item, old, new })
}

/// `product()` after `text`, reduced to what `json` speaks of; `null` for an attribute that is gone.
fn assert_update(text: &str, json: &str) {
    let updated = apply(text, &product()).unwrap_or_else(|error| panic!("{text}: {error}"));
    let expected: std::collections::BTreeMap<String, Option<AttributeValue>> =
        serde_json::from_str(json).expect("attributes");
    for (name, value) in expected {
        assert_eq!(updated.item.get(name.as_str()), value.as_ref(), "{text}: {name}");
    }
}

#[test]
fn set_assigns() {
    for (text, json) in [
        ("SET Brand = :s, Fresh = :map", r#"{"Brand": {"S": "x"}, "Fresh": {"M": {}}}"#),
        ("set Price = Price + :n", r#"{"Price": {"N": "57"}}"#),
        ("SET Price = :n - Price", r#"{"Price": {"N": "-47"}}"#),
        ("SET Price = (Price - :n)", r#"{"Price": {"N": "47"}}"#),
        ("SET Price = (if_not_exists(Stock, :n)) + :n", r#"{"Price": {"N": "10"}}"#),
        ("SET Price = if_not_exists(Price, :n)", r#"{"Price": {"N": "52"}}"#),
        ("SET Brand = Price, Price = Brand", r#"{"Brand": {"N": "52"}, "Price": {"S": "Acme"}}"#),
        (
            "SET RelatedItems = list_append(:list, RelatedItems)",
            r#"{"RelatedItems": {"L": [{"S": "new"}, {"N": "341"}, {"N": "472"}, {"N": "649"}]}}"#,
        ),
        (
            "SET Trail = list_append(if_not_exists(Trail, :list), :list)",
            r#"{"Trail": {"L": [{"S": "new"}, {"S": "new"}]}}"#,
        ),
        (
            "SET RelatedItems[1] = :s, #r.OneStar[0] = :n",
            r#"{"RelatedItems": {"L": [{"N": "341"}, {"S": "x"}, {"N": "649"}]},
                "ProductReviews": {"M": {"FiveStar": {"L": [{"S": "Excellent"}, {"S": "Best"}]}, "OneStar": {"L": [{"N": "5"}]}}}}"#,
        ),
        (
            "SET RelatedItems[90] = :n, RelatedItems[10] = :s",
            r#"{"RelatedItems": {"L": [{"N": "341"}, {"N": "472"}, {"N": "649"}, {"S": "x"}, {"N": "5"}]}}"#,
        ),
    ] {
        assert_update(text, json);
    }
}

#[test]
fn remove_add_and_delete_do_as_documented() {
    for (text, json) in [
        ("REMOVE Brand, Absent", r#"{"Brand": null, "Absent": null}"#),
        ("REMOVE RelatedItems[0], RelatedItems[1]", r#"{"RelatedItems": {"L": [{"N": "649"}]}}"#),
        (
            "REMOVE RelatedItems[0] SET RelatedItems[2] = :n",
            r#"{"RelatedItems": {"L": [{"N": "472"}, {"N": "5"}]}}"#,
        ),
        (
            "REMOVE #r.FiveStar[0], RelatedItems[9]",
            r#"{"ProductReviews": {"M": {"FiveStar": {"L": [{"S": "Best"}]}, "OneStar": {"L": [{"S": "Terrible"}]}}}}"#,
        ),
        ("ADD Price :n, Stock :n", r#"{"Price": {"N": "57"}, "Stock": {"N": "5"}}"#),
        (
            "ADD Color :pink, Tags :pink",
            r#"{"Color": {"SS": ["Blue", "Green", "Pink", "Red"]}, "Tags": {"SS": ["Pink"]}}"#,
        ),
        (
            "ADD #r.Sales :n",
            r#"{"ProductReviews": {"M": {"Sales": {"N": "5"}, "FiveStar": {"L": [{"S": "Excellent"}, {"S": "Best"}]}, "OneStar": {"L": [{"S": "Terrible"}]}}}}"#,
        ),
        (
            "DELETE Color :red, Absent :red",
            r#"{"Color": {"SS": ["Blue", "Green"]}, "Absent": null}"#,
        ),
        ("DELETE Color :all", r#"{"Color": null}"#),
        (
            "DELETE Color :pink ADD Scores :ns REMOVE InStock SET Brand = :s",
            r#"{"Color": {"SS": ["Blue", "Green", "Red"]}, "Scores": {"NS": ["1", "2.5", "9"]}, "InStock": null, "Brand": {"S": "x"}}"#,
        ),
    ] {
        assert_update(text, json);
    }
}

#[test]
fn removals_in_nested_lists_mean_the_elements_of_before() {
    let before = item(r#"{"a": {"L": [{"S": "0"}, {"M": {"b": {"S": "1"}, "c": {"S": "2"}}}]}}"#);
    let after = apply("REMOVE a[0], a[1].b", &before).expect("an update").item;
    assert_eq!(after, item(r#"{"a": {"L": [{"M": {"c": {"S": "2"}}}]}}"#));
}

#[test]
fn what_an_item_has_no_place_for_is_refused() {
    let path = "The document path provided in the update expression is invalid for update";
    let absent = "The provided expression refers to an attribute that does not exist in the item";
    let operand = "An operand in the update expression has an incorrect data type";
    for (text, message) in [
        ("SET Absent.x = :n", path),
        ("SET Brand.x = :n", path),
        ("SET Brand[0] = :n", path),
        ("SET RelatedItems.x = :n", path),
        ("SET RelatedItems[7].x = :n", path),
        ("REMOVE Absent.x", path),
        ("REMOVE Absent[0]", path),
        ("ADD Absent.x :n", path),
        ("DELETE Absent.x :red", path),
        ("SET x = Absent", absent),
        ("SET x = Absent + :n", absent),
        ("SET x = if_not_exists(Absent, Nowhere)", absent),
        ("SET x = list_append(Absent, :list)", absent),
        ("SET x = Brand + :n", operand),
        ("SET x = list_append(Price, :list)", operand),
        ("ADD Brand :n", operand),
        ("ADD Color :ns", operand),
        ("DELETE Scores :red", operand),
    ] {
        assert_eq!(apply(text, &product()).expect_err(text), message, "{text}");
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    let before = item(
        r#"{"big": {"N": "9.9999999999999999999999999999999999999e125"}, "tiny": {"N": "1e-100"}}"#,
    );
    for (text, message) in [
        (
            "SET big = big + big",
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        ("ADD tiny :n", "Attempting to store more than 38 significant digits in a Number"),
    ] {
        assert_eq!(apply(text, &before).expect_err(text), message, "{text}");
    }
}

#[test]
fn documents_cannot_grow_too_deep() {
    let mut deep = AttributeValue::L(Vec::new());
    for _ in 1..crate::MAX_NESTING {
        deep = AttributeValue::L(vec![deep]);
    }
    let before =
        Item::from([("deep".into(), deep), ("shallow".into(), AttributeValue::L(Vec::new()))]);
    assert!(apply("SET x = deep", &before).is_ok());
    let error = apply("SET shallow[0] = deep", &before).expect_err("33 levels");
    assert!(error.starts_with("Nesting Levels have exceeded supported limits"), "{error}");
}

#[test]
fn returned_values_are_the_touched_parts() {
    let before = product();
    let updated = apply(
        "SET Price = :n, RelatedItems[1] = :s, RelatedItems[9] = :n, Fresh = :s REMOVE Brand ADD Color :pink",
        &before,
    )
    .expect("an update");
    assert_eq!(
        updated.old,
        item(
            r#"{"Price": {"N": "52"}, "RelatedItems": {"L": [{"N": "472"}]}, "Brand": {"S": "Acme"},
                "Color": {"SS": ["Blue", "Green", "Red"]}}"#
        )
    );
    assert_eq!(
        updated.new,
        item(
            r#"{"Price": {"N": "5"}, "RelatedItems": {"L": [{"S": "x"}, {"N": "5"}]}, "Fresh": {"S": "x"},
                "Color": {"SS": ["Blue", "Green", "Pink", "Red"]}}"#
        )
    );
}

#[test]
fn touched_attributes_are_told() {
    let update = Update::parse("SET #r.x = Price REMOVE Brand").expect("an update");
    let request = request();
    assert_eq!(update.attributes(&request.substitutions()), Ok(vec!["ProductReviews", "Brand"]));
    assert!(update.placeholders().has_name("#r"));
}

fn refusal(text: &str) -> String {
    let refused = Update::parse(text).and_then(|update| update.check(&request().substitutions()));
    let message = refused.expect_err(text).to_string();
    message.strip_prefix("Invalid UpdateExpression: ").expect("the parameter").to_owned()
}

#[test]
fn syntax_errors_are_found_where_dynalite_found_them() {
    for text in [
        "whatever",
        "set a",
        "add a",
        "delete a",
        "set a=set",
        "remove a = b",
        "add a = b",
        "delete a b",
        "add abort b",
        "add a if_not_exist(b)",
        "remove a b",
        "set a b",
        "set :a = b",
        "add :a b",
        "remove :a",
        "set a = b / c",
        "set a[1] = \"eight\"",
        "set a[1] = 1",
        "SET a = if_not_exist(a, 100)",
        "SET if_not_exist(a, b) = a",
        "set (a = (b + c))",
        "set a = (b.c).d + e",
        "set a = (b.c)[0] + e",
        "set a = b + c + d",
        "set",
        "set a = b,",
    ] {
        let message = refusal(text);
        assert!(message.starts_with("Syntax error; token: \""), "{text}: {message}");
    }
    assert_eq!(refusal("SET a = :n,"), "Syntax error; token: \"<EOF>\", near: \",\"");
}

#[test]
fn other_defects_have_aws_messages() {
    let overlap = |one: &str, two: &str| {
        format!(
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: {one}, path two: {two}"
        )
    };
    let conflict = |one: &str, two: &str| overlap(one, two).replace("overlap", "conflict");
    for (text, message) in [
        ("", "The expression can not be empty;".to_owned()),
        (
            " set #q = :q set abOrt = true ",
            "Attribute name is a reserved keyword; reserved keyword: abOrt".to_owned(),
        ),
        (
            "set #q = size(:q) set c = d",
            "The function is not allowed in an update expression; function: size".to_owned(),
        ),
        ("set #q = if_not_exist(:q) set c = d", "Invalid function name; function: if_not_exist".to_owned()),
        ("set a = #q set c = :q", "The \"SET\" section can only be used once in an update expression;".to_owned()),
        (
            "SET #q = if_not_exists(:q)",
            "An expression attribute name used in the document path is not defined; attribute name: #q".to_owned(),
        ),
        (
            "SET a = if_not_exists(:q)",
            "An expression attribute value used in expression is not defined; attribute value: :q".to_owned(),
        ),
        ("set d[1] = a, d.b = a, c[1].a = a, #c = if_not_exists(a)", overlap("[c, [1], a]", "[c]")),
        ("set c.b.#c = a, c = a, #d = a", overlap("[c, b, c]", "[c]")),
        ("set a = b remove a, #c, #d", overlap("[a]", "[a]")),
        ("set #c[3].#d = a, #c[3] = a", overlap("[c, [3], [3]]", "[c, [3]]")),
        ("remove c, #c.a, #d", overlap("[c]", "[c, a]")),
        ("set #c[3].#d = a, #c.#d[3] = if_not_exists(a)", conflict("[c, [3], [3]]", "[c, [3], [3]]")),
        ("remove a.#c set a[1] = #d", conflict("[a, c]", "[a, [1]]")),
        (
            "set b = list_append(:s, a), c = if_not_exists(a) add a.b :s",
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND".to_owned(),
        ),
        (
            "delete a.b :n",
            "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND".to_owned(),
        ),
        (
            "add a.b :map",
            "Incorrect operand type for operator or function; operator: ADD, operand type: MAP, typeSet: ALLOWED_FOR_ADD_OPERAND".to_owned(),
        ),
        (
            "set a = list_append(c)",
            "Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1".to_owned(),
        ),
        (
            "set a = if_not_exists(if_not_exists(a, b), c)",
            "Operator or function requires a document path; operator or function: if_not_exists".to_owned(),
        ),
        (
            "set a = list_append(a, :n)",
            "Incorrect operand type for operator or function; operator or function: list_append, operand type: N".to_owned(),
        ),
        (
            "set a = a - :list",
            "Incorrect operand type for operator or function; operator or function: -, operand type: L".to_owned(),
        ),
    ] {
        assert_eq!(refusal(text), message, "{text}");
    }
}
