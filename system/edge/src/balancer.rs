//! Which of its targets a load balancer picks: the one with the fewest outstanding requests
//! (an Application Load Balancer's `least_outstanding_requests`), in turn where several tie.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Something requests can be sent to.
pub trait Target {
    /// Requests that it has and has not answered.
    fn outstanding(&self) -> usize;
}

/// A load balancer over a fixed set of targets.
#[derive(Debug)]
pub struct Balancer<T> {
    targets: Vec<Arc<T>>,
    next: AtomicUsize,
}

impl<T: Target> Balancer<T> {
    /// A balancer over `targets`.
    #[must_use]
    pub fn new(targets: Vec<Arc<T>>) -> Self {
        Self { targets, next: AtomicUsize::new(0) }
    }

    /// The target for the next request; `None` when there is none.
    pub fn pick(&self) -> Option<&Arc<T>> {
        let count = self.targets.len();
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        (0..count)
            .map(|offset| &self.targets[start.wrapping_add(offset) % count])
            .min_by_key(|target| target.outstanding())
    }

    /// Every target.
    #[must_use]
    pub fn targets(&self) -> &[Arc<T>] {
        &self.targets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Busy(usize, usize);

    impl Target for Busy {
        fn outstanding(&self) -> usize {
            self.1
        }
    }

    #[test]
    fn picks_the_least_busy_and_takes_turns_among_equals() {
        let targets = [(0, 3), (1, 1), (2, 1)].map(|(id, busy)| Arc::new(Busy(id, busy)));
        let balancer = Balancer::new(targets.to_vec());
        let picked: Vec<usize> =
            (0..6).filter_map(|_| balancer.pick()).map(|target| target.0).collect();
        assert!(!picked.contains(&0), "{picked:?}");
        assert!(picked.contains(&1) && picked.contains(&2), "{picked:?}");
        assert!(Balancer::<Busy>::new(Vec::new()).pick().is_none());
    }
}
