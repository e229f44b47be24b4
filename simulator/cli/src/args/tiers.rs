//! Options that say who serves AWS, the database and the cache.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Who serves the tiers.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Backend")]
pub(crate) struct TierArgs {
    /// Which AWS the services talk to
    #[arg(long, value_enum, default_value_t = Backend::Auto)]
    pub(crate) backend: Backend,
    /// An AWS API that runs already, such as http://127.0.0.1:4566; means --backend endpoint
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Take an --endpoint-url of another machine; real AWS is refused all the same
    #[arg(long)]
    pub(crate) allow_remote_endpoint: bool,
    /// PostgreSQL's primary, such as postgres://user:password@127.0.0.1:5432/shop (default: the
    /// backend's own)
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// A streaming read replica of it; repeatable
    #[arg(long, value_name = "URL", requires = "database_url")]
    pub(crate) replica_url: Vec<String>,
    /// A node of the cache: redis://, valkey:// or memcached://; repeatable (default: the backend's own)
    #[arg(long, value_name = "URL")]
    pub(crate) cache_url: Vec<String>,
    /// Which cache --backend localstack starts
    #[arg(long, value_enum, default_value_t = CacheEngine::Valkey)]
    pub(crate) cache_engine: CacheEngine,
    /// Image of LocalStack, with its tag (default: localstack/localstack:4.14.0, the last that needs
    /// no token)
    #[arg(long, value_name = "IMAGE")]
    pub(crate) localstack_image: Option<String>,
    /// Image of PostgreSQL, with its tag (default: postgres:17)
    #[arg(long, value_name = "IMAGE")]
    pub(crate) postgres_image: Option<String>,
    /// Image of the cache, with its tag (default: valkey/valkey:8 or memcached:1.6)
    #[arg(long, value_name = "IMAGE")]
    pub(crate) cache_image: Option<String>,
    /// Token of a LocalStack account, which tags after 4.14.0 want
    #[arg(long, value_name = "TOKEN", env = "LOCALSTACK_AUTH_TOKEN", hide_env_values = true)]
    pub(crate) localstack_auth_token: Option<String>,
    /// How long a container may take until it answers, such as 90s
    #[arg(long, value_name = "DURATION", default_value = "90s", value_parser = securecart_scenario::duration_s)]
    pub(crate) ready_within: f64,
}

/// Which AWS the services talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    /// `localstack` where a Docker engine answers and has its images, else `embedded`; never pulls
    Auto,
    /// The in-process engine: nothing to install
    Embedded,
    /// LocalStack, PostgreSQL and a cache in containers; pulls what is missing
    Localstack,
    /// What answers --endpoint-url: LocalStack by hand, moto, MiniStack, `securecart up`
    Endpoint,
}

/// Which cache a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CacheEngine {
    /// Valkey
    Valkey,
    /// Memcached
    Memcached,
}

/// What a doctor looks at besides the machine.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Folder that runs are kept in
    #[arg(long, value_name = "DIR", default_value = "reports/runs")]
    pub(crate) out: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
