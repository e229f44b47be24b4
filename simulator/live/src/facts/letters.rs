//! Takes what is left out of a queue, and reads which orders it is about.

use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use securecart_cloud::Clients;
use securecart_domain::{
    OrderId,
    message::{InventoryMessage, Notification, OrderMessage},
};

use crate::Error;

/// Messages of one `ReceiveMessage` at the most.
const BATCH_MAX: i32 = 10;

/// The orders that the visible messages of a queue are about. The messages are deleted: the run is
/// over, and what was in the queue is in the record. Messages that name no order (poison) are left
/// out.
pub(super) async fn orders(clients: &Clients, queue_url: &str) -> Result<Vec<OrderId>, Error> {
    let mut orders = Vec::new();
    loop {
        let received = clients
            .sqs
            .receive_message()
            .queue_url(queue_url)
            .max_number_of_messages(BATCH_MAX)
            .send()
            .await
            .map_err(|error| Error::facts(format!("ReceiveMessage on {queue_url}: {error}")))?;
        let messages = received.messages.unwrap_or_default();
        if messages.is_empty() {
            return Ok(orders);
        }
        orders.extend(messages.iter().filter_map(|message| order_of(message.body.as_deref()?)));
        let entries = messages.iter().enumerate().filter_map(|(id, message)| {
            DeleteMessageBatchRequestEntry::builder()
                .id(id.to_string())
                .receipt_handle(message.receipt_handle.clone()?)
                .build()
                .ok()
        });
        clients
            .sqs
            .delete_message_batch()
            .queue_url(queue_url)
            .set_entries(Some(entries.collect()))
            .send()
            .await
            .map_err(|error| Error::facts(format!("DeleteMessageBatch on {queue_url}: {error}")))?;
    }
}

fn order_of(body: &str) -> Option<OrderId> {
    if let Ok(message) = serde_json::from_str::<OrderMessage>(body) {
        return Some(message.order_id());
    }
    if let Ok(message) = serde_json::from_str::<InventoryMessage>(body) {
        return Some(message.order_id());
    }
    serde_json::from_str::<Notification>(body).ok().map(|message| message.detail.order)
}
