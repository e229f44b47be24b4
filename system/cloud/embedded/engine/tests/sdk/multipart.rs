//! Multipart uploads through the SDK.

use aws_sdk_s3::{
    error::ProvideErrorMetadata as _,
    primitives::ByteStream,
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart},
};

use crate::support::Stage;

const BUCKET: &str = "storefront";
const KEY: &str = "video";
const MIB: usize = 1 << 20;

struct Upload {
    stage: Stage,
    id: String,
}

impl Upload {
    async fn begin() -> Self {
        let stage = Stage::new();
        stage.s3.create_bucket().bucket(BUCKET).send().await.expect("created");
        let create = stage.s3.create_multipart_upload().bucket(BUCKET).key(KEY);
        let create = create.content_type("video/mp4").checksum_algorithm(ChecksumAlgorithm::Crc32);
        let id = create.send().await.expect("begun").upload_id.expect("an id");
        Self { stage, id }
    }

    async fn part(&self, number: i32, body: Vec<u8>) -> CompletedPart {
        let part = self.stage.s3.upload_part().bucket(BUCKET).key(KEY).upload_id(&self.id);
        let sent = part.part_number(number).body(ByteStream::from(body)).send().await;
        let sent = sent.expect("taken");
        CompletedPart::builder()
            .part_number(number)
            .set_e_tag(sent.e_tag)
            .set_checksum_crc32(sent.checksum_crc32)
            .build()
    }

    /// The code of the error, or the tag.
    async fn complete(&self, parts: Vec<CompletedPart>) -> Result<String, String> {
        let upload = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.stage.s3.complete_multipart_upload().bucket(BUCKET).key(KEY);
        let complete = complete.upload_id(&self.id).multipart_upload(upload).send().await;
        match complete {
            Ok(done) => Ok(done.e_tag.expect("a tag")),
            Err(error) => Err(error.code().unwrap_or_default().to_owned()),
        }
    }
}

#[tokio::test]
async fn parts_become_one_object_in_the_order_of_their_numbers() {
    let upload = Upload::begin().await;
    let last = upload.part(7, vec![3; 10]).await;
    let first = upload.part(1, vec![1; 5 * MIB]).await;
    upload.part(2, vec![9; 5 * MIB]).await;
    let second = upload.part(2, vec![2; 6 * MIB]).await;
    let list = upload.stage.s3.list_parts().bucket(BUCKET).key(KEY).upload_id(&upload.id);
    let listed = list.max_parts(2).send().await.expect("listed");
    let sizes: Vec<_> = listed.parts().iter().map(|part| part.size()).collect();
    assert_eq!(sizes, [Some(5 << 20), Some(6 << 20)]);
    assert_eq!(listed.next_part_number_marker(), Some("2"));
    let tag = upload.complete(vec![first, second, last]).await.expect("complete");
    assert!(tag.ends_with("-3\""), "{tag}");
    let get = upload.stage.s3.get_object().bucket(BUCKET).key(KEY);
    let got = get.clone().send().await.expect("got");
    assert_eq!(got.content_type(), Some("video/mp4"));
    let bytes = got.body.collect().await.expect("whole").into_bytes();
    assert_eq!(bytes.len(), 11 * MIB + 10);
    assert_eq!((bytes[5 * MIB - 1], bytes[5 * MIB], bytes[11 * MIB]), (1, 2, 3));
    let seam = get.range(format!("bytes={}-{}", 5 * MIB - 1, 5 * MIB)).send().await.expect("got");
    assert_eq!(seam.body.collect().await.expect("whole").into_bytes()[..], [1, 2]);
    // What was uploaded twice and never used is gone with the upload.
    assert!(upload.stage.engine.object_bytes() < 11 * MIB as u64 + 2_000);
    assert_eq!(upload.complete(Vec::new()).await, Err("NoSuchUpload".to_owned()));
}

#[tokio::test]
async fn what_does_not_fit_together_is_refused_and_the_upload_goes_on() {
    let upload = Upload::begin().await;
    let small = upload.part(1, vec![1; 5 * MIB - 1]).await;
    let other = upload.part(2, vec![2; 10]).await;
    let failed = |code: &str| Err(code.to_owned());
    let both = || vec![small.clone(), other.clone()];
    assert_eq!(upload.complete(both()).await, failed("EntityTooSmall"));
    let turned = vec![other.clone(), small.clone()];
    assert_eq!(upload.complete(turned).await, failed("InvalidPartOrder"));
    let wrong = CompletedPart::builder().part_number(1).e_tag("\"other\"").build();
    assert_eq!(upload.complete(vec![wrong]).await, failed("InvalidPart"));
    let absent = CompletedPart::builder().part_number(3).e_tag("\"x\"").build();
    assert_eq!(upload.complete(vec![absent]).await, failed("InvalidPart"));
    assert_eq!(upload.complete(Vec::new()).await, failed("MalformedXML"));
    let part = upload.stage.s3.upload_part().bucket(BUCKET).key(KEY).upload_id(&upload.id);
    let beyond = part.part_number(10_001).body(ByteStream::from_static(b"x")).send().await;
    assert_eq!(beyond.expect_err("one too many").code(), Some("InvalidArgument"));
    upload.complete(vec![small]).await.expect("the last one may be small");
}

#[tokio::test]
async fn an_aborted_upload_leaves_nothing() {
    let upload = Upload::begin().await;
    upload.part(1, vec![1; MIB]).await;
    assert!(upload.stage.engine.object_bytes() > MIB as u64);
    let abort = upload.stage.s3.abort_multipart_upload().bucket(BUCKET).key(KEY);
    abort.upload_id(&upload.id).send().await.expect("aborted");
    assert_eq!(upload.stage.engine.object_bytes(), 0);
    let part = upload.stage.s3.upload_part().bucket(BUCKET).key(KEY).upload_id(&upload.id);
    let late = part.part_number(2).body(ByteStream::from_static(b"x")).send().await;
    assert_eq!(late.expect_err("it is over").code(), Some("NoSuchUpload"));
}
