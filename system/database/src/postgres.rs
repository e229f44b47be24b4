//! A PostgreSQL server: where it is, and how statements run there.
//!
//! Connections find the run's tables by `search_path`. Whatever a server does not answer in time
//! (a container that is paused answers nothing at all) counts as lost, and so does its connection.

mod watch;

use std::{net::SocketAddr, str::FromStr, time::Duration};

use parking_lot::RwLock;
use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, SqlStr, postgres::PgConnectOptions,
};
use tokio::time::timeout;

use crate::{
    Error, Kind, migrations,
    server::Server,
    statement::{Outcome, Row, Statement, Work, query},
};
pub(crate) use watch::{await_replicas, watch};

/// How long a server has to take a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// How long a server has to answer a statement.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Where a server is.
#[derive(Debug)]
pub(crate) struct Endpoint {
    options: RwLock<PgConnectOptions>,
}

impl Endpoint {
    /// The server at `url`, whose tables are in `schema`.
    pub(crate) fn new(url: &str, schema: &str) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| Error::sqlx("the URL of a PostgreSQL server", &error))?
            .application_name("securecart")
            .options([("search_path", schema)])
            .disable_statement_logging();
        Ok(Self { options: RwLock::new(options) })
    }

    /// The server is at `address` from now on.
    pub(crate) fn set_address(&self, address: SocketAddr) {
        let mut options = self.options.write();
        *options = options.clone().host(&address.ip().to_string()).port(address.port());
    }

    /// `server` with the place where it is.
    pub(crate) fn named(&self, server: &str) -> String {
        let options = self.options.read();
        format!("{server} at {}:{}", options.get_host(), options.get_port())
    }

    pub(crate) async fn connect(&self, server: &str) -> Result<PgConnection, Error> {
        let options = self.options.read().clone();
        match timeout(CONNECT_WITHIN, PgConnection::connect_with(&options)).await {
            Ok(connected) => connected.map_err(|error| Error::sqlx(&self.named(server), &error)),
            Err(_) => {
                let seconds = CONNECT_WITHIN.as_secs();
                let why =
                    format!("no answer within {seconds} s: does it run, and is it PostgreSQL?");
                Err(Error::new(Kind::Unavailable(why), self.named(server)))
            }
        }
    }

    pub(crate) async fn run(
        &self,
        connection: &mut PgConnection,
        work: &Work,
        server: &Server,
    ) -> Result<Outcome, Error> {
        let answer = timeout(ANSWER_WITHIN, carry_out(connection, work)).await;
        let late = |_| Error::new(unanswered(ANSWER_WITHIN), server.name.clone());
        let mut outcome = answer.map_err(late)??;
        if outcome.affected > 0 {
            // Positions count acknowledged writes: the watch compares them with what it finds
            // replayed (see there).
            outcome.position =
                1 + server.position.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
        }
        Ok(outcome)
    }
}

fn unanswered(within: Duration) -> Kind {
    Kind::Unavailable(format!("no answer within {} s", within.as_secs()))
}

async fn carry_out(connection: &mut PgConnection, work: &Work) -> Result<Outcome, Error> {
    match work {
        Work::Read(statement) => {
            let rows = query!(statement).fetch_all(connection).await;
            let rows = rows.map_err(|error| Error::sqlx(statement.sql.as_str(), &error))?;
            let rows = rows.into_iter().map(Row::Postgres).collect();
            Ok(Outcome { rows, ..Outcome::default() })
        }
        Work::Write { statements, .. } => {
            let affected = write(connection, statements).await?;
            Ok(Outcome { affected, ..Outcome::default() })
        }
    }
}

/// Runs the statements as one transaction; how many rows they wrote.
async fn write(connection: &mut PgConnection, statements: &[Statement]) -> Result<u64, Error> {
    if let [statement] = statements {
        return execute(connection, statement).await;
    }
    let failed = |error: sqlx::Error| Error::sqlx("transaction", &error);
    let mut transaction = connection.begin().await.map_err(failed)?;
    let mut affected = 0;
    for statement in statements {
        affected += execute(&mut transaction, statement).await?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(affected)
}

async fn execute(connection: &mut PgConnection, statement: &Statement) -> Result<u64, Error> {
    query!(statement)
        .execute(connection)
        .await
        .map(|done| done.rows_affected())
        .map_err(|error| Error::sqlx(statement.sql.as_str(), &error))
}

/// The name of a run's schema: `securecart_` and what PostgreSQL takes without quotes. Names that are
/// too long keep their end, which is what tells runs apart.
pub(crate) fn schema(run: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let name: String = run.to_ascii_lowercase().chars().map(plain).collect();
    // 63 bytes are what an identifier may have.
    let start = name.len().saturating_sub(63 - "securecart_".len());
    format!("securecart_{}", &name[start..])
}

/// Creates `schema`, which must not be there, and the tables in it.
pub(crate) async fn create(
    primary: &Server,
    endpoint: &Endpoint,
    schema: &str,
) -> Result<(), Error> {
    let mut connection = endpoint.connect(&primary.name).await?;
    if is_standby(&mut connection).await? {
        let why = "it is a replica (pg_is_in_recovery): --database-url takes the primary, and \
                   --replica-url what follows it";
        return Err(Error::new(Kind::Role(why.to_owned()), endpoint.named(&primary.name)));
    }
    order(&mut connection, format!("CREATE SCHEMA {schema}")).await?;
    if let Err(error) = migrations::run(&mut connection, &primary.name).await {
        // What came of it is of no use to anybody; the first error is what matters.
        let _ = order(&mut connection, format!("DROP SCHEMA {schema} CASCADE")).await;
        return Err(error);
    }
    Ok(())
}

/// Drops `schema` and all that is in it.
pub(crate) async fn remove(
    primary: &Server,
    endpoint: &Endpoint,
    schema: &str,
) -> Result<(), Error> {
    let mut connection = endpoint.connect(&primary.name).await?;
    order(&mut connection, format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await
}

/// Runs a command that takes no arguments. Its text holds nothing that came from outside but a
/// schema's name, which is letters, digits and underscores.
async fn order(connection: &mut PgConnection, sql: String) -> Result<(), Error> {
    let context = sql.clone();
    let command = sqlx::AssertSqlSafe(sql);
    let done = timeout(ANSWER_WITHIN, connection.execute(sqlx::raw_sql(command))).await;
    match done {
        Ok(done) => done.map(|_| ()).map_err(|error| Error::sqlx(&context, &error)),
        Err(_) => Err(Error::new(unanswered(ANSWER_WITHIN), context)),
    }
}

/// Whether a server follows another one.
async fn is_standby(connection: &mut PgConnection) -> Result<bool, Error> {
    Ok(ask(connection, "SELECT pg_is_in_recovery()::text").await?.as_deref() == Some("true"))
}

/// The one text that a query without arguments answers; `None` where it is null.
async fn ask(connection: &mut PgConnection, sql: &'static str) -> Result<Option<String>, Error> {
    let query = sqlx::query_scalar::<_, Option<String>>(SqlStr::from_static(sql));
    query.fetch_one(connection).await.map_err(|error| Error::sqlx(sql, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_a_plain_name() {
        assert_eq!(schema("black-friday-2026-11-27T08"), "securecart_black_friday_2026_11_27t08");
        assert_eq!(schema("a'; DROP"), "securecart_a___drop");
        let long = format!("{}-the-end", "x".repeat(100));
        assert_eq!(schema(&long).len(), 63);
        assert!(schema(&long).ends_with("_the_end"));
        assert!(schema("ü").starts_with("securecart_"));
    }
}
