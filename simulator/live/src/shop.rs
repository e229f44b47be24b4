//! SecureCart as a whole: every service with its clients, its fleet and its place in the mesh.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;
use securecart_behaviour::{Assumptions, api_gateway, compute::ecs::LaunchBudget, latency};
use securecart_clock::Clock;
use securecart_cloud::{Cloud, Resources, Role, map_order_events};
use securecart_domain::{
    ServiceName,
    event::Channel,
    random,
    resources::{
        DEEP_FRAUD_FUNCTION, EMAIL_QUEUE, FRAUD_FUNCTION, INVENTORY_QUEUE, ORDERS_QUEUE, SMS_QUEUE,
    },
};
use securecart_edge::{DelayLayer, Gateway, Throttle, Upstream, origin};
use securecart_record::{Histogram, ServiceSample, ServiceTotals};
use securecart_scenario::Plan;
use securecart_services::{
    Cancellation, Carts, Catalog, Checkout, DeepFraud, Fraud, Fulfilment, Function, Inventory,
    Mailbox, Notifications, Observer, Orders, Payment, Peer, Provider, Publisher,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::{ServiceBuilder, ServiceExt as _, service_fn};

use crate::{
    Error,
    compute::{Consumer, Group, GroupOptions, Handler, Meters, Requests, Workers},
    data::Data,
    functions::{self, Functions},
    run::Stage,
    scaling::{self, Journal},
    time::ScenarioTime,
};

/// A running SecureCart.
pub(crate) struct Shop {
    cloud: Arc<Cloud>,
    gateway: Gateway,
    groups: Vec<Arc<Group>>,
    queues: Vec<(ServiceName, Arc<Workers>)>,
    functions: Arc<Functions>,
    provider: Provider,
    meters: Meters,
    shipments: Arc<Shipments>,
    stop: CancellationToken,
    workers: TaskTracker,
}

/// Everything a service may need while it is put together.
struct Parts<'a> {
    plan: &'a Plan,
    data: &'a Data,
    cloud: &'a Arc<Cloud>,
    resources: &'a Resources,
    clock: Clock,
    time: ScenarioTime,
    assumptions: &'a Assumptions,
    provider: Provider,
    groups: Vec<Arc<Group>>,
    queues: Vec<(ServiceName, Arc<Workers>)>,
    functions: Arc<Functions>,
    upstreams: BTreeMap<ServiceName, Upstream>,
    stop: CancellationToken,
    workers: TaskTracker,
}

impl Shop {
    /// Starts every service on the `stage`, and the gateway on `port` (0: any that is free).
    pub(crate) async fn start(stage: &Stage, port: u16) -> Result<Self, Error> {
        let Stage { plan, data, cloud, resources, clock, time, assumptions, .. } = stage;
        let shipments = Arc::new(Shipments::default());
        let limits = plan.notifications;
        let mut parts = Parts {
            plan,
            data,
            cloud,
            resources,
            clock: *clock,
            time: time.clone(),
            assumptions,
            provider: Provider::new(limits.email_per_second, limits.sms_per_second),
            groups: Vec::new(),
            queues: Vec::new(),
            functions: Arc::default(),
            upstreams: BTreeMap::new(),
            stop: CancellationToken::new(),
            workers: TaskTracker::new(),
        };
        parts.request_services()?;
        parts.queue_services(&shipments);
        let deep = plan.functions.get(DEEP_FRAUD_FUNCTION);
        let most = deep.and_then(|function| function.maximum_concurrency);
        map_order_events(&cloud.clients(Role::Harness), resources, most)
            .await
            .map_err(Error::provision)?;
        let delay = DelayLayer::new(
            latency::api_gateway(assumptions),
            random::stream(plan.seed, "api-gateway"),
        );
        let origin = origin(cloud.clients(Role::Origin).s3);
        let gateway = Gateway::start(port, delay, throttle(plan), &parts.upstreams, origin)
            .await
            .map_err(Error::gateway)?;
        let Parts { groups, queues, functions, provider, stop, workers, .. } = parts;
        let shop = Self {
            cloud: Arc::clone(cloud),
            gateway,
            meters: Meters::new(&groups),
            groups,
            queues,
            functions,
            provider,
            shipments,
            stop,
            workers,
        };
        // The first tasks are in service before the first shopper comes.
        shop.step_groups(&mut LaunchBudget::new(time.now()), &Journal::new(time.clone()));
        Ok(shop)
    }

