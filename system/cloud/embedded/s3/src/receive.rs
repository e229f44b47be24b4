//! Taking in a request's body: framing, length, digests.
//!
//! A body comes in chunks, and the next one is asked for when the last is done with: that is all the
//! backpressure there is, and all that is needed.
//!
//! Invariants: a body that is not what its headers promise is an error and leaves nothing behind.

use std::{future::Future, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, header};
use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::{
    budget::Budget,
    checksum::{Algorithm, Checksum, Hasher},
    chunked::{Decoder, Malformed},
    content::{Content, Intake, Piece},
    error::S3Error,
};

/// A request's body, in chunks of whatever size.
pub trait Body: Send {
    /// The next chunk; `None` at the end.
    ///
    /// # Errors
    /// [`Broken`] when the body ends before its end.
    fn chunk(&mut self) -> impl Future<Output = Option<Result<Bytes, Broken>>> + Send;
}

/// A body broke off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

/// A body that is there as a whole.
#[derive(Debug, Default)]
pub struct Whole(pub Bytes);

impl Body for Whole {
    async fn chunk(&mut self) -> Option<Result<Bytes, Broken>> {
        let bytes = std::mem::take(&mut self.0);
        (!bytes.is_empty()).then_some(Ok(bytes))
    }
}

/// Most bytes of one upload (user guide, "Uploading objects").
pub(crate) const UPLOAD_BYTES_MAX: u64 = 5 << 30;

/// Most bytes of an XML document: a thousand keys, each character escaped.
const DOCUMENT_BYTES_MAX: u64 = 8 << 20;

/// A body that was what it promised to be.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) piece: Piece,
    pub(crate) md5: [u8; 16],
    pub(crate) checksum: Option<Checksum>,
}

/// Takes in an object or a part; `wanted` is the checksum to compute where the request brings none.
pub(crate) async fn upload(
    headers: &HeaderMap,
    body: &mut impl Body,
    budget: &Arc<Budget>,
    wanted: Option<Algorithm>,
) -> Result<Received, S3Error> {
    let length = declared_length(headers)?.ok_or_else(S3Error::missing_content_length)?;
    if length > UPLOAD_BYTES_MAX {
        return Err(S3Error::too_large(length, UPLOAD_BYTES_MAX));
    }
    // What surely won't fit is refused before it is sent.
    if length > budget.most() - budget.taken().min(budget.most()) {
        return Err(S3Error::no_room(budget.taken(), budget.most()));
    }
    receive(headers, body, budget, Some(length), wanted).await
}

/// Takes in an XML document.
pub(crate) async fn document(headers: &HeaderMap, body: &mut impl Body) -> Result<Bytes, S3Error> {
    let length = declared_length(headers)?;
    let budget = Budget::new(DOCUMENT_BYTES_MAX);
    if length.is_some_and(|length| length > DOCUMENT_BYTES_MAX) {
        return Err(S3Error::malformed_xml());
    }
    let received = receive(headers, body, &budget, length, None).await;
    let piece = received.map_err(|error| match error.code {
        "InsufficientStorage" => S3Error::malformed_xml(),
        _ => error,
    })?;
    let content = Content::new([Arc::new(piece.piece)]);
    let chunks: Vec<Bytes> = content.read(0..content.len()).collect();
    Ok(match <[Bytes; 1]>::try_from(chunks) {
        Ok([only]) => only,
        Err(chunks) => chunks.concat().into(),
    })
}

async fn receive(
    headers: &HeaderMap,
    body: &mut impl Body,
    budget: &Arc<Budget>,
    length: Option<u64>,
    wanted: Option<Algorithm>,
) -> Result<Received, S3Error> {
    let promise = Promise::of(headers, wanted)?;
    let mut digests = Digests {
        md5: Md5::new(),
        sha256: promise.sha256.as_ref().map(|_| Sha256::new()),
        checksum: promise.algorithm.map(Hasher::new),
    };
    let mut intake = Intake::new(budget, length.unwrap_or_default());
    let mut decoder = is_framed(headers).then(Decoder::default);
    while let Some(chunk) = body.chunk().await {
        let mut chunk = chunk.map_err(|Broken| S3Error::incomplete_body())?;
        let Some(decoder) = &mut decoder else {
            digests.take(&chunk, &mut intake, length, budget)?;
            continue;
        };
        while let Some(data) = decoder.next(&mut chunk).map_err(incomplete)? {
            digests.take(&data, &mut intake, length, budget)?;
        }
    }
    let trailers = decoder.map(Decoder::finish).transpose().map_err(incomplete)?;
    if length.is_some_and(|length| length != intake.len()) {
        return Err(S3Error::incomplete_body());
    }
    let md5 = digests.md5.finalize().into();
    let sha256 = digests.sha256.map(|sha256| sha256.finalize().into());
    let checksum = digests.checksum.map(Hasher::finish);
    promise.check(&trailers.unwrap_or_default(), &md5, sha256, checksum.as_ref())?;
    Ok(Received { piece: intake.finish(), md5, checksum })
}

