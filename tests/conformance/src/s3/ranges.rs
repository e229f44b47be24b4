//! `GetObject` with `Range`.

use super::support::{Bucket, read};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, same},
    context::Context,
};

const RANGE: &str = "S3 API reference, GetObject, Range; RFC 9110, range requests";

/// id, rule, range, what comes of `0123456789`, Content-Range.
const RANGES: [(&str, &str, &str, &str, &str); 5] = [
    (
        "first-to-last",
        "A range includes its first and its last byte.",
        "bytes=2-4",
        "234",
        "bytes 2-4/10",
    ),
    ("one-byte", "A range may be one byte.", "bytes=0-0", "0", "bytes 0-0/10"),
    (
        "to-the-end",
        "A range without a last byte goes to the end.",
        "bytes=7-",
        "789",
        "bytes 7-9/10",
    ),
    (
        "from-the-end",
        "A range without a first byte counts from the end.",
        "bytes=-3",
        "789",
        "bytes 7-9/10",
    ),
    (
        "beyond-the-end",
        "A range that goes beyond the end is cut.",
        "bytes=8-99",
        "89",
        "bytes 8-9/10",
    ),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = RANGES
        .into_iter()
        .map(|(id, rule, range, expected, content_range)| {
            case(format!("s3/get-range/{id}"), rule, RANGE, move |cx| {
                row(cx, range, expected, content_range)
            })
        })
        .collect();
    cases.push(case(
        "s3/get-range/behind-the-end",
        "A range that begins behind the end is InvalidRange with HTTP 416.",
        RANGE,
        behind,
    ));
    cases
}

async fn row(
    cx: Context,
    range: &'static str,
    expected: &'static str,
    content_range: &'static str,
) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"0123456789").await?;
    let get = cx.s3().get_object().bucket(&bucket.name).key("key").range(range);
    let got = get.send().await.answer("GetObject of a range")?;
    same("ContentRange", got.content_range.as_deref(), Some(content_range))?;
    same(
        "ContentLength",
        got.content_length.and_then(|length| usize::try_from(length).ok()),
        Some(expected.len()),
    )?;
    same("body", &*read(got.body).await?, expected.as_bytes())
}

async fn behind(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"0123456789").await?;
    let get = cx.s3().get_object().bucket(&bucket.name).key("key").range("bytes=10-");
    get.send().await.refused(416, "InvalidRange").map(drop)
}
