//! DeleteObject and DeleteObjects. What is not there is deleted as well as what is.

use http::{HeaderMap, StatusCode, request::Parts};
use serde::Deserialize;

use crate::{
    checksum::Algorithm,
    error::S3Error,
    name,
    receive::{self, Body},
    route::Target,
    service::{self, Outcome, S3},
    xml,
};

/// Keys of one `DeleteObjects` (API reference).
const KEYS_MAX: usize = 1_000;

#[derive(Debug, Deserialize)]
struct Delete {
    #[serde(rename = "Object", default)]
    objects: Vec<Identifier>,
    #[serde(rename = "Quiet", default)]
    quiet: bool,
}

#[derive(Debug, Deserialize)]
struct Identifier {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "VersionId")]
    version: Option<String>,
}

impl S3 {
    pub(crate) fn delete_object(&self, head: &Parts, target: &Target) -> Outcome {
        name::check_key(&target.key)?;
        if head.headers.contains_key("if-match") {
            return Err(S3Error::not_implemented("DeleteObject with If-Match"));
        }
        self.bucket(&target.bucket)?.remove(&target.key);
        Ok(service::empty(StatusCode::NO_CONTENT, HeaderMap::new()))
    }

    pub(crate) async fn delete_objects(
        &self,
        head: &Parts,
        target: &Target,
        body: &mut impl Body,
    ) -> Outcome {
        let bucket = self.bucket(&target.bucket)?;
        if !has_digest(&head.headers) {
            return Err(S3Error::missing_digest());
        }
        let delete: Delete = xml::parse(&receive::document(&head.headers, body).await?)?;
        if !(1..=KEYS_MAX).contains(&delete.objects.len()) {
            return Err(S3Error::malformed_xml());
        }
        if delete.objects.iter().any(|object| object.version.is_some()) {
            return Err(S3Error::not_implemented("versions"));
        }
        let mut body = xml::Writer::root("DeleteResult");
        for Identifier { key, .. } in delete.objects {
            if let Err(error) = name::check_key(&key) {
                body.open("Error");
                body.element("Key", &key);
                body.element("Code", error.code);
                body.element("Message", "Your key is too long");
                body.close("Error");
                continue;
            }
            bucket.remove(&key);
            if !delete.quiet {
                body.open("Deleted");
                body.element("Key", &key);
                body.close("Deleted");
            }
        }
        Ok(service::xml(body.finish_root("DeleteResult")))
    }
}

/// Whether the body comes with a digest, which this operation demands.
fn has_digest(headers: &HeaderMap) -> bool {
    headers.contains_key("content-md5")
        || headers.contains_key("x-amz-trailer")
        || Algorithm::ALL.into_iter().any(|algorithm| headers.contains_key(algorithm.header()))
}
