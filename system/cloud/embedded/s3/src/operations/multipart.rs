//! Multipart uploads: Create, UploadPart, Complete, Abort, ListParts.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header, request::Parts};
use md5::{Digest as _, Md5};
use parking_lot::Mutex;
use serde::Deserialize;

use super::objects::{finish, hex, text};
use crate::{
    bucket::{Bucket, Part, Upload},
    checksum::{Algorithm, Checksum, Hasher},
    conditions,
    content::Content,
    error::S3Error,
    metadata::Metadata,
    name, object,
    object::Object,
    receive::{self, Body},
    route::Target,
    service::{self, Outcome, Payload, S3},
    time, xml,
};

/// Highest number of a part (user guide, "Amazon S3 multipart upload limits").
const PARTS_MAX: u16 = 10_000;

/// Least bytes of every part but the last (same page).
const PART_BYTES_MIN: u64 = 5 << 20;

/// Parts on a page of `ListParts` (API reference).
const PAGE_MAX: usize = 1_000;

#[derive(Debug, Deserialize)]
struct CompleteMultipartUpload {
    #[serde(rename = "Part", default)]
    parts: Vec<CompletedPart>,
}

#[derive(Debug, Deserialize)]
struct CompletedPart {
    #[serde(rename = "PartNumber")]
    number: u16,
    #[serde(rename = "ETag")]
    etag: String,
}

impl S3 {
    pub(crate) fn create_upload(&self, head: &Parts, target: &Target) -> Outcome {
        name::check_key(&target.key)?;
        let bucket = self.bucket(&target.bucket)?;
        let metadata = Metadata::of(head)?;
        let algorithm = match text(&head.headers, "x-amz-checksum-algorithm") {
            None => None,
            Some(name) => Some(
                Algorithm::named(name)
                    .ok_or_else(|| S3Error::not_implemented(&format!("checksums of {name}")))?,
            ),
        };
        let full_checksum = match text(&head.headers, "x-amz-checksum-type") {
            Some(kind) => kind == "FULL_OBJECT",
            // It has no other.
            None => algorithm == Some(Algorithm::Crc64Nvme),
        };
        let id = self.ids.uuid().replace('-', "");
        let upload = Upload {
            key: target.key.clone(),
            algorithm,
            full_checksum,
            parts: Mutex::default(),
            _share: object::room(&self.budget, &target.key, &metadata)?,
            metadata,
        };
        bucket.uploads.lock().insert(id.clone(), Arc::new(upload));
        let mut body = xml::Writer::root("InitiateMultipartUploadResult");
        body.element("Bucket", &target.bucket);
        body.element("Key", &target.key);
        body.element("UploadId", &id);
        let mut answer = service::xml(body.finish_root("InitiateMultipartUploadResult"));
        if let Some(algorithm) = algorithm {
            let kind = if full_checksum { "FULL_OBJECT" } else { "COMPOSITE" };
            let headers = answer.headers_mut();
            let value = http::HeaderValue::from_static(algorithm.as_str());
            headers.insert("x-amz-checksum-algorithm", value);
            headers.insert("x-amz-checksum-type", http::HeaderValue::from_static(kind));
        }
        Ok(answer)
    }

