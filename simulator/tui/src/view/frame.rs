//! What surrounds every view: the run, the tabs, the keys.

use ratatui::{layout::Rect, style::Style};
use securecart_record::{Phase, RunRecord, format};

use super::{
    canvas::{Canvas, clamp, take_bottom, take_left, take_top},
    text::{longest_fitting, width},
};
use crate::{
    figures::{RunningFault, Severity, progress, running_faults},
    state::{Mode, State, View},
};

/// Fewest lines at which tabs, and keys, are worth theirs.
const TABS_HEIGHT: u16 = 3;
const KEYS_HEIGHT: u16 = 5;

/// Draws the surroundings and returns what is left for the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) -> Rect {
    let mut body = area;
    let typing = state.mode() == Mode::Filter;
    if area.height >= KEYS_HEIGHT || typing {
        let footer = take_bottom(&mut body, 1);
        if typing { prompt(canvas, footer, state) } else { keys(canvas, footer, state) }
    }
    let header = take_top(&mut body, 1);
    run(canvas, header, state.record());
    let faults = running_faults(state.record());
    // A fault that goes on matters more than which views there are.
    let lines = area.height.saturating_sub(TABS_HEIGHT - 1);
    if lines > u16::from(!faults.is_empty()) {
        let tabs_line = take_top(&mut body, 1);
        tabs(canvas, tabs_line, state);
    }
    if lines > 0 && !faults.is_empty() {
        let line = take_top(&mut body, 1);
        fault(canvas, line, &faults);
    }
    body
}

/// The fault that began last, and how many others go on.
fn fault(canvas: &mut Canvas<'_>, area: Rect, faults: &[RunningFault<'_>]) {
    let Some(RunningFault { fault, lasts_s, left_s }) = faults.last() else { return };
    let more = match faults.len() {
        1 => String::new(),
        all => format!(", and {} more", all - 1),
    };
    let time = match left_s {
        Some(left_s) => format!("{} left", format::duration_s(*left_s)),
        None => format!("for {}", format::duration_s(*lasts_s)),
    };
    let (kind, radius) = (&fault.kind, &fault.radius);
    let texts = [
        format!(" ✖ FAULT {kind}: {radius}, {time} (scenario){more}"),
        format!(" ✖ FAULT {kind}: {radius}, {time}{more}"),
        format!(" ✖ FAULT {radius}, {time}{more}"),
        format!(" ✖ FAULT {radius}"),
        " ✖ FAULT".to_owned(),
    ];
    let style = canvas.theme.severity(Severity::Bad);
    canvas.line(area, longest_fitting(&texts, usize::from(area.width)), style);
}

fn run(canvas: &mut Canvas<'_>, area: Rect, record: &RunRecord) {
    let progress = progress(record);
    let scenario = format::clock_s(progress.scenario_s);
    let wall = minutes(progress.wall_s);
    let length = minutes(progress.wall_length_s);
    let phase = phase(record.phase);
    let times = [
        format!("scenario {scenario} at {}×  wall {wall} of {length} m:s ", record.run.speed),
        format!("scenario {scenario}  wall {wall} of {length} m:s "),
        format!("scenario {scenario}  wall {wall} m:s "),
        format!("wall {wall} m:s "),
    ];
    let theme = canvas.theme;
    let name = (" SecureCart".to_owned(), theme.accent().patch(theme.strong()));
    let scenario_name = (format!(" {}", record.run.scenario), theme.strong());
    let phase = (format!(" {phase}"), theme.plain());
    // The narrower it is, the more gives way, the program's own name first.
    let lefts: [&[_]; 3] =
        [&[name, scenario_name.clone(), phase.clone()], &[scenario_name, phase.clone()], &[phase]];
    let columns = usize::from(area.width);
    let taken = |pieces: &[(String, Style)]| pieces.iter().map(|piece| width(&piece.0)).sum();
    for left in lefts {
        let left_columns: usize = taken(left);
        let right = longest_fitting(&times, columns.saturating_sub(left_columns + 2));
        if !right.is_empty() || (left.len() == 1 && left_columns <= columns) {
            canvas.pieces(area, left);
            canvas.line_right(area, right, theme.plain());
            return;
        }
    }
    canvas.line(area, &wall, theme.plain());
}

/// Minutes and seconds: `2:06`.
pub(super) fn minutes(seconds: f64) -> String {
    if !seconds.is_finite() {
        return format::NONE.to_owned();
    }
    let whole = seconds.max(0.0).floor() as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Starting => "starting",
        Phase::Running => "running",
        Phase::Draining => "draining",
        Phase::Auditing => "auditing",
        Phase::Finished => "finished",
    }
}

fn tabs(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let theme = canvas.theme;
    let mut rest = area;
    // That the picture is frozen matters more than which other views there are.
    let note_columns = if state.frozen_s().is_some() { width(" FROZEN") } else { 0 };
    let tab_columns: usize = View::ALL.iter().map(|view| view.title().len() + 5).sum();
    let all = tab_columns + note_columns;
    for view in View::ALL {
        let is_shown = view == state.view();
        if !is_shown && all > usize::from(area.width) {
            continue;
        }
        let text = format!(" {} {} ", view.key(), view.title());
        let style = if is_shown { theme.selected() } else { theme.plain() };
        take_left(&mut rest, 1);
        let tab = take_left(&mut rest, clamp(width(&text)));
        canvas.line(tab, &text, style);
    }
    let window = format!("last {} ", state.window().name());
    let filter = match state.filter() {
        "" => String::new(),
        filter => format!("only \"{filter}\"  "),
    };
    take_left(&mut rest, 1);
    let columns = usize::from(rest.width);
    if let Some(frozen_s) = state.frozen_s() {
        let age = format!("{frozen_s:.0} s");
        let frozen = format!("FROZEN, {age} old ");
        let notes = [
            format!("{filter}{window} {frozen}"),
            format!("{window} {frozen}"),
            frozen,
            "FROZEN".to_owned(),
        ];
        let style = theme.severity(Severity::Watch).patch(theme.strong());
        canvas.line_right(rest, longest_fitting(&notes, columns), style);
    } else {
        let notes = [format!("{filter}{window}"), filter, window];
        canvas.line_right(rest, longest_fitting(&notes, columns), theme.dim());
    }
}

fn keys(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let open = if state.is_open() { ("Esc", "back") } else { ("Enter", "open") };
    let hints = [
        ("q", "quit"),
        ("?", "help"),
        ("Tab", "view"),
        ("↑↓", "row"),
        open,
        ("f", if state.frozen_s().is_some() { "go on" } else { "freeze" }),
        ("+-", "time"),
        ("/", "filter"),
    ];
    let theme = canvas.theme;
    let mut rest = area;
    for (key, meaning) in hints {
        let columns = clamp(width(key) + width(meaning) + 3);
        if columns > rest.width {
            break;
        }
        let hint = take_left(&mut rest, columns);
        let pieces = [(format!(" {key}"), theme.strong()), (format!(" {meaning}"), theme.dim())];
        canvas.pieces(hint, &pieces);
    }
}

fn prompt(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let text = format!(" / {}▏", state.filter());
    canvas.line(area, &text, canvas.theme.strong());
    let mut rest = area;
    take_left(&mut rest, clamp(width(&text) + 2));
    canvas.line_right(rest, "Enter keeps, Esc clears ", canvas.theme.dim());
}
