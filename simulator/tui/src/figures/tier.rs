//! Everything that keeps data or stands beside the services: servers of the database, the cache,
//! tables, functions, containers.

use securecart_record::RunRecord;

use super::{
    CACHE, CacheRow, ContainerRow, DatabaseRow, FunctionRow, Health, TableRow, cache, containers,
    databases, functions, tables,
};
use crate::state::Subject;

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StoreRow<'a> {
    Database(DatabaseRow<'a>),
    Cache(CacheRow<'a>),
    Table(TableRow<'a>),
    Function(FunctionRow<'a>),
    Container(ContainerRow<'a>),
}

impl<'a> StoreRow<'a> {
    pub(crate) fn name(&self) -> &'a str {
        match self {
            Self::Database(row) => row.name,
            Self::Cache(_) => CACHE,
            Self::Table(row) => row.name,
            Self::Function(row) => row.name,
            Self::Container(row) => row.name,
        }
    }

    pub(crate) fn health(&self) -> Health {
        match self {
            Self::Database(row) => row.health,
            Self::Cache(row) => row.health,
            Self::Table(row) => row.health,
            Self::Function(row) => row.health,
            Self::Container(row) => row.health,
        }
    }

    pub(crate) fn subject(&self) -> Subject {
        let name = self.name().to_owned();
        match self {
            Self::Database(_) => Subject::Database(name),
            Self::Cache(_) => Subject::Cache,
            Self::Table(_) => Subject::Table(name),
            Self::Function(_) => Subject::Function(name),
            Self::Container(_) => Subject::Container(name),
        }
    }
}

/// All of them, by kind and in the order of the record.
pub(crate) fn stores(record: &RunRecord) -> Vec<StoreRow<'_>> {
    let databases = databases(record).into_iter().map(StoreRow::Database);
    let tables = tables(record).into_iter().map(StoreRow::Table);
    let functions = functions(record).into_iter().map(StoreRow::Function);
    let containers = containers(record).into_iter().map(StoreRow::Container);
    databases
        .chain(cache(record).map(StoreRow::Cache))
        .chain(tables)
        .chain(functions)
        .chain(containers)
        .collect()
}
