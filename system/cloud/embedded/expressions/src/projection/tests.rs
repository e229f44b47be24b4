use super::*;
use crate::fixture::{Request, item, product};

fn project(text: &str) -> Result<Item, String> {
    let request = Request::new(&[("#r", "ProductReviews"), ("#dot", "a.b")], "{}");
    Projection::parse(text)
        .and_then(|projection| projection.resolve(&request.substitutions()))
        .map(|paths| paths.project(&product()))
        .map_err(|error| error.to_string())
}

#[test]
fn the_guides_examples_work() {
    for (text, json) in [
        ("Brand", r#"{"Brand": {"S": "Acme"}}"#),
        ("RelatedItems[0]", r#"{"RelatedItems": {"L": [{"N": "341"}]}}"#),
        (
            "Price, Brand, RelatedItems[2], RelatedItems[0]",
            r#"{"Price": {"N": "52"}, "Brand": {"S": "Acme"}, "RelatedItems": {"L": [{"N": "341"}, {"N": "649"}]}}"#,
        ),
        (
            "#r.FiveStar",
            r#"{"ProductReviews": {"M": {"FiveStar": {"L": [{"S": "Excellent"}, {"S": "Best"}]}}}}"#,
        ),
        (
            "#r.FiveStar[1], ProductReviews.OneStar[0]",
            r#"{"ProductReviews": {"M": {"FiveStar": {"L": [{"S": "Best"}]}, "OneStar": {"L": [{"S": "Terrible"}]}}}}"#,
        ),
        (
            "#r.FiveStar[0], ProductReviews.FiveStar[1]",
            r#"{"ProductReviews": {"M": {"FiveStar": {"L": [{"S": "Excellent"}, {"S": "Best"}]}}}}"#,
        ),
        ("Absent, #dot, Brand[0], Price.x, RelatedItems[9], #r.SixStar", "{}"),
    ] {
        assert_eq!(project(text), Ok(item(json)), "{text}");
    }
}

#[test]
fn defects_have_aws_messages() {
    for (text, message) in [
        ("", "The expression can not be empty;"),
        ("a,", "Syntax error; token: \"<EOF>\", near: \",\""),
        ("a b", "Syntax error; token: \"b\", near: \"a b\""),
        ("a, :b", "Syntax error; token: \":b\", near: \", :b\""),
        ("size(a)", "Syntax error; token: \"(\", near: \"size(a\""),
        ("a, b.Name", "Attribute name is a reserved keyword; reserved keyword: Name"),
        (
            "#x",
            "An expression attribute name used in the document path is not defined; attribute name: #x",
        ),
        (
            "a.b, c, a",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]",
        ),
        (
            "#r, ProductReviews",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [ProductReviews], path two: [ProductReviews]",
        ),
        (
            "a[1], a.b",
            "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, [1]], path two: [a, b]",
        ),
    ] {
        assert_eq!(
            project(text),
            Err(format!("Invalid ProjectionExpression: {message}")),
            "{text}"
        );
    }
}

#[test]
fn top_level_attributes_are_told_once() {
    let projection = Projection::parse("b.x, a, b.y[1]").expect("a projection");
    let paths = projection.resolve(&Substitutions::default()).expect("no placeholders");
    assert_eq!(paths.attributes().collect::<Vec<_>>(), ["a", "b"]);
}
