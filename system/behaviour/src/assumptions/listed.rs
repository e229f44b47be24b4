//! The list: one constant for each assumption, and [`ALL`] of them by key.

use super::Assumption;

/// Time API Gateway adds to a request to an HTTP API, median.
pub const API_GATEWAY_LATENCY_P50: Assumption = Assumption {
    key: "api-gateway.latency-p50",
    value: 7.0,
    unit: "ms",
    what: "time API Gateway adds to a request to an HTTP API, median",
    row: "1.1, model suggestion",
};

/// Time API Gateway adds to a request to an HTTP API, 99th percentile.
pub const API_GATEWAY_LATENCY_P99: Assumption = Assumption {
    key: "api-gateway.latency-p99",
    value: 30.0,
    unit: "ms",
    what: "time API Gateway adds to a request to an HTTP API, 99th percentile",
    row: "1.1, model suggestion",
};

/// An AWS call not listed by itself, network included, median.
pub const AWS_LATENCY_P50: Assumption = Assumption {
    key: "aws.latency-p50",
    value: 10.0,
    unit: "ms",
    what: "an AWS call not listed by itself, network included, median",
    row: "assumed",
};

/// An AWS call not listed by itself, network included, 99th percentile.
pub const AWS_LATENCY_P99: Assumption = Assumption {
    key: "aws.latency-p99",
    value: 40.0,
    unit: "ms",
    what: "an AWS call not listed by itself, network included, 99th percentile",
    row: "assumed",
};

/// Time from the end of a minute until CloudWatch has the metrics of DynamoDB.
pub const CLOUDWATCH_DYNAMODB_LAG: Assumption = Assumption {
    key: "cloudwatch.dynamodb-lag",
    value: 60.0,
    unit: "s",
    what: "time from the end of a minute until CloudWatch has the metrics of DynamoDB",
    row: "0.2, metric delivery lag",
};

/// Time from the end of a minute until CloudWatch has the metrics of ECS and EC2.
pub const CLOUDWATCH_METRIC_LAG: Assumption = Assumption {
    key: "cloudwatch.metric-lag",
    value: 0.0,
    unit: "s",
    what: "time from the end of a minute until CloudWatch has the metrics of ECS and EC2",
    row: "0.2, metric delivery lag",
};

/// of its own.
pub const DYNAMODB_ISOLATION_SHARE: Assumption = Assumption {
    key: "dynamodb.isolation-share",
    value: 0.5,
    unit: "share",
    what: "least share of a hot partition's throttled requests that one item must have to get a \
           partition of its own",
    row: "4.1, adaptive capacity",
};

/// GetItem, BatchGetItem, Query and Scan, median.
pub const DYNAMODB_LATENCY_READ_P50: Assumption = Assumption {
    key: "dynamodb.latency-read-p50",
    value: 3.0,
    unit: "ms",
    what: "GetItem, BatchGetItem, Query and Scan, median",
    row: "4.1, model",
};

/// GetItem, BatchGetItem, Query and Scan, 99th percentile.
pub const DYNAMODB_LATENCY_READ_P99: Assumption = Assumption {
    key: "dynamodb.latency-read-p99",
    value: 9.0,
    unit: "ms",
    what: "GetItem, BatchGetItem, Query and Scan, 99th percentile",
    row: "4.1, model",
};

/// TransactWriteItems and TransactGetItems, median.
pub const DYNAMODB_LATENCY_TRANSACTION_P50: Assumption = Assumption {
    key: "dynamodb.latency-transaction-p50",
    value: 12.0,
    unit: "ms",
    what: "TransactWriteItems and TransactGetItems, median",
    row: "4.1, model",
};

/// TransactWriteItems and TransactGetItems, 99th percentile.
pub const DYNAMODB_LATENCY_TRANSACTION_P99: Assumption = Assumption {
    key: "dynamodb.latency-transaction-p99",
    value: 35.0,
    unit: "ms",
    what: "TransactWriteItems and TransactGetItems, 99th percentile",
    row: "4.1, model",
};

/// PutItem, UpdateItem, DeleteItem and BatchWriteItem, median.
pub const DYNAMODB_LATENCY_WRITE_P50: Assumption = Assumption {
    key: "dynamodb.latency-write-p50",
    value: 5.0,
    unit: "ms",
    what: "PutItem, UpdateItem, DeleteItem and BatchWriteItem, median",
    row: "4.1, model",
};

/// PutItem, UpdateItem, DeleteItem and BatchWriteItem, 99th percentile.
pub const DYNAMODB_LATENCY_WRITE_P99: Assumption = Assumption {
    key: "dynamodb.latency-write-p99",
    value: 14.0,
    unit: "ms",
    what: "PutItem, UpdateItem, DeleteItem and BatchWriteItem, 99th percentile",
    row: "4.1, model",
};

