use proptest::prelude::*;

use super::*;
use crate::fixture::{Request, item, product};

const VALUES: &str = r#"{
    ":acme": {"S": "Acme"}, ":home": {"S": "Home"}, ":red": {"S": "Red"}, ":s": {"S": "S"},
    ":n1": {"N": "1"}, ":n52": {"N": "52.0"}, ":n100": {"N": "100"}, ":n341": {"N": "341"},
    ":bytes": {"B": "AgM="}, ":true": {"BOOL": true}, ":null": {"NULL": true},
    ":colours": {"SS": ["Red", "Green", "Blue"]}, ":list": {"L": []}, ":bad": {"S": "X"}
}"#;

fn request() -> Request {
    Request::new(&[("#r", "ProductReviews"), ("#five", "FiveStar"), ("#id", "Id")], VALUES)
}

fn holds(text: &str) -> bool {
    let request = request();
    let condition = Condition::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    condition.check(&request.substitutions()).unwrap_or_else(|error| panic!("{text}: {error}"));
    condition.evaluate(&product(), &request.substitutions()).expect("checked")
}

/// The refusal of `text`, by parsing or by the check.
fn refusal(text: &str) -> String {
    let refused = Condition::parse_filter(text)
        .and_then(|condition| condition.check(&request().substitutions()));
    let message = refused.expect_err(text).to_string();
    message.strip_prefix("Invalid FilterExpression: ").expect("the parameter").to_owned()
}

#[test]
fn conditions_that_hold() {
    for text in [
        "Price = :n52",
        "Price <> :n1 AND Price > :n1 AND Price < :n100 AND Price >= :n52 AND Price <= :n52",
        ":n52 = Price",
        "Price BETWEEN :n1 AND :n100",
        "Price in (:n1, :n52, :n100)",
        "Color = :colours",
        "InStock = :true AND Nothing = :null",
        "attribute_exists(Brand) and not attribute_exists(Colour)",
        "attribute_not_exists(#r.#five[2])",
        "attribute_exists(#r.#five[1])",
        "attribute_type(Brand, :s)",
        "begins_with(ProductCategory, :home)",
        "begins_with(Picture, :bytes) OR contains(Picture, :bytes)",
        "contains(Color, :red) AND contains(Scores, :n1) AND contains(RelatedItems, :n341)",
        "contains(ProductCategory, :home)",
        "size(Color) > size(Scores)",
        "size(#r) > :n1 and size(Picture) < :n52 and size(Brand) = size(Picture)",
        "Absent <> :n1",
        "(Price) = (:n52)",
        "(ProductReviews.FiveStar)[0] <> :s",
        "NOT NOT Price = :n52",
        "Price = :n1 OR Price = :n52 AND #id <> :n1",
    ] {
        assert!(holds(text), "{text}");
    }
}

