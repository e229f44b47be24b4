//! `Publish` and `PublishBatch`.

use std::{collections::HashSet, sync::Arc};

use securecart_embedded_wire::{Answer, AwsError, TargetError};
use serde_json::{Map, Value};

use super::{
    Sns,
    attribute::{self, Attribute},
    error,
    fifo::{self, Accepted},
    filter::Scope,
    form::Form,
    notification::Publication,
    subscription::{Protocol, Subscription},
    topic::Topic,
    xml,
};
use crate::{
    delivery::{Entry, Job},
    time,
};

/// Messages of a batch.
const BATCH_MAX: usize = 10;

/// Characters of a subject (SNS API, Publish).
const SUBJECT_MAX: usize = 100;

/// Characters of a group or deduplication id (SNS API, Publish).
const ID_MAX: usize = 128;

/// A publication before it has an id, and its bytes.
struct Draft {
    publication: Publication,
    size: usize,
}

impl Sns {
    pub(super) async fn publish(&self, form: &Form<'_>) -> Result<Answer, AwsError> {
        if form.get("PhoneNumber").is_some() {
            return Err(error::invalid(
                "PhoneNumber Reason: the embedded engine sends no text messages",
            ));
        }
        let arn = form.get("TopicArn").or_else(|| form.get("TargetArn"));
        let arn = arn.ok_or_else(|| {
            error::invalid("TopicArn or TargetArn Reason: no value for required parameter")
        })?;
        let topic = self.topic(arn)?;
        let draft = self.draft(&topic, form)?;
        if draft.size > topic.settings.read().size_max {
            return Err(error::invalid("Message too long"));
        }
        let accepted = self.dispatch(&topic, draft.publication).await;
        Ok(xml::answer("Publish", &accepted_elements(&accepted), &self.ids))
    }

    pub(super) async fn publish_batch(&self, form: &Form<'_>) -> Result<Answer, AwsError> {
        let topic = self.topic(form.required("TopicArn")?)?;
        let entries = form.numbered("PublishBatchRequestEntries.member.");
        check_batch(&entries)?;
        let drafts: Vec<_> = entries.iter().map(|entry| self.draft(&topic, entry)).collect();
        let total: usize = drafts.iter().flatten().map(|draft| draft.size).sum();
        if total > topic.settings.read().size_max {
            return Err(error::batch(
                "BatchRequestTooLong",
                "The length of all the messages put together is more than the limit.",
            ));
        }
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for (entry, draft) in entries.iter().zip(drafts) {
            let id = xml::element("Id", entry.get("Id").unwrap_or_default());
            match draft {
                Ok(draft) => {
                    let accepted = self.dispatch(&topic, draft.publication).await;
                    successful.push(id + &accepted_elements(&accepted));
                }
                Err(error) => failed.push(format!(
                    "{id}{}{}<SenderFault>true</SenderFault>",
                    xml::element("Code", &error.code),
                    xml::element("Message", &error.message)
                )),
            }
        }
        let result = xml::list("Successful", successful) + &xml::list("Failed", failed);
        Ok(xml::answer("PublishBatch", &result, &self.ids))
    }

    /// Publishes what a rule of EventBridge sends to a topic.
    pub(crate) async fn publish_from_rule(
        &self,
        topic_arn: &str,
        message: String,
    ) -> Result<(), TargetError> {
        let topic = self.topic(topic_arn).map_err(|error| {
            TargetError::Permanent(format!("topic `{topic_arn}`: {}", error.message))
        })?;
        if topic.fifo {
            return Err(TargetError::Permanent(format!(
                "`{topic_arn}` is a FIFO topic: rules send to standard topics"
            )));
        }
        if message.len() > topic.settings.read().size_max {
            return Err(TargetError::Permanent("Invalid parameter: Message too long".to_owned()));
        }
        let publication = Publication {
            message_id: self.ids.uuid(),
            timestamp: time::iso_millis(self.clock.now_ms()),
            subject: None,
            message,
            for_sqs: None,
            for_lambda: None,
            attributes: Vec::new(),
            group_id: None,
            deduplication_id: None,
            sequence_number: None,
        };
        self.dispatch(&topic, publication).await;
        Ok(())
    }

