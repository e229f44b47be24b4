//! A connector that answers at once with a fixed body: what the SDK alone costs.

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;

/// Answers of the operations that are measured, as the embedded engine gives them, in size and shape.
const ANSWERS: [(&str, &str); 6] = [
    (
        "AmazonSQS.SendMessage",
        r#"{"MD5OfMessageBody":"b6d81b360a5672d80c27430f39153e2c","MessageId":"5fea7756-0ea4-451a-a703-a558b933e274"}"#,
    ),
    (
        "AmazonSQS.ReceiveMessage",
        r#"{"Messages":[{"Body":"MESSAGE","MD5OfBody":"b6d81b360a5672d80c27430f39153e2c","MessageId":"5fea7756-0ea4-451a-a703-a558b933e274","ReceiptHandle":"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a5fea77560ea4451aa703a558b933e274"}]}"#,
    ),
    ("AmazonSQS.DeleteMessage", ""),
    (
        "DynamoDB_20120810.GetItem",
        r#"{"Item":{"pk":{"S":"item-00000001"},"body":{"S":"BODY"},"stock":{"N":"1000000"}}}"#,
    ),
    ("DynamoDB_20120810.PutItem", "{}"),
    ("DynamoDB_20120810.UpdateItem", "{}"),
];

const PUBLISHED: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
     <PublishResult><MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult>\
     <ResponseMetadata><RequestId>f187a3c1-376f-11df-8963-01868b7c937a</RequestId>\
     </ResponseMetadata></PublishResponse>";

/// The connector.
#[derive(Debug, Clone)]
pub(super) struct Canned {
    answers: Vec<(&'static str, bytes::Bytes)>,
}

impl Canned {
    /// Answers that carry `body` where the engine's would.
    pub(super) fn new(body: &str) -> Self {
        let escaped = body.replace('"', "\\\"");
        let fill = |answer: &str| answer.replace("MESSAGE", &escaped).replace("BODY", &escaped);
        let answers =
            ANSWERS.iter().map(|(target, answer)| (*target, fill(answer).into())).collect();
        Self { answers }
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target");
        let answer = target
            .and_then(|target| self.answers.iter().find(|(known, _)| *known == target))
            .map_or_else(|| bytes::Bytes::from_static(PUBLISHED.as_bytes()), |(_, a)| a.clone());
        let ok = StatusCode::try_from(200).expect("200 is a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(ok, SdkBody::from(answer))))
    }
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
