//! The loop: newest snapshot, keys, picture.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ratatui::{
    Terminal,
    backend::Backend,
    crossterm::event::{self, Event as Input},
};
use securecart_record::{Phase, RunRecord};

use crate::{
    input,
    state::{Event, State},
    terminal::Screen,
    view,
};

/// Longest wait for a key before the source is asked again: ten times a second.
const FRAME: Duration = Duration::from_millis(100);

/// Keys taken between two pictures at the most, so that a paste cannot hold the picture up.
const KEYS_PER_FRAME: usize = 64;

/// How the terminal behaves.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether to use colour; without it shapes and words carry the meaning (`NO_COLOR`).
    pub color: bool,
    /// Ends [`run`] with [`Exit::Quit`] once true; how a signal handler gets the terminal back.
    pub stop: Arc<AtomicBool>,
}

/// Why [`run`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The run finished.
    Finished,
    /// Someone quit, or [`Options::stop`] was set.
    Quit,
}

/// The terminal could not be used. It has been given back as it was; the run is not affected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no terminal, or it refused.
    #[error("cannot use the terminal: {0}; `--no-tui` runs without it")]
    Terminal(#[from] io::Error),
    /// Another thread panicked. Its message is on the screen, so nothing may draw over it.
    #[error("a thread of the run panicked; see its message above")]
    Panicked,
}

/// Shows what `source` returns until the run is finished or someone quits.
///
/// `source` is called at least four times a second on the caller's thread and must not block.
///
/// # Errors
///
/// When the terminal cannot be taken or written to, and when any thread panics meanwhile.
pub fn run(source: impl FnMut() -> Arc<RunRecord>, options: Options) -> Result<Exit, Error> {
    let Options { color, stop } = options;
    let mut screen = Screen::open()?;
    let panicked = screen.panicked();
    let mut running = Running { source, color, stop: &stop, panicked: &panicked };
    let result = running.drive(screen.terminal(), next_input);
    drop(screen);
    result
}

/// The next key or resize within `wait`.
fn next_input(wait: Duration) -> io::Result<Option<Input>> {
    if event::poll(wait)? { event::read().map(Some) } else { Ok(None) }
}

/// What the loop needs besides a terminal and keys.
struct Running<'a, S> {
    source: S,
    color: bool,
    stop: &'a AtomicBool,
    panicked: &'a AtomicBool,
}

impl<S: FnMut() -> Arc<RunRecord>> Running<'_, S> {
    /// Draws on `terminal` what changes, with the input that `next` finds within the time it is given.
    fn drive<B: Backend<Error = io::Error>>(
        &mut self,
        terminal: &mut Terminal<B>,
        mut next: impl FnMut(Duration) -> io::Result<Option<Input>>,
    ) -> Result<Exit, Error> {
        let mut state = State::new((self.source)(), self.color);
        let mut redraw = true;
        loop {
            if let Some(exit) = self.exit(&state)? {
                return Ok(exit);
            }
            if redraw {
                terminal.draw(|frame| view::render(&state, frame.area(), frame.buffer_mut()))?;
            }
            redraw = take_input(&mut state, &mut next)?;
            let record = (self.source)();
            if !Arc::ptr_eq(&record, state.live()) {
                state.apply(Event::Snapshot(record));
                redraw = true;
            }
        }
    }

    /// Whether it is over.
    fn exit(&self, state: &State) -> Result<Option<Exit>, Error> {
        if self.panicked.load(Ordering::Acquire) {
            return Err(Error::Panicked);
        }
        if state.live().phase == Phase::Finished {
            return Ok(Some(Exit::Finished));
        }
        let quit = state.wants_to_quit() || self.stop.load(Ordering::Acquire);
        Ok(quit.then_some(Exit::Quit))
    }
}

/// Waits for input, takes all there is, and says whether it changes the picture.
fn take_input(
    state: &mut State,
    next: &mut impl FnMut(Duration) -> io::Result<Option<Input>>,
) -> Result<bool, Error> {
    let mut redraw = false;
    let mut wait = FRAME;
    for _ in 0..KEYS_PER_FRAME {
        match next(wait)? {
            None => break,
            Some(Input::Key(key)) => {
                if let Some(action) = input::action(key, state.mode()) {
                    state.apply(Event::Action(action));
                    redraw = true;
                }
            }
            Some(Input::Resize(..)) => redraw = true,
            Some(_) => {}
        }
        wait = Duration::ZERO;
    }
    Ok(redraw)
}

#[cfg(test)]
mod tests;
