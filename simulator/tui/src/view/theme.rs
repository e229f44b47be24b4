//! Colours and marks. The sixteen colours of the terminal, so that light and dark themes both work.

use ratatui::style::{Color, Modifier, Style};

use crate::figures::Severity;

/// Colours of the heatmap, from few to many.
const HEAT: [u8; 9] = [17, 54, 91, 127, 162, 197, 203, 215, 229];
/// Shades of the heatmap without colour, from few to many.
const SHADES: [char; 4] = ['░', '▒', '▓', '█'];

/// How things look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    color: bool,
}

impl Theme {
    pub(super) fn new(color: bool) -> Self {
        Self { color }
    }

    fn fg(self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    /// Figures and names.
    pub(super) fn plain(self) -> Style {
        Style::new()
    }

    /// Labels, rules and axes.
    pub(super) fn dim(self) -> Style {
        if self.color {
            Style::new().fg(Color::DarkGray)
        } else {
            Style::new().add_modifier(Modifier::DIM)
        }
    }

    /// Titles.
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is selected.
    pub(super) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// The name of the program, and bars.
    pub(super) fn accent(self) -> Style {
        self.fg(Color::Cyan)
    }

    pub(super) fn severity(self, severity: Severity) -> Style {
        match severity {
            Severity::Good => self.fg(Color::Green),
            Severity::Watch => self.fg(Color::Yellow),
            Severity::Bad => self.fg(Color::Red).add_modifier(Modifier::BOLD),
        }
    }

    /// Line `index` of a chart; lines also carry their names.
    pub(super) fn series(self, index: usize) -> Style {
        self.fg([Color::Green, Color::Cyan, Color::Yellow, Color::Red][index % 4])
    }

    /// The cell of the heatmap for `count` of at most `most`, by the logarithm of both.
    pub(super) fn heat(self, count: f64, most: f64) -> (char, Style) {
        let levels = if self.color { HEAT.len() } else { SHADES.len() };
        let share = (1.0 + count).ln() / (1.0 + most.max(1.0)).ln();
        let level = ((share * levels as f64).ceil() as usize).clamp(1, levels) - 1;
        if self.color {
            ('█', Style::new().fg(Color::Indexed(HEAT[level])))
        } else {
            (SHADES[level], Style::new())
        }
    }
}

/// The mark of a severity: readable without colour.
pub(super) fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Good => "●",
        Severity::Watch => "▲",
        Severity::Bad => "✖",
    }
}
