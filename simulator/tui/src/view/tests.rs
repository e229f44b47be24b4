use std::sync::Arc;

use proptest::prelude::*;
use ratatui::style::{Color, Modifier};
use securecart_record::{Limit, LimitedBy, Phase, RunRecord};

use super::*;
use crate::{fixture, input::Action, state::Event};

/// `state` after `actions`.
fn state(record: RunRecord, color: bool, actions: &[Action]) -> State {
    let mut state = State::new(Arc::new(record), color);
    for action in actions {
        state.apply(Event::Action(*action));
    }
    state
}

fn buffer(state: &State, width: u16, height: u16) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    render(state, area, &mut buffer);
    buffer
}

/// The lines of `buffer`, without the blanks at their ends.
fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width.max(1));
    let lines = buffer.content().chunks(width).map(|cells| {
        let line: String = cells.iter().map(ratatui::buffer::Cell::symbol).collect();
        line.trim_end().to_owned() + "\n"
    });
    lines.collect()
}

/// A run in trouble: late, host busy, a stall just over, a backlog that drains.
fn troubled() -> RunRecord {
    let mut record = fixture::black_friday(126);
    for sample in &mut record.samples[110..] {
        let sample = Arc::make_mut(sample);
        sample.host.cpu_host = 0.97;
        sample.traffic.late = 3;
    }
    record.totals.late_arrivals = 48;
    record
}

fn snapshot(name: &str, actions: &[Action]) {
    snapshot_of(name, troubled(), actions, &[(80, 24), (120, 40), (40, 15)]);
}

fn snapshot_of(name: &str, record: RunRecord, actions: &[Action], sizes: &[(u16, u16)]) {
    let state = state(record, false, actions);
    for (width, height) in sizes {
        let (width, height) = (*width, *height);
        insta::assert_snapshot!(
            format!("{name}_{width}x{height}"),
            text(&buffer(&state, width, height))
        );
    }
}

#[test]
fn overview() {
    snapshot("overview", &[]);
}

#[test]
fn queues() {
    snapshot("queues", &[Action::Show(View::Queues)]);
}

#[test]
fn latency() {
    snapshot("latency", &[Action::Show(View::Latency)]);
}

#[test]
fn service_detail() {
    snapshot("service", &[Action::Down, Action::Down, Action::Open]);
}

#[test]
fn queue_detail() {
    snapshot("queue", &[Action::Show(View::Queues), Action::Open]);
}

#[test]
fn operation_detail() {
    let mut actions = vec![Action::Show(View::Latency)];
    actions.extend([Action::Down; 6]);
    actions.push(Action::Open);
    snapshot("operation", &actions);
}

#[test]
fn help() {
    snapshot("help", &[Action::Help]);
}

const SIZES: [(u16, u16); 5] = [(80, 24), (120, 40), (200, 60), (40, 15), (20, 12)];

/// In the scaling view with checkout, the most telling, selected.
const CHECKOUT: [Action; 6] = [
    Action::Show(View::Scaling),
    Action::Filter,
    Action::Type('o'),
    Action::Type('u'),
    Action::Type('t'),
    Action::Keep,
];

#[test]
fn scaling() {
    snapshot_of("scaling", fixture::scaled(126), &CHECKOUT, &SIZES);
}

#[test]
fn scaling_of_everything() {
    let actions = [Action::Show(View::Scaling), Action::Down];
    snapshot_of("scaling_all", fixture::scaled(60), &actions, &SIZES);
}

#[test]
fn activity_detail() {
    let mut actions = CHECKOUT.to_vec();
    actions.extend([Action::Right, Action::Up, Action::Up, Action::Open]);
    snapshot_of("activity", fixture::scaled(126), &actions, &SIZES);
}

#[test]
fn overview_of_a_fleet_that_scales() {
    snapshot_of("overview_scaling", fixture::scaled(66), &[], &SIZES);
}

#[test]
fn table_and_function_details() {
    let table = [Action::Right, Action::Right, Action::Open];
    snapshot_of("table", fixture::scaled(45), &table, &[(80, 24)]);
    let function = [Action::Right, Action::Right, Action::Down, Action::Down, Action::Down];
    let function: Vec<_> = function.into_iter().chain([Action::Open]).collect();
    snapshot_of("function", fixture::scaled(45), &function, &[(80, 24)]);
}

