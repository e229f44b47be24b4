//! Events: what `PutEvents` is given, and what targets get.

use std::sync::Arc;

use securecart_embedded_wire::{ACCOUNT_ID, REGION};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::time;

/// Characters of a source and of a detail type (EventBridge API, PutEventsRequestEntry).
const SOURCE_MAX: usize = 256;
const DETAIL_TYPE_MAX: usize = 128;

/// An entry of `PutEvents`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    source: Option<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
    /// Seconds since the Unix epoch.
    time: Option<f64>,
    pub(super) event_bus_name: Option<String>,
}

/// Why an entry is refused: `ErrorCode` and `ErrorMessage`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
}

fn invalid(parameter: &str, reason: &str) -> Refusal {
    Refusal {
        code: "InvalidArgument",
        message: format!("Parameter {parameter} is not valid. Reason: {reason}"),
    }
}

/// An event on its way.
#[derive(Debug)]
pub(super) struct Event {
    /// Its text, with the detail as it was sent.
    pub(super) json: Arc<str>,
    pub(super) fields: Map<String, Value>,
    pub(super) ingested_at_ms: u64,
}

impl Entry {
    /// As AWS calculates it ("calculating PutEvents event entry size").
    pub(super) fn size(&self) -> usize {
        let text = |field: &Option<String>| field.as_ref().map_or(0, String::len);
        self.time.map_or(0, |_| 14)
            + text(&self.source)
            + text(&self.detail_type)
            + text(&self.detail)
            + self.resources.iter().map(String::len).sum::<usize>()
    }

    pub(super) fn event(&self, id: &str, now_ms: u64) -> Result<Event, Refusal> {
        let source = required(self.source.as_ref(), "Source", SOURCE_MAX)?;
        let detail_type = required(self.detail_type.as_ref(), "DetailType", DETAIL_TYPE_MAX)?;
        let detail = required(self.detail.as_ref(), "Detail", usize::MAX)?;
        if source.starts_with("aws.") {
            return Err(Refusal {
                code: "NotAuthorizedForSourceException",
                message: "Not authorized for the source.".to_owned(),
            });
        }
        let malformed =
            || Refusal { code: "MalformedDetail", message: "Detail is malformed.".to_owned() };
        let parsed: Map<String, Value> = serde_json::from_str(detail).map_err(|_| malformed())?;
        let time = time::iso_seconds(self.time_ms(now_ms)?);
        let fields = self.fields(id, &time, source, detail_type, parsed);
        let quoted = |text: &str| Value::from(text).to_string();
        let json = format!(
            "{{\"version\":\"0\",\"id\":\"{id}\",\"detail-type\":{},\"source\":{},\"account\":\
             \"{ACCOUNT_ID}\",\"time\":\"{time}\",\"region\":\"{REGION}\",\"resources\":{},\
             \"detail\":{}}}",
            quoted(detail_type),
            quoted(source),
            Value::from(self.resources.clone()),
            detail.trim(),
        );
        Ok(Event { json: json.into(), fields, ingested_at_ms: now_ms })
    }

    fn time_ms(&self, now_ms: u64) -> Result<u64, Refusal> {
        /// The end of the year 9999, s.
        const END: f64 = 253_402_300_799.0;
        match self.time {
            None => Ok(now_ms),
            Some(seconds) if (0.0..=END).contains(&seconds) => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let ms = (seconds * 1_000.0) as u64;
                Ok(ms)
            }
            Some(_) => Err(invalid("Time", "Time is not within the years 1970 to 9999.")),
        }
    }

    fn fields(
        &self,
        id: &str,
        time: &str,
        source: &str,
        detail_type: &str,
        detail: Map<String, Value>,
    ) -> Map<String, Value> {
        let mut fields = Map::new();
        for (name, value) in [
            ("version", "0"),
            ("id", id),
            ("detail-type", detail_type),
            ("source", source),
            ("account", ACCOUNT_ID),
            ("time", time),
            ("region", REGION),
        ] {
            fields.insert(name.to_owned(), value.into());
        }
        fields.insert("resources".to_owned(), self.resources.clone().into());
        fields.insert("detail".to_owned(), Value::Object(detail));
        fields
    }
}

fn required<'a>(
    field: Option<&'a String>,
    name: &str,
    length_max: usize,
) -> Result<&'a str, Refusal> {
    let text = field.map(String::as_str).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| invalid(name, &format!("{name} is a required argument.")))?;
    if text.len() > length_max {
        return Err(invalid(name, &format!("{name} has more than {length_max} characters.")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(entry: &Value) -> Result<Event, Refusal> {
        let text = entry.to_string();
        let entry: Entry = serde_json::from_str(&text).expect("an entry");
        entry.event("e-1", 1_795_737_600_000)
    }

    #[test]
    fn the_envelope_has_every_field() {
        let entry = json!({
            "Source": "shop", "DetailType": "order \"placed\"", "Resources": ["arn:a"],
            "Detail": " {\"z\": 1.50, \"a\": \"\u{e9}\"} ", "Time": 1_795_737_600.5
        });
        let event = event(&entry).expect("valid");
        let expected = json!({
            "version": "0", "id": "e-1", "detail-type": "order \"placed\"", "source": "shop",
            "account": "000000000000", "time": "2026-11-27T00:00:00Z", "region": "us-east-1",
            "resources": ["arn:a"], "detail": { "z": 1.5, "a": "\u{e9}" }
        });
        assert_eq!(serde_json::from_str::<Value>(&event.json).expect("JSON"), expected);
        assert_eq!(Value::Object(event.fields), expected);
        assert!(event.json.ends_with("\"detail\":{\"z\": 1.50, \"a\": \"\u{e9}\"}}"), "as sent");
    }

    #[test]
    fn refusals_name_the_parameter() {
        let valid = json!({ "Source": "shop", "DetailType": "t", "Detail": "{}" });
        for (field, value, code, message) in [
            ("Source", json!(null), "InvalidArgument", "Source is a required argument."),
            ("Source", json!("aws.ec2"), "NotAuthorizedForSourceException", "Not authorized"),
            ("DetailType", json!(""), "InvalidArgument", "DetailType is a required argument."),
            ("DetailType", json!("x".repeat(129)), "InvalidArgument", "more than 128"),
            ("Detail", json!(null), "InvalidArgument", "Detail is a required argument."),
            ("Detail", json!("{"), "MalformedDetail", "Detail is malformed."),
            ("Detail", json!("[]"), "MalformedDetail", "Detail is malformed."),
            ("Time", json!(-1.0), "InvalidArgument", "Time is not within"),
        ] {
            let mut entry = valid.clone();
            entry[field] = value;
            let refusal = event(&entry).expect_err(field);
            assert_eq!(refusal.code, code, "{entry}");
            assert!(refusal.message.contains(message), "{entry}: {}", refusal.message);
        }
        assert!(event(&valid).is_ok());
    }

    #[test]
    fn the_size_is_the_documented_sum() {
        let text = json!({ "Source": "ab", "DetailType": "c", "Detail": "{}", "Time": 1,
                           "Resources": ["xyz"] })
        .to_string();
        let entry: Entry = serde_json::from_str(&text).expect("an entry");
        assert_eq!(entry.size(), 14 + 2 + 1 + 2 + 3);
    }
}
