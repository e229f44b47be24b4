//! `Range` (RFC 9110, 14.2): one range of bytes. S3 reads no more than one; what it can't read, and more
//! than one, it ignores.

use std::ops::Range;

use crate::error::S3Error;

/// The part of an object of `length` bytes that `header` asks for; `None` for all of it.
pub(crate) fn of(header: &str, length: u64) -> Result<Option<Range<u64>>, S3Error> {
    let Some((first, last)) = parse(header) else { return Ok(None) };
    let unsatisfiable = || S3Error::invalid_range(header, length);
    let range = match (first, last) {
        (Some(first), Some(last)) if first > last => return Ok(None),
        (Some(first), last) if first < length => {
            first..last.map_or(length, |last| last.saturating_add(1).min(length))
        }
        (None, Some(suffix)) if suffix > 0 && length > 0 => length.saturating_sub(suffix)..length,
        (None, None) => return Ok(None),
        _ => return Err(unsatisfiable()),
    };
    Ok(Some(range))
}

fn parse(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| -> Option<Option<u64>> {
        let text = text.trim();
        if text.is_empty() {
            return Some(None);
        }
        // Digits only: `parse` takes a sign, and more of them than fit are past any end.
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok().or(Some(u64::MAX)))
    };
    Some((number(first)?, number(last)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_are_read_as_documented() {
        for (header, expected) in [
            ("bytes=0-0", Some(0..1)),
            ("bytes=2-5", Some(2..6)),
            ("bytes=5-", Some(5..10)),
            ("bytes=-3", Some(7..10)),
            ("bytes=-30", Some(0..10)),
            ("bytes=5-99999999999999999999999", Some(5..10)),
            ("bytes=5-2", None),
            ("bytes=0-1,3-4", None),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("lines=1-2", None),
            ("", None),
        ] {
            assert_eq!(of(header, 10), Ok(expected), "{header}");
        }
        for (header, length) in
            [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-1", 0)]
        {
            assert_eq!(of(header, length).expect_err("unsatisfiable").code, "InvalidRange");
        }
    }

    proptest! {
        #[test]
        fn a_range_lies_inside_and_is_not_empty(
            header in "bytes=[0-9]{0,20}-[0-9]{0,20}|[a-z=,0-9-]{0,12}",
            length in any::<u64>(),
        ) {
            if let Ok(Some(range)) = of(&header, length) {
                prop_assert!(range.start < range.end && range.end <= length);
            }
        }
    }
}
