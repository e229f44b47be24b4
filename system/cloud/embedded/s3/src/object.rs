//! An object: its bytes, what describes them, and since when it is there.

use std::sync::Arc;

use http::{HeaderMap, header, response};

use crate::{
    budget::{Budget, Share},
    checksum::Checksum,
    content::Content,
    error::S3Error,
    metadata::Metadata,
    time,
};

/// What an object takes beside its bytes, key and metadata, about.
const OBJECT_BYTES: usize = 512;

/// An object, which never changes: another put replaces it.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) content: Arc<Content>,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) modified_ms: u64,
    pub(crate) metadata: Metadata,
    pub(crate) checksum: Option<Checksum>,
    /// Held for key and metadata; the content holds its own.
    pub(crate) _share: Share,
}

impl Object {
    pub(crate) fn quoted_etag(&self) -> String {
        format!("\"{}\"", self.etag)
    }

    pub(crate) fn len(&self) -> u64 {
        self.content.len()
    }

    /// Puts what every answer about it says into `answer`.
    pub(crate) fn describe(&self, answer: response::Builder) -> response::Builder {
        answer
            .header(header::ETAG, self.quoted_etag())
            .header(header::LAST_MODIFIED, time::http_date(self.modified_ms))
    }

    /// Puts its checksum into `answer` where the request asks for it. Only that of the whole object
    /// is known.
    pub(crate) fn describe_checksum(
        &self,
        headers: &HeaderMap,
        answer: response::Builder,
    ) -> response::Builder {
        let asked = headers.get("x-amz-checksum-mode").is_some_and(|mode| mode == "ENABLED");
        match &self.checksum {
            Some(checksum) if asked => write_checksum(checksum, answer),
            _ => answer,
        }
    }
}

/// Puts `checksum` into `answer`.
pub(crate) fn write_checksum(checksum: &Checksum, answer: response::Builder) -> response::Builder {
    answer
        .header(checksum.algorithm.header(), checksum.text())
        .header("x-amz-checksum-type", checksum.kind())
}

/// Room for what an object `key` takes beside its bytes.
pub(crate) fn room(budget: &Arc<Budget>, key: &str, metadata: &Metadata) -> Result<Share, S3Error> {
    let bytes = OBJECT_BYTES + key.len() + metadata.size();
    budget.share(bytes as u64).ok_or_else(|| S3Error::no_room(budget.taken(), budget.most()))
}

/// An empty object, for tests.
#[cfg(test)]
pub(crate) fn fixture(etag: &str, modified_ms: u64) -> Object {
    let head = http::Request::new(()).into_parts().0;
    Object {
        content: Content::new([]),
        etag: etag.to_owned(),
        modified_ms,
        metadata: Metadata::of(&head).expect("nothing is all right"),
        checksum: None,
        _share: Budget::new(1).share(0).expect("nothing always fits"),
    }
}
