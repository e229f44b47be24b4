//! Operations on event buses, and on the tags of buses and rules.

use std::sync::Arc;

use securecart_embedded_wire::AwsError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    EventBridge,
    bus::{Bus, DEFAULT, Tag, Tags},
    error, listing, parse, seconds,
};

/// Buses of an account (EventBridge quotas).
const BUSES_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    name: String,
    description: Option<String>,
    event_source_name: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "ResourceARN")]
    arn: String,
    #[serde(rename = "Tags", default)]
    tags: Vec<Tag>,
    #[serde(rename = "TagKeys", default)]
    tag_keys: Vec<String>,
}

impl EventBridge {
    pub(super) fn create_event_bus(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: Create = parse(body)?;
        let name = &request.name;
        check_name(name)?;
        if request.event_source_name.is_some() {
            return Err(error::validation(
                "Parameter EventSourceName is not valid. Reason: the embedded engine has no \
                 partner event sources.",
            ));
        }
        let mut buses = self.router.buses.write();
        if buses.contains_key(name) {
            return Err(error::exists(format!("Event bus {name} already exists.")));
        }
        if buses.len() >= BUSES_MAX {
            return Err(error::limit());
        }
        let bus = Bus::new(name, request.description, self.clock.now_ms());
        bus.tags.lock().add(request.tags)?;
        let mut answer = json!({ "EventBusArn": bus.arn });
        if let Some(description) = &bus.description {
            answer["Description"] = description.as_str().into();
        }
        buses.insert(name.clone(), Arc::new(bus));
        Ok(answer)
    }

    pub(super) fn delete_event_bus(&self, body: &[u8]) -> Result<Value, AwsError> {
        let name = parse::<Named>(body)?.name.unwrap_or_default();
        if name == DEFAULT {
            return Err(error::validation("Cannot delete event bus default."));
        }
        let mut buses = self.router.buses.write();
        if buses.get(&name).is_some_and(|bus| !bus.rules().is_empty()) {
            return Err(error::validation(format!(
                "Event bus {name} can't be deleted since it has rules."
            )));
        }
        // It is fine if there is no such bus.
        buses.remove(&name);
        Ok(json!({}))
    }

    pub(super) fn describe_event_bus(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: Named = parse(body)?;
        Ok(describe(&*self.bus(request.name.as_deref())?))
    }

    pub(super) fn list_event_buses(&self, body: &[u8]) -> Result<Value, AwsError> {
        let buses = self.router.buses.read();
        let listed = buses.iter().map(|(name, bus)| (name.as_str(), bus));
        listing::Request::parse(body)?.answer("EventBuses", listed, |bus| describe(bus))
    }

    pub(super) fn tag_resource(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: Resource = parse(body)?;
        self.with_tags(&request.arn, |tags| tags.add(request.tags))?;
        Ok(json!({}))
    }

    pub(super) fn untag_resource(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: Resource = parse(body)?;
        self.with_tags(&request.arn, |tags| {
            tags.remove(&request.tag_keys);
            Ok(())
        })?;
        Ok(json!({}))
    }

    pub(super) fn list_tags(&self, body: &[u8]) -> Result<Value, AwsError> {
        let request: Resource = parse(body)?;
        let tags = self.with_tags(&request.arn, |tags| Ok(tags.list()))?;
        Ok(json!({ "Tags": tags }))
    }

    /// Runs `change` on the tags of a bus or a rule.
    fn with_tags<T>(
        &self,
        arn: &str,
        change: impl FnOnce(&mut Tags) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let missing = || error::not_found(format!("Resource {arn} does not exist."));
        let (_, resource) = arn.rsplit_once(':').ok_or_else(missing)?;
        if resource.starts_with("event-bus/") {
            let bus = self.bus(Some(arn)).map_err(|_| missing())?;
            return change(&mut bus.tags.lock());
        }
        let path = resource.strip_prefix("rule/").ok_or_else(missing)?;
        let (bus, rule) = path.rsplit_once('/').unwrap_or((DEFAULT, path));
        let bus = self.bus(Some(bus)).map_err(|_| missing())?;
        bus.rule(rule).map_err(|_| missing())?;
        bus.change_rule(rule, |rule| change(&mut rule.tags))
    }
}

fn describe(bus: &Bus) -> Value {
    let mut described = json!({
        "Name": bus.name,
        "Arn": bus.arn,
        "CreationTime": seconds(bus.created_at_ms),
        "LastModifiedTime": seconds(bus.created_at_ms),
    });
    if let Some(description) = &bus.description {
        described["Description"] = description.as_str().into();
    }
    described
}

fn check_name(name: &str) -> Result<(), AwsError> {
    if name.contains('/') {
        return Err(error::validation("Event bus name must not contain '/'."));
    }
    let valid = (1..=256).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    match valid {
        true => Ok(()),
        false => Err(error::constraint(
            name,
            "name",
            "satisfy regular expression pattern: [/\\.\\-_A-Za-z0-9]+ and have length between 1 \
             and 256",
        )),
    }
}
