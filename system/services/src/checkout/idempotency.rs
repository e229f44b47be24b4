//! Idempotency keys in DynamoDB: who works on a key, and what its first answer was.
//!
//! An item is `{ idempotency_key, state, leased_until, expires_at, status?, body? }` with state
//! `pending` (an attempt works on it until `leased_until`, ms), `open` (an attempt failed and gave
//! it back) or `answered`.

use aws_sdk_dynamodb::{
    operation::put_item::PutItemError, types::ReturnValuesOnConditionCheckFailure,
};
use securecart_clock::Clock;
use securecart_domain::resources::IDEMPOTENCY_TABLE;

use crate::{
    Failure,
    item::{Item, number, read_number, read_string, string},
};

/// How long an attempt may take before another may take over: API Gateway gives up after 29 s
/// (behaviour sheet 1.1), so by then nobody waits for it.
const LEASE_MS: u64 = 29_000;

/// How long an answer is kept: a day.
const LIFE_S: u64 = 24 * 3_600;

const FREE: &str = "attribute_not_exists(idempotency_key) OR #state = :open \
     OR (#state = :pending AND leased_until < :now)";

#[derive(Debug, Clone)]
pub(super) struct Keys {
    dynamodb: aws_sdk_dynamodb::Client,
    clock: Clock,
}

/// What a key is good for.
pub(super) enum Attempt {
    /// The caller works on it now.
    Mine,
    /// Somebody else works on it.
    UnderWay,
    /// It was answered before.
    Answered { status: u16, body: String },
}

impl Keys {
    pub(super) fn new(dynamodb: aws_sdk_dynamodb::Client, clock: Clock) -> Self {
        Self { dynamodb, clock }
    }

    /// Takes the key, or tells why not.
    pub(super) async fn begin(&self, key: &str) -> Result<Attempt, Failure> {
        let now = self.clock.now_ms();
        let outcome = self
            .dynamodb
            .put_item()
            .table_name(IDEMPOTENCY_TABLE)
            .item("idempotency_key", string(key))
            .item("state", string("pending"))
            .item("leased_until", number(now + LEASE_MS))
            .item("expires_at", number(now / 1_000 + LIFE_S))
            .condition_expression(FREE)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":open", string("open"))
            .expression_attribute_values(":pending", string("pending"))
            .expression_attribute_values(":now", number(now))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(Attempt::Mine),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    taken(failed.item().unwrap_or(&Item::new()))
                }
                _ => Err(Failure::aws("PutItem")(error)),
            },
        }
    }

    /// Keeps the answer.
    pub(super) async fn finish(&self, key: &str, status: u16, body: &[u8]) -> Result<(), Failure> {
        self.dynamodb
            .update_item()
            .table_name(IDEMPOTENCY_TABLE)
            .key("idempotency_key", string(key))
            .update_expression("SET #state = :answered, #status = :status, body = :body")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":answered", string("answered"))
            .expression_attribute_values(":status", number(status.into()))
            .expression_attribute_values(":body", string(String::from_utf8_lossy(body)))
            .send()
            .await
            .map_err(Failure::aws("UpdateItem"))?;
        Ok(())
    }

    /// The attempt failed: the next one need not wait for the lease.
    pub(super) async fn give_back(&self, key: &str) -> Result<(), Failure> {
        self.dynamodb
            .update_item()
            .table_name(IDEMPOTENCY_TABLE)
            .key("idempotency_key", string(key))
            .update_expression("SET #state = :open")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":open", string("open"))
            .send()
            .await
            .map_err(Failure::aws("UpdateItem"))?;
        Ok(())
    }
}

fn taken(item: &Item) -> Result<Attempt, Failure> {
    if read_string(item, "state")? != "answered" {
        return Ok(Attempt::UnderWay);
    }
    let status = u16::try_from(read_number(item, "status")?)
        .map_err(|_| Failure::broken("dynamodb", "an answer's status is no status"))?;
    Ok(Attempt::Answered { status, body: read_string(item, "body")?.to_owned() })
}
