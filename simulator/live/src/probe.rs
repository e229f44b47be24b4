//! What an emulator can carry, measured before a run, and what the plan is going to ask of it.
//!
//! Emulators saturate at a few hundred calls a second, long before SecureCart does, and then it is
//! them that a run measures. So a run on one is scaled down to what it carries, or refused; it is
//! never silently measured.
//!
//! Invariants: the probe is bounded in calls and time, makes its own queue and table, and leaves
//! nothing behind. The calls of an operation ([`calls_of`]) are read from the services' code, and no
//! test holds them against a run's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::{
    error::SdkError,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
        ScalarAttributeType,
    },
};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use securecart_analysis::PROBED_SHARE_MAX;
use securecart_cloud::{Clients, Endpoint};
use securecart_domain::api::Operation;
use securecart_record::Probe;
use securecart_scenario::Plan;
use tokio::{task::JoinSet, time::Instant};

use crate::Error;

/// Name of the probe's queue and table.
const NAME: &str = "securecart-probe";

/// Callers at once: what a run has at the least.
const CALLERS: u64 = 16;

/// Wall time of a round of one kind of call.
const ROUND: Duration = Duration::from_millis(750);

/// Rounds of a kind at the most: an emulator that has just started gets faster for some seconds.
const ROUNDS_MAX: u32 = 8;

/// A round that is not this much faster than the best before it was the last: it is warm.
const GROWTH_MIN: f64 = 1.15;

/// Calls of a round at the most.
const CALLS_MAX: u64 = 10_000;

/// Calls a wall second that an emulator answers, by kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Carried {
    writes: f64,
    reads: f64,
    messages: f64,
    events: f64,
}

/// Calls by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Calls {
    /// Of DynamoDB, those that write; a transaction counts its items.
    writes: f64,
    /// Of DynamoDB, those that read.
    reads: f64,
    /// Of SQS.
    messages: f64,
    /// Of EventBridge; what they fan out to is the emulator's own work.
    events: f64,
}

/// What one request of `operation` asks of AWS, the work off queues that follows included: from the
/// services' code, for an order of one or two lines.
fn calls_of(operation: Operation) -> Calls {
    match operation {
        // A new cart takes two: the update that finds none, and the put. 1.7 in a black-friday.
        Operation::AddToCart => Calls { writes: 1.7, ..Calls::default() },
        Operation::ViewCart => Calls { reads: 1.0, ..Calls::default() },
        // Key, conclusion and emptied cart; reservation of up to two products; 1.5 notices.
        Operation::Checkout => Calls { writes: 7.5, reads: 2.0, messages: 13.0, events: 3.0 },
        _ => Calls::default(),
    }
}

impl Calls {
    fn plus(self, other: Self, times: f64) -> Self {
        Self {
            writes: self.writes + other.writes * times,
            reads: self.reads + other.reads * times,
            messages: self.messages + other.messages * times,
            events: self.events + other.events * times,
        }
    }
}

/// Calls a wall second at the plan's peak.
fn asked(plan: &Plan) -> Calls {
    let sessions = plan.peak_rate();
    Operation::ALL.into_iter().fold(Calls::default(), |sum, operation| {
        sum.plus(calls_of(operation), sessions * plan.operations_per_session(operation))
    })
}

impl Carried {
    /// What `plan` is going to ask of an emulator that carries this, and the scale at which it would
    /// be carried; `None` where the plan's own is.
    #[must_use]
    pub fn hold_against(&self, plan: &Plan) -> (Probe, Option<f64>) {
        let asked = asked(plan);
        // One process answers all kinds, so the time each takes adds up.
        let shares = [
            ("dynamodb:PutItem", asked.writes, self.writes),
            ("dynamodb:GetItem", asked.reads, self.reads),
            ("sqs:SendMessage", asked.messages, self.messages),
            ("events:PutEvents", asked.events, self.events),
        ];
        let share = |(_, asked, carried): &(&str, f64, f64)| asked / carried.max(1e-9);
        let sum: f64 = shares.iter().map(share).sum();
        let heaviest = shares.iter().max_by(|a, b| share(a).total_cmp(&share(b)));
        let (call, _, carried) = *heaviest.expect("there are four");
        let probe = Probe {
            call: call.to_owned(),
            carried_per_second: carried,
            asked_per_second: sum * carried,
            scale_asked: None,
        };
        let fitting =
            (sum > PROBED_SHARE_MAX).then(|| round_down(plan.scale * PROBED_SHARE_MAX / sum));
        (probe, fitting)
    }
}

