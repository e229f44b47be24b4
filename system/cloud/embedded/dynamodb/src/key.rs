//! Keys: how an item's key attributes become a place in an ordered map.
//!
//! A [`Key`] orders first by the hash of its partition key, then by the partition key itself, then
//! by the sort key, and in an index at last by the key of the item in its table. One ordered map
//! therefore serves everything: an item is found in O(log n), a partition is one contiguous range,
//! a scan runs in the order of hashes and starts anywhere, and a parallel scan cuts the hashes into
//! equal ranges.
//!
//! Invariants: within one map all keys have the same attributes and types; numbers compare as
//! numbers, text and binary as unsigned bytes.

use std::fmt;

use securecart_embedded_expressions::{AttributeValue, CompactString, Item, Number};

/// Type of a key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyType {
    S,
    N,
    B,
}

impl KeyType {
    /// As AWS writes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
        }
    }
}

/// The value of a key attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyValue {
    S(CompactString),
    N(Number),
    B(Vec<u8>),
}

impl KeyValue {
    /// The value as a key of type `kind`; `None` when it has another type.
    pub(crate) fn from_value(value: &AttributeValue, kind: KeyType) -> Option<Self> {
        match (value, kind) {
            (AttributeValue::S(text), KeyType::S) => Some(Self::S(text.clone())),
            (AttributeValue::N(number), KeyType::N) => Some(Self::N(*number)),
            (AttributeValue::B(bytes), KeyType::B) => Some(Self::B(bytes.clone())),
            _ => None,
        }
    }

    /// Bytes that AWS's key limits count; numbers are always short enough.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(_) => 1,
            Self::B(bytes) => bytes.len(),
        }
    }

    /// Where a partition with this key lies: FNV-1a, then the finaliser of SplitMix64, so that the
    /// high bits (which choose the shard) depend on every byte.
    pub(crate) fn hash(&self) -> u64 {
        let mut hash = Fnv::default();
        match self {
            Self::S(text) => hash.add(text.as_bytes()),
            Self::B(bytes) => hash.add(bytes),
            Self::N(number) => {
                use fmt::Write as _;
                write!(hash, "{number}").expect("hashing never fails");
            }
        }
        hash.finish()
    }

    /// The smallest value above all that begin with this one; `None` when there is no such value.
    pub(crate) fn after_prefix(&self) -> Option<Self> {
        match self {
            Self::S(text) => after_text(text).map(Self::S),
            Self::B(bytes) => after_bytes(bytes).map(Self::B),
            Self::N(_) => None,
        }
    }
}

fn after_text(prefix: &str) -> Option<CompactString> {
    let mut text = CompactString::from(prefix);
    while let Some(last) = text.pop() {
        // The code points between U+D7FF and U+E000 are surrogates, which no text holds.
        let next = if last == '\u{d7ff}' { 0xe000 } else { u32::from(last) + 1 };
        if let Some(next) = char::from_u32(next) {
            text.push(next);
            return Some(text);
        }
    }
    None
}

fn after_bytes(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = prefix.to_vec();
    while let Some(last) = bytes.pop() {
        if let Some(next) = last.checked_add(1) {
            bytes.push(next);
            return Some(bytes);
        }
    }
    None
}

struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl fmt::Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.add(text.as_bytes());
        Ok(())
    }
}

/// A value, or a place below or above all values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edge<T> {
    /// Below every value; also: there is none.
    Below,
    At(T),
    /// Above every value; only bounds of ranges use it.
    Above,
}

/// An item's key in its table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Primary {
    pub(crate) partition: KeyValue,
    pub(crate) sort: Option<KeyValue>,
}

/// A place in the ordered map of a table or an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) hash: u64,
    pub(crate) partition: KeyValue,
    pub(crate) sort: Edge<KeyValue>,
    /// In an index: the item's key in its table, since index keys need not be unique.
    pub(crate) base: Edge<Box<Primary>>,
}

impl Key {
    /// The place of an item in its table.
    pub(crate) fn of_table(partition: KeyValue, sort: Option<KeyValue>) -> Self {
        let sort = sort.map_or(Edge::Below, Edge::At);
        Self { hash: partition.hash(), partition, sort, base: Edge::Below }
    }

