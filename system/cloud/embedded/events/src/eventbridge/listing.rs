//! Lists in pages.

use std::collections::BTreeMap;

use securecart_embedded_wire::AwsError;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{error, parse};
use crate::page;

/// Names on a page, unless the caller wants fewer.
const LIMIT: usize = 100;

/// What every listing operation takes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Request {
    name_prefix: Option<String>,
    limit: Option<i64>,
    next_token: Option<String>,
}

impl Request {
    pub(super) fn parse(body: &[u8]) -> Result<Self, AwsError> {
        parse(body)
    }

    /// The page of `all`, which is ordered by name, as `{MEMBER: [...], "NextToken": ...}`.
    pub(super) fn answer<'a, T>(
        &self,
        member: &str,
        all: impl Iterator<Item = (&'a str, T)>,
        describe: impl Fn(&T) -> Value,
    ) -> Result<Value, AwsError> {
        let limit = match self.limit {
            None => LIMIT,
            Some(limit) => usize::try_from(limit)
                .ok()
                .filter(|limit| (1..=LIMIT).contains(limit))
                .ok_or_else(|| {
                    error::constraint(&limit.to_string(), "limit", "have value between 1 and 100")
                })?,
        };
        let after = match &self.next_token {
            None => None,
            Some(token) => Some(page::key(token).ok_or_else(|| {
                error::validation("Parameter NextToken is not valid. Reason: it is no token.")
            })?),
        };
        let prefix = self.name_prefix.as_deref().unwrap_or_default();
        let rest = all.filter(|(name, _)| {
            name.starts_with(prefix) && after.as_deref().is_none_or(|after| *name > after)
        });
        let (page, token) = page::cut(rest, limit, |(name, _)| name);
        let mut answer = Map::new();
        let described: Vec<Value> = page.iter().map(|(_, one)| describe(one)).collect();
        answer.insert(member.to_owned(), described.into());
        answer.extend(token.map(|token| ("NextToken".to_owned(), token.into())));
        Ok(Value::Object(answer))
    }
}

/// Names in order.
pub(super) fn by_name<'a, T>(
    all: impl IntoIterator<Item = (&'a str, T)>,
) -> impl Iterator<Item = (&'a str, T)> {
    all.into_iter().collect::<BTreeMap<_, _>>().into_iter()
}