/// Two digits, so that the scale of a run can be read and typed.
fn round_down(scale: f64) -> f64 {
    let unit = 10_f64.powf(scale.max(1e-12).log10().floor() - 1.0);
    let digits = (scale / unit + 1e-9).floor();
    // By division where that is exact in decimal: 0.012, not 0.012000000000000002.
    if unit < 1.0 { digits / (1.0 / unit).round() } else { digits * unit }
}

/// Measures the emulator at `endpoint`.
pub(crate) async fn measure(endpoint: &Endpoint) -> Result<Carried, Error> {
    let clients = endpoint.clients("probe");
    if let Err(error @ SdkError::DispatchFailure(_)) = clients.sqs.list_queues().send().await {
        return Err(Error::unanswered(endpoint, &error));
    }
    clean(&clients).await;
    let measured = calls(&clients).await;
    clean(&clients).await;
    measured
}

async fn calls(clients: &Clients) -> Result<Carried, Error> {
    let queue = clients.sqs.create_queue().queue_name(NAME).send().await;
    let url = queue.map_err(Error::probe)?.queue_url.unwrap_or_default();
    create_table(clients).await?;
    let messages = settled(|_| {
        let send = clients.sqs.send_message().queue_url(&url).message_body("{\"probe\":true}");
        async move { send.send().await.map(drop).map_err(Error::probe) }
    });
    let messages = messages.await?;
    let key = |n: u64| AttributeValue::S(format!("{:04}", n % 1_000));
    let writes = settled(|n| {
        let put = clients.dynamodb.put_item().table_name(NAME).item("id", key(n));
        let put = put.item("text", AttributeValue::S("x".repeat(200)));
        async move { put.send().await.map(drop).map_err(Error::probe) }
    });
    let writes = writes.await?;
    let reads = settled(|n| {
        let get = clients.dynamodb.get_item().table_name(NAME).key("id", key(n));
        async move { get.send().await.map(drop).map_err(Error::probe) }
    });
    let reads = reads.await?;
    let entry =
        PutEventsRequestEntry::builder().source(NAME).detail_type("probe").detail("{}").build();
    let events = settled(|_| {
        let put = clients.eventbridge.put_events().entries(entry.clone());
        async move { put.send().await.map(drop).map_err(Error::probe) }
    });
    Ok(Carried { writes, reads, messages, events: events.await? })
}

/// Calls a second of an emulator that is warm: rounds go on while they get faster.
async fn settled<F>(call: impl Fn(u64) -> F) -> Result<f64, Error>
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let mut best = round(&call).await?;
    for _ in 1..ROUNDS_MAX {
        let rate = round(&call).await?;
        let is_warm = rate < best * GROWTH_MIN;
        best = best.max(rate);
        if is_warm {
            break;
        }
    }
    Ok(best)
}

/// Calls a second that [`CALLERS`] callers get answered.
async fn round<F>(call: impl Fn(u64) -> F) -> Result<f64, Error>
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let done = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut under_way = JoinSet::new();
    let mut next = 0;
    while start.elapsed() < ROUND && next < CALLS_MAX {
        while under_way.len() < CALLERS as usize {
            let (call, done) = (call(next), Arc::clone(&done));
            next += 1;
            under_way.spawn(async move {
                call.await?;
                done.fetch_add(1, Ordering::Relaxed);
                Ok(())
            });
        }
        finish(under_way.join_next().await)?;
    }
    while let Some(ended) = under_way.join_next().await {
        finish(Some(ended))?;
    }
    Ok(done.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64())
}

