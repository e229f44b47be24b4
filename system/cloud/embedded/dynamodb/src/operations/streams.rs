//! The streams service: `ListStreams`, `DescribeStream`, `GetShardIterator`, `GetRecords`.
//!
//! An iterator carries all it stands for, so nothing is kept for readers.

use std::{ops::Bound, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use securecart_embedded_expressions::Item;
use securecart_embedded_wire::{Answer, AwsError, REGION};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    describe::{key_elements, seconds},
    tables::list_limit,
};
use crate::{
    DynamoDb,
    error::{Result, constraint, service, validation},
    request::{
        Choice, Text, decode, required,
        stream::{DescribeStream, GetRecords, GetShardIterator, IteratorType, ListStreams},
    },
    service::answer,
    table::{SHARD_ID, Stream, StreamRecord, ViewType},
};

/// Milliseconds for which an iterator can be used (API reference, `GetShardIterator`).
const ITERATOR_LIFETIME_MS: u64 = 15 * 60 * 1_000;
/// Records of a batch.
const MAX_RECORDS: i64 = 1_000;
/// Bytes of a batch.
const MAX_BYTES: usize = 1_048_576;

/// A sequence number as AWS writes it: digits that sort as text.
fn sequence_text(sequence: u64) -> String {
    format!("1{sequence:020}")
}

fn parse_sequence(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('1').filter(|digits| digits.len() == 20)?;
    digits.parse().ok()
}

/// A place in a stream.
struct ShardIterator {
    stream_arn: String,
    sequence: u64,
    made_ms: u64,
}

impl ShardIterator {
    fn text(&self) -> String {
        BASE64.encode(format!("{}|{}|{}", self.made_ms, self.sequence, self.stream_arn))
    }

    fn parse(text: &str) -> Option<Self> {
        let decoded = String::from_utf8(BASE64.decode(text).ok()?).ok()?;
        let mut parts = decoded.splitn(3, '|');
        let made_ms = parts.next()?.parse().ok()?;
        let sequence = parts.next()?.parse().ok()?;
        Some(Self { stream_arn: parts.next()?.to_owned(), sequence, made_ms })
    }
}

fn trimmed() -> AwsError {
    service(
        "TrimmedDataAccessException",
        "The operation attempted to read past the oldest stream record in a shard",
    )
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RecordsAnswer<'a> {
    records: Vec<RecordShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_shard_iterator: Option<String>,
}

#[derive(Serialize)]
struct RecordShape<'a> {
    #[serde(rename = "eventID")]
    event_id: String,
    #[serde(rename = "eventName")]
    event_name: &'static str,
    #[serde(rename = "eventVersion")]
    event_version: &'static str,
    #[serde(rename = "eventSource")]
    event_source: &'static str,
    #[serde(rename = "awsRegion")]
    aws_region: &'static str,
    dynamodb: ChangeShape<'a>,
    #[serde(rename = "userIdentity", skip_serializing_if = "Option::is_none")]
    user_identity: Option<UserIdentity>,
}

/// Who removed an item: the time to live.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UserIdentity {
    principal_id: &'static str,
    r#type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeShape<'a> {
    approximate_creation_date_time: u64,
    keys: &'a Item,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_image: Option<&'a Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_image: Option<&'a Item>,
    sequence_number: String,
    size_bytes: usize,
    stream_view_type: &'static str,
}

impl<'a> RecordShape<'a> {
    fn new(stream: &Stream, record: &'a StreamRecord) -> Self {
        let (shows_new, shows_old) = match stream.view {
            ViewType::KeysOnly => (false, false),
            ViewType::NewImage => (true, false),
            ViewType::OldImage => (false, true),
            ViewType::NewAndOldImages => (true, true),
        };
        let new = record.new.as_ref().filter(|_| shows_new);
        let old = record.old.as_ref().filter(|_| shows_old);
        let images: usize = new.iter().chain(&old).map(|image| image.size).sum();
        let sequence_number = sequence_text(record.sequence);
        Self {
            event_id: format!("{:032x}", record.sequence),
            event_name: record.event_name(),
            event_version: "1.1",
            event_source: "aws:dynamodb",
            aws_region: REGION,
            dynamodb: ChangeShape {
                approximate_creation_date_time: record.created_ms / 1_000,
                keys: &record.keys,
                new_image: new.map(|image| &image.item),
                old_image: old.map(|image| &image.item),
                sequence_number,
                size_bytes: securecart_embedded_expressions::item_size(&record.keys) + images,
                stream_view_type: Choice::name(stream.view),
            },
            user_identity: record.expired.then_some(UserIdentity {
                principal_id: "dynamodb.amazonaws.com",
                r#type: "Service",
            }),
        }
    }
}

impl DynamoDb {
    fn stream(&self, arn: Option<&Text<'_>>) -> Result<Arc<Stream>> {
        let arn: &str = required(arn, "streamArn")?;
        self.streams.read().get(arn).cloned().ok_or_else(|| no_stream(arn))
    }