    fn draft(&self, topic: &Topic, form: &Form<'_>) -> Result<Draft, AwsError> {
        let message = form.get("Message").unwrap_or_default();
        if message.is_empty() {
            return Err(error::invalid("Empty message"));
        }
        let structure = structure(form.get("MessageStructure"), message)?;
        let attributes = Attribute::parse_all(form)?;
        let size = message.len() + attributes.iter().map(Attribute::size).sum::<usize>();
        let subject = form.get("Subject").map(subject).transpose()?;
        let (group_id, deduplication_id) = order(topic, form, message)?;
        let publication = Publication {
            message_id: self.ids.uuid(),
            timestamp: time::iso_millis(self.clock.now_ms()),
            subject,
            message: structure.default,
            for_sqs: structure.sqs,
            for_lambda: structure.lambda,
            attributes,
            group_id,
            deduplication_id,
            sequence_number: None,
        };
        Ok(Draft { publication, size })
    }

    async fn dispatch(&self, topic: &Topic, publication: Publication) -> Receipt {
        match topic.fifo {
            true => Box::pin(self.dispatch_in_order(topic, publication)).await,
            false => {
                topic.counters.accepted.increment();
                let mut chooser = Chooser::new(&publication);
                for subscription in topic.subscriptions().iter() {
                    if chooser.takes(topic, subscription) {
                        self.courier.send(job(subscription, &publication)).await;
                    }
                }
                Receipt { message_id: publication.message_id, sequence_number: None }
            }
        }
    }

    /// The topic's lock is held while the message gets its number and its places in the lanes, so
    /// that all subscribers see one order.
    async fn dispatch_in_order(&self, topic: &Topic, mut publication: Publication) -> Receipt {
        let group = publication.group_id.clone().unwrap_or_default();
        let mut entered: Vec<(Arc<Subscription>, Entry)> = Vec::new();
        let accepted = {
            let mut sequence = topic.sequence.lock();
            let key = deduplication_key(topic, &publication);
            match sequence.accept(key, &publication.message_id, self.clock.now_ms()) {
                Err(earlier) => return Receipt::from(earlier),
                Ok(accepted) => {
                    publication.sequence_number = Some(accepted.sequence_number.clone());
                    topic.counters.accepted.increment();
                    let mut chooser = Chooser::new(&publication);
                    for subscription in topic.subscriptions().iter() {
                        if chooser.takes(topic, subscription) {
                            let job = job(subscription, &publication);
                            let entry = self.courier.enter(&subscription.lanes, &group, job);
                            entered.push((Arc::clone(subscription), entry));
                        }
                    }
                    accepted
                }
            }
        };
        for (subscription, entry) in entered {
            self.courier.proceed(&subscription.lanes, &group, entry).await;
        }
        Receipt::from(accepted)
    }
}

fn job(subscription: &Subscription, publication: &Publication) -> Job {
    let original = (subscription.protocol == Protocol::Lambda)
        .then(|| Arc::from(publication.envelope(subscription)));
    let route = Arc::clone(&subscription.route);
    let job = Job::new(publication.address(subscription), route, original);
    match publication.obstacle(subscription) {
        Some(reason) => job.refused(reason),
        None => job,
    }
}

/// What the publisher is told.
struct Receipt {
    message_id: String,
    sequence_number: Option<String>,
}

impl From<Accepted> for Receipt {
    fn from(accepted: Accepted) -> Self {
        Self { message_id: accepted.message_id, sequence_number: Some(accepted.sequence_number) }
    }
}

fn accepted_elements(receipt: &Receipt) -> String {
    let number = receipt.sequence_number.as_deref();
    xml::element("MessageId", &receipt.message_id)
        + &number.map(|number| xml::element("SequenceNumber", number)).unwrap_or_default()
}

/// Decides which subscriptions get a message. What filters look at is made at most once, and only
/// if one asks.
struct Chooser<'a> {
    publication: &'a Publication,
    attributes: Option<Map<String, Value>>,
    /// By protocol; `None` for a body that is no object.
    bodies: [Option<Option<Map<String, Value>>>; 2],
}

impl<'a> Chooser<'a> {
    fn new(publication: &'a Publication) -> Self {
        Self { publication, attributes: None, bodies: [None, None] }
    }

