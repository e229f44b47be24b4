//! `Query`: ranges, order, pages, filters, projections, indexes.

use securecart_embedded_dynamodb::DynamoDb;
use serde_json::{Value, json};

use crate::support::{attributes, invalid, keys, ok, put, service, with_orders};

async fn with_numbers(numbers: &[&str]) -> DynamoDb {
    let db = with_orders().await;
    for number in numbers {
        put(&db, "orders", order("c", number)).await;
        put(&db, "orders", order("d", number)).await;
    }
    db
}

fn order(customer: &str, number: &str) -> Value {
    json!({
        "customer": {"S": customer}, "number": {"N": number}, "amount": {"N": number},
        "state": {"S": "new"}, "sku": {"B": "/w=="}, "note": {"S": "n"}, "extra": {"S": "o"},
    })
}

fn query(condition: &str, values: Value) -> Value {
    let mut request = json!({
        "TableName": "orders", "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {"#n": "number"},
    });
    request["ExpressionAttributeValues"] = values;
    request
}

fn numbers(answer: &Value) -> Vec<&str> {
    let items = answer["Items"].as_array().expect("items");
    items.iter().map(|item| item["number"]["N"].as_str().expect("a number")).collect()
}

#[tokio::test]
async fn numbers_are_ordered_as_numbers() {
    let db = with_numbers(&["10", "9", "-1", "-20", "0.5", "100"]).await;
    let mut request = json!({
        "TableName": "orders", "KeyConditionExpression": "customer = :c",
        "ExpressionAttributeValues": {":c": {"S": "c"}},
    });
    let answer = ok(&db, "Query", request.clone()).await;
    assert_eq!(numbers(&answer), ["-20", "-1", "0.5", "9", "10", "100"]);
    assert_eq!((&answer["Count"], &answer["ScannedCount"]), (&json!(6), &json!(6)));
    assert!(answer.get("LastEvaluatedKey").is_none());
    request["ScanIndexForward"] = false.into();
    assert_eq!(numbers(&ok(&db, "Query", request).await), ["100", "10", "9", "0.5", "-1", "-20"]);
}

#[tokio::test]
async fn each_condition_on_the_sort_key_bounds_the_range() {
    let db = with_numbers(&["1", "2", "3", "10"]).await;
    let two = json!({":c": {"S": "c"}, ":x": {"N": "2"}});
    for (condition, found) in [
        ("#n = :x", vec!["2"]),
        ("#n < :x", vec!["1"]),
        ("#n <= :x", vec!["1", "2"]),
        ("#n > :x", vec!["3", "10"]),
        ("#n >= :x", vec!["2", "3", "10"]),
    ] {
        for forward in [true, false] {
            let mut request = query(&format!("customer = :c AND {condition}"), two.clone());
            request["ScanIndexForward"] = forward.into();
            let answer = ok(&db, "Query", request).await;
            let mut found = found.clone();
            if !forward {
                found.reverse();
            }
            assert_eq!(numbers(&answer), found, "{condition}");
        }
    }
    let values = json!({":c": {"S": "c"}, ":x": {"N": "2"}, ":y": {"N": "3.5"}});
    let request = query("customer = :c AND #n BETWEEN :x AND :y", values);
    assert_eq!(numbers(&ok(&db, "Query", request).await), ["2", "3"]);
}

#[tokio::test]
async fn text_and_binary_keys_are_ordered_by_unsigned_bytes_and_have_prefixes() {
    for (kind, values) in
        [("S", ["a", "ab", "abc", "b", "é"]), ("B", ["AA==", "AAE=", "fw==", "gA==", "/w=="])]
    {
        let db = service();
        ok(&db, "CreateTable", json!({
            "TableName": "things", "BillingMode": "PAY_PER_REQUEST", "KeySchema": keys(&["p", "s"]),
            "AttributeDefinitions": attributes(&[("p", "N"), ("s", kind)]),
        }))
        .await;
        for value in values.iter().rev() {
            put(&db, "things", json!({"p": {"N": "1"}, "s": {kind: value}})).await;
        }
        let request = json!({
            "TableName": "things", "KeyConditionExpression": "p = :p",
            "ExpressionAttributeValues": {":p": {"N": "1.0"}},
        });
        let answer = ok(&db, "Query", request).await;
        let items = answer["Items"].as_array().expect("items");
        let found: Vec<&str> = items.iter().filter_map(|item| item["s"][kind].as_str()).collect();
        assert_eq!(found, values);
        let request = json!({
            "TableName": "things", "KeyConditionExpression": "p = :p AND begins_with(s, :s)",
            "ExpressionAttributeValues": {":p": {"N": "1"}, ":s": {kind: values[0]}},
        });
        let answer = ok(&db, "Query", request).await;
        assert_eq!(answer["Count"], if kind == "S" { 3 } else { 2 });
    }
}

