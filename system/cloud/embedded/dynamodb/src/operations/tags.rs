//! `TagResource`, `UntagResource` and `ListTagsOfResource`.

use std::{collections::BTreeMap, sync::Arc};

use securecart_embedded_wire::Answer;
use serde::Serialize;

use crate::{
    DynamoDb, PROTOCOL,
    error::{Result, service, validation},
    request::{
        Text, decode, required,
        table::{Tag, Tagging},
    },
    service::answer,
    table::Table,
};

/// Tags of a table (AWS developer guide, "Tagging restrictions").
const MAX_TAGS: usize = 50;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TagsAnswer {
    tags: Vec<Tag>,
}

/// Tags by key, within the limits.
pub(super) fn tag_map(tags: &[Tag]) -> Result<BTreeMap<String, String>> {
    let mut map = BTreeMap::new();
    for Tag { key, value } in tags {
        if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 {
            return Err(validation(format!(
                "tag {key} is out of bounds: a key has 1 to 128 characters, a value at most 256"
            )));
        }
        if map.insert(key.clone(), value.clone()).is_some() {
            return Err(validation(format!("One or more tags have the same key: {key}")));
        }
    }
    check_tag_count(map.len())?;
    Ok(map)
}

fn check_tag_count(count: usize) -> Result<()> {
    if count > MAX_TAGS {
        return Err(validation(format!("Too many tags: {count}. A resource can have {MAX_TAGS}")));
    }
    Ok(())
}

impl DynamoDb {
    pub(crate) fn tag_resource(&self, body: &[u8]) -> Result<Answer> {
        let request: Tagging<'_> = decode(body)?;
        let table = self.tagged(request.resource_arn.as_ref())?;
        let added = tag_map(&required(request.tags, "tags")?)?;
        let mut layout = table.layout.write();
        let mut tags = layout.tags.clone();
        tags.extend(added);
        check_tag_count(tags.len())?;
        layout.tags = tags;
        Ok(Answer::ok(PROTOCOL, Vec::new()))
    }

    pub(crate) fn untag_resource(&self, body: &[u8]) -> Result<Answer> {
        let request: Tagging<'_> = decode(body)?;
        let table = self.tagged(request.resource_arn.as_ref())?;
        let keys = required(request.tag_keys, "tagKeys")?;
        table.layout.write().tags.retain(|key, _| !keys.contains(key));
        Ok(Answer::ok(PROTOCOL, Vec::new()))
    }

    pub(crate) fn list_tags_of_resource(&self, body: &[u8]) -> Result<Answer> {
        let request: Tagging<'_> = decode(body)?;
        let table = self.tagged(request.resource_arn.as_ref())?;
        let layout = table.layout.read();
        let tag = |(key, value): (&String, &String)| Tag { key: key.clone(), value: value.clone() };
        answer(&TagsAnswer { tags: layout.tags.iter().map(tag).collect() })
    }

    fn tagged(&self, arn: Option<&Text<'_>>) -> Result<Arc<Table>> {
        let arn = required(arn, "resourceArn")?;
        let name = arn.split_once(":table/").map_or("", |(_, name)| name);
        self.tables.read().get(name).filter(|table| table.arn == **arn).cloned().ok_or_else(|| {
            service(
                "ResourceNotFoundException",
                format!("Requested resource not found: ResourcArn: {arn} not found"),
            )
        })
    }
}
