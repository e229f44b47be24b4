//! SQLite as a server: a file with one connection that writes and a few that read.
//!
//! The write-ahead log lets readers read while the writer writes. Nothing is synced: the files live
//! as long as the run, so a power cut ends both. A service's connections are places in front of
//! these; they take the modelled time of a query, the files' own connections only its computing.

mod follower;
mod hold;
mod writer;

use std::{path::Path, sync::Arc, time::Duration};

use parking_lot::Mutex;
use rand::RngExt;
use securecart_behaviour::{Assumptions, latency::Queries};
use securecart_domain::random;
use sqlx::{
    ConnectOptions, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::{
    Error, migrations,
    server::Server,
    statement::{Outcome, Row, Statement, Work, query},
};
pub(crate) use follower::{Follower, follow};
pub(crate) use hold::Hold;
pub(crate) use writer::{Job, write};

/// Connections that read from one file. More of them would not make two cores compute faster.
const READERS: usize = 2;

/// A server's files.
#[derive(Debug)]
pub(crate) struct Files {
    readers: Mutex<Vec<SqliteConnection>>,
    reading: Semaphore,
    writer: Option<mpsc::UnboundedSender<Job>>,
    pub(crate) follower: Option<Arc<Follower>>,
    times: Option<Times>,
    hold: Hold,
}

impl Files {
    /// Opens the file at `path` for reading; it has been [`create`]d.
    pub(crate) async fn open(
        path: &Path,
        writer: Option<mpsc::UnboundedSender<Job>>,
        follower: Option<Arc<Follower>>,
        times: Option<Times>,
        hold: Hold,
    ) -> Result<Self, Error> {
        let _held = hold.begin();
        let mut readers = Vec::new();
        for _ in 0..READERS {
            readers.push(connect(path).await?);
        }
        let reading = Semaphore::new(READERS);
        Ok(Self { readers: Mutex::new(readers), reading, writer, follower, times, hold })
    }

    pub(crate) async fn run(&self, work: &Work, server: &Server) -> Result<Outcome, Error> {
        let (before, after) = self.times.as_ref().map_or_else(Default::default, |t| t.draw(work));
        pause(before).await;
        let outcome = match work {
            Work::Read(statement) => self.read(statement).await,
            Work::Write { statements, at_once } => self.write(statements, *at_once, server).await,
        };
        pause(after).await;
        outcome
    }

    async fn read(&self, statement: &Statement) -> Result<Outcome, Error> {
        let _turn = self.reading.acquire().await;
        let mut reader = Reader::of(&self.readers);
        let _held = self.hold.begin();
        let rows = query!(statement).fetch_all(reader.connection()?).await;
        let rows = rows.map_err(|error| Error::sqlx(statement.sql.as_str(), &error))?;
        Ok(Outcome { rows: rows.into_iter().map(Row::Sqlite).collect(), ..Outcome::default() })
    }

    /// Hands the statements to the writer, which carries them out to the end even where nobody waits
    /// for it any more: what is committed must get into the replicas' logs.
    async fn write(
        &self,
        statements: &[Statement],
        at_once: bool,
        server: &Server,
    ) -> Result<Outcome, Error> {
        let writer = self.writer.as_ref().ok_or_else(|| server.unavailable("it is read-only"))?;
        let (answer, answered) = oneshot::channel();
        let job = Job { statements: statements.into(), at_once, answer };
        let closed = || server.unavailable("the database is closed");
        writer.send(job).map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// A reading connection that goes back when it is dropped: also from a query nobody waits for any
/// more, which sqlx's worker thread breaks off by itself.
struct Reader<'a> {
    readers: &'a Mutex<Vec<SqliteConnection>>,
    connection: Option<SqliteConnection>,
}

impl<'a> Reader<'a> {
    fn of(readers: &'a Mutex<Vec<SqliteConnection>>) -> Self {
        let connection = readers.lock().pop();
        Self { readers, connection }
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection, Error> {
        let missing = || Error::broken("sqlite", "a turn to read without a connection");
        self.connection.as_mut().ok_or_else(missing)
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.readers.lock().extend(self.connection.take());
    }
}

/// The modelled times of queries.
#[derive(Debug)]
pub(crate) struct Times {
    queries: Queries,
    stream: Mutex<random::Stream>,
}

impl Times {
    pub(crate) fn new(assumptions: &Assumptions, seed: u64, server: &str) -> Self {
        let stream = random::stream(seed, &format!("database {server}"));
        Self { queries: Queries::new(assumptions), stream: Mutex::new(stream) }
    }

    /// How long the work takes before and after it takes effect. A read's time lies behind it; a
    /// write's on either side, evenly often, so that an outage meets writes that are committed and
    /// not acknowledged as well as writes that never got there.
    fn draw(&self, work: &Work) -> (Duration, Duration) {
        let (uniform, first): (f64, bool) = {
            let mut stream = self.stream.lock();
            (stream.random(), stream.random())
        };
        match work {
            Work::Read(_) => (Duration::ZERO, self.queries.read.at(uniform)),
            Work::Write { .. } if first => (self.queries.write.at(uniform), Duration::ZERO),
            Work::Write { .. } => (Duration::ZERO, self.queries.write.at(uniform)),
        }
    }
}

/// Creates the file at `path` with its tables; its connection is the one that writes.
pub(crate) async fn create(
    path: &Path,
    server: &str,
    hold: Hold,
) -> Result<SqliteConnection, Error> {
    let _held = hold.begin();
    let mut connection = connect(path).await?;
    migrations::run(&mut connection, server).await?;
    Ok(connection)
}

async fn connect(path: &Path) -> Result<SqliteConnection, Error> {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Off)
        .disable_statement_logging()
        .connect()
        .await
        .map_err(|error| Error::sqlx(&path.display().to_string(), &error))
}
