//! Event source mappings: from a queue to a function, batch by batch.
//!
//! ```text
//! queue ─receive─▶ poller ─a slot for each batch─▶ function ─done─▶ delete
//!                                                      └─failed, throttled too long─▶ comes again
//! ```

mod batch;
mod poller;
mod source;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use securecart_behaviour::lambda::{self, Demand, Scaler};
use tokio::sync::{Notify, watch};

use crate::{MappingMetrics, function::Function, metrics::Counter};

pub(crate) use poller::start;
pub(crate) use source::{Queues, Source};
pub use source::{RemoteAnswer, RemoteSqs};

/// How often somebody who waits for a mapping's last batch looks again.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Whether a mapping takes messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Enabled,
    Disabled,
    /// It was deleted.
    Gone,
}

/// A mapping.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) uuid: String,
    pub(crate) source: Source,
    pub(crate) function: Arc<Function>,
    settings: Mutex<lambda::Mapping>,
    scaler: Mutex<Scaler>,
    mode: watch::Sender<Mode>,
    running: AtomicU32,
    freed: Notify,
    /// The function has failed, or was throttled, since the last step of the scaler.
    is_failing: AtomicBool,
    batches: Counter,
    deleted: Counter,
    returned: Counter,
}

impl Mapping {
    /// A mapping that is disabled; `now` is the shop's.
    pub(crate) fn new(
        uuid: String,
        source: Source,
        function: Arc<Function>,
        settings: lambda::Mapping,
        now: Duration,
    ) -> Self {
        Self {
            uuid,
            source,
            function,
            settings: Mutex::new(settings),
            scaler: Mutex::new(Scaler::new(settings.maximum_concurrency, now)),
            mode: watch::Sender::new(Mode::Disabled),
            running: AtomicU32::new(0),
            freed: Notify::new(),
            is_failing: AtomicBool::new(false),
            batches: Counter::default(),
            deleted: Counter::default(),
            returned: Counter::default(),
        }
    }

    pub(crate) fn settings(&self) -> lambda::Mapping {
        *self.settings.lock()
    }

    /// Changes the settings. Another maximum starts the scaling anew.
    pub(crate) fn change(&self, settings: lambda::Mapping, now: Duration) {
        let before = std::mem::replace(&mut *self.settings.lock(), settings);
        if before.maximum_concurrency != settings.maximum_concurrency {
            *self.scaler.lock() = Scaler::new(settings.maximum_concurrency, now);
        }
    }

    pub(crate) fn set_mode(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    pub(crate) fn mode(&self) -> Mode {
        *self.mode.borrow()
    }

    /// As the API names it.
    pub(crate) fn state(&self) -> &'static str {
        match self.mode() {
            Mode::Enabled => "Enabled",
            Mode::Disabled => "Disabled",
            Mode::Gone => "Deleting",
        }
    }

    /// Waits until no batch is under way.
    pub(crate) async fn idle(&self) {
        while self.running.load(Ordering::Acquire) > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    pub(crate) fn metrics(&self) -> MappingMetrics {
        MappingMetrics {
            uuid: self.uuid.clone(),
            queue: self.source.name.clone(),
            function: self.function.name.clone(),
            concurrency: self.scaler.lock().concurrency().into(),
            running: self.running.load(Ordering::Relaxed).into(),
            batches: self.batches.get(),
            deleted: self.deleted.get(),
            returned: self.returned.get(),
        }
    }

    /// Steps the scaler; what failed since the last step counts more than `demand`.
    fn step(&self, demand: Demand, now: Duration) {
        let is_failing = self.is_failing.swap(false, Ordering::Relaxed);
        let demand = if is_failing { Demand::Failing } else { demand };
        self.scaler.lock().step(demand, now);
    }

    fn has_slot(&self) -> bool {
        self.running.load(Ordering::Acquire) < self.scaler.lock().concurrency()
    }
}

/// A batch under way; its slot is free again when it is dropped.
struct Slot(Arc<Mapping>);

impl Slot {
    fn take(mapping: &Arc<Mapping>) -> Self {
        mapping.running.fetch_add(1, Ordering::AcqRel);
        mapping.batches.add(1);
        Self(Arc::clone(mapping))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
        self.0.freed.notify_one();
    }
}
