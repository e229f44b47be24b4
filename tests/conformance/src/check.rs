//! How cases look at answers: each look that fails says what was expected and what came.

use std::{fmt::Debug, time::Duration};

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::{display::DisplayErrorContext, metadata::ProvideErrorMetadata};
use tokio::time::{Instant, sleep};

use crate::case::{Checked, Mismatch};

/// Longest text of an answer that a report shows, in characters.
const SHOWN_MAX: usize = 300;

/// How long a documented effect may take to show: AWS's are eventual, on loopback they are quick.
const EVENTUALLY: Duration = Duration::from_secs(5);

/// Time between two looks for an effect.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// An error of AWS, as its documentation describes errors.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: String,
    pub(crate) message: String,
}

impl Refusal {
    /// The message is `message`, word for word.
    pub(crate) fn saying(self, message: &str) -> Checked {
        match self.message == message {
            true => Ok(()),
            false => Err(Mismatch::new(
                format!("{} saying \"{message}\"", self.code),
                format!("\"{}\"", cut(&self.message)),
            )),
        }
    }

    /// The message has `part` in it.
    pub(crate) fn mentioning(self, part: &str) -> Checked {
        match self.message.contains(part) {
            true => Ok(()),
            false => Err(Mismatch::new(
                format!("{} with \"{part}\" in its message", self.code),
                format!("\"{}\"", cut(&self.message)),
            )),
        }
    }
}

/// What an SDK call came to.
pub(crate) trait Answered<T> {
    /// The answer, of a call that must succeed.
    fn answer(self, call: &str) -> Result<T, Mismatch>;

    /// The refusal, of a call that must fail with this HTTP status and error code.
    fn refused(self, status: u16, code: &str) -> Result<Refusal, Mismatch>;
}

impl<T, E> Answered<T> for Result<T, SdkError<E, HttpResponse>>
where
    T: Debug,
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    fn answer(self, call: &str) -> Result<T, Mismatch> {
        self.map_err(|error| Mismatch::new(format!("{call} to succeed"), shown(&error)))
    }

    fn refused(self, status: u16, code: &str) -> Result<Refusal, Mismatch> {
        let expected = format!("{code} with HTTP {status}");
        let error = match self {
            Ok(answer) => return Err(Mismatch::new(expected, cut(&format!("{answer:?}")))),
            Err(error) => error,
        };
        let came = error.raw_response().map(|response| response.status().as_u16());
        let same = error.code().is_some_and(|came| names_of(code).iter().any(|name| name == came));
        // An answer to HEAD has no body, and so no code: what the SDK makes of it is checked.
        if !same || came != Some(status) {
            return Err(Mismatch::new(expected, shown(&error)));
        }
        let message = error.message().unwrap_or_default().to_owned();
        Ok(Refusal { code: code.to_owned(), message })
    }
}

/// The shape's name, and what SQS, which spoke the query protocol before, calls it in
/// `x-amzn-query-error` (Smithy, "awsQueryCompatible"). Both are documented.
fn names_of(code: &str) -> [String; 3] {
    let query = match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists" => "QueueAlreadyExists",
        "InvalidParameterValue" => "InvalidParameterValueException",
        "MissingParameter" => "MissingRequiredParameterException",
        code => code,
    };
    [code.to_owned(), query.to_owned(), format!("AWS.SimpleQueueService.{code}")]
}

fn shown<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    match error.code() {
        Some(code) => {
            format!("{code} with HTTP {status}: {}", cut(error.message().unwrap_or("no message")))
        }
        None => format!("HTTP {status}: {}", cut(&DisplayErrorContext(error).to_string())),
    }
}

/// `text`, shortened to what a report shows.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// `got` is `expected`.
#[expect(clippy::needless_pass_by_value, reason = "cases look at what calls return, once")]
pub(crate) fn same<G, E>(what: &str, got: G, expected: E) -> Checked
where
    G: PartialEq<E> + Debug,
    E: Debug,
{
    match got == expected {
        true => Ok(()),
        false => Err(Mismatch::new(
            format!("{what} = {}", cut(&format!("{expected:?}"))),
            cut(&format!("{got:?}")),
        )),
    }
}

/// `condition` holds; `what` says it in words.
pub(crate) fn holds(what: &str, condition: bool, got: impl Debug) -> Checked {
    match condition {
        true => Ok(()),
        false => Err(Mismatch::new(what, cut(&format!("{got:?}")))),
    }
}

/// The value of something that must be there.
pub(crate) fn present<T>(what: &str, value: Option<T>) -> Result<T, Mismatch> {
    value.ok_or_else(|| Mismatch::new(what, "nothing"))
}

/// What a builder made of complete input.
pub(crate) fn built<T, E: Debug>(built: Result<T, E>) -> Result<T, Mismatch> {
    built.map_err(|error| Mismatch::new("a complete request", format!("{error:?}")))
}

/// Looks until `look` is content; its last complaint when it never is.
pub(crate) async fn eventually<F, Fut>(mut look: F) -> Checked
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Checked>,
{
    let started = Instant::now();
    loop {
        match look().await {
            Ok(()) => return Ok(()),
            Err(mismatch) if started.elapsed() >= EVENTUALLY => return Err(mismatch),
            Err(_) => sleep(LOOK_EVERY).await,
        }
    }
}
