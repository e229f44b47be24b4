//! Times as people write them: `15m`, `1h30m`, `200ms..1s`, `23:45`, `00:00..02:00`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// A length of time, seconds; not negative and finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Duration(pub(crate) f64);

/// A time of the scenario, seconds since the midnight it starts from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Clock(pub(crate) f64);

/// A span of the scenario, seconds: from, to. Not checked for order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ClockRange(pub(crate) f64, pub(crate) f64);

/// Two lengths of time, seconds: shortest, longest. Not checked for order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DurationRange(pub(crate) f64, pub(crate) f64);

/// A type that is written as text.
pub(crate) trait Text: Sized {
    /// What was expected, for a message.
    const EXPECTED: &'static str;
    /// A regular expression of it, for the schema.
    const PATTERN: &'static str;
    /// Its name in the schema.
    const NAME: &'static str;

    /// The value of `text`.
    fn parse(text: &str) -> Option<Self>;
}

impl Text for Duration {
    const EXPECTED: &'static str = "a duration such as `15m`, `1h30m` or `200ms`";
    const PATTERN: &'static str = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$";
    const NAME: &'static str = "Duration";

    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let mut total_s = 0.0;
        let mut smallest = f64::INFINITY;
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
            let (number, after) = rest.split_at(digits);
            if !number.starts_with(|c: char| c.is_ascii_digit()) || number.ends_with('.') {
                return None;
            }
            let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
            let (unit, next) = after.split_at(letters);
            let unit_s = match unit {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3_600.0,
                _ => return None,
            };
            // Each unit once and from large to small: `30m1h` is more likely a slip than a wish.
            if unit_s >= smallest {
                return None;
            }
            smallest = unit_s;
            total_s += number.parse::<f64>().ok()? * unit_s;
            rest = next;
        }
        total_s.is_finite().then_some(Self(total_s))
    }
}

impl Text for Clock {
    const EXPECTED: &'static str = "a time such as `23:45` or `23:45:30`";
    const PATTERN: &'static str = r"^[0-9]{2}:[0-5][0-9](:[0-5][0-9])?$";
    const NAME: &'static str = "Clock";

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split(':');
        let hours = two_digits(parts.next()?)?;
        let minutes = two_digits(parts.next()?)?;
        let seconds = parts.next().map_or(Some(0), two_digits)?;
        let whole = minutes < 60 && seconds < 60 && parts.next().is_none();
        whole.then(|| Self(f64::from(hours * 3_600 + minutes * 60 + seconds)))
    }
}

fn two_digits(text: &str) -> Option<u32> {
    let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

impl Text for ClockRange {
    const EXPECTED: &'static str = "two times such as `00:00..02:00`";
    const PATTERN: &'static str =
        r"^[0-9]{2}:[0-5][0-9](:[0-5][0-9])?\.\.[0-9]{2}:[0-5][0-9](:[0-5][0-9])?$";
    const NAME: &'static str = "ClockRange";

    fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once("..")?;
        Some(Self(Clock::parse(from)?.0, Clock::parse(to)?.0))
    }
}

impl Text for DurationRange {
    const EXPECTED: &'static str = "a duration or two such as `1s` or `200ms..1s`";
    const PATTERN: &'static str =
        r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+(\.\.([0-9]+(\.[0-9]+)?(ms|s|m|h))+)?$";
    const NAME: &'static str = "DurationRange";

    fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        Some(Self(Duration::parse(from)?.0, Duration::parse(to)?.0))
    }
}

macro_rules! schema_of_the_text {
    ($($text:ident),*) => {$(
        impl JsonSchema for $text {
            fn schema_name() -> Cow<'static, str> {
                Cow::Borrowed(<Self as Text>::NAME)
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": <Self as Text>::EXPECTED,
                    "pattern": <Self as Text>::PATTERN,
                })
            }
        }
    )*};
}

schema_of_the_text!(Duration, Clock, ClockRange, DurationRange);

