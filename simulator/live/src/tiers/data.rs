//! The database and the cache that a choice comes to.

use securecart_cache as cache;
use securecart_containers::CacheEngine;
use securecart_database as database;
use securecart_scenario::Plan;

use super::{Choice, Folder, Machines};
use crate::Error;

/// Where the cache is, and whether it is the run's alone.
#[derive(Debug, Clone)]
pub(crate) struct CacheSource {
    pub(crate) source: cache::Source,
    pub(crate) is_exclusive: bool,
}

/// The engine in process, as records name it.
pub(super) fn embedded() -> String {
    format!("embedded engine {}", securecart_embedded::VERSION)
}

/// What URLs name: it goes before what a backend has.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) database: Option<(database::Source, String)>,
    pub(super) cache: Option<(CacheSource, String)>,
}

impl Given {
    /// Looks at the URLs, before anything is started for the run `run`.
    pub(super) fn read(choice: &Choice, run: &str) -> Result<Self, Error> {
        Ok(Self { database: given_database(choice, run)?, cache: given_cache(choice, run)? })
    }
}

fn given_database(choice: &Choice, run: &str) -> Result<Option<(database::Source, String)>, Error> {
    let Some(primary) = &choice.database_url else { return Ok(None) };
    for url in choice.replica_urls.iter().chain([primary]) {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            let why = "it takes postgres://, such as postgres://user:password@127.0.0.1:5432/shop";
            return Err(Error::url(&shown(url), why));
        }
    }
    let served_by = format!("PostgreSQL at {}", place(primary));
    let (primary, replicas) = (primary.clone(), choice.replica_urls.clone());
    let source = database::Source::Postgres { primary, replicas, run: run.to_owned() };
    Ok(Some((source, served_by)))
}

fn given_cache(choice: &Choice, run: &str) -> Result<Option<(CacheSource, String)>, Error> {
    let Some(first) = choice.cache_urls.first() else { return Ok(None) };
    let served_by = format!("{} at {}", engine_of(first)?, place(first));
    let source = by_url(&choice.cache_urls, run.to_owned())?;
    Ok(Some((CacheSource { source, is_exclusive: false }, served_by)))
}

/// The database of a run whose URLs name none.
pub(super) fn database(
    machines: Option<&Machines>,
    run: &str,
    folder: &mut Option<Folder>,
) -> Result<(database::Source, String), Error> {
    if let Some((machines, (primary, replicas))) =
        machines.and_then(|all| Some((all, all.postgres()?)))
    {
        let image = machines.postgres_image();
        let served_by = format!("PostgreSQL ({image}), 1 + {}", replicas.len());
        let run = run.to_owned();
        return Ok((database::Source::Postgres { primary, replicas, run }, served_by));
    }
    let made = folder.insert(Folder::create().map_err(|error| Error::folder(&error))?);
    Ok((database::Source::Sqlite { folder: made.path() }, "SQLite, replicas modelled".to_owned()))
}

/// The cache of a run whose URLs name none.
pub(super) fn cache(machines: Option<&Machines>, plan: &Plan, run: &str) -> (CacheSource, String) {
    let own = machines.and_then(|all| Some((all.cache_image(), all.cache()?)));
    let (source, served_by) = match own {
        Some((image, (CacheEngine::Valkey, address))) => {
            let urls = vec![format!("redis://{address}")];
            (cache::Source::Redis { urls, run: run.to_owned() }, format!("Valkey ({image})"))
        }
        Some((image, (CacheEngine::Memcached, address))) => {
            let addresses = vec![address.to_string()];
            let source = cache::Source::Memcached { addresses, run: run.to_owned() };
            (source, format!("Memcached ({image})"))
        }
        None => {
            let capacity_bytes = u64::from(plan.cache.memory_mib) << 20;
            let source = cache::Source::InProcess { nodes: plan.cache.nodes, capacity_bytes };
            (source, "in process".to_owned())
        }
    };
    (CacheSource { source, is_exclusive: true }, served_by)
}

/// Nodes of one kind, by their URLs.
fn by_url(urls: &[String], run: String) -> Result<cache::Source, Error> {
    let engine = engine_of(&urls[0])?;
    for url in urls {
        if engine_of(url)? != engine {
            return Err(Error::url(&shown(url), "nodes of one cache are of one kind"));
        }
    }
    Ok(match engine {
        "Memcached" => {
            let address = |url: &String| url.trim_start_matches("memcached://").to_owned();
            cache::Source::Memcached { addresses: urls.iter().map(address).collect(), run }
        }
        _ => cache::Source::Redis { urls: urls.to_vec(), run },
    })
}

fn engine_of(url: &str) -> Result<&'static str, Error> {
    match url.split_once("://").map(|(scheme, _)| scheme) {
        Some("redis") => Ok("Redis"),
        Some("valkey") => Ok("Valkey"),
        Some("memcached") => Ok("Memcached"),
        _ => Err(Error::url(
            &shown(url),
            "it takes redis://, valkey:// or memcached://, such as redis://127.0.0.1:6379",
        )),
    }
}

/// A URL without the password that may be in it.
fn shown(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, _)) => format!("{scheme}://{}", place(url)),
        None => place(url).to_owned(),
    }
}

/// Host and port of a URL, without the password that may stand before them.
fn place(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['/', '?']).next().unwrap_or(rest);
    rest.rsplit_once('@').map_or(rest, |(_, place)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(place("postgres://me:secret@127.0.0.1:5432/shop?x=1"), "127.0.0.1:5432");
        assert_eq!(place("redis://127.0.0.1:6379"), "127.0.0.1:6379");
        assert_eq!(shown("me:secret@db:1"), "db:1");
        let wrong = engine_of("http://me:secret@cache:1").unwrap_err().to_string();
        assert!(wrong.contains("http://cache:1") && !wrong.contains("secret"), "{wrong}");
        assert_eq!(shown("mysql://me:secret@db:1/shop"), "mysql://db:1");
    }

    #[test]
    fn a_cache_is_of_one_known_kind() {
        let urls = |urls: &[&str]| urls.iter().map(|url| (*url).to_owned()).collect::<Vec<_>>();
        let mixed = by_url(&urls(&["redis://a:1", "memcached://b:2"]), String::new());
        assert!(mixed.unwrap_err().to_string().contains("memcached://b:2"));
        assert!(engine_of("http://127.0.0.1").is_err());
        let memcached = by_url(&urls(&["memcached://a:1"]), String::new()).unwrap();
        let cache::Source::Memcached { addresses, .. } = memcached else { panic!("{memcached:?}") };
        assert_eq!(addresses, ["a:1"]);
    }
}
