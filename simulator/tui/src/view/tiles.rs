//! A tile for each service, each queue, and whatever keeps data or stands beside them, the worst first
//! in each group.
//!
//! A tile has one to three lines: its name and health; its figures; its course.

use ratatui::layout::Rect;
use securecart_record::{Sample, format};

mod store;

use super::{
    canvas::{Canvas, clamp, take_bottom, take_left, take_right, take_top},
    queues,
    text::{join_fitting, width},
    theme::mark,
};
use crate::{
    figures::{Health, QueueRow, ServiceRow, Span, StoreRow, find_queue, find_service},
    state::{State, Subject},
};

/// Fewest columns of a tile, and how many it likes.
const WIDTH_MIN: u16 = 20;
const WIDTH: u16 = 26;
/// Fewest lines for tiles of every group below each other.
const GROUPS_HEIGHT: u16 = 9;
/// Lines of a tile with its course and a gap.
const HEIGHT_MAX: u16 = 4;

/// One tile.
struct Tile {
    subject: Subject,
    name: String,
    health: Health,
    figures: Vec<String>,
    /// The value of its course in a sample, 0 to whatever.
    course: fn(&Sample, &str) -> Option<f64>,
}

/// Lines with which every tile has its name and its figures.
pub(super) fn lines_wanted(state: &State, width: u16) -> u16 {
    lines(state, width, 2)
}

/// Lines with which every tile has all it can show.
pub(super) fn lines_at_most(state: &State, width: u16) -> u16 {
    lines(state, width, HEIGHT_MAX)
}

fn lines(state: &State, width: u16, height: u16) -> u16 {
    let (upper, stores) = rows(state, width);
    let lines = |rows: u16| if rows == 0 { 0 } else { rows.saturating_mul(height) + 1 };
    // Where queues go below services, they have a title of their own.
    let titles = u16::from(columns(width).1 == 0);
    lines(upper) + titles + lines(stores)
}

/// Rows of tiles of services and queues, and below them of tables and functions.
fn rows(state: &State, width: u16) -> (u16, u16) {
    let (services, queues) = columns(width);
    let rows = |tiles: usize, columns: u16| clamp(tiles.div_ceil(usize::from(columns.max(1))));
    let stores = rows(state.stores().len(), services + queues);
    let (services_rows, queues_rows) =
        (rows(state.services().len(), services), rows(state.queues().len(), queues));
    let upper =
        if queues == 0 { services_rows + queues_rows } else { services_rows.max(queues_rows) };
    (upper, stores)
}

/// Columns of tiles for services and for queues; none for queues where they go below.
fn columns(width: u16) -> (u16, u16) {
    match (width / WIDTH_MIN).min((width / WIDTH).max(2)) {
        0 | 1 => (1, 0),
        all => (all - (all / 3).max(1), (all / 3).max(1)),
    }
}

/// Draws the tiles of every group.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let rows_of_stores = state.stores();
    let stores: Vec<Tile> = rows_of_stores.iter().map(store::tile).collect();
    let title = stores_title(&rows_of_stores);
    let mut upper = area;
    let (columns, height) = (columns(area.width), area.height);
    if columns.1 == 0 && height < GROUPS_HEIGHT {
        // No room for every group: the one of the selected tile, and arrows reach the others.
        return match state.selected() {
            Some(subject) if stores.iter().any(|tile| tile.subject == subject) => {
                group(canvas, area, state, (title, &stores), 1);
            }
            Some(Subject::Queue(_)) => {
                let queues: Vec<Tile> = state.queues().iter().map(queue).collect();
                group(canvas, area, state, ("Queues", &queues), 1);
            }
            _ => {
                let services: Vec<Tile> = state.services().iter().map(service).collect();
                group(canvas, area, state, ("Services", &services), 1);
            }
        };
    }
    if !stores.is_empty() {
        let (above, below) = rows(state, area.width);
        let share = area.height.saturating_mul(below) / (above + below).max(1);
        let most = below.saturating_mul(HEIGHT_MAX) + 1;
        let lines = if above == 0 { area.height } else { share.clamp(2, most.max(2)) };
        let lower = take_bottom(&mut upper, lines);
        let all = columns.0 + columns.1;
        group(canvas, lower, state, (title, &stores), all);
    }
    services_and_queues(canvas, upper, state);
}

