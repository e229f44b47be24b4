//! The origin of what is static: the shop's site and the products' pictures, out of their bucket.
//!
//! ```text
//! GET /               ─▶ index.html
//! GET /assets/{file}  ─▶ assets/{file}
//! GET /images/{product} ─▶ images/{product}.svg, or the picture that products without one share
//! ```
//!
//! Invariants: an object goes from the bucket to the shopper in chunks, and nobody holds all of it; a
//! browser that has it already (`if-none-match`) is told so without it.
//!
//! Deliberately absent: a cache (a CDN is to come before it), and ranges.

use std::convert::Infallible;

use aws_sdk_s3::{
    error::{ProvideErrorMetadata as _, SdkError},
    operation::get_object::{GetObjectError, GetObjectOutput},
};
use http::{HeaderValue, StatusCode, header};
use securecart_domain::{
    ProductId,
    resources::{ASSETS_PREFIX, INDEX_KEY, STOREFRONT_BUCKET, image_key},
};
use securecart_loopback::Body;
use tower::service_fn;

use crate::upstream::{Request, Streaming, StreamingUpstream, problem};

/// The bucket of the storefront, read through `s3`.
#[must_use]
pub fn origin(s3: aws_sdk_s3::Client) -> StreamingUpstream {
    StreamingUpstream::new(service_fn(move |request| {
        let s3 = s3.clone();
        async move { Ok::<_, Infallible>(answer(&s3, &request).await) }
    }))
}

async fn answer(s3: &aws_sdk_s3::Client, request: &Request) -> Streaming {
    let Some(key) = key(request.uri().path()) else { return not_found() };
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let get = s3.get_object().bucket(STOREFRONT_BUCKET).key(key);
    match get.set_if_none_match(known.map(str::to_owned)).send().await {
        Ok(object) => found(object),
        Err(error) => failed(&error),
    }
}

/// The key behind a path of the shop's API.
fn key(path: &str) -> Option<String> {
    if path == "/" {
        return Some(INDEX_KEY.to_owned());
    }
    if let Some(product) = path.strip_prefix("/images/") {
        return product.parse::<ProductId>().ok().map(image_key);
    }
    let file = path.strip_prefix("/assets/")?;
    // The site's files are called so, and nothing else is asked of the bucket.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (!file.is_empty() && file.bytes().all(plain)).then(|| format!("{ASSETS_PREFIX}{file}"))
}

fn found(object: GetObjectOutput) -> Streaming {
    let mut response = Streaming::default();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, object.content_type),
        (header::CACHE_CONTROL, object.cache_control),
        (header::ETAG, object.e_tag),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    if let Some(length) = object.content_length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    *response.body_mut() = Body::stream(object.body.into_inner());
    response
}

fn failed(error: &SdkError<GetObjectError>) -> Streaming {
    if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) {
        return not_found();
    }
    let raw = error.raw_response();
    if let Some(raw) = raw.filter(|raw| raw.status().as_u16() == 304) {
        let mut response = Streaming::default();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        for name in [header::ETAG, header::CACHE_CONTROL] {
            let value = raw.headers().get(name.as_str());
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                response.headers_mut().insert(name, value);
            }
        }
        return response;
    }
    let code = match error.code() {
        Some("SlowDown") => "slow-down",
        _ => "dependency-failed",
    };
    let sorry = "the shop can't show this at the moment: please try again";
    problem(StatusCode::SERVICE_UNAVAILABLE, code, sorry).map(Body::from)
}

fn not_found() -> Streaming {
    problem(StatusCode::NOT_FOUND, "not-found", "there is no such file").map(Body::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_keys_and_nothing_else_of_the_bucket() {
        for (path, expected) in [
            ("/", Some("index.html")),
            ("/assets/app.js", Some("assets/app.js")),
            ("/images/p-00000000", Some("images/p-00000000.svg")),
            ("/images/p-000001f4", Some("images/placeholder.svg")),
            ("/images/seven", None),
            ("/assets/", None),
            ("/assets/../index.html", None),
            ("/assets/%2e%2e", None),
            ("/index.html", None),
        ] {
            assert_eq!(key(path).as_deref(), expected, "{path}");
        }
    }
}
