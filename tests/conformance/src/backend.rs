//! Who is asked: the embedded engine in this process, or an endpoint on this machine.

use securecart_clock::Clock;
use securecart_cloud::{Clients, Endpoint};
use securecart_embedded::{Connector, Engine};

use crate::context::Made;

/// What the engine's clock shows at its start: any day does, a fixed one makes runs alike.
const EPOCH_MS: u64 = 1_795_737_600_000;

/// The clients' role, in their access key.
const ROLE: &str = "conformance";

/// A backend and its clients.
#[derive(Debug, Clone)]
pub struct Backend {
    clients: Clients,
}

impl Backend {
    /// An engine of its own, empty.
    #[must_use]
    pub fn embedded(seed: u64) -> Self {
        let engine = Engine::new(Clock::starting_at(EPOCH_MS), seed);
        Self { clients: Clients::over(ROLE, Connector::new(engine)) }
    }

    /// What serves `endpoint`.
    #[must_use]
    pub fn endpoint(endpoint: &Endpoint) -> Self {
        Self { clients: endpoint.clients(ROLE) }
    }

    pub(crate) fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Whether somebody answers there: any answer will do, an AWS error too.
    ///
    /// # Errors
    /// What the client said when nobody did.
    pub async fn reach(&self) -> Result<(), String> {
        match self.clients.sqs.list_queues().max_results(1).send().await {
            Err(error) if error.raw_response().is_none() => {
                Err(aws_smithy_types::error::display::DisplayErrorContext(error).to_string())
            }
            _ => Ok(()),
        }
    }

    /// Removes it, if it can.
    pub(crate) async fn remove(&self, thing: Made) {
        let Clients { sqs, dynamodb, sns, eventbridge, .. } = &self.clients;
        match thing {
            Made::Queue(url) => drop(sqs.delete_queue().queue_url(url).send().await),
            Made::Table(name) => drop(dynamodb.delete_table().table_name(name).send().await),
            Made::Topic(arn) => drop(sns.delete_topic().topic_arn(arn).send().await),
            Made::Bus(name) => drop(eventbridge.delete_event_bus().name(name).send().await),
            Made::Rule { bus, name } => self.remove_rule(&bus, &name).await,
            Made::Bucket(name) => self.remove_bucket(&name).await,
        }
    }

    /// A rule can be deleted when it has no targets.
    async fn remove_rule(&self, bus: &str, name: &str) {
        let events = &self.clients.eventbridge;
        let listed = events.list_targets_by_rule().event_bus_name(bus).rule(name).send().await;
        let targets = listed.map(|listed| listed.targets.unwrap_or_default()).unwrap_or_default();
        if !targets.is_empty() {
            let ids: Vec<String> = targets.into_iter().map(|target| target.id).collect();
            let remove = events.remove_targets().event_bus_name(bus).rule(name).set_ids(Some(ids));
            drop(remove.send().await);
        }
        drop(events.delete_rule().event_bus_name(bus).name(name).send().await);
    }

    /// A bucket can be deleted when it is empty.
    async fn remove_bucket(&self, name: &str) {
        let uploads = self.clients.s3.list_multipart_uploads().bucket(name).send().await;
        for upload in uploads.map(|uploads| uploads.uploads.unwrap_or_default()).unwrap_or_default()
        {
            let abort = self.clients.s3.abort_multipart_upload().bucket(name).set_key(upload.key);
            drop(abort.set_upload_id(upload.upload_id).send().await);
        }
        let listed = self.clients.s3.list_objects_v2().bucket(name).send().await;
        for object in listed.map(|listed| listed.contents.unwrap_or_default()).unwrap_or_default() {
            drop(self.clients.s3.delete_object().bucket(name).set_key(object.key).send().await);
        }
        drop(self.clients.s3.delete_bucket().bucket(name).send().await);
    }
}