#[test]
fn conditions_that_do_not_hold() {
    for text in [
        "Absent = :n1",
        "Absent < :n1",
        "Absent >= :n1",
        "Absent BETWEEN :n1 AND :n100",
        "Absent IN (:n1)",
        "begins_with(Absent, :s)",
        "contains(Absent, :s)",
        "size(Absent) < :n100",
        "size(Price) < :n100",
        "attribute_type(Absent, :s)",
        "attribute_type(Price, :s)",
        "Price = :acme",
        "Brand < :n100",
        "Brand > :n1",
        "Color = :red",
        "begins_with(Price, :s)",
        "contains(Color, :n1)",
        "Brand.x = :acme",
        "Brand[0] = :acme",
        "RelatedItems[3] = :n341",
        "Price = :n1 AND Price = :n52 OR Price = :n100",
        "NOT Price = :n52",
        "NOT (Price = :n52 OR Price = :n1)",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn precedence_is_not_then_and_then_or() {
    let item = item(r#"{"t": {"BOOL": true}, "f": {"BOOL": false}}"#);
    let request = Request::values(r#"{":t": {"BOOL": true}}"#);
    for a in ["t", "f"] {
        for b in ["t", "f"] {
            for c in ["t", "f"] {
                let [x, y, z] = [a, b, c].map(|name| name == "t");
                for (text, expected) in [
                    (format!("{a} = :t OR {b} = :t AND {c} = :t"), x || y && z),
                    (format!("{a} = :t AND {b} = :t OR {c} = :t"), x && y || z),
                    (format!("NOT {a} = :t AND {b} = :t OR NOT {c} = :t"), !x && y || !z),
                    (format!("({a} = :t OR {b} = :t) AND {c} = :t"), (x || y) && z),
                    (format!("NOT ({a} = :t OR {b} = :t AND {c} = :t)"), !(x || y && z)),
                ] {
                    let condition = Condition::parse(&text).expect(&text);
                    let outcome = condition.evaluate(&item, &request.substitutions());
                    assert_eq!(outcome, Ok(expected), "{text}");
                }
            }
        }
    }
}

#[test]
fn syntax_errors_quote_the_token_and_its_neighbours() {
    for (text, token, near) in [
        ("a", "<EOF>", "a"),
        ("a = ", "<EOF>", "="),
        ("a = = :n1", "=", "= = :n1"),
        ("a = :n1 AND", "<EOF>", "AND"),
        ("a = 1", "1", "= 1"),
        ("a[:n1] = :n1", ":n1", "[:n1]"),
        ("(a = :n1", "<EOF>", ":n1"),
        ("a = :n1)", ")", ":n1)"),
        ("!!", "!", "!!"),
        ("_a = :n1", "_", "_a"),
        ("a = :", ":", "= :"),
        ("a BETWEEN :n1 OR :n100", "OR", ":n1 OR :n100"),
        ("a IN :n1", ":n1", "IN :n1"),
        ("a IN ()", ")", "()"),
        ("and = :n1", "and", "and ="),
        ("a.[0] = :n1", "[", ".[0"),
        ("attribute_exists(a) = :n1 b", "b", ":n1 b"),
        ("\u{e4} = :n1", "\u{e4}", "\u{e4} ="),
    ] {
        let expected = format!("Syntax error; token: \"{token}\", near: \"{near}\"");
        assert_eq!(refusal(text), expected, "{text}");
    }
}

#[test]
fn other_defects_have_aws_messages() {
    for (text, message) in [
        ("", "The expression can not be empty;"),
        ("  ", "The expression can not be empty;"),
        ("((a = :n1))", "The expression has redundant parentheses;"),
        ("((a)) = :n1", "The expression has redundant parentheses;"),
        ("((a = :n1)) AND status = foo(b)", "The expression has redundant parentheses;"),
        ("attribute_exits(status)", "Invalid function name; function: attribute_exits"),
        ("Size(a) = :n1", "Invalid function name; function: Size"),
        (
            "if_not_exists(a, b) = :n1",
            "The function is not allowed in a condition expression; function: if_not_exists",
        ),
        (
            "size(a)",
            "The function is not allowed to be used this way in an expression; function: size",
        ),
        (
            "attribute_exists(a) = :true",
            "The function is not allowed to be used this way in an expression; function: attribute_exists",
        ),
        (
            "contains(a, contains(a, b))",
            "The function is not allowed to be used this way in an expression; function: contains",
        ),
        (
            "a = :undefined AND Status = :n1",
            "Attribute name is a reserved keyword; reserved keyword: Status",
        ),
        (
            "#undefined = :n1",
            "An expression attribute name used in the document path is not defined; attribute name: #undefined",
        ),
        (
            "a = :undefined",
            "An expression attribute value used in expression is not defined; attribute value: :undefined",
        ),
        (
            "attribute_exists(a, b)",
            "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2",
        ),
        (
            "begins_with(a)",
            "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1",
        ),
        (
            "attribute_exists(:n1)",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "begins_with(a, :n1)",
            "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        ),
        (
            "a < :true",
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
        ),
        (
            "size(:n1) = :n1",
            "Incorrect operand type for operator or function; operator or function: size, operand type: N",
        ),
        (
            "attribute_type(a, b)",
            "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}",
        ),
        (
            "attribute_type(a, :n1)",
            "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N",
        ),
        (
            "attribute_type(a, :bad)",
            "Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
        ),
        (
            "Id = #id",
            "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [Id]",
        ),
        (
            "a BETWEEN :n1 AND :s",
            "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:S}",
        ),
        (
            "a BETWEEN :n52 AND :n1",
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:52}, upper bound operand: AttributeValue: {N:1}",
        ),
        (
            "a[99999999999] = :n1",
            "List index is not within the allowable range; index: [99999999999]",
        ),
    ] {
        assert_eq!(refusal(text), message, "{text}");
    }
}

#[test]
fn parentheses_with_more_inside_are_not_redundant() {
    for text in [
        "((a = :n1) OR b = :n1)",
        "(a = :n1) AND (b = :n1)",
        "(a = :n1 AND (b = :n1 OR c = :n1))",
        "(a) IN ((:n1), (:n52))",
        "contains((a), (:n1))",
    ] {
        assert!(Condition::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn limits_hold() {
    let long = format!("{} = :n1", "a".repeat(4_091));
    assert_eq!(long.len(), 4_097);
    assert_eq!(
        refusal(&long),
        "Expression size has exceeded the maximum allowed size; expression size: 4097"
    );
    assert!(Condition::parse(&long[1..]).is_ok());

    let chain = |tests: usize| vec!["a=:v"; tests].join(" OR ");
    // 150 comparisons and 149 times OR.
    assert!(Condition::parse(&chain(150)).is_ok());
    assert!(refusal(&chain(151)).starts_with("The expression contains too many operators"));

    let list = |operands: usize| format!("a IN ({})", vec![":n1"; operands].join(","));
    assert!(Condition::parse(&list(100)).is_ok());
    assert!(refusal(&list(101)).starts_with("Incorrect number of operands"));

    let path = |levels: usize| format!("a{} = :n1", ".a".repeat(levels));
    assert!(Condition::parse(&path(32)).is_ok());
    assert!(refusal(&path(33)).starts_with("The document path has too many nesting levels"));

    let nested =
        |levels: usize| format!("{}a=:v{}", "(b=:v OR ".repeat(levels), ")".repeat(levels));
    assert!(Condition::parse(&nested(100)).is_ok());
    for deep in [nested(101), "(".repeat(4_000), "NOT ".repeat(1_000), "size(".repeat(800)] {
        let message = refusal(&deep);
        assert_eq!(message, "The expression is nested too deeply; levels allowed: 100");
    }
}

#[test]
fn placeholders_and_attributes_are_told() {
    let condition =
        Condition::parse("#r.#five[0] = :s OR contains(Brand, :s)").expect("a condition");
    let placeholders = condition.placeholders();
    assert!(placeholders.has_name("#r") && placeholders.has_name("#five"));
    assert!(placeholders.has_value(":s"));
    assert!(!placeholders.has_name("#id") && !placeholders.has_value(":acme"));
    let request = request();
    let attributes = condition.attributes(&request.substitutions());
    assert_eq!(attributes, Ok(vec!["ProductReviews", "Brand"]));
}

/// A condition over `x0` to `x3`, as text and as its value for each assignment.
#[derive(Debug, Clone)]
enum Logic {
    Variable(usize),
    Not(Box<Logic>),
    And(Box<Logic>, Box<Logic>),
    Or(Box<Logic>, Box<Logic>),
}

impl Logic {
    fn text(&self) -> String {
        match self {
            Self::Variable(index) => format!("x{index} = :t"),
            Self::Not(inner) => format!("NOT {}", inner.grouped()),
            Self::And(left, right) => format!("{} AND {}", left.grouped(), right.grouped()),
            // AND binds tighter, so it may stand here as it is.
            Self::Or(left, right) => format!("{} OR {}", left.text(), right.text()),
        }
    }

    fn grouped(&self) -> String {
        match self {
            Self::Variable(_) | Self::Not(_) => self.text(),
            _ => format!("({})", self.text()),
        }
    }

    fn value(&self, assignment: usize) -> bool {
        match self {
            Self::Variable(index) => assignment & (1 << index) != 0,
            Self::Not(inner) => !inner.value(assignment),
            Self::And(left, right) => left.value(assignment) && right.value(assignment),
            Self::Or(left, right) => left.value(assignment) || right.value(assignment),
        }
    }
}

fn logic() -> impl Strategy<Value = Logic> {
    (0_usize..4).prop_map(Logic::Variable).prop_recursive(5, 32, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Logic::Not(Box::new(inner))),
            (inner.clone(), inner.clone())
                .prop_map(|(left, right)| Logic::And(Box::new(left), Box::new(right))),
            (inner.clone(), inner)
                .prop_map(|(left, right)| Logic::Or(Box::new(left), Box::new(right))),
        ]
    })
}

proptest! {
    #[test]
    fn logic_is_that_of_the_model(logic in logic()) {
        let text = logic.text();
        let condition = Condition::parse(&text).expect(&text);
        let request = Request::values(r#"{":t": {"BOOL": true}}"#);
        for assignment in 0..16 {
            let item: Item = (0..4)
                .map(|index| (format!("x{index}").into(), crate::AttributeValue::Bool(assignment & (1 << index) != 0)))
                .collect();
            let outcome = condition.evaluate(&item, &request.substitutions());
            prop_assert_eq!(outcome, Ok(logic.value(assignment)), "{} with {}", text, assignment);
        }
    }

    #[test]
    fn no_text_makes_parsing_panic(text in "\\PC{0,80}") {
        let _ = Condition::parse(&text);
        let _ = crate::Update::parse(&text);
        let _ = crate::Projection::parse(&text);
    }

    #[test]
    fn no_sequence_of_tokens_makes_parsing_or_evaluating_panic(
        text in r"((a|b\.c|#r|:n1|:s|status|size|contains|begins_with|SET|REMOVE|ADD|AND|OR|NOT|BETWEEN|IN|=|<>|<|\(|\)|\[|\]|0|,|\.|\+|-) ?){0,24}"
    ) {
        let request = request();
        let substitutions = request.substitutions();
        if let Ok(condition) = Condition::parse(&text) {
            let checked = condition.check(&substitutions);
            let outcome = condition.evaluate(&product(), &substitutions);
            prop_assert!(checked.is_err() || outcome.is_ok(), "{:?}", outcome);
        }
        if let Ok(update) = crate::Update::parse(&text) {
            let _ = update.check(&substitutions);
            let _ = update.apply(&product(), &substitutions);
        }
        if let Ok(key_condition) = crate::KeyCondition::parse(&text) {
            let _ = key_condition.resolve("a", Some("b"), &substitutions);
        }
        if let Ok(projection) = crate::Projection::parse(&text) {
            let _ = projection.resolve(&substitutions).map(|paths| paths.project(&product()));
        }
    }
}
