//! What goes wrong, by what a service can do about it.

use std::time::Duration;

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
            Kind::Broken(_) => "broken-row",
        }
    }

    /// Whether another server may well answer.
    pub(crate) fn is_unavailable(&self) -> bool {
        matches!(self.kind, Kind::Unavailable(_))
    }

    /// Whether the connection is as good as before.
    pub(crate) fn leaves_connection(&self) -> bool {
        matches!(self.kind, Kind::Query(_) | Kind::Broken(_))
    }

    /// What sqlx reports, by what PostgreSQL's code for it (SQLSTATE) or the lack of one means.
    pub(crate) fn sqlx(context: &str, error: &sqlx::Error) -> Self {
        let kind = match error {
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