    pub(crate) async fn upload_part(
        &self,
        head: &Parts,
        target: &Target,
        body: &mut impl Body,
    ) -> Outcome {
        let number = target.query.get("partNumber").unwrap_or_default();
        let invalid = "Part number must be an integer between 1 and 10000, inclusive";
        let number = number
            .parse::<u16>()
            .ok()
            .filter(|number| (1..=PARTS_MAX).contains(number))
            .ok_or_else(|| S3Error::invalid_argument("partNumber", number, invalid))?;
        let (bucket, id, upload) = self.upload(target)?;
        let received = receive::upload(&head.headers, body, &self.budget, upload.algorithm).await?;
        let (md5, checksum) = (received.md5, received.checksum.clone());
        if let (Some(expected), Some(actual)) = (upload.algorithm, &checksum)
            && expected != actual.algorithm
        {
            return Err(S3Error::checksum_type(expected.as_str(), actual.algorithm.as_str()));
        }
        let part = Part {
            piece: Arc::new(received.piece),
            md5,
            checksum: received.checksum,
            modified_ms: self.clock.now_ms(),
        };
        // It may have been completed or aborted while the part came in.
        if !bucket.uploads.lock().contains_key(&id) {
            return Err(S3Error::no_such_upload().with("UploadId", id));
        }
        let replaced = upload.parts.lock().insert(number, part);
        drop(replaced);
        let mut answer = Response::builder().header(header::ETAG, format!("\"{}\"", hex(&md5)));
        if let Some(checksum) = checksum {
            answer = answer.header(checksum.algorithm.header(), checksum.text());
        }
        finish(answer, Payload::Whole(Bytes::new()))
    }

    pub(crate) async fn complete_upload(
        &self,
        head: &Parts,
        target: &Target,
        body: &mut impl Body,
    ) -> Outcome {
        let (bucket, id, upload) = self.upload(target)?;
        // The checksum headers here are the object's, not the document's.
        let mut headers = head.headers.clone();
        let promised = take_checksum(&mut headers);
        let document: CompleteMultipartUpload =
            xml::parse(&receive::document(&headers, body).await?)?;
        let parts = chosen(&upload.parts.lock(), &document.parts)?;
        let object = Arc::new(assemble(&upload, &parts, self)?);
        if let (Some((algorithm, value)), Some(checksum)) = (promised, &object.checksum)
            && algorithm == checksum.algorithm
            && value != checksum.text()
        {
            return Err(S3Error::bad_checksum(algorithm.as_str()));
        }
        // Whoever takes the upload out completes it: there is one of them.
        let mut uploads = bucket.uploads.lock();
        if !uploads.contains_key(&id) {
            return Err(S3Error::no_such_upload().with("UploadId", id));
        }
        bucket.put(&upload.key, Arc::clone(&object), |existing| {
            conditions::write(&head.headers, existing, &upload.key)
        })?;
        uploads.remove(&id);
        drop(uploads);
        let mut body = xml::Writer::root("CompleteMultipartUploadResult");
        body.element("Location", &format!("/{}/{}", target.bucket, upload.key));
        body.element("Bucket", &target.bucket);
        body.element("Key", &upload.key);
        body.element("ETag", &object.quoted_etag());
        if let Some(checksum) = &object.checksum {
            body.element(&checksum.algorithm.element(), &checksum.text());
            body.element("ChecksumType", checksum.kind());
        }
        Ok(service::xml(body.finish_root("CompleteMultipartUploadResult")))
    }

    pub(crate) fn abort_upload(&self, target: &Target) -> Outcome {
        let (bucket, id, _) = self.upload(target)?;
        let removed = bucket.uploads.lock().remove(&id);
        drop(removed);
        Ok(service::empty(StatusCode::NO_CONTENT, HeaderMap::new()))
    }

