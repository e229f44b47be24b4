//! What the terminal shows, as a pure reducer: a state, an event, the next state.
//!
//! Invariants: a frozen state keeps its snapshot while newer ones arrive; the selection follows a
//! thing by its name, not a row by its number, so it stays when rows change places.

mod selection;
mod window;

use std::sync::Arc;

use securecart_record::RunRecord;

pub(crate) use selection::Subject;
pub(crate) use window::Window;

use crate::{figures::progress, input::Action, view::HELP_LINES};

/// Characters a filter holds at the most.
const FILTER_MAX: usize = 32;

/// The views there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Everything at a glance, worst first.
    Overview,
    /// Every queue.
    Queues,
    /// Percentiles over time and the heatmap.
    Latency,
    /// Capacity against demand, and every scaling decision.
    Scaling,
    /// The database, the cache, and the containers.
    Data,
}

impl View {
    /// All of them, from left to right.
    pub(crate) const ALL: [Self; 5] =
        [Self::Overview, Self::Queues, Self::Latency, Self::Scaling, Self::Data];

    /// The key that shows it.
    pub(crate) fn key(self) -> char {
        match self {
            Self::Overview => '1',
            Self::Queues => '2',
            Self::Latency => '3',
            Self::Scaling => '4',
            Self::Data => '5',
        }
    }

    /// Its title.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Queues => "Queues",
            Self::Latency => "Latency",
            Self::Scaling => "Scaling",
            Self::Data => "Data",
        }
    }

    fn beside(self, step: isize) -> Self {
        let here = Self::ALL.iter().position(|view| *view == self).unwrap_or(0);
        let there = here.cast_signed() + step;
        Self::ALL[there.rem_euclid(Self::ALL.len().cast_signed()).cast_unsigned()]
    }
}

/// What keys are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Looking around.
    Browse,
    /// Typing a filter.
    Filter,
    /// Reading the help.
    Help,
}

/// What changes a state.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A newer snapshot.
    Snapshot(Arc<RunRecord>),
    /// A key.
    Action(Action),
}

/// What the terminal shows.
#[derive(Debug, Clone)]
pub(crate) struct State {
    live: Arc<RunRecord>,
    frozen: Option<Arc<RunRecord>>,
    view: View,
    mode: Mode,
    window: Window,
    filter: String,
    /// One for each view, in the order of [`View::ALL`].
    selected: [Option<Subject>; View::ALL.len()],
    open: bool,
    help_top: usize,
    color: bool,
    quit: bool,
}

impl State {
    /// The first picture of `record`.
    pub(crate) fn new(record: Arc<RunRecord>, color: bool) -> Self {
        let window = Window::holding(progress(&record).wall_length_s);
        Self {
            live: record,
            frozen: None,
            view: View::Overview,
            mode: Mode::Browse,
            window,
            filter: String::new(),
            selected: Default::default(),
            open: false,
            help_top: 0,
            color,
            quit: false,
        }
    }

    /// The newest snapshot, shown or not.
    pub(crate) fn live(&self) -> &Arc<RunRecord> {
        &self.live
    }

    /// The snapshot that is shown.
    pub(crate) fn record(&self) -> &RunRecord {
        self.frozen.as_ref().unwrap_or(&self.live)
    }

    /// How far the picture is behind, in seconds of the record's wall time; none unless frozen.
    pub(crate) fn frozen_s(&self) -> Option<f64> {
        let end_s = |record: &RunRecord| record.samples.last().map_or(0.0, |last| last.at_s);
        self.frozen.as_ref().map(|frozen| (end_s(&self.live) - end_s(frozen)).max(0.0))
    }

    pub(crate) fn view(&self) -> View {
        self.view
    }

    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    pub(crate) fn window(&self) -> Window {
        self.window
    }

    pub(crate) fn filter(&self) -> &str {
        &self.filter
    }

    pub(crate) fn color(&self) -> bool {
        self.color
    }

    /// Whether the selected thing is shown in detail.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// The first line of the help that is wanted.
    pub(crate) fn help_top(&self) -> usize {
        self.help_top
    }

    pub(crate) fn wants_to_quit(&self) -> bool {
        self.quit
    }

    /// The next state.
    pub(crate) fn apply(&mut self, event: Event) {
        match event {
            Event::Snapshot(record) => self.live = record,
            Event::Action(action) => self.act(action),
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::NextView => self.show(self.view.beside(1)),
            Action::PreviousView => self.show(self.view.beside(-1)),
            Action::Show(view) => self.show(view),
            Action::Up if self.mode == Mode::Help => {
                self.help_top = self.help_top.saturating_sub(1);
            }
            Action::Down if self.mode == Mode::Help => {
                self.help_top = (self.help_top + 1).min(HELP_LINES - 1);
            }
            Action::Up => self.select_row(-1),
            Action::Down => self.select_row(1),
            Action::Left => self.select_group(-1),
            Action::Right => self.select_group(1),
            Action::Open => self.open(),
            Action::Back => self.back(),
            Action::Freeze => self.freeze(),
            Action::Longer => self.window = self.window.longer(),
            Action::Shorter => self.window = self.window.shorter(),
            Action::Filter => self.mode = Mode::Filter,
            Action::Type(character) => self.type_filter(character),
            Action::Erase => drop(self.filter.pop()),
            Action::Keep => self.mode = Mode::Browse,
            Action::Clear => {
                self.filter.clear();
                self.mode = Mode::Browse;
            }
            Action::Help => {
                self.help_top = 0;
                self.mode = if self.mode == Mode::Help { Mode::Browse } else { Mode::Help };
            }
            Action::Quit => self.quit = true,
        }
    }

    fn show(&mut self, view: View) {
        self.view = view;
        self.open = false;
    }

    fn open(&mut self) {
        if let Some(subject) = self.selected() {
            self.select(subject);
            self.open = true;
        }
    }

    /// Out of the detail, then out of the filter; at the top it does nothing: a key that is pressed
    /// once too often must not end a run.
    fn back(&mut self) {
        if self.open {
            self.open = false;
        } else {
            self.filter.clear();
        }
    }

    fn freeze(&mut self) {
        self.frozen = match self.frozen {
            Some(_) => None,
            None => Some(Arc::clone(&self.live)),
        };
    }

    fn type_filter(&mut self, character: char) {
        if !character.is_control() && self.filter.chars().count() < FILTER_MAX {
            self.filter.push(character);
        }
    }
}

#[cfg(test)]
mod tests;
