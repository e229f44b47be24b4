//! Amazon SQS.

mod create_queue;
mod dead_letters;
mod delete;
mod fifo;
mod lookup;
mod moves;
mod purge;
mod queue_attributes;
mod receive;
mod send;
mod send_attributes;
mod send_batch;
mod support;
mod visibility;

pub(crate) use support::{Queue, body_of, take_all};

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    [
        create_queue::cases(),
        queue_attributes::cases(),
        lookup::cases(),
        send::cases(),
        send_attributes::cases(),
        send_batch::cases(),
        receive::cases(),
        visibility::cases(),
        delete::cases(),
        purge::cases(),
        dead_letters::cases(),
        moves::cases(),
        fifo::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
