//! What each container is made of: image, environment, command, and how one asks whether it is ready.
//!
//! Pure, so that it is tested without Docker. Works with the official images and with those of
//! compose/images alike.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::{
    Member,
    options::{CacheEngine, Options},
    owner::MEMBER,
};

/// Lets replicas in, at a primary's first start. compose/ uses the same two.
const PRIMARY_INIT: &str = include_str!("../../../compose/postgres/primary-replication.sh");
const PRIMARY_INIT_PATH: &str = "/docker-entrypoint-initdb.d/primary-replication.sh";
/// The command of a replica: clones the primary at its first start, and follows it.
const REPLICA_COMMAND: &str = include_str!("../../../compose/postgres/replica.sh");
const REPLICA_COMMAND_PATH: &str = "/securecart/replica.sh";

/// User and database of PostgreSQL.
const USER: &str = "securecart";

/// Longest run id in a name: host names end at 63 characters, and a replica finds the primary by
/// its container's name.
const RUN_IN_NAME_MAX: usize = 32;

/// How one asks a container whether it is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// `GET /_localstack/health`, with these services running.
    LocalStack { services: Vec<String> },
    /// A query; a replica also has to stream.
    Postgres { login: Login, replica: bool },
    /// `PING`.
    Valkey,
    /// `version`.
    Memcached,
}

/// User, password and database of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: &'static str,
    pub(crate) password: String,
    pub(crate) database: &'static str,
}

impl Login {
    /// The run's. The password keeps other programs of this machine out by accident, no more: the
    /// port is published on loopback.
    pub(crate) fn of(run: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        run.hash(&mut hasher);
        Self { user: USER, password: format!("{:016x}", hasher.finish()), database: USER }
    }

    /// The URL of a server at `address`.
    pub(crate) fn url(&self, address: std::net::SocketAddr) -> String {
        let Self { user, password, database } = self;
        format!("postgres://{user}:{password}@{address}/{database}?sslmode=disable")
    }
}

/// One container.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(crate) member: Member,
    pub(crate) name: String,
    pub(crate) image: String,
    /// What the image should hold, for messages.
    pub(crate) wanted: &'static str,
    /// The port inside of the container.
    pub(crate) port: u16,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) command: Vec<String>,
    /// Path and content of files that are put into it.
    pub(crate) file: Option<(&'static str, &'static str)>,
    pub(crate) question: Question,
}

impl Recipe {
    /// The recipe of `member` in the run of `options`.
    pub(crate) fn of(member: Member, options: &Options) -> Self {
        let image = options.images.of(member).to_owned();
        let name = container_name(&options.run, &member.to_string());
        let port = member.port(options.cache_engine);
        let (wanted, question) = match member {
            Member::LocalStack => {
                ("LocalStack", Question::LocalStack { services: options.services.clone() })
            }
            Member::Primary | Member::Replica(_) => (
                "PostgreSQL",
                Question::Postgres {
                    login: Login::of(&options.run),
                    replica: matches!(member, Member::Replica(_)),
                },
            ),
            Member::Cache => match options.cache_engine {
                CacheEngine::Valkey => ("Valkey", Question::Valkey),
                CacheEngine::Memcached => ("Memcached", Question::Memcached),
            },
        };
        let mut recipe = Self {
            member,
            name,
            image,
            wanted,
            port,
            environment: Vec::new(),
            command: Vec::new(),
            file: None,
            question,
        };
        match member {
            Member::LocalStack => recipe.localstack(options),
            Member::Primary | Member::Replica(_) => recipe.postgres(options),
            Member::Cache => recipe.cache(options),
        }
        recipe
    }

    /// What may be wrong with a container that does not do what it should, and how to go on.
    pub(crate) fn hint(&self) -> String {
        let option = match self.member {
            Member::LocalStack => "--localstack-image",
            Member::Primary | Member::Replica(_) => "--postgres-image",
            Member::Cache => "--cache-image",
        };
        format!("is it an image of {}? {option} names another", self.wanted)
    }

    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.push((name.into(), value.into()));
    }

    fn localstack(&mut self, options: &Options) {
        self.set("SERVICES", options.services.join(","));
        self.set("EAGER_SERVICE_LOADING", "1");
        self.set("DYNAMODB_IN_MEMORY", "1");
        // A line for each call costs the emulator throughput that it has little of.
        self.set("LS_LOG", "warn");
        self.set("DISABLE_EVENTS", "1");
        if let Some(token) = &options.localstack_auth_token {
            self.set("LOCALSTACK_AUTH_TOKEN", token.clone());
        }
    }

    fn postgres(&mut self, options: &Options) {
        let login = Login::of(&options.run);
        self.set("REPLICATION_PASSWORD", login.password.clone());
        if self.member == Member::Primary {
            self.set("POSTGRES_USER", login.user);
            self.set("POSTGRES_PASSWORD", login.password);
            self.set("POSTGRES_DB", login.database);
            // In clear text over loopback; SCRAM's 4,096 rounds for each connection are not what a
            // pool on RDS feels.
            self.set("POSTGRES_HOST_AUTH_METHOD", "password");
            self.file = Some((PRIMARY_INIT_PATH, PRIMARY_INIT));
            self.command.push("postgres".into());
        } else {
            self.set("PRIMARY_HOST", container_name(&options.run, &Member::Primary.to_string()));
            self.set("REPLICA_NAME", self.member.to_string());
            self.file = Some((REPLICA_COMMAND_PATH, REPLICA_COMMAND));
            self.command.extend(["bash".into(), REPLICA_COMMAND_PATH.into()]);
        }
        for setting in server_settings(options.max_connections, options.replicas) {
            self.command.extend(["-c".into(), setting]);
        }
    }

    fn cache(&mut self, options: &Options) {
        let megabytes = options.cache_megabytes;
        // Options alone: each image's entry point puts its own server in front.
        let command = match options.cache_engine {
            CacheEngine::Valkey => {
                format!(
                    "--appendonly no --maxmemory {megabytes}mb --maxmemory-policy allkeys-lru --protected-mode no --save "
                )
            }
            CacheEngine::Memcached => format!("-m {megabytes} -c 4096"),
        };
        // Split at single spaces: `--save` is followed by an empty word, which switches it off.
        self.command = command.split(' ').map(String::from).collect();
    }

    /// The labels that say which container this is.
    pub(crate) fn label(&self) -> (&'static str, String) {
        (MEMBER, self.member.to_string())
    }
}