const DATA_SIZES: [(u16, u16); 6] = [(80, 24), (100, 30), (120, 40), (200, 60), (40, 15), (20, 12)];

#[test]
fn data() {
    snapshot_of("data", fixture::tiered(66), &[Action::Show(View::Data)], &DATA_SIZES);
}

#[test]
fn data_while_the_primary_is_down() {
    snapshot_of("overview_data", fixture::tiered(55), &[], &DATA_SIZES);
}

#[test]
fn data_details() {
    let show = [Action::Show(View::Data)];
    for (name, down) in [("primary", 0), ("replica", 1), ("cache", 3), ("container", 4)] {
        let actions: Vec<_> =
            show.into_iter().chain([Action::Down].repeat(down)).chain([Action::Open]).collect();
        let sizes = if down == 0 { &SIZES[..] } else { &[(80, 24)] };
        snapshot_of(&format!("data_{name}"), fixture::tiered(66), &actions, sizes);
    }
}

#[test]
fn a_container_is_reached_where_not_all_tables_fit() {
    let mut actions = vec![Action::Show(View::Data)];
    actions.extend([Action::Down; 9]);
    let picture = text(&buffer(&state(fixture::tiered(66), false, &actions), 40, 10));
    assert!(picture.contains("▶●valkey"), "{picture}");
    assert!(picture.contains("↕ database, cache"), "{picture}");
    let few = text(&buffer(&state(fixture::tiered(66), false, &actions), 40, 8));
    assert!(few.contains("▶●valkey") && few.contains("↑2"), "{few}");
}

#[test]
fn a_run_without_data_tiers_says_so() {
    let state = state(fixture::black_friday(30), false, &[Action::Show(View::Data)]);
    let picture = text(&buffer(&state, 80, 24));
    assert!(picture.contains("this run has nothing to show here"), "{picture}");
}

#[test]
fn an_emulators_queue_has_no_age() {
    let actions = [Action::Show(View::Queues), Action::Open];
    let picture = text(&buffer(&state(fixture::tiered(66), false, &actions), 120, 40));
    assert!(
        !picture.contains("age of the oldest") && !picture.contains("oldest, run"),
        "{picture}"
    );
}

#[test]
fn what_there_is_no_room_for_is_counted() {
    let picture = text(&buffer(&state(fixture::scaled(126), false, &CHECKOUT[..1]), 80, 24));
    assert!(picture.lines().any(|line| line.trim_start().starts_with('↓')), "{picture}");
    let mut actions = CHECKOUT.to_vec();
    actions.push(Action::Right);
    let newest = text(&buffer(&state(fixture::scaled(126), false, &actions), 80, 14));
    assert!(newest.contains('↑'), "{newest}");
}

#[test]
fn a_fault_that_goes_on_is_in_the_frame_of_every_view() {
    for view in View::ALL {
        let state = state(fixture::scaled(60), false, &[Action::Show(view)]);
        let picture = text(&buffer(&state, 80, 24));
        let fault = "FAULT availability-zone-loss: zone a, 5 min 00 s left (scenario)";
        assert!(picture.contains(fault), "{view:?}: {picture}");
        assert!(text(&buffer(&state, 20, 5)).contains("FAULT zone a"), "{view:?}");
        assert!(text(&buffer(&state, 20, 3)).contains("FAULT"), "{view:?}");
    }
    let over = text(&buffer(&state(fixture::scaled(80), false, &[]), 80, 24));
    assert!(!over.contains("FAULT"), "{over}");
}

#[test]
fn what_was_held_back_differs_without_colour() {
    let state = state(fixture::scaled(126), false, &CHECKOUT);
    let picture = text(&buffer(&state, 200, 40));
    let line = |text: &str| picture.lines().find(|line| line.contains(text)).expect("a line");
    assert!(line("cooldown").contains("△") && line("cooldown").contains("held back"), "{picture}");
    assert!(line("need 8").contains("▲"), "{picture}");
}

#[test]
fn a_help_that_does_not_fit_scrolls_to_its_end_and_back() {
    let mut actions = vec![Action::Help];
    let shown = |actions: &[Action]| {
        text(&buffer(&state(fixture::black_friday(9), false, actions), 40, 15))
    };
    assert!(!shown(&actions).contains("a second in") && shown(&actions).contains("↑↓ more"));
    actions.extend([Action::Down; 99]);
    let end = shown(&actions);
    assert!(end.contains("a second in"), "{end}");
    actions.extend([Action::Up; 99]);
    assert!(shown(&actions).contains("another view"));
}

