//! Names of entries that every server takes.

use std::{borrow::Cow, fmt::Write as _};

use securecart_behaviour::elasticache::hash;

/// What Memcached takes at the most, less what runs and generations add in front.
const KEY_MAX: usize = 250 - PREFIX_MAX;

/// The longest prefix.
const PREFIX_MAX: usize = 100;

/// `key`, or a name for it where it is too long or has characters that Memcached does not take:
/// 128 bits of hash, so that no two keys of a run meet.
pub(crate) fn plain(key: &str) -> Cow<'_, str> {
    let takes = key.bytes().all(|byte| byte.is_ascii_graphic());
    if takes && !key.is_empty() && key.len() <= KEY_MAX && !key.starts_with("hashed:") {
        return Cow::Borrowed(key);
    }
    let mut salted = key.as_bytes().to_vec();
    salted.push(0xff);
    Cow::Owned(format!("hashed:{:016x}{:016x}", hash(key.as_bytes()), hash(&salted)))
}

/// What stands before the keys of `run`, shortened at its front where it is long.
pub(crate) fn prefix(run: &str) -> String {
    let mut prefix = String::new();
    let graphic: Vec<char> = run.chars().filter(char::is_ascii_graphic).collect();
    let start = graphic.len().saturating_sub(PREFIX_MAX - 24);
    for letter in &graphic[start..] {
        let _ = write!(prefix, "{letter}");
    }
    prefix
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_keys_stay_as_they_are() {
        assert_eq!(plain("product/p-00000007"), "product/p-00000007");
        assert!(plain("two words").starts_with("hashed:"));
        assert!(plain("").starts_with("hashed:"));
        assert_ne!(plain("two words"), plain("two  words"));
    }

    #[test]
    fn nobody_can_name_a_hash() {
        let hashed = plain("two words");
        assert_ne!(plain(&hashed), hashed);
    }

    proptest! {
        #[test]
        fn every_server_takes_every_name(key in ".{0,400}", run in ".{0,300}", generation: u64) {
            let name = format!("{}:{generation}:{}", prefix(&run), plain(&key));
            prop_assert!(name.len() <= 250, "{} bytes", name.len());
            prop_assert!(name.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
