use std::{collections::VecDeque, sync::atomic::AtomicUsize};

use ratatui::{
    Terminal,
    backend::CrosstermBackend,
    crossterm::event::{KeyCode, KeyEvent, KeyModifiers},
    layout::Rect,
};
use ratatui::{TerminalOptions, Viewport};

use super::*;
use crate::fixture;

/// What a loop did.
struct Outcome {
    result: Result<Exit, Error>,
    drawn: usize,
    asked: usize,
}

/// Runs the loop over `inputs` (none: nothing within a frame) and then none for ever, on records
/// of which the `finished`th is the first that is finished.
fn drive(inputs: Vec<Option<Input>>, finished: usize, stop: bool, panicked: bool) -> Outcome {
    let running = Arc::new(fixture::black_friday(30));
    let mut last = fixture::black_friday(31);
    last.phase = Phase::Finished;
    let last = Arc::new(last);
    let asked = AtomicUsize::new(0);
    let source = || {
        let count = asked.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::clone(if count >= finished { &last } else { &running })
    };
    let mut written = Vec::new();
    let options_for_screen = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, 80, 24)) };
    let mut terminal =
        Terminal::with_options(CrosstermBackend::new(&mut written), options_for_screen)
            .expect("a fixed viewport asks the terminal nothing");
    let mut inputs = VecDeque::from(inputs);
    let next = |_| Ok(inputs.pop_front().flatten());
    let (stop, panicked) = (AtomicBool::new(stop), AtomicBool::new(panicked));
    let mut running = Running { source, color: true, stop: &stop, panicked: &panicked };
    let result = running.drive(&mut terminal, next);
    let drawn = terminal.get_frame().count();
    Outcome { result, drawn, asked: asked.into_inner() }
}

fn key(code: KeyCode) -> Option<Input> {
    Some(Input::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

#[test]
fn it_ends_by_itself_when_the_run_has_finished() {
    let outcome = drive(vec![], 5, false, false);
    assert_eq!(outcome.result.expect("no error"), Exit::Finished);
    assert_eq!(outcome.asked, 5);
}

#[test]
fn it_draws_only_what_changed() {
    let outcome = drive(vec![None, None, None], 50, false, false);
    assert_eq!(outcome.result.expect("no error"), Exit::Finished);
    assert_eq!(outcome.drawn, 1, "one record, no key: one picture");
    let keys = vec![None, key(KeyCode::Tab), None, key(KeyCode::Char('x')), None];
    let outcome = drive(keys, 50, false, false);
    assert_eq!(outcome.drawn, 2, "a key without a meaning changes nothing");
}

#[test]
fn keys_that_quit() {
    let control_c = Input::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    for quit in [key(KeyCode::Char('q')), Some(control_c)] {
        let outcome = drive(vec![None, quit], usize::MAX, false, false);
        assert_eq!(outcome.result.expect("no error"), Exit::Quit);
    }
}

#[test]
fn it_ends_from_outside() {
    let outcome = drive(vec![], usize::MAX, true, false);
    assert_eq!(outcome.result.expect("no error"), Exit::Quit);
}

#[test]
fn a_panic_elsewhere_ends_it_without_drawing_over_the_message() {
    let outcome = drive(vec![], usize::MAX, false, true);
    assert!(matches!(outcome.result, Err(Error::Panicked)));
    assert_eq!(outcome.drawn, 0);
}

#[test]
fn a_paste_does_not_hold_the_picture_up() {
    let paste = vec![key(KeyCode::Tab); KEYS_PER_FRAME * 3];
    let outcome = drive(paste, 10, false, false);
    assert_eq!(outcome.result.expect("no error"), Exit::Finished);
    assert!(outcome.drawn >= 4, "{} pictures", outcome.drawn);
}