#[test]
fn a_frozen_picture_says_so() {
    let mut state = state(fixture::black_friday(100), false, &[Action::Freeze]);
    state.apply(Event::Snapshot(Arc::new(fixture::black_friday(112))));
    let picture = text(&buffer(&state, 80, 24));
    assert!(picture.contains("FROZEN, 12 s old"), "{picture}");
    assert!(picture.contains("scenario 00:50:00"), "the time of the picture: {picture}");
    assert!(picture.contains("go on"), "{picture}");
    assert!(text(&buffer(&state, 40, 15)).contains("FROZEN"));
    assert!(text(&buffer(&state, 20, 5)).contains("FROZEN"));
}

#[test]
fn before_the_first_second_it_waits() {
    let state = state(fixture::black_friday(0), false, &[]);
    let picture = text(&buffer(&state, 80, 24));
    assert!(picture.contains("starting"), "{picture}");
    assert!(picture.contains("waiting for the first second of traffic"), "{picture}");
}

#[test]
fn a_filter_that_leaves_nothing_says_the_way_out() {
    let actions = [Action::Filter, Action::Type('z'), Action::Type('z'), Action::Keep];
    let picture = text(&buffer(&state(fixture::black_friday(30), false, &actions), 80, 24));
    assert!(picture.contains("nothing is named like \"zz\": Esc clears the filter"), "{picture}");
}

#[test]
fn a_filter_is_typed_in_the_last_line() {
    let actions = [Action::Filter, Action::Type('o'), Action::Type('r')];
    let picture = text(&buffer(&state(fixture::black_friday(30), false, &actions), 80, 24));
    assert!(picture.lines().last().is_some_and(|line| line.starts_with(" / or▏")), "{picture}");
}

#[test]
fn limits_are_named_before_the_tiles() {
    let mut record = fixture::black_friday(30);
    record.limited_by.push(Limit {
        by: LimitedBy::Generator,
        evidence: "31 of 4,000 sessions started late".to_owned(),
    });
    let picture = text(&buffer(&state(record, false, &[]), 80, 24));
    let limit = picture.find("limited by the generator").expect("the limit is shown");
    assert!(limit < picture.find("Services").expect("tiles are shown"), "{picture}");
}

#[test]
fn a_stall_is_drawn_in_every_column_it_touches() {
    let second = |state: &State| {
        let picture = text(&buffer(state, 80, 24));
        picture.lines().filter(|line| line.contains('┊')).count()
    };
    let stalled = state(troubled(), false, &[Action::Show(View::Latency)]);
    assert!(second(&stalled) >= 6, "the stall spans the height of the heatmap");
    let calm = state(fixture::black_friday(90), false, &[Action::Show(View::Latency)]);
    assert_eq!(second(&calm), 0);
}

#[test]
fn the_objective_is_drawn_into_both_pictures() {
    let state = state(troubled(), false, &[Action::Show(View::Latency)]);
    let picture = text(&buffer(&state, 80, 24));
    assert_eq!(picture.matches("p99 < 500ms").count(), 2, "{picture}");
}

#[test]
fn without_colour_there_is_none() {
    for view in View::ALL {
        for open in [false, true] {
            let mut state = state(troubled(), false, &[Action::Show(view)]);
            if open {
                state.apply(Event::Action(Action::Open));
            }
            let picture = buffer(&state, 120, 40);
            let colored =
                picture.content().iter().filter(|c| c.fg != Color::Reset || c.bg != Color::Reset);
            assert_eq!(colored.count(), 0, "{view:?}");
        }
    }
}

#[test]
fn colour_changes_shades_only() {
    for view in View::ALL {
        let picture =
            |color| text(&buffer(&state(troubled(), color, &[Action::Show(view)]), 120, 40));
        let plain = |text: String| text.replace(['░', '▒', '▓'], "█");
        assert_eq!(plain(picture(true)), plain(picture(false)), "{view:?}");
    }
}

