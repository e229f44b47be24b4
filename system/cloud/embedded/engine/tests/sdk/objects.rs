//! Objects through the SDK: what comes back is what was put, streamed both ways, and errors are the
//! SDK's own types.

use aws_sdk_s3::{
    error::{ProvideErrorMetadata as _, SdkError},
    primitives::{ByteStream, SdkBody},
    types::{Delete, MetadataDirective, ObjectIdentifier},
};
use bytes::Bytes;
use securecart_loopback::Body;

use crate::support::Stage;

const BUCKET: &str = "storefront";

async fn stage() -> Stage {
    let stage = Stage::new();
    stage.s3.create_bucket().bucket(BUCKET).send().await.expect("created");
    stage
}

async fn put(stage: &Stage, key: &str, body: impl Into<ByteStream>) -> String {
    let put = stage.s3.put_object().bucket(BUCKET).key(key).body(body.into());
    put.send().await.expect("put").e_tag.expect("a tag")
}

fn bytes(text: &'static str) -> ByteStream {
    ByteStream::from_static(text.as_bytes())
}

/// `length` bytes that differ, in chunks of uneven size, as a file or a socket gives them.
fn streamed(length: usize) -> (Bytes, ByteStream) {
    let whole: Vec<u8> = (0..length).map(|place| ((place * 31) >> 3) as u8).collect();
    let whole = Bytes::from(whole);
    let chunks: Vec<Bytes> = (0..length)
        .step_by(70_001)
        .map(|from| whole.slice(from..length.min(from + 70_001)))
        .collect();
    let body = Body::chunks(length as u64, chunks.into_iter());
    (whole, ByteStream::new(SdkBody::from_body_1_x(body)))
}

