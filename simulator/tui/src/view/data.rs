//! The database, the cache and the containers: a table of each, a small course beside every row, and
//! the selected one over time.
//!
//! Where not all of it fits, the table of the selected row comes first, and a line says what else there
//! is: the arrows reach it.

use ratatui::layout::Rect;
use securecart_record::{CacheSample, Sample, format};

use super::{
    canvas::{Canvas, clamp, take_bottom, take_left, take_right, take_top},
    columns::{self, Column, Free, Table},
    detail,
    text::{join_fitting, width},
    tiles,
};
use crate::{
    figures::{
        CACHE, CacheRow, ContainerRow, DatabaseRow, StoreRow, find_container, find_database,
    },
    state::{State, Subject},
};

/// Lines of a table's heading.
const HEADING: u16 = 2;
/// Fewest lines of the picture.
const CHART_HEIGHT: u16 = 5;
/// Fewest and most columns of the small course beside a row.
const COURSE_MIN: u16 = 10;
const COURSE_MAX: u16 = 60;

fn database_columns<'a>() -> [Column<DatabaseRow<'a>>; 7] {
    [
        Column { head: ["in use", "of"], width: 9, gives_way: 0, text: in_use },
        Column {
            head: ["", "waiting"],
            width: 8,
            gives_way: 1,
            text: |row| format::count(row.now.waiting),
        },
        Column { head: ["", "lag"], width: 9, gives_way: 2, text: lag },
        Column {
            head: ["reads", "/s"],
            width: 7,
            gives_way: 4,
            text: |row| per_second(row.read_rate),
        },
        Column {
            head: ["writes", "/s"],
            width: 7,
            gives_way: 5,
            text: |row| per_second(row.write_rate),
        },
        Column {
            head: ["lost", "/s"],
            width: 7,
            gives_way: 6,
            text: |row| per_second(row.lost_rate),
        },
        Column { head: ["", ""], width: 14, gives_way: 3, text: |row| row.health.word.to_owned() },
    ]
}

fn in_use(row: &DatabaseRow<'_>) -> String {
    format!("{}/{}", format::count(row.now.in_use), format::count(row.now.max_connections))
}

fn lag(row: &DatabaseRow<'_>) -> String {
    let lag = |lag_ms: f64| format::duration_s(lag_ms / 1e3);
    row.now.lag_ms.map_or_else(|| format::NONE.to_owned(), lag)
}

/// A rate under a heading that says `/s`.
fn per_second(rate: f64) -> String {
    format::rate(rate).trim_end_matches("/s").to_owned()
}

fn cache_columns<'a>() -> [Column<CacheRow<'a>>; 7] {
    [
        Column { head: ["hit", "ratio"], width: 9, gives_way: 0, text: hit_ratio },
        Column { head: ["", "nodes"], width: 8, gives_way: 1, text: nodes },
        Column {
            head: ["misses", "/s"],
            width: 8,
            gives_way: 2,
            text: |row| per_second(row.miss_rate),
        },
        Column {
            head: ["evicted", "/s"],
            width: 8,
            gives_way: 4,
            text: |row| per_second(row.eviction_rate),
        },
        Column {
            head: ["waited", "/s"],
            width: 7,
            gives_way: 5,
            text: |row| per_second(row.coalesced_rate),
        },
        Column {
            head: ["errors", "/s"],
            width: 7,
            gives_way: 6,
            text: |row| per_second(row.error_rate),
        },
        Column { head: ["", ""], width: 14, gives_way: 3, text: |row| row.health.word.to_owned() },
    ]
}

fn hit_ratio(row: &CacheRow<'_>) -> String {
    row.hit_ratio.map_or_else(|| format::NONE.to_owned(), format::share)
}

fn nodes(row: &CacheRow<'_>) -> String {
    format!("{}/{}", row.now.nodes_up, row.now.nodes)
}

fn container_columns<'a>() -> [Column<ContainerRow<'a>>; 5] {
    [
        Column {
            head: ["", "cores"],
            width: 9,
            gives_way: 0,
            text: |row| format!("{:.2}", row.now.cores),
        },
        Column { head: ["most", "cores"], width: 8, gives_way: 2, text: most_cores },
        Column {
            head: ["", "memory"],
            width: 9,
            gives_way: 1,
            text: |row| format::bytes(row.now.memory_bytes),
        },
        Column { head: ["CPU", "time"], width: 21, gives_way: 4, text: cpu_time },
        Column { head: ["", ""], width: 14, gives_way: 3, text: |row| row.health.word.to_owned() },
    ]
}

fn most_cores(row: &ContainerRow<'_>) -> String {
    row.totals.map_or_else(|| format::NONE.to_owned(), |totals| format!("{:.2}", totals.cores_max))
}

fn cpu_time(row: &ContainerRow<'_>) -> String {
    row.totals.map_or_else(|| format::NONE.to_owned(), |totals| format::duration_s(totals.cpu_s))
}

/// The three tables, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Database,
    Cache,
    Containers,
}

impl Group {
    const ALL: [Self; 3] = [Self::Database, Self::Cache, Self::Containers];

    fn of(subject: &Subject) -> Self {
        match subject {
            Subject::Cache => Self::Cache,
            Subject::Container(_) => Self::Containers,
            _ => Self::Database,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Cache => CACHE,
            Self::Containers => "containers",
        }
    }
}

