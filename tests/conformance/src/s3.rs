//! Amazon S3.

mod buckets;
mod conditional;
mod delete;
mod list;
mod multipart;
mod objects;
mod ranges;
mod support;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    [
        buckets::cases(),
        objects::cases(),
        ranges::cases(),
        conditional::cases(),
        list::cases(),
        delete::cases(),
        multipart::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