#[tokio::test]
async fn what_was_put_comes_back_with_all_that_describes_it() {
    let stage = stage().await;
    let sent = stage
        .s3
        .put_object()
        .bucket(BUCKET)
        .key("a dir/ü+&.html")
        .content_type("text/html")
        .cache_control("max-age=60")
        .metadata("colour", "red")
        .body(bytes("hello"))
        .send()
        .await
        .expect("put");
    // MD5 of `hello`.
    assert_eq!(sent.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    let get = stage.s3.get_object().bucket(BUCKET).key("a dir/ü+&.html");
    let got = get.clone().send().await.expect("got");
    assert_eq!(
        (got.content_type(), got.cache_control(), got.content_length()),
        (Some("text/html"), Some("max-age=60"), Some(5))
    );
    assert_eq!(got.metadata().expect("metadata")["colour"], "red");
    assert_eq!(got.e_tag(), sent.e_tag());
    // The SDK sends a checksum with each upload, and verifies it on the way back.
    assert!(got.checksum_crc32().is_some());
    assert_eq!(got.body.collect().await.expect("whole").into_bytes(), "hello");
    let other = get.response_content_type("text/plain").send().await.expect("got");
    assert_eq!(other.content_type(), Some("text/plain"));
    let head = stage.s3.head_object().bucket(BUCKET).key("a dir/ü+&.html").send().await;
    assert_eq!(head.expect("there").content_length(), Some(5));
}

#[tokio::test]
async fn a_body_that_streams_is_stored_without_its_framing() {
    let stage = stage().await;
    let (whole, body) = streamed(1_500_000);
    put(&stage, "large", body).await;
    let held = stage.engine.object_bytes();
    assert!((1_500_000..1_502_000).contains(&held), "{held}");
    let get = stage.s3.get_object().bucket(BUCKET).key("large");
    let got = get.clone().send().await.expect("got");
    assert_eq!(got.content_length(), Some(1_500_000));
    assert_eq!(got.content_encoding(), None);
    assert!(got.body.collect().await.expect("whole").into_bytes() == whole);
    let part = get.range("bytes=262140-262149").send().await.expect("got");
    assert_eq!(part.content_range(), Some("bytes 262140-262149/1500000"));
    let part = part.body.collect().await.expect("whole").into_bytes();
    assert!(part == whole.slice(262_140..262_150), "across two segments");
    assert_eq!(stage.engine.object_bytes(), held, "downloads hold nothing of their own");
}

#[tokio::test]
async fn an_empty_object_is_an_object() {
    let stage = stage().await;
    put(&stage, "empty", bytes("")).await;
    let get = stage.s3.get_object().bucket(BUCKET).key("empty");
    let got = get.clone().send().await.expect("got");
    assert_eq!(got.content_length(), Some(0));
    assert!(got.body.collect().await.expect("whole").into_bytes().is_empty());
    let refused = get.range("bytes=0-").send().await.expect_err("there is no byte");
    assert_eq!(refused.code(), Some("InvalidRange"));
}

#[tokio::test]
async fn what_is_not_there_is_told_in_the_sdk_s_types() {
    let stage = stage().await;
    let get = stage.s3.get_object().bucket(BUCKET).key("nothing").send().await;
    assert!(get.expect_err("no key").into_service_error().is_no_such_key());
    let head = stage.s3.head_object().bucket(BUCKET).key("nothing").send().await;
    assert!(head.expect_err("no key").into_service_error().is_not_found());
    let head = stage.s3.head_bucket().bucket("elsewhere").send().await;
    assert!(head.expect_err("no bucket").into_service_error().is_not_found());
    let put = stage.s3.put_object().bucket("elsewhere").key("k").body(bytes("x")).send().await;
    assert_eq!(put.expect_err("no bucket").code(), Some("NoSuchBucket"));
    let list = stage.s3.list_objects_v2().bucket("elsewhere").send().await;
    assert!(list.expect_err("no bucket").into_service_error().is_no_such_bucket());
    let acl = stage.s3.get_bucket_acl().bucket(BUCKET).send().await;
    assert_eq!(acl.expect_err("not here").code(), Some("NotImplemented"));
    // None of it was tried twice.
    assert_eq!(stage.requests(), 7);
}

#[tokio::test]
async fn conditions_hold_on_reads_and_writes() {
    let stage = stage().await;
    let tag = put(&stage, "k", bytes("one")).await;
    let get = || stage.s3.get_object().bucket(BUCKET).key("k");
    get().if_match(&tag).send().await.expect("it matches");
    let unchanged = get().if_none_match(&tag).send().await.expect_err("it is the same");
    let SdkError::ServiceError(unchanged) = unchanged else { panic!("{unchanged:?}") };
    assert_eq!(unchanged.raw().status().as_u16(), 304);
    assert_eq!(unchanged.raw().headers().get("etag"), Some(tag.as_str()));
    let changed = get().if_match("\"other\"").send().await.expect_err("another");
    assert_eq!(changed.code(), Some("PreconditionFailed"));
    let put = || stage.s3.put_object().bucket(BUCKET).key("k").body(bytes("two"));
    let there = put().if_none_match("*").send().await.expect_err("it is there");
    assert_eq!(there.code(), Some("PreconditionFailed"));
    put().if_match(&tag).send().await.expect("it is what it was");
    let late = put().if_match(&tag).send().await.expect_err("it was replaced");
    assert_eq!(late.code(), Some("PreconditionFailed"));
}

#[tokio::test]
async fn a_wrong_digest_is_refused_and_nothing_stored() {
    let stage = stage().await;
    let put = || stage.s3.put_object().bucket(BUCKET).key("k").body(bytes("hello"));
    let refused = put().content_md5("AAAAAAAAAAAAAAAAAAAAAA==").send().await;
    assert_eq!(refused.expect_err("another digest").code(), Some("BadDigest"));
    let refused = put().checksum_crc32_c("AAAAAA==").send().await.expect_err("another checksum");
    assert_eq!(refused.code(), Some("BadDigest"));
    assert_eq!(stage.engine.object_bytes(), 0);
    put().checksum_crc32_c("mnG7TA==").send().await.expect("the right one");
}

#[tokio::test]
async fn listings_have_pages_groups_and_an_order() {
    let stage = stage().await;
    for key in ["b/1", "a", "b/2", "c/d/e", "z z", "c/f"] {
        put(&stage, key, bytes("x")).await;
    }
    let list = stage.s3.list_objects_v2().bucket(BUCKET).delimiter("/");
    let all = list.clone().send().await.expect("listed");
    let keys: Vec<_> = all.contents().iter().filter_map(|object| object.key()).collect();
    assert_eq!(keys, ["a", "z z"]);
    let groups: Vec<_> = all.common_prefixes().iter().filter_map(|group| group.prefix()).collect();
    assert_eq!(groups, ["b/", "c/"]);
    assert_eq!((all.key_count(), all.is_truncated()), (Some(4), Some(false)));
    let inside = list.prefix("c/").send().await.expect("listed");
    assert_eq!(inside.common_prefixes()[0].prefix(), Some("c/d/"));
    assert_eq!(inside.contents()[0].key(), Some("c/f"));
    let mut pages = stage.s3.list_objects_v2().bucket(BUCKET).start_after("a").max_keys(2);
    let mut keys = Vec::new();
    loop {
        let page = pages.clone().send().await.expect("listed");
        keys.extend(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
        let Some(token) = page.next_continuation_token else { break };
        pages = pages.continuation_token(token);
    }
    assert_eq!(keys, ["b/1", "b/2", "c/d/e", "c/f", "z z"]);
}

#[tokio::test]
async fn copies_keep_or_replace_what_describes_them() {
    let stage = stage().await;
    let put = stage.s3.put_object().bucket(BUCKET).key("from here").metadata("a", "1");
    put.content_type("text/plain").body(bytes("hello")).send().await.expect("put");
    let copy = || stage.s3.copy_object().bucket(BUCKET).copy_source("storefront/from%20here");
    let copied = copy().key("kept").send().await.expect("copied");
    assert!(copied.copy_object_result().and_then(|result| result.e_tag()).is_some());
    let replace = copy().key("new").metadata_directive(MetadataDirective::Replace);
    replace.content_type("text/html").send().await.expect("copied");
    let head = async |key: &str| {
        let head = stage.s3.head_object().bucket(BUCKET).key(key).send().await.expect("there");
        let metadata = head.metadata().is_some_and(|all| all.contains_key("a"));
        (head.content_type().unwrap_or_default().to_owned(), metadata, head.content_length())
    };
    assert_eq!(head("kept").await, ("text/plain".to_owned(), true, Some(5)));
    assert_eq!(head("new").await, ("text/html".to_owned(), false, Some(5)));
    let itself = copy().key("from here").send().await.expect_err("nothing would change");
    assert_eq!(itself.code(), Some("InvalidRequest"));
    assert!(stage.engine.object_bytes() < 5 + 3 * 700, "the bytes are there once");
}

#[tokio::test]
async fn deleting_frees_and_an_empty_bucket_can_go() {
    let stage = stage().await;
    for key in ["a", "b", "c"] {
        put(&stage, key, bytes("x")).await;
    }
    let refused = stage.s3.delete_bucket().bucket(BUCKET).send().await.expect_err("not empty");
    assert_eq!(refused.code(), Some("BucketNotEmpty"));
    stage.s3.delete_object().bucket(BUCKET).key("a").send().await.expect("gone");
    stage.s3.delete_object().bucket(BUCKET).key("a").send().await.expect("gone already");
    let keys = ["b", "c", "never"]
        .map(|key| ObjectIdentifier::builder().key(key).build().expect("complete"));
    let delete = Delete::builder().set_objects(Some(keys.to_vec())).build().expect("complete");
    let deleted = stage.s3.delete_objects().bucket(BUCKET).delete(delete).send().await;
    assert_eq!(deleted.expect("deleted").deleted().len(), 3);
    assert_eq!(stage.engine.object_bytes(), 0);
    stage.s3.delete_bucket().bucket(BUCKET).send().await.expect("it is empty");
    assert!(stage.s3.list_buckets().send().await.expect("listed").buckets().is_empty());
}

#[tokio::test]
async fn buckets_have_names_places_and_one_owner() {
    use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
    let stage = stage().await;
    let create = |name| stage.s3.create_bucket().bucket(name);
    // us-east-1 forgives what every other Region does not.
    create(BUCKET).send().await.expect("created again");
    let place = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::EuWest1)
        .build();
    let far = || create("far-away").create_bucket_configuration(place.clone());
    far().send().await.expect("created");
    let again = far().send().await.expect_err("it is there").into_service_error();
    assert!(again.is_bucket_already_owned_by_you());
    let place = stage.s3.get_bucket_location().bucket("far-away").send().await.expect("there");
    assert_eq!(place.location_constraint(), Some(&BucketLocationConstraint::EuWest1));
    let refused = create("Not_A_Name").send().await.expect_err("no name");
    assert_eq!(refused.code(), Some("InvalidBucketName"));
    let buckets = stage.s3.list_buckets().send().await.expect("listed");
    let names: Vec<_> = buckets.buckets().iter().filter_map(|bucket| bucket.name()).collect();
    assert_eq!(names, ["far-away", BUCKET]);
}

#[tokio::test]
async fn limits_are_told_before_the_body_is_read() {
    let stage = stage().await;
    let put = |key: &str| stage.s3.put_object().bucket(BUCKET).key(key).body(bytes("x"));
    put(&"k".repeat(1_024)).send().await.expect("the longest");
    let long = put(&"k".repeat(1_025)).send().await.expect_err("one more");
    assert_eq!(long.code(), Some("KeyTooLongError"));
    let large = put("k").metadata("a", "v".repeat(2_048)).send().await.expect_err("2,049");
    assert_eq!(large.code(), Some("MetadataTooLarge"));
    // More than the engine keeps: refused by its length alone, and not retried.
    let before = stage.requests();
    let chunks = std::iter::repeat_n(Bytes::from_static(&[0; 1 << 16]), 1 << 15);
    let body = ByteStream::new(SdkBody::from_body_1_x(Body::chunks(1 << 31, chunks)));
    let put = stage.s3.put_object().bucket(BUCKET).key("k").body(body);
    let full = put.send().await.expect_err("two gibibytes");
    assert_eq!(full.code(), Some("InsufficientStorage"));
    assert_eq!(stage.requests(), before + 1);
}
