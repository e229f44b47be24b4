//! Errors arrive as the SDK's own types, with what their shapes carry, and are not retried.

use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata as _,
    types::{Delete, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update},
};
use aws_sdk_sqs::operation::send_message::SendMessageError;

use crate::support::{Stage, number, text};

#[tokio::test]
async fn a_condition_that_fails_can_show_the_item() {
    let stage = Stage::new();
    stage.table("stock").await;
    stage.put_number("stock", "p", 2).await;
    let refused = stage
        .dynamodb
        .update_item()
        .table_name("stock")
        .key("id", text("p"))
        .update_expression("SET n = n - :three")
        .condition_expression("n >= :three")
        .expression_attribute_values(":three", number(3))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .expect_err("two are left")
        .into_service_error();
    let aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(
        failed,
    ) = refused
    else {
        panic!("another error: {refused:?}")
    };
    assert_eq!(failed.message(), Some("The conditional request failed"));
    assert_eq!(failed.item().expect("the item")["n"], number(2));
}

#[tokio::test]
async fn a_cancelled_transaction_says_why_for_each_item() {
    let stage = Stage::new();
    stage.table("stock").await;
    stage.put_number("stock", "p", 2).await;
    let update = Update::builder()
        .table_name("stock")
        .key("id", text("p"))
        .update_expression("SET n = :zero")
        .condition_expression("n = :zero")
        .expression_attribute_values(":zero", number(0))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .expect("complete");
    let delete = Delete::builder().table_name("stock").key("id", text("q")).build();
    let refused = stage
        .dynamodb
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().update(update).build())
        .transact_items(TransactWriteItem::builder().delete(delete.expect("complete")).build())
        .send()
        .await
        .expect_err("the condition fails")
        .into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::
        TransactionCanceledException(cancelled) = refused
    else {
        panic!("another error: {refused:?}")
    };
    assert_eq!(
        cancelled.message(),
        Some(
            "Transaction cancelled, please refer cancellation reasons for specific reasons \
             [ConditionalCheckFailed, None]"
        )
    );
    let [first, second] = cancelled.cancellation_reasons() else { panic!("{cancelled:?}") };
    assert_eq!(first.code(), Some("ConditionalCheckFailed"));
    assert_eq!(first.item().expect("the item")["n"], number(2));
    assert_eq!((second.code(), second.item()), (Some("None"), None));
}

#[tokio::test]
async fn what_does_not_exist_is_a_typed_error_of_each_service() {
    let stage = Stage::new();
    let url = "http://embedded.invalid/000000000000/nowhere";
    let error = stage.sqs.send_message().queue_url(url).message_body("m").send().await;
    let error = error.expect_err("no queue").into_service_error();
    assert!(matches!(error, SendMessageError::QueueDoesNotExist(_)), "{error:?}");
    // Query-compatible services give their old code to callers of old.
    assert_eq!(error.code(), Some("AWS.SimpleQueueService.NonExistentQueue"));

    let error = stage.dynamodb.get_item().table_name("nowhere").key("id", text("p")).send().await;
    let error = error.expect_err("no table").into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    assert_eq!(error.message(), Some("Requested resource not found"));

    let arn = "arn:aws:sns:us-east-1:000000000000:nowhere";
    let error = stage.sns.publish().topic_arn(arn).message("m").send().await;
    let error = error.expect_err("no topic").into_service_error();
    assert!(error.is_not_found_exception(), "{error:?}");
    assert_eq!(error.code(), Some("NotFound"));

    let error = stage.eventbridge.describe_rule().name("nowhere").send().await;
    let error = error.expect_err("no rule").into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
}

#[tokio::test]
async fn what_the_engine_lacks_is_an_unknown_operation() {
    let stage = Stage::new();
    let archive = stage.eventbridge.list_archives().send().await.expect_err("not offered");
    let archive = archive.into_service_error();
    let backup = stage.dynamodb.list_backups().send().await.expect_err("not offered");
    let backup = backup.into_service_error();
    let permission = stage.sqs.add_permission().queue_url("q").label("l").actions("a");
    let permission = permission.aws_account_ids("1").send().await.expect_err("not offered");
    let permission = permission.into_service_error();
    let sandbox = stage.sns.get_sms_sandbox_account_status().send().await.expect_err("not offered");
    let sandbox = sandbox.into_service_error();
    for (meta, named) in [
        (archive.meta(), "ListArchives"),
        (backup.meta(), "ListBackups"),
        (permission.meta(), "AddPermission"),
        (sandbox.meta(), "GetSMSSandboxAccountStatus"),
    ] {
        assert_eq!(meta.code(), Some("UnknownOperationException"), "{meta}");
        assert!(meta.message().is_some_and(|message| message.contains(named)), "{meta}");
    }
}

#[tokio::test]
async fn client_errors_are_not_retried() {
    let stage = Stage::new();
    stage.table("stock").await;
    stage.put_number("stock", "p", 0).await;
    let before = stage.requests();
    let taken = stage
        .dynamodb
        .put_item()
        .table_name("stock")
        .item("id", text("p"))
        .condition_expression("attribute_not_exists(id)")
        .send()
        .await;
    taken.expect_err("it is there");
    stage.dynamodb.get_item().table_name("none").key("id", text("p")).send().await.expect_err("no");
    stage.sqs.get_queue_url().queue_name("none").send().await.expect_err("no");
    stage.sns.publish().topic_arn("none").message("m").send().await.expect_err("no");
    stage.eventbridge.list_archives().send().await.expect_err("no");
    assert_eq!(stage.requests() - before, 5);
}
