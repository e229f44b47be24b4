//! Topics: their settings and their list of subscriptions.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::{Mutex, RwLock};
use securecart_embedded_wire::{ACCOUNT_ID, AwsError};

use super::{error, fifo::Sequence, subscription::Subscription};
use crate::metrics::Counters;

/// Bytes of a message, unless `MaximumMessageSize` says otherwise (SNS API, CreateTopic).
const SIZE_DEFAULT: usize = 262_144;

/// Largest and smallest `MaximumMessageSize`.
const SIZE_RANGE: std::ops::RangeInclusive<usize> = 1_024..=1_048_576;

/// Subscriptions of a topic. AWS allows 12,500,000; here memory is the limit.
const SUBSCRIPTIONS_MAX: usize = 10_000;

/// Filter policies of a topic (SNS quotas).
const FILTER_POLICIES_MAX: usize = 200;

/// Attributes that are kept and given back but change nothing here.
const INERT: [&str; 6] = [
    "DeliveryPolicy",
    "DisplayName",
    "KmsMasterKeyId",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
];

/// A topic.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) arn: String,
    pub(super) fifo: bool,
    pub(super) settings: RwLock<Settings>,
    /// Replaced as a whole, so that a publisher reads it without holding the lock.
    subscriptions: RwLock<Arc<[Arc<Subscription>]>>,
    /// Orders the topic's messages; used by FIFO topics alone.
    pub(super) sequence: Mutex<Sequence>,
    pub(super) counters: Arc<Counters>,
}

/// What can be set.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settings {
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    /// Bytes.
    pub(super) size_max: usize,
    pub(super) content_based_deduplication: bool,
    pub(super) deduplicates_by_group: bool,
}

impl Settings {
    /// Errors lack their prefix: the operations differ in it.
    pub(super) fn build(
        attributes: BTreeMap<String, String>,
        tags: BTreeMap<String, String>,
        fifo: bool,
    ) -> Result<Self, String> {
        let mut settings = Self {
            attributes: BTreeMap::new(),
            tags,
            size_max: SIZE_DEFAULT,
            content_based_deduplication: false,
            deduplicates_by_group: false,
        };
        for (name, value) in &attributes {
            match name.as_str() {
                "MaximumMessageSize" => settings.size_max = size(value)?,
                "ContentBasedDeduplication" if fifo => {
                    settings.content_based_deduplication = boolean(name, value)?;
                }
                "FifoThroughputScope" if fifo => settings.deduplicates_by_group = scope(value)?,
                "FifoTopic" if fifo => {}
                feedback if feedback.contains("Feedback") => {}
                inert if INERT.contains(&inert) => {}
                unknown => {
                    return Err(format!("AttributeName Reason: {unknown} is not known here"));
                }
            }
        }
        settings.attributes = attributes;
        Ok(settings)
    }
}

fn size(value: &str) -> Result<usize, String> {
    value.parse().ok().filter(|size| SIZE_RANGE.contains(size)).ok_or_else(|| {
        format!("MaximumMessageSize Reason: {value} is not within 1024 and 1048576 bytes")
    })
}

pub(super) fn boolean(name: &str, value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("{name} Reason: {value} is neither true nor false")),
    }
}

fn scope(value: &str) -> Result<bool, String> {
    match value {
        "Topic" => Ok(false),
        "MessageGroup" => Ok(true),
        _ => Err(format!("FifoThroughputScope Reason: {value} is neither Topic nor MessageGroup")),
    }
}

impl Topic {
    pub(super) fn new(arn: String, settings: Settings, fifo: bool) -> Self {
        Self {
            arn,
            fifo,
            settings: RwLock::new(settings),
            subscriptions: RwLock::new(Arc::from([])),
            sequence: Mutex::default(),
            counters: Arc::default(),
        }
    }

    pub(super) fn subscriptions(&self) -> Arc<[Arc<Subscription>]> {
        Arc::clone(&self.subscriptions.read())
    }

    pub(super) fn subscription(&self, arn: &str) -> Option<Arc<Subscription>> {
        self.subscriptions.read().iter().find(|one| one.arn == arn).cloned()
    }

    /// Runs `change` on a copy of the list under the topic's lock; then the copy is the list.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut Vec<Arc<Subscription>>) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let mut current = self.subscriptions.write();
        let mut list = current.to_vec();
        let result = change(&mut list)?;
        let filters = list.iter().filter(|one| one.filter.is_some()).count();
        if filters > FILTER_POLICIES_MAX && filters > filters_of(&current) {
            return Err(error::limit(
                "FilterPolicyLimitExceeded",
                format!("a topic has at most {FILTER_POLICIES_MAX} filter policies"),
            ));
        }
        if list.len() > SUBSCRIPTIONS_MAX {
            return Err(error::limit(
                "SubscriptionLimitExceeded",
                format!(
                    "a topic of the embedded engine has at most {SUBSCRIPTIONS_MAX} subscriptions"
                ),
            ));
        }
        *current = list.into();
        Ok(result)
    }

    /// As `GetTopicAttributes` answers.
    pub(super) fn describe(&self) -> BTreeMap<String, String> {
        let settings = self.settings.read();
        let mut all = settings.attributes.clone();
        let mut fill = |name: &str, value: String| {
            all.entry(name.to_owned()).or_insert(value);
        };
        fill("TopicArn", self.arn.clone());
        fill("Owner", ACCOUNT_ID.to_owned());
        fill("DisplayName", String::new());
        fill("Policy", default_policy(&self.arn));
        fill("EffectiveDeliveryPolicy", DELIVERY_POLICY.to_owned());
        fill("MaximumMessageSize", settings.size_max.to_string());
        fill("SubscriptionsConfirmed", self.subscriptions.read().len().to_string());
        fill("SubscriptionsPending", "0".to_owned());
        fill("SubscriptionsDeleted", "0".to_owned());
        if self.fifo {
            fill("FifoTopic", "true".to_owned());
            fill("ContentBasedDeduplication", "false".to_owned());
            fill("FifoThroughputScope", "Topic".to_owned());
        }
        all
    }
}

fn filters_of(list: &[Arc<Subscription>]) -> usize {
    list.iter().filter(|one| one.filter.is_some()).count()
}

/// The default of AWS's, which concerns HTTP endpoints.
const DELIVERY_POLICY: &str = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}"#;

fn default_policy(arn: &str) -> String {
    format!(
        r#"{{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"{arn}","Condition":{{"StringEquals":{{"AWS:SourceOwner":"{ACCOUNT_ID}"}}}}}}]}}"#
    )
}
