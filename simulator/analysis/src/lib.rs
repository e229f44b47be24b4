//! Pure analysis of records: audit, figures for objectives, limits, elasticity, bottlenecks, verdict,
//! comparison.
//!
//! Invariants: a record or facts go in, a judgement comes out; nothing here does I/O or reads a clock.
//! Deliberately absent: what an objective is (that is the scenario's), and how anything is shown.
#![forbid(unsafe_code)]

mod audit;
mod bottleneck;
mod compare;
mod elasticity;
mod facts;
pub mod figures;
mod limits;
mod span;
mod verdict;

pub use audit::audit;
pub use bottleneck::bottlenecks;
pub use compare::{
    Better, Comparison, Ended, Incomparable, Judged, MACHINE_NOISE, Row, Unit, compare,
};
pub use elasticity::elasticity;
pub use facts::{
    Facts, Lines, NotificationFact, OrderFact, PaymentAct, PaymentFact, ReservationFact, StockFact,
};
pub use limits::{PROBED_SHARE_MAX, limits};
pub use verdict::verdict;
