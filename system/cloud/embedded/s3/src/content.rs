//! An object's bytes: taken in once, shared by whoever reads them.
//!
//! A [`Piece`] is what came in one request: segments of one size, so that an offset is found by a
//! division. [`Content`] is one piece, or the parts of a multipart upload in their order; a copy of an
//! object shares it.
//!
//! Invariants: bytes are copied when they come in and never again; a reader holds the content, so
//! what it reads stays as it was, whatever becomes of the object.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;

use crate::budget::{Budget, Share};

/// Bytes of a segment: what a reader gets at once.
pub(crate) const SEGMENT: usize = 256 * 1024;

/// What came in one request.
#[derive(Debug)]
pub(crate) struct Piece {
    /// All of [`SEGMENT`] bytes but the last.
    segments: Vec<Bytes>,
    length: u64,
    /// Held until the last reader is gone.
    _share: Share,
}

impl Piece {
    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    /// The bytes from `at` on, to the end of their segment or to `end`.
    fn slice(&self, at: u64, end: u64) -> Bytes {
        let (number, start) = (at as usize / SEGMENT, at as usize % SEGMENT);
        let segment = &self.segments[number];
        let left = usize::try_from(end - at).unwrap_or(usize::MAX);
        segment.slice(start..segment.len().min(start.saturating_add(left)))
    }
}

/// The account has no room for more.
#[derive(Debug)]
pub(crate) struct Full;

/// A piece that comes in.
#[derive(Debug)]
pub(crate) struct Intake {
    segments: Vec<Bytes>,
    open: Vec<u8>,
    length: u64,
    share: Share,
}

impl Intake {
    /// Nothing yet of `expected` bytes; room for them is taken as they come.
    pub(crate) fn new(budget: &Arc<Budget>, expected: u64) -> Self {
        let first = usize::try_from(expected).map_or(SEGMENT, |bytes| bytes.min(SEGMENT));
        let share = budget.share(0).expect("nothing always fits");
        Self { segments: Vec::new(), open: Vec::with_capacity(first), length: 0, share }
    }

    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<(), Full> {
        if !self.share.grow(bytes.len() as u64) {
            return Err(Full);
        }
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = SEGMENT - self.open.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.open.extend_from_slice(now);
            bytes = later;
            if self.open.len() == SEGMENT {
                let full = std::mem::replace(&mut self.open, Vec::with_capacity(SEGMENT));
                self.segments.push(Bytes::from(full));
            }
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Piece {
        if !self.open.is_empty() {
            // A box has no spare capacity.
            self.segments.push(Bytes::from(self.open.into_boxed_slice()));
        }
        Piece { segments: self.segments, length: self.length, _share: self.share }
    }
}

/// All bytes of an object.
#[derive(Debug)]
pub(crate) struct Content {
    /// With the offset at which each begins.
    pieces: Vec<(u64, Arc<Piece>)>,
    length: u64,
}

impl Content {
    pub(crate) fn new(pieces: impl IntoIterator<Item = Arc<Piece>>) -> Arc<Self> {
        let mut length = 0;
        let pieces = pieces.into_iter().map(|piece| {
            let start = length;
            length += piece.len();
            (start, piece)
        });
        let pieces = pieces.collect();
        Arc::new(Self { pieces, length })
    }

    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    /// Reads `range`, which lies inside.
    pub(crate) fn read(self: &Arc<Self>, range: Range<u64>) -> Chunks {
        debug_assert!(range.start <= range.end && range.end <= self.length);
        let piece = self.pieces.partition_point(|(start, _)| *start <= range.start);
        Chunks { content: Arc::clone(self), piece: piece.saturating_sub(1), range }
    }
}

/// An object's bytes as they are read, in shared chunks of at most 256 KiB.
#[derive(Debug)]
pub struct Chunks {
    content: Arc<Content>,
    piece: usize,
    range: Range<u64>,
}

impl Chunks {
    /// Bytes that are still to come.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.range.end - self.range.start
    }
}

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        while self.range.start < self.range.end {
            let (start, piece) = &self.content.pieces[self.piece];
            let end = (start + piece.len()).min(self.range.end);
            if self.range.start == end {
                self.piece += 1;
                continue;
            }
            let chunk = piece.slice(self.range.start - start, end - start);
            self.range.start += chunk.len() as u64;
            return Some(chunk);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn content(parts: &[Vec<u8>]) -> Arc<Content> {
        let budget = Budget::new(u64::MAX);
        Content::new(parts.iter().map(|part| {
            let mut intake = Intake::new(&budget, part.len() as u64);
            // In uneven pushes.
            for bytes in part.chunks(100_001) {
                intake.push(bytes).expect("there is room");
            }
            Arc::new(intake.finish())
        }))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_range_of_any_parts_is_what_was_put_in(
            lengths in prop::collection::vec(0_usize..3 * SEGMENT, 0..4),
            (from, to) in (0.0_f64..1.0, 0.0_f64..=1.0),
        ) {
            let mut next = 0_u8;
            let parts: Vec<Vec<u8>> = lengths.iter().map(|length| {
                (0..*length).map(|_| { next = next.wrapping_mul(31).wrapping_add(7); next }).collect()
            }).collect();
            let whole = parts.concat();
            let content = content(&parts);
            prop_assert_eq!(content.len(), whole.len() as u64);
            let at = |share: f64| (share * whole.len() as f64) as usize;
            let (from, to) = (at(from.min(to)), at(from.max(to)));
            let chunks = content.read(from as u64..to as u64);
            prop_assert_eq!(chunks.remaining(), (to - from) as u64);
            let read: Vec<Bytes> = chunks.collect();
            prop_assert!(read.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= SEGMENT));
            prop_assert!(read.concat() == whole[from..to]);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_given_back() {
        let budget = Budget::new(10);
        let mut intake = Intake::new(&budget, 20);
        assert!(intake.push(&[1; 10]).is_ok());
        assert!(intake.push(&[1]).is_err());
        assert_eq!((intake.len(), budget.taken()), (10, 10));
        drop(intake);
        assert_eq!(budget.taken(), 0);
    }

    #[test]
    fn a_reader_keeps_what_it_reads() {
        let budget = Budget::new(SEGMENT as u64 * 2);
        let mut intake = Intake::new(&budget, SEGMENT as u64 * 2);
        intake.push(&vec![7; SEGMENT * 2]).expect("it fits");
        let content = Content::new([Arc::new(intake.finish())]);
        let mut chunks = content.read(0..content.len());
        let first = chunks.next().expect("a chunk");
        drop(content);
        assert_eq!(budget.taken(), SEGMENT as u64 * 2, "a download under way counts");
        assert_eq!(chunks.next().map(|chunk| chunk[0]), Some(7));
        drop(chunks);
        assert_eq!((budget.taken(), first.len()), (0, SEGMENT));
    }
}
