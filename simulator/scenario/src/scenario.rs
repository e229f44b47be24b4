//! A scenario that was read and found valid, and the plans that can be made of it.

use std::sync::Arc;

use miette::NamedSource;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    document::Document,
    limits,
    plan::Plan,
    problem::{About, Diagnostics, Problems},
    reader::Read,
    units::{clock_text, duration_text, number_text},
    validate::{self, Frame},
};

/// A valid scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    source: Arc<NamedSource<String>>,
    base: Plan,
    frame: Frame,
}

/// What the command line says instead of the scenario; nothing by default.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Overrides {
    /// The seed of every random stream.
    pub seed: Option<u64>,
    /// Load as a share of the full load; greater than 0.
    pub scale: Option<f64>,
    /// Scenario seconds that pass in a wall second; greater than 0.
    pub speed: Option<f64>,
    /// Wall seconds the run takes; greater than 0. The window starts where it did, and ends
    /// accordingly earlier or later.
    pub duration_wall_s: Option<f64>,
}

impl Scenario {
    /// Reads a scenario. `source_name` is what messages call it, such as its path.
    ///
    /// # Errors
    /// Every problem of `text`: what is no TOML, unknown keys, wrong types, and values that break a
    /// rule of the format. A TOML error hides the others, as nothing after it can be trusted.
    pub fn parse(source_name: &str, text: &str) -> Result<Self, Diagnostics> {
        let source = NamedSource::new(source_name, text.to_owned()).with_language("toml");
        let source = Arc::new(source);
        let mut problems = Problems::default();
        let read = document(text, &mut problems).map(|document| {
            let (base, frame) = validate::plan(&document, &mut problems);
            // A load made of values that are wrong says nothing.
            if problems.is_empty() {
                validate::check_load(&base, &frame, &mut problems);
            }
            (base, frame)
        });
        let (base, frame) = problems
            .unless_any(read, About::Text, &source)?
            .expect("a text without a document has a problem");
        Ok(Self { source, base, frame })
    }

    /// The scenario's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.base.name
    }

    /// One line about it.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.base.summary
    }

    /// What to play.
    ///
    /// # Errors
    /// An override that is out of range, or a run that with the overrides would be too long, would go
    /// past the end of the scenario, or would offer too much or nothing.
    pub fn plan(&self, overrides: &Overrides) -> Result<Plan, Diagnostics> {
        let mut problems = Problems::default();
        let mut plan = self.base.clone();
        let mut positive = |option: &str, most: f64, help: &str, number: Option<f64>| {
            let number = number?;
            let legal = number > 0.0 && number <= most;
            if !legal {
                let unit = if option == "--duration" { " s" } else { "" };
                problems.add(None, format!("`{option}` is {}{unit}", number_text(number)), help);
            }
            legal.then_some(number)
        };
        plan.seed = overrides.seed.unwrap_or(plan.seed);
        let help = format!("give a share of the full load: more than 0, at most {}", limits::SCALE);
        let scale = positive("--scale", limits::SCALE, &help, overrides.scale);
        plan.scale = scale.unwrap_or(plan.scale);
        let help =
            format!("give scenario seconds a wall second: more than 0, at most {}", limits::SPEED);
        let speed = positive("--speed", limits::SPEED, &help, overrides.speed);
        plan.window.speed = speed.unwrap_or(plan.window.speed);
        let most = duration_text(limits::WALL_S);
        let help = format!("give a wall time such as `30s` or `2m`: more than 0s, at most {most}");
        let wall_s = positive("--duration", limits::WALL_S, &help, overrides.duration_wall_s);
        if let Some(wall_s) = wall_s {
            plan.window.end_s = plan.window.start_s + wall_s * plan.window.speed;
            self.check_end(&plan, wall_s, &mut problems);
        }
        if problems.is_empty() {
            validate::check_load(&plan, &self.frame, &mut problems);
        }
        problems.unless_any(plan, About::Options, &self.source)
    }

    fn check_end(&self, plan: &Plan, wall_s: f64, problems: &mut Problems) {
        let left_s = self.frame.end_s - plan.window.start_s;
        // A thousandth of a second forgives the rounding of a product.
        if plan.window.end_s <= self.frame.end_s + 0.001 {
            return;
        }
        problems.add(
            self.frame.played,
            format!(
                "{} of wall time at speed {} goes past the end of the scenario",
                duration_text(wall_s),
                plan.window.speed
            ),
            format!(
                "from {} to its end at {} there are {} of wall time at this speed",
                clock_text(plan.window.start_s),
                clock_text(self.frame.end_s),
                duration_text(left_s / plan.window.speed)
            ),
        );
    }
}

/// The document of `text`; `None` when it is no TOML, which is reported.
fn document(text: &str, problems: &mut Problems) -> Option<Document> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().map(Into::into);
        problems.add(span, format!("not TOML: {}", error.message()), "");
    }
    if !errors.is_empty() {
        return None;
    }
    // What the whole text lacks is nowhere in it.
    let value = Spanned::new(0..0, DeValue::Table(table.into_inner()));
    Document::read(&value, problems)
}
