//! What a record says, ready to be drawn: rates, rows, health, warnings.
//!
//! Invariants: pure; the work is bounded by the window that is shown, not by the length of the run
//! (the whole run is a window of at most [`MAX_SAMPLES`](securecart_record::MAX_SAMPLES) samples).
//! "Recent" is the last [`RECENT_S`] seconds everywhere.

mod data;
mod fault;
mod headline;
mod health;
mod objective;
mod operation;
mod queue;
mod scaling;
mod service;
mod span;
mod store;
mod tier;
mod warning;

pub(crate) use data::{
    CACHE, CacheRow, ContainerRow, DatabaseRow, cache, containers, databases, find_container,
    find_database, lost,
};
pub(crate) use fault::{RunningFault, running_faults};
pub(crate) use headline::{Headline, progress};
pub(crate) use health::{Health, Severity, worst_first};
pub(crate) use objective::{State as ObjectiveState, latency_bounds, state as objective_state};
pub(crate) use operation::{OperationRow, find as find_operation, operations, percentiles_of};
pub(crate) use queue::{Drain, QueueRow, find as find_queue, queues};
pub(crate) use scaling::{ScalingRow, activities, scaled};
pub(crate) use service::{ServiceRow, find as find_service, services};
pub(crate) use span::{RECENT_S, Span, per_second, recent};
pub(crate) use store::{
    FunctionRow, TableRow, find_function, find_table, functions, tables, throttled,
};
pub(crate) use tier::{StoreRow, stores};
pub(crate) use warning::{is_stalled, warnings};
