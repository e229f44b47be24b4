//! What sessions do, in an order that the shop can serve.

use std::collections::BTreeSet;

use securecart_domain::api::Operation;

use crate::{
    defaults,
    document::{JourneyTable, StepTable},
    limits,
    located::{Field, Located},
    names::Name,
    plan::{Journey, Step},
    problem::Problems,
    units::DurationRange,
};

use super::{bounds, length, name};

/// Weights are relative, so their size is free; this only keeps their sum finite.
const LARGEST_WEIGHT: f64 = 1e6;

pub(super) fn read(
    field: &Field<Vec<Located<JourneyTable>>>,
    problems: &mut Problems,
) -> Vec<Journey> {
    let Some(tables) = field.value() else { return Vec::new() };
    length(tables.len(), limits::JOURNEYS, "journey", field.span(), problems);
    let mut names = BTreeSet::new();
    let journeys = tables.iter().map(|table| {
        let table = &table.value;
        let name = name(&table.name, problems);
        if !name.is_empty() && !names.insert(name.clone()) {
            let message = format!("there are two journeys `{name}`");
            problems.add(table.name.span(), message, "give each a name of its own");
        }
        let weight = bounds::above_zero(&table.weight, "weight", LARGEST_WEIGHT, problems);
        Journey { name, weight: weight.unwrap_or(1.0), steps: steps(&table.steps, problems) }
    });
    journeys.collect()
}

fn steps(field: &Field<Vec<Located<StepTable>>>, problems: &mut Problems) -> Vec<Step> {
    let Some(tables) = field.value() else { return Vec::new() };
    length(tables.len(), limits::STEPS, "steps", field.span(), problems);
    let mut session = Session::default();
    let steps = tables.iter().filter_map(|table| {
        let step = step(&table.value, problems)?;
        session.take(step, table, problems);
        Some(step)
    });
    steps.collect()
}

fn step(table: &StepTable, problems: &mut Problems) -> Option<Step> {
    let repeat = bounds::whole(&table.times, "times", (1, limits::REPEATS), problems)
        .unwrap_or(defaults::REPEAT);
    let think_ms = table.think.value().map_or(defaults::THINK_MS, |think| {
        let DurationRange(shortest_s, longest_s) = *think;
        let most_s = f64::from(limits::THINK_MS) / 1_000.0;
        if shortest_s > longest_s {
            let help = "give the shorter time first";
            problems.add(table.think.span(), "`think` goes from long to short", help);
        } else if longest_s > most_s {
            let help = format!("give at most {most_s}s");
            problems.add(table.think.span(), format!("`think` is {longest_s}s"), help);
        }
        // Saturates; what is beyond the limit is reported above.
        ((shortest_s * 1_000.0).round() as u32, (longest_s * 1_000.0).round() as u32)
    });
    let operation = Name::known(&table.operation, problems)?.parse().ok();
    Some(Step { operation: operation?, repeat, think_ms })
}

/// What a session has done so far.
#[derive(Debug, Default)]
struct Session {
    cart_filled: bool,
    ordered: bool,
}

impl Session {
    /// Does `step`; reports what the shop could only answer with an error.
    fn take(&mut self, step: Step, table: &Located<StepTable>, problems: &mut Problems) {
        let needs_cart = matches!(step.operation, Operation::ViewCart | Operation::Checkout);
        if needs_cart && !self.cart_filled {
            problems.add(
                table.span,
                format!("`{}` comes while the cart is empty", step.operation),
                if self.ordered {
                    "a checkout empties the cart: put an `add-to-cart` between"
                } else {
                    "put an `add-to-cart` before it"
                },
            );
        }
        match step.operation {
            Operation::AddToCart => self.cart_filled = true,
            Operation::Checkout => {
                if step.repeat > 1 {
                    let message = format!("`checkout` is done {} times", step.repeat);
                    let help = "the first one empties the cart: repeat `add-to-cart` and `checkout` as steps";
                    problems.add(table.value.times.span(), message, help);
                }
                (self.cart_filled, self.ordered) = (false, true);
            }
            Operation::OrderStatus if !self.ordered => {
                let message = "`order-status` comes before any order";
                problems.add(table.span, message, "put a `checkout` before it");
            }
            _ => {}
        }
    }
}
