//! Amazon SNS.

mod filters;
mod publish;
mod publish_batch;
mod subscriptions;
mod support;
mod topics;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    [
        topics::cases(),
        subscriptions::cases(),
        publish::cases(),
        publish_batch::cases(),
        filters::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
