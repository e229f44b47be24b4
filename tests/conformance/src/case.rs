//! A case: a rule of AWS's documentation, and how to see whether it holds.

use std::fmt;

use futures::future::{BoxFuture, FutureExt as _};

use crate::context::Context;

/// Whether a rule holds.
pub type Checked = Result<(), Mismatch>;

/// What was expected, and what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What AWS's documentation promises.
    pub expected: String,
    /// What the backend did.
    pub got: String,
}

impl Mismatch {
    pub(crate) fn new(expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { expected: expected.into(), got: got.into() }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, got {}", self.expected, self.got)
    }
}

type Run = Box<dyn Fn(Context) -> BoxFuture<'static, Checked> + Send + Sync>;

/// One rule and its check.
pub struct Case {
    /// `service/topic/rule`, unique.
    pub id: String,
    /// What AWS's documentation says, in one sentence.
    pub rule: String,
    /// Where it says so: a page, a member of the API reference, or a row of the behaviour sheet.
    pub source: &'static str,
    run: Run,
}

impl Case {
    /// The service, which the id begins with.
    #[must_use]
    pub fn service(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }

    pub(crate) fn run(&self, context: Context) -> BoxFuture<'static, Checked> {
        (self.run)(context)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({})", self.id)
    }
}

/// A case that `run` checks.
pub(crate) fn case<F, Fut>(
    id: impl Into<String>,
    rule: impl Into<String>,
    source: &'static str,
    run: F,
) -> Case
where
    F: Fn(Context) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Checked> + Send + 'static,
{
    let run: Run = Box::new(move |context| run(context).boxed());
    Case { id: id.into(), rule: rule.into(), source, run }
}
