//! SDK clients, a set for each role.

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::{
    http::HttpClient, stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_smithy_types::retry::RetryConfig;
use aws_types::{SdkConfig, region::Region};
use securecart_domain::ServiceName;
use securecart_embedded::IN_PROCESS_ORIGIN;

/// Who makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A service of SecureCart.
    Service(ServiceName),
    /// The gateway's way to the storefront's bucket.
    Origin,
    /// The harness: provisioning and the audit.
    Harness,
}

impl Role {
    /// Every role.
    pub fn all() -> impl Iterator<Item = Self> {
        ServiceName::ALL.into_iter().map(Self::Service).chain([Self::Origin, Self::Harness])
    }

    /// Its name: that of the service, `origin` or `harness`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Service(service) => service.as_str(),
            Self::Origin => "origin",
            Self::Harness => "harness",
        }
    }

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Service(service) => service as usize,
            Self::Origin => ServiceName::ALL.len(),
            Self::Harness => ServiceName::ALL.len() + 1,
        }
    }
}

/// What is laid over the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shaping {
    /// Nothing: for provisioning, the audit and benchmarks.
    None,
    /// AWS's modelled times and limits: the network and server time of each call, drawn from this
    /// seed, DynamoDB's capacity, and the call rates of the other services.
    Modelled {
        /// The run's seed.
        seed: u64,
    },
}

/// A set of SDK clients with one role.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Amazon SQS.
    pub sqs: aws_sdk_sqs::Client,
    /// Amazon DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Amazon SNS.
    pub sns: aws_sdk_sns::Client,
    /// Amazon EventBridge.
    pub eventbridge: aws_sdk_eventbridge::Client,
    /// AWS Lambda.
    pub lambda: aws_sdk_lambda::Client,
    /// Amazon S3, with the bucket in the path.
    pub s3: aws_sdk_s3::Client,
}

impl Clients {
    /// Clients of the role `name` whose calls go to `http_client`, tuned for loopback: the SDK's
    /// own signing, serialisation and standard retries, and nothing more.
    pub fn over(name: &str, http_client: impl HttpClient + 'static) -> Self {
        let key = format!("AKIASECURECART{}", name.to_uppercase());
        let credentials = Credentials::from_keys(key, "loopback-only", None);
        let config = SdkConfig::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .endpoint_url(IN_PROCESS_ORIGIN)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .sleep_impl(TokioSleep::new())
            .time_source(aws_smithy_async::time::SystemTimeSource::new())
            .retry_config(RetryConfig::standard())
            // A long poll is a stream that stalls for 20 s.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(http_client)
            .build();
        let objects = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        Self {
            sqs: aws_sdk_sqs::Client::new(&config),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            eventbridge: aws_sdk_eventbridge::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(objects),
        }
    }
}
