//! `StartMessageMoveTask`, `ListMessageMoveTasks` and `CancelMessageMoveTask`: the redrive.

use aws_sdk_sqs::types::ListMessageMoveTasksResultEntry as Task;

use super::support::{Queue, body_of, system, take_all};
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, eventually, holds, present, same},
    context::Context,
};

const START: &str = "SQS API reference, StartMessageMoveTask";
const LIST: &str = "SQS API reference, ListMessageMoveTasks";
const CANCEL: &str = "SQS API reference, CancelMessageMoveTask";
const GUIDE: &str = "SQS guide, dead-letter queue redrive";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "sqs/move-task/back-to-source",
            "Without a destination dead letters go back to the queue they came from.",
            START,
            back_to_source,
        ),
        case(
            "sqs/move-task/to-destination",
            "With a destination they go there.",
            START,
            to_destination,
        ),
        case("sqs/move-task/counts", "A completed task tells how many it moved.", LIST, counts),
        case(
            "sqs/move-task/new-receive-count",
            "A moved message is a new one: its receive count starts anew.",
            GUIDE,
            new_receive_count,
        ),
        case(
            "sqs/move-task/new-id",
            "A moved message is a new one: it has another id.",
            GUIDE,
            new_id,
        ),
        case(
            "sqs/move-task/no-dead-letter-queue",
            "A source that is no queue's dead-letter queue is refused.",
            START,
            no_dead_letter_queue,
        ),
        case(
            "sqs/move-task/missing-source",
            "A source that is not there is ResourceNotFoundException with HTTP 404.",
            START,
            missing_source,
        ),
        case(
            "sqs/move-task/missing-destination",
            "A destination that is not there is ResourceNotFoundException.",
            START,
            missing_destination,
        ),
        case(
            "sqs/move-task/rate-of-501",
            "At most 500 messages a second are moved.",
            START,
            |cx| bad_rate(cx, 501),
        ),
        case("sqs/move-task/rate-of-0", "At least 1 message a second is moved.", START, |cx| {
            bad_rate(cx, 0)
        }),
        case("sqs/move-task/no-source", "SourceArn is required.", START, no_source),
        case(
            "sqs/move-task/one-at-a-time",
            "A source has one running task; a second is refused.",
            START,
            one_at_a_time,
        ),
        case("sqs/move-task/list-none", "A queue without tasks lists none.", LIST, list_none),
        case(
            "sqs/move-task/list-newest-first",
            "MaxResults is 1 unless given, and the newest is listed first.",
            LIST,
            newest_first,
        ),
        case("sqs/move-task/list-of-11", "At most 10 tasks are listed.", LIST, list_of_eleven),
        case(
            "sqs/move-task/list-missing",
            "A source that is not there is ResourceNotFoundException.",
            LIST,
            list_missing,
        ),
        case(
            "sqs/move-task/cancel",
            "A cancelled task stops, and what it moved stays moved.",
            CANCEL,
            cancel,
        ),
        case(
            "sqs/move-task/cancel-unknown",
            "A handle that names no task is refused.",
            CANCEL,
            cancel_unknown,
        ),
        case(
            "sqs/move-task/handle-while-running",
            "Only a running task lists its handle.",
            LIST,
            handle_while_running,
        ),
    ]
}

/// Two queues, and `letters` dead letters in the second one.
async fn with_letters(cx: &Context, letters: usize) -> Result<(Queue, Queue), Mismatch> {
    let (queue, dead) = Queue::with_dead_letters(cx, 1).await?;
    for n in 0..letters {
        queue.send(&format!("m{n}")).await?;
    }
    // Received once each, and the receive after that makes dead letters of them.
    let mut looked = 0;
    while dead.attribute("ApproximateNumberOfMessages").await? != Some(letters.to_string()) {
        queue.receive(10, 0).await?;
        looked += 1;
        holds("dead letters", looked < 100, looked)?;
    }
    Ok((queue, dead))
}

