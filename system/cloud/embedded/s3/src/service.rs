//! The service: its buckets, and the way of a request through it.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use parking_lot::RwLock;
use securecart_clock::Clock;
use securecart_embedded_wire::Ids;

use crate::{
    bucket::Bucket,
    budget::Budget,
    content::Chunks,
    error::S3Error,
    receive::Body,
    route::{Operation, Target},
};

/// Bytes that the objects of the account may take, unless something else is said: a gibibyte.
const BYTES_MAX: u64 = 1 << 30;

/// S3 of one account.
#[derive(Debug)]
pub struct S3 {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) budget: Arc<Budget>,
    pub(crate) buckets: RwLock<BTreeMap<String, Arc<Bucket>>>,
}

/// The body of an answer.
#[derive(Debug)]
pub enum Payload {
    /// All of it.
    Whole(Bytes),
    /// An object larger than a chunk.
    Chunks(Chunks),
}

impl Payload {
    /// Its length in bytes.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Chunks(chunks) => chunks.remaining(),
        }
    }
}

pub(crate) type Answer = Response<Payload>;
pub(crate) type Outcome = Result<Answer, S3Error>;

impl S3 {
    /// No buckets, a clock, and identifiers from `seed`.
    #[must_use]
    pub fn new(clock: Clock, seed: u64) -> Self {
        Self::with_room(clock, seed, BYTES_MAX)
    }

    /// The same with room for `bytes` of objects, their keys and metadata included.
    #[must_use]
    pub fn with_room(clock: Clock, seed: u64, bytes: u64) -> Self {
        let buckets = RwLock::default();
        Self { clock, ids: Ids::new(seed), budget: Budget::new(bytes), buckets }
    }

    /// Bytes that objects, and uploads and downloads under way, take now.
    #[must_use]
    pub fn bytes_held(&self) -> u64 {
        self.budget.taken()
    }

    /// Answers one request. Never fails: what goes wrong is an error in the answer.
    pub async fn call(&self, head: &Parts, mut body: impl Body) -> Response<Payload> {
        let outcome = match Target::of(head) {
            Ok(target) => self.dispatch(head, &target, &mut body).await,
            Err(error) => Err(error),
        };
        let request_id = format!("{:016X}", self.ids.next_u64());
        let mut answer = outcome.unwrap_or_else(|error| refuse(head, &error, &request_id));
        let headers = answer.headers_mut();
        let id = HeaderValue::from_str(&request_id).expect("digits are a header value");
        headers.insert("x-amz-request-id", id);
        headers.insert(header::SERVER, HeaderValue::from_static("AmazonS3"));
        answer
    }

    async fn dispatch(&self, head: &Parts, target: &Target, body: &mut impl Body) -> Outcome {
        use Operation as O;
        let operation = target.operation(&head.method, &head.headers)?;
        match operation {
            O::ListBuckets => self.list_buckets(target),
            O::CreateBucket => self.create_bucket(head, target, body).await,
            O::HeadBucket => self.head_bucket(target),
            O::GetBucketLocation => self.get_bucket_location(target),
            O::DeleteBucket => self.delete_bucket(target),
            O::ListObjectsV2 => self.list_objects(target),
            O::DeleteObjects => self.delete_objects(head, target, body).await,
            O::PutObject => self.put_object(head, target, body).await,
            O::CopyObject => self.copy_object(head, target),
            O::GetObject => self.get_object(head, target, true),
            O::HeadObject => self.get_object(head, target, false),
            O::DeleteObject => self.delete_object(head, target),
            O::CreateMultipartUpload => self.create_upload(head, target),
            O::UploadPart => self.upload_part(head, target, body).await,
            O::CompleteMultipartUpload => self.complete_upload(head, target, body).await,
            O::AbortMultipartUpload => self.abort_upload(target),
            O::ListParts => self.list_parts(target),
        }
    }

    /// The bucket of `target`.
    pub(crate) fn bucket(&self, name: &str) -> Result<Arc<Bucket>, S3Error> {
        let bucket = self.buckets.read().get(name).cloned();
        bucket.ok_or_else(|| S3Error::no_such_bucket().with("BucketName", name))
    }
}

/// An answer with `status`, `headers` and no body.
pub(crate) fn empty(status: StatusCode, headers: HeaderMap) -> Answer {
    let mut answer = Response::new(Payload::Whole(Bytes::new()));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

/// 200 with an XML document.
pub(crate) fn xml(body: Bytes) -> Answer {
    let mut answer = Response::new(Payload::Whole(body));
    let xml = HeaderValue::from_static("application/xml");
    answer.headers_mut().insert(header::CONTENT_TYPE, xml);
    answer
}

fn refuse(head: &Parts, error: &S3Error, request_id: &str) -> Answer {
    // A HEAD is answered without a body, so its error is a status and no more.
    let body = match head.method {
        Method::HEAD => String::new(),
        _ => error.body(head.uri.path(), request_id),
    };
    let mut answer = xml(Bytes::from(body));
    *answer.status_mut() = error.status;
    answer
}