#[test]
fn the_shown_tab_is_reversed() {
    let picture = buffer(&state(troubled(), false, &[Action::Show(View::Queues)]), 80, 24);
    let reversed: String = (0..80)
        .filter_map(|x| picture.cell((x, 1)))
        .filter(|cell| cell.modifier.contains(Modifier::REVERSED))
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    assert_eq!(reversed, " 2 Queues ");
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => prop::sample::select(View::ALL.to_vec()).prop_map(Action::Show),
        6 => prop::sample::select(vec![
            Action::Up, Action::Down, Action::Left, Action::Right, Action::Open, Action::Back,
            Action::Freeze, Action::Longer, Action::Shorter, Action::Help, Action::Keep,
        ]),
        1 => prop::sample::select(vec![
            Action::Filter, Action::Type('o'), Action::Type('ß'), Action::Type('本'),
            Action::Erase, Action::Clear,
        ]),
    ]
}

/// A record whose figures are as odd as the types allow.
fn odd(seconds: u32, odd: u8) -> RunRecord {
    let mut record = match odd & 24 {
        0 => fixture::black_friday(seconds),
        8 => fixture::scaled(seconds),
        _ => fixture::tiered(seconds),
    };
    if odd & 1 != 0 {
        record.run.speed = 0.0;
        record.run.scenario = "a scenario of a very long name, 日本語".to_owned();
        record.phase = Phase::Draining;
        record.resolution_s = 0;
    }
    if odd & 2 != 0 {
        record.totals = Default::default();
        record.objectives.clear();
        record.marks.clear();
    }
    if odd & 4 != 0 {
        for sample in &mut record.samples {
            let sample = Arc::make_mut(sample);
            sample.at_s = f64::NAN;
            sample.scenario_s = f64::INFINITY;
            sample.traffic.requests = u64::MAX;
            sample.traffic.latency.max_us = u64::MAX;
            sample.services.iter_mut().for_each(|service| service.utilisation = f64::NAN);
            sample.queues.iter_mut().for_each(|queue| queue.visible = u64::MAX);
            sample.queues.iter_mut().for_each(|queue| queue.oldest_age_ms = u64::MAX);
            sample.services.iter_mut().for_each(|service| service.demand = u32::MAX);
            sample.tables.iter_mut().for_each(|table| table.write_units = f64::INFINITY);
            sample.functions.iter_mut().for_each(|function| function.concurrent = u64::MAX);
            for server in &mut sample.databases {
                (server.in_use, server.lag_ms) = (u64::MAX, Some(f64::NAN));
                (server.reads, server.failed) = (u64::MAX, u64::MAX);
            }
            for container in &mut sample.containers {
                (container.cores, container.memory_bytes) = (f64::INFINITY, u64::MAX);
            }
        }
        for activity in &mut record.scaling {
            (activity.at_s, activity.value) = (f64::NAN, Some(f64::NAN));
            (activity.from, activity.to) = (0, u32::MAX);
            activity.effective_scenario_s = Some(f64::NEG_INFINITY);
        }
        for fault in &mut record.faults {
            (fault.start_s, fault.end_s) = (f64::NEG_INFINITY, None);
        }
    }
    record
}

proptest! {
    #[test]
    fn any_state_fits_any_size(
        seconds in 0_u32..160,
        oddity in 0_u8..32,
        color: bool,
        actions in prop::collection::vec(any_action(), 0..12),
        width in 1_u16..=200,
        height in 1_u16..=60,
    ) {
        let mut state = state(odd(seconds, oddity), color, &actions);
        state.apply(Event::Snapshot(Arc::new(odd(seconds / 2, oddity))));
        let picture = buffer(&state, width, height);
        prop_assert!(text(&picture).trim() != "", "something is always shown");
    }

    #[test]
    fn nothing_is_drawn_outside_the_area(
        x in 0_u16..30, y in 0_u16..10, width in 0_u16..100, height in 0_u16..40,
    ) {
        let all = Rect::new(0, 0, 100, 40);
        let area = Rect::new(x, y, width, height);
        let mut buffer = Buffer::empty(all);
        for view in View::ALL {
            render(&state(troubled(), true, &[Action::Show(view)]), area, &mut buffer);
        }
        for position in all.positions().filter(|position| !area.contains(*position)) {
            prop_assert_eq!(buffer[position].symbol(), " ");
        }
    }
}
