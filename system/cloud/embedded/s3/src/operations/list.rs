//! ListObjectsV2: keys in the order of their bytes, grouped by a delimiter, in pages.
//!
//! A page takes as many steps as it has entries, however many keys a group swallows: the next step looks
//! for the first key after the group.

use std::{ops::Bound, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE};

use crate::{
    bucket::Bucket,
    error::S3Error,
    object::Object,
    route::Target,
    service::{self, Outcome, S3},
    time, xml,
};

/// Entries of a page, at most and unless fewer are asked for (API reference).
const PAGE_MAX: usize = 1_000;

/// Where a listing goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum From {
    /// With the first key at or after this.
    At(String),
    /// With the first key after this.
    After(String),
    /// Nowhere: no key is greater.
    End,
}

/// One line of a listing.
#[derive(Debug)]
enum Entry {
    Key(Arc<str>, Arc<Object>),
    Group(String),
}

/// What is listed.
struct Question<'a> {
    prefix: &'a str,
    delimiter: &'a str,
}

impl S3 {
    pub(crate) fn list_objects(&self, target: &Target) -> Outcome {
        let bucket = self.bucket(&target.bucket)?;
        let query = &target.query;
        let text = |name| query.get(name).unwrap_or_default();
        let is_url = match query.get("encoding-type") {
            None => false,
            Some("url") => true,
            Some(other) => {
                let message = "Invalid Encoding Method specified in Request";
                return Err(S3Error::invalid_argument("encoding-type", other, message));
            }
        };
        let most = query.number("max-keys", PAGE_MAX)?.min(PAGE_MAX);
        let question = Question { prefix: text("prefix"), delimiter: text("delimiter") };
        let from = match query.get("continuation-token") {
            Some(token) => read_token(token)?,
            None => match text("start-after") {
                after if after < question.prefix => From::At(question.prefix.to_owned()),
                after => From::After(after.to_owned()),
            },
        };
        let (entries, next) = page(&bucket, &question, from, most);
        let encode = |text: &str| if is_url { encode_url(text) } else { text.to_owned() };
        let mut body = xml::Writer::root("ListBucketResult");
        body.element("Name", &target.bucket);
        body.element("Prefix", &encode(question.prefix));
        if !question.delimiter.is_empty() {
            body.element("Delimiter", &encode(question.delimiter));
        }
        body.element("MaxKeys", &most.to_string());
        if is_url {
            body.element("EncodingType", "url");
        }
        if let Some(token) = query.get("continuation-token") {
            body.element("ContinuationToken", token);
        } else if let Some(after) = query.get("start-after") {
            body.element("StartAfter", &encode(after));
        }
        body.element("KeyCount", &entries.len().to_string());
        body.element("IsTruncated", if next.is_some() { "true" } else { "false" });
        if let Some(next) = &next {
            body.element("NextContinuationToken", &write_token(next));
        }
        write(&mut body, &entries, encode);
        Ok(service::xml(body.finish_root("ListBucketResult")))
    }
}

/// Keys first, then groups, as S3 writes them.
fn write(body: &mut xml::Writer, entries: &[Entry], encode: impl Fn(&str) -> String) {
    for entry in entries {
        let Entry::Key(key, object) = entry else { continue };
        body.open("Contents");
        body.element("Key", &encode(key));
        body.element("LastModified", &time::iso(object.modified_ms));
        body.element("ETag", &object.quoted_etag());
        if let Some(checksum) = &object.checksum {
            body.element("ChecksumAlgorithm", checksum.algorithm.as_str());
            body.element("ChecksumType", checksum.kind());
        }
        body.element("Size", &object.len().to_string());
        body.element("StorageClass", "STANDARD");
        body.close("Contents");
    }
    for entry in entries {
        let Entry::Group(prefix) = entry else { continue };
        body.open("CommonPrefixes");
        body.element("Prefix", &encode(prefix));
        body.close("CommonPrefixes");
    }
}

/// At most `most` entries from `from` on, and where the next page begins, where there is one.
fn page(
    bucket: &Bucket,
    question: &Question<'_>,
    mut from: From,
    most: usize,
) -> (Vec<Entry>, Option<From>) {
    let mut entries = Vec::new();
    // A page of nothing is complete.
    if most == 0 {
        return (entries, None);
    }
    loop {
        let found = match &from {
            From::At(key) => bucket.next(Bound::Included(key)),
            From::After(key) => bucket.next(Bound::Excluded(key)),
            From::End => None,
        };
        let Some((key, object)) = found else { break };
        let Some(rest) = key.strip_prefix(question.prefix) else { break };
        if entries.len() == most {
            return (entries, Some(from));
        }
        let group = match question.delimiter {
            "" => None,
            delimiter => rest.find(delimiter).map(|at| {
                let end = question.prefix.len() + at + delimiter.len();
                key[..end].to_owned()
            }),
        };
        match group {
            Some(group) => {
                from = beyond(&group).map_or(From::End, From::At);
                entries.push(Entry::Group(group));
            }
            None => {
                from = From::After(key.to_string());
                entries.push(Entry::Key(key, object));
            }
        }
    }
    (entries, None)
}

