//! Events to the bus.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use securecart_domain::{
    Order,
    event::{self, Channel, EventDetail, EventKind},
    resources::BUS,
};

use crate::Failure;

/// Puts SecureCart's events on its bus.
#[derive(Debug, Clone)]
pub struct Publisher {
    eventbridge: aws_sdk_eventbridge::Client,
}

impl Publisher {
    /// A publisher that uses `eventbridge`.
    #[must_use]
    pub fn new(eventbridge: aws_sdk_eventbridge::Client) -> Self {
        Self { eventbridge }
    }

    /// Says that each of `kinds` has happened to an order, in that order.
    pub(crate) async fn publish(
        &self,
        kinds: &[EventKind],
        detail: &EventDetail,
    ) -> Result<(), Failure> {
        let text = serde_json::to_string(detail).expect("an event is plain data");
        let entries = kinds.iter().map(|kind| {
            PutEventsRequestEntry::builder()
                .event_bus_name(BUS)
                .source(event::SOURCE)
                .detail_type(kind.detail_type())
                .detail(&text)
                .build()
        });
        let answer = self
            .eventbridge
            .put_events()
            .set_entries(Some(entries.collect()))
            .send()
            .await
            .map_err(Failure::aws("PutEvents"))?;
        if answer.failed_entry_count == 0 {
            return Ok(());
        }
        let failed = answer.entries().iter().find_map(|entry| entry.error_code.clone());
        Err(Failure::Dependency {
            dependency: "PutEvents",
            code: failed.unwrap_or_else(|| "unknown".to_owned()),
            message: format!("{} events were not taken", answer.failed_entry_count),
        })
    }
}

/// What every event says about `order`.
pub(crate) fn detail(order: &Order) -> EventDetail {
    EventDetail {
        order: order.id,
        customer: order.customer,
        total: order.total,
        placed_at: order.placed_at,
        channels: Channel::of(order.customer).to_vec(),
    }
}