/// What the group of stores is called, by what is in it.
fn stores_title(rows: &[StoreRow<'_>]) -> &'static str {
    let has = |kind: fn(&StoreRow<'_>) -> bool| rows.iter().any(kind);
    if has(|row| matches!(row, StoreRow::Container(_))) {
        "Data, functions, containers"
    } else if has(|row| matches!(row, StoreRow::Database(_) | StoreRow::Cache(_))) {
        "Data and functions"
    } else {
        "Tables and functions"
    }
}

fn services_and_queues(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let services: Vec<Tile> = state.services().iter().map(service).collect();
    let queues: Vec<Tile> = state.queues().iter().map(queue).collect();
    let (service_columns, queue_columns) = columns(area.width);
    let mut rest = area;
    if queues.is_empty() {
        group(canvas, area, state, ("Services", &services), service_columns + queue_columns);
    } else if services.is_empty() {
        group(canvas, area, state, ("Queues", &queues), service_columns + queue_columns);
    } else if queue_columns == 0 {
        let upper = take_top(&mut rest, area.height * 2 / 3);
        group(canvas, upper, state, ("Services", &services), 1);
        group(canvas, rest, state, ("Queues", &queues), 1);
    } else {
        let all = service_columns + queue_columns;
        let left = take_left(&mut rest, area.width / all * service_columns);
        group(canvas, left, state, ("Services", &services), service_columns);
        take_left(&mut rest, 1);
        group(canvas, rest, state, ("Queues", &queues), queue_columns);
    }
}

fn service(row: &ServiceRow<'_>) -> Tile {
    Tile {
        subject: Subject::Service(row.name.to_owned()),
        name: row.name.to_owned(),
        health: row.health,
        figures: service_figures(row),
        course: |sample, name| find_service(sample, name).map(|service| service.utilisation),
    }
}

/// What a service's tile says: first its tasks, where they are not as they are wanted.
fn service_figures(row: &ServiceRow<'_>) -> Vec<String> {
    let now = row.now;
    let mut figures = Vec::new();
    if now.pending > 0 {
        figures.push(format!("{}→{} tasks, {} starting", now.tasks, now.desired, now.pending));
    } else if now.desired > 0 && now.desired != now.tasks {
        figures.push(format!("{}→{} tasks", now.tasks, now.desired));
    }
    figures.push(format::rate(row.handled_rate));
    figures.push(format!("p99 {}", format::latency_us(now.latency.p99_us)));
    if now.cpu > 0.0 {
        figures.push(format!("CPU {:.0} %", now.cpu * 100.0));
    }
    figures.push(format!("busy {:.0} %", now.utilisation * 100.0));
    figures.push(format!("{} waiting", format::count(now.waiting)));
    if let Some(totals) = row.totals.filter(|totals| totals.throttled > 0) {
        figures.push(format!("{} throttled", format::count(totals.throttled)));
    }
    figures
}

fn queue(row: &QueueRow<'_>) -> Tile {
    let mut figures = vec![format!("depth {}", format::count(row.now.visible))];
    if row.oldest_age_ms.is_some() {
        figures.push(format!("age {}", queues::age(row)));
    }
    figures.push(format!("out {}", format::rate(row.out_rate)));
    Tile {
        subject: Subject::Queue(row.name.to_owned()),
        name: row.name.to_owned(),
        health: row.health,
        figures,
        course: |sample, name| find_queue(sample, name).map(|queue| queue.visible as f64),
    }
}

fn group(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    (title, tiles): (&str, &[Tile]),
    columns: u16,
) {
    let mut rest = area;
    let rule = take_top(&mut rest, 1);
    let lines = tiles.len().div_ceil(usize::from(columns)).max(1);
    let height = (rest.height / clamp(lines)).clamp(1, HEIGHT_MAX);
    let rows = usize::from(rest.height / height).clamp(1, lines);
    let page_size = rows * usize::from(columns);
    let selected = state.selected();
    let here = tiles.iter().position(|tile| Some(&tile.subject) == selected.as_ref()).unwrap_or(0);
    let page = here / page_size * page_size;
    let shown = &tiles[page.min(tiles.len())..(page + page_size).min(tiles.len())];
    let hidden = tiles.len() - shown.len();
    let note = if hidden > 0 { format!("{hidden} more") } else { String::new() };
    canvas.rule(rule, title, &note);
    for (index, tile) in shown.iter().enumerate() {
        let (column, row) = (clamp(index / rows), clamp(index % rows));
        let tile_width = rest.width / columns;
        let place = Rect {
            x: rest.x + column * tile_width,
            y: rest.y + row * height,
            width: tile_width,
            height,
        };
        let place = place.intersection(rest);
        draw_tile(canvas, place, state, tile, Some(&tile.subject) == selected.as_ref());
    }
}

fn draw_tile(canvas: &mut Canvas<'_>, area: Rect, state: &State, tile: &Tile, is_selected: bool) {
    if area.is_empty() {
        return;
    }
    let theme = canvas.theme;
    let style = theme.severity(tile.health.severity);
    let mut rest = area;
    take_right(&mut rest, 1);
    let mut line = take_top(&mut rest, 1);
    let head = line;
    let marks = take_left(&mut line, 3);
    canvas.line(marks, if is_selected { "▶" } else { " " }, theme.strong());
    let at = Rect { x: marks.x.saturating_add(1), width: marks.width.saturating_sub(1), ..marks };
    canvas.line(at, mark(tile.health.severity), style);
    let word = tile.health.word;
    let mut details = Vec::new();
    if width(&tile.name) + width(word) < usize::from(line.width) {
        canvas.line_right(line, word, style);
        take_right(&mut line, clamp(width(word) + 1));
    } else {
        details.push(word.to_owned());
    }
    details.extend_from_slice(&tile.figures);
    let first = tile.figures.first().map_or("", String::as_str);
    if area.height == 1 && width(&tile.name) + width(first) + 2 <= usize::from(line.width) {
        canvas.line_right(line, first, theme.plain());
    }
    canvas.line(line, &tile.name, theme.strong());
    if is_selected {
        canvas.style(head, theme.selected());
    }
    let mut figures = take_top(&mut rest, 1);
    take_left(&mut figures, 3);
    let text = join_fitting(&details, "  ", usize::from(figures.width));
    canvas.line(figures, &text, theme.plain());
    let mut course = take_top(&mut rest, 1);
    take_left(&mut course, 3);
    draw_course(canvas, course, state, |sample| (tile.course)(sample, &tile.name));
}

/// A value over the window as bars, the highest of them as high as the line.
pub(super) fn draw_course(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    value: impl Fn(&Sample) -> Option<f64>,
) {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    if area.is_empty() {
        return;
    }
    let span = Span::new(state.record(), state.window());
    let values: Vec<Option<f64>> = span
        .columns(usize::from(area.width))
        .map(|samples| samples.iter().filter_map(|sample| value(sample)).reduce(f64::max))
        .collect();
    // A share of slots is drawn against all slots, a number of messages against its most.
    let most = values.iter().flatten().copied().fold(1.0, f64::max);
    for (x, value) in (area.left()..).zip(values) {
        if let Some(value) = value {
            let level = (value.max(0.0) / most * 7.0).round() as usize;
            canvas.cell(x, area.y, BARS[level.min(7)], canvas.theme.accent());
        }
    }
}
