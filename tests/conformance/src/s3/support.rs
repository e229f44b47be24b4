//! Buckets for cases, and their objects.

use aws_sdk_s3::{operation::put_object::PutObjectOutput, primitives::ByteStream};
use bytes::Bytes;

use crate::{
    case::{Checked, Mismatch},
    check::{Answered as _, holds, present},
    context::{Context, Made},
};

/// A bucket of a case.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    pub(super) cx: Context,
    pub(super) name: String,
}

impl Bucket {
    pub(super) async fn new(cx: &Context) -> Result<Self, Mismatch> {
        let name = cx.name("bucket");
        cx.s3().create_bucket().bucket(&name).send().await.answer("CreateBucket")?;
        cx.made(Made::Bucket(name.clone()));
        Ok(Self { cx: cx.clone(), name })
    }

    pub(super) async fn put(&self, key: &str, body: &[u8]) -> Result<PutObjectOutput, Mismatch> {
        let put = self.cx.s3().put_object().bucket(&self.name).key(key);
        put.body(ByteStream::from(body.to_vec())).send().await.answer("PutObject")
    }

    /// Puts objects of these keys, with their keys as bodies.
    pub(super) async fn fill(&self, keys: &[&str]) -> Checked {
        for key in keys {
            self.put(key, key.as_bytes()).await?;
        }
        Ok(())
    }

    pub(super) async fn get(&self, key: &str) -> Result<Bytes, Mismatch> {
        let got = self.cx.s3().get_object().bucket(&self.name).key(key).send().await;
        read(got.answer("GetObject")?.body).await
    }

    /// There is no object of this key.
    pub(super) async fn lacks(&self, key: &str) -> Checked {
        let got = self.cx.s3().get_object().bucket(&self.name).key(key).send().await;
        got.refused(404, "NoSuchKey").map(drop)
    }

    pub(super) async fn etag(&self, key: &str) -> Result<String, Mismatch> {
        let head = self.cx.s3().head_object().bucket(&self.name).key(key).send().await;
        present("ETag", head.answer("HeadObject")?.e_tag)
    }
}

/// A body, whole.
pub(super) async fn read(body: ByteStream) -> Result<Bytes, Mismatch> {
    let collected = body.collect().await;
    collected
        .map(aws_sdk_s3::primitives::AggregatedBytes::into_bytes)
        .map_err(|error| Mismatch::new("a whole body", error.to_string()))
}

/// Answers to HEAD have no body, so there is a status and nothing more.
#[expect(clippy::needless_pass_by_value, reason = "cases look at what calls return, once")]
pub(super) fn status_is<T, E>(
    answer: Result<
        T,
        aws_sdk_s3::error::SdkError<E, aws_smithy_runtime_api::client::orchestrator::HttpResponse>,
    >,
    status: u16,
) -> Checked {
    let came = match &answer {
        Ok(_) => Some(200),
        Err(error) => error.raw_response().map(|raw| raw.status().as_u16()),
    };
    holds(&format!("HTTP {status}"), came == Some(status), came)
}
