//! What the command line may say instead of the scenario.

use miette::{GraphicalReportHandler, GraphicalTheme};
use securecart_scenario::{Diagnostics, Overrides, Plan, Scenario, TableCapacity, find};

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

const EVERYTHING: &str = include_str!("../../../tests/corpus/good/everything.toml");

fn set(text: &str, options: &[&str]) -> Result<Plan, Diagnostics> {
    let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
    let scenario = Scenario::parse("scenario.toml", text).expect("it is valid");
    scenario.set(&options).and_then(|scenario| scenario.plan(&Overrides::default()))
}

fn everything(options: &[&str]) -> Plan {
    set(EVERYTHING, options).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
}

fn messages(options: &[&str]) -> Vec<String> {
    let diagnostics = set(EVERYTHING, options).expect_err("it is refused");
    diagnostics.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn values_are_set_by_their_path_and_nothing_else_changes() {
    use securecart_domain::ServiceName::Checkout;
    let plain = everything(&[]);
    let options = ["services.checkout.tasks.max=70", "services.checkout.tasks.initial = 3"];
    let mut other = everything(&options);
    assert_eq!(other.overrides, options);
    let mut tasks = plain.services[&Checkout].tasks;
    (tasks.max, tasks.initial) = (70, 3);
    assert_eq!(other.services[&Checkout].tasks, tasks);
    other.services.get_mut(&Checkout).expect("it is there").tasks = plain.services[&Checkout].tasks;
    assert_eq!(other, Plan { overrides: other.overrides.clone(), ..plain });
}

#[test]
fn whole_values_lists_and_entries_of_lists_are_set() {
    use securecart_domain::ServiceName::Checkout;
    let plan = everything(&[
        "services.checkout.scaling=[]",
        "tables.carts={capacity={read=10,write=20}}",
        "fault.1.count=3",
        "redrive=[]",
        "objectives.\"latency.p50\"=\"< 1s\"",
        "name=\"other\"",
    ]);
    assert!(plan.services[&Checkout].scaling.is_empty() && plan.redrives.is_empty());
    let carts = TableCapacity::Provisioned { read: 10, write: 20, scaling: None };
    assert_eq!(plan.tables["carts"], carts);
    assert_eq!(plan.faults[0].kind.radius(), "3 tasks of checkout");
    assert!(plan.objectives.iter().any(|objective| objective.metric_text == "latency.p50"));
    assert_eq!(plan.name, "other");
    assert!(everything(&["fault=[]"]).faults.is_empty());
}

#[test]
fn tables_that_are_not_there_are_made() {
    let minimal = include_str!("../../../tests/corpus/good/minimal.toml");
    let options = ["gateway.burst=8", "tables.stock.capacity={read=5,write=6}"];
    let plan = set(minimal, &options).expect("it is valid");
    assert_eq!(plan.gateway.burst, 8.0);
    let stock = TableCapacity::Provisioned { read: 5, write: 6, scaling: None };
    assert_eq!(plan.tables["stock"], stock);
}

#[test]
fn a_value_that_is_set_twice_is_refused_with_both() {
    let options = ["gateway.burst=7", "seed=3", "\"gateway\".burst = 8"];
    assert_eq!(
        messages(&options),
        ["one value is set twice: `gateway.burst=7` and `\"gateway\".burst = 8`"]
    );
    let options = ["services.cart.tasks.max=7", "services.cart.tasks={min=1,max=9}", "speeed=1"];
    assert_eq!(
        messages(&options),
        [
            "`services.cart.tasks={min=1,max=9}` leaves nothing of `services.cart.tasks.max=7`",
            "unknown key `speeed`"
        ]
    );
    let minimal = include_str!("../../../tests/corpus/good/minimal.toml");
    let options = ["tables.stock.capacity={read=5,write=6}", "tables.stock.capacity.write=7"];
    set(minimal, &options).expect("the second changes a part of the first");
}

#[test]
fn options_that_set_nothing_are_explained() {
    for (option, message) in [
        ("", "`` sets nothing"),
        ("fault", "`fault` sets nothing"),
        ("[fault]", "`[fault]` sets nothing"),
        ("# a = 1", "`# a = 1` sets nothing"),
        ("seed=1\nname=2", "`seed=1\nname=2` sets nothing"),
        ("name.first=1", "`first` leads into a value that is no table"),
        ("fault.99.at=\"00:10\"", "the list has no entry `99`"),
        ("fault.at=\"00:10\"", "the list has no entry `at`"),
        ("speeed=1", "unknown key `speeed`"),
        ("services.chekout.tasks.max=8", "there is no service `chekout`"),
    ] {
        assert_eq!(messages(&[option]), [message], "{option}");
    }
    let problems = messages(&["time.length=10m"]);
    assert!(problems.len() == 1 && problems[0].starts_with("not TOML: "), "{problems:?}");
    assert_eq!(messages(&["seed=1"; 65]), ["65 values are set by hand"]);
}

#[test]
fn problems_are_shown_in_the_option_they_come_from() {
    let options = [
        "services.checkout.tasks.max=4",
        "services.chekout.tasks.max=8",
        "services.cart.tasks={count=0}",
        "services.orders.tasks.min=1",
        "time.length=10m",
    ];
    let diagnostics = set(EVERYTHING, &options).expect_err("it is refused");
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .render_report(&mut text, &diagnostics)
        .expect("a report can be rendered");
    insta::assert_snapshot!("options", text);
}

#[test]
fn assumptions_are_held_against_those_there_are() {
    let scenario = Scenario::parse("scenario.toml", EVERYTHING).expect("it is valid");
    let known = [("dynamodb.split-delay", 1.0), ("ecs.start.median", 2.0), ("half-life", 3.0)];
    assert!(scenario.check_assumptions(&known).is_ok());
    let diagnostics = scenario.check_assumptions(&known[1..]).expect_err("one is missing");
    let problems: Vec<String> = diagnostics.problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems, ["there is no assumption `dynamodb.split-delay`"]);
}

#[test]
fn a_median_above_its_99th_percentile_is_refused() {
    let known = [
        ("dynamodb.split-delay", 1.0),
        ("ecs.start.median", 2.0),
        ("half-life", 3.0),
        ("sqs.latency-p50", 8.0),
        ("sqs.latency-p99", 25.0),
    ];
    let scenario = Scenario::parse("scenario.toml", EVERYTHING).expect("it is valid");
    let refused = |options: &[&str]| -> Vec<String> {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let scenario = scenario.set(&options).expect("each number alone is one");
        let Err(diagnostics) = scenario.check_assumptions(&known) else { return Vec::new() };
        diagnostics.problems().iter().map(ToString::to_string).collect()
    };
    let p50 = "assumptions.\"sqs.latency-p50\"";
    let p99 = "assumptions.\"sqs.latency-p99\"";
    assert!(refused(&[&format!("{p50}=25")]).is_empty());
    assert_eq!(
        refused(&[&format!("{p50}=26")]),
        ["`sqs.latency-p50` of 26 is above `sqs.latency-p99` of 25"]
    );
    assert_eq!(
        refused(&[&format!("{p99}=7")]),
        ["`sqs.latency-p50` of 8 is above `sqs.latency-p99` of 7"]
    );
    assert_eq!(refused(&[&format!("{p50}=9"), &format!("{p99}=8")]).len(), 1);
    assert!(refused(&[&format!("{p50}=90"), &format!("{p99}=900")]).is_empty());
}
