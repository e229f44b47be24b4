//! SQS event source mappings: how many batches are with the function at once (sheet 2, SQS event
//! source mapping).

use std::time::Duration;

/// Concurrent batches to begin with, and the floor of an idle mapping.
const START: f64 = 5.0;

/// The floor that an idle mapping without a maximum may come down to.
const IDLE_FLOOR: f64 = 2.0;

/// How long a mapping without a maximum is idle before it comes down to [`IDLE_FLOOR`]: assumed.
const LONG_IDLE: Duration = Duration::from_secs(300);

/// Growth, and by assumption decline, a minute.
const PER_MINUTE: f64 = 300.0;

/// Concurrent batches at the most.
const CAP: u32 = 1_250;

/// What a mapping is like. Times are wall time, as the queue's are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapping {
    /// Messages of a batch at the most: 1 to 10,000, of FIFO queues 10.
    pub batch_size: u32,
    /// How long a batch is gathered: 0 to 300 s; needed for more than 10 messages.
    pub window: Duration,
    /// `MaximumConcurrency`: 2 to 1,000.
    pub maximum_concurrency: Option<u32>,
    /// Whether the function says which messages of a batch failed (`ReportBatchItemFailures`).
    pub reports_item_failures: bool,
    /// Whether the queue is a FIFO queue.
    pub is_fifo: bool,
}

impl Default for Mapping {
    /// AWS's defaults on a standard queue: batches of 10, gathered for no time.
    fn default() -> Self {
        Self {
            batch_size: 10,
            window: Duration::ZERO,
            maximum_concurrency: None,
            reports_item_failures: false,
            is_fifo: false,
        }
    }
}

/// What AWS refuses about a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingError {
    /// A batch is 1 to 10,000 messages, of a FIFO queue 10 at the most.
    BatchSize,
    /// A window is 300 s at the most, and none for a FIFO queue.
    Window,
    /// More than 10 messages need a window of at least a second.
    LargeBatchWithoutWindow,
    /// A maximum concurrency is 2 to 1,000.
    MaximumConcurrency,
}

impl Mapping {
    /// Checks the limits.
    ///
    /// # Errors
    /// With the first limit that is broken.
    pub fn check(&self) -> Result<(), MappingError> {
        let batch_max = if self.is_fifo { 10 } else { 10_000 };
        let window_max = Duration::from_secs(if self.is_fifo { 0 } else { 300 });
        if !(1..=batch_max).contains(&self.batch_size) {
            Err(MappingError::BatchSize)
        } else if self.window > window_max {
            Err(MappingError::Window)
        } else if self.batch_size > 10 && self.window < Duration::from_secs(1) {
            Err(MappingError::LargeBatchWithoutWindow)
        } else if self.maximum_concurrency.is_some_and(|most| !(2..=1_000).contains(&most)) {
            Err(MappingError::MaximumConcurrency)
        } else {
            Ok(())
        }
    }
}

/// What a mapping last saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// More messages than its batches take: it grows.
    Backlog,
    /// Messages, and none left over: it stays.
    Steady,
    /// No message: it shrinks.
    Empty,
    /// The function was throttled or failed: it backs off gradually, as the guide says ("Handling
    /// errors for an SQS event source"). How fast is an assumption: as when idle.
    Failing,
}

/// A mapping's concurrency over time; a FIFO queue's is bounded by its message groups as well, which
/// the queue sees to.
#[derive(Debug, Clone)]
pub struct Scaler {
    level: f64,
    cap: f64,
    has_maximum: bool,
    seen: Duration,
    empty_since: Option<Duration>,
}

impl Scaler {
    /// The scaler of a new mapping.
    #[must_use]
    pub fn new(maximum_concurrency: Option<u32>, now: Duration) -> Self {
        let cap = f64::from(maximum_concurrency.unwrap_or(CAP).min(CAP));
        let has_maximum = maximum_concurrency.is_some();
        Self { level: START.min(cap), cap, has_maximum, seen: now, empty_since: None }
    }

    /// Concurrent batches from `now` on, after `demand` since the last step.
    pub fn step(&mut self, demand: Demand, now: Duration) -> u32 {
        let minutes = now.saturating_sub(self.seen).as_secs_f64() / 60.0;
        self.seen = self.seen.max(now);
        if demand == Demand::Empty {
            self.empty_since.get_or_insert(self.seen);
        } else {
            self.empty_since = None;
        }
        match demand {
            Demand::Backlog => {
                let from = self.level.max(START.min(self.cap));
                self.level = (from + minutes * PER_MINUTE).min(self.cap);
            }
            Demand::Empty | Demand::Failing => {
                let floor = self.floor().min(self.level);
                self.level = (self.level - minutes * PER_MINUTE).max(floor);
            }
            Demand::Steady => {}
        }
        self.concurrency()
    }