fn finish(ended: Option<Result<Result<(), Error>, tokio::task::JoinError>>) -> Result<(), Error> {
    match ended {
        Some(Ok(outcome)) => outcome,
        // A call can't panic, and nobody aborts it.
        Some(Err(_)) | None => Ok(()),
    }
}

async fn create_table(clients: &Clients) -> Result<(), Error> {
    let attribute = AttributeDefinition::builder()
        .attribute_name("id")
        .attribute_type(ScalarAttributeType::S)
        .build();
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build();
    let (Ok(attribute), Ok(key)) = (attribute, key) else {
        unreachable!("name and type are set");
    };
    let created = clients
        .dynamodb
        .create_table()
        .table_name(NAME)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute)
        .key_schema(key)
        .send()
        .await;
    created.map(drop).map_err(Error::probe)
}

/// Removes what the probe makes. What can't be removed is found again by the next probe.
async fn clean(clients: &Clients) {
    let found = clients.sqs.get_queue_url().queue_name(NAME).send().await;
    if let Some(url) = found.ok().and_then(|found| found.queue_url) {
        let _ = clients.sqs.delete_queue().queue_url(url).send().await;
    }
    let _ = clients.dynamodb.delete_table().table_name(NAME).send().await;
}

#[cfg(test)]
mod tests {
    use securecart_scenario::{Overrides, Scenario};

    use super::*;

    fn plan(scale: f64) -> Plan {
        let shipped = securecart_scenario::find("steady").expect("it is shipped");
        let scenario = Scenario::parse("steady", shipped.text).expect("it is valid");
        scenario.plan(&Overrides { scale: Some(scale), ..Overrides::default() }).expect("a plan")
    }

    #[test]
    fn a_plan_within_what_is_carried_keeps_its_scale() {
        let plan = plan(1.0);
        let carried = Carried { writes: 1e6, reads: 1e6, messages: 1e6, events: 1e6 };
        let (probe, fitting) = carried.hold_against(&plan);
        assert_eq!(fitting, None);
        assert!(probe.asked_per_second < probe.carried_per_second);
    }

    #[test]
    fn a_plan_above_it_is_scaled_to_its_share() {
        let asked_for = plan(1.0);
        let asked = asked(&asked_for);
        let carried = Carried { writes: asked.writes, reads: 1e9, messages: 1e9, events: 1e9 };
        let (probe, fitting) = carried.hold_against(&asked_for);
        assert_eq!(probe.call, "dynamodb:PutItem");
        let scale = fitting.expect("writes alone ask for all of it");
        assert!((0.69..=0.7).contains(&scale), "{scale}");
        assert_eq!(carried.hold_against(&plan(scale)).1, None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_emulator_is_measured_when_it_is_warm() {
        // Each call is faster than the one before it, down to 16 ms: 16 callers make 1,000 a second.
        let made = Arc::new(AtomicU64::new(0));
        let call = |_| {
            let nth = made.fetch_add(1, Ordering::Relaxed);
            let took = Duration::from_millis(500_u64.saturating_sub(nth * 5).max(16));
            async move {
                tokio::time::sleep(took).await;
                Ok(())
            }
        };
        let first = round(&call).await.expect("answered");
        made.store(0, Ordering::Relaxed);
        let warm = settled(&call).await.expect("answered");
        assert!(first < 100.0, "{first}");
        assert!((950.0..=1_000.0).contains(&warm), "{warm}");
    }

    #[test]
    fn a_scale_has_two_digits() {
        for (scale, rounded) in [(0.012_99, 0.012), (0.7, 0.7), (13.9, 13.0), (0.000_456, 0.000_45)]
        {
            assert_eq!(round_down(scale), rounded);
        }
    }
}
