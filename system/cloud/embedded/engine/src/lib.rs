//! The embedded AWS engine: dispatch, SDK connector, loopback server.
#![forbid(unsafe_code)]
