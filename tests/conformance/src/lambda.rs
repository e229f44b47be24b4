//! AWS Lambda: what is refused. Functions can't be made everywhere, so what runs is tested elsewhere
//! (the engine's own tests).

use aws_sdk_lambda::{primitives::Blob, types::InvocationType};

use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, Refusal, holds},
    context::Context,
    sqs::Queue,
};

const INVOKE: &str = "Lambda API reference, Invoke";
const FUNCTION: &str = "Lambda API reference, GetFunction";
const MAPPING: &str = "Lambda API reference, CreateEventSourceMapping";

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "lambda/invoke/missing",
            "A function that is not there is ResourceNotFoundException with HTTP 404.",
            INVOKE,
            invoke_missing,
        ),
        case(
            "lambda/invoke/missing-names-it",
            "The message has the function's ARN.",
            INVOKE,
            invoke_missing_arn,
        ),
        case(
            "lambda/invoke/missing-asynchronously",
            "An asynchronous invocation of it is refused as well.",
            INVOKE,
            invoke_event,
        ),
        case(
            "lambda/invoke/bad-name",
            "A function's name has letters, digits, hyphens and underscores.",
            INVOKE,
            invoke_bad_name,
        ),
        case(
            "lambda/get-function/missing",
            "A function that is not there is ResourceNotFoundException with HTTP 404.",
            FUNCTION,
            get_missing,
        ),
        case(
            "lambda/list-event-source-mappings/of-queue",
            "A queue that no function works off has no mappings.",
            "Lambda API reference, ListEventSourceMappings",
            no_mappings,
        ),
        case(
            "lambda/get-event-source-mapping/missing",
            "A mapping that is not there is ResourceNotFoundException with HTTP 404.",
            "Lambda API reference, GetEventSourceMapping",
            mapping_missing,
        ),
        case(
            "lambda/delete-event-source-mapping/missing",
            "Deleting a mapping that is not there is ResourceNotFoundException.",
            "Lambda API reference, DeleteEventSourceMapping",
            delete_mapping_missing,
        ),
        case(
            "lambda/create-event-source-mapping/missing-function",
            "A function that is not there can't be mapped.",
            MAPPING,
            map_missing_function,
        ),
        case(
            "lambda/put-function-concurrency/missing",
            "Concurrency can't be reserved for a function that is not there.",
            "Lambda API reference, PutFunctionConcurrency",
            concurrency_missing,
        ),
    ]
}

async fn invoke(cx: &Context, kind: InvocationType) -> Result<Refusal, crate::Mismatch> {
    let invoke = cx.lambda().invoke().function_name(cx.name("none")).invocation_type(kind);
    invoke.payload(Blob::new("{}")).send().await.refused(404, "ResourceNotFoundException")
}

async fn invoke_missing(cx: Context) -> Checked {
    invoke(&cx, InvocationType::RequestResponse).await?.mentioning("Function not found: ")
}

async fn invoke_missing_arn(cx: Context) -> Checked {
    let name = cx.name("none");
    let invoke = cx.lambda().invoke().function_name(&name).payload(Blob::new("{}"));
    let refused = invoke.send().await.refused(404, "ResourceNotFoundException")?;
    let named = refused.message.contains("arn:aws:lambda:us-east-1:")
        && refused.message.contains(&format!(":function:{name}"));
    holds("the ARN in the message", named, refused.message)
}

async fn invoke_event(cx: Context) -> Checked {
    invoke(&cx, InvocationType::Event).await.map(drop)
}

async fn invoke_bad_name(cx: Context) -> Checked {
    let invoke = cx.lambda().invoke().function_name("not a name").payload(Blob::new("{}"));
    invoke.send().await.refused(400, "ValidationException").map(drop)
}

async fn get_missing(cx: Context) -> Checked {
    let get = cx.lambda().get_function().function_name(cx.name("none"));
    get.send().await.refused(404, "ResourceNotFoundException")?.mentioning("Function not found: ")
}

async fn no_mappings(cx: Context) -> Checked {
    let arn = Queue::new(&cx, &[]).await?.arn().await?;
    let listed = cx.lambda().list_event_source_mappings().event_source_arn(arn).send().await;
    let listed = listed.answer("ListEventSourceMappings")?;
    holds("no mappings", listed.event_source_mappings().is_empty(), listed)
}

const UUID: &str = "00000000-0000-4000-8000-000000000000";

async fn mapping_missing(cx: Context) -> Checked {
    let get = cx.lambda().get_event_source_mapping().uuid(UUID);
    get.send()
        .await
        .refused(404, "ResourceNotFoundException")?
        .saying("The resource you requested does not exist.")
}

async fn delete_mapping_missing(cx: Context) -> Checked {
    let delete = cx.lambda().delete_event_source_mapping().uuid(UUID);
    delete.send().await.refused(404, "ResourceNotFoundException").map(drop)
}

async fn map_missing_function(cx: Context) -> Checked {
    let arn = Queue::new(&cx, &[]).await?.arn().await?;
    let map = cx.lambda().create_event_source_mapping().function_name(cx.name("none"));
    let refused = map.event_source_arn(arn).send().await;
    // AWS's reference lists both errors for it.
    match refused.as_ref().err().and_then(|error| error.raw_response()) {
        Some(raw) if raw.status().as_u16() == 404 => {
            refused.refused(404, "ResourceNotFoundException").map(drop)
        }
        _ => refused.refused(400, "InvalidParameterValueException").map(drop),
    }
}

async fn concurrency_missing(cx: Context) -> Checked {
    let put = cx.lambda().put_function_concurrency().function_name(cx.name("none"));
    put.reserved_concurrent_executions(5)
        .send()
        .await
        .refused(404, "ResourceNotFoundException")
        .map(drop)
}