/// Seconds of its limit that a partition stores, and that an on-demand table stores.
pub const DYNAMODB_PARTITION_BURST: Assumption = Assumption {
    key: "dynamodb.partition-burst",
    value: 1.0,
    unit: "s",
    what: "seconds of its limit that a partition stores, and that an on-demand table stores",
    row: "4.1, partition",
};

/// Time over which the traffic of an on-demand table is averaged to find its peak.
pub const DYNAMODB_PEAK_WINDOW: Assumption = Assumption {
    key: "dynamodb.peak-window",
    value: 60.0,
    unit: "s",
    what: "time over which the traffic of an on-demand table is averaged to find its peak",
    row: "4.1, on-demand growth",
};

/// How long a partition is too hot before it is split, or its hottest item isolated.
pub const DYNAMODB_SPLIT_DELAY: Assumption = Assumption {
    key: "dynamodb.split-delay",
    value: 450.0,
    unit: "s",
    what: "how long a partition is too hot before it is split, or its hottest item isolated",
    row: "4.1, split delay (5 to 10 min)",
};

/// Share of its burst capacity that a provisioned table has when a run begins.
pub const DYNAMODB_STORED_AT_START: Assumption = Assumption {
    key: "dynamodb.stored-at-start",
    value: 1.0,
    unit: "share",
    what: "share of its burst capacity that a provisioned table has when a run begins",
    row: "4.1, burst",
};

/// How long UpdateTable takes to change provisioned capacity.
pub const DYNAMODB_UPDATE_DELAY: Assumption = Assumption {
    key: "dynamodb.update-delay",
    value: 180.0,
    unit: "s",
    what: "how long UpdateTable takes to change provisioned capacity",
    row: "4.1, auto scaling (\"several minutes\")",
};

/// From RunInstances to a booted instance, median.
pub const EC2_BOOT_MEDIAN: Assumption = Assumption {
    key: "ec2.boot-median",
    value: 25.0,
    unit: "s",
    what: "from RunInstances to a booted instance, median",
    row: "3.2, model",
};

/// Spread of an instance's boot time.
pub const EC2_BOOT_SIGMA: Assumption = Assumption {
    key: "ec2.boot-sigma",
    value: 0.2,
    unit: "lognormal sigma",
    what: "spread of an instance's boot time",
    row: "3.2, model",
};

/// Until ECS takes a task that died out of its target group.
pub const ECS_DEREGISTRATION: Assumption = Assumption {
    key: "ecs.deregistration",
    value: 5.0,
    unit: "s",
    what: "until ECS takes a task that died out of its target group",
    row: "assumed",
};

/// A call to a cache node, network included, median.
pub const ELASTICACHE_LATENCY_P50: Assumption = Assumption {
    key: "elasticache.latency-p50",
    value: 0.5,
    unit: "ms",
    what: "a call to a cache node, network included, median",
    row: "4.3, latency (0.3 to 1 ms)",
};

/// A call to a cache node, network included, 99th percentile.
pub const ELASTICACHE_LATENCY_P99: Assumption = Assumption {
    key: "elasticache.latency-p99",
    value: 1.0,
    unit: "ms",
    what: "a call to a cache node, network included, 99th percentile",
    row: "4.3, latency (0.3 to 1 ms)",
};

/// Least time until a replica is promoted to primary.
pub const ELASTICACHE_PROMOTION_LEAST: Assumption = Assumption {
    key: "elasticache.promotion-least",
    value: 5.0,
    unit: "s",
    what: "least time until a replica is promoted to primary",
    row: "4.3, failover (seconds to a minute)",
};

/// Most time until a replica is promoted to primary.
pub const ELASTICACHE_PROMOTION_MOST: Assumption = Assumption {
    key: "elasticache.promotion-most",
    value: 60.0,
    unit: "s",
    what: "most time until a replica is promoted to primary",
    row: "4.3, failover (seconds to a minute)",
};

/// PutEvents, median.
pub const EVENTBRIDGE_LATENCY_P50: Assumption = Assumption {
    key: "eventbridge.latency-p50",
    value: 12.0,
    unit: "ms",
    what: "PutEvents, median",
    row: "assumed",
};

/// PutEvents, 99th percentile.
pub const EVENTBRIDGE_LATENCY_P99: Assumption = Assumption {
    key: "eventbridge.latency-p99",
    value: 45.0,
    unit: "ms",
    what: "PutEvents, 99th percentile",
    row: "assumed",
};

/// Start of a task without its image, median.
pub const FARGATE_START_BASE: Assumption = Assumption {
    key: "fargate.start-base",
    value: 20.0,
    unit: "s",
    what: "start of a task without its image, median",
    row: "3.1, model",
};

