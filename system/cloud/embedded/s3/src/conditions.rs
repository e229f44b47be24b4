//! Conditional requests (RFC 9110, 13.2.2; API reference of `GetObject`, `PutObject` and `CopyObject`).

use http::HeaderMap;

use crate::{error::S3Error, object::Object, time};

/// What the conditions of a read come to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Proceed,
    NotModified,
}

/// The names under which the four conditions come.
pub(crate) struct Names {
    matches: &'static str,
    none_match: &'static str,
    modified: &'static str,
    unmodified: &'static str,
}

/// Of a read.
pub(crate) const OF_READ: Names = Names {
    matches: "if-match",
    none_match: "if-none-match",
    modified: "if-modified-since",
    unmodified: "if-unmodified-since",
};

/// Of the source of a copy.
pub(crate) const OF_COPY: Names = Names {
    matches: "x-amz-copy-source-if-match",
    none_match: "x-amz-copy-source-if-none-match",
    modified: "x-amz-copy-source-if-modified-since",
    unmodified: "x-amz-copy-source-if-unmodified-since",
};

/// Whether `object` may be read. A tag decides before a date does.
pub(crate) fn read(names: &Names, headers: &HeaderMap, object: &Object) -> Result<Read, S3Error> {
    let modified_s = object.modified_ms / 1_000;
    let date = |name| text(headers, name).and_then(time::read_http_date);
    if let Some(tags) = text(headers, names.matches) {
        if !matches(tags, &object.etag) {
            return Err(S3Error::precondition("If-Match"));
        }
    } else if date(names.unmodified).is_some_and(|date| modified_s > date) {
        return Err(S3Error::precondition("If-Unmodified-Since"));
    }
    let unchanged = match text(headers, names.none_match) {
        Some(tags) => matches(tags, &object.etag),
        None => date(names.modified).is_some_and(|date| modified_s <= date),
    };
    Ok(if unchanged { Read::NotModified } else { Read::Proceed })
}

/// Whether an object may be put where `existing` is.
pub(crate) fn write(
    headers: &HeaderMap,
    existing: Option<&Object>,
    key: &str,
) -> Result<(), S3Error> {
    if let Some(tags) = text(headers, "if-match") {
        let Some(object) = existing else { return Err(S3Error::no_such_key().with("Key", key)) };
        if !matches(tags, &object.etag) {
            return Err(S3Error::precondition("If-Match"));
        }
    }
    match text(headers, "if-none-match") {
        None => Ok(()),
        Some("*") if existing.is_some() => Err(S3Error::precondition("If-None-Match")),
        Some("*") => Ok(()),
        // S3 takes nothing else here.
        Some(_) => Err(S3Error::not_implemented("If-None-Match with a tag on a write")),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether `etag`, without quotes, is among `tags`.
fn matches(tags: &str, etag: &str) -> bool {
    tags.split(',').any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.trim_start_matches("W/").trim_matches('"') == etag
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object;

    const LATER: &str = "Fri, 27 Nov 2026 00:00:01 GMT";
    const AT: &str = "Fri, 27 Nov 2026 00:00:00 GMT";
    const EARLIER: &str = "Thu, 26 Nov 2026 23:59:59 GMT";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                ((*name).parse().expect("a name"), value.parse().expect("a value"))
            })
            .collect()
    }

    #[test]
    fn tags_decide_before_dates() {
        // Its etag is `tag`, and it was changed at AT, and 7 ms.
        let object = object::fixture("tag", 1_795_737_600_007);
        for (pairs, expected) in [
            (&[][..], Some(Read::Proceed)),
            (&[("if-match", "\"tag\"")], Some(Read::Proceed)),
            (&[("if-match", "other, tag")], Some(Read::Proceed)),
            (&[("if-match", "\"other\"")], None),
            (&[("if-match", "*"), ("if-unmodified-since", EARLIER)], Some(Read::Proceed)),
            (&[("if-unmodified-since", EARLIER)], None),
            (&[("if-unmodified-since", AT)], Some(Read::Proceed)),
            (&[("if-none-match", "W/\"tag\"")], Some(Read::NotModified)),
            (&[("if-none-match", "\"other\""), ("if-modified-since", LATER)], Some(Read::Proceed)),
            (&[("if-modified-since", AT)], Some(Read::NotModified)),
            (&[("if-modified-since", EARLIER)], Some(Read::Proceed)),
            (&[("if-modified-since", "yesterday")], Some(Read::Proceed)),
        ] {
            assert_eq!(read(&OF_READ, &headers(pairs), &object).ok(), expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_write_can_ask_for_what_is_there_or_for_nothing() {
        let object = object::fixture("tag", 0);
        let code = |pairs: &[(&'static str, &str)], existing| {
            write(&headers(pairs), existing, "k").err().map(|error| error.code)
        };
        let (failed, there) = (Some("PreconditionFailed"), Some(&object));
        assert_eq!(code(&[("if-none-match", "*")], None), None);
        assert_eq!(code(&[("if-none-match", "*")], there), failed);
        assert_eq!(code(&[("if-match", "\"tag\"")], there), None);
        assert_eq!(code(&[("if-match", "\"other\"")], there), failed);
        assert_eq!(code(&[("if-match", "\"tag\"")], None), Some("NoSuchKey"));
    }
}
