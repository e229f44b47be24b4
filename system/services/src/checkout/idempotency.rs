//! Idempotency keys in DynamoDB: who works on a key, and what its first answer was.
//!
//! An item is `{ idempotency_key, state, leased_until, expires_at, status?, body? }` with state
//! `pending` (an attempt works on it until `leased_until`, ms), `open` (an attempt failed and gave
//! it back) or `answered`.
//!
//! Invariant: only the attempt that holds the lease may answer or give the key back. No two attempts
//! at work hold leases that end at the same time, because a key is taken over only after its lease
//! has ended: the end of the lease tells attempts apart.

use aws_sdk_dynamodb::{
    operation::{
        put_item::PutItemError,
        update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    },
    types::{ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure},
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

const MINE: &str = "#state = :pending AND leased_until = :mine";

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
    Mine(Lease),
    /// It is not the caller's.
    Taken(Taken),
}

/// What others have made of a key.
pub(super) enum Taken {
    /// Somebody else works on it.
    UnderWay,
    /// It was answered before.
    Answered { status: u16, body: String },
}

/// The right to answer a key, as long as no other attempt has taken over.
pub(super) struct Lease {
    key: String,
    until_ms: u64,
    /// Whether another attempt was at work on the key before.
    pub(super) taken_over: bool,
}

impl Keys {
    pub(super) fn new(dynamodb: aws_sdk_dynamodb::Client, clock: Clock) -> Self {
        Self { dynamodb, clock }
    }

    /// Takes the key, or tells why not.
    pub(super) async fn begin(&self, key: &str) -> Result<Attempt, Failure> {
        let now = self.clock.now_ms();
        let until_ms = now + LEASE_MS;
        let outcome = self
            .dynamodb
            .put_item()
            .table_name(IDEMPOTENCY_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .item("idempotency_key", string(key))
            .item("state", string("pending"))
            .item("leased_until", number(until_ms))
            .item("expires_at", number(now / 1_000 + LIFE_S))
            .condition_expression(FREE)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":open", string("open"))
            .expression_attribute_values(":pending", string("pending"))
            .expression_attribute_values(":now", number(now))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match outcome {
            Ok(answer) => {
                let taken_over = answer.attributes.is_some_and(|old| !old.is_empty());
                Ok(Attempt::Mine(Lease { key: key.to_owned(), until_ms, taken_over }))
            }
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    self.standing(key, failed.item()).await.map(Attempt::Taken)
                }
                _ => Err(Failure::aws("PutItem")(error)),
            },
        }
    }

    /// Keeps the answer, unless another attempt has taken over: then what that has made of the key.
    pub(super) async fn finish(
        &self,
        lease: &Lease,
        status: u16,
        body: &[u8],
    ) -> Result<Option<Taken>, Failure> {
        let outcome = self
            .update(lease)
            .update_expression("SET #state = :answered, #status = :status, body = :body")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":answered", string("answered"))
            .expression_attribute_values(":status", number(status.into()))
            .expression_attribute_values(":body", string(String::from_utf8_lossy(body)))
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(None),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    self.standing(&lease.key, failed.item()).await.map(Some)
                }
                _ => Err(Failure::aws("UpdateItem")(error)),
            },
        }
    }

    /// The attempt failed: the next one need not wait for the lease. Where another attempt has
    /// taken over, the key is no longer the caller's to give.
    pub(super) async fn give_back(&self, lease: &Lease) -> Result<(), Failure> {
        let outcome = self
            .update(lease)
            .update_expression("SET #state = :open")
            .expression_attribute_values(":open", string("open"))
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(error) if error.is_conditional_check_failed_exception() => Ok(()),
                _ => Err(Failure::aws("UpdateItem")(error)),
            },
        }
    }

    /// What stands under a key: what the refusal brought along, or else what a read finds. DynamoDB
    /// has brought it along since 2023; older emulators don't. A key that is gone by then is as one
    /// under way: the next attempt finds it free.
    async fn standing(&self, key: &str, brought: Option<&Item>) -> Result<Taken, Failure> {
        if let Some(item) = brought {
            return taken(item);
        }
        let read = self
            .dynamodb
            .get_item()
            .table_name(IDEMPOTENCY_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .key("idempotency_key", string(key))
            .consistent_read(true)
            .send()
            .await
            .map_err(Failure::aws("GetItem"))?;
        read.item.as_ref().map_or(Ok(Taken::UnderWay), taken)
    }

    /// An update of the key that succeeds only while `lease` is held.
    fn update(&self, lease: &Lease) -> UpdateItemFluentBuilder {
        self.dynamodb
            .update_item()
            .table_name(IDEMPOTENCY_TABLE)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .key("idempotency_key", string(&lease.key))
            .condition_expression(MINE)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":pending", string("pending"))
            .expression_attribute_values(":mine", number(lease.until_ms))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

fn taken(item: &Item) -> Result<Taken, Failure> {
    if read_string(item, "state")? != "answered" {
        return Ok(Taken::UnderWay);
    }
    let status = u16::try_from(read_number(item, "status")?)
        .map_err(|_| Failure::broken("dynamodb", "an answer's status is no status"))?;
    Ok(Taken::Answered { status, body: read_string(item, "body")?.to_owned() })
}
