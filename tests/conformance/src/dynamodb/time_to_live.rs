//! `UpdateTimeToLive` and `DescribeTimeToLive`.

use aws_sdk_dynamodb::types::{TimeToLiveSpecification, TimeToLiveStatus};
use serde_json::json;

use super::support::Table;
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, holds, present, same},
    context::Context,
};

const UPDATE: &str = "DynamoDB API reference, UpdateTimeToLive";
const GUIDE: &str = "DynamoDB guide, time to live";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "dynamodb/time-to-live/enable",
            "UpdateTimeToLive answers with the specification.",
            UPDATE,
            enable,
        ),
        case(
            "dynamodb/time-to-live/described",
            "DescribeTimeToLive names the attribute when it is enabled.",
            UPDATE,
            described,
        ),
        case(
            "dynamodb/time-to-live/off-at-first",
            "A new table has no time to live.",
            GUIDE,
            off_at_first,
        ),
        case(
            "dynamodb/time-to-live/enable-again",
            "Enabling what is enabled is refused.",
            UPDATE,
            enable_again,
        ),
        case(
            "dynamodb/time-to-live/disable-disabled",
            "Disabling what is disabled is refused.",
            UPDATE,
            disable_disabled,
        ),
        case(
            "dynamodb/time-to-live/missing-table",
            "A table that is not there is ResourceNotFoundException.",
            UPDATE,
            missing_table,
        ),
        case(
            "dynamodb/time-to-live/future-item-stays",
            "An item whose time has not come stays.",
            GUIDE,
            future_stays,
        ),
        case(
            "dynamodb/time-to-live/text-is-ignored",
            "An attribute that is no number is no expiry.",
            GUIDE,
            text_ignored,
        ),
    ]
}

fn specification(enabled: bool) -> Result<TimeToLiveSpecification, Mismatch> {
    built(TimeToLiveSpecification::builder().enabled(enabled).attribute_name("expires").build())
}

async fn set(table: &Table) -> Checked {
    let update = table.cx.dynamodb().update_time_to_live().table_name(&table.name);
    let update = update.time_to_live_specification(specification(true)?);
    update.send().await.answer("UpdateTimeToLive").map(drop)
}

async fn enable(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let update = cx.dynamodb().update_time_to_live().table_name(&table.name);
    let updated = update.time_to_live_specification(specification(true)?).send().await;
    same(
        "TimeToLiveSpecification",
        updated.answer("UpdateTimeToLive")?.time_to_live_specification,
        Some(specification(true)?),
    )
}

async fn described(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    set(&table).await?;
    let described = cx.dynamodb().describe_time_to_live().table_name(&table.name).send().await;
    let described = described.answer("DescribeTimeToLive")?.time_to_live_description;
    let described = present("TimeToLiveDescription", described)?;
    let status = described.time_to_live_status;
    holds(
        "ENABLING or ENABLED",
        matches!(status, Some(TimeToLiveStatus::Enabling | TimeToLiveStatus::Enabled)),
        status,
    )?;
    same("AttributeName", described.attribute_name.as_deref(), Some("expires"))
}

async fn off_at_first(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let described = cx.dynamodb().describe_time_to_live().table_name(&table.name).send().await;
    let described = described.answer("DescribeTimeToLive")?.time_to_live_description;
    same(
        "status",
        described.and_then(|described| described.time_to_live_status),
        Some(TimeToLiveStatus::Disabled),
    )
}

async fn enable_again(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    set(&table).await?;
    let update = cx.dynamodb().update_time_to_live().table_name(&table.name);
    let update = update.time_to_live_specification(specification(true)?);
    update.send().await.refused(400, "ValidationException")?.saying("TimeToLive is already enabled")
}

async fn disable_disabled(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    let update = cx.dynamodb().update_time_to_live().table_name(&table.name);
    let update = update.time_to_live_specification(specification(false)?);
    update
        .send()
        .await
        .refused(400, "ValidationException")?
        .saying("TimeToLive is already disabled")
}

async fn missing_table(cx: Context) -> Checked {
    let update = cx.dynamodb().update_time_to_live().table_name(cx.name("none"));
    let update = update.time_to_live_specification(specification(true)?);
    update.send().await.refused(400, "ResourceNotFoundException").map(drop)
}

async fn future_stays(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    set(&table).await?;
    // The year 2096.
    let item = json!({"id": "a", "expires": 4_000_000_000_u64});
    table.put(item.clone()).await?;
    table.has(json!({"id": "a"}), item).await
}

async fn text_ignored(cx: Context) -> Checked {
    let table = Table::new(&cx).await?;
    set(&table).await?;
    let item = json!({"id": "a", "expires": "1000000000"});
    table.put(item.clone()).await?;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    table.has(json!({"id": "a"}), item).await
}
