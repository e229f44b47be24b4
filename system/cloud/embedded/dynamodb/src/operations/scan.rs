//! `Scan`, parallel scans included.
//!
//! A scan runs in the order of the keys' hashes. A segment is an equal part of all hashes, so
//! segments never overlap, and each starts where it should in O(log n).

use std::ops::Bound;

use securecart_embedded_wire::Answer;

use super::read::Plan;
use crate::{
    DynamoDb,
    error::{Result, constraint, validation},
    key::{Edge, Key, KeyValue},
    request::{decode, query::Read, table_name},
    table::Span,
};

/// Segments a scan can have (API reference, `Scan`).
const MAX_SEGMENTS: i64 = 1_000_000;

/// Part of all hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    number: u64,
    total: u64,
}

impl Segment {
    const ALL: Self = Self { number: 0, total: 1 };

    fn of(request: &Read<'_>) -> Result<Self> {
        let (number, total) = match (request.segment, request.total_segments) {
            (None, None) => return Ok(Self::ALL),
            (Some(_), None) => {
                return Err(validation(
                    "The TotalSegments parameter is required but was not present in the request \
                     when Segment parameter is present",
                ));
            }
            (None, Some(_)) => {
                return Err(validation(
                    "The Segment parameter is required but was not present in the request when \
                     parameter TotalSegments is present",
                ));
            }
            (Some(number), Some(total)) => (number, total),
        };
        if number < 0 {
            return Err(out_of_bounds(number, "segment", "greater than or equal to 0"));
        }
        if total < 1 {
            return Err(out_of_bounds(total, "totalSegments", "greater than or equal to 1"));
        }
        if total > MAX_SEGMENTS {
            return Err(out_of_bounds(total, "totalSegments", "less than or equal to 1000000"));
        }
        if number >= total {
            return Err(validation(format!(
                "The Segment parameter is zero-based and must be less than parameter \
                 TotalSegments: Segment: {number} is not less than TotalSegments: {total}"
            )));
        }
        Ok(Self { number: number.unsigned_abs(), total: total.unsigned_abs() })
    }

    /// The first hash of the segment.
    fn first(self) -> u64 {
        let first = (u128::from(self.number) << 64).div_ceil(u128::from(self.total));
        u64::try_from(first).unwrap_or(u64::MAX)
    }

    /// The last hash of the segment.
    fn last(self) -> u64 {
        if self.number + 1 == self.total {
            return u64::MAX;
        }
        Self { number: self.number + 1, total: self.total }.first() - 1
    }

    fn contains(self, hash: u64) -> bool {
        (self.first()..=self.last()).contains(&hash)
    }
}

fn out_of_bounds(value: i64, member: &str, rule: &str) -> securecart_embedded_wire::AwsError {
    constraint(format_args!("'{value}'"), member, format_args!("Member must have value {rule}"))
}

/// A bound below every key whose hash is `hash`: empty text is the least of all key values.
fn least(hash: u64) -> Key {
    let partition = KeyValue::S("".into());
    Key { hash, partition, sort: Edge::Below, base: Edge::Below }
}

impl DynamoDb {
    pub(crate) fn scan(&self, body: &[u8]) -> Result<Answer> {
        let request: Read<'_> = decode(body)?;
        request.refuse_legacy()?;
        let name = table_name(request.table_name.as_ref())?;
        let segment = Segment::of(&request)?;
        let expressions = self.expressions.of_read(&request, None)?;

        let table = self.table(name)?;
        let layout = table.layout.read();
        let source = layout.source(request.index_name.as_deref())?;
        let plan = Plan::new(&request, &table, source, &expressions)?;

        let mut first = segment.first();
        let mut from = Bound::Included(least(first));
        if let Some(start) = &request.exclusive_start_key {
            let start = plan.start_key(start)?;
            if !segment.contains(start.hash) {
                return Err(validation(format!(
                    "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use \
                     ExclusiveStartKey with correct Segment. TotalSegments: {} Segment: {}",
                    segment.total, segment.number
                )));
            }
            first = start.hash;
            from = Bound::Excluded(start);
        }
        let to = match segment.last().checked_add(1) {
            Some(next) => Bound::Excluded(least(next)),
            None => Bound::Unbounded,
        };
        let span = Span { from, to, forward: true };
        let mut page = plan.page();
        table.read_all(source, (first, segment.last()), &span, &mut page);
        let answer = plan.finish(&page);
        table.sweep(&layout, self.clock.now_ms());
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_meet_without_gap_or_overlap() {
        for total in [1_u64, 2, 3, 7, 64, 1_000_000] {
            let segments = [0, 1, total / 2, total.saturating_sub(2)];
            for number in segments.into_iter().filter(|number| number + 1 < total) {
                let (this, next) =
                    (Segment { number, total }, Segment { number: number + 1, total });
                assert_eq!(this.last() + 1, next.first());
            }
            assert_eq!(Segment { number: 0, total }.first(), 0);
            assert_eq!(Segment { number: total - 1, total }.last(), u64::MAX);
        }
    }
}
