//! `CreateTable`, `DescribeTable`, `ListTables`, `UpdateTable`, `DeleteTable`.

use aws_sdk_dynamodb::{
    operation::create_table::builders::CreateTableFluentBuilder,
    types::{
        BillingMode, KeyType, ProvisionedThroughput, ScalarAttributeType as Kind, TableStatus,
    },
};

use super::support::{Table, all_attributes, definition, keyed};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, eventually, holds, present, same},
    context::{Context, Made},
};

const CREATE: &str = "DynamoDB API reference, CreateTable";
const DESCRIBE: &str = "DynamoDB API reference, DescribeTable";
const LIST: &str = "DynamoDB API reference, ListTables";
const UPDATE: &str = "DynamoDB API reference, UpdateTable";
const DELETE: &str = "DynamoDB API reference, DeleteTable";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "dynamodb/create-table/description",
            "The answer describes the table: name, keys, ARN, status.",
            CREATE,
            description,
        ),
        case(
            "dynamodb/create-table/becomes-active",
            "A table becomes ACTIVE.",
            CREATE,
            becomes_active,
        ),
        case(
            "dynamodb/create-table/again",
            "A table that is there is ResourceInUseException.",
            CREATE,
            again,
        ),
        case(
            "dynamodb/create-table/provisioned",
            "Provisioned throughput is described as it was given.",
            CREATE,
            provisioned,
        ),
        case(
            "dynamodb/create-table/provisioned-without-units",
            "PROVISIONED needs ProvisionedThroughput.",
            CREATE,
            provisioned_without_units,
        ),
        case(
            "dynamodb/create-table/on-demand-with-units",
            "PAY_PER_REQUEST takes no ProvisionedThroughput.",
            CREATE,
            on_demand_with_units,
        ),
        case(
            "dynamodb/create-table/units-of-0",
            "A table has at least one unit of each.",
            CREATE,
            units_of_zero,
        ),
        case(
            "dynamodb/create-table/name-of-2",
            "A table's name has at least 3 characters.",
            "DynamoDB guide, naming rules",
            |cx| bad_name(cx, "ab".to_owned()),
        ),
        case(
            "dynamodb/create-table/name-of-256",
            "A table's name has at most 255 characters.",
            "DynamoDB guide, naming rules",
            |cx| bad_name(cx, "n".repeat(256)),
        ),
        case(
            "dynamodb/create-table/name-with-space",
            "A table's name has letters, digits, underscore, hyphen and full stop.",
            "DynamoDB guide, naming rules",
            |cx| bad_name(cx, "a table".to_owned()),
        ),
        case(
            "dynamodb/create-table/definition-unused",
            "Every attribute that is defined is part of a key.",
            CREATE,
            definition_unused,
        ),
        case(
            "dynamodb/create-table/definition-missing",
            "Every key attribute is defined.",
            CREATE,
            definition_missing,
        ),
        case(
            "dynamodb/create-table/no-hash-key",
            "The first key element is the HASH key.",
            CREATE,
            no_hash_key,
        ),
        case(
            "dynamodb/create-table/two-hash-keys",
            "A key has one HASH element.",
            CREATE,
            two_hash_keys,
        ),
        case(
            "dynamodb/create-table/index-is-described",
            "Global secondary indexes are described with their keys and projection.",
            CREATE,
            index_described,
        ),
        case(
            "dynamodb/describe-table/missing",
            "A table that is not there is ResourceNotFoundException.",
            DESCRIBE,
            missing,
        ),
        case(
            "dynamodb/describe-table/billing-mode",
            "BillingModeSummary says PAY_PER_REQUEST.",
            DESCRIBE,
            billing_mode,
        ),
        case(
            "dynamodb/describe-table/creation-time",
            "CreationDateTime is there.",
            DESCRIBE,
            creation_time,
        ),
        case(
            "dynamodb/list-tables/pages",
            "Pages of Limit come to all tables, each once, in order.",
            LIST,
            pages,
        ),
        case("dynamodb/list-tables/limit-of-0", "Limit is at least 1.", LIST, |cx| {
            bad_limit(cx, 0)
        }),
        case("dynamodb/list-tables/limit-of-101", "Limit is at most 100.", LIST, |cx| {
            bad_limit(cx, 101)
        }),
        case(
            "dynamodb/update-table/to-provisioned",
            "A table may change from on-demand to provisioned.",
            UPDATE,
            to_provisioned,
        ),
        case(
            "dynamodb/update-table/missing",
            "A table that is not there is ResourceNotFoundException.",
            UPDATE,
            update_missing,
        ),
        case(
            "dynamodb/update-table/same-units",
            "An update that changes nothing is refused.",
            UPDATE,
            same_units,
        ),
        case(
            "dynamodb/delete-table/is-gone",
            "A deleted table is not there any more.",
            DELETE,
            deleted,
        ),
        case(
            "dynamodb/delete-table/missing",
            "A table that is not there is ResourceNotFoundException.",
            DELETE,
            delete_missing,
        ),
        case(
            "dynamodb/delete-table/answer",
            "The answer describes the table as DELETING.",
            DELETE,
            delete_answer,
        ),
    ]
}

