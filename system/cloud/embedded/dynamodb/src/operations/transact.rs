//! `TransactWriteItems`, and what it shares with `TransactGetItems`.
//!
//! A transaction holds the locks of every shard it touches, taken in one order over all tables, so
//! it is isolated from other transactions and from single writes, and waits for them rather than
//! conflict with them. What depends on a table's schema, on limits or on items becomes the reason
//! of its place; what is wrong with the request itself is a plain `ValidationException`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use md5::{Digest, Md5};
use parking_lot::{RwLockReadGuard, RwLockWriteGuard};
use securecart_embedded_expressions::Item;
use securecart_embedded_wire::{Answer, AwsError};
use serde::Serialize;
use serde_json::{Value, json};

mod get;

use super::{
    intent::{Action, Decision, Intent, Refusal, check_update, put_record, refused_units},
    tokens::{Begun, Fingerprint, TableUsages},
    write::CollectionMetrics,
};
use crate::{
    DynamoDb,
    capacity::{ConsumedCapacity, Kind, Report, Strength, Usage, read_units},
    error::{CONDITION_FAILED, Result, constraint, item_value, missing, service, validation},
    expression::WriteExpressions,
    request::{
        Choice, CollectionReport, decode,
        item::OnFailure,
        required, table_name,
        transact::{ItemAction, TransactWrite, TransactWriteItem},
    },
    service::answer,
    table::{Layout, Record, Shard, Table, shard_of},
};

/// Items of a transaction.
const MAX_ITEMS: usize = 100;
/// Bytes of all items of a transaction.
const MAX_BYTES: usize = 4 * 1_048_576;
/// What is said of two actions, or two reads, of one item.
const ONE_OPERATION_EACH: &str =
    "Transaction request cannot include multiple operations on one item";

/// The tables of a transaction in the order of their locks, and their layouts.
struct Held<'t> {
    table: &'t Table,
    layout: RwLockReadGuard<'t, Layout>,
}

/// One write, and which table it goes to.
struct Step<'r> {
    table: usize,
    intent: Intent<'r>,
    on_failure: OnFailure,
}

/// A step whose schema has not been looked at.
struct Draft<'r> {
    table_name: &'r str,
    kind: DraftKind,
    expressions: WriteExpressions<'r>,
    key: Option<&'r Item>,
    on_failure: OnFailure,
}

enum DraftKind {
    Put(Item),
    Update,
    Delete,
    Check,
}

/// Why a transaction was cancelled: a reason for each of its items.
struct Reason {
    code: &'static str,
    message: Option<String>,
    item: Option<Arc<Record>>,
}

impl Reason {
    const fn none() -> Self {
        Self { code: "None", message: None, item: None }
    }

    fn invalid(error: AwsError) -> Self {
        Self { code: "ValidationError", message: Some(error.message), item: None }
    }

    fn refused(refusal: Refusal, old: Option<&Arc<Record>>, on_failure: OnFailure) -> Self {
        match refusal {
            Refusal::Invalid(error) => Self::invalid(error),
            Refusal::Condition => Self {
                code: "ConditionalCheckFailed",
                message: Some(CONDITION_FAILED.to_owned()),
                item: old.filter(|_| on_failure == OnFailure::AllOld).cloned(),
            },
        }
    }

    fn value(&self) -> Value {
        let mut value = json!({ "Code": self.code });
        if let Some(message) = &self.message {
            value["Message"] = message.as_str().into();
        }
        if let Some(record) = &self.item {
            value["Item"] = item_value(&record.item);
        }
        value
    }
}

fn cancelled(reasons: &[Reason]) -> AwsError {
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code).collect();
    let values: Vec<Value> = reasons.iter().map(Reason::value).collect();
    service(
        "TransactionCanceledException",
        format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        ),
    )
    .with_member("CancellationReasons", Value::Array(values))
}

/// Splits results into values, or the error that cancels the transaction.
fn all_or_cancelled<T>(results: Vec<std::result::Result<T, AwsError>>) -> Result<Vec<T>> {
    if results.iter().all(std::result::Result::is_ok) {
        return results.into_iter().collect();
    }
    let reasons: Vec<Reason> = results
        .into_iter()
        .map(|result| result.map_or_else(Reason::invalid, |_| Reason::none()))
        .collect();
    Err(cancelled(&reasons))
}

