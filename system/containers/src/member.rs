//! Which container of a run.

use std::fmt;

/// One container of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Member {
    /// LocalStack: the AWS API.
    LocalStack,
    /// PostgreSQL's primary.
    Primary,
    /// A streaming read replica of PostgreSQL, counted from 1.
    Replica(u32),
    /// Valkey or Memcached.
    Cache,
}

impl Member {
    /// The port on which its process listens inside of the container.
    pub(crate) fn port(self, cache: crate::CacheEngine) -> u16 {
        match (self, cache) {
            (Self::LocalStack, _) => 4566,
            (Self::Primary | Self::Replica(_), _) => 5432,
            (Self::Cache, crate::CacheEngine::Valkey) => 6379,
            (Self::Cache, crate::CacheEngine::Memcached) => 11211,
        }
    }
}

/// Its name in logs, reports and messages.
impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LocalStack => f.write_str("localstack"),
            Self::Primary => f.write_str("postgres-primary"),
            Self::Replica(number) => write!(f, "postgres-replica-{number}"),
            Self::Cache => f.write_str("cache"),
        }
    }
}