#[tokio::test]
async fn pages_of_a_table_and_of_its_indexes_meet() {
    let db = with_numbers(&["1", "2", "3", "4", "5"]).await;
    for (index, condition, expected) in [
        (None, "customer = :k", 5),
        (Some("by-amount"), "customer = :k", 5),
        (Some("by-state"), "#s = :k", 10),
        (Some("by-sku"), "sku = :k", 10),
    ] {
        for forward in [true, false] {
            let value = match index {
                Some("by-state") => json!({"S": "new"}),
                Some("by-sku") => json!({"B": "/w=="}),
                _ => json!({"S": "c"}),
            };
            let mut request = json!({
                "TableName": "orders", "KeyConditionExpression": condition, "Limit": 2,
                "ExpressionAttributeValues": {":k": value}, "ScanIndexForward": forward,
            });
            if let Some(index) = index {
                request["IndexName"] = index.into();
            }
            if condition.contains("#s") {
                request["ExpressionAttributeNames"] = json!({"#s": "state"});
            }
            let mut seen = Vec::new();
            loop {
                let answer = ok(&db, "Query", request.clone()).await;
                for item in answer["Items"].as_array().expect("items") {
                    seen.push((item["customer"].to_string(), item["number"].to_string()));
                }
                let Some(last) = answer.get("LastEvaluatedKey") else { break };
                request["ExclusiveStartKey"] = last.clone();
            }
            let mut unique = seen.clone();
            unique.sort();
            unique.dedup();
            assert_eq!((seen.len(), unique.len()), (expected, expected), "{index:?} {forward}");
        }
    }
}

#[tokio::test]
async fn a_limit_counts_what_is_evaluated_and_the_filter_comes_after() {
    let db = with_numbers(&["1", "2", "3", "4"]).await;
    let mut request = query("customer = :c", json!({":c": {"S": "c"}, ":t": {"N": "3"}}));
    request["FilterExpression"] = "amount >= :t".into();
    request["ExpressionAttributeNames"] = Value::Null;
    request["Limit"] = 3.into();
    let answer = ok(&db, "Query", request.clone()).await;
    assert_eq!((&answer["Count"], &answer["ScannedCount"]), (&json!(1), &json!(3)));
    let last = json!({"customer": {"S": "c"}, "number": {"N": "3"}});
    assert_eq!(answer["LastEvaluatedKey"], last);
    request["Select"] = "COUNT".into();
    let answer = ok(&db, "Query", request.clone()).await;
    assert_eq!((answer.get("Items"), &answer["Count"]), (None, &json!(1)));
    request["FilterExpression"] = "customer = :c AND amount >= :t".into();
    let message = invalid(&db, "Query", request).await;
    assert_eq!(
        message,
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: \
         customer"
    );
}

#[tokio::test]
async fn a_page_ends_after_one_megabyte() {
    let db = with_orders().await;
    for number in 0..6 {
        let item = json!({
            "customer": {"S": "c"}, "number": {"N": number.to_string()},
            "x": {"S": "x".repeat(300_000)},
        });
        put(&db, "orders", item).await;
    }
    let request = json!({
        "TableName": "orders", "KeyConditionExpression": "customer = :c", "Select": "COUNT",
        "ExpressionAttributeValues": {":c": {"S": "c"}}, "ReturnConsumedCapacity": "TOTAL",
    });
    let answer = ok(&db, "Query", request).await;
    assert_eq!(answer["Count"], 4);
    assert_eq!(answer["LastEvaluatedKey"]["number"]["N"], "3");
    // 1,200,088 bytes are 293 units of 4 KB, half of that when eventually consistent.
    assert_eq!(answer["ConsumedCapacity"]["CapacityUnits"], 146.5);
}

