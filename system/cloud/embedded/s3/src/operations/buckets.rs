//! CreateBucket, HeadBucket, ListBuckets, GetBucketLocation, DeleteBucket.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use securecart_embedded_wire::{ACCOUNT_ID, REGION};
use serde::Deserialize;

use crate::{
    bucket::Bucket,
    error::S3Error,
    name,
    receive::{self, Body},
    route::Target,
    service::{self, Outcome, S3},
    time, xml,
};

/// Buckets of an account (AWS General Reference, "Amazon S3 quotas").
const BUCKETS_MAX: usize = 10_000;

/// Regions that a bucket may be placed in have names such as `eu-west-1`.
const LOCATION_BYTES_MAX: usize = 32;

#[derive(Debug, Default, Deserialize)]
struct CreateBucketConfiguration {
    #[serde(rename = "LocationConstraint", default)]
    location: String,
}

impl S3 {
    /// In us-east-1 a bucket that is one's own already is created again without effect; elsewhere
    /// that is `BucketAlreadyOwnedByYou` (API reference of `CreateBucket`).
    pub(crate) async fn create_bucket(
        &self,
        head: &Parts,
        target: &Target,
        body: &mut impl Body,
    ) -> Outcome {
        let name = &target.bucket;
        if !name::is_bucket(name) {
            return Err(S3Error::invalid_bucket_name().with("BucketName", name));
        }
        let document = receive::document(&head.headers, body).await?;
        let configuration: CreateBucketConfiguration = if document.is_empty() {
            CreateBucketConfiguration::default()
        } else {
            xml::parse(&document)?
        };
        let location = configuration.location;
        // us-east-1 is said by saying nothing.
        if location == REGION || location.len() > LOCATION_BYTES_MAX {
            return Err(S3Error::invalid_location().with("LocationConstraint", location));
        }
        let mut buckets = self.buckets.write();
        let count = buckets.len();
        match buckets.get(name) {
            Some(existing) if existing.location.is_empty() && location.is_empty() => {}
            Some(_) => return Err(S3Error::bucket_exists().with("BucketName", name)),
            None if count >= BUCKETS_MAX => return Err(S3Error::too_many_buckets()),
            None => {
                let bucket = Bucket::new(self.clock.now_ms(), location);
                buckets.insert(name.clone(), Arc::new(bucket));
            }
        }
        let mut headers = HeaderMap::new();
        let place = HeaderValue::from_str(&format!("/{name}")).expect("a bucket's name is ASCII");
        headers.insert(header::LOCATION, place);
        Ok(service::empty(StatusCode::OK, headers))
    }

    pub(crate) fn head_bucket(&self, target: &Target) -> Outcome {
        let bucket = self.bucket(&target.bucket)?;
        let mut headers = HeaderMap::new();
        if let Ok(region) = HeaderValue::from_str(region(&bucket)) {
            headers.insert("x-amz-bucket-region", region);
        }
        Ok(service::empty(StatusCode::OK, headers))
    }

    pub(crate) fn get_bucket_location(&self, target: &Target) -> Outcome {
        let bucket = self.bucket(&target.bucket)?;
        let mut body = xml::Writer::document();
        body.element("LocationConstraint", &bucket.location);
        Ok(service::xml(body.finish().into()))
    }

    pub(crate) fn delete_bucket(&self, target: &Target) -> Outcome {
        let mut buckets = self.buckets.write();
        let Some(bucket) = buckets.get(&target.bucket) else {
            return Err(S3Error::no_such_bucket().with("BucketName", &target.bucket));
        };
        if !bucket.close() {
            return Err(S3Error::bucket_not_empty().with("BucketName", &target.bucket));
        }
        buckets.remove(&target.bucket);
        Ok(service::empty(StatusCode::NO_CONTENT, HeaderMap::new()))
    }

    /// Pages are not needed for as few buckets as an account has here: there is one.
    pub(crate) fn list_buckets(&self, target: &Target) -> Outcome {
        let prefix = target.query.get("prefix").unwrap_or_default();
        let mut body = xml::Writer::root("ListAllMyBucketsResult");
        body.open("Owner");
        body.element("ID", ACCOUNT_ID);
        body.close("Owner");
        body.open("Buckets");
        for (name, bucket) in &*self.buckets.read() {
            if name.starts_with(prefix) {
                body.open("Bucket");
                body.element("Name", name);
                body.element("CreationDate", &time::iso(bucket.created_ms));
                body.element("BucketRegion", region(bucket));
                body.close("Bucket");
            }
        }
        body.close("Buckets");
        Ok(service::xml(body.finish_root("ListAllMyBucketsResult")))
    }
}

fn region(bucket: &Bucket) -> &str {
    if bucket.location.is_empty() { REGION } else { &bucket.location }
}
