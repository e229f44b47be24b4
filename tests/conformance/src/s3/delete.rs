//! `DeleteObject` and `DeleteObjects`.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::support::Bucket;
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, built, holds, same},
    context::Context,
};

const ONE: &str = "S3 API reference, DeleteObject";
const MANY: &str = "S3 API reference, DeleteObjects";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("s3/delete-object/is-gone", "A deleted object is not there any more.", ONE, gone),
        case("s3/delete-object/absent", "Deleting a key that is not there succeeds.", ONE, absent),
        case(
            "s3/delete-object/missing-bucket",
            "A bucket that is not there is NoSuchBucket.",
            ONE,
            missing_bucket,
        ),
        case(
            "s3/delete-objects/several",
            "Every key is answered as deleted, absent ones too.",
            MANY,
            several,
        ),
        case("s3/delete-objects/quiet", "Quiet answers only what failed.", MANY, quiet),
        case(
            "s3/delete-objects/thousand-and-one",
            "At most 1,000 keys are deleted at once, else MalformedXML.",
            MANY,
            too_many,
        ),
        case(
            "s3/delete-objects/missing-bucket",
            "A bucket that is not there is NoSuchBucket.",
            MANY,
            many_missing_bucket,
        ),
    ]
}

fn keys(keys: impl IntoIterator<Item = String>, quiet: bool) -> Result<Delete, Mismatch> {
    let mut delete = Delete::builder().quiet(quiet);
    for key in keys {
        delete = delete.objects(built(ObjectIdentifier::builder().key(key).build())?);
    }
    built(delete.build())
}

async fn gone(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.fill(&["a", "b"]).await?;
    cx.s3().delete_object().bucket(&bucket.name).key("a").send().await.answer("DeleteObject")?;
    bucket.lacks("a").await?;
    bucket.get("b").await.map(drop)
}

async fn absent(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    cx.s3()
        .delete_object()
        .bucket(&bucket.name)
        .key("none")
        .send()
        .await
        .answer("DeleteObject")
        .map(drop)
}

async fn missing_bucket(cx: Context) -> Checked {
    let deleted = cx.s3().delete_object().bucket(cx.name("none")).key("a").send().await;
    deleted.refused(404, "NoSuchBucket").map(drop)
}

async fn several(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.fill(&["a", "b/c", "kept"]).await?;
    let wanted = keys(["a", "b/c", "none"].map(str::to_owned), false)?;
    let deleted = cx.s3().delete_objects().bucket(&bucket.name).delete(wanted).send().await;
    let deleted = deleted.answer("DeleteObjects")?;
    let mut named: Vec<&str> = deleted.deleted().iter().filter_map(|object| object.key()).collect();
    named.sort_unstable();
    same("deleted", named, ["a", "b/c", "none"])?;
    holds("no errors", deleted.errors().is_empty(), deleted.errors())?;
    bucket.lacks("b/c").await?;
    bucket.get("kept").await.map(drop)
}

async fn quiet(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.fill(&["a"]).await?;
    let wanted = keys(["a".to_owned()], true)?;
    let deleted = cx.s3().delete_objects().bucket(&bucket.name).delete(wanted).send().await;
    same("deleted", deleted.answer("DeleteObjects")?.deleted().len(), 0)?;
    bucket.lacks("a").await
}

async fn too_many(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let wanted = keys((0..1_001).map(|n| format!("k{n}")), false)?;
    let deleted = cx.s3().delete_objects().bucket(&bucket.name).delete(wanted).send().await;
    deleted.refused(400, "MalformedXML").map(drop)
}

async fn many_missing_bucket(cx: Context) -> Checked {
    let wanted = keys(["a".to_owned()], false)?;
    let deleted = cx.s3().delete_objects().bucket(cx.name("none")).delete(wanted).send().await;
    deleted.refused(404, "NoSuchBucket").map(drop)
}