/// The smallest string that is greater than all that begin with `prefix`; `None` where there is none.
fn beyond(prefix: &str) -> Option<String> {
    let mut head = prefix.to_owned();
    while let Some(last) = head.pop() {
        // The next scalar value: surrogates lie between.
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            other => char::from_u32(u32::from(other) + 1),
        };
        if let Some(next) = next {
            head.push(next);
            return Some(head);
        }
    }
    None
}

fn write_token(from: &From) -> String {
    let text = match from {
        From::At(key) => format!("@{key}"),
        From::After(key) => format!(">{key}"),
        From::End => String::new(),
    };
    URL_SAFE.encode(text)
}

fn read_token(token: &str) -> Result<From, S3Error> {
    let text = URL_SAFE.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let from = text.and_then(|text| {
        let mut characters = text.chars();
        match characters.next()? {
            '@' => Some(From::At(characters.as_str().to_owned())),
            '>' => Some(From::After(characters.as_str().to_owned())),
            _ => None,
        }
    });
    let message = "The continuation token provided is incorrect";
    from.ok_or_else(|| S3Error::invalid_argument("continuation-token", token, message))
}

/// As `encoding-type=url` wants it: slashes stay.
fn encode_url(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::object;

    fn bucket(keys: &BTreeSet<String>) -> Bucket {
        let bucket = Bucket::new(0, String::new());
        for key in keys {
            let object = Arc::new(object::fixture("tag", 0));
            bucket.put(key, object, |_| Ok(())).expect("it is there");
        }
        bucket
    }

    /// The whole listing, by looking at every key.
    fn naive(keys: &BTreeSet<String>, prefix: &str, delimiter: &str, after: &str) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for key in keys.iter().filter(|key| key.starts_with(prefix) && key.as_str() > after) {
            let group =
                (!delimiter.is_empty()).then(|| key[prefix.len()..].find(delimiter)).flatten();
            let line = match group {
                Some(at) => key[..prefix.len() + at + delimiter.len()].to_owned(),
                None => key.clone(),
            };
            if lines.last() != Some(&line) {
                lines.push(line);
            }
        }
        lines
    }

    proptest! {
        /// Pages of any size put together are the whole, in order, each line once.
        #[test]
        fn pages_are_the_naive_listing(
            keys in prop::collection::btree_set("[ab/\u{d7ff}\u{10ffff}]{1,6}", 0..40),
            prefix in "[ab/]{0,2}",
            delimiter in "|/|b|/b|\u{10ffff}|\u{d7ff}",
            after in "[ab/]{0,3}",
            size in 1_usize..6,
        ) {
            let bucket = bucket(&keys);
            let question = Question { prefix: &prefix, delimiter: &delimiter };
            let mut from = if after < prefix {
                From::At(prefix.clone())
            } else {
                From::After(after.clone())
            };
            let mut lines = Vec::new();
            loop {
                let (entries, next) = page(&bucket, &question, from, size);
                prop_assert!(entries.len() <= size);
                lines.extend(entries.into_iter().map(|entry| match entry {
                    Entry::Key(key, _) => key.to_string(),
                    Entry::Group(prefix) => prefix,
                }));
                let Some(next) = next else { break };
                // Tokens carry it over.
                from = read_token(&write_token(&next)).expect("its own token");
                prop_assert_eq!(&from, &next);
            }
            prop_assert_eq!(lines, naive(&keys, &prefix, &delimiter, &after));
        }

        #[test]
        fn beyond_a_prefix_lies_all_that_does_not_begin_with_it(
            prefix in "[a\u{d7ff}\u{10ffff}]{1,3}",
            key in "[ab\u{d7ff}\u{e000}\u{10ffff}]{0,5}",
        ) {
            let inside = format!("{prefix}{key}");
            match beyond(&prefix) {
                Some(beyond) => {
                    prop_assert!(inside < beyond);
                    prop_assert!(key <= prefix || key.starts_with(&prefix) || key >= beyond);
                }
                None => prop_assert!(prefix.chars().all(|last| last == char::MAX)),
            }
        }
    }

    #[test]
    fn foreign_tokens_are_refused() {
        for token in ["", "!", "eA==", "/w=="] {
            assert_eq!(read_token(token).expect_err("foreign").code, "InvalidArgument");
        }
        assert_eq!(encode_url("a b/ü+"), "a+b/%C3%BC%2B");
    }
}
