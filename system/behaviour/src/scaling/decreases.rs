//! How often a DynamoDB table's capacity may be decreased (sheet 4.1, "decreases").

use std::time::Duration;

/// Decreases that are allowed at any time of a day.
const FREE_A_DAY: u32 = 4;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY_SECONDS: u64 = 24 * 3_600;

/// Four decreases a UTC day at any time, and further ones after an hour without any: 27 at most.
/// Days start at multiples of 24 h of `now`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Decreases {
    day: u64,
    today: u32,
    last: Option<Duration>,
}

impl Decreases {
    pub(super) fn allowed(&self, now: Duration) -> bool {
        let today = if self.day == now.as_secs() / DAY_SECONDS { self.today } else { 0 };
        today < FREE_A_DAY || self.last.is_none_or(|last| now.saturating_sub(last) >= HOUR)
    }

    pub(super) fn count(&mut self, now: Duration) {
        let day = now.as_secs() / DAY_SECONDS;
        self.today = if self.day == day { self.today + 1 } else { 1 };
        self.day = day;
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_27_decreases_a_day() {
        let mut decreases = Decreases::default();
        let mut per_day = [0; 2];
        for minute in 0..2 * 24 * 60_u64 {
            let now = Duration::from_secs(60 * minute);
            if decreases.allowed(now) {
                decreases.count(now);
                per_day[usize::try_from(minute / (24 * 60)).expect("two days")] += 1;
            }
        }
        assert_eq!(per_day[0], 27);
        assert!(per_day[1] <= 27, "{per_day:?}");
        assert!(per_day[1] >= 26, "{per_day:?}");
    }
}
