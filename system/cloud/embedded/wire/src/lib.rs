//! What the embedded AWS services share: how a call arrives, how it is answered, how an error looks
//! on the wire, ARNs, identifiers, and how one service hands something to another.
//!
//! ```text
//! SDK ─▶ engine ─▶ Call ─▶ sqs | dynamodb | events ─▶ Answer | AwsError ─▶ engine ─▶ SDK
//!                                         events ─▶ Targets ─▶ sqs, functions
//! ```
//!
//! Invariants: nothing here keeps state but [`Ids`]; an error carries all that its protocol needs.
//! Deliberately absent: HTTP itself and routing (that is `engine`), and every service's own rules.
#![forbid(unsafe_code)]

mod answer;
mod arn;
mod error;
mod ids;
mod target;

pub use answer::{Answer, Call, Protocol};
pub use arn::{ACCOUNT_ID, Arn, REGION};
pub use error::{AwsError, xml_escape};
pub use ids::Ids;
pub use target::{FunctionInvocation, QueueDelivery, TargetError, TargetFuture, Targets};
