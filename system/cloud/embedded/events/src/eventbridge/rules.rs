//! Operations on rules and their targets, and `TestEventPattern`.

use std::{collections::HashSet, sync::Arc};

use securecart_embedded_wire::AwsError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    EventBridge,
    bus::{Bus, DEFAULT, Rule, State, Tag, Tags},
    error, listing, parse,
    target::{Spec, Target},
};
use crate::pattern::{Dialect, Pattern};

/// Targets of a rule (EventBridge quotas).
const TARGETS_MAX: usize = 5;

/// Targets of one request.
const TARGETS_REQUEST_MAX: usize = 100;

/// Characters of a pattern (EventBridge API, PutRule).
const PATTERN_MAX: usize = 4_096;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutRule {
    name: String,
    schedule_expression: Option<String>,
    event_pattern: Option<String>,
    state: Option<State>,
    description: Option<String>,
    role_arn: Option<String>,
    event_bus_name: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneRule {
    name: String,
    event_bus_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfBus {
    event_bus_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfTarget {
    target_arn: String,
    event_bus_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfRule {
    rule: String,
    event_bus_name: Option<String>,
    #[serde(default)]
    targets: Vec<Spec>,
    #[serde(default)]
    ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TestPattern {
    event_pattern: String,
    event: String,
}

impl EventBridge {
    pub(super) fn put_rule(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: PutRule = parse(body)?;
        check_name(&request.name)?;
        let bus = self.bus(request.event_bus_name.as_deref())?;
        let text = match (&request.schedule_expression, &request.event_pattern) {
            (Some(expression), _) => return Err(refuse_schedule(expression, &bus)),
            (None, Some(text)) => text,
            (None, None) => {
                return Err(error::validation(
                    "Parameter(s) EventPattern or ScheduleExpression must be specified.",
                ));
            }
        };
        if text.len() > PATTERN_MAX {
            let bound = format!("have length less than or equal to {PATTERN_MAX}");
            return Err(error::constraint(text, "eventPattern", &bound));
        }
        let pattern =
            Pattern::parse(text, Dialect::EventPattern).map_err(|error| error::pattern(&error))?;
        let arn = bus.rule_arn(&request.name);
        bus.change(|rules| {
            let present = rules.get(&request.name);
            let tags = match present {
                // AWS ignores the tags of an update.
                Some(present) => present.tags.clone(),
                None => {
                    let mut tags = Tags::default();
                    tags.add(request.tags)?;
                    tags
                }
            };
            let rule = Rule {
                name: request.name.clone(),
                arn: arn.clone(),
                pattern_text: text.clone(),
                pattern: Arc::new(pattern),
                description: request.description,
                role_arn: request.role_arn,
                state: request.state.unwrap_or_default(),
                tags,
                targets: present.map(|present| present.targets.clone()).unwrap_or_default(),
                counters: present.map(|one| Arc::clone(&one.counters)).unwrap_or_default(),
            };
            rules.insert(request.name, Arc::new(rule));
            Ok(())
        })?;
        Ok(json!({ "RuleArn": arn }))
    }

    pub(super) fn delete_rule(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: OneRule = parse(body)?;
        let bus = self.bus(request.event_bus_name.as_deref())?;
        bus.change(|rules| {
            if rules.get(&request.name).is_some_and(|rule| !rule.targets.is_empty()) {
                return Err(error::validation("Rule can't be deleted since it has targets."));
            }
            // It is fine if there is no such rule.
            rules.remove(&request.name);
            Ok(())
        })?;
        Ok(json!({}))
    }

    pub(super) fn describe_rule(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: OneRule = parse(body)?;
        let bus = self.bus(request.event_bus_name.as_deref())?;
        Ok(describe(&*bus.rule(&request.name)?, &bus))
    }

    pub(super) fn list_rules(&self, body: &[u8]) -> Result<Value, AwsError> {
        let bus = self.bus(parse::<OfBus>(body)?.event_bus_name.as_deref())?;
        let rules = bus.rules();
        let listed = rules.iter().map(|(name, rule)| (name.as_str(), rule));
        listing::Request::parse(body)?.answer("Rules", listed, |rule| describe(rule, &bus))
    }

    pub(super) fn list_rule_names_by_target(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: OfTarget = parse(body)?;
        let rules = self.bus(request.event_bus_name.as_deref())?.rules();
        let listed = rules
            .iter()
            .filter(|(_, rule)| rule.targets.iter().any(|one| one.spec.arn == request.target_arn))
            .map(|(name, _)| (name.as_str(), name));
        listing::Request::parse(body)?.answer("RuleNames", listed, |name| name.as_str().into())
    }

    pub(super) fn set_state(&self, body: &[u8], state: State) -> Result<Value, AwsError> {
        let request: OneRule = parse(body)?;
        let bus = self.bus(request.event_bus_name.as_deref())?;
        bus.change_rule(&request.name, |rule| {
            rule.state = state;
            Ok(())
        })?;
        Ok(json!({}))
    }

    pub(super) fn put_targets(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: OfRule = parse(body)?;
        let bus = self.bus(request.event_bus_name.as_deref())?;
        check_count(request.targets.len(), "targets")?;
        let mut ids = HashSet::new();
        if let Some(twice) = request.targets.iter().find(|spec| !ids.insert(spec.id.clone())) {
            return Err(error::validation(format!(
                "Parameter Targets is not valid. Reason: the Id {} is there twice.",
                twice.id
            )));
        }
        bus.change_rule(&request.rule, |rule| {
            for spec in request.targets {
                let target = Arc::new(Target::build(spec, &rule.arn, &rule.counters)?);
                let id = &target.spec.id;
                match rule.targets.iter_mut().find(|present| present.spec.id == *id) {
                    Some(present) => *present = target,
                    None => rule.targets.push(target),
                }
            }
            if rule.targets.len() > TARGETS_MAX { Err(error::limit()) } else { Ok(()) }
        })?;
        Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
    }

    pub(super) fn remove_targets(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: OfRule = parse(body)?;
        let bus = self.bus(request.event_bus_name.as_deref())?;
        check_count(request.ids.len(), "ids")?;
        let failed = bus.change_rule(&request.rule, |rule| {
            let known: Vec<String> = rule.targets.iter().map(|one| one.spec.id.clone()).collect();
            rule.targets.retain(|one| !request.ids.contains(&one.spec.id));
            Ok(request.ids.iter().filter(|id| !known.contains(id)).cloned().collect::<Vec<_>>())
        })?;
        let entries: Vec<Value> = failed
            .iter()
            .map(|id| {
                json!({
                    "TargetId": id,
                    "ErrorCode": "ResourceNotFoundException",
                    "ErrorMessage":
                        format!("Rule {} does not have a target with the Id {id}.", request.rule),
                })
            })
            .collect();
        Ok(json!({ "FailedEntryCount": entries.len(), "FailedEntries": entries }))
    }

    pub(super) fn list_targets_by_rule(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: OfRule = parse(body)?;
        let rule = self.bus(request.event_bus_name.as_deref())?.rule(&request.rule)?;
        let listed = rule.targets.iter().map(|target| (target.spec.id.as_str(), target));
        listing::Request::parse(body)?
            .answer("Targets", listing::by_name(listed), |target| json!(target.spec))
    }
}

pub(super) fn test_event_pattern(body: &[u8]) -> Result<Value, AwsError> {
    let request: TestPattern = parse(body)?;
    let invalid = |reason: String| {
        error::validation(format!("Parameter Event is not valid. Reason: {reason}"))
    };
    let event: Map<String, Value> =
        serde_json::from_str(&request.event).map_err(|error| invalid(error.to_string()))?;
    // EventBridge API, TestEventPattern: "All fields are mandatory".
    for name in ["id", "account", "source", "time", "region", "resources", "detail-type"] {
        if !event.contains_key(name) {
            return Err(invalid(format!("{name} is a required field.")));
        }
    }
    let pattern = Pattern::parse(&request.event_pattern, Dialect::EventPattern)
        .map_err(|error| error::pattern(&error))?;
    Ok(json!({ "Result": pattern.matches(&event) }))
}

fn describe(rule: &Rule, bus: &Bus) -> Value {
    let mut described = json!({
        "Name": rule.name,
        "Arn": rule.arn,
        "EventPattern": rule.pattern_text,
        "State": rule.state,
        "EventBusName": bus.name,
    });
    for (name, value) in [("Description", &rule.description), ("RoleArn", &rule.role_arn)] {
        if let Some(value) = value {
            described[name] = value.as_str().into();
        }
    }
    described
}

/// There are no schedules here; what AWS would not take either is refused in AWS's words.
fn refuse_schedule(expression: &str, bus: &Bus) -> AwsError {
    if bus.name != DEFAULT {
        return error::validation("ScheduleExpression is supported only on the default event bus.");
    }
    let inside = |name: &str| expression.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    let rate = inside("rate").is_some_and(|rate| {
        rate.split_once(' ').is_some_and(|(count, unit)| {
            let plural = count != "1";
            let unit = if plural { unit.strip_suffix('s') } else { Some(unit) };
            count.parse::<u32>().is_ok_and(|count| count > 0)
                && matches!(unit, Some("minute" | "hour" | "day"))
        })
    });
    let cron = inside("cron").is_some_and(|cron| cron.split_whitespace().count() == 6);
    if !rate && !cron {
        return error::validation("Parameter ScheduleExpression is not valid.");
    }
    error::validation(
        "Parameter ScheduleExpression is not valid. Reason: the embedded engine runs no schedules; \
         give the rule an EventPattern alone.",
    )
}

fn check_name(name: &str) -> Result<(), AwsError> {
    let valid = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    match valid {
        true => Ok(()),
        false => Err(error::constraint(
            name,
            "name",
            "satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+ and have length between 1 and 64",
        )),
    }
}

fn check_count(count: usize, member: &str) -> Result<(), AwsError> {
    if (1..=TARGETS_REQUEST_MAX).contains(&count) {
        return Ok(());
    }
    let bound = format!("have length between 1 and {TARGETS_REQUEST_MAX}");
    Err(error::constraint(&format!("[{count} members]"), member, &bound))
}