fn check_count(count: usize) -> Result<()> {
    let rule = match count {
        0 => "Member must have length greater than or equal to 1",
        1..=MAX_ITEMS => return Ok(()),
        _ => "Member must have length less than or equal to 100",
    };
    Err(constraint(format_args!("'[{count} items]'"), "transactItems", rule))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TransactWriteAnswer<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consumed_capacity: Vec<ConsumedCapacity<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    item_collection_metrics: BTreeMap<String, Vec<CollectionMetrics>>,
}

/// What a transaction did.
struct Made {
    writes: TableUsages,
    /// What repeating it will cost.
    reads: TableUsages,
    collections: BTreeMap<String, Vec<CollectionMetrics>>,
}

impl DynamoDb {
    pub(crate) fn transact_write_items(&self, body: &[u8]) -> Result<Answer> {
        let mut request: TransactWrite<'_> = decode(body)?;
        let report = Report::parse_or_default(
            request.return_consumed_capacity.as_ref(),
            "returnConsumedCapacity",
        )?;
        let collection = CollectionReport::parse_or_default(
            request.return_item_collection_metrics.as_ref(),
            "returnItemCollectionMetrics",
        )?;
        let mut items = required(request.transact_items.take(), "transactItems")?;
        check_count(items.len())?;
        let Some(token) = request.client_request_token.as_deref() else {
            let made = self.transact(&mut items, collection)?;
            return show(&made.writes, made.collections, report, Kind::Writes);
        };
        check_token(token)?;
        let begun = self.tokens.lock().begin(token, fingerprint(&items), self.clock.now_ms());
        match begun {
            Begun::New => {}
            Begun::Done(reads) => {
                for (name, usage) in &reads {
                    if let Ok(table) = self.table(name) {
                        table.reads.add(usage.total());
                    }
                }
                return show(&reads, BTreeMap::new(), report, Kind::Reads);
            }
            Begun::InProgress => {
                return Err(service(
                    "TransactionInProgressException",
                    "The transaction with the given request token is already in progress.",
                ));
            }
            Begun::Mismatch => {
                return Err(service(
                    "IdempotentParameterMismatchException",
                    "Request is not idempotent: the client request token was used before with \
                     other parameters",
                ));
            }
        }
        let made = self.transact(&mut items, collection);
        let mut tokens = self.tokens.lock();
        match made {
            Ok(made) => {
                tokens.finish(token, made.reads);
                drop(tokens);
                show(&made.writes, made.collections, report, Kind::Writes)
            }
            Err(error) => {
                tokens.abandon(token);
                Err(error)
            }
        }
    }