    fn takes(&mut self, topic: &Topic, subscription: &Subscription) -> bool {
        let Some(filter) = &subscription.filter else { return true };
        let publication = self.publication;
        let takes = match filter.scope {
            Scope::Attributes => {
                let attributes = self
                    .attributes
                    .get_or_insert_with(|| attribute::comparable(&publication.attributes));
                filter.takes(attributes)
            }
            Scope::Body => {
                let protocol = subscription.protocol;
                self.bodies[protocol as usize]
                    .get_or_insert_with(|| serde_json::from_str(publication.text(protocol)).ok())
                    .as_ref()
                    .is_some_and(|body| filter.takes(body))
            }
        };
        if !takes {
            topic.counters.filtered_out.increment();
        }
        takes
    }
}

fn deduplication_key(topic: &Topic, publication: &Publication) -> String {
    let id = publication.deduplication_id.as_deref().unwrap_or_default();
    match (&publication.group_id, topic.settings.read().deduplicates_by_group) {
        // A group can't contain a line break.
        (Some(group), true) => format!("{group}\n{id}"),
        _ => id.to_owned(),
    }
}

fn check_batch(entries: &[Form<'_>]) -> Result<(), AwsError> {
    if entries.is_empty() {
        return Err(error::batch(
            "EmptyBatchRequest",
            "The batch request doesn't contain any entries.",
        ));
    }
    if entries.len() > BATCH_MAX {
        return Err(error::batch(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        ));
    }
    let mut ids = HashSet::new();
    for entry in entries {
        let id = entry.get("Id").unwrap_or_default();
        let valid = (1..=80).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !valid {
            return Err(error::batch(
                "InvalidBatchEntryId",
                "The Id of a batch entry in a batch request doesn't abide by the specification.",
            ));
        }
        if !ids.insert(id) {
            return Err(error::batch(
                "BatchEntryIdsNotDistinct",
                "Two or more batch entries in the request have the same Id.",
            ));
        }
    }
    Ok(())
}

/// The message by protocol.
struct Structure {
    default: String,
    sqs: Option<String>,
    lambda: Option<String>,
}

fn structure(kind: Option<&str>, message: &str) -> Result<Structure, AwsError> {
    match kind {
        None | Some("") => Ok(Structure { default: message.to_owned(), sqs: None, lambda: None }),
        Some("json") => {
            let mut by_protocol: Map<String, Value> =
                serde_json::from_str(message).map_err(|_| {
                    error::invalid("Message Structure - JSON message body failed to parse")
                })?;
            let mut take = |protocol: &str| match by_protocol.remove(protocol) {
                Some(Value::String(text)) => Some(text),
                _ => None,
            };
            let default = take("default").ok_or_else(|| {
                error::invalid("Message Structure - No default entry in JSON message body")
            })?;
            Ok(Structure { default, sqs: take("sqs"), lambda: take("lambda") })
        }
        Some(_) => Err(error::invalid("MessageStructure")),
    }
}

fn subject(text: &str) -> Result<String, AwsError> {
    let valid = (1..=SUBJECT_MAX).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && !text.starts_with(char::is_whitespace);
    if valid { Ok(text.to_owned()) } else { Err(error::invalid("Subject")) }
}

/// `MessageGroupId` and `MessageDeduplicationId`.
fn order(
    topic: &Topic,
    form: &Form<'_>,
    message: &str,
) -> Result<(Option<String>, Option<String>), AwsError> {
    let id = |name: &str| match form.get(name) {
        None => Ok(None),
        Some(id) if valid_id(id) => Ok(Some(id.to_owned())),
        Some(_) => Err(error::invalid(format!(
            "{name} Reason: it takes 1 to {ID_MAX} alphanumeric characters and punctuation"
        ))),
    };
    let (group, deduplication) = (id("MessageGroupId")?, id("MessageDeduplicationId")?);
    if !topic.fifo {
        return match deduplication {
            Some(_) => Err(error::invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId \
                 parameter that is not valid for this topic type",
            )),
            // Standard topics take a group for fair queues; standard queues here have no use for it.
            None => Ok((None, None)),
        };
    }
    if group.is_none() {
        return Err(error::invalid("The MessageGroupId parameter is required for FIFO topics"));
    }
    let content_based = topic.settings.read().content_based_deduplication;
    match deduplication {
        None if !content_based => Err(error::invalid(
            "The topic should either have ContentBasedDeduplication enabled or \
             MessageDeduplicationId provided explicitly",
        )),
        None => Ok((group, Some(fifo::content_id(message)))),
        given => Ok((group, given)),
    }
}

fn valid_id(id: &str) -> bool {
    (1..=ID_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}
