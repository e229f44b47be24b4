//! CloudWatch: metrics by period, and alarms over them (behaviour sheet 0.2).
//!
//! A [`Metric`] is a bounded window of datapoints, and an [`Alarm`] judges the newest of them:
//! M of N datapoints, four treatments of missing data, an evaluation range that is wider than N,
//! and the guard against premature alarms. What an alarm does is its caller's business: an
//! [`Evaluation`] says whether its actions fire, which Auto Scaling actions do every minute for as
//! long as the state lasts.
//!
//! Invariants: an evaluation reads no datapoint that ends after the instant it names; window and
//! history are bounded.
//!
//! Deliberately absent: percentiles, metric math, anomaly detection and composite alarms, none of
//! which can drive a scaling policy here; other states an action could hang on.

mod alarm;
mod judgement;
mod metric;
mod reason;
mod settings;

pub use alarm::{Alarm, AlarmState, Evaluation, HISTORY_LIMIT, Transition};
pub use metric::{Metric, Statistic};
pub(crate) use reason::clock;
pub use settings::{AlarmSettings, Comparison, Error, MissingData};
