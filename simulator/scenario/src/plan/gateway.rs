//! API Gateway: its throttles.

use serde::Serialize;

/// Throttles of the gateway, requests a wall second and bucket sizes. AWS's quotas are those of an
/// account and do not shrink with the run's scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct GatewaySpec {
    /// Requests a second of the account in its Region.
    pub rate_per_second: f64,
    /// Requests the account's bucket holds.
    pub burst: f64,
    /// Requests a second of each route (per-method stage setting), where they are limited.
    pub route_rate_per_second: Option<f64>,
    /// Requests a route's bucket holds; the rate where absent.
    pub route_burst: Option<f64>,
}
