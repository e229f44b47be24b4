//! Requests of the streams service.

use serde::Deserialize;

use super::{Choice, Text};

/// `ListStreams`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListStreams<'a> {
    #[serde(borrow)]
    pub(crate) table_name: Option<Text<'a>>,
    pub(crate) limit: Option<i64>,
    pub(crate) exclusive_start_stream_arn: Option<Text<'a>>,
}

/// `DescribeStream`. There is one shard, so paging does not arise.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeStream<'a> {
    #[serde(borrow)]
    pub(crate) stream_arn: Option<Text<'a>>,
}

/// `ShardIteratorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IteratorType {
    TrimHorizon,
    Latest,
    AtSequenceNumber,
    AfterSequenceNumber,
}

impl Choice for IteratorType {
    const ALL: &'static [(&'static str, Self)] = &[
        ("AFTER_SEQUENCE_NUMBER", Self::AfterSequenceNumber),
        ("LATEST", Self::Latest),
        ("AT_SEQUENCE_NUMBER", Self::AtSequenceNumber),
        ("TRIM_HORIZON", Self::TrimHorizon),
    ];
}

/// `GetShardIterator`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetShardIterator<'a> {
    #[serde(borrow)]
    pub(crate) stream_arn: Option<Text<'a>>,
    pub(crate) shard_id: Option<Text<'a>>,
    pub(crate) shard_iterator_type: Option<Text<'a>>,
    pub(crate) sequence_number: Option<Text<'a>>,
}

/// `GetRecords`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRecords<'a> {
    #[serde(borrow)]
    pub(crate) shard_iterator: Option<Text<'a>>,
    pub(crate) limit: Option<i64>,
}
