//! Scenarios: text to a validated [`Plan`], with spans, suggestions and a JSON Schema.
#![forbid(unsafe_code)]

mod plan;

pub use plan::{
    CatalogueSpec, Comparison, Journey, Metric, NotificationSpec, Objective, Plan, ServiceSpec,
    ServiceTime, Spike, Step, Traffic, Window,
};
