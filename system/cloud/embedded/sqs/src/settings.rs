//! A queue's attributes: what can be set, its ranges and defaults.

use std::str::FromStr;

use securecart_embedded_wire::AwsError;

use crate::{
    error,
    redrive::{RedriveAllowPolicy, RedrivePolicy},
};

/// The longest visibility timeout: 12 hours.
pub(crate) const MAX_VISIBILITY_SECONDS: u64 = 43_200;
/// The longest delay of a message: 15 minutes.
pub(crate) const MAX_DELAY_SECONDS: u64 = 900;
/// The longest long poll.
pub(crate) const MAX_WAIT_SECONDS: u64 = 20;
/// The largest message, and the largest batch: 1 MiB.
pub(crate) const MAX_MESSAGE_BYTES: u64 = 1_048_576;

/// Every name that `GetQueueAttributes` knows, in the order it shows them.
pub(crate) const NAMES: [&str; 21] = [
    "QueueArn",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "VisibilityTimeout",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
    "Policy",
    "RedrivePolicy",
    "RedriveAllowPolicy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
    "FifoQueue",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
];

/// The attributes that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) fifo: bool,
    pub(crate) delay_seconds: u64,
    pub(crate) maximum_message_bytes: u64,
    pub(crate) retention_seconds: u64,
    pub(crate) receive_wait_seconds: u64,
    pub(crate) visibility_timeout_seconds: u64,
    pub(crate) policy: Option<String>,
    pub(crate) redrive: Option<RedrivePolicy>,
    pub(crate) redrive_allow: Option<RedriveAllowPolicy>,
    pub(crate) kms_master_key_id: Option<String>,
    pub(crate) kms_reuse_seconds: Option<u64>,
    pub(crate) sqs_managed_sse: bool,
    pub(crate) content_based_deduplication: bool,
    /// `DeduplicationScope` is `messageGroup` rather than `queue`.
    pub(crate) deduplicate_by_group: bool,
    /// `FifoThroughputLimit` is `perMessageGroupId` rather than `perQueue`.
    pub(crate) throughput_by_group: bool,
}

impl Settings {
    /// The defaults the service documents.
    pub(crate) fn new(fifo: bool) -> Self {
        Self {
            fifo,
            delay_seconds: 0,
            maximum_message_bytes: MAX_MESSAGE_BYTES,
            retention_seconds: 345_600,
            receive_wait_seconds: 0,
            visibility_timeout_seconds: 30,
            policy: None,
            redrive: None,
            redrive_allow: None,
            kms_master_key_id: None,
            kms_reuse_seconds: None,
            sqs_managed_sse: true,
            content_based_deduplication: false,
            deduplicate_by_group: false,
            throughput_by_group: false,
        }
    }

    /// These settings with `attributes` over them. `FifoQueue` is not among what can change.
    pub(crate) fn with<'a>(
        &self,
        attributes: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, AwsError> {
        let mut settings = self.clone();
        let (mut kms, mut managed) = (false, false);
        for (name, value) in attributes {
            kms |= name == "KmsMasterKeyId" && !value.is_empty();
            managed |= name == "SqsManagedSseEnabled" && value.eq_ignore_ascii_case("true");
            settings.set(name, value)?;
        }
        if kms && managed {
            return Err(error::invalid_attribute_name(
                "You can use one type of server-side encryption (SSE) at one time. You can either \
                 enable KMS SSE or SQS SSE.",
            ));
        }
        if kms {
            settings.sqs_managed_sse = false;
        } else if managed {
            settings.kms_master_key_id = None;
        }
        if settings.throughput_by_group && !settings.deduplicate_by_group {
            return Err(error::invalid(
                "The value perMessageGroupId for FifoThroughputLimit is allowed only when \
                 DeduplicationScope is messageGroup.",
            ));
        }
        Ok(settings)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), AwsError> {
        match name {
            "DelaySeconds" => self.delay_seconds = within(name, value, 0, MAX_DELAY_SECONDS)?,
            "MaximumMessageSize" => {
                self.maximum_message_bytes = within(name, value, 1_024, MAX_MESSAGE_BYTES)?;
            }
            "MessageRetentionPeriod" => {
                self.retention_seconds = within(name, value, 60, 1_209_600)?;
            }
            "ReceiveMessageWaitTimeSeconds" => {
                self.receive_wait_seconds = within(name, value, 0, MAX_WAIT_SECONDS)?;
            }
            "VisibilityTimeout" => {
                self.visibility_timeout_seconds = within(name, value, 0, MAX_VISIBILITY_SECONDS)?;
            }
            "Policy" => self.policy = policy(value)?,
            "RedrivePolicy" => {
                self.redrive = non_empty(value).map(RedrivePolicy::parse).transpose()?;
            }
            "RedriveAllowPolicy" => {
                self.redrive_allow = non_empty(value).map(RedriveAllowPolicy::parse).transpose()?;
            }
            "KmsMasterKeyId" => self.kms_master_key_id = non_empty(value).map(str::to_owned),
            "KmsDataKeyReusePeriodSeconds" => {
                self.kms_reuse_seconds = Some(within(name, value, 60, 86_400)?);
            }
            "SqsManagedSseEnabled" => self.sqs_managed_sse = flag(name, value)?,
            "ContentBasedDeduplication" | "DeduplicationScope" | "FifoThroughputLimit" => {
                self.set_fifo(name, value)?;
            }
            _ => return Err(error::unknown_attribute(name)),
        }
        Ok(())
    }