async fn start(cx: &Context, dead: &Queue, rate: Option<i32>) -> Result<String, Mismatch> {
    let start = cx.sqs().start_message_move_task().source_arn(dead.arn().await?);
    let start = start.set_max_number_of_messages_per_second(rate);
    present("TaskHandle", start.send().await.answer("StartMessageMoveTask")?.task_handle)
}

async fn list(cx: &Context, dead: &Queue, most: Option<i32>) -> Result<Vec<Task>, Mismatch> {
    let list = cx.sqs().list_message_move_tasks().source_arn(dead.arn().await?);
    let listed = list.set_max_results(most).send().await.answer("ListMessageMoveTasks")?;
    Ok(listed.results.unwrap_or_default())
}

async fn completed(cx: &Context, dead: &Queue) -> Result<Task, Mismatch> {
    eventually(|| async {
        let task = list(cx, dead, None).await?.into_iter().next();
        same("status", task.and_then(|task| task.status).as_deref(), Some("COMPLETED"))
    })
    .await?;
    present("a task", list(cx, dead, None).await?.into_iter().next())
}

async fn back_to_source(cx: Context) -> Checked {
    let (queue, dead) = with_letters(&cx, 3).await?;
    start(&cx, &dead, None).await?;
    completed(&cx, &dead).await?;
    let mut bodies = take_all(&queue, 3).await?;
    bodies.sort_unstable();
    same("bodies", bodies, ["m0", "m1", "m2"])
}

async fn to_destination(cx: Context) -> Checked {
    let (_queue, dead) = with_letters(&cx, 1).await?;
    let other = Queue::new(&cx, &[]).await?;
    let start = cx.sqs().start_message_move_task().source_arn(dead.arn().await?);
    let started = start.destination_arn(other.arn().await?).send().await;
    started.answer("StartMessageMoveTask")?;
    same("messages there", take_all(&other, 1).await?.len(), 1)
}

async fn counts(cx: Context) -> Checked {
    let (_queue, dead) = with_letters(&cx, 4).await?;
    start(&cx, &dead, None).await?;
    let task = completed(&cx, &dead).await?;
    same("moved", task.approximate_number_of_messages_moved, 4)?;
    same("to move", task.approximate_number_of_messages_to_move, Some(4))?;
    same("source", task.source_arn, Some(dead.arn().await?))
}

async fn new_receive_count(cx: Context) -> Checked {
    let (queue, dead) = with_letters(&cx, 1).await?;
    start(&cx, &dead, None).await?;
    completed(&cx, &dead).await?;
    let count = queue.one().await?;
    same("ApproximateReceiveCount", system(&count, "ApproximateReceiveCount"), Some("1"))
}

async fn new_id(cx: Context) -> Checked {
    let (queue, dead) = Queue::with_dead_letters(&cx, 1).await?;
    queue.send("m").await?;
    let id = queue.one().await?.message_id;
    queue.is_empty().await?;
    start(&cx, &dead, None).await?;
    completed(&cx, &dead).await?;
    let moved = queue.one().await?;
    same("body", body_of(&moved), "m")?;
    holds("another MessageId", moved.message_id != id, moved.message_id)
}

async fn no_dead_letter_queue(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let start = cx.sqs().start_message_move_task().source_arn(queue.arn().await?);
    start
        .send()
        .await
        .refused(400, "InvalidParameterValue")?
        .mentioning("Source queue must be configured as a Dead Letter Queue.")
}

async fn missing_source(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let start =
        cx.sqs().start_message_move_task().source_arn(format!("{}-none", queue.arn().await?));
    start.send().await.refused(404, "ResourceNotFoundException").map(drop)
}

async fn missing_destination(cx: Context) -> Checked {
    let (_queue, dead) = Queue::with_dead_letters(&cx, 1).await?;
    let arn = dead.arn().await?;
    let start = cx.sqs().start_message_move_task().source_arn(&arn);
    let start = start.destination_arn(format!("{arn}-none"));
    start.send().await.refused(404, "ResourceNotFoundException").map(drop)
}

