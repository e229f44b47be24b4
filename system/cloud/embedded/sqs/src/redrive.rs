//! Redrive policies: where messages go that were received too often, and who may send them.

use securecart_embedded_wire::{ACCOUNT_ID, AwsError, REGION};
use serde_json::{Map, Value};

use crate::error;

/// The name of the queue that `arn` speaks of, when it is one of this account and Region.
pub(crate) fn queue_name(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let is_here = parts.next() == Some("arn")
        && parts.next() == Some("aws")
        && parts.next() == Some("sqs")
        && parts.next() == Some(REGION)
        && parts.next() == Some(ACCOUNT_ID);
    parts.next().filter(|name| is_here && !name.is_empty())
}

/// `RedrivePolicy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedrivePolicy {
    /// The dead-letter queue.
    pub(crate) target_arn: String,
    /// Receives after which a message is dead.
    pub(crate) max_receive_count: u32,
}

impl RedrivePolicy {
    pub(crate) fn parse(text: &str) -> Result<Self, AwsError> {
        let refuse = |reason: &str| error::invalid_value(text, "RedrivePolicy", reason);
        let policy: Map<String, Value> = serde_json::from_str(text)
            .map_err(|_| refuse("Redrive policy is not a valid JSON map."))?;
        let mandatory = |name: &str| {
            policy.get(name).ok_or_else(|| {
                refuse(&format!("Redrive policy does not contain mandatory attribute: {name}."))
            })
        };
        let count = mandatory("maxReceiveCount")?;
        let target = mandatory("deadLetterTargetArn")?.as_str().unwrap_or_default();
        let max_receive_count = match count {
            Value::String(text) => text.parse().ok(),
            number => number.as_u64(),
        };
        let max_receive_count =
            max_receive_count.filter(|count| (1..=1_000).contains(count)).ok_or_else(|| {
                let count = count.to_string();
                refuse(&format!(
                    "Invalid value for maxReceiveCount: {}, valid values are from 1 to 1000 both \
                     inclusive.",
                    count.trim_matches('"')
                ))
            })?;
        if queue_name(target).is_none() {
            return Err(refuse("Invalid value for deadLetterTargetArn."));
        }
        Ok(Self {
            target_arn: target.to_owned(),
            max_receive_count: u32::try_from(max_receive_count).unwrap_or(u32::MAX),
        })
    }

    /// The policy as the service shows it.
    pub(crate) fn to_text(&self) -> String {
        format!(
            r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{}}}"#,
            self.target_arn, self.max_receive_count
        )
    }

    /// Name of the dead-letter queue.
    pub(crate) fn target_name(&self) -> &str {
        queue_name(&self.target_arn).unwrap_or_default()
    }
}

/// `RedriveAllowPolicy`: which queues may use this one as their dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RedriveAllowPolicy {
    AllowAll,
    DenyAll,
    /// ARNs of the queues that may.
    ByQueue(Vec<String>),
}

impl RedriveAllowPolicy {
    pub(crate) fn parse(text: &str) -> Result<Self, AwsError> {
        let refuse = |reason: &str| error::invalid_value(text, "RedriveAllowPolicy", reason);
        let policy: Map<String, Value> = serde_json::from_str(text)
            .map_err(|_| refuse("Redrive allow policy is not a valid JSON map."))?;
        let sources = policy.get("sourceQueueArns");
        match (policy.get("redrivePermission").and_then(Value::as_str), sources) {
            (Some("allowAll"), None) => Ok(Self::AllowAll),
            (Some("denyAll"), None) => Ok(Self::DenyAll),
            (Some("byQueue"), Some(Value::Array(arns))) => {
                let arns: Option<Vec<String>> = arns
                    .iter()
                    .map(|arn| arn.as_str().filter(|arn| queue_name(arn).is_some()))
                    .map(|arn| arn.map(str::to_owned))
                    .collect();
                arns.filter(|arns| (1..=10).contains(&arns.len()))
                    .map(Self::ByQueue)
                    .ok_or_else(|| refuse("sourceQueueArns must contain 1 to 10 queue ARNs."))
            }
            (Some("byQueue"), _) => Err(refuse("sourceQueueArns is required with byQueue.")),
            (Some("allowAll" | "denyAll"), _) => {
                Err(refuse("sourceQueueArns can be specified only with byQueue."))
            }
            _ => Err(refuse("redrivePermission must be allowAll, denyAll or byQueue.")),
        }
    }

    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::AllowAll => r#"{"redrivePermission":"allowAll"}"#.to_owned(),
            Self::DenyAll => r#"{"redrivePermission":"denyAll"}"#.to_owned(),
            Self::ByQueue(arns) => format!(
                r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{}"]}}"#,
                arns.join("\",\"")
            ),
        }
    }

    pub(crate) fn allows(&self, source_arn: &str) -> bool {
        match self {
            Self::AllowAll => true,
            Self::DenyAll => false,
            Self::ByQueue(arns) => arns.iter().any(|arn| arn == source_arn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DLQ: &str = "arn:aws:sqs:us-east-1:000000000000:dlq";

    #[test]
    fn a_policy_is_normalised() {
        for count in ["5", "\"5\""] {
            let text = format!(r#"{{"maxReceiveCount":{count},"deadLetterTargetArn":"{DLQ}"}}"#);
            let policy = RedrivePolicy::parse(&text).expect("valid");
            assert_eq!(policy.target_name(), "dlq");
            assert_eq!(RedrivePolicy::parse(&policy.to_text()), Ok(policy));
        }
    }

    #[test]
    fn wrong_policies_say_what_is_wrong() {
        let reason = |text: &str| RedrivePolicy::parse(text).expect_err("wrong").message;
        assert_eq!(
            reason(r#"{"deadLetterTargetArn": "dummy", "maxReceiveCount": 42}"#),
            "Value {\"deadLetterTargetArn\": \"dummy\", \"maxReceiveCount\": 42} for parameter \
             RedrivePolicy is invalid. Reason: Invalid value for deadLetterTargetArn."
        );
        assert!(reason("[]").contains("not a valid JSON map"));
        assert!(reason(r#"{"maxReceiveCount":1}"#).contains("deadLetterTargetArn"));
        let text = format!(r#"{{"deadLetterTargetArn":"{DLQ}","maxReceiveCount":1001}}"#);
        assert!(reason(&text).contains("maxReceiveCount: 1001, valid values are from 1 to 1000"));
    }

    #[test]
    fn an_allow_policy_admits_whom_it_names() {
        let text = format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{DLQ}"]}}"#);
        let policy = RedriveAllowPolicy::parse(&text).expect("valid");
        assert!(policy.allows(DLQ) && !policy.allows("arn:aws:sqs:us-east-1:000000000000:x"));
        assert_eq!(policy.to_text(), text);
        for wrong in ["{}", r#"{"redrivePermission":"byQueue"}"#, "x"] {
            assert!(RedriveAllowPolicy::parse(wrong).is_err(), "{wrong}");
        }
    }
}
