//! Errors as S3 writes them (API reference, "Error responses"): code, status and message are AWS's.

use std::borrow::Cow;

use http::StatusCode;

use crate::xml;

/// An error of S3's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct S3Error {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    message: Cow<'static, str>,
    /// Further elements, such as `Key`.
    details: Vec<(&'static str, String)>,
}

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident: $status:ident $code:literal $message:literal;)*) => {
        impl S3Error {$(
            $(#[$doc])*
            pub(crate) fn $name() -> Self {
                Self::new(StatusCode::$status, $code, $message)
            }
        )*}
    };
}

errors! {
    bad_content_md5: BAD_REQUEST "BadDigest"
        "The Content-MD5 you specified did not match what we received.";
    bucket_exists: CONFLICT "BucketAlreadyOwnedByYou"
        "Your previous request to create the named bucket succeeded and you already own it.";
    bucket_not_empty: CONFLICT "BucketNotEmpty" "The bucket you tried to delete is not empty";
    incomplete_body: BAD_REQUEST "IncompleteBody"
        "You did not provide the number of bytes specified by the Content-Length HTTP header";
    invalid_bucket_name: BAD_REQUEST "InvalidBucketName" "The specified bucket is not valid.";
    invalid_content_md5: BAD_REQUEST "InvalidDigest" "The Content-MD5 you specified was invalid.";
    invalid_location: BAD_REQUEST "InvalidLocationConstraint"
        "The specified location-constraint is not valid";
    /// Two spaces, as AWS writes it.
    invalid_part: BAD_REQUEST "InvalidPart"
        "One or more of the specified parts could not be found.  The part may not have been \
         uploaded, or the specified entity tag may not match the part's entity tag.";
    invalid_part_order: BAD_REQUEST "InvalidPartOrder"
        "The list of parts was not in ascending order. Parts must be ordered by part number.";
    invalid_uri: BAD_REQUEST "InvalidURI" "Couldn't parse the specified URI.";
    malformed_xml: BAD_REQUEST "MalformedXML"
        "The XML you provided was not well-formed or did not validate against our published schema";
    method_not_allowed: METHOD_NOT_ALLOWED "MethodNotAllowed"
        "The specified method is not allowed against this resource.";
    missing_content_length: LENGTH_REQUIRED "MissingContentLength"
        "You must provide the Content-Length HTTP header.";
    no_such_bucket: NOT_FOUND "NoSuchBucket" "The specified bucket does not exist";
    no_such_key: NOT_FOUND "NoSuchKey" "The specified key does not exist.";
    no_such_upload: NOT_FOUND "NoSuchUpload"
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have \
         been aborted or completed.";
    sha256_mismatch: BAD_REQUEST "XAmzContentSHA256Mismatch"
        "The provided 'x-amz-content-sha256' header does not match what was computed.";
    too_many_buckets: BAD_REQUEST "TooManyBuckets"
        "You have attempted to create more buckets than allowed";
    copy_to_itself: BAD_REQUEST "InvalidRequest"
        "This copy request is illegal because it is trying to copy an object to itself without \
         changing the object's metadata, storage class, website redirect location or encryption \
         attributes.";
    missing_digest: BAD_REQUEST "InvalidRequest"
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
}

impl S3Error {
    fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), details: Vec::new() }
    }

    /// The same with a further element.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "numbers are copied and texts are lent: a reference would only be noise"
    )]
    pub(crate) fn with(mut self, element: &'static str, value: impl ToString) -> Self {
        self.details.push((element, value.to_string()));
        self
    }

    /// What the engine does not do, `what` being its name.
    pub(crate) fn not_implemented(what: &str) -> Self {
        let message = format!("the embedded engine's S3 does not offer {what}");
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
    }

    pub(crate) fn invalid_argument(name: &str, value: &str, message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
            .with("ArgumentName", name)
            .with("ArgumentValue", value)
    }

    /// A checksum that is not that of the body.
    pub(crate) fn bad_checksum(algorithm: &str) -> Self {
        let message =
            format!("The {algorithm} you specified did not match the calculated checksum.");
        Self::new(StatusCode::BAD_REQUEST, "BadDigest", message)
    }

    /// A checksum header that is no checksum.
    pub(crate) fn invalid_checksum(header: &str) -> Self {
        let message = format!("Value for {header} header is invalid.");
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
    }

    /// A part with another checksum than its upload's.
    pub(crate) fn checksum_type(expected: &str, actual: &str) -> Self {
        let message = format!(
            "Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum \
             Type: {actual}"
        );
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
    }

    /// A condition of the request that does not hold.
    pub(crate) fn precondition(header: &'static str) -> Self {
        let message = "At least one of the pre-conditions you specified did not hold";
        Self::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message)
            .with("Condition", header)
    }

    pub(crate) fn invalid_range(range: &str, length: u64) -> Self {
        let message = "The requested range is not satisfiable";
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message)
            .with("RangeRequested", range)
            .with("ActualObjectSize", length)
    }

    pub(crate) fn key_too_long(size: usize, most: usize) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "KeyTooLongError", "Your key is too long")
            .with("Size", size)
            .with("MaxSizeAllowed", most)
    }

    pub(crate) fn metadata_too_large(size: usize, most: usize) -> Self {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        Self::new(StatusCode::BAD_REQUEST, "MetadataTooLarge", message)
            .with("Size", size)
            .with("MaxSizeAllowed", most)
    }

    pub(crate) fn too_large(proposed: u64, most: u64) -> Self {
        let message = "Your proposed upload exceeds the maximum allowed size";
        Self::new(StatusCode::BAD_REQUEST, "EntityTooLarge", message)
            .with("ProposedSize", proposed)
            .with("MaxSizeAllowed", most)
    }

    pub(crate) fn too_small(part: u16, proposed: u64, least: u64) -> Self {
        let message = "Your proposed upload is smaller than the minimum allowed size";
        Self::new(StatusCode::BAD_REQUEST, "EntityTooSmall", message)
            .with("ProposedSize", proposed)
            .with("MinSizeAllowed", least)
            .with("PartNumber", part)
    }

    /// No room in the engine: an error of its own, with a status that SDKs do not retry.
    pub(crate) fn no_room(held: u64, most: u64) -> Self {
        let message = format!(
            "the embedded engine's S3 keeps at most {most} bytes in memory and holds {held}: delete \
             objects, or upload less"
        );
        Self::new(StatusCode::INSUFFICIENT_STORAGE, "InsufficientStorage", message)
    }

    /// The body of the answer.
    pub(crate) fn body(&self, resource: &str, request_id: &str) -> String {
        let mut body = xml::Writer::document();
        body.open("Error");
        body.element("Code", self.code);
        body.element("Message", &self.message);
        for (name, value) in &self.details {
            body.element(name, value);
        }
        body.element("Resource", resource);
        body.element("RequestId", request_id);
        body.close("Error");
        body.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_xml_with_all_that_belongs_to_it() {
        let body = S3Error::no_such_key().with("Key", "a&b").body("/bucket/a&b", "R1");
        assert_eq!(
            body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code>\
             <Message>The specified key does not exist.</Message><Key>a&amp;b</Key>\
             <Resource>/bucket/a&amp;b</Resource><RequestId>R1</RequestId></Error>"
        );
    }
}
