//! Operations on topics and their tags. Each answers the inside of its result element.

use std::{collections::BTreeMap, ops::Bound, sync::Arc};

use securecart_embedded_wire::{Arn, AwsError};

use super::{
    Sns, check_arn, error,
    form::Form,
    topic::{Settings, Topic, boolean},
    xml,
};
use crate::page;

/// Topics and subscriptions on a page (SNS API, ListTopics).
pub(super) const PAGE: usize = 100;

/// Standard topics of an account (SNS quotas).
const TOPICS_MAX: usize = 100_000;

/// Tags of a resource.
const TAGS_MAX: usize = 50;

impl Sns {
    pub(super) fn create_topic(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let name = form.required("Name")?;
        let mut attributes = form.map("Attributes.entry.", "key", "value")?;
        let reason = |reason| error::invalid(format!("Attributes Reason: {reason}"));
        let fifo = match attributes.get("FifoTopic") {
            Some(value) => boolean("FifoTopic", value).map_err(reason)?,
            None => false,
        };
        if !fifo {
            attributes.remove("FifoTopic");
        }
        check_name(name, fifo)?;
        let tags = form.map("Tags.member.", "Key", "Value")?;
        check_tags(&tags)?;
        let settings = Settings::build(attributes, tags, fifo).map_err(reason)?;
        let arn = Arn::new("sns", name).to_string();
        let mut topics = self.topics.write();
        match topics.get(&arn) {
            Some(present) => check_same(&present.settings.read(), &settings)?,
            None if topics.len() >= TOPICS_MAX => {
                return Err(error::limit(
                    "TopicLimitExceeded",
                    format!("an account has at most {TOPICS_MAX} topics"),
                ));
            }
            None => {
                topics.insert(arn.clone(), Arc::new(Topic::new(arn.clone(), settings, fifo)));
            }
        }
        Ok(xml::element("TopicArn", &arn))
    }

    pub(super) fn delete_topic(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let arn = form.required("TopicArn")?;
        check_arn("TopicArn", arn)?;
        self.topics.write().remove(arn);
        Ok(String::new())
    }

    pub(super) fn list_topics(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let topics = self.topics.read();
        let after = after(form)?;
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rest = topics.range((start, Bound::Unbounded)).map(|(arn, _)| arn.as_str());
        let (page, next) = page::cut(rest, PAGE, |arn| arn);
        let members = page.into_iter().map(|arn| xml::element("TopicArn", arn));
        Ok(xml::list("Topics", members) + &next_token(next))
    }

    pub(super) fn get_topic_attributes(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let topic = self.topic(form.required("TopicArn")?)?;
        Ok(xml::map("Attributes", &topic.describe()))
    }

    pub(super) fn set_topic_attributes(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let topic = self.topic(form.required("TopicArn")?)?;
        let name = form.required("AttributeName")?;
        if name == "FifoTopic" {
            return Err(error::invalid("AttributeName"));
        }
        let mut settings = topic.settings.write();
        let mut attributes = settings.attributes.clone();
        match form.get("AttributeValue") {
            Some(value) => attributes.insert(name.to_owned(), value.to_owned()),
            None => attributes.remove(name),
        };
        *settings = Settings::build(attributes, settings.tags.clone(), topic.fifo)
            .map_err(error::invalid)?;
        Ok(String::new())
    }

    pub(super) fn tag_resource(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let topic = self.tagged(form)?;
        let mut settings = topic.settings.write();
        let mut tags = settings.tags.clone();
        tags.extend(form.map("Tags.member.", "Key", "Value")?);
        check_tags(&tags)?;
        settings.tags = tags;
        Ok(String::new())
    }

    pub(super) fn untag_resource(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let topic = self.tagged(form)?;
        let mut settings = topic.settings.write();
        for key in form.list("TagKeys.member.") {
            settings.tags.remove(&key);
        }
        Ok(String::new())
    }

    pub(super) fn list_tags(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let topic = self.tagged(form)?;
        let settings = topic.settings.read();
        let members = settings
            .tags
            .iter()
            .map(|(key, value)| xml::element("Key", key) + &xml::element("Value", value));
        Ok(xml::list("Tags", members))
    }

    fn tagged(&self, form: &Form<'_>) -> Result<Arc<Topic>, AwsError> {
        let arn = form.required("ResourceArn")?;
        check_arn("ResourceArn", arn)?;
        self.topics.read().get(arn).cloned().ok_or_else(error::resource_not_found)
    }
}

/// The key in `NextToken`.
pub(super) fn after(form: &Form<'_>) -> Result<Option<String>, AwsError> {
    match form.get("NextToken") {
        None | Some("") => Ok(None),
        Some(token) => page::key(token).map(Some).ok_or_else(|| error::invalid("NextToken")),
    }
}

pub(super) fn next_token(token: Option<String>) -> String {
    token.map(|token| xml::element("NextToken", &token)).unwrap_or_default()
}

fn check_name(name: &str, fifo: bool) -> Result<(), AwsError> {
    let stem = if fifo { name.strip_suffix(".fifo") } else { Some(name) };
    let valid = stem.is_some_and(|stem| {
        (1..=256).contains(&name.len())
            && !stem.is_empty()
            && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    });
    match valid {
        true => Ok(()),
        false if fifo => Err(error::invalid(
            "Topic Name Reason: Fifo Topic names must end with .fifo and must be made up of only \
             uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be \
             between 1 and 256 characters long.",
        )),
        false => Err(error::invalid("Topic Name")),
    }
}

fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
    if tags.len() > TAGS_MAX {
        return Err(error::batch(
            "TagLimitExceeded",
            "Could not complete request: tag quota of per resource exceeded",
        ));
    }
    let valid = tags.iter().all(|(key, value)| {
        (1..=128).contains(&key.chars().count())
            && value.chars().count() <= 256
            && !key.starts_with("aws:")
    });
    if valid { Ok(()) } else { Err(error::invalid("Tags")) }
}

/// Creating a topic again is fine, as long as nothing that is asked for differs.
fn check_same(present: &Settings, asked: &Settings) -> Result<(), AwsError> {
    let differs = |(name, value): (&String, &String)| present.attributes.get(name) != Some(value);
    if asked.attributes.iter().any(differs) {
        return Err(error::invalid(
            "Attributes Reason: Topic already exists with different attributes",
        ));
    }
    if !asked.tags.is_empty() && asked.tags != present.tags {
        return Err(error::invalid("Tags Reason: Topic already exists with different tags"));
    }
    Ok(())
}
