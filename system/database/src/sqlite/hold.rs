//! Holds tokio's paused clock while a statement runs on a thread that tokio knows nothing of.

use std::sync::mpsc;

/// Whether clocks are held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hold(pub(crate) bool);

impl Hold {
    /// Holds the clock until the guard is dropped. tokio does not advance a paused clock while a
    /// blocking task runs, so there is one for as long.
    pub(crate) fn begin(self) -> Option<Held> {
        self.0.then(|| {
            let (end, ended) = mpsc::channel::<()>();
            // It ends with an error when the other end is dropped: that is the signal.
            tokio::task::spawn_blocking(move || ended.recv().is_ok());
            Held { _end: end }
        })
    }
}

#[derive(Debug)]
pub(crate) struct Held {
    _end: mpsc::Sender<()>,
}
