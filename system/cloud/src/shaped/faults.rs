//! Faults that a run switches on and off while it goes: slow calls, failed calls, throttled tables.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::RwLock;

use super::call::{Service, Target};

/// A fault.
#[derive(Debug, Clone)]
enum Fault {
    Slow { target: Target, factor: f64, added: Duration },
    Fail { target: Target, share: f64 },
    Throttle { table: String, share: f64 },
}

/// The faults that are on.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// How many, so that a call in a run without faults looks no further.
    on: AtomicUsize,
    next: AtomicUsize,
    all: RwLock<Vec<(usize, Fault)>>,
}

/// A fault that is on for as long as this lives.
#[must_use = "the fault ends when this is dropped"]
#[derive(Debug)]
pub struct FaultGuard {
    faults: Arc<Faults>,
    id: usize,
}

impl Drop for FaultGuard {
    fn drop(&mut self) {
        let mut all = self.faults.all.write();
        all.retain(|(id, _)| *id != self.id);
        self.faults.on.store(all.len(), Ordering::Release);
    }
}

impl Faults {
    pub(crate) fn slow(
        self: &Arc<Self>,
        target: Target,
        factor: f64,
        added: Duration,
    ) -> FaultGuard {
        self.put(Fault::Slow { target, factor, added })
    }

    pub(crate) fn fail(self: &Arc<Self>, target: Target, share: f64) -> FaultGuard {
        self.put(Fault::Fail { target, share })
    }

    pub(crate) fn throttle(self: &Arc<Self>, table: &str, share: f64) -> FaultGuard {
        self.put(Fault::Throttle { table: table.to_owned(), share })
    }

    fn put(self: &Arc<Self>, fault: Fault) -> FaultGuard {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut all = self.all.write();
        all.push((id, fault));
        self.on.store(all.len(), Ordering::Release);
        FaultGuard { faults: Arc::clone(self), id }
    }

    /// Ends every fault; what holds them on holds nothing any more.
    pub(crate) fn clear(&self) {
        self.all.write().clear();
        self.on.store(0, Ordering::Release);
    }

    fn none(&self) -> bool {
        self.on.load(Ordering::Acquire) == 0
    }

    /// The time of a call that would take `time`. Several faults add up.
    pub(super) fn time(&self, service: Service, operation: &str, time: Duration) -> Duration {
        if self.none() {
            return time;
        }
        let mut slowed = time;
        for (_, fault) in &*self.all.read() {
            if let Fault::Slow { target, factor, added } = fault
                && target.covers(service, operation)
            {
                let longer = slowed.as_secs_f64() * factor;
                slowed = Duration::try_from_secs_f64(longer).unwrap_or(slowed) + *added;
            }
        }
        slowed
    }

    /// Whether a call fails. `uniform` is drawn for each fault.
    pub(super) fn fails(
        &self,
        service: Service,
        operation: &str,
        uniform: impl FnMut() -> f64,
    ) -> bool {
        self.strikes(uniform, |fault| match fault {
            Fault::Fail { target, share } if target.covers(service, operation) => Some(*share),
            _ => None,
        })
    }

    /// Whether an access to `table` is throttled. `uniform` is drawn for each fault.
    pub(super) fn throttles(&self, table: &str, uniform: impl FnMut() -> f64) -> bool {
        self.strikes(uniform, |fault| match fault {
            Fault::Throttle { table: own, share } if own == table => Some(*share),
            _ => None,
        })
    }

    fn strikes(
        &self,
        mut uniform: impl FnMut() -> f64,
        share: impl Fn(&Fault) -> Option<f64>,
    ) -> bool {
        !self.none()
            && self
                .all
                .read()
                .iter()
                .filter_map(|(_, fault)| share(fault))
                .any(|share| uniform() < share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Duration = Duration::from_millis(10);

    #[test]
    fn a_fault_is_on_for_as_long_as_its_guard_lives() {
        let faults = Arc::new(Faults::default());
        let put: Target = "dynamodb:PutItem".parse().expect("a target");
        let time = |operation| faults.time(Service::DynamoDb, operation, TIME);
        let slow = faults.slow(put.clone(), 3.0, Duration::from_millis(5));
        let fail = faults.fail(put, 0.5);
        assert_eq!(time("PutItem"), Duration::from_millis(35));
        assert_eq!(time("GetItem"), TIME);
        assert!(faults.fails(Service::DynamoDb, "PutItem", || 0.49));
        assert!(!faults.fails(Service::DynamoDb, "PutItem", || 0.51));
        assert!(!faults.fails(Service::DynamoDb, "GetItem", || 0.0));
        drop(slow);
        assert_eq!(time("PutItem"), TIME);
        assert!(faults.fails(Service::DynamoDb, "PutItem", || 0.0));
        drop(fail);
        assert!(faults.none());
    }

    #[test]
    fn clearing_ends_all_and_late_guards_harm_nothing() {
        let faults = Arc::new(Faults::default());
        let old = faults.throttle("carts", 1.0);
        assert!(faults.throttles("carts", || 0.9) && !faults.throttles("stock", || 0.0));
        faults.clear();
        assert!(!faults.throttles("carts", || 0.0));
        let new = faults.throttle("carts", 1.0);
        drop(old);
        assert!(faults.throttles("carts", || 0.9));
        drop(new);
        assert!(!faults.throttles("carts", || 0.0));
    }
}