/// The server's settings; the same for primary and replica, because a replica refuses to start with
/// fewer connections than its primary has.
fn server_settings(max_connections: u32, replicas: u32) -> Vec<String> {
    let senders = replicas + 4;
    [
        // `kill -9` takes a process's memory and leaves what it wrote to the system, so a killed
        // server loses nothing; only a crash of the whole machine would, and then the run is over.
        // Pages can still be torn, because the system may end a write of 8 KB between its pages:
        // full_page_writes stays on.
        "fsync=off".into(),
        format!("max_connections={max_connections}"),
        "listen_addresses=*".into(),
        "hot_standby=on".into(),
        format!("max_wal_senders={senders}"),
        // What a replica that was cut off may have missed and still catches up on.
        "wal_keep_size=1GB".into(),
        // Either side notices within seconds that the other is cut off or paused.
        "wal_sender_timeout=5s".into(),
        "wal_receiver_timeout=5s".into(),
        "wal_retrieve_retry_interval=500ms".into(),
        "wal_receiver_status_interval=1s".into(),
    ]
    .into()
}

/// The name of the run's network.
pub(crate) fn network_name(run: &str) -> String {
    container_name(run, "network")
}

/// `securecart-RUN-PART`, of the characters that Docker and DNS take.
pub(crate) fn container_name(run: &str, part: &str) -> String {
    let run: Vec<char> =
        run.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    // Ids begin with what runs have in common.
    let end = &run[run.len().saturating_sub(RUN_IN_NAME_MAX)..];
    format!("securecart-{}-{part}", end.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options::new("black-friday/2026 11 27", "/tmp")
    }

    fn value<'a>(recipe: &'a Recipe, name: &str) -> Option<&'a str> {
        recipe.environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn names_are_host_names() {
        assert_eq!(container_name("a/b c", "cache"), "securecart-a-b-c-cache");
        let long = container_name(&"x".repeat(100), "postgres-replica-1");
        assert!(long.len() <= 63, "{long}");
        assert!(container_name("ü", "cache").is_ascii());
    }

    #[test]
    fn a_replica_finds_the_primary_by_its_name() {
        let primary = Recipe::of(Member::Primary, &options());
        let replica = Recipe::of(Member::Replica(1), &options());
        assert_eq!(value(&replica, "PRIMARY_HOST"), Some(primary.name.as_str()));
        assert_eq!(
            value(&replica, "REPLICATION_PASSWORD"),
            value(&primary, "REPLICATION_PASSWORD")
        );
        assert_eq!(replica.command[2..], primary.command[1..], "the same settings");
    }

    #[test]
    fn the_token_goes_to_localstack_when_there_is_one() {
        assert_eq!(
            value(&Recipe::of(Member::LocalStack, &options()), "LOCALSTACK_AUTH_TOKEN"),
            None
        );
        let with = Options { localstack_auth_token: Some("t".into()), ..options() };
        let recipe = Recipe::of(Member::LocalStack, &with);
        assert_eq!(value(&recipe, "LOCALSTACK_AUTH_TOKEN"), Some("t"));
    }

    #[test]
    fn valkey_saves_nothing_and_memcached_gets_its_memory() {
        let valkey = Recipe::of(Member::Cache, &options());
        assert_eq!(valkey.command.last().map(String::as_str), Some(""));
        assert!(valkey.command.contains(&"64mb".into()), "{:?}", valkey.command);
        let memcached = Options { cache_engine: CacheEngine::Memcached, ..options() };
        let recipe = Recipe::of(Member::Cache, &memcached);
        assert_eq!(recipe.command, ["-m", "64", "-c", "4096"]);
        assert_eq!(recipe.port, 11211);
    }

    #[test]
    fn the_login_is_the_runs_own() {
        assert_eq!(Login::of("a"), Login::of("a"));
        assert_ne!(Login::of("a"), Login::of("b"));
        let url = Login::of("a").url(([127, 0, 0, 1], 5432).into());
        assert!(url.starts_with("postgres://securecart:"), "{url}");
        assert!(url.ends_with("@127.0.0.1:5432/securecart?sslmode=disable"), "{url}");
    }
}
