//! What holders of a receipt handle do: delete messages, change how long they stay hidden. And
//! purging, which spares nobody.

use securecart_embedded_wire::AwsError;

use super::{Place, State};
use crate::{error, receipt::Receipt, settings::MAX_VISIBILITY_SECONDS};

/// Time between two purges.
const PURGE_INTERVAL_MS: u64 = 60_000;

/// A receipt handle with its text, for messages about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handle<'a> {
    pub(crate) text: &'a str,
    receipt: Receipt,
}

impl<'a> Handle<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, AwsError> {
        let receipt = Receipt::decode(text).ok_or_else(|| error::invalid_handle(text))?;
        Ok(Self { text, receipt })
    }
}

impl State {
    /// Deletes a message. A message that is gone already counts as deleted. On a standard queue an
    /// older handle is accepted without effect; on a FIFO queue it is refused, and so is one whose
    /// visibility timeout has passed.
    pub(crate) fn delete(&mut self, handle: Handle<'_>) -> Result<(), AwsError> {
        self.check_queue(handle)?;
        let Some(message) = self.slots.get(handle.receipt.key) else { return Ok(()) };
        let is_latest = message.receipt == handle.receipt.serial;
        let is_held = is_latest && message.place == Place::InFlight;
        if self.settings.fifo && !is_held {
            return Err(expired(handle));
        }
        if is_latest {
            self.remove(handle.receipt.key);
            self.totals.deleted += 1;
        }
        Ok(())
    }

    /// Hides a message in flight for `seconds` from now; 0 shows it at once.
    pub(crate) fn change_visibility(
        &mut self,
        handle: Handle<'_>,
        seconds: u64,
        now_ms: u64,
    ) -> Result<(), AwsError> {
        self.check_queue(handle)?;
        let message = self
            .slots
            .get(handle.receipt.key)
            .filter(|message| message.receipt == handle.receipt.serial);
        let Some(message) = message else {
            return Err(error::invalid_value(
                handle.text,
                "ReceiptHandle",
                "Message does not exist or is not available for visibility timeout change.",
            ));
        };
        if message.place != Place::InFlight {
            return Err(if self.settings.fifo { expired(handle) } else { error::not_in_flight() });
        }
        let held_seconds = now_ms.saturating_sub(message.received_ms) / 1_000;
        if held_seconds + seconds > MAX_VISIBILITY_SECONDS {
            return Err(error::invalid_value(
                seconds,
                "VisibilityTimeout",
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
            ));
        }
        if seconds == 0 {
            self.show(handle.receipt.key);
        } else {
            self.schedule(handle.receipt.key, now_ms + seconds * 1_000);
        }
        Ok(())
    }

    /// Drops all messages.
    pub(crate) fn purge(&mut self, queue: &str, now_ms: u64) -> Result<(), AwsError> {
        if self.purged_ms.is_some_and(|purged_ms| purged_ms + PURGE_INTERVAL_MS > now_ms) {
            return Err(error::purge_in_progress(queue));
        }
        self.purged_ms = Some(now_ms);
        self.clear();
        Ok(())
    }

    fn check_queue(&self, handle: Handle<'_>) -> Result<(), AwsError> {
        if handle.receipt.queue == self.instance {
            Ok(())
        } else {
            Err(error::invalid_handle(handle.text))
        }
    }
}

fn expired(handle: Handle<'_>) -> AwsError {
    error::invalid_value(handle.text, "ReceiptHandle", "The receipt handle has expired.")
}
