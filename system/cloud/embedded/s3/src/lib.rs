//! Amazon S3 in process: buckets, objects, multipart uploads, listings.
//!
//! ```text
//! Body (chunks) ─▶ aws-chunked? ─▶ digests ─▶ segments ─┐
//!                                             Bucket ◀──┘ ─▶ Chunks (shared, never copied) ─▶ Payload
//! ```
//!
//! Invariants: bodies stream in and out, and nobody but an object holds its bytes; all objects of
//! the account fit a limit, and what does not fit is refused; an operation's cost is constant or
//! logarithmic in what the engine holds, beside what it reads, writes or lists; what is not here
//! answers `NotImplemented`, and a request is never half obeyed.
//!
//! Where this differs from AWS, on purpose: a copy keeps its source's ETag, also that of a multipart
//! upload (AWS computes a new one); an upload without a checksum gets none (AWS adds CRC64NVME);
//! nothing survives the process.
//!
//! Deliberately absent: versions, ACLs, policies, tags, encryption keys, storage classes, ListObjects
//! (the first), UploadPartCopy, single parts on reads, SHA-1, presigned and anonymous requests,
//! request rates (the `cloud` crate lays those over any backend).
#![forbid(unsafe_code)]

mod bucket;
mod budget;
mod checksum;
mod chunked;
mod conditions;
mod content;
mod error;
mod metadata;
mod name;
mod object;
mod operations;
mod range;
mod receive;
mod route;
mod service;
mod time;
mod xml;

pub use content::Chunks;
pub use receive::{Body, Broken, Whole};
pub use route::operation;
pub use service::{Payload, S3};
