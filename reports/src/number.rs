//! Counts that a reader adds up or copies: exact, unlike those of `record::format`.

/// A count with its thousands apart: `0`, `1,234`, `18,446,744,073,709,551,615`.
pub(crate) fn exact(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many of something: `1 finding`, `2 findings`.
pub(crate) fn so_many(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {one}{plural}", exact(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let cases =
            [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (100_000, "100,000")];
        for (count, text) in cases {
            assert_eq!(exact(count), text);
        }
        assert_eq!(exact(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!([so_many(1, "finding"), so_many(0, "finding")], ["1 finding", "0 findings"]);
    }
}
