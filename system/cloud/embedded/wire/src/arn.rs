//! Amazon Resource Names.

use std::{fmt, str::FromStr};

/// The only account of the embedded engine.
pub const ACCOUNT_ID: &str = "000000000000";

/// The only Region of the embedded engine.
pub const REGION: &str = "us-east-1";

/// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn {
    /// `sqs`, `sns`, `events`, `dynamodb`, `lambda`, ...
    pub service: String,
    /// What follows the account, such as `orders` or `table/carts`.
    pub resource: String,
}

impl Arn {
    /// The resource of `service` in the engine's account and Region.
    #[must_use]
    pub fn new(service: &str, resource: impl Into<String>) -> Self {
        Self { service: service.to_owned(), resource: resource.into() }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:aws:{}:{REGION}:{ACCOUNT_ID}:{}", self.service, self.resource)
    }
}

/// A string that is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ARN")]
pub struct ParseArnError(String);

impl FromStr for Arn {
    type Err = ParseArnError;

    fn from_str(text: &str) -> Result<Self, ParseArnError> {
        let mut parts = text.splitn(6, ':');
        let fields =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
        match fields {
            (Some("arn"), Some(_), Some(service), Some(_), Some(_), Some(resource))
                if !service.is_empty() && !resource.is_empty() =>
            {
                Ok(Self::new(service, resource))
            }
            _ => Err(ParseArnError(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_survives_a_round_trip() {
        let arn = Arn::new("sqs", "orders");
        assert_eq!(arn.to_string(), "arn:aws:sqs:us-east-1:000000000000:orders");
        assert_eq!(arn.to_string().parse(), Ok(arn));
        assert!("orders".parse::<Arn>().is_err());
        assert!("arn:aws:sqs:us-east-1:000000000000:".parse::<Arn>().is_err());
    }
}
