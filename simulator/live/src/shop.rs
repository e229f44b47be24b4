//! SecureCart as a whole: every service with its clients, its fleet and its place in the mesh.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use parking_lot::Mutex;
use securecart_behaviour::{Lognormal, latency};
use securecart_clock::Clock;
use securecart_cloud::{Cloud, Resources, Role, map_order_events};
use securecart_domain::{
    Catalogue, ServiceName,
    event::Channel,
    random,
    resources::{
        DEEP_FRAUD_FUNCTION, EMAIL_QUEUE, FRAUD_FUNCTION, INVENTORY_QUEUE, ORDERS_QUEUE, SMS_QUEUE,
    },
};
use securecart_edge::{DelayLayer, Gateway, Upstream};
use securecart_record::{Histogram, ServiceSample, ServiceTotals};
use securecart_scenario::{Plan, ServiceSpec};
use securecart_services::{
    Cancellation, Carts, Catalog, Checkout, DeepFraud, Fraud, Fulfilment, Function, Inventory,
    Mailbox, Notifications, Observer, Orders, Payment, Peer, Provider, Publisher,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::{ServiceBuilder, ServiceExt as _, service_fn};

use crate::{
    Error,
    fleet::{Fleet, Handler},
    functions,
    stats::Stats,
    workers::{Consumer, Workers},
};

/// A running SecureCart.
pub(crate) struct Shop {
    cloud: Arc<Cloud>,
    gateway: Gateway,
    fleets: Vec<(ServiceName, ServiceSpec, Arc<Stats>)>,
    shipments: Arc<Shipments>,
    stop: CancellationToken,
    workers: TaskTracker,
}

/// Everything a service may need while it is put together.
struct Parts<'a> {
    plan: &'a Plan,
    cloud: &'a Arc<Cloud>,
    resources: &'a Resources,
    clock: Clock,
    fleets: Vec<(ServiceName, ServiceSpec, Arc<Stats>)>,
    upstreams: BTreeMap<ServiceName, Upstream>,
    stop: CancellationToken,
    workers: TaskTracker,
}

impl Shop {
    /// Starts every service on `cloud`, whose `resources` are provisioned, and the gateway on
    /// `port` (0: any that is free).
    pub(crate) async fn start(
        plan: &Plan,
        catalogue: &Arc<Catalogue>,
        cloud: &Arc<Cloud>,
        resources: &Resources,
        clock: Clock,
        port: u16,
    ) -> Result<Self, Error> {
        let shipments = Arc::new(Shipments::default());
        let mut parts = Parts {
            plan,
            cloud,
            resources,
            clock,
            fleets: Vec::new(),
            upstreams: BTreeMap::new(),
            stop: CancellationToken::new(),
            workers: TaskTracker::new(),
        };
        parts.request_services(catalogue);
        parts.queue_services(&shipments);
        map_order_events(&cloud.clients(Role::Harness), resources, None)
            .await
            .map_err(Error::provision)?;
        let delay =
            DelayLayer::new(latency::api_gateway(), random::stream(plan.seed, "api-gateway"));
        let gateway =
            Gateway::start(port, delay, &parts.upstreams).await.map_err(Error::gateway)?;
        let Parts { fleets, stop, workers, .. } = parts;
        Ok(Self { cloud: Arc::clone(cloud), gateway, fleets, shipments, stop, workers })
    }

    /// Where shoppers reach the shop.
    pub(crate) fn address(&self) -> SocketAddr {
        self.gateway.address()
    }

    /// What each service did since the last call.
    pub(crate) fn sample(&self) -> Vec<ServiceSample> {
        let sample = |(service, spec, stats): &(ServiceName, ServiceSpec, Arc<Stats>)| {
            let (tasks, concurrency) = match service {
                ServiceName::Fraud => (self.fraud_environments(), 1),
                _ => (spec.tasks, spec.concurrency),
            };
            stats.drain(service.as_str(), tasks, concurrency)
        };
        self.fleets.iter().map(sample).collect()
    }

    /// Environments of the fraud checks: the tasks of a service that is functions.
    fn fraud_environments(&self) -> u32 {
        let functions = self.cloud.engine().function_metrics();
        let environments: u64 = functions.iter().map(|function| function.environments).sum();
        u32::try_from(environments).unwrap_or(u32::MAX)
    }

