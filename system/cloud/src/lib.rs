//! The AWS API: clients by role, modelled latency, provisioning, backends.
#![forbid(unsafe_code)]
