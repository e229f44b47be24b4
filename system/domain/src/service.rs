//! The services by name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A service of SecureCart. Each has its own role, its own SDK clients and its own fleet of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceName {
    /// Products: lists, details, search.
    Catalog,
    /// Carts.
    Cart,
    /// Turns a cart into an order.
    Checkout,
    /// Authorises, captures and refunds.
    Payment,
    /// Scores an order before it is accepted.
    Fraud,
    /// Stock: reserves and releases.
    Inventory,
    /// What became of an order.
    Orders,
    /// Takes an order from the queue to the parcel.
    Fulfilment,
    /// E-mail and SMS.
    Notifications,
}

impl ServiceName {
    /// Every service, in the order of a shopper's way through the shop.
    pub const ALL: [Self; 9] = [
        Self::Catalog,
        Self::Cart,
        Self::Checkout,
        Self::Payment,
        Self::Fraud,
        Self::Inventory,
        Self::Orders,
        Self::Fulfilment,
        Self::Notifications,
    ];

    /// The name in scenarios, records and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Cart => "cart",
            Self::Checkout => "checkout",
            Self::Payment => "payment",
            Self::Fraud => "fraud",
            Self::Inventory => "inventory",
            Self::Orders => "orders",
            Self::Fulfilment => "fulfilment",
            Self::Notifications => "notifications",
        }
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A name that no service has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no service `{0}`")]
pub struct UnknownService(pub String);

impl FromStr for ServiceName {
    type Err = UnknownService;

    fn from_str(text: &str) -> Result<Self, UnknownService> {
        Self::ALL
            .into_iter()
            .find(|service| service.as_str() == text)
            .ok_or_else(|| UnknownService(text.to_owned()))
    }
}
