//! When something went on.

use securecart_record::format;

use crate::span::{at, wall};

/// Wall seconds of something, and the first and the last scenario second in which it was seen.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spell {
    /// Wall seconds.
    pub(super) seconds: f64,
    /// Wall seconds of its longest stretch without a break.
    pub(super) longest_s: f64,
    stretch_s: f64,
    seen: Option<(f64, f64)>,
}

impl Spell {
    /// It went on for the `seconds` that ended at `scenario_s`, unless it did not.
    pub(super) fn add_if(&mut self, goes_on: bool, seconds: f64, scenario_s: f64) {
        if goes_on {
            self.add(seconds, scenario_s);
        } else {
            self.stretch_s = 0.0;
        }
    }

    /// It went on for the `seconds` that ended at `scenario_s`.
    pub(super) fn add(&mut self, seconds: f64, scenario_s: f64) {
        self.seconds += seconds;
        self.stretch_s += seconds;
        self.longest_s = self.longest_s.max(self.stretch_s);
        let first = self.seen.map_or(scenario_s, |(first, _)| first);
        self.seen = Some((first, scenario_s));
    }

    /// `for 12.0 s (wall), seen from 00:20:00 to 00:26:00 (scenario)`; nothing where it never was.
    pub(super) fn describe(&self) -> Option<String> {
        let (first, last) = self.seen?;
        let when = if first < last {
            format!("seen from {} to {}", format::clock_s(first), at(last))
        } else {
            format!("seen at {}", at(last))
        };
        Some(format!("for {}, {when}", wall(self.seconds)))
    }
}
