//! Watches primary and replicas of PostgreSQL: who answers, how far replicas are behind, and which
//! writes of ours they have.
//!
//! Twice a second it notes how many writes were acknowledged so far, and then where the primary's log
//! ends: all of those writes lie before that. A replica that has replayed up to there has them all.
//! (Asking for the log's end with each write would not do: a statement runs before its own commit.)
//! The lag is the age of the oldest such note that the replica has not reached, and 0 for one that has
//! reached them all: at most half a second less than it is.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::Ordering::{Acquire, Relaxed, Release},
    },
    time::Duration,
};

use sqlx::PgConnection;
use tokio::{
    sync::watch::Receiver,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::{ask, order};
use crate::{
    Error, Kind,
    server::{Backend, Server},
};

const EVERY: Duration = Duration::from_millis(500);

/// How long a server has to answer the watch.
const PATIENCE: Duration = Duration::from_secs(2);

/// Notes that are kept: lag beyond two minutes counts from the oldest.
const NOTES_MAX: usize = 240;

/// How long a replica may take to show the run's tables.
const FIRST_WITHIN: Duration = Duration::from_secs(30);

/// The end of the primary's log at some time.
#[derive(Debug, Clone, Copy)]
struct Note {
    position: u64,
    at: Instant,
    end: u64,
}

/// A server with the watch's own connection to it, which does not count among its clients'.
struct Watched {
    server: Arc<Server>,
    connection: Option<PgConnection>,
    generation: u64,
    /// The lag that the server was last told to add.
    added: Duration,
}

impl Watched {
    fn new(server: Arc<Server>) -> Self {
        Self { server, connection: None, generation: 0, added: Duration::ZERO }
    }

    /// The log position that `sql` answers; `None` where the server does not answer, which breaks
    /// whatever connections there are.
    async fn position(&mut self, sql: &'static str) -> Result<Option<u64>, Error> {
        let asked = timeout(PATIENCE, async {
            let connection = self.connection().await?;
            ask(connection, sql).await
        });
        let answer = match asked.await {
            Ok(answer) => answer,
            Err(_) => Err(self.server.unavailable("no answer to the watch")),
        };
        match answer {
            Ok(text) => {
                self.server.answers.store(true, Relaxed);
                Ok(text.as_deref().and_then(log_position))
            }
            Err(error) => {
                self.connection = None;
                // A server that has no connection to spare for the watch is there all the same.
                if error.is_unavailable() && self.server.answers.swap(false, Relaxed) {
                    log::warn!("{} does not answer: {error}", self.server.name);
                    self.server.disconnect();
                    // Who waits for its answer need not wait any longer.
                    self.server.outage.notify_waiters();
                }
                Err(error)
            }
        }
    }

    async fn connection(&mut self) -> Result<&mut PgConnection, Error> {
        let Backend::Postgres(endpoint) = &self.server.backend else {
            return Err(self.server.unavailable("it is no PostgreSQL server"));
        };
        let generation = self.server.generation();
        let connection = match self.connection.take() {
            Some(connection) if generation == self.generation => connection,
            _ => endpoint.connect(&self.server.name).await?,
        };
        self.generation = generation;
        Ok(self.connection.insert(connection))
    }

    /// What primary and replicas have in common; `None` where the server does not say.
    async fn cluster(&mut self) -> Option<String> {
        let asked = timeout(PATIENCE, async {
            let sql = "SELECT system_identifier::text FROM pg_control_system()";
            ask(self.connection().await?, sql).await
        });
        asked.await.ok()?.ok().flatten()
    }

    /// Has the replica wait so long before it applies a commit.
    async fn delay(&mut self, added: Duration) {
        if self.added == added {
            return;
        }
        let told = async {
            let connection = self.connection().await?;
            let set = format!(
                "ALTER SYSTEM SET recovery_min_apply_delay = '{}ms'",
                added.as_millis().min(i32::MAX as u128)
            );
            order(connection, set).await?;
            order(connection, "SELECT pg_reload_conf()".to_owned()).await
        };
        match timeout(PATIENCE, told).await {
            Ok(Ok(())) => self.added = added,
            Ok(Err(error)) => log::warn!("{} does not change its lag: {error}", self.server.name),
            Err(_) => log::warn!("{} does not change its lag: no answer", self.server.name),
        }
    }
}

/// Waits until every replica has the tables that `primary` has now. One that follows nobody, or
/// somebody else, never will.
pub(crate) async fn await_replicas(
    primary: &Arc<Server>,
    replicas: &[Arc<Server>],
) -> Result<(), Error> {
    let mut watched = Watched::new(Arc::clone(primary));
    let end = watched.position("SELECT pg_current_wal_lsn()::text").await?.unwrap_or(0);
    let cluster = watched.cluster().await;
    for replica in replicas {
        let mut watched = Watched::new(Arc::clone(replica));
        if watched.position(REPLAYED).await?.is_none() {
            return Err(no_standby(replica, "it is a primary"));
        }
        let other = watched.cluster().await;
        if cluster.is_some() && other.is_some() && other != cluster {
            return Err(no_standby(replica, "it follows another primary"));
        }
        let give_up = Instant::now() + FIRST_WITHIN;
        loop {
            let replayed = watched.position(REPLAYED).await?.unwrap_or(0);
            if replayed >= end {
                break;
            }
            if Instant::now() > give_up {
                let why = format!("it is behind the primary by {} bytes", end - replayed);
                return Err(Error::new(Kind::Unavailable(why), replica.name.clone()));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}

/// A replica that does not follow the primary.
fn no_standby(replica: &Server, what: &str) -> Error {
    let named = match &replica.backend {
        Backend::Postgres(endpoint) => endpoint.named(&replica.name),
        Backend::Sqlite(_) => replica.name.clone(),
    };
    let why = format!(
        "{what}, and is no standby of the server that --database-url names: --replica-url takes one \
         that streams from it"
    );
    Error::new(Kind::Role(why), named)
}

const REPLAYED: &str =
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END";

/// Watches until `added` says that there is an end, by `None`; what was added to the replicas' lag is
/// taken back first.
pub(crate) async fn watch(
    primary: Arc<Server>,
    replicas: Vec<Arc<Server>>,
    mut added: Receiver<Option<Duration>>,
) {
    let mut primary = Watched::new(primary);
    let mut replicas: Vec<Watched> = replicas.into_iter().map(Watched::new).collect();
    let mut notes: VecDeque<Note> = VecDeque::new();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = added.changed() => {}
        }
        let told = *added.borrow_and_update();
        let delay = told.unwrap_or_default();
        futures::future::join_all(replicas.iter_mut().map(|replica| replica.delay(delay))).await;
        if told.is_none() {
            return;
        }
        look(&mut primary, &mut replicas, &mut notes).await;
    }
}

async fn look(primary: &mut Watched, replicas: &mut [Watched], notes: &mut VecDeque<Note>) {
    let position = primary.server.position.load(Acquire);
    let at = Instant::now();
    if let Ok(Some(end)) = primary.position("SELECT pg_current_wal_lsn()::text").await {
        notes.push_back(Note { position, at, end });
        if notes.len() > NOTES_MAX {
            notes.pop_front();
        }
    }
    let notes = &*notes;
    let looks = replicas.iter_mut().map(|replica| async move {
        let Ok(Some(replayed)) = replica.position(REPLAYED).await else {
            replica.server.set_lag(None);
            return;
        };
        let reached = notes.iter().rposition(|note| note.end <= replayed);
        if let Some(note) = reached.map(|place| notes[place]) {
            replica.server.position.fetch_max(note.position, Release);
        }
        replica.server.set_lag(lag(notes, reached));
    });
    futures::future::join_all(looks).await;
}

/// The lag of a replica that has reached the note at this place, at the least: the age of the first
/// note that it has not reached.
fn lag(notes: &VecDeque<Note>, reached: Option<usize>) -> Option<Duration> {
    let missing = reached.map_or(0, |place| place + 1);
    match notes.get(missing) {
        Some(note) => Some(note.at.elapsed()),
        None => (!notes.is_empty()).then_some(Duration::ZERO),
    }
}

/// `16/B374D848` as a number of bytes.
fn log_position(text: &str) -> Option<u64> {
    let (high, low) = text.split_once('/')?;
    let part = |digits| u64::from_str_radix(digits, 16).ok();
    Some((part(high)? << 32) | part(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_position_is_read() {
        assert_eq!(log_position("16/B374D848"), Some(0x16_b374_d848));
        assert_eq!(log_position("0/0"), Some(0));
        assert_eq!(log_position("later"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn lag_is_the_age_of_the_first_note_that_was_not_reached() {
        let mut notes = VecDeque::new();
        assert_eq!(lag(&notes, None), None);
        for position in 0..3 {
            notes.push_back(Note { position, at: Instant::now(), end: position * 100 });
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert_eq!(lag(&notes, Some(2)), Some(Duration::ZERO));
        assert_eq!(lag(&notes, Some(1)), Some(Duration::from_secs(1)));
        assert_eq!(lag(&notes, None), Some(Duration::from_secs(3)));
    }
}
