//! Subscriptions: immutable, replaced when an attribute changes.

use std::{collections::BTreeMap, sync::Arc};

use securecart_embedded_wire::{ACCOUNT_ID, Arn, AwsError};
use serde::Deserialize;

use super::{
    error,
    filter::{Filter, Scope},
};
use crate::{
    delivery::{DeadLetters, Lanes, RetryPolicy, Route},
    metrics::Counters,
};

/// Who can subscribe here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Sqs,
    Lambda,
}

impl Protocol {
    pub(super) fn parse(text: &str) -> Result<Self, AwsError> {
        match text {
            "sqs" => Ok(Self::Sqs),
            "lambda" => Ok(Self::Lambda),
            "http" | "https" | "email" | "email-json" | "sms" | "application" | "firehose" => {
                Err(error::invalid(format!(
                    "Protocol Reason: the embedded engine delivers to sqs and lambda, not to {text}"
                )))
            }
            _ => Err(error::invalid(format!(
                "Amazon SNS does not support this protocol string: {text}"
            ))),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sqs => "sqs",
            Self::Lambda => "lambda",
        }
    }
}

/// A subscription.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) arn: String,
    pub(super) topic_arn: String,
    pub(super) protocol: Protocol,
    pub(super) endpoint: String,
    pub(super) unsubscribe_url: String,
    pub(super) raw: bool,
    pub(super) filter: Option<Filter>,
    pub(super) route: Arc<Route>,
    /// Groups with a delivery under way; shared with the subscription that this one replaced.
    pub(super) lanes: Arc<Lanes>,
    /// As they were set.
    pub(super) attributes: BTreeMap<String, String>,
}

/// What does not change in a subscription's life.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) arn: String,
    pub(super) topic_arn: String,
    pub(super) protocol: Protocol,
    pub(super) endpoint: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
}

impl Subscription {
    /// `attributes` as a caller sets them. Errors lack their prefix: the operations differ in it.
    pub(super) fn build(
        identity: Identity,
        attributes: BTreeMap<String, String>,
        counters: &Arc<Counters>,
        lanes: Arc<Lanes>,
    ) -> Result<Self, String> {
        let fifo = identity.topic_arn.ends_with(".fifo");
        let (mut raw, mut scope, mut policy, mut dead_letters) =
            (false, Scope::Attributes, "", None);
        for (name, value) in &attributes {
            match name.as_str() {
                "RawMessageDelivery" => raw = raw_delivery(value, identity.protocol)?,
                "FilterPolicyScope" => {
                    scope = Scope::parse(value).ok_or_else(|| {
                        format!(
                            "FilterPolicyScope: Invalid value [{value}]. Please use either \
                                 MessageBody or MessageAttributes"
                        )
                    })?;
                }
                "FilterPolicy" => policy = value,
                "RedrivePolicy" => dead_letters = redrive(value, fifo)?,
                // About HTTP endpoints: kept, without effect on queues and functions.
                "DeliveryPolicy" => {}
                _ => return Err("AttributeName".to_owned()),
            }
        }
        let filter = Filter::parse(policy, scope).map_err(|error| error.to_string())?;
        let route = Arc::new(Route {
            retry: RetryPolicy::Sns,
            dead_letters,
            counters: Arc::clone(counters),
        });
        let Identity { arn, topic_arn, protocol, endpoint } = identity;
        let unsubscribe_url = format!(
            "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={arn}"
        );
        Ok(Self {
            arn,
            topic_arn,
            protocol,
            endpoint,
            unsubscribe_url,
            raw,
            filter,
            route,
            lanes,
            attributes,
        })
    }

    pub(super) fn identity(&self) -> Identity {
        Identity {
            arn: self.arn.clone(),
            topic_arn: self.topic_arn.clone(),
            protocol: self.protocol,
            endpoint: self.endpoint.clone(),
        }
    }

    /// As `GetSubscriptionAttributes` answers.
    pub(super) fn describe(&self) -> BTreeMap<String, String> {
        let mut all = self.attributes.clone();
        all.retain(|_, value| !value.is_empty());
        if self.filter.is_none() {
            all.remove("FilterPolicy");
            all.remove("FilterPolicyScope");
        } else {
            let scope = all.entry("FilterPolicyScope".to_owned());
            scope.or_insert_with(|| "MessageAttributes".to_owned());
        }
        for (name, value) in [
            ("SubscriptionArn", self.arn.as_str()),
            ("TopicArn", &self.topic_arn),
            ("Protocol", self.protocol.name()),
            ("Endpoint", &self.endpoint),
            ("Owner", ACCOUNT_ID),
            ("PendingConfirmation", "false"),
            ("ConfirmationWasAuthenticated", "true"),
            ("RawMessageDelivery", if self.raw { "true" } else { "false" }),
            ("SubscriptionPrincipal", &format!("arn:aws:iam::{ACCOUNT_ID}:root")),
        ] {
            all.insert(name.to_owned(), value.to_owned());
        }
        all
    }
}

/// Whether `endpoint` can be subscribed to the topic by `protocol`.
pub(super) fn check_endpoint(
    protocol: Protocol,
    endpoint: &str,
    fifo_topic: bool,
) -> Result<(), AwsError> {
    let service = endpoint.parse::<Arn>().map(|arn| arn.service);
    match protocol {
        Protocol::Sqs if service != Ok("sqs".to_owned()) => Err(error::invalid("SQS endpoint ARN")),
        Protocol::Sqs if endpoint.ends_with(".fifo") && !fifo_topic => Err(error::invalid(
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to \
             standard SNS topics",
        )),
        Protocol::Lambda if service != Ok("lambda".to_owned()) => {
            Err(error::invalid("Lambda endpoint ARN"))
        }
        Protocol::Lambda if fifo_topic => Err(error::invalid(
            "Invalid parameter: Endpoint Reason: FIFO topics deliver to SQS queues",
        )),
        _ => Ok(()),
    }
}

fn raw_delivery(value: &str, protocol: Protocol) -> Result<bool, String> {
    let raw = match value.to_ascii_lowercase().as_str() {
        "true" => true,
        "false" => false,
        _ => {
            return Err(format!(
                "RawMessageDelivery: Invalid value [{value}]. Must be true or false."
            ));
        }
    };
    if raw && protocol == Protocol::Lambda {
        return Err("RawMessageDelivery: Delivery protocol [lambda] does not support raw message \
                    delivery."
            .to_owned());
    }
    Ok(raw)
}

fn redrive(value: &str, fifo: bool) -> Result<Option<DeadLetters>, String> {
    if value.is_empty() || value == "{}" {
        return Ok(None);
    }
    let policy: RedrivePolicy = serde_json::from_str(value)
        .map_err(|_| "RedrivePolicy: failed to parse JSON.".to_owned())?;
    let queue_arn = policy.dead_letter_target_arn;
    if !queue_arn.parse::<Arn>().is_ok_and(|arn| arn.service == "sqs") {
        return Err("RedrivePolicy: deadLetterTargetArn is an invalid arn".to_owned());
    }
    if fifo != queue_arn.ends_with(".fifo") {
        let kind = if fifo { "FIFO" } else { "standard" };
        return Err(format!("RedrivePolicy: must use a {kind} queue as DLQ for a {kind} topic"));
    }
    Ok(Some(DeadLetters { queue_arn, described: None }))
}
