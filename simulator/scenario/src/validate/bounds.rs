//! Numbers within their bounds, and the message for those that are not.

use std::ops::RangeInclusive;

use crate::{located::Field, problem::Problems, units::number_text};

/// A number in `range`; `None` where the key is absent.
pub(super) fn number(
    field: &Field<f64>,
    key: &str,
    range: RangeInclusive<f64>,
    problems: &mut Problems,
) -> Option<f64> {
    let number = *field.value()?;
    if !range.contains(&number) {
        let help = format!("give a number from {} to {}", range.start(), range.end());
        problems.add(field.span(), format!("`{key}` is {}", number_text(number)), help);
    }
    Some(number)
}

/// A number greater than 0 and at most `most`; `None` where the key is absent.
pub(super) fn above_zero(
    field: &Field<f64>,
    key: &str,
    most: f64,
    problems: &mut Problems,
) -> Option<f64> {
    let number = *field.value()?;
    if number <= 0.0 || number > most {
        let help = format!("give a number greater than 0 and at most {most}");
        problems.add(field.span(), format!("`{key}` is {}", number_text(number)), help);
    }
    Some(number)
}

/// A whole number between both bounds; `None` where the key is absent.
pub(super) fn whole(
    field: &Field<u32>,
    key: &str,
    (least, most): (u32, u32),
    problems: &mut Problems,
) -> Option<u32> {
    let number = *field.value()?;
    if number < least || number > most {
        let help = format!("give a whole number from {least} to {most}");
        problems.add(field.span(), format!("`{key}` is {number}"), help);
    }
    Some(number)
}