    /// What each service did up to the last sample.
    pub(crate) fn totals(&self) -> Vec<ServiceTotals> {
        let totals = |(service, spec, stats): &(ServiceName, ServiceSpec, Arc<Stats>)| {
            let aws_calls = self.cloud.calls(Role::Service(*service));
            stats.totals(service.as_str(), spec.tasks, aws_calls)
        };
        self.fleets.iter().map(totals).collect()
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
    fn request_services(&mut self, catalogue: &Arc<Catalogue>) {
        use ServiceName as S;
        let catalog = Arc::new(Catalog::new(Arc::clone(catalogue)));
        self.serve(S::Catalog, handler(catalog, |s, r| async move { s.handle(r).await }));

        let payment = Arc::new(Payment::new(self.dynamodb(S::Payment), self.clock));
        self.serve(S::Payment, handler(payment, |s, r| async move { s.handle(r).await }));

        self.fraud_functions();

        let carts = Carts::new(self.dynamodb(S::Cart), self.peer(S::Catalog), self.clock);
        self.serve(S::Cart, handler(Arc::new(carts), |s, r| async move { s.handle(r).await }));

        let orders = Arc::new(Orders::new(self.dynamodb(S::Orders)));
        self.serve(S::Orders, handler(orders, |s, r| async move { s.handle(r).await }));

        let checkout = Arc::new(Checkout::new(
            self.dynamodb(S::Checkout),
            self.mailbox(S::Checkout, ORDERS_QUEUE),
            self.peer(S::Cart),
            Function::new(self.cloud.clients(Role::Service(S::Checkout)).lambda, FRAUD_FUNCTION),
            self.peer(S::Payment),
            self.clock,
        ));
        self.serve(S::Checkout, handler(checkout, |s, r| async move { s.handle(r).await }));
    }

    /// The fraud checks, which are functions.
    fn fraud_functions(&mut self) {
        let service = ServiceName::Fraud;
        let (spec, stats) = self.fleet(service);
        let time = Lognormal::from_ms(spec.service_time.p50_ms, spec.service_time.p99_ms);
        let random = |name| random::stream(self.plan.seed, &format!("service-time/{name}"));
        let fraud = functions::modelled(
            time,
            random(FRAUD_FUNCTION),
            Arc::clone(&stats),
            |event| async move { Fraud.handle(&event) },
        );
        let deep = Arc::new(DeepFraud::new(Cancellation::new(
            self.dynamodb(service),
            self.mailbox(service, INVENTORY_QUEUE),
            self.peer(ServiceName::Payment),
            self.publisher(service),
            self.clock,
        )));
        let deep = functions::modelled(time, random(DEEP_FRAUD_FUNCTION), stats, move |event| {
            let deep = Arc::clone(&deep);
            async move { deep.handle(&event).await }
        });
        for (name, handler) in [(FRAUD_FUNCTION, fraud), (DEEP_FRAUD_FUNCTION, deep)] {
            self.cloud
                .engine()
                .register_function(name, functions::fraud_config(), handler)
                .expect("it reserves no concurrency");
        }
    }

    /// The services that work off queues.
    fn queue_services(&mut self, shipments: &Arc<Shipments>) {
        use ServiceName as S;
        let fulfilment = Arc::new(Fulfilment::new(
            self.dynamodb(S::Fulfilment),
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

        let limits = self.plan.notifications;
        let provider = Provider::new(limits.email_per_second, limits.sms_per_second);
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
        let (spec, stats) = self.fleet(service);
        let random = random::stream(self.plan.seed, &format!("service-time/{service}"));
        let fleet = Arc::new(Fleet::new(&spec, random, stats, handler));
        let hop = random::stream(self.plan.seed, &format!("service-hop/{service}"));
        let tasks = service_fn(move |request| {
            let fleet = Arc::clone(&fleet);
            async move { Ok(fleet.serve(request).await) }
        });
        let stack = ServiceBuilder::new()
            .layer(DelayLayer::new(latency::service_hop(), hop))
            .service(tasks);
        self.upstreams.insert(service, Upstream::new(stack));
    }

    /// Starts a service that works off queues; its slots are shared evenly among them.
    fn work(&mut self, service: ServiceName, queues: &[(&str, Consumer)]) {
        let (spec, stats) = self.fleet(service);
        let concurrency = (spec.concurrency / queues.len() as u32).max(1);
        for (queue, consumer) in queues {
            let stream = format!("service-time/{service}/{queue}");
            let workers = Workers::new(
                self.mailbox(service, queue),
                &spec,
                random::stream(self.plan.seed, &stream),
                Arc::clone(&stats),
                Arc::clone(consumer),
            );
            workers.start(spec.tasks, concurrency, &self.stop, &self.workers);
        }
    }

    fn fleet(&mut self, service: ServiceName) -> (ServiceSpec, Arc<Stats>) {
        let spec = *self.plan.services.get(&service).expect("a plan has every service");
        let stats = Arc::new(Stats::new(spec.tasks * spec.concurrency));
        self.fleets.push((service, spec, Arc::clone(&stats)));
        (spec, stats)
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
