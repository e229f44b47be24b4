//! Colour, where it is wanted. The words and marks say the same without it.

/// Whether to colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    pub(super) fn good(self, text: &str) -> String {
        self.code("1;32", text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        self.code("1;31", text)
    }

    pub(super) fn warn(self, text: &str) -> String {
        self.code("1;33", text)
    }

    /// What stands beside or above figures and says what they are.
    pub(super) fn label(self, text: &str) -> String {
        self.code("2", text)
    }

    /// A table whose first line are its titles.
    pub(super) fn titles(self, table: &str) -> String {
        let (titles, rows) = table.split_once('\n').unwrap_or((table, ""));
        format!("{}\n{rows}", self.label(titles))
    }

    /// A line that begins with `✓` or `✗`, coloured accordingly.
    pub(super) fn mark(self, line: &str) -> String {
        match line.chars().next() {
            Some('✓') => self.code("32", line),
            Some('✗') => self.code("31", line),
            _ => line.to_owned(),
        }
    }

    fn code(self, code: &str, text: &str) -> String {
        if self.0 && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