    fn set_fifo(&mut self, name: &str, value: &str) -> Result<(), AwsError> {
        if !self.fifo {
            return Err(match name {
                "ContentBasedDeduplication" => error::unknown_attribute(name),
                _ => error::invalid_attribute_name(format!(
                    "You can specify the {name} only when FifoQueue is set to true."
                )),
            });
        }
        match (name, value) {
            ("ContentBasedDeduplication", _) => {
                self.content_based_deduplication = flag(name, value)?;
            }
            ("DeduplicationScope", "queue") => self.deduplicate_by_group = false,
            ("DeduplicationScope", "messageGroup") => self.deduplicate_by_group = true,
            ("FifoThroughputLimit", "perQueue") => self.throughput_by_group = false,
            ("FifoThroughputLimit", "perMessageGroupId") => self.throughput_by_group = true,
            _ => return Err(error::invalid_attribute_value(name)),
        }
        Ok(())
    }

    /// The value the service shows for `name`; `None` where it shows nothing.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let number = |value: u64| Some(value.to_string());
        let choice = |by_group: bool, group: &str, queue: &str| {
            self.fifo.then(|| if by_group { group } else { queue }.to_owned())
        };
        match name {
            "DelaySeconds" => number(self.delay_seconds),
            "MaximumMessageSize" => number(self.maximum_message_bytes),
            "MessageRetentionPeriod" => number(self.retention_seconds),
            "ReceiveMessageWaitTimeSeconds" => number(self.receive_wait_seconds),
            "VisibilityTimeout" => number(self.visibility_timeout_seconds),
            "Policy" => self.policy.clone(),
            "RedrivePolicy" => self.redrive.as_ref().map(RedrivePolicy::to_text),
            "RedriveAllowPolicy" => self.redrive_allow.as_ref().map(RedriveAllowPolicy::to_text),
            "KmsMasterKeyId" => self.kms_master_key_id.clone(),
            "KmsDataKeyReusePeriodSeconds" => {
                self.kms_reuse_seconds.map(|seconds| seconds.to_string())
            }
            "SqsManagedSseEnabled" => Some(self.sqs_managed_sse.to_string()),
            "FifoQueue" => self.fifo.then(|| "true".to_owned()),
            "ContentBasedDeduplication" => {
                self.fifo.then(|| self.content_based_deduplication.to_string())
            }
            "DeduplicationScope" => choice(self.deduplicate_by_group, "messageGroup", "queue"),
            "FifoThroughputLimit" => {
                choice(self.throughput_by_group, "perMessageGroupId", "perQueue")
            }
            _ => None,
        }
    }
}

fn non_empty(value: &str) -> Option<&str> {
    (!value.is_empty()).then_some(value)
}

fn within(name: &str, value: &str, least: u64, most: u64) -> Result<u64, AwsError> {
    u64::from_str(value)
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| error::invalid_attribute_value(name))
}

fn flag(name: &str, value: &str) -> Result<bool, AwsError> {
    match value {
        "true" | "True" | "TRUE" => Ok(true),
        "false" | "False" | "FALSE" => Ok(false),
        _ => Err(error::invalid_attribute_value(name)),
    }
}

fn policy(value: &str) -> Result<Option<String>, AwsError> {
    let Some(value) = non_empty(value) else { return Ok(None) };
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(value)
        .map_err(|_| error::invalid_attribute_value("Policy"))?;
    Ok(Some(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(fifo: bool, name: &str, value: &str) -> Result<Option<String>, String> {
        Settings::new(fifo)
            .with([(name, value)])
            .map(|settings| settings.get(name))
            .map_err(|error| error.code)
    }

    #[test]
    fn ranges_are_inclusive_and_checked() {
        for (name, least, most) in [
            ("DelaySeconds", 0, 900),
            ("MaximumMessageSize", 1_024, 1_048_576),
            ("MessageRetentionPeriod", 60, 1_209_600),
            ("ReceiveMessageWaitTimeSeconds", 0, 20),
            ("VisibilityTimeout", 0, 43_200),
            ("KmsDataKeyReusePeriodSeconds", 60, 86_400),
        ] {
            for inside in [least, most] {
                assert_eq!(set(false, name, &inside.to_string()), Ok(Some(inside.to_string())));
            }
            for outside in [(most + 1).to_string(), "-1".to_owned(), "x".to_owned()] {
                assert_eq!(
                    set(false, name, &outside),
                    Err("InvalidAttributeValue".to_owned()),
                    "{name} {outside}"
                );
            }
        }
    }

    #[test]
    fn attributes_of_the_other_type_are_refused() {
        let name = Err("InvalidAttributeName".to_owned());
        assert_eq!(set(false, "ContentBasedDeduplication", "true"), name);
        assert_eq!(set(false, "DeduplicationScope", "queue"), name);
        assert_eq!(set(false, "Nonsense", "1"), name);
        assert_eq!(set(true, "ContentBasedDeduplication", "true"), Ok(Some("true".to_owned())));
        assert!(set(true, "FifoThroughputLimit", "perMessageGroupId").is_err());
        assert!(
            Settings::new(true)
                .with([
                    ("FifoThroughputLimit", "perMessageGroupId"),
                    ("DeduplicationScope", "messageGroup"),
                ])
                .is_ok()
        );
    }

    #[test]
    fn an_empty_value_removes_a_policy_and_encryption_is_of_one_kind() {
        let with = Settings::new(false).with([("Policy", "{}")]).expect("valid");
        assert_eq!(with.get("Policy").as_deref(), Some("{}"));
        assert_eq!(with.with([("Policy", "")]).expect("valid").policy, None);
        assert!(with.with([("Policy", "not JSON")]).is_err());
        let kms = with.with([("KmsMasterKeyId", "key")]).expect("valid");
        assert_eq!(kms.get("SqsManagedSseEnabled").as_deref(), Some("false"));
        assert!(with.with([("KmsMasterKeyId", "k"), ("SqsManagedSseEnabled", "true")]).is_err());
    }
}
