//! Functions and their reserved concurrency.

use securecart_behaviour::lambda::Package;
use securecart_embedded_wire::{Answer, AwsError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{answer, nothing, parse};
use crate::{function::Function, host::Inner};

pub(super) fn list(inner: &Inner) -> Answer {
    let functions: Vec<Value> =
        inner.functions().iter().map(|found| configuration(found)).collect();
    answer(200, &json!({ "Functions": functions }))
}

pub(super) fn get(inner: &Inner, name: &str) -> Result<Answer, AwsError> {
    let function = inner.function(name)?;
    let mut body = json!({ "Configuration": configuration(&function), "Tags": {} });
    if let Some(reserved) = reserved(&function) {
        body["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
    }
    Ok(answer(200, &body))
}

pub(super) fn concurrency(inner: &Inner, name: &str) -> Result<Answer, AwsError> {
    Ok(reservation(reserved(&*inner.function(name)?)))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutConcurrency {
    reserved_concurrent_executions: u32,
}

pub(super) fn put_concurrency(inner: &Inner, name: &str, body: &[u8]) -> Result<Answer, AwsError> {
    let function = inner.function(name)?;
    let request: PutConcurrency = parse(body)?;
    inner.reserve(&function, Some(request.reserved_concurrent_executions))?;
    Ok(reservation(reserved(&function)))
}

pub(super) fn delete_concurrency(inner: &Inner, name: &str) -> Result<Answer, AwsError> {
    let function = inner.function(name)?;
    inner.reserve(&function, None)?;
    Ok(nothing(204))
}

fn reserved(function: &Function) -> Option<u32> {
    function.model.lock().config().reserved
}

fn reservation(reserved: Option<u32>) -> Answer {
    let body = reserved
        .map_or_else(|| json!({}), |count| json!({ "ReservedConcurrentExecutions": count }));
    answer(200, &body)
}

fn configuration(function: &Function) -> Value {
    let capacity = &function.config.capacity;
    let start = capacity.cold_start;
    let mut configuration = json!({
        "FunctionName": function.name,
        "FunctionArn": function.arn(),
        "Version": "$LATEST",
        "MemorySize": capacity.memory_mb,
        "Timeout": function.config.timeout.as_secs().max(1),
        "Architectures": ["x86_64"],
        "State": "Active",
        "LastUpdateStatus": "Successful",
    });
    if start.package == Package::Zip {
        configuration["PackageType"] = "Zip".into();
        configuration["Runtime"] = start.runtime.identifier().into();
        configuration["Handler"] = "bootstrap".into();
    } else {
        configuration["PackageType"] = "Image".into();
    }
    if let Some(arn) = &function.config.dead_letter_queue {
        configuration["DeadLetterConfig"] = json!({ "TargetArn": arn });
    }
    configuration
}
