//! Numbers within their bounds, and the message for those that are not.

use std::ops::RangeInclusive;

use crate::{
    located::Field,
    problem::Problems,
    units::{Duration, duration_text, number_text},
};

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
    above_zero_of(field, key, most, "", problems)
}

/// A number of `unit` greater than 0 and at most `most`; `None` where the key is absent.
pub(super) fn above_zero_of(
    field: &Field<f64>,
    key: &str,
    most: f64,
    unit: &str,
    problems: &mut Problems,
) -> Option<f64> {
    let number = *field.value()?;
    if number <= 0.0 || number > most {
        let help = format!("give a number greater than 0 and at most {most}{unit}");
        problems.add(field.span(), format!("`{key}` is {}", number_text(number)), help);
    }
    Some(number)
}

/// The seconds of a duration between both bounds; `None` where the key is absent.
pub(super) fn seconds(
    field: &Field<Duration>,
    key: &str,
    (least_s, most_s): (f64, f64),
    problems: &mut Problems,
) -> Option<f64> {
    let Duration(seconds) = *field.value()?;
    if seconds < least_s || seconds > most_s {
        let help = format!("give {} to {}", duration_text(least_s), duration_text(most_s));
        problems.add(field.span(), format!("`{key}` is {}", duration_text(seconds)), help);
    }
    Some(seconds)
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