#[tokio::test]
async fn indexes_give_what_they_project() {
    let db = with_numbers(&["1"]).await;
    let by_total = |extra: Value| {
        let mut request = json!({
            "TableName": "orders", "IndexName": "by-amount", "ReturnConsumedCapacity": "INDEXES",
            "KeyConditionExpression": "customer = :c AND amount = :t",
            "ExpressionAttributeValues": {":c": {"S": "c"}, ":t": {"N": "1"}},
        });
        request
            .as_object_mut()
            .expect("object")
            .extend(extra.as_object().cloned().expect("object"));
        request
    };
    let answer = ok(&db, "Query", by_total(json!({}))).await;
    let projected = json!({"customer": {"S": "c"}, "number": {"N": "1"}, "amount": {"N": "1"}});
    assert_eq!(answer["Items"], json!([projected]));
    let local = json!({"by-amount": {"CapacityUnits": 0.5}});
    assert_eq!(answer["ConsumedCapacity"]["LocalSecondaryIndexes"], local);
    assert_eq!(answer["ConsumedCapacity"]["Table"]["CapacityUnits"], 0.0);
    // A local index fetches the rest from the table, at a price.
    let answer = ok(&db, "Query", by_total(json!({"ProjectionExpression": "note"}))).await;
    assert_eq!(answer["Items"], json!([{"note": {"S": "n"}}]));
    assert_eq!(answer["ConsumedCapacity"]["Table"]["CapacityUnits"], 0.5);
    let answer = ok(&db, "Query", by_total(json!({"Select": "ALL_ATTRIBUTES"}))).await;
    assert_eq!(answer["Items"], json!([order("c", "1")]));

    let mut request = json!({
        "TableName": "orders", "IndexName": "by-sku", "KeyConditionExpression": "sku = :s",
        "ExpressionAttributeValues": {":s": {"B": "/w=="}},
    });
    let answer = ok(&db, "Query", request.clone()).await;
    assert_eq!(answer["Items"][0].as_object().expect("item").len(), 4);
    request["ProjectionExpression"] = "extra".into();
    assert_eq!(
        invalid(&db, "Query", request.clone()).await,
        "One or more parameter values were invalid: Global secondary index by-sku does not project \
         extra"
    );
    request["ProjectionExpression"] = Value::Null;
    request["ConsistentRead"] = true.into();
    assert_eq!(
        invalid(&db, "Query", request).await,
        "Consistent reads are not supported on global secondary indexes"
    );
}

#[tokio::test]
async fn wrong_queries_are_refused() {
    let db = with_numbers(&["1", "2"]).await;
    let base = query("customer = :c AND #n > :x", json!({":c": {"S": "c"}, ":x": {"N": "1"}}));
    for (member, value, message) in [
        ("Limit", json!(0), "Member must have value greater than or equal to 1"),
        ("IndexName", json!("nope"), "The table does not have the specified index: nope"),
        ("Select", json!("SPECIFIC_ATTRIBUTES"), "Must specify the AttributesToGet"),
        ("KeyConditionExpression", json!("#n > :x AND :c = :c"), "Invalid"),
        (
            "ExclusiveStartKey",
            json!({"customer": {"S": "d"}, "number": {"N": "2"}}),
            "The provided starting key is outside query boundaries",
        ),
        (
            "ExclusiveStartKey",
            json!({"customer": {"S": "c"}, "number": {"N": "1"}}),
            "The provided starting key does not match the range key predicate",
        ),
        (
            "ExclusiveStartKey",
            json!({"customer": {"S": "c"}}),
            "The provided starting key is invalid",
        ),
    ] {
        let mut request = base.clone();
        request[member] = value;
        let found = invalid(&db, "Query", request).await;
        assert!(found.contains(message), "{member}: {found}");
    }
    let request = query("customer = :c AND #n > :x", json!({":c": {"S": "c"}, ":x": {"S": "1"}}));
    assert_eq!(
        invalid(&db, "Query", request).await,
        "One or more parameter values were invalid: Condition parameter type does not match schema \
         type"
    );
    let message = invalid(&db, "Query", json!({"TableName": "orders"})).await;
    assert!(message.starts_with("Either the KeyConditions or KeyConditionExpression"));
}

#[tokio::test]
async fn ranges_that_cannot_hold_anything_are_refused_or_empty() {
    let db = with_numbers(&["1", "2"]).await;
    let values = json!({":c": {"S": "c"}, ":x": {"N": "2"}, ":y": {"N": "1"}});
    let request = query("customer = :c AND #n BETWEEN :x AND :y", values);
    let message = invalid(&db, "Query", request).await;
    assert!(message.contains("The BETWEEN operator requires upper bound"), "{message}");
    // The only row in range is the one the page starts after.
    for (condition, forward) in [("#n <= :x", true), ("#n = :x", true), ("#n = :x", false)] {
        let values = json!({":c": {"S": "c"}, ":x": {"N": "2"}});
        let mut request = query(&format!("customer = :c AND {condition}"), values);
        request["ExclusiveStartKey"] = json!({"customer": {"S": "c"}, "number": {"N": "2"}});
        request["ScanIndexForward"] = forward.into();
        let answer = ok(&db, "Query", request).await;
        assert_eq!((&answer["Count"], answer.get("LastEvaluatedKey")), (&json!(0), None));
    }
}
