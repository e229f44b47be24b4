//! What a run plays: window, speed and scale, and whether the load they make can be played at all.

use miette::SourceSpan;

use crate::{
    defaults,
    document::{Document, Live},
    limits,
    located::Field,
    plan::{Plan, Window},
    problem::Problems,
    units::{ClockRange, Text, clock_text, duration_text, number_text},
};

use super::bounds;

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

/// Window, scale and frame of `document`.
pub(super) fn read(document: &Document, problems: &mut Problems) -> (Window, f64, Frame) {
    let time = document.time.value();
    let start_s = time.and_then(|time| time.start.value()).map_or(defaults::START_S, |at| at.0);
    let length_s = time.map_or(limits::LENGTH_S, |time| {
        let length = time.length.value().map_or(limits::LENGTH_S, |length| length.0);
        if length <= 0.0 || length > limits::LENGTH_S {
            let most = duration_text(limits::LENGTH_S);
            let message = format!("`length` is {}", duration_text(length));
            problems.add(time.length.span(), message, format!("give more than 0s, at most {most}"));
        }
        length
    });
    let live = time.map(|time| &time.live);
    let rate = document.traffic.value().and_then(|traffic| traffic.sessions_per_second.span());
    let played = live.and_then(Field::span).or_else(|| time.and_then(|time| time.length.span()));
    let frame = Frame { start_s, end_s: start_s + length_s, played, rate };
    let (window, scale) = live_run(live.and_then(Field::value), &frame, problems);
    (window, scale, frame)
}

fn live_run(live: Option<&Live>, frame: &Frame, problems: &mut Problems) -> (Window, f64) {
    let whole = ClockRange(frame.start_s, frame.end_s);
    let Some(live) = live else {
        let window = Window { start_s: whole.0, end_s: whole.1, speed: defaults::SPEED };
        return (window, defaults::SCALE);
    };
    let ClockRange(start_s, end_s) = live.window.value().copied().unwrap_or(whole);
    if start_s >= end_s {
        problems.add(
            live.window.span(),
            format!(
                "`window` ends at {}, not after its start at {}",
                clock_text(end_s),
                clock_text(start_s)
            ),
            "a window after midnight counts on: `23:00..25:00`",
        );
    } else if start_s < frame.start_s || end_s > frame.end_s {
        let (from, to) = (clock_text(frame.start_s), clock_text(frame.end_s));
        problems.add(
            live.window.span(),
            "`window` is outside the scenario",
            format!("the scenario goes from {from} to {to}; give {}", ClockRange::EXPECTED),
        );
    }
    let speed = bounds::above_zero(&live.speed, "speed", limits::SPEED, problems);
    let scale = bounds::above_zero(&live.scale, "scale", limits::SCALE, problems);
    let window = Window { start_s, end_s, speed: speed.unwrap_or(defaults::SPEED) };
    (window, scale.unwrap_or(defaults::SCALE))
}

/// Reports a run that takes too long, or a load that is too high or none.
pub(crate) fn check_load(plan: &Plan, frame: &Frame, problems: &mut Problems) {
    let wall_s = plan.window.wall_s();
    if !wall_s.is_finite() || wall_s > limits::WALL_S {
        let window_s = plan.window.end_s - plan.window.start_s;
        problems.add(
            frame.played,
            format!(
                "{} of scenario time at speed {} takes {} of wall time",
                duration_text(window_s),
                plan.window.speed,
                duration_text(wall_s)
            ),
            format!(
                "a run takes at most {}; play a shorter window or a speed of at least {}",
                duration_text(limits::WALL_S),
                (window_s / limits::WALL_S).ceil()
            ),
        );
    }
    let peak = plan.peak_rate();
    if !peak.is_finite() || peak > limits::SESSIONS_PER_SECOND {
        let most = plan.scale * limits::SESSIONS_PER_SECOND / peak;
        problems.add(
            frame.rate,
            format!(
                "at scale {} the load peaks at {} sessions/s",
                number_text(plan.scale),
                number_text(peak.round())
            ),
            format!(
                "at most {} sessions/s can be played; here that is a scale of {most:.4}",
                limits::SESSIONS_PER_SECOND
            ),
        );
    } else if peak <= 0.0 {
        problems.add(
            frame.played,
            "no session arrives in the part that is played",
            "the curve is 0 throughout it; play another window or raise the curve",
        );
    } else if plan.expected_sessions() < limits::SESSIONS_MIN {
        problems.add(
            frame.rate,
            format!(
                "at scale {} about {} sessions arrive in the part that is played",
                number_text(plan.scale),
                digits2(plan.expected_sessions())
            ),
            "that is none to speak of; raise the scale or play a longer part",
        );
    }
}

/// A small number to two digits.
fn digits2(number: f64) -> String {
    let digit = 10_f64.powf(number.abs().log10().floor() - 1.0);
    number_text((number / digit).round() * digit)
}
