//! Runs cases at the same time, each with a time limit, and removes what they made.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use tokio::time::timeout;

use crate::{Backend, Case, Checked, Mismatch, context::Context};

/// Longest time of a case: emulators take tenths of a second for a call when all run at once.
const CASE_MAX: Duration = Duration::from_secs(60);

/// Longest time for removing what a case made.
const CLEAN_MAX: Duration = Duration::from_secs(20);

/// How the suite is run.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// Who is asked.
    pub backend: &'a Backend,
    /// What tells this run's names from another's: up to ten lower-case letters and digits.
    pub token: &'a str,
    /// Cases at the same time.
    pub concurrency: usize,
}

/// A case and what it came to.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The case.
    pub case: &'a Case,
    /// What it came to.
    pub checked: Checked,
}

/// Runs `cases`; the outcomes are in their order. `done` hears of each as it ends.
pub async fn run<'a>(
    run: &Run<'_>,
    cases: &[&'a Case],
    mut done: impl FnMut(&Outcome<'a>),
) -> Vec<Outcome<'a>> {
    let mut outcomes: Vec<(usize, Outcome<'a>)> = stream::iter(cases.iter().enumerate())
        .map(|(index, case)| async move { (index, one(run, index, case).await) })
        .buffer_unordered(run.concurrency.max(1))
        .inspect(|(_, outcome)| done(outcome))
        .collect()
        .await;
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

async fn one<'a>(run: &Run<'_>, index: usize, case: &'a Case) -> Outcome<'a> {
    let context = Context::new(run.backend, format!("cf-{}-{index}", run.token));
    let checked = match timeout(CASE_MAX, case.run(context.clone())).await {
        Ok(checked) => checked,
        Err(_) => Err(Mismatch::new(format!("an end within {CASE_MAX:?}"), "none")),
    };
    // What is left after that is left: the next case has other names.
    drop(timeout(CLEAN_MAX, context.clean()).await);
    Outcome { case, checked }
}
