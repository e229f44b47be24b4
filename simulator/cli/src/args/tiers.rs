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
    #[arg(long, value_name = "DURATION", default_value = "90s", value_parser = patience_s)]
    pub(crate) ready_within: f64,
}

impl TierArgs {
    /// The options that were given, but for `--backend` and secrets, for who wants the run again.
    pub(crate) fn repeated(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut add = |option: &str, value: &str| words.extend([option.to_owned(), hidden(value)]);
        let urls = [("--endpoint-url", &self.endpoint_url), ("--database-url", &self.database_url)];
        for (option, value) in urls {
            value.iter().for_each(|value| add(option, value));
        }
        self.replica_url.iter().for_each(|url| add("--replica-url", url));
        self.cache_url.iter().for_each(|url| add("--cache-url", url));
        if self.cache_engine == CacheEngine::Memcached {
            add("--cache-engine", "memcached");
        }
        let images = [
            ("--localstack-image", &self.localstack_image),
            ("--postgres-image", &self.postgres_image),
            ("--cache-image", &self.cache_image),
        ];
        for (option, value) in images {
            value.iter().for_each(|value| add(option, value));
        }
        if self.allow_remote_endpoint {
            words.push("--allow-remote-endpoint".to_owned());
        }
        words
    }
}

/// A value as it may be kept and shown: without the password that a URL may have before its host or
/// among its parameters.
fn hidden(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    let (rest, parameters) = match rest.split_once('?') {
        Some((rest, parameters)) => (rest, Some(parameters)),
        None => (rest, None),
    };
    let rest = match rest.rsplit_once('@').map(|(user, place)| (user.split_once(':'), place)) {
        Some((Some((user, _)), place)) => format!("{user}:PASSWORD@{place}"),
        _ => rest.to_owned(),
    };
    let parameters = parameters.map_or_else(String::new, |parameters| {
        let shown = parameters.split('&').map(|parameter| {
            if parameter.starts_with("password=") { "password=PASSWORD" } else { parameter }
        });
        format!("?{}", shown.collect::<Vec<_>>().join("&"))
    });
    format!("{scheme}://{rest}{parameters}")
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
    /// What answers --endpoint-url: LocalStack by hand, moto, MiniStack
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

/// How long a container may be waited for, in seconds.
const PATIENCE_S: std::ops::RangeInclusive<f64> = 1.0..=3_600.0;

/// A wait in which a container can get ready: LocalStack takes ten seconds on two quiet cores.
fn patience_s(text: &str) -> Result<f64, String> {
    let seconds = securecart_scenario::duration_s(text)?;
    if PATIENCE_S.contains(&seconds) {
        return Ok(seconds);
    }
    Err("expected 1s to 1h, such as `90s`: LocalStack takes ten seconds or more to start"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_kept() {
        for (given, kept) in [
            ("postgres://me:p@ss:w/o@db:5432/shop", "postgres://me:PASSWORD@db:5432/shop"),
            (
                "postgres://db/shop?user=me&password=x",
                "postgres://db/shop?user=me&password=PASSWORD",
            ),
            ("redis://:secret@127.0.0.1:6379", "redis://:PASSWORD@127.0.0.1:6379"),
            ("redis://me@127.0.0.1:6379", "redis://me@127.0.0.1:6379"),
            ("valkey/valkey:8", "valkey/valkey:8"),
        ] {
            assert_eq!(hidden(given), kept);
        }
    }
}
