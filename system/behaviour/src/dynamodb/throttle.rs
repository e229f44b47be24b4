//! What was throttled and why, in DynamoDB's words.

/// Which of the two capacities a request uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Read units.
    Read,
    /// Write units.
    Write,
}

impl Operation {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// The least that a request of this kind costs: an eventually consistent read of up to 4 KB, a
    /// write of up to 1 KB.
    #[must_use]
    pub const fn least_units(self) -> f64 {
        match self {
            Self::Read => 0.5,
            Self::Write => 1.0,
        }
    }
}

/// The limit that a request ran into: the third part of a `ThrottlingReason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Provisioned capacity of the table or index, burst used up.
    ProvisionedThroughput,
    /// A partition's limit, or what an on-demand table has grown to: AWS has one reason for both.
    KeyRangeThroughput,
    /// The quota for on-demand tables of the account.
    AccountLimit,
    /// The maximum that the owner of an on-demand table has set.
    MaxOnDemandThroughput,
}

/// The exception that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ThrottleKind {
    /// `ProvisionedThroughputExceededException`: provisioned tables.
    ProvisionedThroughputExceeded,
    /// `ThrottlingException`: on-demand tables.
    ThrottlingException,
    /// `RequestLimitExceeded`: the account's quota.
    RequestLimitExceeded,
}

/// A request that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// The exception.
    pub kind: ThrottleKind,
    /// Reading or writing.
    pub operation: Operation,
    /// The limit.
    pub limit: Limit,
    /// The index that was short, by its number; `None`: the table itself.
    pub index: Option<usize>,
}

impl Throttle {
    /// The `reason` of AWS's `ThrottlingReason`: resource, operation, limit.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        use Limit::{
            AccountLimit, KeyRangeThroughput, MaxOnDemandThroughput, ProvisionedThroughput,
        };
        use Operation::{Read, Write};
        match (self.index.is_some(), self.operation, self.limit) {
            (false, Read, ProvisionedThroughput) => "TableReadProvisionedThroughputExceeded",
            (false, Read, KeyRangeThroughput) => "TableReadKeyRangeThroughputExceeded",
            (false, Read, AccountLimit) => "TableReadAccountLimitExceeded",
            (false, Read, MaxOnDemandThroughput) => "TableReadMaxOnDemandThroughputExceeded",
            (false, Write, ProvisionedThroughput) => "TableWriteProvisionedThroughputExceeded",
            (false, Write, KeyRangeThroughput) => "TableWriteKeyRangeThroughputExceeded",
            (false, Write, AccountLimit) => "TableWriteAccountLimitExceeded",
            (false, Write, MaxOnDemandThroughput) => "TableWriteMaxOnDemandThroughputExceeded",
            (true, Read, ProvisionedThroughput) => "IndexReadProvisionedThroughputExceeded",
            (true, Read, KeyRangeThroughput) => "IndexReadKeyRangeThroughputExceeded",
            (true, Read, AccountLimit) => "IndexReadAccountLimitExceeded",
            (true, Read, MaxOnDemandThroughput) => "IndexReadMaxOnDemandThroughputExceeded",
            (true, Write, ProvisionedThroughput) => "IndexWriteProvisionedThroughputExceeded",
            (true, Write, KeyRangeThroughput) => "IndexWriteKeyRangeThroughputExceeded",
            (true, Write, AccountLimit) => "IndexWriteAccountLimitExceeded",
            (true, Write, MaxOnDemandThroughput) => "IndexWriteMaxOnDemandThroughputExceeded",
        }
    }
}
