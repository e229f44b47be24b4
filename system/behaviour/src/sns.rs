//! SNS's publish rates (behaviour sheet 5.2): over them a call is throttled.
//!
//! Deliberately absent: FIFO topics, and retries of deliveries.

use std::time::Duration;

use crate::TokenBucket;

/// Messages a second that us-east-1 takes (sheet 5.2, "SNS publish"). A batch counts its messages.
pub const MESSAGES_PER_SECOND: f64 = 30_000.0;

/// Transactional SMS a second (sheet 5.2, "SNS SMS").
pub const SMS_PER_SECOND: f64 = 20.0;

/// The publish rates of an account in its Region.
#[derive(Debug, Clone)]
pub struct Sns {
    messages: TokenBucket,
    sms: TokenBucket,
}

impl Sns {
    /// us-east-1's rates, with nothing published yet. A bucket holds `burst` of its rate: see the
    /// assumption `quotas.burst`.
    #[must_use]
    pub fn new(burst: Duration, now: Duration) -> Self {
        let full = |rate: f64| TokenBucket::full(rate * burst.as_secs_f64(), rate, now);
        Self { messages: full(MESSAGES_PER_SECOND), sms: full(SMS_PER_SECOND) }
    }

    /// Takes a call that publishes `messages`; `false` is a throttle of the whole call.
    pub fn publish(&mut self, now: Duration, messages: u32) -> bool {
        self.messages.take_n(now, messages.into())
    }

    /// Takes one SMS; `false` is a throttle.
    pub fn sms(&mut self, now: Duration) -> bool {
        self.messages.available(now) >= 1.0 && self.sms.take(now) && self.messages.take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_batch_counts_its_messages() {
        let mut sns = Sns::new(SECOND, Duration::ZERO);
        let granted = (0..4_000).filter(|_| sns.publish(Duration::ZERO, 10)).count();
        assert_eq!(granted, 3_000);
        assert!(!sns.publish(Duration::ZERO, 1));
        assert!(sns.publish(SECOND, 10));
    }

    #[test]
    fn twenty_sms_go_out_each_second() {
        let mut sns = Sns::new(SECOND, Duration::ZERO);
        let mut sent = 0;
        for tenth in 0..100_u32 {
            let now = Duration::from_millis(u64::from(tenth) * 100);
            sent += (0..10).filter(|_| sns.sms(now)).count();
        }
        // The bucket's 20, and 2 in each of the 99 tenths after the first.
        assert!((217..=218).contains(&sent), "{sent}");
        assert!(sns.publish(Duration::from_secs(10), 10_000), "SMS are the lesser part of it");
    }
}
