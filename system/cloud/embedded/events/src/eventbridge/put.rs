//! `PutEvents`: what comes in. Where it goes is in `router`.

use securecart_embedded_wire::{Answer, AwsError};
use serde::{Deserialize, Serialize};

use super::{EVENTBRIDGE_PROTOCOL, EventBridge, error, event::Entry, parse, router::Arrival};

/// Entries of a request.
const ENTRIES_MAX: usize = 10;

/// Bytes of all entries: 1 MB (EventBridge API, PutEvents; it was 256 KB until 2026).
const SIZE_MAX: usize = 1_048_576;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    entries: Vec<Entry>,
    endpoint_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    failed_entry_count: usize,
    entries: Vec<Outcome>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    #[serde(rename_all = "PascalCase")]
    Accepted { event_id: String },
    #[serde(rename_all = "PascalCase")]
    Refused { error_code: &'static str, error_message: String },
}

impl EventBridge {
    pub(super) async fn put_events(&self, body: &[u8]) -> Result<Answer, AwsError> {
        let request: Request = parse(body)?;
        check(&request)?;
        let mut outcomes = Vec::with_capacity(request.entries.len());
        for entry in &request.entries {
            outcomes.push(self.put(entry).await);
        }
        let failed = |outcome: &&Outcome| matches!(outcome, Outcome::Refused { .. });
        let response = Response {
            failed_entry_count: outcomes.iter().filter(failed).count(),
            entries: outcomes,
        };
        let body = serde_json::to_vec(&response).expect("strings and numbers are JSON");
        Ok(Answer::ok(EVENTBRIDGE_PROTOCOL, body))
    }

    async fn put(&self, entry: &Entry) -> Outcome {
        let event_id = self.ids.uuid();
        match entry.event(&event_id, self.clock.now_ms()) {
            Ok(event) => {
                // Like AWS: an event for a bus that isn't there is accepted and goes nowhere.
                if let Ok(bus) = self.bus(entry.event_bus_name.as_deref()) {
                    self.router.route(Arrival::new(bus, event)).await;
                }
                Outcome::Accepted { event_id }
            }
            Err(refusal) => {
                Outcome::Refused { error_code: refusal.code, error_message: refusal.message }
            }
        }
    }
}

fn check(request: &Request) -> Result<(), AwsError> {
    let count = request.entries.len();
    if request.endpoint_id.is_some() {
        return Err(error::validation(
            "Parameter EndpointId is not valid. Reason: the embedded engine has no global endpoints.",
        ));
    }
    if count == 0 || count > ENTRIES_MAX {
        let bound = match count {
            0 => "have length greater than or equal to 1",
            _ => "have length less than or equal to 10",
        };
        return Err(error::constraint(&format!("[{count} entries]"), "entries", bound));
    }
    if request.entries.iter().map(Entry::size).sum::<usize>() > SIZE_MAX {
        return Err(error::validation(
            "Total size of the entries in the request is over the limit.",
        ));
    }
    Ok(())
}
