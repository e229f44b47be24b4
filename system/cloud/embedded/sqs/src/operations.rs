//! The operations: parse, validate, act on a queue, write the answer.

mod administration;
mod attributes;
mod batch;
mod move_tasks;
mod receipts;
mod receive;
mod send;
mod tags;

pub(crate) use self::{
    administration::{
        create_queue, delete_queue, get_queue_url, list_queues, list_sources, purge_queue,
    },
    attributes::{get_attributes, set_attributes},
    move_tasks::{cancel_move, list_moves, start_move},
    receipts::{change_visibility, change_visibility_batch, delete_message, delete_message_batch},
    receive::receive_message,
    send::{deliver, send_message, send_message_batch},
    tags::{list_tags, tag_queue, untag_queue},
};

/// The answer of operations that have nothing to say.
const EMPTY: &[u8] = b"{}";
