//! `PutObject`, `GetObject`, `HeadObject`: bodies, keys, metadata, ETags.

use aws_sdk_s3::primitives::ByteStream;

use super::support::{Bucket, status_is};
use crate::{
    Case, Checked,
    case::case,
    check::{Answered as _, holds, same},
    context::Context,
};

const PUT: &str = "S3 API reference, PutObject";
const GET: &str = "S3 API reference, GetObject";
const HEAD: &str = "S3 API reference, HeadObject";
const KEYS: &str = "S3 guide, naming objects";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case("s3/put-object/round-trip", "What is put is got, byte for byte.", PUT, round_trip),
        case("s3/put-object/empty", "An object may be empty.", PUT, empty),
        case("s3/put-object/of-3-mb", "A large body arrives whole.", PUT, large),
        case("s3/put-object/replaces", "Putting a key again replaces the object.", PUT, replaces),
        case(
            "s3/put-object/etag",
            "The ETag of a put is the MD5 digest of the body, in quotes.",
            "S3 API reference, Object, ETag",
            etag,
        ),
        case(
            "s3/put-object/missing-bucket",
            "A bucket that is not there is NoSuchBucket.",
            PUT,
            put_missing_bucket,
        ),
        case("s3/put-object/content-type", "The content type is given back.", PUT, content_type),
        case(
            "s3/put-object/content-type-default",
            "Without one it is binary/octet-stream or application/octet-stream.",
            "S3 guide, system-defined metadata",
            content_type_default,
        ),
        case("s3/put-object/cache-control", "Cache-Control is given back.", PUT, cache_control),
        case(
            "s3/put-object/user-metadata",
            "User-defined metadata is given back.",
            "S3 guide, user-defined metadata",
            user_metadata,
        ),
        case(
            "s3/put-object/metadata-of-replaced",
            "Replacing an object replaces its metadata.",
            PUT,
            metadata_replaced,
        ),
        case(
            "s3/put-object/create-only",
            "If-None-Match * refuses to overwrite: PreconditionFailed with HTTP 412.",
            PUT,
            create_only,
        ),
        case(
            "s3/put-object/wrong-md5",
            "A body that is not what Content-MD5 says is BadDigest.",
            PUT,
            wrong_md5,
        ),
        case(
            "s3/put-object/key-of-1025",
            "A key of more than 1,024 bytes is KeyTooLongError.",
            KEYS,
            key_too_long,
        ),
        case(
            "s3/get-object/missing-key",
            "A key that is not there is NoSuchKey with HTTP 404.",
            GET,
            missing_key,
        ),
        case(
            "s3/get-object/missing-bucket",
            "A bucket that is not there is NoSuchBucket with HTTP 404.",
            GET,
            get_missing_bucket,
        ),
        case(
            "s3/get-object/length-and-time",
            "Content-Length and Last-Modified are told.",
            GET,
            length_and_time,
        ),
        case(
            "s3/head-object/known",
            "Length, ETag and type are told without the body.",
            HEAD,
            head,
        ),
        case("s3/head-object/missing", "A key that is not there is HTTP 404.", HEAD, head_missing),
        case(
            "s3/put-object/concurrent",
            "Of concurrent puts of a key one is there, whole.",
            "S3 guide, data consistency model",
            concurrent,
        ),
        case(
            "s3/put-object/read-after-write",
            "A get after a put sees it.",
            "S3 guide, data consistency model",
            read_after_write,
        ),
    ];
    for (id, key) in [
        ("slashes", "a/b//c/".to_owned()),
        ("spaces-and-signs", "a b+c&d=e?f#g%20h".to_owned()),
        ("unicode", "größe/🛒".to_owned()),
        ("dots", "a/../b/./c".to_owned()),
        ("of-1024", "k".repeat(1_024)),
    ] {
        let rule = "A key is up to 1,024 bytes of UTF-8, whatever characters it has.";
        cases.push(case(format!("s3/key/{id}"), rule, KEYS, move |cx| keeps_key(cx, key.clone())));
    }
    cases
}

async fn round_trip(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let body: Vec<u8> = (0..=255).collect();
    bucket.put("key", &body).await?;
    same("body", &*bucket.get("key").await?, body)
}

async fn empty(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"").await?;
    same("bytes", bucket.get("key").await?.len(), 0)
}

async fn large(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let body: Vec<u8> = (0..3_000_000_u32).map(|n| u8::try_from(n % 251).unwrap_or(0)).collect();
    bucket.put("key", &body).await?;
    holds("the same 3,000,000 bytes", *bucket.get("key").await? == *body, "others")
}

async fn replaces(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"first, and longer").await?;
    bucket.put("key", b"second").await?;
    same("body", &*bucket.get("key").await?, &b"second"[..])
}

async fn etag(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let digest = "\"5d41402abc4b2a76b9719d911017c592\"";
    same("ETag of the put", bucket.put("key", b"hello").await?.e_tag.as_deref(), Some(digest))?;
    same("ETag of the head", &*bucket.etag("key").await?, digest)
}

async fn put_missing_bucket(cx: Context) -> Checked {
    let put =
        cx.s3().put_object().bucket(cx.name("none")).key("key").body(ByteStream::from_static(b"b"));
    put.send().await.refused(404, "NoSuchBucket")?.saying("The specified bucket does not exist")
}

