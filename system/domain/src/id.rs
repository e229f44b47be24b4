//! Identifiers. Each is a number inside and a prefixed string outside (`o-000000000000002a`), so a
//! log line or a queue message shows what kind of thing it names.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A string that is not an identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {kind}: expected `{prefix}` and hexadecimal digits")]
pub struct ParseIdError {
    kind: &'static str,
    prefix: &'static str,
    text: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $prefix:literal, $kind:literal, $width:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{:0", $width, "x}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix($prefix)
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
                    .and_then(|digits| <$inner>::from_str_radix(digits, 16).ok())
                    .map(Self)
                    .ok_or_else(|| ParseIdError {
                        kind: $kind,
                        prefix: $prefix,
                        text: text.to_owned(),
                    })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// An accepted (or at least attempted) order.
    OrderId, u64, "o-", "an order id", "16"
);
id!(
    /// A shopper's cart; one for each session.
    CartId, u64, "c-", "a cart id", "16"
);
id!(
    /// A shopper.
    CustomerId, u64, "u-", "a customer id", "16"
);
id!(
    /// A product: its rank by popularity, 0 being the most popular.
    ProductId, u32, "p-", "a product id", "8"
);

impl OrderId {
    /// The order that a checkout with this idempotency key becomes, however often it is tried.
    #[must_use]
    pub fn for_idempotency_key(key: &str) -> Self {
        let folded = key.bytes().fold(0, |hash, byte| crate::random::mix(hash ^ u64::from(byte)));
        Self(folded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_a_round_trip_through_text_and_json() {
        let id = OrderId(0x2a);
        assert_eq!(id.to_string(), "o-000000000000002a");
        assert_eq!("o-000000000000002a".parse(), Ok(id));
        let json = serde_json::to_string(&id).expect("serialises");
        assert_eq!(json, "\"o-000000000000002a\"");
        assert_eq!(serde_json::from_str::<OrderId>(&json).expect("parses"), id);
    }

    #[test]
    fn an_order_id_follows_from_the_key_alone() {
        let id = OrderId::for_idempotency_key;
        assert_eq!(id("k-1"), id("k-1"));
        assert_ne!(id("k-1"), id("k-2"));
        assert_ne!(id("k-12"), id("k-21"));
    }

    #[test]
    fn a_wrong_prefix_or_a_sign_is_refused_and_named() {
        let error = "p-0000002a".parse::<OrderId>().expect_err("a product id");
        assert!(error.to_string().contains("`p-0000002a` is not an order id"), "{error}");
        assert!("o-+1".parse::<OrderId>().is_err());
        assert!("o-".parse::<OrderId>().is_err());
    }
}
