//! Modelled network and server times: what a call takes on AWS and an in-process engine does not.
//!
//! All of them are assumptions (confidence F of the behaviour sheet): AWS publishes none. They are
//! wall time and never compressed by a run's speed.

use crate::Lognormal;

/// An API call from a service to AWS in its Region: network and server.
///
/// | call | p50 / p99 ms | source |
/// |---|---|---|
/// | DynamoDB reads | 3 / 9 | sheet 4.1, "model" |
/// | DynamoDB writes | 5 / 14 | sheet 4.1, "model" |
/// | DynamoDB transactions | 12 / 35 | sheet 4.1, "model" |
/// | SQS | 5 / 20 | assumed: half of what 5.1 measures from send to Lambda (13.7 at p10) |
/// | SNS Publish | 12 / 40 | assumed |
/// | EventBridge PutEvents | 12 / 45 | assumed |
/// | Lambda, beside the function's own time | 5 / 25 | assumed |
/// | anything else | 10 / 40 | assumed |
#[must_use]
pub fn aws_call(service: &str, operation: &str) -> Lognormal {
    let (p50_ms, p99_ms) = match (service, operation) {
        ("dynamodb", "TransactWriteItems" | "TransactGetItems") => (12.0, 35.0),
        ("dynamodb", "GetItem" | "BatchGetItem" | "Query" | "Scan") => (3.0, 9.0),
        ("dynamodb", _) => (5.0, 14.0),
        ("sqs", _) => (5.0, 20.0),
        ("sns", _) => (12.0, 40.0),
        ("events", _) => (12.0, 45.0),
        ("lambda", _) => (5.0, 25.0),
        _ => (10.0, 40.0),
    };
    Lognormal::from_ms(p50_ms, p99_ms)
}

/// What API Gateway adds to a request: sheet 1.1, "model suggestion", HTTP API.
#[must_use]
pub fn api_gateway() -> Lognormal {
    Lognormal::from_ms(7.0, 30.0)
}

/// One hop between services inside the VPC, there and back, load balancer included: assumed.
#[must_use]
pub fn service_hop() -> Lognormal {
    Lognormal::from_ms(1.0, 4.0)
}
