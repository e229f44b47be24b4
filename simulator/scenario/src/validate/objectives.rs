//! What must hold: metric, comparison and bound.

use crate::{
    document::Objectives,
    limits,
    located::{Field, Located},
    plan::{Comparison, Metric, Objective},
    problem::Problems,
    units::{Duration, Text},
};

use super::metrics::{self, Unit};

pub(super) fn read(field: &Field<Objectives>, problems: &mut Problems) -> Vec<Objective> {
    let objectives = field.value().map_or(&[][..], |objectives| objectives.0.as_slice());
    if objectives.len() > limits::OBJECTIVES {
        super::length(objectives.len(), limits::OBJECTIVES, "objectives", field.span(), problems);
    }
    let read = objectives.iter().filter_map(|(name, bound)| {
        let metric = metrics::parse(&name.value)
            .map_err(|help| {
                problems.add(name.span, format!("there is no metric `{}`", name.value), help);
            })
            .ok();
        objective(metric, &name.value, bound, problems)
    });
    read.collect()
}

fn objective(
    metric: Option<Metric>,
    name: &str,
    text: &Located<String>,
    problems: &mut Problems,
) -> Option<Objective> {
    let Some((comparison, rest)) = comparison(&text.value) else {
        let message = format!("`{}` does not say which side is good", text.value);
        problems.add(text.span, message, "start with `<`, `<=`, `>` or `>=`, such as `< 800ms`");
        return None;
    };
    let metric = metric?;
    let unit = Unit::of(&metric);
    let Some(bound) = bound(unit, rest) else {
        let message = format!("`{name}` cannot be compared with `{rest}`");
        problems.add(text.span, message, format!("it is compared with {}", unit.expected()));
        return None;
    };
    if let Some(never) = never_holds(unit, comparison, bound) {
        problems.add(text.span, format!("`{name} {}` can never hold", text.value), never);
    }
    Some(Objective {
        metric,
        metric_text: name.to_owned(),
        comparison,
        bound,
        bound_text: text.value.trim().to_owned(),
    })
}

/// The comparison that starts `text`, and the rest.
fn comparison(text: &str) -> Option<(Comparison, &str)> {
    // The longer sign first: `<=` also starts with `<`.
    let signs = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];
    let text = text.trim();
    signs.into_iter().find_map(|(sign, comparison)| {
        text.strip_prefix(sign).map(|rest| (comparison, rest.trim()))
    })
}

/// The bound in the metric's own unit.
fn bound(unit: Unit, text: &str) -> Option<f64> {
    match unit {
        Unit::Time => Duration::parse(text).map(|duration| (duration.0 * 1e6).round()),
        Unit::Share => {
            let share = match text.strip_suffix('%') {
                // Rounded to a hundred-millionth: 99.9 / 100 alone is not the number 0.999.
                Some(percent) => (plain(percent.trim_end())? * 1e6).round() / 1e8,
                None => plain(text)?,
            };
            (share <= 1.0).then_some(share)
        }
        Unit::Count => text.bytes().all(|b| b.is_ascii_digit()).then(|| plain(text))?,
        Unit::Rate => plain(text.strip_suffix("/s")?.trim_end()),
    }
}

/// A number of digits and a point only: no sign, no exponent, no words.
fn plain(text: &str) -> Option<f64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number: f64 = if digits { text.parse().ok()? } else { return None };
    number.is_finite().then_some(number)
}

/// Why no measurement could be on the good side.
fn never_holds(unit: Unit, comparison: Comparison, bound: f64) -> Option<&'static str> {
    match (comparison, unit) {
        (Comparison::Less, _) if bound <= 0.0 => Some("nothing is below 0: write `<= 0` instead"),
        (Comparison::Greater, Unit::Share) if bound >= 1.0 => {
            Some("no share exceeds 100 %: write `>= 100%` instead")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_in_the_unit_of_the_metric() {
        assert_eq!(bound(Unit::Time, "800ms"), Some(800_000.0));
        assert_eq!(bound(Unit::Time, "10m"), Some(600_000_000.0));
        assert_eq!(bound(Unit::Share, "99.9%"), Some(0.999));
        assert_eq!(bound(Unit::Share, "0.5"), Some(0.5));
        assert_eq!(bound(Unit::Count, "0"), Some(0.0));
        assert_eq!(bound(Unit::Rate, "500/s"), Some(500.0));
    }

    #[test]
    fn bounds_of_another_unit_are_refused() {
        for (unit, text) in [
            (Unit::Time, "800"),
            (Unit::Time, "5%"),
            (Unit::Share, "101%"),
            (Unit::Share, "nan"),
            (Unit::Count, "1.5"),
            (Unit::Count, ""),
            (Unit::Count, "-1"),
            (Unit::Rate, "500"),
            (Unit::Rate, "1e9/s"),
        ] {
            assert_eq!(bound(unit, text), None, "{unit:?} `{text}`");
        }
    }

    #[test]
    fn every_comparison_is_read() {
        assert_eq!(comparison("<= 5"), Some((Comparison::AtMost, "5")));
        assert_eq!(comparison("<5"), Some((Comparison::Less, "5")));
        assert_eq!(comparison(" >= 5 "), Some((Comparison::AtLeast, "5")));
        assert_eq!(comparison("> 5"), Some((Comparison::Greater, "5")));
        assert_eq!(comparison("= 5"), None);
    }
}
