//! `GetItem`.

use std::borrow::Cow;

use securecart_embedded_expressions::Item;
use securecart_embedded_wire::Answer;
use serde::Serialize;

use crate::{
    DynamoDb,
    capacity::{ConsumedCapacity, Kind, Report, Strength, Usage, read_units},
    error::Result,
    request::{Choice, decode, item::Get, required, table_name},
    service::answer,
};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetAnswer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Cow<'a, Item>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumed_capacity: Option<ConsumedCapacity<'a>>,
}

impl DynamoDb {
    pub(crate) fn get_item(&self, body: &[u8]) -> Result<Answer> {
        let request: Get<'_> = decode(body)?;
        request.refuse_legacy()?;
        let name = table_name(request.table_name.as_ref())?;
        let attributes = required(request.key.as_ref(), "key")?;
        let report = Report::parse_or_default(
            request.return_consumed_capacity.as_ref(),
            "returnConsumedCapacity",
        )?;
        let view = self.expressions.view(
            request.projection_expression.as_deref(),
            request.expression_attribute_names.as_ref(),
        )?;

        let table = self.table(name)?;
        let layout = table.layout.read();
        let record = table.get(&table.key_of(attributes)?);
        table.sweep(&layout, self.clock.now_ms());
        drop(layout);

        let strength = Strength::of_read(request.consistent_read.unwrap_or(false));
        let size = record.as_ref().map_or(0, |record| record.size);
        let usage = Usage::of_table(read_units(size) * strength.factor());
        table.reads.add(usage.table);
        let item = record.as_ref().map(|record| view.of(&record.item));
        answer(&GetAnswer {
            item,
            consumed_capacity: ConsumedCapacity::of(name, &usage, report, Kind::Plain),
        })
    }
}
