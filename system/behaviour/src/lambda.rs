//! AWS Lambda (behaviour sheet 2): who gets an environment, who waits for one to start, who is
//! throttled.
//!
//! ```text
//! Function::begin ─▶ Warm | Cold { init, first_call } | Throttled
//!        │   account or reserved concurrency, request rate, scale-up budget
//! Function::end ◀─ the environment goes back and waits for its next request
//!
//! AsyncEvent: what becomes of an event whose attempt failed   Scaler: how many batches a mapping has
//! ```
//!
//! Invariants: no more requests run at once than account and reservation allow; an environment runs
//! one request at a time; a throttle costs nothing and is not billed. Every step is O(1), amortised.
//!
//! Deliberately absent: versions and aliases, SnapStart, Lambda's own failures (5xx), and the
//! provisioned pollers of event source mappings.

mod account;
mod asynchronous;
mod cold_start;
mod environment;
mod event_source;
mod function;
mod memory;
mod moment;
mod provisioned;
mod throttle;
mod usage;

pub use account::{ACCOUNT_CONCURRENCY, Account, OverReserved, UNRESERVED_MINIMUM};
pub use asynchronous::{AsyncEvent, AsyncPolicy, Attempt, Discarded, Next};
pub use cold_start::{ColdStart, Package, Runtime};
pub use environment::Environment;
pub use event_source::{Demand, Mapping, MappingError, Scaler};
pub use function::{Function, FunctionConfig, Invocation, Start};
pub use memory::{slowdown, vcpus};
pub use moment::Moment;
pub use throttle::Throttle;
pub use usage::Usage;
