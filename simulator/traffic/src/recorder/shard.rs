//! One part of the recorder, behind one lock.

use securecart_domain::api::Operation;
use securecart_record::{ErrorCount, Histogram};

use super::{Done, Interval, OperationInterval};
use crate::cause::Cause;

/// Different causes kept for one operation.
const MAX_CAUSES: usize = 32;

/// What a part of the users saw since the last drain.
#[derive(Debug)]
pub(super) struct Shard {
    pub(super) orders: u64,
    late: u64,
    retries: u64,
    lag: Histogram,
    operations: [Counts; Operation::ALL.len()],
}

#[derive(Debug, Default)]
struct Counts {
    requests: u64,
    failed: u64,
    causes: Vec<(Cause, u64)>,
    others: u64,
    response: Histogram,
    service: Histogram,
}

impl Default for Shard {
    fn default() -> Self {
        Self {
            orders: 0,
            late: 0,
            retries: 0,
            lag: Histogram::new(),
            operations: std::array::from_fn(|_| Counts::default()),
        }
    }
}

impl Shard {
    pub(super) fn start(&mut self, lag_us: u64, late: bool) {
        self.lag.record_us(lag_us);
        self.late += u64::from(late);
    }

    pub(super) fn end(&mut self, done: Done) {
        let counts = &mut self.operations[done.operation.index()];
        if done.cause == Some(Cause::Interrupted) {
            // Neither answered nor failed, and how long it would have taken nobody knows.
            counts.count(&Cause::Interrupted);
            return;
        }
        counts.requests += 1;
        counts.response.record_us(done.response_us);
        counts.service.record_us(done.service_us);
        if let Some(cause) = done.cause {
            counts.failed += u64::from(cause.is_failure());
            counts.count(&cause);
        }
    }

    pub(super) fn retry(&mut self, operation: Operation, cause: &Cause) {
        self.retries += 1;
        self.operations[operation.index()].count(cause);
    }

    /// Moves everything into `interval`.
    pub(super) fn pour_into(&mut self, interval: &mut Interval) {
        interval.orders += std::mem::take(&mut self.orders);
        interval.late += std::mem::take(&mut self.late);
        interval.retries += std::mem::take(&mut self.retries);
        pour(&mut self.lag, &mut interval.lag);
        for (counts, operation) in self.operations.iter_mut().zip(&mut interval.operations) {
            counts.pour_into(operation);
        }
    }
}

impl Counts {
    fn count(&mut self, cause: &Cause) {
        let full = self.causes.len() >= MAX_CAUSES;
        match self.causes.iter_mut().find(|(known, _)| known == cause) {
            Some((_, count)) => *count += 1,
            None if full => self.others += 1,
            None => self.causes.push((cause.clone(), 1)),
        }
    }

    fn pour_into(&mut self, operation: &mut OperationInterval) {
        operation.requests += std::mem::take(&mut self.requests);
        operation.failed += std::mem::take(&mut self.failed);
        pour(&mut self.response, &mut operation.response);
        pour(&mut self.service, &mut operation.service);
        for (cause, count) in self.causes.drain(..) {
            operation.count(cause.to_string(), count);
        }
        match std::mem::take(&mut self.others) {
            0 => {}
            others => operation.count("other".to_owned(), others),
        }
    }
}

impl OperationInterval {
    pub(super) fn empty(operation: Operation) -> Self {
        Self {
            operation,
            requests: 0,
            failed: 0,
            errors: Vec::new(),
            response: Histogram::new(),
            service: Histogram::new(),
        }
    }

    /// Counts a cause, with the same limit as a shard's.
    pub(super) fn count(&mut self, cause: String, count: u64) {
        let full = self.errors.len() >= MAX_CAUSES;
        match self.errors.iter_mut().find(|error| error.cause == cause) {
            Some(error) => error.count += count,
            None if full && cause != "other" => self.count("other".to_owned(), count),
            None => self.errors.push(ErrorCount { cause, count }),
        }
    }
}

/// Empty histograms are most of them, and emptying one costs as much as copying it.
fn pour(from: &mut Histogram, into: &mut Histogram) {
    if from.count() > 0 {
        into.merge(from);
        from.clear();
    }
}