/// What each megabyte of image adds to the start of a task.
pub const FARGATE_START_PER_MB: Assumption = Assumption {
    key: "fargate.start-per-mb",
    value: 0.09,
    unit: "s/MB",
    what: "what each megabyte of image adds to the start of a task",
    row: "3.1, model",
};

/// Spread of a task's start time.
pub const FARGATE_START_SIGMA: Assumption = Assumption {
    key: "fargate.start-sigma",
    value: 0.12,
    unit: "lognormal sigma",
    what: "spread of a task's start time",
    row: "3.1, model",
};

/// Busy share of processors past which a fleet counts as too small, for demand and elasticity.
pub const FLEET_FULL: Assumption = Assumption {
    key: "fleet.full",
    value: 0.8,
    unit: "share",
    what: "busy share of processors past which a fleet counts as too small, for demand and \
           elasticity",
    row: "assumed",
};

/// A call to Lambda beside the function's own time, median.
pub const LAMBDA_LATENCY_P50: Assumption = Assumption {
    key: "lambda.latency-p50",
    value: 5.0,
    unit: "ms",
    what: "a call to Lambda beside the function's own time, median",
    row: "assumed",
};

/// A call to Lambda beside the function's own time, 99th percentile.
pub const LAMBDA_LATENCY_P99: Assumption = Assumption {
    key: "lambda.latency-p99",
    value: 25.0,
    unit: "ms",
    what: "a call to Lambda beside the function's own time, 99th percentile",
    row: "assumed",
};

/// Seconds of its rate that the bucket of a per-second quota holds, where AWS names no bucket.
pub const QUOTAS_BURST: Assumption = Assumption {
    key: "quotas.burst",
    value: 1.0,
    unit: "s",
    what: "seconds of its rate that the bucket of a per-second quota holds, where AWS names no \
           bucket",
    row: "5.1 and 5.2",
};

/// Least time of a failover of a Multi-AZ cluster; AWS gives the most only.
pub const RDS_CLUSTER_FAILOVER_LEAST: Assumption = Assumption {
    key: "rds.cluster-failover-least",
    value: 15.0,
    unit: "s",
    what: "least time of a failover of a Multi-AZ cluster; AWS gives the most only",
    row: "4.2, Multi-AZ cluster",
};

/// Least time from a commit on the primary to the replica.
pub const RDS_LAG_LEAST: Assumption = Assumption {
    key: "rds.lag-least",
    value: 50.0,
    unit: "ms",
    what: "least time from a commit on the primary to the replica",
    row: "4.2, lag behaviour",
};

/// Most time from a commit to a replica that keeps up.
pub const RDS_LAG_MOST: Assumption = Assumption {
    key: "rds.lag-most",
    value: 500.0,
    unit: "ms",
    what: "most time from a commit to a replica that keeps up",
    row: "4.2, lag behaviour",
};

/// A query that reads, network included, median.
pub const RDS_LATENCY_READ_P50: Assumption = Assumption {
    key: "rds.latency-read-p50",
    value: 1.0,
    unit: "ms",
    what: "a query that reads, network included, median",
    row: "assumed",
};

/// A query that reads, network included, 99th percentile.
pub const RDS_LATENCY_READ_P99: Assumption = Assumption {
    key: "rds.latency-read-p99",
    value: 8.0,
    unit: "ms",
    what: "a query that reads, network included, 99th percentile",
    row: "assumed",
};

/// A statement that writes and its commit, network included, median.
pub const RDS_LATENCY_WRITE_P50: Assumption = Assumption {
    key: "rds.latency-write-p50",
    value: 3.0,
    unit: "ms",
    what: "a statement that writes and its commit, network included, median",
    row: "assumed",
};

/// A statement that writes and its commit, network included, 99th percentile.
pub const RDS_LATENCY_WRITE_P99: Assumption = Assumption {
    key: "rds.latency-write-p99",
    value: 15.0,
    unit: "ms",
    what: "a statement that writes and its commit, network included, 99th percentile",
    row: "assumed",
};

/// Writes that a replica applies in a second.
pub const RDS_REPLICA_APPLY_RATE: Assumption = Assumption {
    key: "rds.replica-apply-rate",
    value: 2_000.0,
    unit: "writes/s",
    what: "writes that a replica applies in a second",
    row: "4.2, lag behaviour (0.6 to 0.8 of the primary)",
};

/// A call to S3 up to its first byte, median. Small objects take 100 to 200 ms: taken as the first and
/// the 99th percentile, whose middle this is.
pub const S3_LATENCY_P50: Assumption = Assumption {
    key: "s3.latency-p50",
    value: 141.0,
    unit: "ms",
    what: "a call to S3 up to its first byte, median",
    row: "1.2, S3",
};