/// What the tables show.
struct Rows<'a> {
    databases: Vec<DatabaseRow<'a>>,
    cache: Vec<CacheRow<'a>>,
    containers: Vec<ContainerRow<'a>>,
    /// Columns of the longest name.
    longest: usize,
}

impl<'a> Rows<'a> {
    fn of(state: &'a State) -> Self {
        let (databases, containers) = (state.databases(), state.containers());
        let names = databases.iter().map(|row| row.name);
        let names = names.chain(containers.iter().map(|row| row.name));
        let longest = names.map(width).max().unwrap_or(0);
        Self { databases, cache: state.cache().into_iter().collect(), containers, longest }
    }

    /// Lines that the table of `group` takes; none where it has no rows.
    fn lines(&self, group: Group) -> u16 {
        let rows = match group {
            Group::Database => self.databases.len(),
            Group::Cache => self.cache.len(),
            Group::Containers => self.containers.len(),
        };
        if rows == 0 { 0 } else { clamp(rows).saturating_add(HEADING) }
    }
}

/// Draws the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let Some(selected) = state.selected() else { return };
    let rows = Rows::of(state);
    let here = Group::of(&selected);
    let all: u16 = Group::ALL.into_iter().map(|group| rows.lines(group)).sum();
    let mut rest = area;
    let mut missing = Vec::new();
    let note = take_bottom(&mut rest, u16::from(all > area.height && area.height > HEADING));
    // What the selected row's table needs is kept for it.
    let mut kept = rows.lines(here).min(rest.height);
    for group in Group::ALL.into_iter().filter(|group| rows.lines(*group) > 0) {
        let wanted = rows.lines(group);
        if group == here {
            let lines = take_top(&mut rest, wanted.min(kept));
            kept = 0;
            table(canvas, lines, state, (&rows, group), &selected);
        } else if wanted.saturating_add(kept) <= rest.height {
            let lines = take_top(&mut rest, wanted);
            table(canvas, lines, state, (&rows, group), &selected);
        } else {
            missing.push(group.name().to_owned());
        }
    }
    if !missing.is_empty() {
        let room = usize::from(note.width).saturating_sub(4);
        let text = format!(" ↕ {}", join_fitting(&missing, ", ", room));
        canvas.line(note, &text, canvas.theme.dim());
    }
    if rest.height >= CHART_HEIGHT {
        picture(canvas, rest, state, &selected);
    }
}

fn picture(canvas: &mut Canvas<'_>, area: Rect, state: &State, selected: &Subject) {
    let stores = state.stores();
    let row = stores.iter().find(|row: &&StoreRow<'_>| row.subject() == *selected);
    if let Some(row) = row {
        let mut rest = area;
        detail::data_charts(canvas, &mut rest, state, row);
    }
}

fn table(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    (rows, group): (&Rows<'_>, Group),
    selected: &Subject,
) {
    let is = |name: &str, subject: fn(String) -> Subject| subject(name.to_owned()) == *selected;
    match group {
        Group::Database => {
            let table = Table {
                names: "database",
                names_min: rows.longest,
                columns: &database_columns(),
                name: |row: &DatabaseRow<'_>| row.name,
                health: |row| row.health,
            };
            let rows = &rows.databases;
            let here = rows.iter().position(|row| is(row.name, Subject::Database));
            let free = columns::draw(canvas, area, &table, rows, here);
            courses(canvas, state, &free, "connections in use", |sample, index| {
                Some(find_database(sample, rows[index].name)?.in_use as f64)
            });
        }
        Group::Cache => {
            let table = Table {
                names: CACHE,
                names_min: rows.longest,
                columns: &cache_columns(),
                name: |_: &CacheRow<'_>| CACHE,
                health: |row| row.health,
            };
            let here = (*selected == Subject::Cache).then_some(0);
            let free = columns::draw(canvas, area, &table, &rows.cache, here);
            courses(canvas, state, &free, "hit ratio", |sample, _| {
                sample.cache.as_ref().and_then(CacheSample::hit_ratio)
            });
        }
        Group::Containers => {
            let table = Table {
                names: "container",
                names_min: rows.longest,
                columns: &container_columns(),
                name: |row: &ContainerRow<'_>| row.name,
                health: |row| row.health,
            };
            let rows = &rows.containers;
            let here = rows.iter().position(|row| is(row.name, Subject::Container));
            let free = columns::draw(canvas, area, &table, rows, here);
            courses(canvas, state, &free, "cores", |sample, index| {
                Some(find_container(sample, rows[index].name)?.cores)
            });
        }
    }
}

/// A small course of `value` in what is free beside every row.
fn courses(
    canvas: &mut Canvas<'_>,
    state: &State,
    free: &Free,
    title: &str,
    value: impl Fn(&Sample, usize) -> Option<f64>,
) {
    let place = |area: Rect| {
        let mut rest = area;
        take_left(&mut rest, 2);
        take_right(&mut rest, 1);
        take_left(&mut rest, COURSE_MAX)
    };
    let heading = place(free.heading);
    if heading.width < COURSE_MIN {
        return;
    }
    canvas.line(heading, title, canvas.theme.dim());
    for (index, area) in &free.rows {
        tiles::draw_course(canvas, place(*area), state, |sample| value(sample, *index));
    }
}
