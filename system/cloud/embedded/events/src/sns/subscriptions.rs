//! Operations on subscriptions. Each answers the inside of its result element.

use std::{collections::BTreeMap, sync::Arc};

use securecart_embedded_wire::{ACCOUNT_ID, AwsError};

use super::{
    Sns, check_arn, error,
    form::Form,
    subscription::{Identity, Protocol, Subscription, check_endpoint},
    topic::Topic,
    topics::{PAGE, after, next_token},
    xml,
};
use crate::page;

impl Sns {
    pub(super) fn subscribe(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let topic = self.topic(form.required("TopicArn")?)?;
        let protocol = Protocol::parse(form.required("Protocol")?)?;
        let endpoint = form.required("Endpoint")?;
        check_endpoint(protocol, endpoint, topic.fifo)?;
        let attributes = form.map("Attributes.entry.", "key", "value")?;
        let arn = topic.change(|list| {
            let present =
                list.iter().find(|one| one.protocol == protocol && one.endpoint == endpoint);
            if let Some(present) = present {
                check_same(present, &attributes)?;
                return Ok(present.arn.clone());
            }
            let arn = format!("{}:{}", topic.arn, self.ids.uuid());
            let identity = Identity {
                arn: arn.clone(),
                topic_arn: topic.arn.clone(),
                protocol,
                endpoint: endpoint.to_owned(),
            };
            let made = Subscription::build(identity, attributes, &topic.counters, Arc::default())
                .map_err(|reason| error::invalid(format!("Attributes Reason: {reason}")))?;
            list.push(Arc::new(made));
            Ok(arn)
        })?;
        Ok(xml::element("SubscriptionArn", &arn))
    }

    /// Queues and functions of the own account are confirmed at once, so no token is ever right.
    pub(super) fn confirm_subscription(&self, form: &Form<'_>) -> Result<String, AwsError> {
        self.topic(form.required("TopicArn")?)?;
        form.required("Token")?;
        Err(error::invalid("Token"))
    }

    pub(super) fn unsubscribe(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let arn = form.required("SubscriptionArn")?;
        check_arn("SubscriptionArn", arn)?;
        // It is fine if there is no such subscription.
        if let Ok((topic, _)) = self.find(arn) {
            topic.change(|list| {
                list.retain(|one| one.arn != arn);
                Ok(())
            })?;
        }
        Ok(String::new())
    }

    pub(super) fn list_subscriptions(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let after = after(form)?.unwrap_or_default();
        let topics: Vec<Arc<Topic>> = self.topics.read().values().cloned().collect();
        let mut all = Vec::new();
        for topic in topics {
            // An ARN of a subscription starts with its topic's; `after` may lie within one.
            all.extend(topic.subscriptions().iter().filter(|one| one.arn > after).cloned());
        }
        Ok(list(all))
    }

    pub(super) fn list_subscriptions_by_topic(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let topic = self.topic(form.required("TopicArn")?)?;
        let after = after(form)?.unwrap_or_default();
        let subscriptions = topic.subscriptions();
        Ok(list(subscriptions.iter().filter(|one| one.arn > after).cloned().collect()))
    }

    pub(super) fn get_subscription_attributes(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let (_, subscription) = self.find(form.required("SubscriptionArn")?)?;
        Ok(xml::map("Attributes", &subscription.describe()))
    }

    pub(super) fn set_subscription_attributes(&self, form: &Form<'_>) -> Result<String, AwsError> {
        let arn = form.required("SubscriptionArn")?;
        let name = form.required("AttributeName")?;
        let (topic, _) = self.find(arn)?;
        topic.change(|list| {
            let place = list.iter_mut().find(|one| one.arn == arn);
            let place = place.ok_or_else(|| error::not_found("Subscription"))?;
            let mut attributes = place.attributes.clone();
            match form.get("AttributeValue") {
                Some(value) => attributes.insert(name.to_owned(), value.to_owned()),
                None => attributes.remove(name),
            };
            let lanes = Arc::clone(&place.lanes);
            let made = Subscription::build(place.identity(), attributes, &topic.counters, lanes)
                .map_err(error::invalid)?;
            *place = Arc::new(made);
            Ok(())
        })?;
        Ok(String::new())
    }

    fn find(&self, arn: &str) -> Result<(Arc<Topic>, Arc<Subscription>), AwsError> {
        check_arn("SubscriptionArn", arn)?;
        let missing = || error::not_found("Subscription");
        let (topic, _) = arn.rsplit_once(':').ok_or_else(missing)?;
        let topic = self.topics.read().get(topic).cloned().ok_or_else(missing)?;
        let subscription = topic.subscription(arn).ok_or_else(missing)?;
        Ok((topic, subscription))
    }
}

/// Subscribing again is fine, as long as nothing that is asked for differs.
fn check_same(present: &Subscription, asked: &BTreeMap<String, String>) -> Result<(), AwsError> {
    let described = present.describe();
    let differs = |(name, value): (&String, &String)| match described.get(name) {
        Some(present) => !present.eq_ignore_ascii_case(value),
        None => !value.is_empty() && value != "{}",
    };
    if asked.iter().any(differs) {
        return Err(error::invalid(
            "Attributes Reason: Subscription already exists with different attributes",
        ));
    }
    Ok(())
}

fn list(mut subscriptions: Vec<Arc<Subscription>>) -> String {
    subscriptions.sort_by(|left, right| left.arn.cmp(&right.arn));
    let (page, next) = page::cut(subscriptions, PAGE, |one| one.arn.as_str());
    let members = page.iter().map(|one| {
        [
            ("SubscriptionArn", one.arn.as_str()),
            ("Owner", ACCOUNT_ID),
            ("Protocol", one.protocol.name()),
            ("Endpoint", &one.endpoint),
            ("TopicArn", &one.topic_arn),
        ]
        .map(|(name, value)| xml::element(name, value))
        .concat()
    });
    xml::list("Subscriptions", members) + &next_token(next)
}