/// A call to S3 up to its first byte, 99th percentile.
pub const S3_LATENCY_P99: Assumption = Assumption {
    key: "s3.latency-p99",
    value: 200.0,
    unit: "ms",
    what: "a call to S3 up to its first byte, 99th percentile",
    row: "1.2, S3",
};

/// A hop between services inside the VPC, there and back, load balancer included, median.
pub const SERVICE_HOP_LATENCY_P50: Assumption = Assumption {
    key: "service-hop.latency-p50",
    value: 1.0,
    unit: "ms",
    what: "a hop between services inside the VPC, there and back, load balancer included, median",
    row: "assumed",
};

/// A hop between services inside the VPC, there and back, load balancer included, 99th percentile.
pub const SERVICE_HOP_LATENCY_P99: Assumption = Assumption {
    key: "service-hop.latency-p99",
    value: 4.0,
    unit: "ms",
    what: "a hop between services inside the VPC, there and back, load balancer included, 99th \
           percentile",
    row: "assumed",
};

/// Publish, median.
pub const SNS_LATENCY_P50: Assumption = Assumption {
    key: "sns.latency-p50",
    value: 12.0,
    unit: "ms",
    what: "Publish, median",
    row: "assumed",
};

/// Publish, 99th percentile.
pub const SNS_LATENCY_P99: Assumption = Assumption {
    key: "sns.latency-p99",
    value: 40.0,
    unit: "ms",
    what: "Publish, 99th percentile",
    row: "assumed",
};

/// An SQS call, median.
pub const SQS_LATENCY_P50: Assumption = Assumption {
    key: "sqs.latency-p50",
    value: 5.0,
    unit: "ms",
    what: "an SQS call, median",
    row: "assumed: half of what 5.1 measures from send to Lambda (13.7 at p10)",
};

/// An SQS call, 99th percentile.
pub const SQS_LATENCY_P99: Assumption = Assumption {
    key: "sqs.latency-p99",
    value: 20.0,
    unit: "ms",
    what: "an SQS call, 99th percentile",
    row: "assumed",
};

/// Every assumption, by key.
pub const ALL: &[Assumption] = &[
    API_GATEWAY_LATENCY_P50,
    API_GATEWAY_LATENCY_P99,
    AWS_LATENCY_P50,
    AWS_LATENCY_P99,
    CLOUDWATCH_DYNAMODB_LAG,
    CLOUDWATCH_METRIC_LAG,
    DYNAMODB_ISOLATION_SHARE,
    DYNAMODB_LATENCY_READ_P50,
    DYNAMODB_LATENCY_READ_P99,
    DYNAMODB_LATENCY_TRANSACTION_P50,
    DYNAMODB_LATENCY_TRANSACTION_P99,
    DYNAMODB_LATENCY_WRITE_P50,
    DYNAMODB_LATENCY_WRITE_P99,
    DYNAMODB_PARTITION_BURST,
    DYNAMODB_PEAK_WINDOW,
    DYNAMODB_SPLIT_DELAY,
    DYNAMODB_STORED_AT_START,
    DYNAMODB_UPDATE_DELAY,
    EC2_BOOT_MEDIAN,
    EC2_BOOT_SIGMA,
    ECS_DEREGISTRATION,
    ELASTICACHE_LATENCY_P50,
    ELASTICACHE_LATENCY_P99,
    ELASTICACHE_PROMOTION_LEAST,
    ELASTICACHE_PROMOTION_MOST,
    EVENTBRIDGE_LATENCY_P50,
    EVENTBRIDGE_LATENCY_P99,
    FARGATE_START_BASE,
    FARGATE_START_PER_MB,
    FARGATE_START_SIGMA,
    FLEET_FULL,
    LAMBDA_LATENCY_P50,
    LAMBDA_LATENCY_P99,
    QUOTAS_BURST,
    RDS_CLUSTER_FAILOVER_LEAST,
    RDS_LAG_LEAST,
    RDS_LAG_MOST,
    RDS_LATENCY_READ_P50,
    RDS_LATENCY_READ_P99,
    RDS_LATENCY_WRITE_P50,
    RDS_LATENCY_WRITE_P99,
    RDS_REPLICA_APPLY_RATE,
    S3_LATENCY_P50,
    S3_LATENCY_P99,
    SERVICE_HOP_LATENCY_P50,
    SERVICE_HOP_LATENCY_P99,
    SNS_LATENCY_P50,
    SNS_LATENCY_P99,
    SQS_LATENCY_P50,
    SQS_LATENCY_P99,
];
