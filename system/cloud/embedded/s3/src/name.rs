//! What buckets and keys may be called (user guide, "Bucket naming rules" and "Naming objects").

use std::net::Ipv4Addr;

use crate::error::S3Error;

/// Most bytes of a key.
pub(crate) const KEY_BYTES_MAX: usize = 1_024;

const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/// Whether a bucket may be called `name`.
pub(crate) fn is_bucket(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| inner(*byte) || b".-".contains(byte))
        && inner(bytes[0])
        && inner(bytes[bytes.len() - 1])
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
        && !RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        && !RESERVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// Refuses a key that is too long. An empty one is the bucket itself and never gets here.
pub(crate) fn check_key(key: &str) -> Result<(), S3Error> {
    if key.len() > KEY_BYTES_MAX {
        return Err(S3Error::key_too_long(key.len(), KEY_BYTES_MAX));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_documented_rules() {
        for good in ["securecart-storefront", "a1b", "my.bucket.1", "0-0", &"a".repeat(63)] {
            assert!(is_bucket(good), "{good}");
        }
        for bad in [
            "ab",
            &"a".repeat(64),
            "Bucket",
            "under_score",
            "-begin",
            "end-",
            ".dot",
            "two..dots",
            "192.168.5.4",
            "xn--bucket",
            "sthree-x",
            "bucket-s3alias",
            "bucket--x-s3",
            "",
            "bücket",
        ] {
            assert!(!is_bucket(bad), "{bad}");
        }
    }

    #[test]
    fn a_key_has_1024_bytes_not_characters() {
        assert!(check_key(&"k".repeat(1_024)).is_ok());
        assert!(check_key(&"k".repeat(1_025)).is_err());
        assert!(check_key(&"ü".repeat(513)).is_err());
    }
}
