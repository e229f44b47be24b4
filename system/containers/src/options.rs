//! What a run wants of its containers.
//!
//! Deliberately absent: limits of CPU and memory. The containers share the machine with the load,
//! and what they used is in the statistics.

use std::{path::PathBuf, time::Duration};

use crate::Member;

/// The last LocalStack release that starts without an account token; each later tag exits at once
/// unless `LOCALSTACK_AUTH_TOKEN` is set.
pub const LOCALSTACK: &str = "localstack/localstack:4.14.0";
/// PostgreSQL as RDS offers it, primary and replicas.
pub const POSTGRES: &str = "postgres:17";
/// ElastiCache's own choice for new clusters.
pub const VALKEY: &str = "valkey/valkey:8";
/// ElastiCache's other engine.
pub const MEMCACHED: &str = "memcached:1.6";

/// The services of LocalStack that SecureCart calls. They are loaded at the start, so that the
/// first calls of a run don't pay for it.
pub const SERVICES: [&str; 6] = ["sqs", "sns", "events", "dynamodb", "lambda", "s3"];

/// The images, each as `name:tag`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// LocalStack.
    pub localstack: String,
    /// PostgreSQL, for the primary and its replicas.
    pub postgres: String,
    /// Valkey or Memcached.
    pub cache: String,
}

impl Images {
    /// The pinned images, with the cache of `engine`.
    #[must_use]
    pub fn pinned(engine: CacheEngine) -> Self {
        Self {
            localstack: LOCALSTACK.into(),
            postgres: POSTGRES.into(),
            cache: engine.image().into(),
        }
    }

    /// The image of `member`.
    #[must_use]
    pub fn of(&self, member: Member) -> &str {
        match member {
            Member::LocalStack => &self.localstack,
            Member::Primary | Member::Replica(_) => &self.postgres,
            Member::Cache => &self.cache,
        }
    }

    /// Those that a start needs, with or without a database and a cache of its own.
    #[must_use]
    pub fn wanted(&self, database: bool, cache: bool) -> Vec<&str> {
        let mut wanted = vec![self.localstack.as_str()];
        wanted.extend(database.then_some(self.postgres.as_str()));
        wanted.extend(cache.then_some(self.cache.as_str()));
        wanted
    }
}

/// What the cache container speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheEngine {
    /// Valkey, and whatever speaks Redis's protocol.
    Valkey,
    /// Memcached.
    Memcached,
}

impl CacheEngine {
    /// The pinned image.
    #[must_use]
    pub fn image(self) -> &'static str {
        match self {
            Self::Valkey => VALKEY,
            Self::Memcached => MEMCACHED,
        }
    }
}

/// What to start, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The run's id: in the names and labels of its containers.
    pub run: String,
    /// The images.
    pub images: Images,
    /// Whether PostgreSQL is started; not where the run's database is elsewhere.
    pub database: bool,
    /// Whether the cache is started.
    pub cache: bool,
    /// What the cache image speaks.
    pub cache_engine: CacheEngine,
    /// Memory of the cache in MB; it evicts above it, the least recently used first.
    pub cache_megabytes: u32,
    /// Read replicas of PostgreSQL, each a container that streams from the primary.
    pub replicas: u32,
    /// PostgreSQL's `max_connections`, of the primary and of each replica.
    pub max_connections: u32,
    /// Handed to LocalStack as `LOCALSTACK_AUTH_TOKEN`; tags after 4.14.0 want one.
    pub localstack_auth_token: Option<String>,
    /// LocalStack's services; they are loaded at the start, and no others.
    pub services: Vec<String>,
    /// The run's folder: each container's output is written there as NAME.log while it runs.
    pub logs: PathBuf,
    /// How long a container may take from its start until it answers.
    pub ready_within: Duration,
    /// Whether images that are not there are pulled.
    pub pull: bool,
}

impl Options {
    /// The pinned images, one replica, and a minute and a half to get ready: LocalStack takes ten
    /// seconds on two quiet cores.
    #[must_use]
    pub fn new(run: impl Into<String>, logs: impl Into<PathBuf>) -> Self {
        Self {
            run: run.into(),
            images: Images::pinned(CacheEngine::Valkey),
            database: true,
            cache: true,
            cache_engine: CacheEngine::Valkey,
            cache_megabytes: 64,
            replicas: 1,
            max_connections: 100,
            localstack_auth_token: None,
            services: SERVICES.map(String::from).to_vec(),
            logs: logs.into(),
            ready_within: Duration::from_secs(90),
            pull: false,
        }
    }

    /// Where the output of `member` goes.
    pub(crate) fn log(&self, member: Member) -> PathBuf {
        self.logs.join(format!("{member}.log"))
    }
}

/// `name:tag` in two; without a tag it is `latest`. A digest (`name@sha256:...`) stays whole when
/// the two are put together again.
pub(crate) fn name_and_tag(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        // A colon before a slash belongs to the registry's port.
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_a_name_and_a_tag() {
        assert_eq!(name_and_tag(LOCALSTACK), ("localstack/localstack", "4.14.0"));
        assert_eq!(name_and_tag("postgres"), ("postgres", "latest"));
        assert_eq!(name_and_tag("localhost:5000/postgres"), ("localhost:5000/postgres", "latest"));
        assert_eq!(name_and_tag("localhost:5000/pg:17"), ("localhost:5000/pg", "17"));
        assert_eq!(name_and_tag("pg@sha256:abc"), ("pg@sha256", "abc"));
    }

    #[test]
    fn images_of_what_is_elsewhere_are_not_wanted() {
        let images = Images::pinned(CacheEngine::Valkey);
        assert_eq!(images.wanted(true, true), [LOCALSTACK, POSTGRES, VALKEY]);
        assert_eq!(images.wanted(false, true), [LOCALSTACK, VALKEY]);
        assert_eq!(images.wanted(false, false), [LOCALSTACK]);
    }
}
