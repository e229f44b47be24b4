//! Which bucket, key and operation a request is for: path, host, method, and what the query asks for.

use http::{HeaderMap, Method, header, request::Parts};

use crate::error::S3Error;

/// An operation that is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    ListBuckets,
    CreateBucket,
    HeadBucket,
    GetBucketLocation,
    DeleteBucket,
    ListObjectsV2,
    DeleteObjects,
    PutObject,
    CopyObject,
    GetObject,
    HeadObject,
    DeleteObject,
    CreateMultipartUpload,
    UploadPart,
    CompleteMultipartUpload,
    AbortMultipartUpload,
    ListParts,
}

impl Operation {
    /// Its name in the API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ListBuckets => "ListBuckets",
            Self::CreateBucket => "CreateBucket",
            Self::HeadBucket => "HeadBucket",
            Self::GetBucketLocation => "GetBucketLocation",
            Self::DeleteBucket => "DeleteBucket",
            Self::ListObjectsV2 => "ListObjectsV2",
            Self::DeleteObjects => "DeleteObjects",
            Self::PutObject => "PutObject",
            Self::CopyObject => "CopyObject",
            Self::GetObject => "GetObject",
            Self::HeadObject => "HeadObject",
            Self::DeleteObject => "DeleteObject",
            Self::CreateMultipartUpload => "CreateMultipartUpload",
            Self::UploadPart => "UploadPart",
            Self::CompleteMultipartUpload => "CompleteMultipartUpload",
            Self::AbortMultipartUpload => "AbortMultipartUpload",
            Self::ListParts => "ListParts",
        }
    }
}

/// Parameters that a query may have and that choose no operation.
const PLAIN_PARAMETERS: [&str; 21] = [
    "x-id",
    "list-type",
    "prefix",
    "delimiter",
    "max-keys",
    "max-buckets",
    "bucket-region",
    "continuation-token",
    "start-after",
    "encoding-type",
    "fetch-owner",
    "uploadId",
    "partNumber",
    "part-number-marker",
    "max-parts",
    "response-content-type",
    "response-content-language",
    "response-expires",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
];

/// The parameters of a query, decoded.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    fn of(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A number in the query; `default` where there is none.
    pub(crate) fn number(&self, name: &str, default: usize) -> Result<usize, S3Error> {
        let Some(value) = self.get(name) else { return Ok(default) };
        let invalid = "Provided argument is not an integer or within integer range";
        let number = value.parse::<u32>().ok().filter(|number| i32::try_from(*number).is_ok());
        number
            .map(|number| number as usize)
            .ok_or_else(|| S3Error::invalid_argument(name, value, invalid))
    }
}

/// What a request is for.
#[derive(Debug)]
pub(crate) struct Target {
    /// Empty for the account.
    pub(crate) bucket: String,
    /// Empty for the bucket.
    pub(crate) key: String,
    pub(crate) query: Query,
}

impl Target {
    pub(crate) fn of(head: &Parts) -> Result<Self, S3Error> {
        let path = head.uri.path();
        let path = path.strip_prefix('/').unwrap_or(path);
        let (bucket, key) = match host_bucket(&head.headers) {
            Some(bucket) => (bucket, path),
            None => path.split_once('/').unwrap_or((path, "")),
        };
        let query = Query::of(head.uri.query().unwrap_or_default());
        Ok(Self { bucket: decode(bucket)?, key: decode(key)?, query })
    }

    /// The operation of `method` on it.
    pub(crate) fn operation(
        &self,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Operation, S3Error> {
        let is_copy = headers.contains_key("x-amz-copy-source");
        choose(method.as_str(), &self.bucket, &self.key, is_copy, &self.query)
    }
}

/// The name of the operation that `method` on a path in path style is, for whoever looks at requests
/// under way: `GetObject`, or empty for one that is not here.
#[must_use]
pub fn operation(method: &str, path_and_query: &str, is_copy: bool) -> &'static str {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let path = path.strip_prefix('/').unwrap_or(path);
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    choose(method, bucket, key, is_copy, &Query::of(query)).map_or("", Operation::as_str)
}

