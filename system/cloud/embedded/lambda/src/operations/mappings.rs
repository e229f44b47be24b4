//! Event source mappings.

use std::{sync::Arc, time::Duration};

use securecart_behaviour::lambda;
use securecart_embedded_wire::{Answer, AwsError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{answer, parse};
use crate::{
    error,
    host::Inner,
    mapping::{self, Mapping, Mode, Source},
    path::decoded,
};

/// What `CreateEventSourceMapping` and `UpdateEventSourceMapping` say.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Request {
    event_source_arn: Option<String>,
    function_name: Option<String>,
    enabled: Option<bool>,
    batch_size: Option<u32>,
    maximum_batching_window_in_seconds: Option<u64>,
    function_response_types: Option<Vec<String>>,
    scaling_config: Option<ScalingConfig>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ScalingConfig {
    maximum_concurrency: Option<u32>,
}

impl Request {
    /// `before` with what the request changes.
    fn apply(&self, before: lambda::Mapping) -> Result<lambda::Mapping, AwsError> {
        let mut after = before;
        after.batch_size = self.batch_size.unwrap_or(before.batch_size);
        if let Some(seconds) = self.maximum_batching_window_in_seconds {
            after.window = Duration::from_secs(seconds);
        }
        if let Some(scaling) = &self.scaling_config {
            after.maximum_concurrency = scaling.maximum_concurrency;
        }
        if let Some(types) = &self.function_response_types {
            after.reports_item_failures =
                types.iter().any(|name| name == "ReportBatchItemFailures");
        }
        after.check().map_err(error::mapping)?;
        Ok(after)
    }
}

pub(super) async fn create(inner: &Arc<Inner>, body: &[u8]) -> Result<Answer, AwsError> {
    let request: Request = parse(body)?;
    let label = request.function_name.as_deref().unwrap_or_default();
    let function = inner.function(label).map_err(|_| error::invalid("Function does not exist"))?;
    let arn = request.event_source_arn.as_deref().unwrap_or_default();
    let source = Source::find(inner.queues(), arn).await?;
    source.suits(function.config.timeout)?;
    let is_fifo = arn.ends_with(".fifo");
    let settings = request.apply(lambda::Mapping { is_fifo, ..lambda::Mapping::default() })?;
    let mode = if request.enabled == Some(false) { Mode::Disabled } else { Mode::Enabled };
    let uuid = inner.ids.uuid();
    let made = Arc::new(Mapping::new(uuid, source, function, settings, inner.now().scenario));
    let mut mappings = inner.mappings.write();
    let is_same = |found: &&Arc<Mapping>| {
        found.source.arn == made.source.arn && found.function.name == made.function.name
    };
    if let Some(found) = mappings.values().find(is_same) {
        return Err(error::mapping_exists(arn, &found.function.arn(), &found.uuid));
    }
    mappings.insert(made.uuid.clone(), Arc::clone(&made));
    drop(mappings);
    made.set_mode(mode);
    mapping::start(inner, &made);
    Ok(answer(202, &description(inner, &made)))
}

pub(super) fn list(inner: &Inner, query: &str) -> Answer {
    let wanted = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(key, value)| (key == name).then(|| decoded(value)))
    };
    let (arn, function) = (wanted("EventSourceArn"), wanted("FunctionName"));
    let mappings = inner.mappings.read();
    let found = mappings
        .values()
        .filter(|mapping| arn.as_ref().is_none_or(|arn| *arn == mapping.source.arn))
        .filter(|mapping| {
            let name = function.as_deref().map(crate::function::name_of);
            name.is_none_or(|name| name == mapping.function.name)
        })
        .map(|mapping| description(inner, mapping));
    answer(200, &json!({ "EventSourceMappings": found.collect::<Vec<_>>() }))
}

pub(super) fn get(inner: &Inner, uuid: &str) -> Result<Answer, AwsError> {
    let mapping = find(inner, uuid)?;
    Ok(answer(200, &description(inner, &mapping)))
}

pub(super) fn update(inner: &Inner, uuid: &str, body: &[u8]) -> Result<Answer, AwsError> {
    let mapping = find(inner, uuid)?;
    let request: Request = parse(body)?;
    let settings = request.apply(mapping.settings())?;
    mapping.change(settings, inner.now().scenario);
    match request.enabled {
        Some(true) => mapping.set_mode(Mode::Enabled),
        Some(false) => mapping.set_mode(Mode::Disabled),
        None => {}
    }
    Ok(answer(202, &description(inner, &mapping)))
}

pub(super) fn delete(inner: &Inner, uuid: &str) -> Result<Answer, AwsError> {
    let mapping = inner.mappings.write().remove(uuid).ok_or_else(error::no_mapping)?;
    mapping.set_mode(Mode::Gone);
    Ok(answer(202, &description(inner, &mapping)))
}

fn find(inner: &Inner, uuid: &str) -> Result<Arc<Mapping>, AwsError> {
    inner.mappings.read().get(uuid).cloned().ok_or_else(error::no_mapping)
}

fn description(inner: &Inner, mapping: &Mapping) -> Value {
    let settings = mapping.settings();
    let types: &[&str] =
        if settings.reports_item_failures { &["ReportBatchItemFailures"] } else { &[] };
    let mut description = json!({
        "UUID": mapping.uuid,
        "EventSourceArn": mapping.source.arn,
        "FunctionArn": mapping.function.arn(),
        "BatchSize": settings.batch_size,
        "MaximumBatchingWindowInSeconds": settings.window.as_secs(),
        "FunctionResponseTypes": types,
        "LastModified": inner.clock.now_ms() / 1_000,
        "State": mapping.state(),
        "StateTransitionReason": "USER_INITIATED",
    });
    if let Some(most) = settings.maximum_concurrency {
        description["ScalingConfig"] = json!({ "MaximumConcurrency": most });
    }
    description
}