fn create(cx: &Context) -> Result<CreateTableFluentBuilder, Mismatch> {
    keyed(cx.dynamodb().create_table(), "id", Kind::S, KeyType::Hash)
}

fn units(read: i64, write: i64) -> Result<ProvisionedThroughput, Mismatch> {
    let units = ProvisionedThroughput::builder().read_capacity_units(read);
    built(units.write_capacity_units(write).build())
}

/// `create` is refused as a `ValidationException`.
async fn refused(cx: &Context, create: CreateTableFluentBuilder) -> Result<String, Mismatch> {
    let name = cx.name("table");
    cx.made(Made::Table(name.clone()));
    let created = create.table_name(name).send().await;
    created.refused(400, "ValidationException").map(|refusal| refusal.message)
}

async fn description(cx: Context) -> Checked {
    let name = cx.name("table");
    cx.made(Made::Table(name.clone()));
    let create = create(&cx)?.table_name(&name).billing_mode(BillingMode::PayPerRequest);
    let created = create.send().await.answer("CreateTable")?.table_description;
    let table = present("TableDescription", created)?;
    same("TableName", table.table_name.as_deref(), Some(&*name))?;
    let keys: Vec<_> = table
        .key_schema
        .iter()
        .flatten()
        .map(|key| (key.attribute_name.as_str(), key.key_type.clone()))
        .collect();
    same("KeySchema", keys, [("id", KeyType::Hash)])?;
    let end = format!(":table/{name}");
    holds(
        "an ARN that ends with the name",
        table.table_arn.as_ref().is_some_and(|arn| arn.ends_with(&end)),
        &table.table_arn,
    )?;
    let status = table.table_status;
    holds(
        "CREATING or ACTIVE",
        matches!(status, Some(TableStatus::Creating | TableStatus::Active)),
        status,
    )
}

async fn becomes_active(cx: Context) -> Checked {
    // It waits for that.
    Table::new(&cx).await.map(drop)
}

async fn again(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let create = create(&cx)?.table_name(&table.name).billing_mode(BillingMode::PayPerRequest);
    create.send().await.refused(400, "ResourceInUseException")?.mentioning("Table already exists")
}

async fn provisioned(cx: Context) -> Checked {
    let name = cx.name("table");
    cx.made(Made::Table(name.clone()));
    let create = create(&cx)?.table_name(&name).billing_mode(BillingMode::Provisioned);
    let created = create.provisioned_throughput(units(7, 3)?).send().await.answer("CreateTable")?;
    let units = created.table_description.and_then(|table| table.provisioned_throughput);
    let units = present("ProvisionedThroughput", units)?;
    same("units", (units.read_capacity_units, units.write_capacity_units), (Some(7), Some(3)))
}

async fn provisioned_without_units(cx: Context) -> Checked {
    refused(&cx, create(&cx)?.billing_mode(BillingMode::Provisioned)).await.map(drop)
}

async fn on_demand_with_units(cx: Context) -> Checked {
    let create = create(&cx)?.billing_mode(BillingMode::PayPerRequest);
    refused(&cx, create.provisioned_throughput(units(1, 1)?)).await.map(drop)
}

async fn units_of_zero(cx: Context) -> Checked {
    let create = create(&cx)?.billing_mode(BillingMode::Provisioned);
    refused(&cx, create.provisioned_throughput(units(0, 1)?)).await.map(drop)
}

async fn bad_name(cx: Context, name: String) -> Checked {
    let create = create(&cx)?.table_name(name).billing_mode(BillingMode::PayPerRequest);
    create.send().await.refused(400, "ValidationException").map(drop)
}

async fn definition_unused(cx: Context) -> Checked {
    let create = create(&cx)?.billing_mode(BillingMode::PayPerRequest);
    let message = refused(&cx, create.attribute_definitions(definition("more", Kind::S)?)).await?;
    let expected = "Number of attributes in KeySchema does not exactly match number of attributes \
                    defined in AttributeDefinitions";
    holds(expected, message.contains(expected), message)
}

async fn definition_missing(cx: Context) -> Checked {
    let create = cx.dynamodb().create_table().billing_mode(BillingMode::PayPerRequest);
    let key = aws_sdk_dynamodb::types::KeySchemaElement::builder().attribute_name("id");
    let create = create.key_schema(built(key.key_type(KeyType::Hash).build())?);
    let create = create.attribute_definitions(definition("other", Kind::S)?);
    refused(&cx, create).await.map(drop)
}

async fn no_hash_key(cx: Context) -> Checked {
    let create = keyed(cx.dynamodb().create_table(), "id", Kind::S, KeyType::Range)?;
    refused(&cx, create.billing_mode(BillingMode::PayPerRequest)).await.map(drop)
}

async fn two_hash_keys(cx: Context) -> Checked {
    let create = keyed(create(&cx)?, "other", Kind::S, KeyType::Hash)?;
    refused(&cx, create.billing_mode(BillingMode::PayPerRequest)).await.map(drop)
}

