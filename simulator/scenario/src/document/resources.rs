//! What services stand on: the catalogue's data, tables, the gateway and the notification provider.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    located::Field,
    problem::Problems,
    reader::{Read, Value, mismatch, read_as_table},
};

/// What there is to buy.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename = "Catalogue", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct CatalogueTable {
    /// How many products; 10,000 unless given.
    #[schemars(default)]
    pub(crate) products: Field<u32>,
    /// How fast popularity falls with rank; 0.8 unless given.
    #[schemars(default)]
    pub(crate) zipf_exponent: Field<f64>,
    /// Pieces in stock of each product; 100,000 unless given.
    #[schemars(default)]
    pub(crate) stock: Field<u32>,
    /// Pieces in stock of the hot product, which is the most popular one; 100,000 unless given.
    #[schemars(default)]
    pub(crate) hot_product_stock: Field<u32>,
}

read_as_table!(CatalogueTable {
    products: optional "products",
    zipf_exponent: optional "zipf-exponent",
    stock: optional "stock",
    hot_product_stock: optional "hot-product-stock",
});

/// The provider that sends e-mail and SMS.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(rename = "Notifications", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct NotificationTable {
    /// E-mails it takes a wall second; 200 unless given.
    #[schemars(default)]
    pub(crate) email_per_second: Field<f64>,
    /// SMS it takes a wall second; 20 unless given.
    #[schemars(default)]
    pub(crate) sms_per_second: Field<f64>,
}

read_as_table!(NotificationTable {
    email_per_second: optional "email-per-second",
    sms_per_second: optional "sms-per-second",
});

/// A DynamoDB table.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Table", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct TableTable {
    /// `"on-demand"`, or provisioned units such as `{ read = 100, write = 50 }`; on demand unless given.
    #[schemars(default)]
    pub(crate) capacity: Field<Capacity>,
    /// What it serves from the start (warm throughput); on demand only.
    #[schemars(default)]
    pub(crate) warm: Field<WarmTable>,
    /// How its units scale; provisioned only.
    #[schemars(default)]
    pub(crate) scaling: Field<TableScalingTable>,
}

read_as_table!(TableTable {
    capacity: optional "capacity",
    warm: optional "warm",
    scaling: optional "scaling",
});

/// On demand, or provisioned.
#[derive(Debug, Clone)]
pub(crate) enum Capacity {
    OnDemand,
    Provisioned(Units),
}

impl Read for Capacity {
    fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Self> {
        if value.get_ref().is_table() {
            return Units::read(value, problems).map(Self::Provisioned);
        }
        let on_demand = value.get_ref().as_str() == Some("on-demand");
        if !on_demand {
            let expected = "`\"on-demand\"` or units such as `{ read = 100, write = 50 }`";
            mismatch(value, expected, problems);
        }
        on_demand.then_some(Self::OnDemand)
    }
}

impl JsonSchema for Capacity {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Capacity")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let units = generator.subschema_for::<Units>();
        json_schema!({ "anyOf": [{ "const": "on-demand" }, units] })
    }
}

/// Provisioned units, one a wall second.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Units {
    /// Read capacity units.
    pub(crate) read: Field<u32>,
    /// Write capacity units.
    pub(crate) write: Field<u32>,
}

read_as_table!(Units { read: required "read", write: required "write" });

/// Warm throughput of a table on demand, units a wall second.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Warm", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct WarmTable {
    /// Reads; 12,000 unless given, and no less.
    #[schemars(default)]
    pub(crate) read: Field<u32>,
    /// Writes; 4,000 unless given, and no less.
    #[schemars(default)]
    pub(crate) write: Field<u32>,
}

read_as_table!(WarmTable { read: optional "read", write: optional "write" });

/// Auto scaling of a table: target tracking, for reads and for writes.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "TableScaling", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct TableScalingTable {
    /// Utilisation to hold, percent: 20 to 90; 70 unless given.
    #[schemars(default)]
    pub(crate) target: Field<f64>,
    /// Fewest units of either kind.
    pub(crate) min: Field<u32>,
    /// Most units of either kind.
    pub(crate) max: Field<u32>,
}

read_as_table!(TableScalingTable {
    target: optional "target",
    min: required "min",
    max: required "max",
});

/// Throttles of API Gateway, which do not shrink with the run's scale.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename = "Gateway", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct GatewayTable {
    /// Requests a wall second of the account; 10,000 unless given.
    #[schemars(default)]
    pub(crate) rate_per_second: Field<f64>,
    /// Requests the account's bucket holds; 5,000 unless given.
    #[schemars(default)]
    pub(crate) burst: Field<f64>,
    /// Requests a wall second of each route; not limited unless given.
    #[schemars(default)]
    pub(crate) route_rate_per_second: Field<f64>,
    /// Requests a route's bucket holds; the route's rate unless given.
    #[schemars(default)]
    pub(crate) route_burst: Field<f64>,
}

read_as_table!(GatewayTable {
    rate_per_second: optional "rate-per-second",
    burst: optional "burst",
    route_rate_per_second: optional "route-rate-per-second",
    route_burst: optional "route-burst",
});
