//! Instants as AWS writes them: ISO 8601 in UTC.

/// `2026-11-27T00:00:00.000Z`, from milliseconds since the Unix epoch.
pub(crate) fn iso_millis(ms: u64) -> String {
    format!("{}.{:03}Z", date_and_time(ms), ms % 1_000)
}

/// `2026-11-27T00:00:00Z`, from milliseconds since the Unix epoch.
pub(crate) fn iso_seconds(ms: u64) -> String {
    format!("{}Z", date_and_time(ms))
}

fn date_and_time(ms: u64) -> String {
    let seconds = ms / 1_000;
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Year, month and day of a day since the Unix epoch: Hinnant's algorithm, in years that start in
/// March, so that the leap day is a year's last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_in_utc() {
        assert_eq!(iso_seconds(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso_millis(1_795_737_600_007), "2026-11-27T00:00:00.007Z");
        assert_eq!(iso_seconds(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(iso_seconds(4_107_542_399_999), "2100-02-28T23:59:59Z");
        assert_eq!(iso_seconds(4_107_542_400_000), "2100-03-01T00:00:00Z");
    }
}
