//! Order within a message group: a job that waits for a retry holds back those behind it.

use std::{
    collections::{HashMap, VecDeque, hash_map},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::{Courier, Job, Place};

/// The groups of one subscription in which a delivery is under way. A group without one is absent.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    groups: Mutex<HashMap<String, VecDeque<Queued>>>,
}

/// A job behind another of its group.
#[derive(Debug)]
struct Queued {
    job: Job,
    place: Place,
}

/// What a job finds in its group.
#[must_use]
pub(crate) enum Entry {
    /// Nobody: the caller drives the lane, starting with this job.
    First(Box<Job>),
    /// Another job, whose driver takes care of this one too.
    Behind,
    /// Another job, and no room to wait behind it.
    Full(Box<Job>),
}

impl Courier {
    /// Takes a place in the group's lane. Not async, so that the caller may hold the lock under
    /// which it orders the group.
    pub(crate) fn enter(&self, lanes: &Lanes, group: &str, job: Job) -> Entry {
        match lanes.groups.lock().entry(group.to_owned()) {
            hash_map::Entry::Vacant(vacant) => {
                vacant.insert(VecDeque::new());
                Entry::First(Box::new(job))
            }
            hash_map::Entry::Occupied(mut occupied) => match self.room() {
                Some(room) => {
                    let place = (room, self.hold(&job.route));
                    occupied.get_mut().push_back(Queued { job, place });
                    Entry::Behind
                }
                None => Entry::Full(Box::new(job)),
            },
        }
    }

    /// Acts on [`Courier::enter`]; returns after the first attempt of the lane's first job. The
    /// lane runs in a task of its own, so that a caller who leaves doesn't leave it blocked.
    pub(crate) async fn proceed(self: &Arc<Self>, lanes: &Arc<Lanes>, group: &str, entry: Entry) {
        match entry {
            Entry::Behind => {}
            Entry::Full(job) => self.give_up(*job).await,
            Entry::First(job) => {
                let (attempted, first) = oneshot::channel();
                let (courier, lanes) = (Arc::clone(self), Arc::clone(lanes));
                let group = group.to_owned();
                tokio::spawn(async move { courier.drive(&lanes, &group, *job, attempted).await });
                // An error means that the task is gone with its runtime.
                let _ = first.await;
            }
        }
    }

    async fn drive(&self, lanes: &Lanes, group: &str, mut job: Job, first: oneshot::Sender<()>) {
        let wait = self.attempt(&mut job).await;
        // Before the publisher goes on: what waits is counted at any time.
        let waiting =
            wait.map(|wait| (wait, self.room().map(|room| (room, self.hold(&job.route)))));
        // Nobody listens when the publisher has gone.
        let _ = first.send(());
        match waiting {
            Some((wait, Some(place))) => self.retry(&mut job, wait, place).await,
            Some((_, None)) => self.give_up(job).await,
            None => {}
        }
        while let Some(Queued { mut job, place }) = lanes.next(group) {
            if let Some(wait) = self.attempt(&mut job).await {
                self.retry(&mut job, wait, place).await;
            }
        }
    }
}

impl Lanes {
    /// The next job of the group; the lane is gone when there is none.
    fn next(&self, group: &str) -> Option<Queued> {
        let mut groups = self.groups.lock();
        let next = groups.get_mut(group).and_then(VecDeque::pop_front);
        if next.is_none() {
            groups.remove(group);
        }
        next
    }
}
