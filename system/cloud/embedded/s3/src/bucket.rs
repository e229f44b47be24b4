//! A bucket: its objects in the order of their keys, and the uploads that are under way.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::Arc,
};

use parking_lot::{Mutex, RwLock};

use crate::{
    budget::Share,
    checksum::{Algorithm, Checksum},
    content::Piece,
    error::S3Error,
    metadata::Metadata,
    object::Object,
};

/// A bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) created_ms: u64,
    /// Empty for us-east-1, as `GetBucketLocation` has it.
    pub(crate) location: String,
    objects: RwLock<Objects>,
    pub(crate) uploads: Mutex<HashMap<String, Arc<Upload>>>,
}

#[derive(Debug, Default)]
struct Objects {
    by_key: BTreeMap<Arc<str>, Arc<Object>>,
    /// Whoever holds the bucket while it is deleted can put nothing into it any more.
    deleted: bool,
}

/// A multipart upload that is under way.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) metadata: Metadata,
    /// The checksum that each part gets.
    pub(crate) algorithm: Option<Algorithm>,
    /// Whether the object gets a checksum of all its bytes instead of one of its parts' checksums.
    pub(crate) full_checksum: bool,
    pub(crate) parts: Mutex<BTreeMap<u16, Part>>,
    /// Held while the upload goes on.
    pub(crate) _share: Share,
}

/// A part of an upload.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) piece: Arc<Piece>,
    pub(crate) md5: [u8; 16],
    pub(crate) checksum: Option<Checksum>,
    pub(crate) modified_ms: u64,
}

impl Bucket {
    pub(crate) fn new(created_ms: u64, location: String) -> Self {
        Self { created_ms, location, objects: RwLock::default(), uploads: Mutex::default() }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Arc<Object>> {
        self.objects.read().by_key.get(key).cloned()
    }

    /// Puts an object where `check` allows it, seeing what is there.
    pub(crate) fn put(
        &self,
        key: &str,
        object: Arc<Object>,
        check: impl FnOnce(Option<&Object>) -> Result<(), S3Error>,
    ) -> Result<(), S3Error> {
        let mut objects = self.objects.write();
        if objects.deleted {
            return Err(S3Error::no_such_bucket());
        }
        check(objects.by_key.get(key).map(Arc::as_ref))?;
        let replaced = objects.by_key.insert(key.into(), object);
        // Its bytes are freed after the lock.
        drop(objects);
        drop(replaced);
        Ok(())
    }

    pub(crate) fn remove(&self, key: &str) {
        let removed = self.objects.write().by_key.remove(key);
        drop(removed);
    }

    /// Marks an empty bucket as deleted; `false` when it is not empty.
    pub(crate) fn close(&self) -> bool {
        let mut objects = self.objects.write();
        objects.deleted = objects.by_key.is_empty();
        objects.deleted
    }

    /// The first object whose key lies after `from`.
    pub(crate) fn next(&self, from: Bound<&str>) -> Option<(Arc<str>, Arc<Object>)> {
        let objects = self.objects.read();
        let (key, object) = objects.by_key.range::<str, _>((from, Bound::Unbounded)).next()?;
        Some((Arc::clone(key), Arc::clone(object)))
    }
}
