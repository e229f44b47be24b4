//! What is kept with an object beside its bytes: the headers that come back with it.

use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts, response};

use crate::{error::S3Error, route::Query};

/// Most bytes of names (without their prefix) and values of user metadata (user guide, "Working with
/// object metadata").
const USER_BYTES_MAX: usize = 2_048;

const USER_PREFIX: &str = "x-amz-meta-";

/// What an object has where nobody said.
const DEFAULT_TYPE: HeaderValue = HeaderValue::from_static("binary/octet-stream");

/// The headers of HTTP that are kept, with the query parameter that replaces them in an answer.
const KEPT: [(HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "response-content-type"),
    (header::CACHE_CONTROL, "response-cache-control"),
    (header::CONTENT_DISPOSITION, "response-content-disposition"),
    (header::CONTENT_ENCODING, "response-content-encoding"),
    (header::CONTENT_LANGUAGE, "response-content-language"),
    (header::EXPIRES, "response-expires"),
];

/// Headers that ask for what is not here: refused, because an object without it would be another.
const ABSENT: [&str; 9] = [
    "x-amz-tagging",
    "x-amz-website-redirect-location",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-object-lock-legal-hold",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-aws-kms-key-id",
];

/// Headers that are taken with the value that changes nothing.
const ONLY: [(&str, &[&str]); 3] = [
    ("x-amz-storage-class", &["STANDARD"]),
    ("x-amz-server-side-encryption", &["AES256"]),
    ("x-amz-acl", &["private", "bucket-owner-full-control"]),
];

/// An object's own headers.
#[derive(Debug, Clone)]
pub(crate) struct Metadata(Vec<(HeaderName, HeaderValue)>);

impl Metadata {
    /// What a request wants to be kept.
    pub(crate) fn of(head: &Parts) -> Result<Self, S3Error> {
        refuse_absent(&head.headers)?;
        let mut kept = Vec::new();
        for (name, _) in KEPT {
            let value = head.headers.get(&name).cloned();
            let value = if name == header::CONTENT_ENCODING {
                value.and_then(|value| without_framing(&value))
            } else if name == header::CONTENT_TYPE {
                Some(value.unwrap_or(DEFAULT_TYPE))
            } else {
                value
            };
            kept.extend(value.map(|value| (name, value)));
        }
        let user = head.headers.iter().filter(|(name, _)| name.as_str().starts_with(USER_PREFIX));
        let mut size = 0;
        for (name, value) in user {
            size += name.as_str().len() - USER_PREFIX.len() + value.len();
            kept.push((name.clone(), value.clone()));
        }
        if size > USER_BYTES_MAX {
            return Err(S3Error::metadata_too_large(size, USER_BYTES_MAX));
        }
        Ok(Self(kept))
    }

    /// Bytes that it takes, about.
    pub(crate) fn size(&self) -> usize {
        self.0.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
    }

    /// Puts it into an answer, with what `query` replaces.
    pub(crate) fn write(
        &self,
        mut answer: response::Builder,
        query: &Query,
    ) -> Result<response::Builder, S3Error> {
        for (name, parameter) in KEPT {
            if let Some(value) = query.get(parameter) {
                let invalid = "The response header you specified is not valid";
                let value = HeaderValue::from_str(value)
                    .map_err(|_| S3Error::invalid_argument(parameter, value, invalid))?;
                answer = answer.header(name, value);
            }
        }
        let replaced = |name: &HeaderName| {
            KEPT.iter().any(|(kept, parameter)| kept == name && query.get(parameter).is_some())
        };
        for (name, value) in self.0.iter().filter(|(name, _)| !replaced(name)) {
            answer = answer.header(name, value);
        }
        Ok(answer)
    }

    /// Puts the part of it into an answer that a cache needs: of a 304.
    pub(crate) fn write_caching(&self, mut answer: response::Builder) -> response::Builder {
        let caching =
            |name: &HeaderName| *name == header::CACHE_CONTROL || *name == header::EXPIRES;
        for (name, value) in self.0.iter().filter(|(name, _)| caching(name)) {
            answer = answer.header(name, value);
        }
        answer
    }
}

fn refuse_absent(headers: &HeaderMap) -> Result<(), S3Error> {
    if let Some(absent) = ABSENT.iter().find(|name| headers.contains_key(**name)) {
        return Err(S3Error::not_implemented(absent));
    }
    for (name, values) in ONLY {
        if let Some(value) = headers.get(name)
            && !values.iter().any(|known| value == known)
        {
            let value = value.to_str().unwrap_or_default();
            return Err(S3Error::not_implemented(&format!("{name}: {value}")));
        }
    }
    Ok(())
}

/// A content encoding without the `aws-chunked` of its way here.
fn without_framing(value: &HeaderValue) -> Option<HeaderValue> {
    let text = value.to_str().ok()?;
    let left: Vec<&str> =
        text.split(',').map(str::trim).filter(|coding| *coding != "aws-chunked").collect();
    if left.is_empty() { None } else { HeaderValue::from_str(&left.join(",")).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&str, &str)]) -> Result<Metadata, S3Error> {
        let mut request = http::Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Metadata::of(&request.body(()).expect("a request").into_parts().0)
    }

    #[test]
    fn framing_is_not_kept_and_encoding_is() {
        let kept = of(&[("content-encoding", "gzip,aws-chunked"), ("x-amz-meta-a", "1")]);
        let kept = kept.expect("it is all right").0;
        let header = |name: &str| kept.iter().find(|(n, _)| n == name).map(|(_, value)| value);
        assert_eq!(header("content-encoding").expect("kept"), "gzip");
        assert_eq!(header("content-type").expect("kept"), "binary/octet-stream");
        assert_eq!(header("x-amz-meta-a").expect("kept"), "1");
        let kept = of(&[("content-encoding", "aws-chunked")]).expect("it is all right").0;
        assert_eq!(kept.len(), 1);
    }

    #[test]
    fn user_metadata_has_two_kilobytes() {
        assert!(of(&[("x-amz-meta-four", &"v".repeat(2_044))]).is_ok());
        let error = of(&[("x-amz-meta-four", &"v".repeat(2_045))]).expect_err("2,049");
        assert_eq!(error.code, "MetadataTooLarge");
    }

    #[test]
    fn what_is_not_here_is_refused_and_not_forgotten() {
        assert!(of(&[("x-amz-storage-class", "STANDARD")]).is_ok());
        for (name, value) in [("x-amz-storage-class", "GLACIER"), ("x-amz-tagging", "a=b")] {
            assert_eq!(of(&[(name, value)]).expect_err("absent").code, "NotImplemented");
        }
    }
}
