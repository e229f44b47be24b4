//! How AWS behaves, as pure state machines with an explicit now.
#![forbid(unsafe_code)]
