//! A statement with its arguments, and rows as either database gives them.
//!
//! Two types are all the tables need: 64-bit integers and text. Placeholders are `$1`, `$2`: both
//! databases take them.

use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr, SqlStr, postgres::PgRow, sqlite::SqliteRow};

use crate::Error;

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Int(i64),
    Text(String),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u64> for Value {
    /// The same 64 bits: ids use all of them.
    fn from(number: u64) -> Self {
        Self::Int(number.cast_signed())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A statement, ready to run as often as need be.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sql: SqlStr,
    pub(crate) arguments: Vec<Value>,
}

impl Statement {
    pub(crate) fn new(sql: &'static str) -> Self {
        Self { sql: SqlStr::from_static(sql), arguments: Vec::new() }
    }

    /// A statement whose text was put together from fixed parts (never from arguments).
    pub(crate) fn composed(sql: String) -> Self {
        Self { sql: AssertSqlSafe(sql).into_sql_str(), arguments: Vec::new() }
    }

    pub(crate) fn with(mut self, argument: impl Into<Value>) -> Self {
        self.arguments.push(argument.into());
        self
    }
}

/// The sqlx query of a statement. A macro, because the two databases' queries are two types.
macro_rules! query {
    ($statement:expr) => {{
        let mut query = sqlx::query($statement.sql.clone());
        for argument in &$statement.arguments {
            query = match argument {
                $crate::statement::Value::Int(number) => query.bind(*number),
                $crate::statement::Value::Text(text) => query.bind(text.clone()),
            };
        }
        query
    }};
}
pub(crate) use query;

/// A row of an answer.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(crate) fn int(&self, column: usize) -> Result<i64, Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| Error::sqlx("row", &error))
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| Error::sqlx("row", &error))
    }

    /// The number, where there is one.
    pub(crate) fn maybe_int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| Error::sqlx("row", &error))
    }

    /// A number that was written as unsigned.
    pub(crate) fn id(&self, column: usize) -> Result<u64, Error> {
        self.int(column).map(i64::cast_unsigned)
    }
}

/// What is to be done on a connection.
#[derive(Debug)]
pub(crate) enum Work {
    /// A query for rows.
    Read(Statement),
    /// Statements that take effect together.
    Write {
        statements: Vec<Statement>,
        /// Whether replicas have it without their lag: for what is there before the run begins.
        at_once: bool,
    },
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) rows: Vec<Row>,
    /// Rows that were written.
    pub(crate) affected: u64,
    /// A write's place in the order of commits, from 1.
    pub(crate) position: u64,
}
