//! Sentences: wrapped, and where they say what something is, beside its name.

use super::paint::Paint;

/// Columns that names of facts take, with the gap behind them.
const NAMES: usize = 15;

/// Below this many columns a fact's sentence goes on below its name rather than beside it.
const BESIDE_MIN: usize = 60;

/// `text` in lines of at most `width` columns, each after `indent`. Words are never broken: the long
/// ones are names, to be copied.
pub(crate) fn wrap(text: &str, width: usize, indent: &str) -> String {
    lines(text, width.saturating_sub(indent.len()))
        .iter()
        .map(|line| format!("{indent}{line}\n"))
        .collect()
}

/// Sentences, each beside the name of what it is about; one without a name belongs to the one before.
pub(super) fn facts(facts: &[(&str, String)], paint: Paint, width: usize) -> String {
    facts.iter().map(|(name, text)| fact(name, text, paint, width)).collect()
}

fn fact(name: &str, text: &str, paint: Paint, width: usize) -> String {
    if width < BESIDE_MIN {
        let above = if name.is_empty() { String::new() } else { paint.label(name) + "\n" };
        return above + &wrap(text, width, "  ");
    }
    let beside = format!("{}{}", paint.label(name), " ".repeat(NAMES.saturating_sub(name.len())));
    let lines = lines(text, width.saturating_sub(NAMES));
    beside + &lines.join(&format!("\n{}", " ".repeat(NAMES))) + "\n"
}

fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_keep_within_the_width() {
        assert_eq!(wrap("one two three", 9, "  "), "  one two\n  three\n");
        assert_eq!(wrap("a-long-name-to-copy", 5, ""), "a-long-name-to-copy\n");
    }

    #[test]
    fn a_fact_stands_beside_its_name_or_below_it() {
        let load = [("load", "seed 1".to_owned()), ("", "scale 2".to_owned())];
        let beside = "load           seed 1\n               scale 2\n";
        assert_eq!(facts(&load, Paint(false), 80), beside);
        assert_eq!(facts(&load, Paint(false), 40), "load\n  seed 1\n  scale 2\n");
    }
}
