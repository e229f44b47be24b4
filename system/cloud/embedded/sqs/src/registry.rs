//! The queues by name. Its lock is held only to look up or change the map, never together with
//! waiting for a queue.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use parking_lot::RwLock;
use securecart_embedded_wire::{ACCOUNT_ID, AwsError};

use crate::{error, queue::Queue, redrive::queue_name};

/// How long the name of a deleted queue stays taken.
const NAME_REST_MS: u64 = 60_000;

#[derive(Debug, Default)]
pub(crate) struct Registry {
    names: RwLock<Names>,
}

#[derive(Debug, Default)]
struct Names {
    queues: HashMap<Box<str>, Arc<Queue>>,
    /// Names of deleted queues with the time of deletion; forgotten after a minute.
    deleted: BTreeMap<Box<str>, u64>,
}

impl Registry {
    pub(crate) fn by_name(&self, name: &str) -> Option<Arc<Queue>> {
        self.names.read().queues.get(name).cloned()
    }

    pub(crate) fn by_arn(&self, arn: &str) -> Option<Arc<Queue>> {
        self.by_name(queue_name(arn)?)
    }

    /// The queue that `url` ends in: `.../ACCOUNT/NAME`.
    pub(crate) fn by_url(&self, url: &str) -> Result<Arc<Queue>, AwsError> {
        let (rest, name) = url.rsplit_once('/').ok_or_else(|| error::invalid_address(url))?;
        if rest.rsplit('/').next() != Some(ACCOUNT_ID) {
            return Err(error::no_such_queue());
        }
        self.by_name(name).ok_or_else(error::no_such_queue)
    }

    /// Adds `queue` unless its name is taken; returns the queue that has the name.
    pub(crate) fn add(&self, queue: Queue, now_ms: u64) -> Result<(Arc<Queue>, bool), AwsError> {
        let mut names = self.names.write();
        if let Some(existing) = names.queues.get(&queue.name) {
            return Ok((existing.clone(), false));
        }
        names.deleted.retain(|_, deleted_ms| *deleted_ms + NAME_REST_MS > now_ms);
        if names.deleted.contains_key(&queue.name) {
            return Err(error::deleted_recently());
        }
        let queue = Arc::new(queue);
        names.queues.insert(queue.name.clone(), queue.clone());
        Ok((queue, true))
    }

    /// Forgets `queue`.
    pub(crate) fn remove(&self, queue: &Queue, now_ms: u64) {
        let mut names = self.names.write();
        if names.queues.get(&queue.name).is_some_and(|found| found.instance == queue.instance) {
            names.queues.remove(&queue.name);
            names.deleted.retain(|_, deleted_ms| *deleted_ms + NAME_REST_MS > now_ms);
            names.deleted.insert(queue.name.clone(), now_ms);
        }
    }

    /// All queues, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Queue>> {
        let mut queues: Vec<_> = self.names.read().queues.values().cloned().collect();
        queues.sort_by(|a, b| a.name.cmp(&b.name));
        queues
    }
}
