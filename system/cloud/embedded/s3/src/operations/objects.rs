//! PutObject, GetObject, HeadObject.

use std::{fmt::Write as _, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header, request::Parts, response};

use crate::{
    conditions::{self, OF_READ, Read},
    content::Content,
    error::S3Error,
    metadata::Metadata,
    name, object,
    object::Object,
    range,
    receive::{self, Body},
    route::Target,
    service::{Outcome, Payload, S3},
};

impl S3 {
    pub(crate) async fn put_object(
        &self,
        head: &Parts,
        target: &Target,
        body: &mut impl Body,
    ) -> Outcome {
        name::check_key(&target.key)?;
        let bucket = self.bucket(&target.bucket)?;
        let metadata = Metadata::of(head)?;
        // A condition that fails already is told before the body is sent; it is asked again after.
        conditions::write(&head.headers, bucket.get(&target.key).as_deref(), &target.key)?;
        let share = object::room(&self.budget, &target.key, &metadata)?;
        let received = receive::upload(&head.headers, body, &self.budget, None).await?;
        let object = Arc::new(Object {
            content: Content::new([Arc::new(received.piece)]),
            etag: hex(&received.md5),
            modified_ms: self.clock.now_ms(),
            metadata,
            checksum: received.checksum,
            _share: share,
        });
        bucket.put(&target.key, Arc::clone(&object), |existing| {
            conditions::write(&head.headers, existing, &target.key)
        })?;
        let mut answer = Response::builder().header(header::ETAG, object.quoted_etag());
        if let Some(checksum) = &object.checksum {
            answer = object::write_checksum(checksum, answer);
        }
        finish(encryption(answer), Payload::Whole(Bytes::new()))
    }

    /// GetObject, and HeadObject, which is the same without the bytes.
    pub(crate) fn get_object(&self, head: &Parts, target: &Target, with_body: bool) -> Outcome {
        name::check_key(&target.key)?;
        let bucket = self.bucket(&target.bucket)?;
        let object = bucket.get(&target.key);
        let object = object.ok_or_else(|| S3Error::no_such_key().with("Key", &target.key))?;
        let answer = object.describe(Response::builder());
        if conditions::read(&OF_READ, &head.headers, &object)? == Read::NotModified {
            let answer = object.metadata.write_caching(answer.status(StatusCode::NOT_MODIFIED));
            return finish(answer, Payload::Whole(Bytes::new()));
        }
        let length = object.len();
        let asked = match text(&head.headers, "range") {
            Some(header) if applies(&head.headers, &object) => range::of(header, length)?,
            _ => None,
        };
        let answer = match &asked {
            Some(range) => {
                let place = format!("bytes {}-{}/{length}", range.start, range.end - 1);
                answer.status(StatusCode::PARTIAL_CONTENT).header(header::CONTENT_RANGE, place)
            }
            None => object.describe_checksum(&head.headers, answer),
        };
        let range = asked.unwrap_or(0..length);
        let answer = encryption(object.metadata.write(answer, &target.query)?)
            .header(header::ACCEPT_RANGES, "bytes")
            .header(header::CONTENT_LENGTH, range.end - range.start);
        let payload =
            if with_body { payload(&object, range) } else { Payload::Whole(Bytes::new()) };
        finish(answer, payload)
    }
}

/// What is smaller than a chunk goes as one.
fn payload(object: &Object, range: std::ops::Range<u64>) -> Payload {
    let mut chunks = object.content.read(range.clone());
    match chunks.next() {
        None => Payload::Whole(Bytes::new()),
        Some(only) if chunks.remaining() == 0 => Payload::Whole(only),
        Some(_) => Payload::Chunks(object.content.read(range)),
    }
}

/// Whether a range still counts: `If-Range` names the object that is there.
fn applies(headers: &HeaderMap, object: &Object) -> bool {
    text(headers, "if-range").is_none_or(|tag| tag.trim_matches('"') == object.etag)
}

/// Every object is encrypted by S3 itself since 2023, and says so.
fn encryption(answer: response::Builder) -> response::Builder {
    answer.header("x-amz-server-side-encryption", "AES256")
}

pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

pub(crate) fn finish(answer: response::Builder, payload: Payload) -> Outcome {
    Ok(answer.body(payload).expect("every header was one or was checked"))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}
