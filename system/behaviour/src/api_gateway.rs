//! API Gateway's throttles (behaviour sheet 1.1): four levels of token buckets, 429, no queue.
//!
//! Invariants: levels are asked in AWS's order (usage plan, stage, account, Region) and the first
//! that refuses is the answer; a refused request costs no tokens anywhere (an assumption: AWS does
//! not say). Memory grows only with the clients of the last few seconds: a bucket that is full
//! again is the same as a new one, and is forgotten.
//!
//! Deliberately absent: "best effort". AWS calls its limits targets rather than ceilings; here they
//! are exact.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use crate::TokenBucket;

/// HTTP status of a throttled request.
pub const TOO_MANY_REQUESTS: u16 = 429;

/// Clients whose buckets are kept before full ones are looked for and forgotten.
const CLIENTS_KEPT: usize = 1_024;

/// A rate and a burst.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Requests a second.
    pub rate_per_second: f64,
    /// Requests the bucket holds.
    pub burst: f64,
}

impl Limit {
    /// The account's quota in most Regions: 10,000 requests a second, bucket 5,000 (sheet 1.1).
    pub const ACCOUNT: Self = Self { rate_per_second: 10_000.0, burst: 5_000.0 };

    /// The account's quota in the newer Regions: 2,500 a second, bucket 1,250 (sheet 1.1).
    pub const ACCOUNT_LOW: Self = Self { rate_per_second: 2_500.0, burst: 1_250.0 };

    fn bucket(self, now: Duration) -> TokenBucket {
        TokenBucket::full(self.burst, self.rate_per_second, now)
    }
}

/// What is limited to what.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Each client of a usage plan, for each method. `None`: there is no usage plan.
    pub usage_plan: Option<Limit>,
    /// Each method of the stage that is not in `methods`. `None`: only the account limits it.
    pub stage: Option<Limit>,
    /// Methods with a setting of their own.
    pub methods: BTreeMap<u32, Limit>,
    /// The account in its Region; by default [`Limit::ACCOUNT`].
    pub account: Limit,
    /// What AWS allows the whole Region; not published, so `None` by default.
    pub region: Option<Limit>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            usage_plan: None,
            stage: None,
            methods: BTreeMap::new(),
            account: Limit::ACCOUNT,
            region: None,
        }
    }
}

/// The level that refused a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// Usage plan: a client's limit on a method.
    UsagePlan,
    /// Stage: a method's limit.
    Stage,
    /// The account's limit in the Region.
    Account,
    /// AWS's own limit of the Region.
    Region,
}

/// The throttles of one account in one Region.
#[derive(Debug, Clone)]
pub struct ApiGateway {
    config: Config,
    clients: HashMap<(u64, u32), TokenBucket>,
    clients_kept: usize,
    methods: HashMap<u32, TokenBucket>,
    account: TokenBucket,
    region: Option<TokenBucket>,
}

impl ApiGateway {
    /// All buckets full at `now`.
    #[must_use]
    pub fn new(config: Config, now: Duration) -> Self {
        Self {
            clients: HashMap::new(),
            clients_kept: CLIENTS_KEPT,
            methods: HashMap::new(),
            account: config.account.bucket(now),
            region: config.region.map(|limit| limit.bucket(now)),
            config,
        }
    }

    /// Admits a request to `method`; `client` is its API key, where it has one.
    ///
    /// # Errors
    /// The level that refuses it: the caller answers [`TOO_MANY_REQUESTS`].
    pub fn admit(&mut self, now: Duration, client: Option<u64>, method: u32) -> Result<(), Level> {
        self.forget_full_clients(now);
        let plan = self.config.usage_plan.zip(client).map(|(limit, client)| {
            self.clients.entry((client, method)).or_insert_with(|| limit.bucket(now))
        });
        let setting = self.config.methods.get(&method).copied().or(self.config.stage);
        let stage =
            setting.map(|limit| self.methods.entry(method).or_insert_with(|| limit.bucket(now)));
        let mut levels = [
            (Level::UsagePlan, plan),
            (Level::Stage, stage),
            (Level::Account, Some(&mut self.account)),
            (Level::Region, self.region.as_mut()),
        ];
        for (level, bucket) in &mut levels {
            if bucket.as_mut().is_some_and(|bucket| bucket.available(now) < 1.0) {
                return Err(*level);
            }
        }
        for bucket in levels.into_iter().filter_map(|(_, bucket)| bucket) {
            bucket.spend(now, 1.0);
        }
        Ok(())
    }

