//! What each operation does: `impl DynamoDb`, a file for each family.

mod batch;
mod definition;
mod describe;
mod get;
mod intent;
mod query;
mod read;
mod scan;
mod streams;
mod tables;
mod tags;
mod tokens;
mod transact;
mod ttl;
mod update_table;
mod write;

pub(crate) use tokens::Tokens;
