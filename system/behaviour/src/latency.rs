//! Modelled network and server times: what a call takes on AWS and an in-process engine does not.
//!
//! All of them are assumptions (confidence F of the behaviour sheet): AWS publishes none. They are
//! wall time and never compressed by a run's speed.

use crate::{
    Lognormal,
    assumptions::{self, Assumption, Assumptions},
};

/// The times of API calls from a service to AWS in its Region: network and server. Each is given by
/// two assumptions, `….latency-p50` and `….latency-p99`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AwsCalls {
    dynamodb_read: Lognormal,
    dynamodb_write: Lognormal,
    dynamodb_transaction: Lognormal,
    sqs: Lognormal,
    sns: Lognormal,
    eventbridge: Lognormal,
    lambda: Lognormal,
    s3: Lognormal,
    other: Lognormal,
}

impl AwsCalls {
    /// The times that `assumptions` name.
    #[must_use]
    pub fn new(assumptions: &Assumptions) -> Self {
        use assumptions::{
            AWS_LATENCY_P50, AWS_LATENCY_P99, DYNAMODB_LATENCY_READ_P50, DYNAMODB_LATENCY_READ_P99,
            DYNAMODB_LATENCY_TRANSACTION_P50, DYNAMODB_LATENCY_TRANSACTION_P99,
            DYNAMODB_LATENCY_WRITE_P50, DYNAMODB_LATENCY_WRITE_P99, EVENTBRIDGE_LATENCY_P50,
            EVENTBRIDGE_LATENCY_P99, LAMBDA_LATENCY_P50, LAMBDA_LATENCY_P99, S3_LATENCY_P50,
            S3_LATENCY_P99, SNS_LATENCY_P50, SNS_LATENCY_P99, SQS_LATENCY_P50, SQS_LATENCY_P99,
        };
        let time = |p50, p99| between(assumptions, p50, p99);
        Self {
            dynamodb_read: time(&DYNAMODB_LATENCY_READ_P50, &DYNAMODB_LATENCY_READ_P99),
            dynamodb_write: time(&DYNAMODB_LATENCY_WRITE_P50, &DYNAMODB_LATENCY_WRITE_P99),
            dynamodb_transaction: time(
                &DYNAMODB_LATENCY_TRANSACTION_P50,
                &DYNAMODB_LATENCY_TRANSACTION_P99,
            ),
            sqs: time(&SQS_LATENCY_P50, &SQS_LATENCY_P99),
            sns: time(&SNS_LATENCY_P50, &SNS_LATENCY_P99),
            eventbridge: time(&EVENTBRIDGE_LATENCY_P50, &EVENTBRIDGE_LATENCY_P99),
            lambda: time(&LAMBDA_LATENCY_P50, &LAMBDA_LATENCY_P99),
            s3: time(&S3_LATENCY_P50, &S3_LATENCY_P99),
            other: time(&AWS_LATENCY_P50, &AWS_LATENCY_P99),
        }
    }

    /// The time of `operation` of `service`, both as AWS's protocols name them: `dynamodb`, `sqs`,
    /// `sns`, `events`, `lambda`, `s3`.
    #[must_use]
    pub fn of(&self, service: &str, operation: &str) -> Lognormal {
        match (service, operation) {
            ("dynamodb", "TransactWriteItems" | "TransactGetItems") => self.dynamodb_transaction,
            ("dynamodb", "GetItem" | "BatchGetItem" | "Query" | "Scan") => self.dynamodb_read,
            ("dynamodb", _) => self.dynamodb_write,
            ("sqs", _) => self.sqs,
            ("sns", _) => self.sns,
            ("events", _) => self.eventbridge,
            ("lambda", _) => self.lambda,
            ("s3", _) => self.s3,
            _ => self.other,
        }
    }
}

fn between(assumptions: &Assumptions, p50: &Assumption, p99: &Assumption) -> Lognormal {
    Lognormal::from_ms(assumptions.of(p50), assumptions.of(p99))
}

/// The times of a query to RDS, network included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queries {
    /// A query that reads (`rds.latency-read-p50`, `-p99`).
    pub read: Lognormal,
    /// A statement that writes, and its commit (`rds.latency-write-p50`, `-p99`).
    pub write: Lognormal,
}

impl Queries {
    /// The times that `assumptions` name.
    #[must_use]
    pub fn new(assumptions: &Assumptions) -> Self {
        use assumptions::{
            RDS_LATENCY_READ_P50, RDS_LATENCY_READ_P99, RDS_LATENCY_WRITE_P50,
            RDS_LATENCY_WRITE_P99,
        };
        Self {
            read: between(assumptions, &RDS_LATENCY_READ_P50, &RDS_LATENCY_READ_P99),
            write: between(assumptions, &RDS_LATENCY_WRITE_P50, &RDS_LATENCY_WRITE_P99),
        }
    }
}

/// A call to a cache node, network included (`elasticache.latency-p50`, `-p99`).
#[must_use]
pub fn cache_node(assumptions: &Assumptions) -> Lognormal {
    let (p50, p99) = (&assumptions::ELASTICACHE_LATENCY_P50, &assumptions::ELASTICACHE_LATENCY_P99);
    between(assumptions, p50, p99)
}

/// What API Gateway adds to a request (`api-gateway.latency-p50`, `-p99`).
#[must_use]
pub fn api_gateway(assumptions: &Assumptions) -> Lognormal {
    let (p50, p99) = (&assumptions::API_GATEWAY_LATENCY_P50, &assumptions::API_GATEWAY_LATENCY_P99);
    between(assumptions, p50, p99)
}

/// One hop between services inside the VPC, there and back, load balancer included
/// (`service-hop.latency-p50`, `-p99`).
#[must_use]
pub fn service_hop(assumptions: &Assumptions) -> Lognormal {
    let (p50, p99) = (&assumptions::SERVICE_HOP_LATENCY_P50, &assumptions::SERVICE_HOP_LATENCY_P99);
    between(assumptions, p50, p99)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_has_the_time_that_the_assumptions_name() {
        let mut assumptions = Assumptions::default();
        assumptions.set("sqs.latency-p50", 50.0).expect("a key");
        assumptions.set("sqs.latency-p99", 50.0).expect("a key");
        let calls = AwsCalls::new(&assumptions);
        let median = |service, operation| calls.of(service, operation).at(0.5).as_secs_f64() * 1e3;
        for (service, operation, ms) in [
            ("dynamodb", "GetItem", 3.0),
            ("dynamodb", "PutItem", 5.0),
            ("dynamodb", "TransactWriteItems", 12.0),
            ("sqs", "SendMessage", 50.0),
            ("sns", "Publish", 12.0),
            ("lambda", "Invoke", 5.0),
            ("s3", "GetObject", 141.0),
            ("states", "StartExecution", 10.0),
        ] {
            let shown = median(service, operation);
            assert!((shown - ms).abs() < 0.01, "{service} {operation}: {shown}");
        }
    }
}
