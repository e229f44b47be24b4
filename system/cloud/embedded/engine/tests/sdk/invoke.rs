//! Functions called through the SDK: warm and cold, throttled, failing, and without waiting.

use std::{
    future::{pending, ready},
    time::Duration,
};

use aws_sdk_lambda::{
    error::ProvideErrorMetadata as _,
    operation::invoke::{InvokeError, InvokeOutput},
    primitives::Blob,
    types::{InvocationType, ThrottleReason},
};
use aws_sdk_sqs::types::QueueAttributeName;
use securecart_behaviour::lambda::{self, AsyncPolicy, Runtime};
use securecart_embedded::{FunctionConfig, FunctionError};
use serde_json::Value;
use tokio::{task::JoinSet, time::Instant};

use crate::support::{Stage, config};

/// What each of `calls`, all made at once, comes to.
async fn join_all<T: Send + 'static>(
    calls: impl Iterator<Item: Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    calls.collect::<JoinSet<_>>().join_all().await
}

const TENTH: Duration = Duration::from_millis(100);

impl Stage {
    async fn invoke(&self, name: &str, payload: &str) -> Result<InvokeOutput, InvokeError> {
        let call = self.lambda.invoke().function_name(name).payload(Blob::new(payload));
        call.send().await.map_err(aws_sdk_lambda::error::SdkError::into_service_error)
    }

    /// A function that takes a tenth of a second and answers its event.
    fn echo(&self, name: &str, config: FunctionConfig) {
        self.function(name, config, |event| async move {
            tokio::time::sleep(TENTH).await;
            Ok(event)
        });
    }
}

fn payload(output: &InvokeOutput) -> Value {
    serde_json::from_slice(output.payload().expect("a payload").as_ref()).expect("JSON")
}

fn with_capacity(change: impl FnOnce(&mut lambda::FunctionConfig)) -> FunctionConfig {
    let mut config = config();
    change(&mut config.capacity);
    config
}