fn incomplete(Malformed: Malformed) -> S3Error {
    S3Error::incomplete_body()
}

/// What is computed while the body comes.
struct Digests {
    md5: Md5,
    sha256: Option<Sha256>,
    checksum: Option<Hasher>,
}

impl Digests {
    fn take(
        &mut self,
        bytes: &[u8],
        intake: &mut Intake,
        length: Option<u64>,
        budget: &Budget,
    ) -> Result<(), S3Error> {
        if length.is_some_and(|length| intake.len() + bytes.len() as u64 > length) {
            return Err(S3Error::incomplete_body());
        }
        self.md5.update(bytes);
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
        if let Some(checksum) = &mut self.checksum {
            checksum.update(bytes);
        }
        intake.push(bytes).map_err(|_| S3Error::no_room(budget.taken(), budget.most()))
    }
}

/// What the headers say the body is.
struct Promise {
    md5: Option<[u8; 16]>,
    sha256: Option<[u8; 32]>,
    /// The checksum in the headers, Base64.
    checksum: Option<String>,
    /// The checksum to compute.
    algorithm: Option<Algorithm>,
}

impl Promise {
    fn of(headers: &HeaderMap, wanted: Option<Algorithm>) -> Result<Self, S3Error> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let md5 = match text("content-md5") {
            Some(md5) => {
                let md5 = STANDARD.decode(md5).ok().and_then(|md5| md5.try_into().ok());
                Some(md5.ok_or_else(S3Error::invalid_content_md5)?)
            }
            None => None,
        };
        if headers.contains_key("x-amz-checksum-sha1") || text("x-amz-trailer") == Some(SHA1) {
            return Err(S3Error::not_implemented("checksums of SHA-1"));
        }
        let mut found = Algorithm::ALL.into_iter().filter_map(|algorithm| {
            text(algorithm.header()).map(|value| (algorithm, value.to_owned()))
        });
        let (mut algorithm, checksum) = found.next().unzip();
        let named = text("x-amz-trailer").and_then(Algorithm::of_header);
        algorithm = algorithm
            .or(named)
            .or_else(|| text("x-amz-sdk-checksum-algorithm").and_then(Algorithm::named))
            .or(wanted);
        let sha256 = text("x-amz-content-sha256").and_then(hex);
        Ok(Self { md5, sha256, checksum, algorithm })
    }

    fn check(
        self,
        trailers: &[(String, String)],
        md5: &[u8; 16],
        sha256: Option<[u8; 32]>,
        checksum: Option<&Checksum>,
    ) -> Result<(), S3Error> {
        if self.md5.is_some_and(|promised| promised != *md5) {
            return Err(S3Error::bad_content_md5());
        }
        if self.sha256 != sha256 {
            return Err(S3Error::sha256_mismatch());
        }
        let Some(computed) = checksum else { return Ok(()) };
        let header = computed.algorithm.header();
        let trailer = trailers.iter().find(|(name, _)| name == header).map(|(_, value)| value);
        let Some(promised) = self.checksum.as_ref().or(trailer) else { return Ok(()) };
        match STANDARD.decode(promised) {
            Ok(value) if value == computed.value => Ok(()),
            Ok(value) if value.len() == computed.value.len() => {
                Err(S3Error::bad_checksum(computed.algorithm.as_str()))
            }
            _ => Err(S3Error::invalid_checksum(header)),
        }
    }
}

const SHA1: &str = "x-amz-checksum-sha1";