    fn transact(
        &self,
        items: &mut [TransactWriteItem<'_>],
        collection: CollectionReport,
    ) -> Result<Made> {
        let drafts =
            items.iter_mut().map(|item| self.draft(item)).collect::<Result<Vec<Draft<'_>>>>()?;
        let names: Vec<&str> = drafts.iter().map(|draft| draft.table_name).collect();
        let (tables, places) = self.tables_of(&names)?;
        let held: Vec<Held<'_>> = hold(&tables);
        let steps = drafts
            .into_iter()
            .zip(places)
            .map(|(draft, table)| draft.step(table, &held[table]))
            .collect();
        let steps = all_or_cancelled(steps)?;
        let mut seen = BTreeSet::new();
        if !steps.iter().all(|step| seen.insert((step.table, &step.intent.key))) {
            return Err(validation(ONE_OPERATION_EACH));
        }
        let made = self.carry_out(&held, &steps, collection);
        for Held { table, layout } in &held {
            table.sweep(layout, self.clock.now_ms());
        }
        made
    }

    /// Reads one item of the request, without looking at its table.
    fn draft<'r>(&self, item: &'r mut TransactWriteItem<'_>) -> Result<Draft<'r>> {
        let put = item.put.is_some();
        let (update, check) = (item.update.is_some(), item.condition_check.is_some());
        let TransactWriteItem { condition_check, put: put_action, delete, update: update_action } =
            item;
        let mut actions =
            [condition_check, put_action, delete, update_action].into_iter().flatten();
        let (Some(action), None) = (actions.next(), actions.next()) else {
            return Err(validation(
                "TransactItems can only contain one of Check, Put, Update or Delete",
            ));
        };
        let kind = if put {
            DraftKind::Put(required(action.item.take(), "transactItems.member.put.item")?)
        } else if update {
            DraftKind::Update
        } else if check {
            DraftKind::Check
        } else {
            DraftKind::Delete
        };
        if check && action.condition_expression.is_none() {
            return Err(missing("transactItems.member.conditionCheck.conditionExpression"));
        }
        if update && action.update_expression.is_none() {
            return Err(missing("transactItems.member.update.updateExpression"));
        }
        self.finish_draft(kind, action)
    }

    fn finish_draft<'r>(&self, kind: DraftKind, action: &'r ItemAction<'_>) -> Result<Draft<'r>> {
        let update = match &kind {
            DraftKind::Update => action.update_expression.as_deref(),
            _ => None,
        };
        let expressions = self.expressions.of_write(
            update,
            action.condition_expression.as_deref(),
            action.expression_attribute_names.as_ref(),
            action.expression_attribute_values.as_ref(),
        )?;
        Ok(Draft {
            table_name: table_name(action.table_name.as_ref())?,
            key: match kind {
                DraftKind::Put(_) => None,
                _ => Some(required(action.key.as_ref(), "transactItems.member.key")?),
            },
            kind,
            expressions,
            on_failure: OnFailure::parse_or_default(
                action.return_values_on_condition_check_failure.as_ref(),
                "returnValuesOnConditionCheckFailure",
            )?,
        })
    }

    /// The tables named, each once and in the order of their locks, and the place of each name.
    fn tables_of(&self, names: &[&str]) -> Result<(Vec<Arc<Table>>, Vec<usize>)> {
        let mut tables = BTreeMap::new();
        let mut orders = Vec::with_capacity(names.len());
        for name in names {
            let table = self.table(name)?;
            orders.push(table.order);
            tables.insert(table.order, table);
        }
        let sorted: Vec<u64> = tables.keys().copied().collect();
        let places = orders
            .iter()
            .map(|order| sorted.binary_search(order).expect("every order was inserted"))
            .collect();
        Ok((tables.into_values().collect(), places))
    }

    /// Locks, decides, and writes all or nothing.
    fn carry_out(
        &self,
        held: &[Held<'_>],
        steps: &[Step<'_>],
        collection: CollectionReport,
    ) -> Result<Made> {
        let now_ms = self.clock.now_ms();
        let mut shards = lock_for_writing(held, steps);
        let (olds, decisions) = match decide(held, steps, &shards) {
            Ok(decided) => decided,
            Err(reasons) => {
                for (step, old) in steps.iter().zip(old_records(steps, &shards)) {
                    let units = refused_units(old.as_ref()) * Strength::Transactional.factor();
                    held[step.table].table.writes.add(units);
                }
                return Err(cancelled(&reasons));
            }
        };
        check_bytes(&olds, &decisions)?;

        let mut writes = vec![Usage::default(); held.len()];
        let mut reads = vec![Usage::default(); held.len()];
        let mut collections: BTreeMap<String, Vec<CollectionMetrics>> = BTreeMap::new();
        for ((step, old), decision) in steps.iter().zip(&olds).zip(&decisions) {
            let Held { table, layout } = &held[step.table];
            let shard = shards.get_mut(&place(step)).expect("every step's shard is locked");
            let usage = step.intent.commit(table, layout, shard, (old.as_ref(), decision), now_ms);
            writes[step.table].add(&usage.scaled(Strength::Transactional.factor()));
            let size = decision.record(old.as_ref()).map_or(0, |record| record.size);
            reads[step.table].table += read_units(size) * Strength::Transactional.factor();
            let written = decision.record(old.as_ref()).or(old.as_ref());
            if let Some(metrics) = written
                .filter(|_| !matches!(decision, Decision::Keep))
                .and_then(|record| CollectionMetrics::of(table, layout, &record.item, collection))
            {
                collections.entry(table.name.clone()).or_default().push(metrics);
            }
        }
        drop(shards);
        for (Held { table, .. }, usage) in held.iter().zip(&writes) {
            table.writes.add(usage.total());
        }
        let named = |usages: Vec<Usage>| {
            held.iter().map(|held| held.table.name.clone()).zip(usages).collect()
        };
        Ok(Made { writes: named(writes), reads: named(reads), collections })
    }
}

fn hold(tables: &[Arc<Table>]) -> Vec<Held<'_>> {
    tables.iter().map(|table| Held { table, layout: table.layout.read() }).collect()
}

impl<'r> Draft<'r> {
    fn step(self, table: usize, held: &Held<'_>) -> Result<Step<'r>> {
        let Held { table: schema, layout } = held;
        let by_key = |key: Option<&Item>| schema.key_of(required(key, "key")?);
        let (key, action) = match self.kind {
            DraftKind::Put(item) => {
                let (key, record) = put_record(schema, layout, item)?;
                (key, Action::Put(record))
            }
            DraftKind::Update => {
                check_update(schema, &self.expressions)?;
                (by_key(self.key)?, Action::Update(self.expressions.update.clone()))
            }
            DraftKind::Delete => (by_key(self.key)?, Action::Delete),
            DraftKind::Check => (by_key(self.key)?, Action::Check),
        };
        let intent = Intent::new(key, action, self.expressions, self.key);
        Ok(Step { table, intent, on_failure: self.on_failure })
    }
}

/// A shard over all tables of a transaction: the table's place, then the shard's number.
type ShardPlace = (usize, usize);

fn place(step: &Step<'_>) -> ShardPlace {
    (step.table, shard_of(step.intent.key.hash))
}

type Locked<'t> = BTreeMap<ShardPlace, RwLockWriteGuard<'t, Shard>>;

fn lock_for_writing<'t>(held: &[Held<'t>], steps: &[Step<'_>]) -> Locked<'t> {
    let places: BTreeSet<ShardPlace> = steps.iter().map(place).collect();
    places
        .into_iter()
        .map(|(table, shard)| ((table, shard), held[table].table.shards[shard].write()))
        .collect()
}

fn old_records(steps: &[Step<'_>], shards: &Locked<'_>) -> Vec<Option<Arc<Record>>> {
    steps.iter().map(|step| shards[&place(step)].rows.get(&step.intent.key).cloned()).collect()
}

type Decided<'a> = (Vec<Option<Arc<Record>>>, Vec<Decision<'a>>);

fn decide<'a>(
    held: &[Held<'_>],
    steps: &'a [Step<'_>],
    shards: &Locked<'_>,
) -> std::result::Result<Decided<'a>, Vec<Reason>> {
    let olds = old_records(steps, shards);
    let results: Vec<std::result::Result<Decision<'a>, Refusal>> = steps
        .iter()
        .zip(&olds)
        .map(|(step, old)| {
            let Held { table, layout } = &held[step.table];
            step.intent.decide(table, layout, old.as_ref())
        })
        .collect();
    if results.iter().any(std::result::Result::is_err) {
        return Err(results
            .into_iter()
            .zip(steps.iter().zip(&olds))
            .map(|(result, (step, old))| match result {
                Ok(_) => Reason::none(),
                Err(refusal) => Reason::refused(refusal, old.as_ref(), step.on_failure),
            })
            .collect());
    }
    let decisions = results.into_iter().filter_map(std::result::Result::ok).collect();
    Ok((olds, decisions))
}

fn check_bytes(olds: &[Option<Arc<Record>>], decisions: &[Decision<'_>]) -> Result<()> {
    let size = |record: Option<&Arc<Record>>| record.map_or(0, |record| record.size);
    let bytes: usize = olds
        .iter()
        .zip(decisions)
        .map(|(old, decision)| size(old.as_ref()).max(size(decision.record(old.as_ref()))))
        .sum();
    if bytes > MAX_BYTES {
        return Err(validation(
            "The aggregate size of the items in the transaction cannot exceed 4 MB",
        ));
    }
    Ok(())
}

fn check_token(token: &str) -> Result<()> {
    if (1..=36).contains(&token.len()) {
        return Ok(());
    }
    let rule = if token.is_empty() {
        "Member must have length greater than or equal to 1"
    } else {
        "Member must have length less than or equal to 36"
    };
    Err(constraint(format_args!("'{token}'"), "clientRequestToken", rule))
}

fn fingerprint(items: &[TransactWriteItem<'_>]) -> Fingerprint {
    let canonical = serde_json::to_vec(items).expect("a request is JSON");
    Md5::digest(canonical).into()
}

fn show(
    usages: &TableUsages,
    item_collection_metrics: BTreeMap<String, Vec<CollectionMetrics>>,
    report: Report,
    kind: Kind,
) -> Result<Answer> {
    let consumed_capacity = consumed(usages, report, kind);
    answer(&TransactWriteAnswer { consumed_capacity, item_collection_metrics })
}

fn consumed(usages: &TableUsages, report: Report, kind: Kind) -> Vec<ConsumedCapacity<'_>> {
    usages
        .iter()
        .filter_map(|(name, usage)| ConsumedCapacity::of(name, usage, report, kind))
        .collect()
}
