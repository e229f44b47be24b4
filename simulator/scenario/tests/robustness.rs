//! Any text is either a scenario or explained: no panic, no place outside the text.

use miette::Diagnostic;
use proptest::prelude::*;
use securecart_scenario::{Overrides, Scenario, find};

const EVERYTHING: &str = include_str!("../../../tests/corpus/good/everything.toml");

/// Reads `text`; holds every place of every problem against it.
fn read(text: &str) -> Result<(), TestCaseError> {
    let diagnostics = match Scenario::parse("any.toml", text) {
        Ok(scenario) => {
            prop_assert!(scenario.plan(&Overrides::default()).is_ok());
            return Ok(());
        }
        Err(diagnostics) => diagnostics,
    };
    prop_assert!(!diagnostics.problems().is_empty());
    for problem in diagnostics.problems() {
        for label in problem.labels().into_iter().flatten() {
            prop_assert!(label.offset() + label.len() <= text.len(), "{problem}");
        }
    }
    Ok(())
}

/// A piece of text that is not unlikely to be found in a scenario.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "\\PC{0,8}",
        "-?[0-9]{1,25}",
        Just("nan".to_owned()),
        Just("\"99:59..99:59\"".to_owned()),
        Just("1e308".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("[[".to_owned()),
        Just("\"\"".to_owned()),
    ]
}

proptest! {
    #[test]
    fn any_text_is_read_or_explained(text in "\\PC{0,200}") {
        read(&text)?;
    }

    #[test]
    fn any_change_of_a_scenario_is_read_or_explained(
        from in 0.0..1.0_f64, length in 0_usize..20, piece in piece(),
    ) {
        // The files are ASCII, so that every offset is between characters.
        let from = (from * EVERYTHING.len() as f64) as usize;
        let to = (from + length).min(EVERYTHING.len());
        read(&format!("{}{piece}{}", &EVERYTHING[..from], &EVERYTHING[to..]))?;
    }

    #[test]
    fn any_value_of_a_key_is_read_or_explained(line in any::<prop::sample::Index>(), piece in piece()) {
        let lines: Vec<&str> = EVERYTHING.lines().collect();
        let chosen = line.index(lines.len());
        let changed = lines.iter().enumerate().map(|(i, line)| match line.split_once(" = ") {
            Some((key, _)) if i == chosen => format!("{key} = {piece}\n"),
            _ => format!("{line}\n"),
        });
        read(&changed.collect::<String>())?;
    }

    #[test]
    fn any_option_is_read_or_explained(
        key in prop_oneof!["[a-z.\"\\-]{0,20}", Just("fault.0".to_owned()), Just("services".to_owned())],
        value in piece(), rest in "\\PC{0,10}",
    ) {
        let scenario = Scenario::parse("any.toml", EVERYTHING).expect("it is valid");
        for option in [format!("{key}={value}"), format!("{key}{rest}"), format!("{key}={rest}")] {
            let Err(diagnostics) = scenario.set(std::slice::from_ref(&option)) else { continue };
            prop_assert!(!diagnostics.problems().is_empty());
            for problem in diagnostics.problems() {
                let most = if problem.source_code().is_some() {
                    "--set ".len() + option.len()
                } else {
                    EVERYTHING.len()
                };
                for label in problem.labels().into_iter().flatten() {
                    prop_assert!(label.offset() + label.len() <= most, "{problem} {option}");
                }
            }
        }
    }

    #[test]
    fn any_overrides_give_a_plan_within_the_limits_or_problems(
        scale in any::<Option<f64>>(), speed in any::<Option<f64>>(),
        duration_wall_s in prop::option::of(prop_oneof![any::<f64>(), 0.001..4_000.0]),
    ) {
        let text = find("black-friday").expect("it is shipped").text;
        let scenario = Scenario::parse("black-friday", text).expect("it is valid");
        let overrides = Overrides { scale, speed, duration_wall_s, ..Overrides::default() };
        if let Ok(plan) = scenario.plan(&overrides) {
            prop_assert!(plan.window.start_s < plan.window.end_s);
            prop_assert!(plan.window.wall_s() > 0.0 && plan.window.wall_s() <= 3_600.0 + 1e-6);
            prop_assert!(plan.peak_rate() > 0.0 && plan.peak_rate() <= 100_000.0);
        }
    }
}
