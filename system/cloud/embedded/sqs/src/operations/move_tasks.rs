//! `StartMessageMoveTask`, `ListMessageMoveTasks` and `CancelMessageMoveTask`.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use securecart_embedded_wire::AwsError;
use serde::{Deserialize, Serialize};

use super::administration::sources;
use crate::{
    error,
    moves::{Plan, Status, Task},
    queue::Queue,
    redrive::queue_name,
    request::{CancelMove, ListMoves, StartMove},
    service::Inner,
    text::{Text, parse, required},
};

/// The highest rate of a task, messages a second.
const MAX_RATE: u32 = 500;

/// What a task handle says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Handle {
    task_id: String,
    source_arn: String,
}

impl Handle {
    fn of(task: &Task) -> String {
        let handle = Self { task_id: task.id.clone(), source_arn: task.source_arn.to_string() };
        STANDARD.encode(serde_json::to_vec(&handle).expect("two strings are always JSON"))
    }

    fn parse(text: &str) -> Result<Self, AwsError> {
        STANDARD
            .decode(text)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| error::invalid("Value for parameter TaskHandle is invalid."))
    }
}

fn queue(inner: &Inner, arn: &str, parameter: &str) -> Result<Arc<Queue>, AwsError> {
    if queue_name(arn).is_none() && !arn.starts_with("arn:") {
        return Err(error::invalid(format!(
            "You must use this format to specify the {parameter}: \
             arn:<partition>:<service>:<region>:<account-id>:<resource-id>"
        )));
    }
    inner.registry.by_arn(arn).ok_or_else(|| {
        error::no_such_resource(format!(
            "The resource that you specified for the {parameter} parameter doesn't exist."
        ))
    })
}

pub(crate) fn start_move(inner: &Arc<Inner>, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: StartMove<'_> = parse(body)?;
    let source = queue(inner, required(request.source_arn.as_ref(), "SourceArn")?, "SourceArn")?;
    if sources(inner, &source.arn).is_empty() {
        return Err(error::invalid("Source queue must be configured as a Dead Letter Queue."));
    }
    let destination = request.destination_arn.as_deref();
    if let Some(arn) = destination {
        let destination = queue(inner, arn, "DestinationArn")?;
        if destination.arn == source.arn || destination.fifo != source.fifo {
            return Err(error::invalid(
                "Source queue arn and destination queue arn must differ and be of the same type.",
            ));
        }
    }
    let rate = request.max_number_of_messages_per_second.map(rate).transpose()?;
    let visible = source.access(inner.now_ms(), |state| state.counts().visible)?;
    let plan =
        Plan { destination_arn: destination.map(str::to_owned), rate, to_move: visible as u64 };
    let task = inner.moves.start(inner, &source, plan)?;
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Started {
        task_handle: String,
    }
    Ok(to_json(&Started { task_handle: Handle::of(&task) }))
}

fn rate(value: i64) -> Result<u32, AwsError> {
    u32::try_from(value).ok().filter(|rate| (1..=MAX_RATE).contains(rate)).ok_or_else(|| {
        error::invalid_value(
            value,
            "MaxNumberOfMessagesPerSecond",
            "Must be between 1 and 500, if provided.",
        )
    })
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(skip_serializing_if = "Option::is_none")]
    task_handle: Option<String>,
    status: &'static str,
    source_arn: Arc<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_number_of_messages_per_second: Option<u32>,
    approximate_number_of_messages_moved: u64,
    approximate_number_of_messages_to_move: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'static str>,
    started_timestamp: u64,
}

impl Listed {
    fn new(task: &Task) -> Self {
        let status = task.status();
        Self {
            task_handle: (status == Status::Running).then(|| Handle::of(task)),
            status: status.name(),
            source_arn: task.source_arn.clone(),
            destination_arn: task.destination_arn.clone(),
            max_number_of_messages_per_second: task.rate,
            approximate_number_of_messages_moved: task.moved(),
            approximate_number_of_messages_to_move: task.to_move,
            failure_reason: match status {
                Status::Failed(reason) => Some(reason),
                _ => None,
            },
            started_timestamp: task.started_ms,
        }
    }
}

pub(crate) fn list_moves(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: ListMoves<'_> = parse(body)?;
    let source = queue(inner, required(request.source_arn.as_ref(), "SourceArn")?, "SourceArn")?;
    let most = request.max_results.unwrap_or(1);
    let valid = usize::try_from(most).ok().filter(|most| (1..=10).contains(most));
    let valid = valid.ok_or_else(|| {
        error::invalid_value(most, "MaxResults", "Must be between 1 and 10, if provided.")
    })?;
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Page {
        results: Vec<Listed>,
    }
    let tasks = inner.moves.latest(&source.arn, valid);
    Ok(to_json(&Page { results: tasks.iter().map(|task| Listed::new(task)).collect() }))
}

pub(crate) fn cancel_move(inner: &Inner, body: &[u8]) -> Result<Vec<u8>, AwsError> {
    let request: CancelMove<'_> = parse(body)?;
    let handle: &Text<'_> = required(request.task_handle.as_ref(), "TaskHandle")?;
    let handle = Handle::parse(handle)?;
    queue(inner, &handle.source_arn, "SourceArn")?;
    let task = inner.moves.cancel(&handle.source_arn, &handle.task_id)?;
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Cancelled {
        approximate_number_of_messages_moved: u64,
    }
    Ok(to_json(&Cancelled { approximate_number_of_messages_moved: task.moved() }))
}

fn to_json(answer: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(answer).expect("answers are structs of strings and numbers")
}
