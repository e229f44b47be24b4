//! The provider of e-mail and SMS: modelled, with a rate limit for each channel.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use securecart_behaviour::TokenBucket;
use securecart_domain::event::Channel;
use tokio::time::Instant;

use crate::Failure;

/// How long a sender waits for the provider before the message goes back to its queue.
const PATIENCE: Duration = Duration::from_secs(5);

/// A provider that takes so many messages a second of each channel, one second's worth at once.
#[derive(Debug, Clone)]
pub struct Provider {
    email: Arc<Mutex<TokenBucket>>,
    sms: Arc<Mutex<TokenBucket>>,
    down: Arc<AtomicBool>,
    since: Instant,
}

impl Provider {
    /// A provider that takes `email_per_second` and `sms_per_second`.
    #[must_use]
    pub fn new(email_per_second: f64, sms_per_second: f64) -> Self {
        let bucket = |rate: f64| {
            Arc::new(Mutex::new(TokenBucket::full(rate.max(1.0), rate, Duration::ZERO)))
        };
        Self {
            email: bucket(email_per_second),
            sms: bucket(sms_per_second),
            down: Arc::default(),
            since: Instant::now(),
        }
    }

    /// From now on it takes nothing, or takes messages again. Every clone of it does the same.
    pub fn fail(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    /// Sends one message as soon as the rate limit allows.
    pub(super) async fn send(&self, channel: Channel) -> Result<(), Failure> {
        let bucket = match channel {
            Channel::Email => &self.email,
            Channel::Sms => &self.sms,
        };
        if self.down.load(Ordering::Relaxed) {
            return Err(Failure::Dependency {
                dependency: "notification provider",
                code: "503".to_owned(),
                message: format!("{} is down", channel.as_str()),
            });
        }
        let give_up = Instant::now() + PATIENCE;
        loop {
            let wait = {
                let mut bucket = bucket.lock();
                let now = self.since.elapsed();
                if bucket.take(now) {
                    return Ok(());
                }
                bucket.wait(now)
            };
            // A channel that takes nothing names no end of the wait.
            let wait = wait.clamp(Duration::from_millis(1), 2 * PATIENCE);
            let next = Instant::now() + wait;
            if next > give_up {
                return Err(Failure::Dependency {
                    dependency: "notification provider",
                    code: "429".to_owned(),
                    message: format!("{} rate limit", channel.as_str()),
                });
            }
            tokio::time::sleep_until(next).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn sends_at_its_rate_and_no_faster() {
        let provider = Provider::new(10.0, 1.0);
        let start = Instant::now();
        for _ in 0..40 {
            provider.send(Channel::Email).await.expect("within patience");
        }
        let took = start.elapsed().as_secs_f64();
        assert!((2.9..3.2).contains(&took), "10 at once and 30 at 10/s: {took}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_refuses_everything_until_it_ends() {
        let provider = Provider::new(10.0, 10.0);
        provider.clone().fail(true);
        assert!(provider.send(Channel::Email).await.is_err());
        assert!(provider.send(Channel::Sms).await.is_err());
        provider.fail(false);
        provider.send(Channel::Email).await.expect("it is back");
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_rather_than_hold_a_message_for_long() {
        let provider = Provider::new(1.0, 0.0);
        provider.send(Channel::Sms).await.expect("the first is free");
        assert!(provider.send(Channel::Sms).await.is_err());
    }
}
