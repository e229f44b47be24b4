use super::*;
use crate::fixture;

fn state() -> State {
    State::new(Arc::new(fixture::black_friday(120)), true)
}

fn act(state: &mut State, actions: impl IntoIterator<Item = Action>) {
    for action in actions {
        state.apply(Event::Action(action));
    }
}

fn typed(state: &mut State, text: &str) {
    act(state, [Action::Filter]);
    act(state, text.chars().map(Action::Type));
}

#[test]
fn views_turn_around() {
    let mut state = state();
    act(&mut state, [Action::PreviousView]);
    assert_eq!(state.view(), View::Data);
    act(&mut state, [Action::NextView]);
    assert_eq!(state.view(), View::Overview);
    act(&mut state, [Action::Show(View::Queues)]);
    assert_eq!(state.view(), View::Queues);
}

#[test]
fn the_selection_stops_at_both_ends() {
    let mut state = state();
    act(&mut state, [Action::Show(View::Queues), Action::Up]);
    assert_eq!(state.selected(), Some(Subject::Queue("orders".to_owned())));
    act(&mut state, [Action::Down; 9]);
    assert_eq!(state.selected(), Some(Subject::Queue("notifications-sms".to_owned())));
}

#[test]
fn the_selection_follows_its_thing_when_tiles_change_places() {
    let mut state = State::new(Arc::new(fixture::black_friday(20)), true);
    assert_eq!(state.selected(), Some(Subject::Service("checkout".to_owned())), "the worst");
    act(&mut state, [Action::Down]);
    assert_eq!(state.selected(), Some(Subject::Service("catalog".to_owned())));
    state.apply(Event::Snapshot(Arc::new(fixture::black_friday(120))));
    assert_eq!(state.subjects()[0], Subject::Service("catalog".to_owned()), "all are well again");
    assert_eq!(state.selected(), Some(Subject::Service("catalog".to_owned())));
}

#[test]
fn arrows_cross_between_services_and_queues() {
    let mut state = state();
    act(&mut state, [Action::Right]);
    assert_eq!(state.selected(), Some(Subject::Queue("notifications-sms".to_owned())));
    act(&mut state, [Action::Right]);
    assert_eq!(state.selected(), Some(Subject::Queue("notifications-sms".to_owned())));
    act(&mut state, [Action::Left]);
    assert!(matches!(state.selected(), Some(Subject::Service(_))));
}

#[test]
fn arrows_reach_tables_and_functions() {
    let mut state = State::new(Arc::new(fixture::scaled(120)), true);
    act(&mut state, [Action::Right, Action::Right]);
    assert_eq!(state.selected(), Some(Subject::Table("stock".to_owned())), "the worst");
    act(&mut state, [Action::Down; 3]);
    assert_eq!(state.selected(), Some(Subject::Function("fraud".to_owned())));
    act(&mut state, [Action::Left]);
    assert!(matches!(state.selected(), Some(Subject::Queue(_))));
}

#[test]
fn what_scales_and_its_activities_are_lists_of_their_own() {
    let mut state = State::new(Arc::new(fixture::scaled(126)), true);
    act(&mut state, [Action::Show(View::Scaling)]);
    typed(&mut state, "checkout");
    act(&mut state, [Action::Keep, Action::Down]);
    let checkout = Subject::Service("checkout".to_owned());
    assert_eq!(state.selected(), Some(checkout.clone()), "the only one");
    act(&mut state, [Action::Right]);
    let activity = |index| Some(Subject::Activity("checkout".to_owned(), index));
    assert_eq!(state.selected(), activity(5), "the newest");
    act(&mut state, [Action::Up, Action::Up, Action::Up]);
    assert_eq!(state.selected(), activity(1), "the table's is not among them");
    act(&mut state, [Action::Down; 9]);
    assert_eq!(state.selected(), activity(5));
    act(&mut state, [Action::Open]);
    assert!(state.is_open());
    act(&mut state, [Action::Back, Action::Left]);
    assert_eq!(state.selected(), Some(checkout));
}

#[test]
fn each_view_keeps_its_own_selection() {
    let mut state = state();
    act(&mut state, [Action::Down, Action::NextView, Action::Down, Action::NextView, Action::Down]);
    assert_eq!(state.selected(), Some(Subject::Operation("list-products".to_owned())));
    act(&mut state, [Action::PreviousView]);
    assert_eq!(state.selected(), Some(Subject::Queue("inventory".to_owned())));
}

#[test]
fn freezing_holds_the_picture_and_says_how_old_it_is() {
    let mut state = state();
    act(&mut state, [Action::Freeze]);
    assert_eq!(state.frozen_s(), Some(0.0));
    state.apply(Event::Snapshot(Arc::new(fixture::black_friday(132))));
    assert_eq!(state.frozen_s(), Some(12.0));
    assert_eq!(state.record().samples.len(), 120);
    assert_eq!(state.live().samples.len(), 132);
    act(&mut state, [Action::Freeze]);
    assert_eq!(state.frozen_s(), None);
    assert_eq!(state.record().samples.len(), 132);
}

#[test]
fn the_window_stops_at_both_ends() {
    let mut state = state();
    act(&mut state, [Action::Longer; 9]);
    assert_eq!(state.window(), Window::All);
    act(&mut state, [Action::Shorter]);
    assert_eq!(state.window(), Window::Minutes5);
    act(&mut state, [Action::Shorter; 9]);
    assert_eq!(state.window(), Window::Seconds30);
}

#[test]
fn a_filter_leaves_what_is_named_like_it() {
    let mut state = state();
    typed(&mut state, "ORD");
    assert_eq!(state.mode(), Mode::Filter);
    assert_eq!(
        state.subjects(),
        [Subject::Queue("orders".to_owned()), Subject::Service("orders".to_owned())]
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
    );
    act(&mut state, [Action::Keep]);
    assert_eq!((state.mode(), state.filter()), (Mode::Browse, "ORD"));
    act(&mut state, [Action::Filter, Action::Erase, Action::Keep]);
    assert_eq!(state.filter(), "OR");
    act(&mut state, [Action::Filter, Action::Clear]);
    assert_eq!((state.mode(), state.filter()), (Mode::Browse, ""));
}

#[test]
fn a_filter_is_bounded() {
    let mut state = state();
    typed(&mut state, &"x".repeat(500));
    assert_eq!(state.filter().len(), FILTER_MAX);
    assert_eq!(state.selected(), None);
    act(&mut state, [Action::Keep, Action::Open, Action::Down, Action::Right]);
    assert!(!state.is_open());
}

#[test]
fn escape_goes_back_step_by_step() {
    let mut state = state();
    typed(&mut state, "cart");
    act(&mut state, [Action::Keep, Action::Open]);
    assert!(state.is_open());
    act(&mut state, [Action::Back]);
    assert!(!state.is_open() && !state.filter().is_empty());
    act(&mut state, [Action::Back]);
    assert!(state.filter().is_empty() && !state.wants_to_quit());
    act(&mut state, [Action::Back]);
    assert!(!state.wants_to_quit(), "only q ends the run");
}

#[test]
fn a_detail_closes_when_the_view_changes() {
    let mut state = state();
    act(&mut state, [Action::Open, Action::NextView]);
    assert!(!state.is_open());
}