    pub(crate) fn list_streams(&self, body: &[u8]) -> Result<Answer> {
        let request: ListStreams<'_> = decode(body)?;
        let limit = list_limit(request.limit)?;
        let from = match request.exclusive_start_stream_arn.as_deref() {
            Some(arn) => Bound::Excluded(arn),
            None => Bound::Unbounded,
        };
        let wanted = request.table_name.as_deref();
        let streams = self.streams.read();
        let mut found = streams
            .range::<str, _>((from, Bound::Unbounded))
            .map(|(_, stream)| stream)
            .filter(|stream| wanted.is_none_or(|name| stream.table_name == name));
        let listed: Vec<&Arc<Stream>> = found.by_ref().take(limit).collect();
        let shape = |stream: &&Arc<Stream>| {
            json!({
                "StreamArn": stream.arn,
                "StreamLabel": stream.label,
                "TableName": stream.table_name,
            })
        };
        let mut shown = json!({ "Streams": listed.iter().map(shape).collect::<Vec<Value>>() });
        if let (Some(_), Some(last)) = (found.next(), listed.last()) {
            shown["LastEvaluatedStreamArn"] = last.arn.as_str().into();
        }
        answer(&shown)
    }

    pub(crate) fn describe_stream(&self, body: &[u8]) -> Result<Answer> {
        let request: DescribeStream<'_> = decode(body)?;
        let stream = self.stream(request.stream_arn.as_ref())?;
        let closed = stream.closed_ms().is_some();
        let (_, next) = stream.extent(self.clock.now_ms());
        let mut range = json!({ "StartingSequenceNumber": sequence_text(1) });
        if closed {
            range["EndingSequenceNumber"] = sequence_text(next.saturating_sub(1)).into();
        }
        answer(&json!({
            "StreamDescription": {
                "StreamArn": stream.arn,
                "StreamLabel": stream.label,
                "StreamStatus": if closed { "DISABLED" } else { "ENABLED" },
                "StreamViewType": Choice::name(stream.view),
                "CreationRequestDateTime": seconds(stream.created_ms),
                "TableName": stream.table_name,
                "KeySchema": key_elements(&stream.schema),
                "Shards": [{ "ShardId": SHARD_ID, "SequenceNumberRange": range }],
            },
        }))
    }

    pub(crate) fn get_shard_iterator(&self, body: &[u8]) -> Result<Answer> {
        let request: GetShardIterator<'_> = decode(body)?;
        let stream = self.stream(request.stream_arn.as_ref())?;
        let shard: &str = required(request.shard_id.as_ref(), "shardId")?;
        if shard != SHARD_ID {
            return Err(service(
                "ResourceNotFoundException",
                format!(
                    "Requested resource not found: Shard: {shard} in Stream: {} not found",
                    stream.arn
                ),
            ));
        }
        let kind = required(request.shard_iterator_type.as_ref(), "shardIteratorType")?;
        let kind = IteratorType::parse(kind, "shardIteratorType")?;
        let now_ms = self.clock.now_ms();
        let (oldest, next) = stream.extent(now_ms);
        let named = || -> Result<u64> {
            let text = required(request.sequence_number.as_ref(), "sequenceNumber")?;
            let sequence = parse_sequence(text)
                .filter(|sequence| *sequence < next)
                .ok_or_else(|| validation(format!("Invalid SequenceNumber: {text}")))?;
            if sequence < oldest { Err(trimmed()) } else { Ok(sequence) }
        };
        let sequence = match kind {
            IteratorType::TrimHorizon => oldest,
            IteratorType::Latest => next,
            IteratorType::AtSequenceNumber => named()?,
            IteratorType::AfterSequenceNumber => named()? + 1,
        };
        let place = ShardIterator { stream_arn: stream.arn.clone(), sequence, made_ms: now_ms };
        answer(&json!({ "ShardIterator": place.text() }))
    }

    pub(crate) fn get_records(&self, body: &[u8]) -> Result<Answer> {
        let request: GetRecords<'_> = decode(body)?;
        let text: &str = required(request.shard_iterator.as_ref(), "shardIterator")?;
        let place =
            ShardIterator::parse(text).ok_or_else(|| validation("Invalid ShardIterator"))?;
        let limit = match request.limit.unwrap_or(MAX_RECORDS) {
            limit @ 1..=MAX_RECORDS => usize::try_from(limit).unwrap_or(usize::MAX),
            other => {
                return Err(constraint(
                    format_args!("'{other}'"),
                    "limit",
                    "Member must have value between 1 and 1000",
                ));
            }
        };
        let now_ms = self.clock.now_ms();
        if now_ms.saturating_sub(place.made_ms) > ITERATOR_LIFETIME_MS {
            return Err(service(
                "ExpiredIteratorException",
                "The shard iterator has expired: iterators can be used for 15 minutes",
            ));
        }
        let stream = self.streams.read().get(&place.stream_arn).cloned();
        let stream = stream.ok_or_else(|| no_stream(&place.stream_arn))?;
        let batch = stream.read(place.sequence, limit, MAX_BYTES, now_ms).ok_or_else(trimmed)?;
        let next_shard_iterator =
            batch.next.map(|sequence| ShardIterator { sequence, made_ms: now_ms, ..place }.text());
        answer(&RecordsAnswer {
            records: batch.records.iter().map(|record| RecordShape::new(&stream, record)).collect(),
            next_shard_iterator,
        })
    }
}

fn no_stream(arn: &str) -> AwsError {
    service(
        "ResourceNotFoundException",
        format!("Requested resource not found: Stream: {arn} not found"),
    )
}
