//! Watching a run: in the terminal's views, or as progress lines where there is no terminal.

use std::{
    io::{self, IsTerminal as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use securecart_record::{Phase, RunRecord};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::output;

/// Seconds between progress lines where they can't replace each other.
const LINE_EVERY_S: u64 = 10;

/// Columns of a terminal that does not say how many it has.
const COLUMNS: u16 = 80;

/// How a run is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watch {
    /// The terminal views.
    Views,
    /// Progress on stderr.
    Progress,
}

impl Watch {
    /// Views where stdin and stdout are a terminal that can show them and nobody asked for anything
    /// else.
    pub(crate) fn choose(no_tui: bool, json: bool) -> Self {
        let terminal = io::stdout().is_terminal() && io::stdin().is_terminal();
        if terminal && !output::is_dumb() && !no_tui && !json {
            Self::Views
        } else {
            Self::Progress
        }
    }

    /// Watches until the run has finished or its sender is gone. Whoever quits the views stops the
    /// run.
    pub(crate) async fn follow(
        self,
        snapshots: watch::Receiver<Arc<RunRecord>>,
        stop: CancellationToken,
    ) {
        match self {
            Self::Views => views(snapshots, stop).await,
            Self::Progress => progress(snapshots).await,
        }
    }
}

async fn views(snapshots: watch::Receiver<Arc<RunRecord>>, stop: CancellationToken) {
    let ended = Arc::new(AtomicBool::new(false));
    let options = securecart_tui::Options { color: !output::no_color(), stop: Arc::clone(&ended) };
    let watching = tokio::spawn(until_gone(snapshots.clone(), ended));
    let fallback = snapshots.clone();
    let showing = tokio::task::spawn_blocking(move || {
        securecart_tui::run(move || Arc::clone(&snapshots.borrow()), options)
    });
    let shown = tokio::select! {
        shown = showing => shown,
        // Nobody is there for the rest of the run. The views may never notice: reading a terminal that
        // was closed gives nothing, at once and for ever.
        () = closed() => {
            watching.abort();
            stop.cancel();
            return ending(fallback).await;
        }
    };
    watching.abort();
    match shown {
        Ok(Ok(securecart_tui::Exit::Finished)) => {}
        Ok(Ok(securecart_tui::Exit::Quit)) => {
            stop.cancel();
            ending(fallback).await;
        }
        Ok(Err(error)) => {
            output::narrate(&format!("the run goes on without its views: {error}"));
            progress(fallback).await;
        }
        Err(panic) => {
            output::narrate(&format!("the run goes on without its views: {panic}"));
            progress(fallback).await;
        }
    }
}

/// Ends when the terminal was closed: what is open is a terminal no more.
async fn closed() {
    while io::stdout().is_terminal() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Ends the views of a run that has ended without finishing.
async fn until_gone(mut snapshots: watch::Receiver<Arc<RunRecord>>, ended: Arc<AtomicBool>) {
    while snapshots.changed().await.is_ok() {}
    ended.store(true, Ordering::Release);
}

/// Waits for the end of a run that was quit: one line, which the summary takes the place of.
async fn ending(mut snapshots: watch::Receiver<Arc<RunRecord>>) {
    let replace = io::stderr().is_terminal() && !output::is_dumb();
    if replace {
        output::replace_line("stopping, and auditing what was played");
    }
    // A sender that is gone means that the run has ended, one way or another.
    let _ = snapshots.wait_for(|record| record.phase == Phase::Finished).await;
    if replace {
        output::replace_line("");
    }
}

async fn progress(mut snapshots: watch::Receiver<Arc<RunRecord>>) {
    let replace = io::stderr().is_terminal() && !output::is_dumb();
    let mut phase = None;
    let mut seconds = 0;
    loop {
        let record = Arc::clone(&snapshots.borrow_and_update());
        if record.phase == Phase::Finished {
            break;
        }
        let entered = phase.replace(record.phase) != Some(record.phase);
        let line = securecart_reports::progress_line(&record);
        if replace {
            output::replace_line(&fitting(&line));
        } else if entered || seconds % LINE_EVERY_S == 0 {
            output::narrate(&line);
        }
        seconds += 1;
        // A sender that is gone means that the run has ended, one way or another.
        let next = tokio::time::timeout(Duration::from_secs(1), snapshots.changed()).await;
        if matches!(next, Ok(Err(_))) {
            break;
        }
    }
    if replace {
        output::replace_line("");
    }
}

/// As much of a line as the terminal shows on one of its own: what wraps can't be replaced.
fn fitting(line: &str) -> String {
    let columns = securecart_tui::columns().unwrap_or(COLUMNS);
    line.chars().take(usize::from(columns).saturating_sub(1)).collect()
}