#[tokio::test(start_paused = true)]
async fn the_first_call_is_cold_the_next_warm_until_the_environment_is_reclaimed() {
    let stage = Stage::new();
    stage.echo("fraud", with_capacity(|capacity| capacity.cold_start.runtime = Runtime::Dotnet8));
    let mut took = Vec::new();
    for wait in [0, 0, 599, 601] {
        tokio::time::sleep(Duration::from_secs(wait)).await;
        let start = Instant::now();
        let output = stage.invoke("fraud", r#"{"n":1}"#).await.expect("invoked");
        assert_eq!((output.status_code(), output.executed_version()), (200, Some("$LATEST")));
        assert_eq!((payload(&output)["n"].as_u64(), output.function_error()), (Some(1), None));
        took.push(start.elapsed());
    }
    let cold = TENTH + Duration::from_millis(200);
    assert!(took[0] > cold && took[3] > cold, "{took:?}");
    assert_eq!((took[1], took[2]), (TENTH, TENTH));
    let metrics = stage.metrics("fraud");
    assert_eq!((metrics.invocations, metrics.cold_starts, metrics.environments), (4, 2, 1));
    assert!(metrics.gb_s > 4.0 * 0.05 && metrics.init > Duration::ZERO, "{metrics:?}");
}

#[tokio::test(start_paused = true)]
async fn environments_are_reclaimed_by_the_shops_clock() {
    let stage = Stage::new();
    stage.engine.set_speed(30.0);
    stage.echo("fraud", config());
    stage.invoke("fraud", "1").await.expect("invoked");
    tokio::time::sleep(Duration::from_secs(19)).await;
    assert_eq!(stage.metrics("fraud").environments, 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stage.metrics("fraud").environments, 0, "20 s are 10 min of the shop's");
}

#[tokio::test(start_paused = true)]
async fn calls_at_once_have_an_environment_each() {
    let stage = Stage::new();
    stage.echo("fraud", config());
    let calls = (0..50).map(|_| stage.lambda.invoke().function_name("fraud").send());
    for output in join_all(calls).await {
        assert_eq!(output.expect("invoked").status_code(), 200);
    }
    let metrics = stage.metrics("fraud");
    assert_eq!((metrics.concurrent_max, metrics.environments, metrics.concurrent), (50, 50, 0));
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_is_retried_by_the_sdk_and_then_is_an_error_with_its_reason() {
    let stage = Stage::new();
    stage.echo("fraud", with_capacity(|capacity| capacity.reserved = Some(0)));
    let error = stage.invoke("fraud", "1").await.expect_err("throttled");
    let InvokeError::TooManyRequestsException(throttled) = &error else { panic!("{error:?}") };
    let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
    assert_eq!(throttled.reason(), Some(&reason));
    assert_eq!(throttled.retry_after_seconds(), Some("1"));
    assert_eq!(throttled.r#type(), Some("User"));
    assert_eq!(stage.requests(), 3, "the SDK's standard retries");
    let metrics = stage.metrics("fraud");
    assert_eq!((metrics.throttles, metrics.invocations), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_ends_in_time_is_not_noticed() {
    let stage = Stage::new();
    stage.function(
        "slow",
        with_capacity(|capacity| capacity.reserved = Some(1)),
        |event| async move {
            // The SDK's two retries wait up to 3 s, drawn evenly: both within 1 ms is next to never.
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(event)
        },
    );
    let calls = (0..2).map(|_| stage.lambda.invoke().function_name("slow").send());
    for output in join_all(calls).await {
        output.expect("invoked");
    }
    assert_eq!(stage.metrics("slow").invocations, 2);
}

#[tokio::test(start_paused = true)]
async fn reserved_concurrency_can_be_changed_while_calls_run() {
    let stage = Stage::new();
    stage.echo("fraud", config());
    let put = stage.lambda.put_function_concurrency().function_name("fraud");
    let put = put.reserved_concurrent_executions(7).send().await.expect("put");
    assert_eq!(put.reserved_concurrent_executions(), Some(7));
    let get = stage.lambda.get_function_concurrency().function_name("fraud").send().await;
    assert_eq!(get.expect("got").reserved_concurrent_executions(), Some(7));
    let put = stage.lambda.put_function_concurrency().function_name("fraud");
    let error = put.reserved_concurrent_executions(901).send().await.expect_err("too much");
    assert!(error.into_service_error().is_invalid_parameter_value_exception());
    stage.engine.throttle_function("fraud", Some(0)).expect("there");
    assert!(stage.invoke("fraud", "1").await.is_err());
    stage.engine.throttle_function("fraud", None).expect("there");
    stage.invoke("fraud", "1").await.expect("as it was registered");
    let get = stage.lambda.get_function_concurrency().function_name("fraud").send().await;
    assert_eq!(get.expect("got").reserved_concurrent_executions(), None);
    assert!(stage.engine.throttle_function("none", Some(0)).is_err());
}

#[tokio::test(start_paused = true)]
async fn what_a_function_raises_is_an_answer_with_its_error() {
    let stage = Stage::new();
    stage.function("broken", config(), |_| ready(Err(FunctionError::new("Shop.Odd", "no"))));
    stage.function("panics", config(), |event| async move {
        assert!(event.is_empty(), "an event");
        Ok(event)
    });
    stage.function("stuck", config(), |_| pending());
    let large = |_| ready(Ok(format!("\"{}\"", "x".repeat(7 * 1024 * 1024))));
    stage.function("large", config(), large);
    for (name, kind, message) in [
        ("broken", "Shop.Odd", "no"),
        ("panics", "Runtime.ExitError", "exited"),
        ("stuck", "Sandbox.Timedout", "Task timed out after 3.00 seconds"),
        ("large", "Function.ResponseSizeTooLarge", "6291556"),
    ] {
        let output = stage.invoke(name, "1").await.expect("invoked");
        assert_eq!(output.status_code(), 200);
        assert_eq!(output.function_error(), Some("Unhandled"), "{name}");
        let payload = payload(&output);
        assert_eq!(payload["errorType"], kind, "{payload}");
        assert!(payload["errorMessage"].as_str().expect("text").contains(message), "{payload}");
        let metrics = stage.metrics(name);
        assert_eq!((metrics.errors, metrics.concurrent), (1, 0), "{name}");
        let is_lost = ["panics", "stuck"].contains(&name);
        assert_eq!(metrics.environments, u64::from(!is_lost), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_on_when_its_caller_leaves() {
    let stage = Stage::new();
    stage.echo("fraud", config());
    let call = stage.invoke("fraud", "1");
    tokio::time::timeout(TENTH / 2, call).await.expect_err("it takes longer");
    assert_eq!(stage.metrics("fraud").concurrent, 1);
    tokio::time::sleep(2 * TENTH).await;
    let metrics = stage.metrics("fraud");
    assert_eq!((metrics.concurrent, metrics.invocations), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn what_lambda_refuses() {
    let stage = Stage::new();
    stage.echo("fraud", config());
    let error = stage.invoke("none", "1").await.expect_err("unknown");
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:none";
    assert!(error.message().is_some_and(|message| message.contains(arn)), "{error:?}");
    let error = stage.invoke("fraud", "{no JSON").await.expect_err("no JSON");
    assert!(error.is_invalid_request_content_exception(), "{error:?}");
    let large = format!("\"{}\"", "x".repeat(6 * 1024 * 1024));
    let error = stage.invoke("fraud", &large).await.expect_err("too large");
    assert!(error.is_request_too_large_exception(), "{error:?}");
    assert_eq!(stage.metrics("fraud").invocations, 0);
}

#[tokio::test(start_paused = true)]
async fn functions_are_called_by_arn_and_dry_runs_call_nothing() {
    let stage = Stage::new();
    stage.echo("fraud", config());
    stage
        .invoke("arn:aws:lambda:us-east-1:000000000000:function:fraud", "1")
        .await
        .expect("invoked");
    let dry = stage.lambda.invoke().function_name("fraud");
    let dry = dry.invocation_type(InvocationType::DryRun).send().await.expect("allowed");
    assert_eq!((dry.status_code(), stage.metrics("fraud").invocations), (204, 1));
    let got = stage.lambda.get_function().function_name("fraud").send().await.expect("there");
    let configuration = got.configuration.expect("a configuration");
    assert_eq!((configuration.memory_size(), configuration.timeout()), (Some(512), Some(3)));
    let listed = stage.lambda.list_functions().send().await.expect("listed");
    assert_eq!(listed.functions().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn events_are_tried_three_times_and_then_given_up() {
    let stage = Stage::new();
    let (url, arn) = stage.queue("given-up", &[]).await;
    let config = FunctionConfig { dead_letter_queue: Some(arn), ..config() };
    stage.function("broken", config, |_| ready(Err(FunctionError::new("Shop.Odd", "no"))));
    let start = Instant::now();
    let call = stage.lambda.invoke().function_name("broken").payload(Blob::new(r#"{"n":1}"#));
    let call = call.invocation_type(InvocationType::Event).send().await.expect("accepted");
    assert_eq!(call.status_code(), 202);
    assert_eq!(stage.metrics("broken").pending, 1);
    tokio::time::sleep(Duration::from_secs(200)).await;
    let letters = stage
        .sqs
        .receive_message()
        .queue_url(&url)
        .message_attribute_names("All")
        .send()
        .await
        .expect("received")
        .messages
        .expect("a letter");
    assert_eq!(letters[0].body(), Some(r#"{"n":1}"#));
    let attributes = letters[0].message_attributes().expect("attributes");
    assert_eq!(attributes["ErrorMessage"].string_value(), Some("no"));
    assert_eq!(start.elapsed().as_secs(), 200);
    let metrics = stage.metrics("broken");
    assert_eq!((metrics.errors, metrics.discarded, metrics.pending), (3, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_throttled_event_waits_for_its_function() {
    let stage = Stage::new();
    let asynchronous = AsyncPolicy { retries: 0, ..AsyncPolicy::default() };
    stage.echo("fraud", FunctionConfig { asynchronous, ..config() });
    stage.engine.throttle_function("fraud", Some(0)).expect("there");
    let call = stage.lambda.invoke().function_name("fraud");
    call.invocation_type(InvocationType::Event).send().await.expect("accepted");
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!((stage.metrics("fraud").pending, stage.metrics("fraud").invocations), (1, 0));
    stage.engine.throttle_function("fraud", None).expect("there");
    tokio::time::sleep(Duration::from_secs(310)).await;
    assert_eq!((stage.metrics("fraud").pending, stage.metrics("fraud").invocations), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn an_account_runs_a_thousand_at_once() {
    let stage = Stage::new();
    // Longer than the SDK's two retries can wait, which is 1 s and then 2 s.
    let config = FunctionConfig { timeout: Duration::from_secs(60), ..config() };
    stage.function("slow", config, |event| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        Ok(event)
    });
    for _ in 0..1_000 {
        let call = stage.lambda.invoke().function_name("slow");
        tokio::spawn(call.send());
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(stage.metrics("slow").concurrent, 1_000);
    let start = Instant::now();
    let error = stage.invoke("slow", "1").await.expect_err("throttled");
    let InvokeError::TooManyRequestsException(throttled) = &error else { panic!("{error:?}") };
    assert!(start.elapsed() < Duration::from_secs(29), "{:?}", start.elapsed());
    assert_eq!(throttled.reason(), Some(&ThrottleReason::ConcurrentInvocationLimitExceeded));
}

#[tokio::test(start_paused = true)]
async fn dead_letters_need_their_queue_only_when_they_die() {
    let stage = Stage::new();
    let (url, arn) = stage.queue("gone", &[(QueueAttributeName::VisibilityTimeout, "1")]).await;
    let asynchronous = AsyncPolicy { retries: 0, ..AsyncPolicy::default() };
    let config = FunctionConfig { dead_letter_queue: Some(arn), asynchronous, ..config() };
    stage.function("broken", config, |_| ready(Err(FunctionError::new("Shop.Odd", "no"))));
    stage.sqs.delete_queue().queue_url(url).send().await.expect("deleted");
    let call = stage.lambda.invoke().function_name("broken");
    call.invocation_type(InvocationType::Event).send().await.expect("accepted");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.metrics("broken").discarded, 1);
}
