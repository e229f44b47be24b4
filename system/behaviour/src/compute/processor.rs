//! The processor of a task or an instance: why a task saturates.
//!
//! `vcpu` is `cores` cores of equal speed; work is first come, first served on the core that is free
//! first. Fargate and EC2 sell shares of a core below one vCPU: those are one slower core.
//!
//! Invariants: no core does two pieces of work at once; the busy time over an interval is never more
//! than the interval times the cores.
//!
//! Deliberately absent: time slicing (short work behind long work waits here, on Linux it would
//! share), burst credits, hyper-threads, memory.

use std::time::Duration;

/// The most cores a processor has; the largest EC2 instances sell 896 vCPUs.
const MAX_CORES: f64 = 1_024.0;

/// The processor of one task.
#[derive(Debug, Clone, PartialEq)]
pub struct Processor {
    /// vCPUs per core: 0.25 to 1 below one vCPU, 1 to below 2 above.
    speed: f64,
    free_at: Vec<Duration>,
    assigned: Duration,
}

impl Processor {
    /// An idle processor of `vcpu` vCPUs, at least a hundredth of one: `max(1, floor(vcpu))` cores.
    #[must_use]
    pub fn new(vcpu: f64) -> Self {
        let vcpu = vcpu.clamp(0.01, MAX_CORES);
        let cores = vcpu.floor().max(1.0);
        Self {
            speed: vcpu / cores,
            free_at: vec![Duration::ZERO; cores as usize],
            assigned: Duration::ZERO,
        }
    }

    /// How many pieces of work run at once.
    #[must_use]
    pub fn cores(&self) -> usize {
        self.free_at.len()
    }

    /// Takes on `work` (CPU time on one whole vCPU) at `now` and says when it is done. `now` may not
    /// go back.
    pub fn begin(&mut self, now: Duration, work: Duration) -> Duration {
        let time = work.div_f64(self.speed);
        self.assigned += time;
        match self.free_at.iter_mut().min() {
            Some(free_at) => {
                *free_at = now.max(*free_at) + time;
                *free_at
            }
            None => now + time,
        }
    }

    /// How long work that arrives at `now` would wait for a core.
    #[must_use]
    pub fn wait(&self, now: Duration) -> Duration {
        self.free_at.iter().min().map_or(Duration::ZERO, |free_at| free_at.saturating_sub(now))
    }

    /// The core time used from the start to `now`, over all cores, for a `now` not before the last
    /// [`begin`](Self::begin): what was taken on less what is still ahead. The CPU utilisation of an
    /// interval is the difference of two readings over `cores * interval`.
    #[must_use]
    pub fn busy_up_to(&self, now: Duration) -> Duration {
        let ahead: Duration = self.free_at.iter().map(|free_at| free_at.saturating_sub(now)).sum();
        self.assigned.saturating_sub(ahead)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn half_a_vcpu_is_one_core_at_half_speed() {
        let mut processor = Processor::new(0.5);
        assert_eq!(processor.cores(), 1);
        assert_eq!(processor.begin(ms(0), ms(10)), ms(20));
        assert_eq!(processor.begin(ms(5), ms(10)), ms(40), "it waits for the first");
        assert_eq!(processor.wait(ms(5)), ms(35));
        assert_eq!(processor.busy_up_to(ms(30)), ms(30));
        assert_eq!(processor.busy_up_to(ms(100)), ms(40));
    }

    #[test]
    fn work_takes_the_core_that_is_free_first() {
        let mut processor = Processor::new(2.0);
        assert_eq!(processor.begin(ms(0), ms(30)), ms(30));
        assert_eq!(processor.begin(ms(0), ms(10)), ms(10));
        assert_eq!(processor.begin(ms(0), ms(10)), ms(20));
        assert_eq!(processor.begin(ms(25), ms(10)), ms(35), "no wait: a core idles since 20 ms");
        assert_eq!(processor.busy_up_to(ms(25)), ms(45));
    }

    /// 150 % offered: the last of a second's work ends half a second late, at full utilisation.
    #[test]
    fn a_task_saturates() {
        let mut processor = Processor::new(1.0);
        let last = (0..100).map(|i| processor.begin(ms(10 * i), ms(15))).last();
        assert_eq!(last, Some(ms(1_500)));
        assert_eq!(processor.busy_up_to(ms(1_000)), ms(1_000));
    }

    proptest! {
        #[test]
        fn utilisation_is_at_most_one_and_all_work_is_done(
            vcpu in 0.25_f64..8.0,
            work in prop::collection::vec((0_u64..20, 0_u64..50), 1..200),
        ) {
            let mut processor = Processor::new(vcpu);
            let (mut now, mut last, mut read) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
            let mut total = Duration::ZERO;
            for (gap, work) in work {
                let before = now;
                now += ms(gap);
                let busy = processor.busy_up_to(now);
                prop_assert!(busy >= read);
                prop_assert!(busy - read <= (now - before) * processor.cores() as u32 + Duration::from_nanos(1));
                read = busy;
                last = last.max(processor.begin(now, ms(work)));
                total += ms(work).div_f64(vcpu / processor.cores() as f64);
            }
            prop_assert_eq!(processor.busy_up_to(last), total);
        }
    }
}