    /// Amortised constant: what is kept doubles before it is looked through again.
    fn forget_full_clients(&mut self, now: Duration) {
        let Some(limit) = self.config.usage_plan else { return };
        if self.clients.len() >= self.clients_kept {
            self.clients.retain(|_, bucket| bucket.available(now) < limit.burst);
            self.clients_kept = CLIENTS_KEPT.max(self.clients.len() * 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Duration = Duration::ZERO;

    fn one_a_second() -> Limit {
        Limit { rate_per_second: 1.0, burst: 1.0 }
    }

    /// Vector 1 of the sheet.
    #[test]
    fn twelve_thousand_a_second_are_throttled_from_two_and_a_half_seconds() {
        let mut gateway = ApiGateway::new(Config::default(), NONE);
        let mut refused = Vec::new();
        for request in 0..60_000_u32 {
            let now = Duration::from_secs_f64(f64::from(request) / 12_000.0);
            if let Err(level) = gateway.admit(now, None, request % 7) {
                assert_eq!(level, Level::Account);
                refused.push(now);
            }
        }
        let from = refused.first().expect("it throttles").as_secs_f64();
        assert!((from - 2.5).abs() < 0.01, "{from}");
        let fifth_second = refused.iter().filter(|at| at.as_secs() == 4).count();
        assert!((1_990..=2_010).contains(&fifth_second), "{fifth_second}");
    }

    #[test]
    fn the_first_level_that_refuses_is_the_answer() {
        let config = Config {
            usage_plan: Some(one_a_second()),
            stage: Some(Limit { rate_per_second: 1.0, burst: 2.0 }),
            account: Limit { rate_per_second: 1.0, burst: 4.0 },
            region: Some(Limit { rate_per_second: 1.0, burst: 5.0 }),
            ..Config::default()
        };
        let mut gateway = ApiGateway::new(config, NONE);
        assert_eq!(gateway.admit(NONE, Some(1), 0), Ok(()));
        assert_eq!(gateway.admit(NONE, Some(1), 0), Err(Level::UsagePlan));
        assert_eq!(gateway.admit(NONE, Some(2), 0), Ok(()));
        assert_eq!(gateway.admit(NONE, Some(3), 0), Err(Level::Stage));
        assert_eq!(gateway.admit(NONE, None, 1), Ok(()), "no key, no usage plan");
        assert_eq!(gateway.admit(NONE, Some(1), 1), Ok(()), "a plan counts each method apart");
        assert_eq!(gateway.admit(NONE, Some(4), 2), Err(Level::Account));
    }

    #[test]
    fn the_region_is_asked_last() {
        let config = Config { region: Some(one_a_second()), ..Config::default() };
        let mut gateway = ApiGateway::new(config, NONE);
        assert_eq!(gateway.admit(NONE, None, 0), Ok(()));
        assert_eq!(gateway.admit(NONE, None, 0), Err(Level::Region));
    }

    #[test]
    fn a_refused_request_costs_nothing() {
        let config = Config {
            methods: BTreeMap::from([(7, one_a_second())]),
            account: Limit { rate_per_second: 0.0, burst: 2.0 },
            ..Config::default()
        };
        let mut gateway = ApiGateway::new(config, NONE);
        assert_eq!(gateway.admit(NONE, None, 7), Ok(()));
        for _ in 0..10 {
            assert_eq!(gateway.admit(NONE, None, 7), Err(Level::Stage));
        }
        assert_eq!(gateway.admit(NONE, None, 8), Ok(()), "the account still has one");
        assert_eq!(gateway.admit(NONE, None, 8), Err(Level::Account));
    }

    #[test]
    fn clients_that_come_once_are_forgotten() {
        let plan = Limit { rate_per_second: 10.0, burst: 10.0 };
        let config = Config { usage_plan: Some(plan), ..Config::default() };
        let mut gateway = ApiGateway::new(config, NONE);
        for client in 0..100_000_u32 {
            let now = Duration::from_millis(client.into());
            assert_eq!(gateway.admit(now, Some(client.into()), 0), Ok(()));
        }
        assert!(gateway.clients.len() <= 2 * CLIENTS_KEPT, "{}", gateway.clients.len());
    }
}