    /// Concurrent batches now.
    #[must_use]
    pub fn concurrency(&self) -> u32 {
        // Sums of fractions may end just below a whole number.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "2 to 1,250")]
        let whole = (self.level + 1e-9) as u32;
        whole
    }

    fn floor(&self) -> f64 {
        let is_long = self.empty_since.is_some_and(|since| self.seen - since >= LONG_IDLE);
        let floor = if is_long && !self.has_maximum { IDLE_FLOOR } else { START };
        floor.min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secs(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// Vector 4 of the sheet: a deep queue.
    #[test]
    fn a_deep_queue_is_worked_off_by_5_and_300_more_each_minute() {
        let mut scaler = Scaler::new(None, Duration::ZERO);
        assert_eq!(scaler.concurrency(), 5);
        for second in 1..=240 {
            scaler.step(Demand::Backlog, secs(f64::from(second)));
            if second % 60 == 0 {
                let minutes = u32::try_from(second / 60).expect("few");
                assert_eq!(scaler.concurrency(), 5 + 300 * minutes, "{second}");
            }
        }
        assert_eq!(scaler.step(Demand::Backlog, secs(248.9)), 1_249, "just before 4.15 min");
        assert_eq!(scaler.step(Demand::Backlog, secs(249.0)), 1_250, "4.15 min");
        assert_eq!(scaler.step(Demand::Backlog, secs(600.0)), 1_250);
    }

    #[test]
    fn an_idle_mapping_comes_down_to_its_floor() {
        for (maximum, floor) in [(None, 2), (Some(100), 5), (Some(2), 2)] {
            let mut scaler = Scaler::new(maximum, Duration::ZERO);
            scaler.step(Demand::Backlog, secs(20.0));
            scaler.step(Demand::Empty, secs(21.0));
            assert_eq!(
                scaler.step(Demand::Empty, secs(200.0)),
                if floor == 2 && maximum.is_some() { 2 } else { 5 }
            );
            assert_eq!(scaler.step(Demand::Empty, secs(400.0)), floor, "{maximum:?}");
            scaler.step(Demand::Backlog, secs(400.0));
            assert_eq!(scaler.concurrency(), if maximum == Some(2) { 2 } else { 5 });
        }
    }

    #[test]
    fn a_failing_mapping_backs_off_and_a_steady_one_stays() {
        let mut scaler = Scaler::new(None, Duration::ZERO);
        scaler.step(Demand::Backlog, secs(20.0));
        assert_eq!(scaler.step(Demand::Steady, secs(100.0)), 105);
        assert_eq!(scaler.step(Demand::Failing, secs(110.0)), 55);
        assert_eq!(scaler.step(Demand::Failing, secs(900.0)), 5);
    }

    #[test]
    fn limits_of_a_mapping() {
        let standard = Mapping::default();
        let minute = Duration::from_secs(60);
        for (mapping, expected) in [
            (standard, Ok(())),
            (Mapping { batch_size: 10_000, window: minute, ..standard }, Ok(())),
            (Mapping { batch_size: 0, ..standard }, Err(MappingError::BatchSize)),
            (
                Mapping { batch_size: 10_001, window: minute, ..standard },
                Err(MappingError::BatchSize),
            ),
            (Mapping { batch_size: 11, ..standard }, Err(MappingError::LargeBatchWithoutWindow)),
            (Mapping { window: 6 * minute, ..standard }, Err(MappingError::Window)),
            (Mapping { window: minute, is_fifo: true, ..standard }, Err(MappingError::Window)),
            (Mapping { batch_size: 11, is_fifo: true, ..standard }, Err(MappingError::BatchSize)),
            (
                Mapping { maximum_concurrency: Some(1), ..standard },
                Err(MappingError::MaximumConcurrency),
            ),
            (
                Mapping { maximum_concurrency: Some(1_001), ..standard },
                Err(MappingError::MaximumConcurrency),
            ),
        ] {
            assert_eq!(mapping.check(), expected, "{mapping:?}");
        }
    }

    proptest! {
        #[test]
        fn concurrency_stays_within_its_bounds_and_grows_no_faster_than_300_a_minute(
            maximum in prop::option::of(2_u32..1_000),
            steps in prop::collection::vec((0_usize..4, 0_u64..60_000), 1..200),
        ) {
            const DEMANDS: [Demand; 4] =
                [Demand::Backlog, Demand::Steady, Demand::Empty, Demand::Failing];
            let mut scaler = Scaler::new(maximum, Duration::ZERO);
            let mut now = Duration::ZERO;
            for (demand, ms) in steps {
                let before = scaler.concurrency();
                now += Duration::from_millis(ms);
                let after = scaler.step(DEMANDS[demand], now);
                prop_assert!((2..=maximum.unwrap_or(CAP)).contains(&after));
                let grown = f64::from(after) - f64::from(before.max(5));
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let allowed = ms as f64 / 60_000.0 * PER_MINUTE + 1.0;
                prop_assert!(grown <= allowed, "{grown} in {ms} ms");
            }
        }
    }
}
