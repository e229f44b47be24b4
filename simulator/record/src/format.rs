//! Figures as people read them: three significant digits and a unit, the same in the terminal and
//! in every report.
//!
//! Invariants: no figure is longer than nine columns up to a million times its unit; what is not
//! zero is never shown as zero, and a share below one is never shown as all; what is not a number
//! is [`NONE`].

/// Shown where there is no figure.
pub const NONE: &str = "–";

/// A latency: `0 µs`, `850 µs`, `12.3 ms`, `1.23 s`, `10.0 min`, `2.50 h`.
#[must_use]
pub fn latency_us(latency_us: u64) -> String {
    if latency_us < 1_000 {
        return format!("{latency_us} µs");
    }
    let us = latency_us as f64;
    scaled(us, &[(1e3, " ms", 1e3), (1e6, " s", 60.0), (6e7, " min", 60.0), (3.6e9, " h", 1e6)])
}

/// A number of things: `0`, `999`, `1.23k`, `45.6M`.
#[must_use]
pub fn count(count: u64) -> String {
    if count < 1_000 {
        return count.to_string();
    }
    scaled(
        count as f64,
        &[(1e3, "k", 1e3), (1e6, "M", 1e3), (1e9, "G", 1e3), (1e12, "T", 1e3), (1e15, "P", 1e6)],
    )
}

/// An amount of memory: `512 B`, `1.50 KiB`, `12.3 MiB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let unit = |power: i32| 1024_f64.powi(power);
    scaled(
        bytes as f64,
        &[
            (unit(1), " KiB", 1024.0),
            (unit(2), " MiB", 1024.0),
            (unit(3), " GiB", 1024.0),
            (unit(4), " TiB", 1e6),
        ],
    )
}

/// How many a second: `0/s`, `0.25/s`, `12.3/s`, `1.23k/s`.
#[must_use]
pub fn rate(per_second: f64) -> String {
    if !per_second.is_finite() {
        return NONE.to_owned();
    }
    let sign = if per_second < 0.0 { "-" } else { "" };
    let size = per_second.abs();
    if size == 0.0 {
        return "0/s".to_owned();
    }
    if size < 0.01 {
        return format!("{sign}<0.01/s");
    }
    let units = [(1.0, "", 1e3), (1e3, "k", 1e3), (1e6, "M", 1e3), (1e9, "G", 1e6)];
    format!("{sign}{}/s", scaled(size, &units))
}

/// A share of 0 to 1 in percent: `0 %`, `0.25 %`, `12.5 %`, `99.95 %`, `100 %`.
#[must_use]
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    if !percent.is_finite() {
        NONE.to_owned()
    } else if percent <= 0.0 {
        "0 %".to_owned()
    } else if percent < 0.01 {
        "<0.01 %".to_owned()
    } else if percent < 1.0 || (99.0..99.99).contains(&percent) {
        // Cut, not rounded: 99.989 % must not meet an objective of 99.99 % on paper.
        format!("{:.2} %", (percent * 100.0 + 1e-6).floor() / 100.0)
    } else if (99.99..100.0).contains(&percent) {
        if percent - 99.99 < 1e-9 { "99.99 %".to_owned() } else { ">99.99 %".to_owned() }
    } else if percent < 99.0 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// A length of time: `250 ms`, `12.3 s`, `4 min 05 s`, `2 h 03 min`.
#[must_use]
pub fn duration_s(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return NONE.to_owned();
    }
    if seconds < 59.95 {
        return latency_us((seconds * 1e6).round() as u64);
    }
    let whole = seconds.round() as u64;
    if whole < 3_600 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        let minutes = (seconds / 60.0).round() as u64;
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    }
}

/// A scenario time of day, in seconds since midnight: `00:14:30`. The hours go on past 24.
#[must_use]
pub fn clock_s(scenario_s: f64) -> String {
    if !scenario_s.is_finite() || scenario_s < 0.0 {
        return "--:--:--".to_owned();
    }
    let whole = scenario_s.floor() as u64;
    format!("{:02}:{:02}:{:02}", whole / 3_600, whole / 60 % 60, whole % 60)
}

/// `value` with three significant digits in the first of `units` (size, name, how many make the
/// next) that holds it after rounding, so that 999,950 µs is `1.00 s` and not `1000 ms`.
fn scaled(value: f64, units: &[(f64, &str, f64)]) -> String {
    let last = units.len() - 1;
    for (index, &(size, name, next)) in units.iter().enumerate() {
        let in_unit = value / size;
        let decimals = match in_unit {
            x if x < 9.995 => 2,
            x if x < 99.95 => 1,
            _ => 0,
        };
        let scale = 10_f64.powi(decimals);
        let rounded = (in_unit * scale).round() / scale;
        if rounded < next || index == last {
            return format!("{rounded:.*}{name}", usize::try_from(decimals).unwrap_or(0));
        }
    }
    NONE.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_carry_into_the_next_unit() {
        let cases = [
            (0, "0 µs"),
            (999, "999 µs"),
            (1_000, "1.00 ms"),
            (12_345, "12.3 ms"),
            (999_499, "999 ms"),
            (999_950, "1.00 s"),
            (59_990_000, "1.00 min"),
            (59_940_000, "59.9 s"),
            (600_000_000, "10.0 min"),
            (9_000_000_000, "2.50 h"),
        ];
        for (us, text) in cases {
            assert_eq!(latency_us(us), text);
        }
    }

    #[test]
    fn counts_and_bytes() {
        assert_eq!(
            [count(0), count(999), count(1_234), count(999_950)],
            ["0", "999", "1.23k", "1.00M"]
        );
        assert_eq!(count(u64::MAX), "18447P");
        assert_eq!([bytes(0), bytes(1_536), bytes(13 << 20)], ["0 B", "1.50 KiB", "13.0 MiB"]);
    }

    #[test]
    fn rates_of_any_sign_and_size() {
        assert_eq!([rate(0.0), rate(0.25), rate(12.34)], ["0/s", "0.25/s", "12.3/s"]);
        assert_eq!([rate(1_234.0), rate(-4.0), rate(0.001)], ["1.23k/s", "-4.00/s", "<0.01/s"]);
        assert_eq!([rate(f64::NAN), rate(f64::INFINITY)], [NONE, NONE]);
    }

    #[test]
    fn shares_never_round_to_none_or_all() {
        let cases = [
            (0.0, "0 %"),
            (1e-9, "<0.01 %"),
            (0.0025, "0.25 %"),
            (0.125, "12.5 %"),
            (0.9995, "99.95 %"),
            (0.9999, "99.99 %"),
            (0.999_999, ">99.99 %"),
            (1.0, "100 %"),
            (1.5, "150 %"),
            (f64::NAN, NONE),
        ];
        for (value, text) in cases {
            assert_eq!(share(value), text, "{value}");
        }
    }

    #[test]
    fn durations_and_clock() {
        assert_eq!([duration_s(0.25), duration_s(12.34)], ["250 ms", "12.3 s"]);
        assert_eq!([duration_s(245.0), duration_s(7_390.0)], ["4 min 05 s", "2 h 03 min"]);
        assert_eq!([duration_s(59.96), duration_s(-1.0)], ["1 min 00 s", NONE]);
        assert_eq!([clock_s(870.9), clock_s(90_000.0)], ["00:14:30", "25:00:00"]);
        assert_eq!(clock_s(f64::NAN), "--:--:--");
    }
}
