//! Conditional reads.

use aws_sdk_s3::primitives::DateTime;

use super::support::{Bucket, status_is};
use crate::{Case, Checked, case::case, check::Answered as _, context::Context};

const CONDITIONS: &str = "S3 API reference, GetObject, conditional requests";

/// The year 2096, and 2001.
const FUTURE_S: i64 = 4_000_000_000;
const PAST_S: i64 = 1_000_000_000;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "s3/conditional-get/none-match-same",
            "If-None-Match with the object's ETag is HTTP 304.",
            CONDITIONS,
            none_match_same,
        ),
        case(
            "s3/conditional-get/none-match-other",
            "If-None-Match with another ETag gets the object.",
            CONDITIONS,
            none_match_other,
        ),
        case(
            "s3/conditional-get/match-same",
            "If-Match with the object's ETag gets the object.",
            CONDITIONS,
            match_same,
        ),
        case(
            "s3/conditional-get/match-other",
            "If-Match with another ETag is PreconditionFailed with HTTP 412.",
            CONDITIONS,
            match_other,
        ),
        case(
            "s3/conditional-get/modified-since-later",
            "If-Modified-Since later than the object is HTTP 304.",
            CONDITIONS,
            modified_since_later,
        ),
        case(
            "s3/conditional-get/modified-since-earlier",
            "If-Modified-Since earlier than the object gets it.",
            CONDITIONS,
            modified_since_earlier,
        ),
        case(
            "s3/conditional-get/unmodified-since-earlier",
            "If-Unmodified-Since earlier than the object is PreconditionFailed.",
            CONDITIONS,
            unmodified_since_earlier,
        ),
        case(
            "s3/conditional-head/none-match-same",
            "HeadObject has the same conditions: HTTP 304.",
            "S3 API reference, HeadObject",
            head_none_match,
        ),
    ]
}

async fn none_match_same(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"body").await?;
    let get = cx
        .s3()
        .get_object()
        .bucket(&bucket.name)
        .key("key")
        .if_none_match(bucket.etag("key").await?);
    status_is(get.send().await, 304)
}

async fn none_match_other(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"body").await?;
    let get = cx.s3().get_object().bucket(&bucket.name).key("key").if_none_match("\"0\"");
    get.send().await.answer("GetObject").map(drop)
}

async fn match_same(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"body").await?;
    let get =
        cx.s3().get_object().bucket(&bucket.name).key("key").if_match(bucket.etag("key").await?);
    get.send().await.answer("GetObject").map(drop)
}

async fn match_other(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"body").await?;
    let get = cx.s3().get_object().bucket(&bucket.name).key("key").if_match("\"0\"");
    get.send().await.refused(412, "PreconditionFailed").map(drop)
}

async fn modified_since_later(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"body").await?;
    // A date in the future is no valid one (RFC 9110) and ignored: now, as the object has it.
    let head =
        cx.s3().head_object().bucket(&bucket.name).key("key").send().await.answer("HeadObject")?;
    let get = cx
        .s3()
        .get_object()
        .bucket(&bucket.name)
        .key("key")
        .set_if_modified_since(head.last_modified);
    status_is(get.send().await, 304)
}

async fn modified_since_earlier(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"body").await?;
    let get = cx.s3().get_object().bucket(&bucket.name).key("key");
    get.if_modified_since(DateTime::from_secs(PAST_S)).send().await.answer("GetObject").map(drop)
}

async fn unmodified_since_earlier(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"body").await?;
    let get = |secs| {
        cx.s3()
            .get_object()
            .bucket(&bucket.name)
            .key("key")
            .if_unmodified_since(DateTime::from_secs(secs))
            .send()
    };
    get(FUTURE_S).await.answer("GetObject with a later date")?;
    get(PAST_S).await.refused(412, "PreconditionFailed").map(drop)
}

async fn head_none_match(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"body").await?;
    let head = cx
        .s3()
        .head_object()
        .bucket(&bucket.name)
        .key("key")
        .if_none_match(bucket.etag("key").await?);
    status_is(head.send().await, 304)
}
