//! The engine as services and the AWS CLI see it: through the official SDK clients, and over HTTP.
//!
//! One file per behaviour. What a single service does is tested beside that service; here is what
//! needs the real client above or several services below.
#![forbid(unsafe_code)]

mod errors;
mod fan_out;
mod functions;
mod hooks;
mod invoke;
mod mapping;
mod multipart;
mod objects;
mod order;
mod polling;
mod served;
mod stock;
mod support;
