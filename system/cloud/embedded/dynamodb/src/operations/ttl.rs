//! `UpdateTimeToLive` and `DescribeTimeToLive`.

use securecart_embedded_wire::Answer;
use serde_json::json;

use crate::{
    DynamoDb,
    error::{Result, constraint, validation},
    request::{
        decode, required,
        table::{TableOnly, UpdateTimeToLive},
        table_name,
    },
    service::answer,
};

impl DynamoDb {
    pub(crate) fn update_time_to_live(&self, body: &[u8]) -> Result<Answer> {
        let request: UpdateTimeToLive<'_> = decode(body)?;
        let name = table_name(request.table_name.as_ref())?;
        let asked =
            required(request.time_to_live_specification.as_ref(), "timeToLiveSpecification")?;
        let attribute =
            required(asked.attribute_name.as_deref(), "timeToLiveSpecification.attributeName")?;
        let enabled = required(asked.enabled, "timeToLiveSpecification.enabled")?;
        if !(1..=255).contains(&attribute.len()) {
            return Err(constraint(
                format_args!("'{attribute}'"),
                "timeToLiveSpecification.attributeName",
                "Member must have length between 1 and 255",
            ));
        }
        let table = self.table_named(name)?;
        let mut layout = table.layout.write();
        match (enabled, layout.time_to_live.as_deref()) {
            (true, Some(_)) => return Err(validation("TimeToLive is already enabled")),
            (false, None) => return Err(validation("TimeToLive is already disabled")),
            (false, Some(current)) if current != attribute => {
                return Err(validation(format!(
                    "TimeToLive is active on a different AttributeName: current AttributeName is \
                     {current}"
                )));
            }
            _ => table.set_time_to_live(&mut layout, enabled.then(|| attribute.to_owned())),
        }
        answer(&json!({
            "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": enabled },
        }))
    }

    pub(crate) fn describe_time_to_live(&self, body: &[u8]) -> Result<Answer> {
        let request: TableOnly<'_> = decode(body)?;
        let table = self.table_named(table_name(request.table_name.as_ref())?)?;
        let layout = table.layout.read();
        let description = match &layout.time_to_live {
            Some(attribute) => {
                json!({ "TimeToLiveStatus": "ENABLED", "AttributeName": attribute })
            }
            None => json!({ "TimeToLiveStatus": "DISABLED" }),
        };
        answer(&json!({ "TimeToLiveDescription": description }))
    }
}
