//! How well something is, in a word.

/// How bad it is. Ordered: the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// As it should be.
    Good,
    /// Worth an eye.
    Watch,
    /// Failing shoppers now.
    Bad,
}

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Health {
    /// How bad it is.
    pub(crate) severity: Severity,
    /// Why, in one or two words.
    pub(crate) word: &'static str,
    /// Among equals, how much of it there is; 0 where it does not matter.
    pub(crate) weight: f64,
}

impl Health {
    pub(crate) fn good(word: &'static str) -> Self {
        Self { severity: Severity::Good, word, weight: 0.0 }
    }

    pub(crate) fn watch(word: &'static str, weight: f64) -> Self {
        Self { severity: Severity::Watch, word, weight }
    }

    pub(crate) fn bad(word: &'static str, weight: f64) -> Self {
        Self { severity: Severity::Bad, word, weight }
    }
}

/// Sorts the worst to the front. What is well keeps its place, so that a calm picture stays still.
pub(crate) fn worst_first<T>(rows: &mut [T], health: impl Fn(&T) -> Health) {
    rows.sort_by(|a, b| {
        let (a, b) = (health(a), health(b));
        b.severity.cmp(&a.severity).then(b.weight.total_cmp(&a.weight))
    });
}
