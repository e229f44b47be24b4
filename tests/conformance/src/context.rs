//! What a case is given: clients, names of its own, and somebody who removes what it made.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use securecart_cloud::Clients;

use crate::backend::Backend;

/// Something a case made.
#[derive(Debug, Clone)]
pub(crate) enum Made {
    Queue(String),
    Table(String),
    Topic(String),
    Bus(String),
    Rule { bus: String, name: String },
    Bucket(String),
}

/// What a case is given. Copies are the same.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    backend: Backend,
    prefix: String,
    names: AtomicU32,
    made: Mutex<Vec<Made>>,
}

impl Context {
    /// A context whose names begin with `prefix`.
    pub(crate) fn new(backend: &Backend, prefix: String) -> Self {
        let (names, made) = (AtomicU32::new(0), Mutex::new(Vec::new()));
        Self { inner: Arc::new(Inner { backend: backend.clone(), prefix, names, made }) }
    }

    /// The clients.
    pub(crate) fn clients(&self) -> &Clients {
        self.inner.backend.clients()
    }

    pub(crate) fn sqs(&self) -> &aws_sdk_sqs::Client {
        &self.clients().sqs
    }

    pub(crate) fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        &self.clients().dynamodb
    }

    pub(crate) fn sns(&self) -> &aws_sdk_sns::Client {
        &self.clients().sns
    }

    pub(crate) fn events(&self) -> &aws_sdk_eventbridge::Client {
        &self.clients().eventbridge
    }

    pub(crate) fn lambda(&self) -> &aws_sdk_lambda::Client {
        &self.clients().lambda
    }

    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        &self.clients().s3
    }

    /// A name that nobody else has, of lower-case letters, digits and hyphens, which every service
    /// takes; at most 40 characters for a `kind` of ten.
    pub(crate) fn name(&self, kind: &str) -> String {
        let number = self.inner.names.fetch_add(1, Ordering::Relaxed);
        format!("{}-{number}-{kind}", self.inner.prefix)
    }

    /// What all its names begin with.
    pub(crate) fn prefix(&self) -> &str {
        &self.inner.prefix
    }

    /// It will be removed when the case has ended, however it ended.
    pub(crate) fn made(&self, thing: Made) {
        self.things().push(thing);
    }

    /// Removes what was made, the newest first. What can't be removed stays: another case's names
    /// are others, and the case has its verdict.
    pub(crate) async fn clean(&self) {
        let things = mem::take(&mut *self.things());
        for thing in things.into_iter().rev() {
            self.inner.backend.remove(thing).await;
        }
    }

    fn things(&self) -> MutexGuard<'_, Vec<Made>> {
        self.inner.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
