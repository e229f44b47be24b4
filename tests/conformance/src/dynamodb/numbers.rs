//! Numbers: 38 digits of precision, from 1E-130 to 9.99E+125, kept without needless zeros.

use serde_json::{Value, json};

use super::support::{Table, to_item};
use crate::{Case, Checked, case::case, check::Answered as _, context::Context};

const NUMBERS: &str = "DynamoDB guide, data types: number";

/// 9.9E+125, written out.
const LARGE: &str = concat!(
    "990000000000000000000000000000000000000000",
    "000000000000000000000000000000000000000000",
    "000000000000000000000000000000000000000000",
);

/// id, rule, what is written, what is read.
const KEPT: [(&str, &str, &str, &str); 11] = [
    ("leading-zeros", "Leading zeros are trimmed.", "007", "7"),
    ("trailing-zeros", "Trailing zeros are trimmed.", "1.500", "1.5"),
    ("zero", "Zero is 0, however it is written.", "-0.00", "0"),
    ("plus-sign", "A plus sign is dropped.", "+5", "5"),
    ("exponent", "An exponent is written out.", "1.5e3", "1500"),
    ("negative-exponent", "A negative exponent is written out.", "25E-2", "0.25"),
    (
        "digits-38",
        "38 digits are kept exactly.",
        "12345678901234567890123456789012345678",
        "12345678901234567890123456789012345678",
    ),
    (
        "decimals-38",
        "38 digits are kept exactly behind the point.",
        "0.12345678901234567890123456789012345678",
        "0.12345678901234567890123456789012345678",
    ),
    ("large", "Up to 9.9999999999999999999999999999999999999E+125 is kept.", "9.9E125", LARGE),
    ("negative", "Negative numbers are kept.", "-12.75", "-12.75"),
    ("no-float", "0.1 is 0.1: numbers are decimal, not binary.", "0.1", "0.1"),
];

/// id, rule, what is written, a part of the message.
const REFUSED: [(&str, &str, &str, &str); 4] = [
    (
        "digits-39",
        "More than 38 significant digits are refused.",
        "123456789012345678901234567890123456789",
        "Attempting to store more than 38 significant digits in a Number",
    ),
    (
        "too-large",
        "A magnitude above 9.99E+125 is refused.",
        "1E+126",
        "Number overflow. Attempting to store a number with magnitude larger than supported range",
    ),
    (
        "too-small",
        "A magnitude below 1E-130 is refused.",
        "1E-131",
        "Number underflow. Attempting to store a number with magnitude smaller than supported range",
    ),
    (
        "infinity",
        "Infinity is no number.",
        "Infinity",
        "The parameter cannot be converted to a numeric value: Infinity",
    ),
];

pub(super) fn cases() -> Vec<Case> {
    let kept = KEPT.into_iter().map(|(id, rule, written, read)| {
        case(format!("dynamodb/number/{id}"), rule, NUMBERS, move |cx| keeps(cx, written, read))
    });
    let refused = REFUSED.into_iter().map(|(id, rule, written, part)| {
        case(format!("dynamodb/number-refused/{id}"), rule, NUMBERS, move |cx| {
            refuses(cx, written, part)
        })
    });
    kept.chain(refused).collect()
}

fn item(number: &str) -> Value {
    json!({"id": "a", "n": {"N": number}})
}

async fn keeps(cx: Context, written: &'static str, read: &'static str) -> Checked {
    let table = Table::new(&cx).await?;
    table.put(item(written)).await?;
    table.has(json!({"id": "a"}), item(read)).await
}

async fn refuses(cx: Context, written: &'static str, part: &'static str) -> Checked {
    let table = Table::new(&cx).await?;
    let put =
        cx.dynamodb().put_item().table_name(&table.name).set_item(Some(to_item(&item(written))));
    put.send().await.refused(400, "ValidationException")?.mentioning(part)
}
