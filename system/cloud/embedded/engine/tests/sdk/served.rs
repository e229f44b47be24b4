//! The engine over HTTP on a loopback port: the same answers as in process.

use std::{future::ready, net::SocketAddr, sync::Arc};

use securecart_embedded::{Handler, Request};
use securecart_loopback::{BODY_BYTES_MAX, Server};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Stage, config};

/// One request as an SDK writes it, as far as the engine looks at it.
struct Sent<'a> {
    target: Option<&'a str>,
    authorization: Option<&'a str>,
    body: &'a str,
}

const fn json<'a>(target: &'a str, body: &'a str) -> Sent<'a> {
    Sent { target: Some(target), authorization: None, body }
}

const fn form<'a>(authorization: &'a str, body: &'a str) -> Sent<'a> {
    Sent { target: None, authorization: Some(authorization), body }
}

const SNS: &str = "AWS4-HMAC-SHA256 Credential=any/20261127/us-east-1/sns/aws4_request, \
                   SignedHeaders=host, Signature=none";

struct Got {
    status: u16,
    head: String,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

fn head(address: SocketAddr, sent: &Sent<'_>, length: usize) -> String {
    let mut head = format!("POST / HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n");
    for (name, value) in [("x-amz-target", sent.target), ("authorization", sent.authorization)] {
        if let Some(value) = value {
            head += &format!("{name}: {value}\r\n");
        }
    }
    head + "connection: close\r\n\r\n"
}

async fn exchange(address: SocketAddr, request: &str) -> Got {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("sends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("reads");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
    Got { status, head: head.to_owned(), body: body.to_owned() }
}

async fn send(address: SocketAddr, sent: &Sent<'_>) -> Got {
    exchange(address, &(head(address, sent, sent.body.len()) + sent.body)).await
}

async fn serve(stage: &Stage) -> (Server, SocketAddr) {
    let server = stage.engine.serve(0).await.expect("a free port");
    let address = server.address();
    (server, address)
}

#[tokio::test]
async fn both_ways_in_give_the_same_answers() {
    let stage = Stage::new();
    stage.table("stock").await;
    stage.put_number("stock", "p", 3).await;
    stage.queue("orders", &[]).await;
    let (server, address) = serve(&stage).await;
    let origin = format!("http://{address}");
    for sent in [
        json("DynamoDB_20120810.GetItem", r#"{"TableName":"stock","Key":{"id":{"S":"p"}}}"#),
        json("DynamoDB_20120810.DescribeTable", r#"{"TableName":"stock"}"#),
        json("DynamoDB_20120810.GetItem", r#"{"TableName":"none","Key":{"id":{"S":"p"}}}"#),
        json("DynamoDB_20120810.GetItem", "no JSON"),
        json("DynamoDBStreams_20120810.ListStreams", "{}"),
        json("AmazonSQS.ListQueues", "{}"),
        json("AmazonSQS.GetQueueUrl", r#"{"QueueName":"none"}"#),
        json("AWSEvents.ListEventBuses", "{}"),
        json("AWSEvents.DescribeRule", r#"{"Name":"none"}"#),
        json("Kinesis_20131202.ListStreams", "{}"),
        json("", ""),
    ] {
        let got = send(address, &sent).await;
        let answer = stage
            .engine
            .handle(Request {
                method: "POST",
                path: "/",
                invocation_type: None,
                target: sent.target,
                authorization: sent.authorization,
                origin: &origin,
                body: sent.body.as_bytes(),
            })
            .await;
        let what = sent.target.unwrap_or_default();
        assert_eq!(got.body.as_bytes(), &answer.body[..], "{what}");
        assert_eq!(got.status, answer.status, "{what}");
        assert_eq!(got.header("content-type"), Some(answer.content_type), "{what}");
        for (name, value) in &answer.headers {
            assert_eq!(got.header(name), Some(&**value), "{what}");
        }
    }
    server.close().await;
}

#[tokio::test]
async fn each_service_answers_in_its_protocol() {
    let stage = Stage::new();
    let (server, address) = serve(&stage).await;
    let table = send(address, &json("DynamoDB_20120810.ListTables", "{}")).await;
    assert_eq!((table.status, &*table.body), (200, r#"{"TableNames":[]}"#));
    assert_eq!(table.header("content-type"), Some("application/x-amz-json-1.0"));
    assert!(table.header("x-amzn-requestid").is_some_and(|id| id.len() == 36), "{}", table.head);

    let queue = send(address, &json("AmazonSQS.CreateQueue", r#"{"QueueName":"q"}"#)).await;
    let url = format!(r#"{{"QueueUrl":"http://{address}/000000000000/q"}}"#);
    assert_eq!((queue.status, queue.body), (200, url));
    let queue = send(address, &json("AmazonSQS.GetQueueUrl", r#"{"QueueName":"none"}"#)).await;
    let code = "AWS.SimpleQueueService.NonExistentQueue;Sender";
    assert_eq!((queue.status, queue.header("x-amzn-query-error")), (400, Some(code)));

    let bus = send(address, &json("AWSEvents.ListEventBuses", "{}")).await;
    assert_eq!(bus.header("content-type"), Some("application/x-amz-json-1.1"));

    let topic = send(address, &form(SNS, "Action=ListTopics&Version=2010-03-31")).await;
    assert_eq!((topic.status, topic.header("content-type")), (200, Some("text/xml")));
    assert!(topic.body.starts_with("<ListTopicsResponse"), "{}", topic.body);
    let gone = send(address, &form(SNS, "Action=Publish&TopicArn=none&Message=m")).await;
    assert_eq!((gone.status, gone.header("content-type")), (400, Some("text/xml")));
    assert!(gone.body.contains("<Code>InvalidParameter</Code>"), "{}", gone.body);
    server.close().await;
}

#[tokio::test]
async fn rest_calls_go_by_their_path() {
    let stage = Stage::new();
    let echo: Handler = Arc::new(|event| Box::pin(ready(Ok(event))));
    stage.engine.register_function("echo", config(), echo).expect("registered");
    let (server, address) = serve(&stage).await;
    let scope = SNS.replace("/sns/", "/lambda/");
    let call = async |line: &str, body: &str| {
        let request = format!(
            "{line} HTTP/1.1\r\nhost: {address}\r\nauthorization: {scope}\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        exchange(address, &request).await
    };
    let got = call("POST /2015-03-31/functions/echo/invocations", r#"{"n":1}"#).await;
    assert_eq!((got.status, &*got.body), (200, r#"{"n":1}"#));
    assert_eq!(got.header("content-type"), Some("application/json"));
    assert_eq!(got.header("x-amz-executed-version"), Some("$LATEST"));
    let got = call("POST /2015-03-31/functions/none/invocations", "{}").await;
    let code = got.header("x-amzn-errortype");
    assert_eq!((got.status, code), (404, Some("ResourceNotFoundException")));
    let got = call("GET /2015-03-31/functions/?MaxItems=50", "").await;
    assert!(got.body.contains(r#""FunctionName":"echo""#), "{}", got.body);
    let got = call("PATCH /2015-03-31/functions", "").await;
    let code = got.header("x-amzn-errortype");
    assert_eq!((got.status, code), (400, Some("UnknownOperationException")));
    assert!(got.body.contains("lambda:PATCH /2015-03-31/functions"), "{}", got.body);
    server.close().await;
}

#[tokio::test]
async fn services_the_engine_lacks_are_refused_in_the_callers_protocol() {
    let stage = Stage::new();
    let (server, address) = serve(&stage).await;
    let scope = |service: &str| SNS.replace("/sns/", &format!("/{service}/"));
    let (sts, dns, xray) = (scope("sts"), scope("route53"), scope("xray"));
    for (sent, content_type, message) in [
        (json("Logs_20140328.PutLogEvents", "{}"), "application/x-amz-json-1.0", "Logs_20140328:P"),
        (form(&sts, "Action=GetCallerIdentity"), "text/xml", "offer sts:GetCallerIdentity<"),
        (form(&dns, ""), "text/xml", "offer route53<"),
        (form(&xray, ""), "application/x-amz-json-1.0", "offer xray\""),
    ] {
        let got = send(address, &sent).await;
        assert_eq!(
            (got.status, got.header("content-type")),
            (400, Some(content_type)),
            "{message}"
        );
        assert!(got.body.contains("UnknownOperationException"), "{}", got.body);
        assert!(got.body.contains(message), "{}", got.body);
    }
    server.close().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_sent() {
    let stage = Stage::new();
    let (server, address) = serve(&stage).await;
    let sent = json("AmazonSQS.ListQueues", "");
    let got = exchange(address, &head(address, &sent, BODY_BYTES_MAX + 1)).await;
    assert_eq!(got.status, 413);
    server.close().await;
}

#[tokio::test]
async fn closing_does_not_wait_for_a_long_poll() {
    let stage = Stage::new();
    stage.queue("orders", &[]).await;
    let (server, address) = serve(&stage).await;
    let body =
        format!(r#"{{"QueueUrl":"http://{address}/000000000000/orders","WaitTimeSeconds":20}}"#);
    let sent = json("AmazonSQS.ReceiveMessage", &body);
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let request = head(address, &sent, body.len()) + &body;
    stream.write_all(request.as_bytes()).await.expect("sends");
    // An answer to a later call: by now the server has taken the poll's connection, too.
    send(address, &json("AmazonSQS.ListQueues", "{}")).await;
    server.close().await;
    // The poll would answer after 20 s; its connection ends without.
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("the connection ends");
    assert_eq!(answer, "");
}

/// A request for an object, signed by nobody in particular.
fn object(address: SocketAddr, method: &str, path: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=any/20261127/us-east-1/s3/aws4_request\r\n\
         connection: close\r\n{more}\r\n{body}"
    )
}

#[tokio::test]
async fn objects_are_served_too_with_the_bucket_in_path_or_host() {
    let stage = Stage::new();
    let (_server, address) = serve(&stage).await;
    let ask = async |method: &str, path: &str, more: &str, body: &str| {
        exchange(address, &object(address, method, path, more, body)).await
    };
    assert_eq!(ask("PUT", "/site", "", "").await.status, 200);
    let framed = "5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\n\r\n";
    let headers = "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\n\
                   x-amz-decoded-content-length: 5\r\ncontent-encoding: aws-chunked\r\n";
    assert_eq!(ask("PUT", "/site/k", headers, framed).await.status, 200);
    let got = ask("GET", "/site/k", "", "").await;
    assert_eq!((got.status, got.body.as_str()), (200, "hello"));
    assert_eq!(got.header("etag"), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    assert!(got.header("x-amz-request-id").is_some());
    let head = ask("HEAD", "/site/k", "", "").await;
    assert_eq!((head.header("content-length"), head.body.as_str()), (Some("5"), ""));
    let virtual_host = object(address, "GET", "/k", "", "")
        .replace(&format!("host: {address}"), "host: site.localhost:4566");
    assert_eq!(exchange(address, &virtual_host).await.body, "hello");
    let none = ask("GET", "/site/none", "", "").await;
    assert_eq!((none.status, none.header("content-type")), (404, Some("application/xml")));
    assert!(none.body.contains("<Code>NoSuchKey</Code>"), "{}", none.body);
}

/// A download under way holds the object and no copy of it, also when the object is deleted.
#[tokio::test]
async fn a_slow_reader_costs_no_memory_of_its_own() {
    const LENGTH: usize = 64 << 20;
    let stage = Stage::new();
    stage.s3.create_bucket().bucket("site").send().await.expect("created");
    let body = aws_sdk_s3::primitives::ByteStream::from(vec![7; LENGTH]);
    stage.s3.put_object().bucket("site").key("film").body(body).send().await.expect("put");
    let held = stage.engine.object_bytes();
    let (_server, address) = serve(&stage).await;
    let request = object(address, "GET", "/site/film", "", "");
    let mut readers = Vec::new();
    for _ in 0..8 {
        let mut stream = TcpStream::connect(address).await.expect("connects");
        stream.write_all(request.as_bytes()).await.expect("sends");
        let mut start = [0; 1_024];
        stream.read_exact(&mut start).await.expect("it began");
        readers.push(stream);
    }
    assert_eq!(stage.engine.object_bytes(), held);
    stage.s3.delete_object().bucket("site").key("film").send().await.expect("gone");
    assert!(stage.engine.object_bytes() >= LENGTH as u64, "eight still read it");
    let mut last = readers.pop().expect("eight");
    drop(readers);
    let mut rest = Vec::new();
    last.read_to_end(&mut rest).await.expect("all of it");
    assert!(rest.ends_with(&[7; 1_024]) && rest.len() > LENGTH - 1_024);
}
