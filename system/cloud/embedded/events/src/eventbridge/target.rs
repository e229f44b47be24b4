//! Targets of rules.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use securecart_embedded_wire::{Arn, AwsError};
use serde::{Deserialize, Serialize};

use super::{
    error,
    input::{Input, Template},
    path::Path,
};
use crate::{
    delivery::{DeadLetters, Described, RetryPolicy, Route},
    metrics::Counters,
};

/// Characters of a constant input and of a template (EventBridge API, Target).
const INPUT_MAX: usize = 8_192;

/// A target as the API writes it; members that concern other kinds of targets are not read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Spec {
    pub(super) id: String,
    pub(super) arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_transformer: Option<Transformer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sqs_parameters: Option<SqsParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter_config: Option<DeadLetterConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_policy: Option<RetryLimits>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Transformer {
    #[serde(default)]
    input_paths_map: BTreeMap<String, String>,
    input_template: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SqsParameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeadLetterConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RetryLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_retry_attempts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_event_age_in_seconds: Option<i64>,
}

/// Where a target is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Destination {
    Queue {
        group_id: Option<String>,
    },
    Function,
    Topic,
    /// By its name.
    Bus(String),
}

/// A target of a rule.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) spec: Spec,
    pub(super) destination: Destination,
    pub(super) input: Input,
    pub(super) route: Arc<Route>,
}

impl Target {
    pub(super) fn build(
        spec: Spec,
        rule_arn: &str,
        counters: &Arc<Counters>,
    ) -> Result<Self, AwsError> {
        check_id(&spec.id)?;
        let destination = spec.destination()?;
        let input = spec.input()?;
        if matches!(destination, Destination::Bus(_)) && !matches!(input, Input::Whole) {
            return Err(error::validation(format!(
                "Input, InputPath and InputTransformer are not supported for target {}: an event \
                 bus gets events as they are.",
                spec.id
            )));
        }
        let dead_letters = spec.dead_letter_queue()?.map(|queue_arn| DeadLetters {
            queue_arn,
            described: Some(Described {
                rule_arn: rule_arn.to_owned(),
                target_arn: spec.arn.clone(),
            }),
        });
        let route = Route { retry: spec.retry()?, dead_letters, counters: Arc::clone(counters) };
        Ok(Self { spec, destination, input, route: Arc::new(route) })
    }
}

impl Spec {
    fn destination(&self) -> Result<Destination, AwsError> {
        let Ok(arn) = self.arn.parse::<Arn>() else {
            return Err(error::validation(format!(
                "Parameter {} is not valid. Reason: Provided Arn is not in correct format.",
                self.arn
            )));
        };
        match (arn.service.as_str(), arn.resource.strip_prefix("event-bus/")) {
            ("sqs", _) => {
                let parameters = self.sqs_parameters.as_ref();
                let group_id = parameters.and_then(|sqs| sqs.message_group_id.clone());
                if group_id.is_none() && self.arn.ends_with(".fifo") {
                    return Err(error::validation(format!(
                        "Parameter(s) SqsParameters must be specified for target: {}.",
                        self.id
                    )));
                }
                let group_id = group_id.filter(|_| self.arn.ends_with(".fifo"));
                Ok(Destination::Queue { group_id })
            }
            ("lambda", _) => Ok(Destination::Function),
            ("sns", _) if self.arn.ends_with(".fifo") => Err(error::validation(format!(
                "Parameter {} is not valid. Reason: FIFO topics are no targets of rules.",
                self.arn
            ))),
            ("sns", _) => Ok(Destination::Topic),
            ("events", Some(bus)) => Ok(Destination::Bus(bus.to_owned())),
            (service, _) => Err(error::validation(format!(
                "Parameter {} is not valid. Reason: the embedded engine delivers to SQS, SNS, \
                 Lambda and event buses, not to {service}.",
                self.arn
            ))),
        }
    }

    fn input(&self) -> Result<Input, AwsError> {
        let refuse = |reason: String| {
            Err(error::validation(format!("Parameter(s) of target {}: {reason}.", self.id)))
        };
        match (&self.input, &self.input_path, &self.input_transformer) {
            (None, None, None) => Ok(Input::Whole),
            (Some(text), None, None) => {
                if text.len() > INPUT_MAX {
                    return refuse(format!("Input has more than {INPUT_MAX} characters"));
                }
                match serde_json::from_str::<serde::de::IgnoredAny>(text) {
                    Ok(_) => Ok(Input::Constant(text.clone())),
                    Err(error) => refuse(format!("Input is not JSON: {error}")),
                }
            }
            (None, Some(path), None) => match Path::parse(path) {
                Some(path) => Ok(Input::Part(path)),
                None => refuse(format!("InputPath {path} is not valid")),
            },
            (None, None, Some(Transformer { input_paths_map, input_template })) => {
                if input_template.len() > INPUT_MAX {
                    return refuse(format!("InputTemplate has more than {INPUT_MAX} characters"));
                }
                match Template::parse(input_template, input_paths_map) {
                    Ok(template) => Ok(Input::Transformed(template)),
                    Err(reason) => refuse(reason),
                }
            }
            _ => Err(error::validation(format!(
                "Only one of Input, InputPath, or InputTransformer must be provided for target {}.",
                self.id
            ))),
        }
    }

    fn retry(&self) -> Result<RetryPolicy, AwsError> {
        let Some(limits) = self.retry_policy else { return Ok(RetryPolicy::EVENTBRIDGE) };
        let check = |value: Option<i64>, default: u32, range: (u32, u32), member: &str| {
            let Some(value) = value else { return Ok(default) };
            let (low, high) = range;
            u32::try_from(value).ok().filter(|value| (low..=high).contains(value)).ok_or_else(
                || {
                    let bounds = format!("have value between {low} and {high}");
                    error::constraint(&value.to_string(), member, &bounds)
                },
            )
        };
        let attempts_max = check(
            limits.maximum_retry_attempts,
            185,
            (0, 185),
            "targets.1.member.retryPolicy.maximumRetryAttempts",
        )?;
        let age_s = check(
            limits.maximum_event_age_in_seconds,
            86_400,
            (60, 86_400),
            "targets.1.member.retryPolicy.maximumEventAgeInSeconds",
        )?;
        let age_max = Duration::from_secs(age_s.into());
        Ok(RetryPolicy::EventBridge { attempts_max, age_max })
    }

    fn dead_letter_queue(&self) -> Result<Option<String>, AwsError> {
        let arn = self.dead_letter_config.as_ref().and_then(|config| config.arn.clone());
        let Some(arn) = arn else { return Ok(None) };
        let standard =
            arn.parse::<Arn>().is_ok_and(|arn| arn.service == "sqs") && !arn.ends_with(".fifo");
        match standard {
            true => Ok(Some(arn)),
            false => Err(error::validation(format!(
                "Parameter DeadLetterConfig.Arn is not valid. Reason: {arn} is not a standard queue."
            ))),
        }
    }
}

fn check_id(id: &str) -> Result<(), AwsError> {
    let valid = (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    match valid {
        true => Ok(()),
        false => Err(error::constraint(
            id,
            "targets.1.member.id",
            "satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+ and have length between 1 and 64",
        )),
    }
}
