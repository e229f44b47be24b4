//! A scenario that was read and found valid, and the plans that can be made of it.

use miette::SourceSpan;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    document::Document,
    limits,
    located::Located,
    overlay::Texts,
    plan::Plan,
    problem::{About, Diagnostics, Problems},
    reader::Read,
    suggest,
    units::{clock_text, duration_text, number_text},
    validate::{self, Frame},
};

/// A valid scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    texts: Texts,
    base: Plan,
    frame: Frame,
    /// The assumptions it names, and where.
    assumptions: Vec<(String, SourceSpan)>,
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
        Self::read(Texts::of_file(source_name, text))
    }

    /// This scenario with other values: each option is a dotted key and a TOML value, such as
    /// `services.checkout.tasks.max=8`, `fault=[]` or `fault.0.length="5m"`. Tables that are not
    /// there are made; a number leads into a list.
    ///
    /// # Errors
    /// Options that can't be read, and every problem of the scenario that comes of them.
    pub fn set(&self, options: &[String]) -> Result<Self, Diagnostics> {
        Self::read(self.texts.with(options))
    }

    fn read(texts: Texts) -> Result<Self, Diagnostics> {
        let mut problems = Problems::default();
        let read = document(&texts, &mut problems).map(|document| {
            let (mut base, frame) = validate::plan(&document, &mut problems);
            base.overrides = texts.options().to_vec();
            // A load made of values that are wrong says nothing.
            if problems.is_empty() {
                validate::check_load(&base, &frame, &mut problems);
            }
            let assumptions = document.assumptions.value().map_or(&[][..], |all| &all.0[..]);
            let assumptions =
                assumptions.iter().map(|(Located { value, span }, _)| (value.clone(), *span));
            (base, frame, assumptions.collect())
        });
        let (base, frame, assumptions) = problems
            .unless_any(read, About::Text, &texts)?
            .expect("a text without a document has a problem");
        Ok(Self { texts, base, frame, assumptions })
    }

    /// Whether every assumption that the scenario names is one of `known`, each given with the value
    /// that it has unless a scenario says otherwise, and no median is above its 99th percentile.
    ///
    /// # Errors
    /// Those that are not, and pairs that can't be.
    pub fn check_assumptions(&self, known: &[(&str, f64)]) -> Result<(), Diagnostics> {
        let mut problems = Problems::default();
        for (name, span) in &self.assumptions {
            if !known.iter().any(|(known, _)| known == name) {
                let help = suggest::help(name, known.iter().map(|(known, _)| *known));
                problems.add(*span, format!("there is no assumption `{name}`"), help);
            }
        }
        let medians = known.iter().filter_map(|(name, _)| name.strip_suffix("-p50"));
        for pair in medians {
            self.check_percentiles(pair, known, &mut problems);
        }
        problems.unless_any((), About::Text, &self.texts)
    }

    /// Reports a median that is above its 99th percentile, where the scenario gives one of the two.
    fn check_percentiles(&self, pair: &str, known: &[(&str, f64)], problems: &mut Problems) {
        let names = [format!("{pair}-p50"), format!("{pair}-p99")];
        let given = names.each_ref().map(|name| self.base.assumptions.get(name).copied());
        let listed = |name: &String| known.iter().find(|(known, _)| known == name);
        let value = |place: usize| given[place].or_else(|| Some(listed(&names[place])?.1));
        let (Some(p50), Some(p99)) = (value(0), value(1)) else { return };
        let spans = self.assumptions.iter().filter(|(name, _)| names.contains(name));
        let span = spans.map(|(_, span)| *span).max_by_key(SourceSpan::offset);
        if p50 <= p99 || span.is_none() {
            return;
        }
        let help = match given {
            [Some(_), None] => format!("`{}` is {p99} unless given: give it too", names[1]),
            [None, Some(_)] => format!("`{}` is {p50} unless given: give it too", names[0]),
            _ => "the 99th percentile is at least the median".to_owned(),
        };
        problems.add(
            span,
            format!("`{}` of {p50} is above `{}` of {p99}", names[0], names[1]),
            help,
        );
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
        problems.unless_any(plan, About::Options, &self.texts)
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

/// The document of `texts`; `None` when one of them is no TOML, which is reported.
fn document(texts: &Texts, problems: &mut Problems) -> Option<Document> {
    let text = texts.file().inner();
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().map(Into::into);
        problems.add(span, format!("not TOML: {}", error.message()), "");
    }
    if !errors.is_empty() {
        return None;
    }
    // What the whole text lacks is nowhere in it.
    let mut value = Spanned::new(0..0, DeValue::Table(table.into_inner()));
    let padded = texts.padded();
    texts.lay(&mut value, &padded, problems);
    Document::read(&value, problems)
}