async fn index_described(cx: Context) -> Checked {
    let table = Table::indexed(&cx, all_attributes()).await?;
    let described = cx.dynamodb().describe_table().table_name(&table.name).send().await;
    let described = present("Table", described.answer("DescribeTable")?.table)?;
    let index = present(
        "an index",
        described.global_secondary_indexes.unwrap_or_default().into_iter().next(),
    )?;
    same("IndexName", index.index_name.as_deref(), Some("by-state"))?;
    let keys: Vec<String> =
        index.key_schema.into_iter().flatten().map(|key| key.attribute_name).collect();
    same("KeySchema", keys, ["state", "at"])?;
    same("Projection", index.projection, Some(all_attributes()))
}

async fn missing(cx: Context) -> Checked {
    let name = cx.name("none");
    let described = cx.dynamodb().describe_table().table_name(&name).send().await;
    described
        .refused(400, "ResourceNotFoundException")?
        .saying(&format!("Requested resource not found: Table: {name} not found"))
}

async fn billing_mode(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let described = cx.dynamodb().describe_table().table_name(&table.name).send().await;
    let mode =
        described.answer("DescribeTable")?.table.and_then(|table| table.billing_mode_summary);
    same(
        "BillingMode",
        mode.and_then(|summary| summary.billing_mode),
        Some(BillingMode::PayPerRequest),
    )
}

async fn creation_time(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let described = cx.dynamodb().describe_table().table_name(&table.name).send().await;
    let at = described.answer("DescribeTable")?.table.and_then(|table| table.creation_date_time);
    holds("a time after 2023", at.is_some_and(|at| at.secs() > 1_700_000_000), at)
}

async fn pages(cx: Context) -> Checked {
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(Table::new(&cx).await?.name);
    }
    made.sort_unstable();
    // What sorts just before the names of this case.
    let mut start = Some(format!("{}-", cx.prefix()));
    let mut seen = Vec::new();
    for _ in 0..10 {
        let list = cx.dynamodb().list_tables().limit(2).set_exclusive_start_table_name(start);
        let page = list.send().await.answer("ListTables")?;
        let names = page.table_names.unwrap_or_default();
        holds("at most 2 a page", names.len() <= 2, &names)?;
        seen.extend(
            names.into_iter().filter(|name| name.starts_with(&format!("{}-", cx.prefix()))),
        );
        start = page.last_evaluated_table_name;
        if start.is_none() || seen.len() >= made.len() {
            break;
        }
    }
    same("tables of all pages", seen, made)
}

async fn bad_limit(cx: Context, limit: i32) -> Checked {
    let list = cx.dynamodb().list_tables().limit(limit);
    list.send().await.refused(400, "ValidationException").map(drop)
}

async fn to_provisioned(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let update = cx.dynamodb().update_table().table_name(&table.name);
    let update = update.billing_mode(BillingMode::Provisioned).provisioned_throughput(units(5, 6)?);
    update.send().await.answer("UpdateTable")?;
    eventually(|| async {
        let described = cx.dynamodb().describe_table().table_name(&table.name).send().await;
        let described =
            described.answer("DescribeTable")?.table.and_then(|table| table.provisioned_throughput);
        same("read units", described.and_then(|units| units.read_capacity_units), Some(5))
    })
    .await
}

async fn update_missing(cx: Context) -> Checked {
    let update = cx.dynamodb().update_table().table_name(cx.name("none"));
    let update = update.billing_mode(BillingMode::PayPerRequest);
    update.send().await.refused(400, "ResourceNotFoundException").map(drop)
}

async fn same_units(cx: Context) -> Checked {
    let create =
        create(&cx)?.billing_mode(BillingMode::Provisioned).provisioned_throughput(units(5, 5)?);
    let name = cx.name("table");
    cx.made(Made::Table(name.clone()));
    create.table_name(&name).send().await.answer("CreateTable")?;
    eventually(|| async {
        let described = cx.dynamodb().describe_table().table_name(&name).send().await;
        let status = described.answer("DescribeTable")?.table.and_then(|table| table.table_status);
        same("status", status, Some(TableStatus::Active))
    })
    .await?;
    let update = cx.dynamodb().update_table().table_name(name).provisioned_throughput(units(5, 5)?);
    update
        .send()
        .await
        .refused(400, "ValidationException")?
        .mentioning("The provisioned throughput for the table will not change")
}

async fn deleted(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    cx.dynamodb().delete_table().table_name(&table.name).send().await.answer("DeleteTable")?;
    eventually(|| async {
        let described = cx.dynamodb().describe_table().table_name(&table.name).send().await;
        described.refused(400, "ResourceNotFoundException").map(drop)
    })
    .await
}

async fn delete_missing(cx: Context) -> Checked {
    let delete = cx.dynamodb().delete_table().table_name(cx.name("none"));
    delete.send().await.refused(400, "ResourceNotFoundException").map(drop)
}

async fn delete_answer(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let deleted = cx.dynamodb().delete_table().table_name(&table.name).send().await;
    let status =
        deleted.answer("DeleteTable")?.table_description.and_then(|table| table.table_status);
    same("TableStatus", status, Some(TableStatus::Deleting))
}