async fn bad_rate(cx: Context, rate: i32) -> Checked {
    let (_queue, dead) = Queue::with_dead_letters(&cx, 1).await?;
    let start = cx.sqs().start_message_move_task().source_arn(dead.arn().await?);
    let start = start.max_number_of_messages_per_second(rate);
    start.send().await.refused(400, "InvalidParameterValue").map(drop)
}

async fn no_source(cx: Context) -> Checked {
    let start = cx.sqs().start_message_move_task();
    start.send().await.refused(400, "MissingParameter").map(drop)
}

async fn one_at_a_time(cx: Context) -> Checked {
    let (_queue, dead) = with_letters(&cx, 5).await?;
    start(&cx, &dead, Some(1)).await?;
    let again = cx.sqs().start_message_move_task().source_arn(dead.arn().await?);
    again.send().await.refused(400, "InvalidParameterValue")?.saying(
        "There is already a task running. Only one active task is allowed for a source queue arn at \
         a given time.",
    )
}

async fn list_none(cx: Context) -> Checked {
    let (_queue, dead) = Queue::with_dead_letters(&cx, 1).await?;
    let listed = list(&cx, &dead, Some(10)).await?;
    holds("no tasks", listed.is_empty(), listed)
}

async fn newest_first(cx: Context) -> Checked {
    let (_queue, dead) = Queue::with_dead_letters(&cx, 1).await?;
    for _ in 0..2 {
        start(&cx, &dead, None).await?;
        completed(&cx, &dead).await?;
    }
    same("tasks without MaxResults", list(&cx, &dead, None).await?.len(), 1)?;
    let started: Vec<i64> =
        list(&cx, &dead, Some(10)).await?.iter().map(|task| task.started_timestamp).collect();
    same("tasks", started.len(), 2)?;
    holds("the newest first", started[0] >= started[1], started)
}

async fn list_of_eleven(cx: Context) -> Checked {
    let (_queue, dead) = Queue::with_dead_letters(&cx, 1).await?;
    let list = cx.sqs().list_message_move_tasks().source_arn(dead.arn().await?).max_results(11);
    list.send().await.refused(400, "InvalidParameterValue").map(drop)
}

async fn list_missing(cx: Context) -> Checked {
    let queue = Queue::new(&cx, &[]).await?;
    let list =
        cx.sqs().list_message_move_tasks().source_arn(format!("{}-none", queue.arn().await?));
    list.send().await.refused(404, "ResourceNotFoundException").map(drop)
}

async fn cancel(cx: Context) -> Checked {
    let (_queue, dead) = with_letters(&cx, 5).await?;
    let handle = start(&cx, &dead, Some(1)).await?;
    let cancelled = cx.sqs().cancel_message_move_task().task_handle(handle).send().await;
    let moved = cancelled.answer("CancelMessageMoveTask")?.approximate_number_of_messages_moved;
    holds("fewer than all moved", moved < 5, moved)?;
    eventually(|| async {
        let task = list(&cx, &dead, None).await?.into_iter().next();
        same("status", task.and_then(|task| task.status).as_deref(), Some("CANCELLED"))
    })
    .await
}

async fn cancel_unknown(cx: Context) -> Checked {
    let cancel = cx.sqs().cancel_message_move_task().task_handle("garbage");
    cancel.send().await.refused(400, "InvalidParameterValue").map(drop)
}

async fn handle_while_running(cx: Context) -> Checked {
    let (_queue, dead) = with_letters(&cx, 3).await?;
    let handle = start(&cx, &dead, Some(1)).await?;
    let running = present("a task", list(&cx, &dead, None).await?.into_iter().next())?;
    same("status", running.status.as_deref(), Some("RUNNING"))?;
    same("TaskHandle", running.task_handle, Some(handle))?;
    let done = completed(&cx, &dead).await?;
    same("TaskHandle of a completed task", done.task_handle, None)
}
