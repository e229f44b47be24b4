//! What goes wrong, by what a service can do about it.

use std::{path::Path, time::Duration};

use sqlx::{error::DatabaseError, sqlite::SqliteError};

/// Why the database did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{context}: {kind}")]
pub struct Error {
    /// What went wrong.
    pub kind: Kind,
    /// Where: a server, a statement, a migration.
    pub context: String,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Kind {
    /// The server is down, refused the connection or broke it. Whether a write that was under way
    /// was done is unknown: it is safe to repeat.
    #[error("the server is not available: {0}")]
    Unavailable(String),
    /// The server has as many connections as it takes.
    #[error("sorry, too many clients already")]
    TooManyConnections,
    /// All of the service's connections were in use for as long as it waits.
    #[error("no connection was free for {} ms", waited.as_millis())]
    AcquireTimeout {
        /// How long it waited.
        waited: Duration,
    },
    /// A migration was not applied.
    #[error("{0}")]
    Migration(String),
    /// The server refused a statement.
    #[error("{0}")]
    Query(String),
    /// SQLite can't write or open its files: the disk is full, broken, or not to be written to.
    #[error("{0}")]
    Disk(String),
    /// A primary was asked for and the server is a replica, or the other way round.
    #[error("{0}")]
    Role(String),
    /// A row holds what no repository wrote.
    #[error("{0}")]
    Broken(String),
}

impl Error {
    pub(crate) fn new(kind: Kind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into() }
    }

    pub(crate) fn broken(context: &str, what: impl Into<String>) -> Self {
        Self::new(Kind::Broken(what.into()), context)
    }

    /// A fixed word for counting.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.kind {
            Kind::Unavailable(_) => "unavailable",
            Kind::TooManyConnections => "too-many-connections",
            Kind::AcquireTimeout { .. } => "acquire-timeout",
            Kind::Migration(_) => "migration",
            Kind::Query(_) => "query",
            Kind::Disk(_) => "disk",
            Kind::Role(_) => "role",
            Kind::Broken(_) => "broken-row",
        }
    }

    /// Whether another server may well answer.
    pub(crate) fn is_unavailable(&self) -> bool {
        matches!(self.kind, Kind::Unavailable(_))
    }

    /// Whether the connection is as good as before.
    pub(crate) fn leaves_connection(&self) -> bool {
        matches!(self.kind, Kind::Query(_) | Kind::Disk(_) | Kind::Broken(_))
    }

    /// The same, about the files in `folder` where it is them.
    pub(crate) fn of_files(self, folder: &Path) -> Self {
        match self.kind {
            Kind::Disk(_) => Self { context: folder.display().to_string(), ..self },
            _ => self,
        }
    }

    /// What sqlx reports, by what PostgreSQL's code for it (SQLSTATE) or the lack of one means.
    pub(crate) fn sqlx(context: &str, error: &sqlx::Error) -> Self {
        let kind = match error {
            sqlx::Error::Database(refused) if is_disk(refused.as_ref()) => {
                Kind::Disk(refused.message().to_owned())
            }
            sqlx::Error::Database(refused) => {
                let text = refused.message().to_owned();
                match refused.code().as_deref() {
                    Some("53300") => Kind::TooManyConnections,
                    // Connection exceptions; the server stops, crashed or starts; it is a standby;
                    // a standby needed what the query was reading.
                    Some(code)
                        if refused.kind() == sqlx::error::ErrorKind::Other
                            && (code.len() == 5 && code.starts_with("08")
                                || ["57P01", "57P02", "57P03", "25006", "40001"]
                                    .contains(&code)) =>
                    {
                        Kind::Unavailable(text)
                    }
                    _ => Kind::Query(text),
                }
            }
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::Decode(_) => Kind::Broken(error.to_string()),
            other => Kind::Unavailable(other.to_string()),
        };
        Self::new(kind, context)
    }
}

/// Whether SQLite could not do what it was asked to because of its files. Extended codes have the
/// primary one in their low byte (sqlite.org/rescode.html).
fn is_disk(refused: &dyn DatabaseError) -> bool {
    const READONLY: u32 = 8;
    const IOERR: u32 = 10;
    const FULL: u32 = 13;
    const CANTOPEN: u32 = 14;
    let code = refused.try_downcast_ref::<SqliteError>().and_then(DatabaseError::code);
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, READONLY | IOERR | FULL | CANTOPEN))
}

#[cfg(test)]
mod tests {
    use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

    use super::*;

    #[tokio::test]
    async fn a_disk_that_is_full_is_told_from_a_statement_that_is_wrong() {
        let mut connection = SqliteConnectOptions::new().connect().await.expect("in memory");
        let mut refused = async |sql: &'static str| {
            let done = sqlx::raw_sql(sql).execute(&mut connection).await;
            Error::sqlx("tests", &done.expect_err("it is refused")).kind
        };
        let full = refused("PRAGMA max_page_count = 1; CREATE TABLE a (id TEXT)").await;
        assert_eq!(full, Kind::Disk("database or disk is full".to_owned()));
        assert!(matches!(refused("SELECT * FROM b").await, Kind::Query(_)));
        let options = SqliteConnectOptions::new().filename("/no/such/folder/file");
        let error = options.connect().await.expect_err("it is not there");
        assert!(matches!(Error::sqlx("tests", &error).kind, Kind::Disk(_)), "{error}");
    }
}