fn choose(
    method: &str,
    bucket: &str,
    key: &str,
    is_copy: bool,
    query: &Query,
) -> Result<Operation, S3Error> {
    use Operation as O;
    let known = |name: &str| {
        PLAIN_PARAMETERS.contains(&name) || matches!(name, "location" | "delete" | "uploads")
    };
    if let Some((other, _)) = query.0.iter().find(|(name, _)| !known(name)) {
        return Err(S3Error::not_implemented(&format!("{method} with `{other}`")));
    }
    let upload = query.has("uploadId");
    Ok(match (method, bucket, key) {
        ("GET", "", "") => O::ListBuckets,
        ("PUT", _, "") => O::CreateBucket,
        ("HEAD", _, "") => O::HeadBucket,
        ("DELETE", _, "") => O::DeleteBucket,
        ("GET", _, "") if query.has("location") => O::GetBucketLocation,
        ("GET", _, "") if query.get("list-type") == Some("2") => O::ListObjectsV2,
        ("GET", _, "") => return Err(S3Error::not_implemented("ListObjects (use ListObjectsV2)")),
        ("POST", _, "") if query.has("delete") => O::DeleteObjects,
        ("PUT", ..) if upload && is_copy => return Err(S3Error::not_implemented("UploadPartCopy")),
        ("PUT", ..) if upload => O::UploadPart,
        ("PUT", ..) if is_copy => O::CopyObject,
        ("PUT", ..) => O::PutObject,
        ("GET", ..) if upload => O::ListParts,
        ("GET" | "HEAD", ..) if query.has("partNumber") => {
            return Err(S3Error::not_implemented("reading a single part"));
        }
        ("GET", ..) => O::GetObject,
        ("HEAD", ..) => O::HeadObject,
        ("DELETE", ..) if upload => O::AbortMultipartUpload,
        ("DELETE", ..) => O::DeleteObject,
        ("POST", ..) if upload => O::CompleteMultipartUpload,
        ("POST", ..) if query.has("uploads") => O::CreateMultipartUpload,
        _ => return Err(S3Error::method_not_allowed()),
    })
}

/// The bucket in `BUCKET.localhost` or `BUCKET.s3.localhost`; any other host is path style.
fn host_bucket(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let bucket = name.strip_suffix(".localhost")?;
    let bucket = bucket.strip_suffix(".s3").unwrap_or(bucket);
    (bucket != "s3").then_some(bucket)
}

/// `text` with its `%XX` decoded; a `+` is one.
pub(crate) fn decode(text: &str) -> Result<String, S3Error> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digit = |place: usize| after.get(place).and_then(|byte| char::from(*byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(0), digit(1)) else {
            return Err(S3Error::invalid_uri());
        };
        bytes.push((high * 16 + low) as u8);
        rest = &after[2..];
    }
    String::from_utf8(bytes).map_err(|_| S3Error::invalid_uri())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(host: &str, uri: &str) -> Target {
        let request = http::Request::builder().uri(uri).header("host", host);
        Target::of(&request.body(()).expect("a request").into_parts().0).expect("a target")
    }

    #[test]
    fn buckets_are_in_the_path_or_in_the_host() {
        for (host, uri, bucket, key) in [
            ("127.0.0.1:4566", "/", "", ""),
            ("127.0.0.1:4566", "/b", "b", ""),
            ("127.0.0.1:4566", "/b/", "b", ""),
            ("127.0.0.1:4566", "/b/a/%C3%BC%20+//c", "b", "a/ü +//c"),
            ("s3.localhost:4566", "/b/k", "b", "k"),
            ("localhost", "/b/k", "b", "k"),
            ("b.localhost:4566", "/k/l", "b", "k/l"),
            ("my.b.s3.localhost", "/", "my.b", ""),
        ] {
            let target = target(host, uri);
            assert_eq!((target.bucket.as_str(), target.key.as_str()), (bucket, key), "{host}{uri}");
        }
        assert!(decode("%c3").is_err() && decode("%zz").is_err() && decode("%").is_err());
    }

    #[test]
    fn operations_are_method_path_and_query() {
        for (method, path, name) in [
            ("GET", "/", "ListBuckets"),
            ("PUT", "/b", "CreateBucket"),
            ("GET", "/b?location", "GetBucketLocation"),
            ("GET", "/b/?list-type=2&prefix=a%2Fb", "ListObjectsV2"),
            ("POST", "/b/?delete", "DeleteObjects"),
            ("PUT", "/b/k?x-id=PutObject", "PutObject"),
            ("GET", "/b/k/l?x-id=GetObject", "GetObject"),
            ("HEAD", "/b/k", "HeadObject"),
            ("POST", "/b/k?uploads", "CreateMultipartUpload"),
            ("PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart"),
            ("POST", "/b/k?uploadId=u", "CompleteMultipartUpload"),
            ("DELETE", "/b/k?uploadId=u", "AbortMultipartUpload"),
            ("GET", "/b/k?uploadId=u", "ListParts"),
            ("GET", "/b?acl", ""),
            ("GET", "/b/k?tagging", ""),
            ("PATCH", "/b/k", ""),
        ] {
            assert_eq!(operation(method, path, false), name, "{method} {path}");
        }
        assert_eq!(operation("PUT", "/b/k", true), "CopyObject");
    }
}
