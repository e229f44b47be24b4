//! The memory that all objects of the account may take together.
//!
//! Invariants: what was taken is given back when the last that holds it is dropped, a download under
//! way included; no more is ever out than the limit.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// A number of bytes, of which objects take their part.
#[derive(Debug)]
pub(crate) struct Budget {
    most: u64,
    taken: AtomicU64,
}

/// A part of a [`Budget`], given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Budget {
    pub(crate) fn new(most: u64) -> Arc<Self> {
        Arc::new(Self { most, taken: AtomicU64::new(0) })
    }

    /// Most bytes that may be out.
    pub(crate) fn most(&self) -> u64 {
        self.most
    }

    /// Bytes that are out.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// A share of `bytes`; `None` where there are fewer left.
    pub(crate) fn share(self: &Arc<Self>, bytes: u64) -> Option<Share> {
        let mut share = Share { budget: Arc::clone(self), bytes: 0 };
        share.grow(bytes).then_some(share)
    }
}

impl Share {
    /// Takes `bytes` more; `false`, and nothing taken, where there are fewer left.
    pub(crate) fn grow(&mut self, bytes: u64) -> bool {
        let taken = &self.budget.taken;
        let grown = taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
            taken.checked_add(bytes).filter(|sum| *sum <= self.budget.most)
        });
        if grown.is_ok() {
            self.bytes += bytes;
        }
        grown.is_ok()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back_once() {
        let budget = Budget::new(100);
        let mut share = budget.share(60).expect("there is room");
        assert!(budget.share(41).is_none());
        assert!(share.grow(40) && !share.grow(1));
        assert_eq!(budget.taken(), 100);
        drop(share);
        assert_eq!(budget.taken(), 0);
        assert!(budget.share(u64::MAX).is_none(), "no overflow");
    }
}
