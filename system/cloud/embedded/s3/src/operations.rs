//! The operations, by what they work on.

mod buckets;
mod copy;
mod delete;
mod list;
mod multipart;
mod objects;