    /// Where shoppers reach the shop.
    pub(crate) fn address(&self) -> SocketAddr {
        self.gateway.address()
    }

    /// The tasks of every service that has some.
    pub(crate) fn groups(&self) -> &[Arc<Group>] {
        &self.groups
    }

    /// The tasks of `service`.
    pub(crate) fn group(&self, service: ServiceName) -> Option<&Arc<Group>> {
        self.groups.iter().find(|group| group.service == service)
    }

    /// The workers of every queue, with the service they belong to.
    pub(crate) fn workers(&self) -> &[(ServiceName, Arc<Workers>)] {
        &self.queues
    }

    /// The queues that `service` works off.
    pub(crate) fn queues_of(&self, service: ServiceName) -> Vec<String> {
        let of = self.queues.iter().filter(|(other, _)| *other == service);
        of.map(|(_, workers)| workers.queue().to_owned()).collect()
    }

    /// Faults of the functions' own work.
    pub(crate) fn functions(&self) -> &Functions {
        &self.functions
    }

    /// The provider of e-mail and SMS.
    pub(crate) fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Moves every fleet along: starts work on tasks that came into service, and tells the journal
    /// what held launches back.
    pub(crate) fn step_groups(&self, budget: &mut LaunchBudget, journal: &Journal) {
        for group in &self.groups {
            let step = group.step(budget);
            for task in &step.started {
                for (_, workers) in self.queues.iter().filter(|(of, _)| *of == group.service) {
                    workers.start(task);
                }
            }
            if let Some(reason) = step.held {
                journal.launch_held(group, reason);
            }
        }
    }

    /// What each service did since the last call.
    pub(crate) fn sample(&self) -> Vec<ServiceSample> {
        let queues = self.cloud.queue_metrics();
        let sent = |service| -> Option<u64> {
            let names = self.queues_of(service);
            let mine = queues.iter().filter(|queue| names.contains(&queue.name));
            (!names.is_empty()).then(|| mine.map(|queue| queue.sent).sum())
        };
        let mut samples = self.meters.sample(&self.groups, sent);
        samples.push(self.functions.sample(&self.cloud.functions()));
        samples
    }

    /// What each service did up to now.
    pub(crate) fn totals(&self) -> Vec<ServiceTotals> {
        let calls = |service| {
            let role = Role::Service(service);
            (self.cloud.calls(role), self.cloud.throttled(role))
        };
        let mut totals = self.meters.totals(&self.groups, calls);
        totals.push(self.functions.totals(calls(ServiceName::Fraud)));
        totals
    }

    /// Times from acceptance to shipment since the last call.
    pub(crate) fn shipments(&self) -> Histogram {
        std::mem::take(&mut *self.shipments.0.lock())
    }

    /// Stops taking messages, waits for those being handled, and closes the gateway.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.cloud.engine().stop_mappings().await;
        self.workers.close();
        self.workers.wait().await;
    }

    /// Closes the gateway.
    pub(crate) async fn close(self) {
        self.stop().await;
        self.gateway.close().await;
    }
}

