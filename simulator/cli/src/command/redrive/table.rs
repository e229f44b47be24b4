//! What a redrive came to: a row for each dead-letter queue, as a table or as JSON.

use securecart_cloud::{DeadLetters, MoveStatus, Redrive};
use serde::Serialize;

/// Why SQS doesn't know where a message belongs, in its own word.
const NO_SOURCE: &str = "CouldNotDetermineMessageSource";

/// One dead-letter queue.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Row {
    pub(super) dead_letter_queue: String,
    sources: Vec<String>,
    /// Dead letters that could be moved, at the start.
    before: u64,
    in_flight: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<String>,
}

impl Row {
    /// One that was only looked at.
    pub(super) fn listed(letters: &DeadLetters) -> Self {
        Self {
            dead_letter_queue: letters.dead_letter_queue.clone(),
            sources: letters.sources.clone(),
            before: letters.visible,
            in_flight: letters.in_flight,
            moved: None,
            after: None,
            status: None,
            failure: None,
        }
    }

    /// One that had nothing to move.
    pub(super) fn empty(letters: &DeadLetters) -> Self {
        Self { moved: Some(0), status: Some("empty"), ..Self::listed(letters) }
    }

    /// One whose task has ended.
    pub(super) fn redriven(letters: &DeadLetters, redriven: &Redrive) -> Self {
        let failed = redriven.status == MoveStatus::Failed;
        Self {
            moved: Some(redriven.moved),
            status: Some(redriven.status.as_str()),
            failure: failed.then(|| reason(redriven.failure.as_deref())),
            ..Self::listed(letters)
        }
    }

    /// One whose task could not be started or followed.
    pub(super) fn failed(letters: &DeadLetters, failure: String) -> Self {
        let status = Some(MoveStatus::Failed.as_str());
        Self { status, failure: Some(failure), ..Self::listed(letters) }
    }

    /// Notes what is there now.
    pub(super) fn look_again(&mut self, now: &[DeadLetters]) {
        let same = |letters: &&DeadLetters| letters.dead_letter_queue == self.dead_letter_queue;
        self.after = now.iter().find(same).map(|letters| letters.visible);
    }
}

fn reason(failure: Option<&str>) -> String {
    match failure {
        Some(NO_SOURCE) => format!(
            "{NO_SOURCE}: the next message was never in a queue before (it was sent here by hand, \
             by SNS or by EventBridge), so there is none to go back to"
        ),
        Some(reason) => reason.to_owned(),
        None => "SQS gives no reason".to_owned(),
    }
}

/// The rows as one JSON document.
pub(super) fn json(rows: &[Row]) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    struct Document<'a> {
        queues: &'a [Row],
    }
    let json = serde_json::to_string(&Document { queues: rows });
    json.expect("names and numbers are always JSON") + "\n"
}

/// The rows as a table.
pub(super) fn text(rows: &[Row]) -> String {
    let sources: Vec<String> = rows.iter().map(|row| row.sources.join(", ")).collect();
    let names = rows.iter().map(|row| row.dead_letter_queue.as_str());
    let (names, from) = (width("dead-letter queue", names), width("from", sources.iter()));
    let redriven = rows.iter().any(|row| row.status.is_some());
    let mut text = match redriven {
        true => format!(
            "{:<names$}  {:<from$}  {:>8}  {:>8}  {:>8}  status\n",
            "dead-letter queue", "from", "before", "moved", "after"
        ),
        false => format!(
            "{:<names$}  {:<from$}  {:>8}  {:>9}\n",
            "dead-letter queue", "from", "letters", "in flight"
        ),
    };
    for (row, sources) in rows.iter().zip(&sources) {
        let start =
            format!("{:<names$}  {sources:<from$}  {:>8}", row.dead_letter_queue, row.before);
        text += &match redriven {
            true => format!(
                "{start}  {:>8}  {:>8}  {}\n",
                number(row.moved),
                number(row.after),
                row.status.unwrap_or_default()
            ),
            false => format!("{start}  {:>9}\n", row.in_flight),
        };
    }
    text
}

/// Columns for a heading and what stands below it.
fn width<T: AsRef<str>>(heading: &str, cells: impl Iterator<Item = T>) -> usize {
    let widest = cells.map(|cell| cell.as_ref().chars().count()).max().unwrap_or(0);
    widest.max(heading.len())
}

fn number(number: Option<u64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}
