//! The way in: gateway and load balancing, over real HTTP.
#![forbid(unsafe_code)]