impl Parts<'_> {
    /// The services that answer requests, each after the peers it needs.
    fn request_services(&mut self) -> Result<(), Error> {
        use ServiceName as S;
        let catalog = Catalog::new(self.data.products(), self.data.cache.clone());
        let catalog = Arc::new(catalog);
        self.serve(S::Catalog, handler(catalog, |s, r| async move { s.handle(r).await }));

        let payment = Arc::new(Payment::new(self.data.payments(), self.clock));
        self.serve(S::Payment, handler(payment, |s, r| async move { s.handle(r).await }));
        self.fraud_functions()?;

        let carts = Carts::new(self.dynamodb(S::Cart), self.peer(S::Catalog), self.clock);
        self.serve(S::Cart, handler(Arc::new(carts), |s, r| async move { s.handle(r).await }));

        let orders = Arc::new(Orders::new(self.data.orders(S::Orders)));
        self.serve(S::Orders, handler(orders, |s, r| async move { s.handle(r).await }));

        let checkout = Arc::new(Checkout::new(
            self.dynamodb(S::Checkout),
            self.data.orders(S::Checkout),
            self.mailbox(S::Checkout, ORDERS_QUEUE),
            self.peer(S::Cart),
            Function::new(self.cloud.clients(Role::Service(S::Checkout)).lambda, FRAUD_FUNCTION),
            self.peer(S::Payment),
            self.clock,
        ));
        self.serve(S::Checkout, handler(checkout, |s, r| async move { s.handle(r).await }));
        Ok(())
    }

    /// The fraud checks, which are functions.
    fn fraud_functions(&mut self) -> Result<(), Error> {
        let service = ServiceName::Fraud;
        let fraud = |event: Bytes| async move { Fraud.handle(&event) };
        self.function(FRAUD_FUNCTION, fraud)?;
        let deep = Arc::new(DeepFraud::new(Cancellation::new(
            self.data.orders(service),
            self.mailbox(service, INVENTORY_QUEUE),
            self.peer(ServiceName::Payment),
            self.publisher(service),
            self.clock,
        )));
        self.function(DEEP_FRAUD_FUNCTION, move |event: Bytes| {
            let deep = Arc::clone(&deep);
            async move { deep.handle(&event).await }
        })
    }

    /// Makes `work` the function `name`, as the plan sets it up.
    fn function<F>(
        &mut self,
        name: &str,
        work: impl Fn(Bytes) -> F + Send + Sync + 'static,
    ) -> Result<(), Error>
    where
        F: Future<Output = Result<Bytes, securecart_services::Failure>> + Send + 'static,
    {
        let spec = self.plan.functions.get(name).expect("a plan has every function");
        let random = random::stream(self.plan.seed, &format!("service-time/{name}"));
        let handler = functions::modelled(spec, random, Arc::clone(&self.functions), work);
        let engine = self.cloud.engine();
        engine
            .register_function(name, functions::config(spec)?, handler)
            .map_err(|error| Error::function(name, error))
    }

    /// The services that work off queues.
    fn queue_services(&mut self, shipments: &Arc<Shipments>) {
        use ServiceName as S;
        let fulfilment = Arc::new(Fulfilment::new(
            self.data.orders(S::Fulfilment),
            self.mailbox(S::Fulfilment, INVENTORY_QUEUE),
            self.peer(S::Payment),
            self.publisher(S::Fulfilment),
            Arc::clone(shipments) as Arc<dyn Observer>,
            self.clock,
        ));
        let consume: Consumer = Arc::new(move |letter| {
            let service = Arc::clone(&fulfilment);
            Box::pin(async move { service.handle(&letter).await })
        });
        self.work(S::Fulfilment, &[(ORDERS_QUEUE, consume)]);

        let publisher = self.publisher(S::Inventory);
        let inventory =
            Arc::new(Inventory::new(self.dynamodb(S::Inventory), publisher, self.clock));
        let consume: Consumer = Arc::new(move |letter| {
            let service = Arc::clone(&inventory);
            Box::pin(async move { service.handle(&letter).await })
        });
        self.work(S::Inventory, &[(INVENTORY_QUEUE, consume)]);

        let provider = self.provider.clone();
        let notifications =
            Arc::new(Notifications::new(self.dynamodb(S::Notifications), provider, self.clock));
        let consume = |channel: Channel| -> Consumer {
            let service = Arc::clone(&notifications);
            Arc::new(move |letter| {
                let service = Arc::clone(&service);
                Box::pin(async move { service.handle(channel, &letter).await })
            })
        };
        let queues = [(EMAIL_QUEUE, consume(Channel::Email)), (SMS_QUEUE, consume(Channel::Sms))];
        self.work(S::Notifications, &queues);
    }

    /// Puts a service that answers requests behind its fleet and into the mesh.
    fn serve(&mut self, service: ServiceName, handler: Handler) {
        let requests = Arc::new(Requests::new(self.group(service), handler));
        let hop = random::stream(self.plan.seed, &format!("service-hop/{service}"));
        let tasks = service_fn(move |request| {
            let requests = Arc::clone(&requests);
            async move { Ok(requests.serve(request).await) }
        });
        let stack = ServiceBuilder::new()
            .layer(DelayLayer::new(latency::service_hop(self.assumptions), hop))
            .service(tasks);
        self.upstreams.insert(service, Upstream::new(stack));
    }

    /// A service that works off queues; its slots are shared evenly among them.
    fn work(&mut self, service: ServiceName, queues: &[(&str, Consumer)]) {
        let group = self.group(service);
        let slots = (group.spec.tasks.concurrency as usize / queues.len()).max(1);
        for (queue, consumer) in queues {
            let workers = Workers::new(
                Arc::clone(&group),
                queue,
                self.mailbox(service, queue),
                slots,
                Arc::clone(consumer),
                self.stop.clone(),
                self.workers.clone(),
            );
            self.queues.push((service, workers));
        }
    }

    fn group(&mut self, service: ServiceName) -> Arc<Group> {
        let spec = self.plan.services.get(&service).expect("a plan has every service");
        let fleet = scaling::fleet(service, spec, self.assumptions, self.time.now());
        let options = GroupOptions {
            service,
            spec,
            assumptions: self.assumptions,
            seed: self.plan.seed,
            time: self.time.clone(),
        };
        let group = Group::new(&options, fleet);
        self.groups.push(Arc::clone(&group));
        group
    }

    fn dynamodb(&self, service: ServiceName) -> aws_sdk_dynamodb::Client {
        self.cloud.clients(Role::Service(service)).dynamodb
    }

    fn publisher(&self, service: ServiceName) -> Publisher {
        Publisher::new(self.cloud.clients(Role::Service(service)).eventbridge)
    }

    fn mailbox(&self, service: ServiceName, queue: &str) -> Mailbox {
        let sqs = self.cloud.clients(Role::Service(service)).sqs;
        Mailbox::new(sqs, self.resources.queue_url(queue))
    }

    fn peer(&self, service: ServiceName) -> Peer {
        let upstream =
            self.upstreams.get(&service).expect("services start after their peers").clone();
        Peer::new(service.as_str(), move |request| {
            let upstream = upstream.clone();
            Box::pin(async move {
                match upstream.oneshot(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            })
        })
    }
}

