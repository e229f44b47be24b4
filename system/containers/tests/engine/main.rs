//! Containers for real, on this machine's engine. `cargo test -p securecart-containers -- --ignored`.
//!
//! Wants debian:trixie-slim and the pinned images (compose/images/build). One test at a time: each
//! starts a whole set, and a laptop has few cores. All are bounded in time.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "these are tests, their helpers too")]

mod child;
mod failures;
mod life;
mod rig;
mod sweep;
