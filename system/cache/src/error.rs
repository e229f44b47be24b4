//! What goes wrong. Readers never see it.

/// Why the cache could not be reached or emptied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A source without a node.
    #[error("a cache needs at least one node")]
    NoNodes,
    /// An address that is none.
    #[error("`{address}` is not the address of a cache: {why}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// A node that does not do what it is asked to.
    #[error("cache node {at}: {why}")]
    Node {
        /// Its number, from 0.
        node: u32,
        /// Where it is.
        at: String,
        /// What it said, or that it said nothing.
        why: String,
    },
}