/// What the plan lets through the gateway.
fn throttle(plan: &Plan) -> Throttle {
    let spec = plan.gateway;
    let account = api_gateway::Limit { rate_per_second: spec.rate_per_second, burst: spec.burst };
    let stage = spec.route_rate_per_second.map(|rate_per_second| api_gateway::Limit {
        rate_per_second,
        burst: spec.route_burst.unwrap_or(rate_per_second),
    });
    Throttle::new(api_gateway::Config { account, stage, ..api_gateway::Config::default() })
}

/// A service as what its fleet calls for each request.
fn handler<S, F>(
    service: Arc<S>,
    handle: impl Fn(Arc<S>, securecart_services::Request) -> F + Send + Sync + 'static,
) -> Handler
where
    S: Send + Sync + 'static,
    F: Future<Output = securecart_services::Response> + Send + 'static,
{
    Arc::new(move |request| Box::pin(handle(Arc::clone(&service), request)))
}

/// Times from acceptance to shipment.
#[derive(Debug, Default)]
struct Shipments(Mutex<Histogram>);

impl Observer for Shipments {
    fn shipped(
        &self,
        _order: securecart_domain::OrderId,
        placed_at: securecart_domain::Timestamp,
        shipped_at: securecart_domain::Timestamp,
    ) {
        self.0.lock().record_us(shipped_at.ms_since(placed_at) * 1_000);
    }
}
