//! Multipart uploads.

use aws_sdk_s3::{
    operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};

use super::support::Bucket;
use crate::{
    Case, Checked, Mismatch,
    case::case,
    check::{Answered as _, holds, present, same},
    context::Context,
};

const GUIDE: &str = "S3 guide, multipart upload overview and limits";
const COMPLETE: &str = "S3 API reference, CompleteMultipartUpload";

/// The least size of a part that is not the last.
const PART_MIN: usize = 5 * 1024 * 1024;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "s3/multipart/assembles",
            "Parts are put together in order of their numbers, in whatever order they came.",
            GUIDE,
            assembles,
        ),
        case(
            "s3/multipart/etag",
            "The ETag ends with a hyphen and the number of parts.",
            "S3 API reference, Object, ETag",
            etag,
        ),
        case(
            "s3/multipart/invisible-until-complete",
            "The object is not there before the upload is complete.",
            GUIDE,
            invisible,
        ),
        case(
            "s3/multipart/part-replaced",
            "A part that is uploaded again replaces the one before.",
            "S3 API reference, UploadPart",
            part_replaced,
        ),
        case(
            "s3/multipart/abort",
            "An aborted upload leaves nothing, and takes no parts any more.",
            "S3 API reference, AbortMultipartUpload",
            abort,
        ),
        case(
            "s3/multipart/too-small",
            "A part below 5 MiB that is not the last is EntityTooSmall.",
            COMPLETE,
            too_small,
        ),
        case(
            "s3/multipart/wrong-etag",
            "A part with another ETag is InvalidPart.",
            COMPLETE,
            wrong_etag,
        ),
        case(
            "s3/multipart/wrong-order",
            "Parts that are not in order are InvalidPartOrder.",
            COMPLETE,
            wrong_order,
        ),
        case(
            "s3/multipart/unknown-upload",
            "An upload that is not there is NoSuchUpload.",
            COMPLETE,
            unknown_upload,
        ),
        case(
            "s3/multipart/metadata",
            "Content type and metadata are those of the upload's creation.",
            "S3 API reference, CreateMultipartUpload",
            metadata,
        ),
        case(
            "s3/multipart/part-number-of-10001",
            "Part numbers are 1 to 10,000.",
            GUIDE,
            part_number,
        ),
    ]
}

/// An upload of `key`.
struct Upload {
    bucket: Bucket,
    id: String,
}

impl Upload {
    async fn new(cx: &Context) -> Result<Self, Mismatch> {
        let bucket = Bucket::new(cx).await?;
        let create = cx.s3().create_multipart_upload().bucket(&bucket.name).key("key");
        let created = create.content_type("image/png").metadata("product", "p-1").send().await;
        let id = present("UploadId", created.answer("CreateMultipartUpload")?.upload_id)?;
        Ok(Self { bucket, id })
    }

    async fn part(&self, number: i32, body: Vec<u8>) -> Result<CompletedPart, Mismatch> {
        let upload = self.bucket.cx.s3().upload_part().bucket(&self.bucket.name).key("key");
        let upload = upload.upload_id(&self.id).part_number(number).body(ByteStream::from(body));
        let etag = present("ETag", upload.send().await.answer("UploadPart")?.e_tag)?;
        Ok(CompletedPart::builder().part_number(number).e_tag(etag).build())
    }

    fn complete(&self, parts: Vec<CompletedPart>) -> CompleteMultipartUploadFluentBuilder {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.bucket.cx.s3().complete_multipart_upload().bucket(&self.bucket.name);
        complete.key("key").upload_id(&self.id).multipart_upload(parts)
    }
}

async fn assembles(cx: Context) -> Checked {
    let upload = Upload::new(&cx).await?;
    let second = upload.part(2, b"end".to_vec()).await?;
    let first = upload.part(1, vec![7; PART_MIN]).await?;
    upload.complete(vec![first, second]).send().await.answer("CompleteMultipartUpload")?;
    let body = upload.bucket.get("key").await?;
    same("bytes", body.len(), PART_MIN + 3)?;
    same("the last bytes", &body[PART_MIN - 1..], &[7, b'e', b'n', b'd'][..])
}

