//! `ListObjectsV2`.

use aws_sdk_s3::operation::list_objects_v2::{
    ListObjectsV2Output, builders::ListObjectsV2FluentBuilder,
};

use super::support::Bucket;
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, holds, present, same},
    context::Context,
};

const LIST: &str = "S3 API reference, ListObjectsV2";

const KEYS: [&str; 7] =
    ["a.txt", "img/1.svg", "img/2.svg", "img/large/1.svg", "index.html", "js/app.js", "z"];

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("s3/list-objects/order", "Keys come in order of their UTF-8 bytes.", LIST, order),
        case("s3/list-objects/empty", "An empty bucket lists nothing.", LIST, empty),
        case("s3/list-objects/prefix", "Only keys that begin with the prefix come.", LIST, prefix),
        case(
            "s3/list-objects/delimiter",
            "Keys with the delimiter are rolled up into common prefixes.",
            LIST,
            delimiter,
        ),
        case(
            "s3/list-objects/prefix-and-delimiter",
            "Below a prefix they are rolled up to the next delimiter.",
            LIST,
            prefix_and_delimiter,
        ),
        case(
            "s3/list-objects/max-keys",
            "MaxKeys bounds a page, which is then truncated.",
            LIST,
            max_keys,
        ),
        case("s3/list-objects/pages", "Pages come to every key once, in order.", LIST, pages),
        case(
            "s3/list-objects/pages-of-prefixes",
            "Common prefixes count towards MaxKeys and come once.",
            LIST,
            pages_of_prefixes,
        ),
        case(
            "s3/list-objects/start-after",
            "StartAfter begins behind a key, which need not be there.",
            LIST,
            start_after,
        ),
        case(
            "s3/list-objects/describes",
            "Size, ETag and time of each object are told.",
            LIST,
            describes,
        ),
        case("s3/list-objects/max-of-0", "MaxKeys 0 lists nothing.", LIST, max_of_zero),
        case(
            "s3/list-objects/missing-bucket",
            "A bucket that is not there is NoSuchBucket.",
            LIST,
            missing_bucket,
        ),
        case(
            "s3/list-objects/bad-token",
            "A continuation token that is none is InvalidArgument.",
            LIST,
            bad_token,
        ),
    ]
}

async fn filled(cx: &Context) -> Result<Bucket, Mismatch> {
    let bucket = Bucket::new(cx).await?;
    bucket
        .fill(&[
            "z",
            "img/2.svg",
            "a.txt",
            "js/app.js",
            "img/large/1.svg",
            "index.html",
            "img/1.svg",
        ])
        .await?;
    Ok(bucket)
}

fn list(bucket: &Bucket) -> ListObjectsV2FluentBuilder {
    bucket.cx.s3().list_objects_v2().bucket(&bucket.name)
}

async fn run(list: ListObjectsV2FluentBuilder) -> Result<ListObjectsV2Output, Mismatch> {
    list.send().await.answer("ListObjectsV2")
}

fn keys(listed: &ListObjectsV2Output) -> Vec<&str> {
    listed.contents().iter().filter_map(|object| object.key()).collect()
}

fn prefixes(listed: &ListObjectsV2Output) -> Vec<&str> {
    listed.common_prefixes().iter().filter_map(|common| common.prefix()).collect()
}

async fn order(cx: Context) -> Checked {
    let bucket = filled(&cx).await?;
    let listed = run(list(&bucket)).await?;
    same("keys", keys(&listed), KEYS)?;
    same("KeyCount", listed.key_count, Some(7))?;
    same("IsTruncated", listed.is_truncated, Some(false))
}

async fn empty(cx: Context) -> Checked {
    let listed = run(list(&Bucket::new(&cx).await?)).await?;
    same("KeyCount", listed.key_count, Some(0))
}

async fn prefix(cx: Context) -> Checked {
    let bucket = filled(&cx).await?;
    same(
        "keys",
        keys(&run(list(&bucket).prefix("img/")).await?),
        ["img/1.svg", "img/2.svg", "img/large/1.svg"],
    )
}

async fn delimiter(cx: Context) -> Checked {
    let bucket = filled(&cx).await?;
    let listed = run(list(&bucket).delimiter("/")).await?;
    same("keys", keys(&listed), ["a.txt", "index.html", "z"])?;
    same("common prefixes", prefixes(&listed), ["img/", "js/"])?;
    same("KeyCount", listed.key_count, Some(5))
}

async fn prefix_and_delimiter(cx: Context) -> Checked {
    let bucket = filled(&cx).await?;
    let listed = run(list(&bucket).prefix("img/").delimiter("/")).await?;
    same("keys", keys(&listed), ["img/1.svg", "img/2.svg"])?;
    same("common prefixes", prefixes(&listed), ["img/large/"])
}

async fn max_keys(cx: Context) -> Checked {
    let bucket = filled(&cx).await?;
    let listed = run(list(&bucket).max_keys(2)).await?;
    same("keys", keys(&listed), ["a.txt", "img/1.svg"])?;
    same("IsTruncated", listed.is_truncated, Some(true))?;
    present("NextContinuationToken", listed.next_continuation_token()).map(drop)
}

async fn every_page(
    list: impl Fn() -> ListObjectsV2FluentBuilder,
) -> Result<Vec<String>, Mismatch> {
    let (mut seen, mut token) = (Vec::new(), None);
    for _ in 0..10 {
        let page = run(list().set_continuation_token(token)).await?;
        let on_page = page.contents().len() + page.common_prefixes().len();
        holds("at most 2 a page", on_page <= 2, on_page)?;
        seen.extend(keys(&page).into_iter().chain(prefixes(&page)).map(str::to_owned));
        token = page.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
    Ok(seen)
}

async fn pages(cx: Context) -> Checked {
    let bucket = filled(&cx).await?;
    same("keys", every_page(|| list(&bucket).max_keys(2)).await?, KEYS)
}

async fn pages_of_prefixes(cx: Context) -> Checked {
    let bucket = filled(&cx).await?;
    let mut seen = every_page(|| list(&bucket).max_keys(2).delimiter("/")).await?;
    seen.sort_unstable();
    same("keys and prefixes", seen, ["a.txt", "img/", "index.html", "js/", "z"])
}

async fn start_after(cx: Context) -> Checked {
    let bucket = filled(&cx).await?;
    same(
        "keys",
        keys(&run(list(&bucket).start_after("img/z")).await?),
        ["index.html", "js/app.js", "z"],
    )
}

async fn describes(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let etag = bucket.put("key", b"12345").await?.e_tag;
    let listed = run(list(&bucket)).await?;
    let object = present("an object", listed.contents().first())?;
    same("Size", object.size(), Some(5))?;
    same("ETag", object.e_tag.clone(), etag)?;
    holds("LastModified", object.last_modified().is_some(), object.last_modified())
}

async fn max_of_zero(cx: Context) -> Checked {
    let bucket = filled(&cx).await?;
    let listed = run(list(&bucket).max_keys(0)).await?;
    same("KeyCount", listed.key_count, Some(0))?;
    same("IsTruncated", listed.is_truncated, Some(false))
}

async fn missing_bucket(cx: Context) -> Checked {
    let listed = cx.s3().list_objects_v2().bucket(cx.name("none")).send().await;
    listed.refused(404, "NoSuchBucket").map(drop)
}

async fn bad_token(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let listed = list(&bucket).continuation_token("").send().await;
    listed.refused(400, "InvalidArgument").map(drop)
}
