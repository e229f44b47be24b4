//! Pages of lists that are ordered by a key: a token is the last key of the page before.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The key in a token, if it is one.
pub(crate) fn key(token: &str) -> Option<String> {
    URL_SAFE_NO_PAD.decode(token).ok().and_then(|key| String::from_utf8(key).ok())
}

/// The first `limit` of `rest`, and the token for those behind, if there are any.
pub(crate) fn cut<T>(
    rest: impl IntoIterator<Item = T>,
    limit: usize,
    key: impl Fn(&T) -> &str,
) -> (Vec<T>, Option<String>) {
    let mut rest = rest.into_iter();
    let page: Vec<T> = rest.by_ref().take(limit).collect();
    let token = match (rest.next(), page.last()) {
        (Some(_), Some(last)) => Some(URL_SAFE_NO_PAD.encode(key(last))),
        _ => None,
    };
    (page, token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let all = ["a", "b", "c"];
        let (page, token) = cut(all, 2, |one| one);
        assert_eq!(page, ["a", "b"]);
        let after = key(&token.expect("one is left")).expect("a token");
        let (page, token) = cut(all.into_iter().filter(|one| *one > after.as_str()), 2, |one| one);
        assert_eq!((page, token), (vec!["c"], None));
        assert_eq!(key("!"), None);
    }
}
