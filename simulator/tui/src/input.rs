//! What a key means.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::state::{Mode, View};

/// What someone wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// The view to the right, or the first.
    NextView,
    /// The view to the left, or the last.
    PreviousView,
    /// This view.
    Show(View),
    /// The row above.
    Up,
    /// The row below.
    Down,
    /// The group to the left, where rows are in groups.
    Left,
    /// The group to the right.
    Right,
    /// The selected row in detail.
    Open,
    /// One step back; at the top, nothing.
    Back,
    /// Hold the picture, or let it go on.
    Freeze,
    /// Show a longer time.
    Longer,
    /// Show a shorter time.
    Shorter,
    /// Start to type a filter.
    Filter,
    /// A character of the filter.
    Type(char),
    /// Take the last character of the filter back.
    Erase,
    /// Keep the filter.
    Keep,
    /// Drop the filter.
    Clear,
    /// Show or hide the help.
    Help,
    /// Leave.
    Quit,
}

/// What `key` means in `mode`; none where it means nothing.
pub(crate) fn action(key: KeyEvent, mode: Mode) -> Option<Action> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return matches!(key.code, KeyCode::Char('c' | 'C')).then_some(Action::Quit);
    }
    match mode {
        Mode::Browse => browse(key.code),
        Mode::Filter => filter(key.code),
        Mode::Help => help(key.code),
    }
}

fn browse(code: KeyCode) -> Option<Action> {
    Some(match code {
        KeyCode::Tab => Action::NextView,
        KeyCode::BackTab => Action::PreviousView,
        KeyCode::Up => Action::Up,
        KeyCode::Down => Action::Down,
        KeyCode::Left => Action::Left,
        KeyCode::Right => Action::Right,
        KeyCode::Enter => Action::Open,
        KeyCode::Esc => Action::Back,
        KeyCode::Char('f') => Action::Freeze,
        // `=` and `_` are the same keys without and with shift.
        KeyCode::Char('+' | '=') => Action::Longer,
        KeyCode::Char('-' | '_') => Action::Shorter,
        KeyCode::Char('/') => Action::Filter,
        KeyCode::Char('?') => Action::Help,
        KeyCode::Char('q') => Action::Quit,
        KeyCode::Char(digit) => {
            return View::ALL.into_iter().find(|view| view.key() == digit).map(Action::Show);
        }
        _ => return None,
    })
}

fn filter(code: KeyCode) -> Option<Action> {
    match code {
        KeyCode::Enter => Some(Action::Keep),
        KeyCode::Esc => Some(Action::Clear),
        KeyCode::Backspace => Some(Action::Erase),
        KeyCode::Char(character) => Some(Action::Type(character)),
        _ => None,
    }
}

fn help(code: KeyCode) -> Option<Action> {
    match code {
        KeyCode::Esc | KeyCode::Enter | KeyCode::Char('?') => Some(Action::Help),
        KeyCode::Up => Some(Action::Up),
        KeyCode::Down => Some(Action::Down),
        KeyCode::Char('q') => Some(Action::Quit),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode, mode: Mode) -> Option<Action> {
        action(KeyEvent::new(code, KeyModifiers::NONE), mode)
    }

    #[test]
    fn digits_show_the_views_there_are() {
        assert_eq!(press(KeyCode::Char('1'), Mode::Browse), Some(Action::Show(View::Overview)));
        assert_eq!(press(KeyCode::Char('3'), Mode::Browse), Some(Action::Show(View::Latency)));
        assert_eq!(press(KeyCode::Char('4'), Mode::Browse), Some(Action::Show(View::Scaling)));
        assert_eq!(press(KeyCode::Char('5'), Mode::Browse), Some(Action::Show(View::Data)));
        assert_eq!(press(KeyCode::Char('6'), Mode::Browse), None);
        assert_eq!(press(KeyCode::Char('0'), Mode::Browse), None);
    }

    #[test]
    fn letters_are_text_while_a_filter_is_typed() {
        assert_eq!(press(KeyCode::Char('q'), Mode::Filter), Some(Action::Type('q')));
        assert_eq!(press(KeyCode::Char('?'), Mode::Filter), Some(Action::Type('?')));
        assert_eq!(press(KeyCode::Enter, Mode::Filter), Some(Action::Keep));
        assert_eq!(press(KeyCode::Esc, Mode::Filter), Some(Action::Clear));
    }

    #[test]
    fn control_c_quits_in_every_mode() {
        for mode in [Mode::Browse, Mode::Filter, Mode::Help] {
            let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
            assert_eq!(action(key, mode), Some(Action::Quit));
            let other = KeyEvent::new(KeyCode::Char('f'), KeyModifiers::CONTROL);
            assert_eq!(action(other, mode), None);
        }
    }

    #[test]
    fn a_released_key_means_nothing() {
        let mut key = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        key.kind = KeyEventKind::Release;
        assert_eq!(action(key, Mode::Browse), None);
    }

    #[test]
    fn help_closes_by_the_keys_that_opened_it() {
        assert_eq!(press(KeyCode::Char('?'), Mode::Browse), Some(Action::Help));
        assert_eq!(press(KeyCode::Char('?'), Mode::Help), Some(Action::Help));
        assert_eq!(press(KeyCode::Esc, Mode::Help), Some(Action::Help));
        assert_eq!(press(KeyCode::Char('f'), Mode::Help), None);
    }
}
