//! Text that fits.

use ratatui::text::Span;

/// Columns that `text` takes.
pub(super) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// `text` in at most `columns`, with an ellipsis where something is missing.
pub(super) fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut taken = 1;
    for character in text.chars() {
        taken += width(character.encode_utf8(&mut [0; 4]));
        if taken > columns {
            break;
        }
        short.push(character);
    }
    if columns > 0 {
        short.push('…');
    }
    short
}

/// As many of `pieces`, in order, as fit into `columns` with `separator` between them.
pub(super) fn join_fitting(pieces: &[String], separator: &str, columns: usize) -> String {
    let mut joined = String::new();
    for piece in pieces {
        let more =
            if joined.is_empty() { piece.clone() } else { format!("{joined}{separator}{piece}") };
        if width(&more) > columns {
            break;
        }
        joined = more;
    }
    joined
}

/// `text` broken at spaces into lines of at most `columns`; longer words are shortened.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(shorten(word, columns)),
        }
    }
    lines
}

/// The longest of `candidates` that fits into `columns`; empty when none does.
pub(super) fn longest_fitting(candidates: &[String], columns: usize) -> &str {
    let fitting = candidates.iter().filter(|candidate| width(candidate) <= columns);
    fitting.max_by_key(|candidate| width(candidate)).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortened_text_fits_and_says_so() {
        assert_eq!(shorten("notifications", 13), "notifications");
        assert_eq!(shorten("notifications", 6), "notif…");
        assert_eq!(shorten("notifications", 1), "…");
        assert_eq!(shorten("notifications", 0), "");
        assert_eq!(shorten("日本語", 4), "日…");
    }

    #[test]
    fn pieces_are_left_out_whole() {
        let pieces = ["12.3 ms".to_owned(), "48.0/s".to_owned()];
        assert_eq!(join_fitting(&pieces, " · ", 16), "12.3 ms · 48.0/s");
        assert_eq!(join_fitting(&pieces, " · ", 15), "12.3 ms");
        assert_eq!(join_fitting(&pieces, " · ", 6), "");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("host CPU at 97 %", 8), ["host CPU", "at 97 %"]);
        assert_eq!(wrap("extraordinary", 5), ["extr…"]);
        assert!(wrap("", 5).is_empty());
    }
}