/// The seconds of a duration written as in a scenario, such as `90s` or `1m30s`.
///
/// # Errors
/// What was expected, when `text` is no duration.
pub fn duration_s(text: &str) -> Result<f64, String> {
    let duration = Duration::parse(text).ok_or_else(|| format!("expected {}", Duration::EXPECTED));
    duration.map(|duration| duration.0)
}

/// `seconds` as a duration that [`Duration`] reads back: `1h30m`, `45s`, `200ms`.
pub(crate) fn duration_text(seconds: f64) -> String {
    if seconds > 0.0 && seconds < 1.0 {
        return format!("{}ms", round3(seconds * 1_000.0));
    }
    let hours = (seconds / 3_600.0).floor();
    let minutes = ((seconds - hours * 3_600.0) / 60.0).floor();
    let rest_s = round3(seconds - hours * 3_600.0 - minutes * 60.0);
    let mut text = String::new();
    for (number, unit) in [(hours, "h"), (minutes, "m"), (rest_s, "s")] {
        if number > 0.0 {
            text.push_str(&format!("{number}{unit}"));
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// A number as a person writes it: those with very many digits as `1e300`.
pub(crate) fn number_text(number: f64) -> String {
    let plain = number == 0.0 || !number.is_finite() || (1e-6..1e15).contains(&number.abs());
    if plain { number.to_string() } else { format!("{number:e}") }
}

/// `seconds` as a time that [`Clock`] reads back: `23:45`, `23:45:30`.
pub(crate) fn clock_text(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    let (hours, minutes, rest_s) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if rest_s == 0 {
        format!("{hours:02}:{minutes:02}")
    } else {
        format!("{hours:02}:{minutes:02}:{rest_s:02}")
    }
}

fn round3(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read() {
        let read = |text| Duration::parse(text).map(|duration| duration.0);
        assert_eq!(read("15m"), Some(900.0));
        assert_eq!(read("1h30m"), Some(5_400.0));
        assert_eq!(read("1.5s"), Some(1.5));
        assert_eq!(read("200ms"), Some(0.2));
        assert_eq!(read("0s"), Some(0.0));
        for bad in
            ["", "15", "m", "fifteen", "-5s", "1d", "30m1h", "1m1m", "1.s", ".5s", "1..2s", "5 m"]
        {
            assert_eq!(read(bad), None, "`{bad}`");
        }
    }

    #[test]
    fn times_are_read() {
        let read = |text| Clock::parse(text).map(|clock| clock.0);
        assert_eq!(read("00:00"), Some(0.0));
        assert_eq!(read("24:00"), Some(86_400.0));
        assert_eq!(read("23:45:30"), Some(85_530.0));
        for bad in ["", "24", "7:00", "00:60", "00:00:60", "00:00:00:00", "-1:00", "aa:bb", "+1:00"]
        {
            assert_eq!(read(bad), None, "`{bad}`");
        }
    }

    #[test]
    fn ranges_are_read() {
        assert_eq!(ClockRange::parse("00:00..02:00"), Some(ClockRange(0.0, 7_200.0)));
        assert_eq!(DurationRange::parse("200ms..1s"), Some(DurationRange(0.2, 1.0)));
        assert_eq!(DurationRange::parse("1s"), Some(DurationRange(1.0, 1.0)));
        assert_eq!(ClockRange::parse("00:00"), None);
        assert_eq!(DurationRange::parse("1s..2s..3s"), None);
    }

    #[test]
    fn numbers_are_short() {
        let written =
            [0.0, -1.0, 0.25, 1e6, 1e300, -1e-9, f64::NAN, f64::INFINITY].map(number_text);
        assert_eq!(written, ["0", "-1", "0.25", "1000000", "1e300", "-1e-9", "NaN", "inf"]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 0_u32..350_000) {
            let seconds = f64::from(seconds);
            prop_assert_eq!(Duration::parse(&duration_text(seconds)), Some(Duration(seconds)));
            prop_assert_eq!(Clock::parse(&clock_text(seconds)), Some(Clock(seconds)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}") {
            let _ = (Duration::parse(&text), Clock::parse(&text));
            let _ = (DurationRange::parse(&text), ClockRange::parse(&text));
        }
    }
}
