//! Ctrl-C and SIGTERM: the first asks a run to end, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

/// Takes over the signals. Must come before Goose starts, which would take them itself.
///
/// # Errors
/// When the system refuses.
pub(crate) fn listen() -> Result<CancellationToken, ctrlc::Error> {
    let stop = CancellationToken::new();
    let asked = AtomicBool::new(false);
    let token = stop.clone();
    ctrlc::set_handler(move || {
        token.cancel();
        if asked.swap(true, Ordering::SeqCst) {
            leave();
        }
    })?;
    Ok(stop)
}

/// Ends the process at once, with the terminal as it was.
#[expect(clippy::exit, clippy::disallowed_methods, reason = "the second Ctrl-C means now")]
fn leave() -> ! {
    securecart_tui::restore();
    std::process::exit(130)
}