async fn etag(cx: Context) -> Checked {
    let upload = Upload::new(&cx).await?;
    let part = upload.part(1, b"only".to_vec()).await?;
    let done = upload.complete(vec![part]).send().await.answer("CompleteMultipartUpload")?;
    holds(
        "an ETag that ends with -1",
        done.e_tag().is_some_and(|etag| etag.ends_with("-1\"")),
        done.e_tag(),
    )?;
    same("ETag of the object", Some(upload.bucket.etag("key").await?), done.e_tag)
}

async fn invisible(cx: Context) -> Checked {
    let upload = Upload::new(&cx).await?;
    upload.part(1, b"part".to_vec()).await?;
    upload.bucket.lacks("key").await
}

async fn part_replaced(cx: Context) -> Checked {
    let upload = Upload::new(&cx).await?;
    upload.part(1, b"first".to_vec()).await?;
    let part = upload.part(1, b"second".to_vec()).await?;
    upload.complete(vec![part]).send().await.answer("CompleteMultipartUpload")?;
    same("body", &*upload.bucket.get("key").await?, &b"second"[..])
}

async fn abort(cx: Context) -> Checked {
    let upload = Upload::new(&cx).await?;
    upload.part(1, b"part".to_vec()).await?;
    let abort = cx.s3().abort_multipart_upload().bucket(&upload.bucket.name).key("key");
    abort.upload_id(&upload.id).send().await.answer("AbortMultipartUpload")?;
    let part = cx.s3().upload_part().bucket(&upload.bucket.name).key("key").upload_id(&upload.id);
    let part = part.part_number(2).body(ByteStream::from_static(b"late"));
    part.send().await.refused(404, "NoSuchUpload").map(drop)
}

async fn too_small(cx: Context) -> Checked {
    let upload = Upload::new(&cx).await?;
    let parts =
        vec![upload.part(1, b"small".to_vec()).await?, upload.part(2, b"last".to_vec()).await?];
    upload.complete(parts).send().await.refused(400, "EntityTooSmall").map(drop)
}

async fn wrong_etag(cx: Context) -> Checked {
    let upload = Upload::new(&cx).await?;
    upload.part(1, b"part".to_vec()).await?;
    let wrong =
        CompletedPart::builder().part_number(1).e_tag("\"00000000000000000000000000000000\"");
    upload.complete(vec![wrong.build()]).send().await.refused(400, "InvalidPart").map(drop)
}

async fn wrong_order(cx: Context) -> Checked {
    let upload = Upload::new(&cx).await?;
    let first = upload.part(1, vec![7; PART_MIN]).await?;
    let second = upload.part(2, b"end".to_vec()).await?;
    upload.complete(vec![second, first]).send().await.refused(400, "InvalidPartOrder").map(drop)
}

async fn unknown_upload(cx: Context) -> Checked {
    let mut upload = Upload::new(&cx).await?;
    let part = upload.part(1, b"part".to_vec()).await?;
    upload.id = format!("{}x", upload.id);
    upload.complete(vec![part]).send().await.refused(404, "NoSuchUpload").map(drop)
}

async fn metadata(cx: Context) -> Checked {
    let upload = Upload::new(&cx).await?;
    let part = upload.part(1, b"part".to_vec()).await?;
    upload.complete(vec![part]).send().await.answer("CompleteMultipartUpload")?;
    let head = cx.s3().head_object().bucket(&upload.bucket.name).key("key").send().await;
    let head = head.answer("HeadObject")?;
    same("ContentType", head.content_type.as_deref(), Some("image/png"))?;
    same(
        "metadata",
        head.metadata.and_then(|mut all| all.remove("product")).as_deref(),
        Some("p-1"),
    )
}

async fn part_number(cx: Context) -> Checked {
    let upload = Upload::new(&cx).await?;
    let part = cx.s3().upload_part().bucket(&upload.bucket.name).key("key").upload_id(&upload.id);
    let part = part.part_number(10_001).body(ByteStream::from_static(b"part"));
    part.send().await.refused(400, "InvalidArgument").map(drop)
}