async fn content_type(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let put = cx.s3().put_object().bucket(&bucket.name).key("key").content_type("image/svg+xml");
    put.body(ByteStream::from_static(b"<svg/>")).send().await.answer("PutObject")?;
    let got =
        cx.s3().get_object().bucket(&bucket.name).key("key").send().await.answer("GetObject")?;
    same("ContentType", got.content_type.as_deref(), Some("image/svg+xml"))
}

async fn content_type_default(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"b").await?;
    let got =
        cx.s3().head_object().bucket(&bucket.name).key("key").send().await.answer("HeadObject")?;
    // The SDK itself sends application/octet-stream for a body without a type.
    let defaults = ["binary/octet-stream", "application/octet-stream"];
    holds(
        "a default type",
        got.content_type.as_deref().is_some_and(|kind| defaults.contains(&kind)),
        got.content_type,
    )
}

async fn cache_control(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let put = cx.s3().put_object().bucket(&bucket.name).key("key").cache_control("max-age=60");
    put.body(ByteStream::from_static(b"b")).send().await.answer("PutObject")?;
    let got =
        cx.s3().head_object().bucket(&bucket.name).key("key").send().await.answer("HeadObject")?;
    same("CacheControl", got.cache_control.as_deref(), Some("max-age=60"))
}

async fn user_metadata(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let put = cx.s3().put_object().bucket(&bucket.name).key("key").metadata("product", "p-1");
    put.body(ByteStream::from_static(b"b")).send().await.answer("PutObject")?;
    let got =
        cx.s3().head_object().bucket(&bucket.name).key("key").send().await.answer("HeadObject")?;
    same("metadata", got.metadata.and_then(|mut all| all.remove("product")).as_deref(), Some("p-1"))
}

async fn metadata_replaced(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let put = cx.s3().put_object().bucket(&bucket.name).key("key").metadata("product", "p-1");
    put.body(ByteStream::from_static(b"b")).send().await.answer("PutObject")?;
    bucket.put("key", b"b").await?;
    let got =
        cx.s3().head_object().bucket(&bucket.name).key("key").send().await.answer("HeadObject")?;
    same("metadata", got.metadata.and_then(|mut all| all.remove("product")), None)
}

async fn create_only(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"first").await?;
    let put = cx.s3().put_object().bucket(&bucket.name).key("key").if_none_match("*");
    put.body(ByteStream::from_static(b"second")).send().await.refused(412, "PreconditionFailed")?;
    same("body", &*bucket.get("key").await?, &b"first"[..])
}

async fn wrong_md5(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let put = cx
        .s3()
        .put_object()
        .bucket(&bucket.name)
        .key("key")
        .body(ByteStream::from_static(b"hello"));
    put.content_md5("1B2M2Y8AsgTpgAmY7PhCfg==").send().await.refused(400, "BadDigest")?;
    bucket.lacks("key").await
}

async fn key_too_long(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let put = cx.s3().put_object().bucket(&bucket.name).key("k".repeat(1_025));
    put.body(ByteStream::from_static(b"b")).send().await.refused(400, "KeyTooLongError").map(drop)
}

async fn keeps_key(cx: Context, key: String) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put(&key, b"body").await?;
    same("body", &*bucket.get(&key).await?, &b"body"[..])?;
    let listed =
        cx.s3().list_objects_v2().bucket(&bucket.name).send().await.answer("ListObjectsV2")?;
    let keys: Vec<&str> = listed.contents().iter().filter_map(|object| object.key()).collect();
    same("listed keys", keys, [&*key])
}

async fn missing_key(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let got = cx.s3().get_object().bucket(&bucket.name).key("none").send().await;
    got.refused(404, "NoSuchKey")?.saying("The specified key does not exist.")
}

async fn get_missing_bucket(cx: Context) -> Checked {
    let got = cx.s3().get_object().bucket(cx.name("none")).key("key").send().await;
    got.refused(404, "NoSuchBucket")?.saying("The specified bucket does not exist")
}

async fn length_and_time(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    bucket.put("key", b"12345").await?;
    let got =
        cx.s3().get_object().bucket(&bucket.name).key("key").send().await.answer("GetObject")?;
    same("ContentLength", got.content_length, Some(5))?;
    holds(
        "LastModified",
        got.last_modified.is_some_and(|at| at.secs() > 1_700_000_000),
        got.last_modified,
    )
}

async fn head(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let etag = bucket.put("key", b"12345").await?.e_tag;
    let got =
        cx.s3().head_object().bucket(&bucket.name).key("key").send().await.answer("HeadObject")?;
    same("ContentLength", got.content_length, Some(5))?;
    same("ETag", got.e_tag, etag)
}

async fn head_missing(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    status_is(cx.s3().head_object().bucket(&bucket.name).key("none").send().await, 404)
}

async fn concurrent(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    let bodies: Vec<Vec<u8>> = (0..8_u8).map(|n| vec![n; 20_000]).collect();
    for put in futures::future::join_all(bodies.iter().map(|body| bucket.put("key", body))).await {
        put?;
    }
    let got = bucket.get("key").await?;
    holds("one of the bodies", bodies.iter().any(|body| **body == *got), got.len())
}

async fn read_after_write(cx: Context) -> Checked {
    let bucket = Bucket::new(&cx).await?;
    for n in 0..8_u8 {
        bucket.put("key", &[n]).await?;
        same("body", &*bucket.get("key").await?, &[n][..])?;
    }
    Ok(())
}