    /// The place in an index of the item that lies at `base` in its table.
    pub(crate) fn of_index(partition: KeyValue, sort: Option<KeyValue>, base: &Self) -> Self {
        let sort = sort.map_or(Edge::Below, Edge::At);
        let base = Edge::At(Box::new(base.primary()));
        Self { hash: partition.hash(), partition, sort, base }
    }

    /// A bound within the partition of this key.
    pub(crate) fn bound(&self, sort: Edge<KeyValue>, above: bool) -> Self {
        let base = if above { Edge::Above } else { Edge::Below };
        Self { hash: self.hash, partition: self.partition.clone(), sort, base }
    }

    /// The key in the table: its own for a table's key, the item's for an index key.
    pub(crate) fn primary(&self) -> Primary {
        match (&self.base, &self.sort) {
            (Edge::At(base), _) => Primary::clone(base),
            (_, Edge::At(sort)) => {
                Primary { partition: self.partition.clone(), sort: Some(sort.clone()) }
            }
            _ => Primary { partition: self.partition.clone(), sort: None },
        }
    }
}

/// Name and type of a key attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyAttribute {
    pub(crate) name: CompactString,
    pub(crate) kind: KeyType,
}

/// The key attributes of a table or an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeySchema {
    pub(crate) partition: KeyAttribute,
    pub(crate) sort: Option<KeyAttribute>,
}

impl KeySchema {
    /// The attributes, partition key first.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.partition).chain(&self.sort)
    }

    /// Whether `name` is one of the attributes.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.attributes().any(|attribute| attribute.name == name)
    }

    /// How many attributes there are.
    pub(crate) fn len(&self) -> usize {
        1 + usize::from(self.sort.is_some())
    }

    /// The place of `item` in this index; `None` when it lacks an attribute or has it with another
    /// type (the index is sparse).
    pub(crate) fn index_key(&self, item: &Item, base: &Key) -> Option<Key> {
        let value = |attribute: &KeyAttribute| {
            KeyValue::from_value(item.get(&attribute.name)?, attribute.kind)
        };
        let partition = value(&self.partition)?;
        let sort = match &self.sort {
            Some(attribute) => Some(value(attribute)?),
            None => None,
        };
        Some(Key::of_index(partition, sort, base))
    }

    /// Copies the key attributes of `item` into `target`.
    pub(crate) fn copy_into(&self, item: &Item, target: &mut Item) {
        for attribute in self.attributes() {
            if let Some(value) = item.get(&attribute.name) {
                target.insert(attribute.name.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> KeyValue {
        KeyValue::S(text.into())
    }

    #[test]
    fn prefixes_end_where_the_next_value_begins() {
        assert_eq!(text("ab").after_prefix(), Some(text("ac")));
        assert_eq!(text("a\u{10ffff}").after_prefix(), Some(text("b")));
        assert_eq!(text("\u{d7ff}").after_prefix(), Some(text("\u{e000}")));
        assert_eq!(text("\u{10ffff}").after_prefix(), None);
        assert_eq!(KeyValue::B(vec![1, 255]).after_prefix(), Some(KeyValue::B(vec![2])));
        assert_eq!(KeyValue::B(vec![255]).after_prefix(), None);
    }

    #[test]
    fn a_partition_is_one_range_in_the_order_of_its_sort_keys() {
        let key = |sort: &str| Key::of_table(text("p"), Some(text(sort)));
        let from = key("x").bound(Edge::Below, false);
        let to = key("x").bound(Edge::Above, true);
        assert!(from < key("") && key("") < key("a") && key("a") < key("b") && key("b") < to);
    }

    #[test]
    fn the_high_bits_of_the_hash_spread_similar_keys() {
        let mut shards: Vec<u64> =
            (0..1_000).map(|n| text(&format!("p-{n}")).hash() >> 58).collect();
        shards.sort_unstable();
        shards.dedup();
        assert_eq!(shards.len(), 64);
    }
}