/// Whether the body is `aws-chunked`.
fn is_framed(headers: &HeaderMap) -> bool {
    let starts = |value: &http::HeaderValue| value.as_bytes().starts_with(b"STREAMING-");
    headers.get("x-amz-content-sha256").is_some_and(starts)
        || headers.get_all(header::CONTENT_ENCODING).iter().any(|value| {
            value.to_str().is_ok_and(|text| text.split(',').any(|one| one.trim() == "aws-chunked"))
        })
}

/// Bytes of the payload, as far as headers say.
fn declared_length(headers: &HeaderMap) -> Result<Option<u64>, S3Error> {
    let decoded = headers.get("x-amz-decoded-content-length");
    let value = if is_framed(headers) { decoded } else { headers.get(header::CONTENT_LENGTH) };
    let Some(value) = value else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(S3Error::missing_content_length)
}

/// 32 bytes in hexadecimal; anything else (`UNSIGNED-PAYLOAD`) is no digest.
fn hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"123456789";

    struct Pieces(Vec<Result<Bytes, Broken>>);

    impl Body for Pieces {
        async fn chunk(&mut self) -> Option<Result<Bytes, Broken>> {
            self.0.pop()
        }
    }

    async fn take(headers: &[(&'static str, &str)], body: &mut impl Body) -> Result<(), String> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                ((*name).parse().expect("a name"), value.parse().expect("a value"))
            })
            .collect();
        let budget = Budget::new(100);
        let received = upload(&headers, body, &budget, None).await;
        if received.is_err() {
            assert_eq!(budget.taken(), 0, "what failed leaves nothing");
        }
        let received = received.map_err(|error| error.code.to_owned())?;
        assert_eq!((received.piece.len(), budget.taken()), (9, 9));
        Ok(())
    }

    async fn whole(headers: &[(&'static str, &str)]) -> Result<(), String> {
        take(headers, &mut Whole(Bytes::from_static(TEXT))).await
    }

    fn failed(code: &str) -> Result<(), String> {
        Err(code.to_owned())
    }

    #[tokio::test]
    async fn digests_are_verified() {
        let length = ("content-length", "9");
        let sha256 = "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225";
        let zeros = "0".repeat(64);
        for (header, expected) in [
            (("content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="), Ok(())),
            (("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="), failed("BadDigest")),
            (("content-md5", "AAAA"), failed("InvalidDigest")),
            (("x-amz-checksum-crc32", "y/Q5Jg=="), Ok(())),
            (("x-amz-checksum-crc32", "AAAAAA=="), failed("BadDigest")),
            (("x-amz-checksum-crc32", "???"), failed("InvalidRequest")),
            (("x-amz-checksum-crc32c", "4waSgw=="), Ok(())),
            (("x-amz-checksum-sha1", "x"), failed("NotImplemented")),
            (("x-amz-content-sha256", sha256), Ok(())),
            (("x-amz-content-sha256", zeros.as_str()), failed("XAmzContentSHA256Mismatch")),
            (("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), Ok(())),
        ] {
            assert_eq!(whole(&[length, header]).await, expected, "{header:?}");
        }
    }

    #[tokio::test]
    async fn a_trailer_is_verified_like_a_header() {
        for (trailer, expected) in [("y/Q5Jg==", Ok(())), ("AAAAAA==", failed("BadDigest"))] {
            let body = format!("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:{trailer}\r\n\r\n");
            let headers = [
                ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
                ("x-amz-trailer", "x-amz-checksum-crc32"),
                ("x-amz-decoded-content-length", "9"),
                ("content-length", "60"),
            ];
            assert_eq!(take(&headers, &mut Whole(body.into())).await, expected);
        }
    }

    #[tokio::test]
    async fn the_length_is_what_was_promised() {
        for (length, expected) in [
            ("9", Ok(())),
            ("8", failed("IncompleteBody")),
            ("10", failed("IncompleteBody")),
            ("101", failed("InsufficientStorage")),
            ("5368709121", failed("EntityTooLarge")),
            ("nine", failed("MissingContentLength")),
        ] {
            assert_eq!(whole(&[("content-length", length)]).await, expected, "{length}");
        }
        assert_eq!(whole(&[]).await, failed("MissingContentLength"));
        let broken = vec![Err(Broken), Ok(Bytes::from_static(b"12345"))];
        let broken = take(&[("content-length", "9")], &mut Pieces(broken)).await;
        assert_eq!(broken, failed("IncompleteBody"));
    }
}
