//! A Lambda function, as a service sees it.

use aws_sdk_lambda::primitives::Blob;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::Failure;

/// A function that can be called.
#[derive(Debug, Clone)]
pub struct Function {
    lambda: aws_sdk_lambda::Client,
    name: String,
}

/// What a function that failed leaves instead of an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Raised {
    error_type: String,
    error_message: String,
}

impl Function {
    /// The function `name`, called with `lambda`.
    #[must_use]
    pub fn new(lambda: aws_sdk_lambda::Client, name: impl Into<String>) -> Self {
        Self { lambda, name: name.into() }
    }

    /// Calls the function and waits for its answer. A function that stays throttled after the SDK's
    /// own retries, or fails, is a failed dependency.
    pub(crate) async fn ask<A: DeserializeOwned>(
        &self,
        event: &impl Serialize,
    ) -> Result<A, Failure> {
        let event = serde_json::to_vec(event).expect("the services' types are plain data");
        let output = self
            .lambda
            .invoke()
            .function_name(&self.name)
            .payload(Blob::new(event))
            .send()
            .await
            .map_err(Failure::aws("Invoke"))?;
        let payload = output.payload.unwrap_or_default();
        if output.function_error.is_some() {
            let raised: Raised = serde_json::from_slice(payload.as_ref()).unwrap_or_default();
            return Err(Failure::Dependency {
                dependency: "Invoke",
                code: raised.error_type,
                message: format!("function {}: {}", self.name, raised.error_message),
            });
        }
        serde_json::from_slice(payload.as_ref())
            .map_err(|error| Failure::broken("Invoke", format!("function {}: {error}", self.name)))
    }
}
