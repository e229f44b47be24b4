//! What the command line may say instead of the scenario.

use securecart_scenario::{Overrides, Plan, Scenario, find};

fn plan(name: &str, overrides: Overrides) -> Result<Plan, Vec<String>> {
    let text = find(name).expect("it is shipped").text;
    let scenario = Scenario::parse(name, text).expect("it is valid");
    scenario
        .plan(&overrides)
        .map_err(|diagnostics| diagnostics.problems().iter().map(ToString::to_string).collect())
}

fn problem(name: &str, overrides: Overrides) -> String {
    let problems = plan(name, overrides).expect_err("it is refused");
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].clone()
}

#[test]
fn overrides_replace_what_the_scenario_says_and_nothing_else() {
    let plain = plan("black-friday", Overrides::default()).expect("it can be played");
    let all = Overrides {
        seed: Some(7),
        scale: Some(0.01),
        speed: Some(60.0),
        duration_wall_s: Some(30.0),
    };
    let other = plan("black-friday", all).expect("it can be played");
    assert_eq!((other.seed, other.scale), (7, 0.01));
    assert_eq!((other.window.start_s, other.window.end_s), (0.0, 1_800.0));
    assert_eq!((other.window.speed, other.window.wall_s()), (60.0, 30.0));
    let restored = Plan { seed: plain.seed, scale: plain.scale, window: plain.window, ..other };
    assert_eq!(restored, plain);
}

#[test]
fn speed_alone_keeps_the_window() {
    let faster = Overrides { speed: Some(120.0), ..Overrides::default() };
    let plan = plan("black-friday", faster).expect("it can be played");
    assert_eq!((plan.window.end_s, plan.window.wall_s()), (7_200.0, 60.0));
}

#[test]
fn a_longer_run_may_go_to_the_end_of_the_scenario() {
    let all = Overrides { duration_wall_s: Some(600.0), ..Overrides::default() };
    assert_eq!(plan("smoke", all).map(|plan| plan.window.end_s), Ok(600.0));
    let more = Overrides { duration_wall_s: Some(601.0), ..Overrides::default() };
    assert_eq!(
        problem("smoke", more),
        "10m1s of wall time at speed 1 goes past the end of the scenario"
    );
}

#[test]
fn numbers_out_of_range_are_refused() {
    for number in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let scale = Overrides { scale: Some(number), ..Overrides::default() };
        assert_eq!(problem("smoke", scale), format!("`--scale` is {number}"));
        let speed = Overrides { speed: Some(number), ..Overrides::default() };
        assert_eq!(problem("smoke", speed), format!("`--speed` is {number}"));
        let duration = Overrides { duration_wall_s: Some(number), ..Overrides::default() };
        assert_eq!(problem("smoke", duration), format!("`--duration` is {number} s"));
    }
}

#[test]
fn all_wrong_overrides_are_reported_at_once() {
    let wrong = Overrides { scale: Some(0.0), speed: Some(-3.0), ..Overrides::default() };
    let problems = plan("smoke", wrong).expect_err("it is refused");
    assert_eq!(problems, ["`--scale` is 0", "`--speed` is -3"]);
}

#[test]
fn too_little_is_refused() {
    let scale = Overrides { scale: Some(1e-6), ..Overrides::default() };
    let said = problem("smoke", scale);
    assert!(said.starts_with("at scale 0.000001 about 0.0"), "{said}");
    assert!(said.ends_with(" sessions arrive in the part that is played"), "{said}");
    let short = Overrides { duration_wall_s: Some(1e-3), ..Overrides::default() };
    assert!(problem("smoke", short).contains("sessions arrive"));
}

#[test]
fn too_much_is_refused() {
    let scale = Overrides { scale: Some(1_000.0), ..Overrides::default() };
    assert!(problem("black-friday", scale).starts_with("at scale 1000 the load peaks at "));
    let slow = Overrides { speed: Some(1.0), ..Overrides::default() };
    assert_eq!(
        problem("black-friday", slow),
        "2h of scenario time at speed 1 takes 2h of wall time"
    );
    let extreme = Overrides { scale: Some(f64::MAX), ..Overrides::default() };
    assert!(problem("black-friday", extreme).starts_with("`--scale` is 1.79"));
}
