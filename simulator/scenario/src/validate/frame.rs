//! From when to when a scenario goes, and what has to lie within.

use miette::SourceSpan;

use crate::{
    located::Field,
    problem::Problems,
    units::{Clock, Duration, clock_text, duration_text},
};

/// From when to when a scenario goes, and where its text says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    /// First second.
    pub(crate) start_s: f64,
    /// Last second.
    pub(crate) end_s: f64,
    /// Where the text says what is played.
    pub(crate) played: Option<SourceSpan>,
    /// Where the text gives the rate.
    pub(crate) rate: Option<SourceSpan>,
}

/// The second at which `what` happens, which has to be before the scenario's end.
pub(super) fn time(
    field: &Field<Clock>,
    what: &str,
    frame: &Frame,
    problems: &mut Problems,
) -> Option<f64> {
    let Clock(at_s) = *field.value()?;
    if !(frame.start_s..frame.end_s).contains(&at_s) {
        let (from, to) = (clock_text(frame.start_s), clock_text(frame.end_s));
        let message = format!("{what} at {} is outside the scenario", clock_text(at_s));
        problems.add(field.span(), message, format!("it goes from {from} to {to}"));
    }
    Some(at_s)
}

/// The seconds that what begins at `at_s` lasts, which have to be over by the scenario's end.
pub(super) fn length(
    field: &Field<Duration>,
    at_s: Option<f64>,
    frame: &Frame,
    problems: &mut Problems,
) -> Option<f64> {
    let Duration(length_s) = *field.value()?;
    let end_s = at_s.filter(|at_s| *at_s < frame.end_s).map(|at_s| at_s + length_s);
    if length_s <= 0.0 {
        problems.add(field.span(), "`length` is 0", "say how long it lasts, such as `10m`");
    } else if end_s.is_some_and(|end_s| end_s > frame.end_s) {
        let message = format!("it lasts {}, past the scenario's end", duration_text(length_s));
        let help = format!("the scenario ends at {}", clock_text(frame.end_s));
        problems.add(field.span(), message, help);
    }
    Some(length_s)
}
