//! Buckets: `CreateBucket`, `HeadBucket`, `ListBuckets`, `DeleteBucket`.

use super::support::{Bucket, status_is};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, holds},
    context::Context,
};

const CREATE: &str = "S3 API reference, CreateBucket";
const NAMES: &str = "S3 guide, bucket naming rules";
const HEAD: &str = "S3 API reference, HeadBucket";
const DELETE: &str = "S3 API reference, DeleteBucket";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "s3/create-bucket/exists-then",
            "A bucket that was created is there.",
            CREATE,
            created,
        ),
        case(
            "s3/create-bucket/again",
            "In us-east-1 creating a bucket of one's own again succeeds.",
            CREATE,
            again,
        ),
        case("s3/head-bucket/missing", "A bucket that is not there is HTTP 404.", HEAD, missing),
        case(
            "s3/list-buckets/lists",
            "A bucket is listed by its name.",
            "S3 API reference, ListBuckets",
            listed,
        ),
        case(
            "s3/delete-bucket/is-gone",
            "A deleted bucket is not there any more.",
            DELETE,
            deleted,
        ),
        case(
            "s3/delete-bucket/missing",
            "A bucket that is not there is NoSuchBucket.",
            DELETE,
            delete_missing,
        ),
        case(
            "s3/delete-bucket/not-empty",
            "A bucket with objects can't be deleted: BucketNotEmpty.",
            DELETE,
            not_empty,
        ),
    ];
    for (id, name, rule) in [
        ("upper-case", "Upper-Case", "A name has lower-case letters."),
        ("of-2", "ab", "A name has at least 3 characters."),
        ("of-64", &*"n".repeat(64), "A name has at most 63 characters."),
        ("underscore", "under_score", "A name has letters, digits, full stops and hyphens only."),
    ] {
        let (name, rule) = (name.to_owned(), format!("{rule} Else InvalidBucketName."));
        cases.push(case(format!("s3/create-bucket/name-{id}"), rule, NAMES, move |cx| {
            bad_name(cx, name.clone())
        }));
    }
    cases
}

async fn created(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    cx.s3().head_bucket().bucket(&bucket.name).send().await.answer("HeadBucket").map(drop)
}

async fn again(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    cx.s3().create_bucket().bucket(&bucket.name).send().await.answer("CreateBucket").map(drop)
}

async fn bad_name(cx: Context, name: String) -> Checked {
    let created = cx.s3().create_bucket().bucket(name).send().await;
    created.refused(400, "InvalidBucketName").map(drop)
}

async fn missing(cx: Context) -> Checked {
    status_is(cx.s3().head_bucket().bucket(cx.name("none")).send().await, 404)
}

async fn listed(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let listed = cx.s3().list_buckets().send().await.answer("ListBuckets")?;
    let is_there = listed.buckets().iter().any(|listed| listed.name() == Some(&*bucket.name));
    holds("the bucket in the list", is_there, listed.buckets().len())
}

async fn deleted(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    cx.s3().delete_bucket().bucket(&bucket.name).send().await.answer("DeleteBucket")?;
    status_is(cx.s3().head_bucket().bucket(&bucket.name).send().await, 404)
}

async fn delete_missing(cx: Context) -> Checked {
    let deleted = cx.s3().delete_bucket().bucket(cx.name("none")).send().await;
    deleted.refused(404, "NoSuchBucket").map(drop)
}

async fn not_empty(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"body").await?;
    let deleted = cx.s3().delete_bucket().bucket(&bucket.name).send().await;
    deleted.refused(409, "BucketNotEmpty").map(drop)
}
