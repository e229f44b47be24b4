//! Instants as S3 writes them: HTTP dates in headers, ISO 8601 in XML.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `Fri, 27 Nov 2026 00:00:00 GMT`, from milliseconds since the Unix epoch.
pub(crate) fn http_date(ms: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(ms))
}

/// Seconds since the Unix epoch of an HTTP date; `None` where it is none.
pub(crate) fn read_http_date(text: &str) -> Option<u64> {
    let date: SystemTime = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

/// `2026-11-27T00:00:00.000Z`, from milliseconds since the Unix epoch. S3 shows whole seconds.
pub(crate) fn iso(ms: u64) -> String {
    // Weekday, day, month, year, time: "Fri, 27 Nov 2026 00:00:00 GMT".
    let date = http_date(ms);
    let month = date.get(8..11).and_then(|name| MONTHS.iter().position(|month| *month == name));
    let field = |from, to| date.get(from..to).unwrap_or_default();
    let month = month.map_or(0, |place| place + 1);
    format!("{}-{month:02}-{}T{}.000Z", field(12, 16), field(5, 7), field(17, 25))
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_and_read() {
        let ms = 1_795_737_600_007;
        assert_eq!(http_date(ms), "Fri, 27 Nov 2026 00:00:00 GMT");
        assert_eq!(read_http_date(&http_date(ms)), Some(ms / 1_000));
        assert_eq!(iso(ms), "2026-11-27T00:00:00.000Z");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(read_http_date("yesterday"), None);
    }
}