    pub(crate) fn list_parts(&self, target: &Target) -> Outcome {
        let (_, id, upload) = self.upload(target)?;
        let most = target.query.number("max-parts", PAGE_MAX)?.min(PAGE_MAX);
        let after = target.query.number("part-number-marker", 0)?;
        let after = u16::try_from(after).unwrap_or(u16::MAX);
        let parts = upload.parts.lock();
        let mut rest = parts.range((std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded));
        let page: Vec<_> = rest.by_ref().take(most).collect();
        let next = page.last().filter(|_| rest.next().is_some()).map(|(number, _)| **number);
        let mut body = xml::Writer::root("ListPartsResult");
        body.element("Bucket", &target.bucket);
        body.element("Key", &upload.key);
        body.element("UploadId", &id);
        body.element("PartNumberMarker", &after.to_string());
        if let Some(next) = next {
            body.element("NextPartNumberMarker", &next.to_string());
        }
        body.element("MaxParts", &most.to_string());
        body.element("IsTruncated", if next.is_some() { "true" } else { "false" });
        for (number, part) in page {
            body.open("Part");
            body.element("PartNumber", &number.to_string());
            body.element("LastModified", &time::iso(part.modified_ms));
            body.element("ETag", &format!("\"{}\"", hex(&part.md5)));
            body.element("Size", &part.piece.len().to_string());
            if let Some(checksum) = &part.checksum {
                body.element(&checksum.algorithm.element(), &checksum.text());
            }
            body.close("Part");
        }
        body.element("StorageClass", "STANDARD");
        Ok(service::xml(body.finish_root("ListPartsResult")))
    }

    /// The upload of `target`, which is for its key.
    fn upload(&self, target: &Target) -> Result<(Arc<Bucket>, String, Arc<Upload>), S3Error> {
        let bucket = self.bucket(&target.bucket)?;
        let id = target.query.get("uploadId").unwrap_or_default().to_owned();
        let upload = bucket.uploads.lock().get(&id).cloned();
        match upload.filter(|upload| upload.key == target.key) {
            Some(upload) => Ok((bucket, id, upload)),
            None => Err(S3Error::no_such_upload().with("UploadId", id)),
        }
    }
}

/// The object's checksum in the headers, which are left without it.
fn take_checksum(headers: &mut HeaderMap) -> Option<(Algorithm, String)> {
    let found = Algorithm::ALL.into_iter().find_map(|algorithm| {
        let value = headers.remove(algorithm.header())?;
        Some((algorithm, value.to_str().ok()?.to_owned()))
    });
    headers.remove("x-amz-sdk-checksum-algorithm");
    found
}

/// The parts that `asked` names.
fn chosen(parts: &BTreeMap<u16, Part>, asked: &[CompletedPart]) -> Result<Vec<Part>, S3Error> {
    if asked.is_empty() {
        return Err(S3Error::malformed_xml());
    }
    if asked.windows(2).any(|two| two[0].number >= two[1].number) {
        return Err(S3Error::invalid_part_order());
    }
    let mut found = Vec::with_capacity(asked.len());
    for (place, CompletedPart { number, etag }) in asked.iter().enumerate() {
        let part = parts.get(number).filter(|part| hex(&part.md5) == etag.trim_matches('"'));
        let part = part
            .ok_or_else(|| S3Error::invalid_part().with("PartNumber", number).with("ETag", etag))?;
        if part.piece.len() < PART_BYTES_MIN && place + 1 < asked.len() {
            return Err(S3Error::too_small(*number, part.piece.len(), PART_BYTES_MIN));
        }
        found.push(part.clone());
    }
    Ok(found)
}

/// The object that `parts` are.
fn assemble(upload: &Upload, parts: &[Part], s3: &S3) -> Result<Object, S3Error> {
    let mut digest = Md5::new();
    for part in parts {
        digest.update(part.md5);
    }
    let content = Content::new(parts.iter().map(|part| Arc::clone(&part.piece)));
    let checksum = upload.algorithm.map(|algorithm| {
        if upload.full_checksum {
            let mut hasher = Hasher::new(algorithm);
            content.read(0..content.len()).for_each(|chunk| hasher.update(&chunk));
            hasher.finish()
        } else {
            let checksums = parts.iter().filter_map(|part| part.checksum.as_ref());
            Checksum::composite(algorithm, checksums)
        }
    });
    Ok(Object {
        content,
        etag: format!("{}-{}", hex(&digest.finalize()), parts.len()),
        modified_ms: s3.clock.now_ms(),
        _share: object::room(&s3.budget, &upload.key, &upload.metadata)?,
        metadata: upload.metadata.clone(),
        checksum,
    })
}
