//! `securecart assumptions`: every number that AWS does not publish, and what a scenario makes of it.

use std::fmt::Write as _;

use securecart_behaviour::Assumptions;
use securecart_scenario::Overrides;

use super::load;
use crate::{args::AssumptionsArgs, exit::Exit, output};

pub(super) fn run(args: &AssumptionsArgs) -> Exit {
    let assumptions = match values(args) {
        Ok(assumptions) => assumptions,
        Err(exit) => return exit,
    };
    let text = if args.json { json(&assumptions) } else { table(&assumptions) };
    output::print(&text)
}

/// The listed values, with what the scenario changes.
fn values(args: &AssumptionsArgs) -> Result<Assumptions, Exit> {
    let mut assumptions = Assumptions::default();
    let Some(name) = &args.scenario else { return Ok(assumptions) };
    let scenario = load::scenario(name, &args.set)?;
    let plan = scenario.plan(&Overrides::default()).map_err(|problems| {
        load::explain(&problems);
        Exit::Scenario
    })?;
    for (key, value) in &plan.assumptions {
        assumptions.set(key, *value).map_err(|refused| {
            output::complain(&refused.to_string());
            Exit::Scenario
        })?;
    }
    Ok(assumptions)
}

fn table(assumptions: &Assumptions) -> String {
    let key = assumptions.iter().map(|(listed, _)| listed.key.len()).max().unwrap_or(0);
    let mut text = format!(
        "{:<key$}  {:>8}  {:<15}  what it is (row of the sheet)\n",
        "name", "value", "unit"
    );
    for (listed, value) in assumptions.iter() {
        let changed = if value == listed.value {
            String::new()
        } else {
            format!("; {} unless the scenario says otherwise", listed.value)
        };
        let _ = writeln!(
            text,
            "{:<key$}  {value:>8}  {:<15}  {} ({}){changed}",
            listed.key, listed.unit, listed.what, listed.row
        );
    }
    text
}

fn json(assumptions: &Assumptions) -> String {
    let all: Vec<serde_json::Value> = assumptions
        .iter()
        .map(|(listed, value)| {
            serde_json::json!({
                "name": listed.key,
                "value": value,
                "default": listed.value,
                "unit": listed.unit,
                "what": listed.what,
                "row": listed.row,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(all))
}
