//! CopyObject: the copy shares its source's bytes.

use std::sync::Arc;

use http::request::Parts;

use super::objects::text;
use crate::{
    conditions::{self, OF_COPY, Read},
    error::S3Error,
    metadata::Metadata,
    name, object,
    object::Object,
    receive::UPLOAD_BYTES_MAX,
    route::{self, Target},
    service::{self, Outcome, S3},
    time, xml,
};

impl S3 {
    pub(crate) fn copy_object(&self, head: &Parts, target: &Target) -> Outcome {
        name::check_key(&target.key)?;
        let (from_bucket, from_key) = source(head)?;
        let bucket = self.bucket(&target.bucket)?;
        let source = self.bucket(&from_bucket)?.get(&from_key);
        let source = source.ok_or_else(|| S3Error::no_such_key().with("Key", &from_key))?;
        if conditions::read(&OF_COPY, &head.headers, &source)? == Read::NotModified {
            return Err(S3Error::precondition("x-amz-copy-source-If-None-Match"));
        }
        if source.len() > UPLOAD_BYTES_MAX {
            return Err(S3Error::too_large(source.len(), UPLOAD_BYTES_MAX));
        }
        let metadata = match text(&head.headers, "x-amz-metadata-directive") {
            Some("REPLACE") => Metadata::of(head)?,
            None | Some("COPY") if (&from_bucket, &from_key) == (&target.bucket, &target.key) => {
                return Err(S3Error::copy_to_itself());
            }
            None | Some("COPY") => source.metadata.clone(),
            Some(other) => {
                let message = "Unknown metadata directive.";
                return Err(S3Error::invalid_argument("x-amz-metadata-directive", other, message));
            }
        };
        let copy = Arc::new(Object {
            content: Arc::clone(&source.content),
            etag: source.etag.clone(),
            modified_ms: self.clock.now_ms(),
            _share: object::room(&self.budget, &target.key, &metadata)?,
            metadata,
            checksum: source.checksum.clone(),
        });
        bucket.put(&target.key, Arc::clone(&copy), |existing| {
            conditions::write(&head.headers, existing, &target.key)
        })?;
        let mut body = xml::Writer::root("CopyObjectResult");
        body.element("LastModified", &time::iso(copy.modified_ms));
        body.element("ETag", &copy.quoted_etag());
        if let Some(checksum) = &copy.checksum {
            body.element(&checksum.algorithm.element(), &checksum.text());
            body.element("ChecksumType", checksum.kind());
        }
        Ok(service::xml(body.finish_root("CopyObjectResult")))
    }
}

/// Bucket and key in `x-amz-copy-source`: `BUCKET/KEY`, encoded, with or without a slash before it.
fn source(head: &Parts) -> Result<(String, String), S3Error> {
    let header = text(&head.headers, "x-amz-copy-source").unwrap_or_default();
    if header.contains("?versionId=") {
        return Err(S3Error::not_implemented("versions"));
    }
    let path = route::decode(header)?;
    let path = path.strip_prefix('/').unwrap_or(&path);
    match path.split_once('/') {
        Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
            Ok((bucket.to_owned(), key.to_owned()))
        }
        _ => {
            let message =
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
            Err(S3Error::invalid_argument("x-amz-copy-source", header, message))
        }
    }
}
