//! The stage: an embedded AWS with SecureCart's resources in it, and every service.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, StatusCode};
use parking_lot::Mutex;
use securecart_behaviour::{
    Assumptions, Lognormal,
    lambda::{ColdStart, FunctionConfig as Capacity, Package, Runtime},
};
use securecart_cache::Cache;
use securecart_clock::Clock;
use securecart_cloud::{
    Clients, Cloud, Resources, Role, Shaping, Stock, map_order_events, provision,
};
use securecart_database::{Database, Orders, Payments, Products};
use securecart_domain::{
    CartId, Catalogue, CustomerId, OrderId, ProductId, ServiceName, Timestamp,
    api::{Accepted, AddItem, CheckoutRequest, IDEMPOTENCY_KEY, Problem},
    resources::{DEEP_FRAUD_FUNCTION, FRAUD_FUNCTION, INVENTORY_QUEUE, ORDERS_QUEUE},
};
use securecart_embedded::{Engine, FunctionConfig, FunctionError, Handler};
use securecart_services::{
    Cancellation, Carts, Catalog, Checkout, DeepFraud, Failure, Fraud, Fulfilment, Function,
    Inventory, Mailbox, Notifications, Observer, Orders as OrdersService, Payment, Peer, Provider,
    Publisher, Request, Response,
};
use serde::{Serialize, de::DeserializeOwned};
use tempfile::TempDir;

const SEED: u64 = 7;
const EPOCH_MS: u64 = 1_795_737_600_000;

/// Products on sale.
pub(crate) const PRODUCTS: u32 = 200;

/// Pieces of each product to begin with.
pub(crate) const PIECES: u32 = 1_000;

/// A product of which there are only [`RARE_PIECES`].
pub(crate) const RARE: ProductId = ProductId(3);

/// Pieces of [`RARE`] to begin with.
pub(crate) const RARE_PIECES: u32 = 2;

/// A customer who wants e-mail and SMS.
pub(crate) const BOTH_CHANNELS: CustomerId = CustomerId(40);

/// How long a received message stays away; a function that works off a queue may take no longer.
const VISIBILITY: Duration = Duration::from_secs(30);

/// A customer who wants e-mail alone.
pub(crate) const EMAIL_ONLY: CustomerId = CustomerId(41);

/// Every service of SecureCart on an embedded AWS.
pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) resources: Resources,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) database: Database,
    pub(crate) cache: Cache,
    /// Holds the database's files.
    _folder: TempDir,
    pub(crate) shipments: Arc<Shipments>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) carts: Arc<Carts>,
    pub(crate) payment: Arc<Payment>,
    pub(crate) checkout: Arc<Checkout>,
    pub(crate) orders: Arc<OrdersService>,
    pub(crate) fulfilment: Arc<Fulfilment>,
    pub(crate) inventory: Arc<Inventory>,
    pub(crate) notifications: Arc<Notifications>,
}

/// The database, with the catalogue in it, and the cache.
struct Data {
    database: Database,
    cache: Cache,
    folder: TempDir,
}

impl Data {
    async fn open(catalogue: &Catalogue) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let source = securecart_database::Source::Sqlite { folder: folder.path().to_owned() };
        let settings = securecart_database::Settings {
            replicas: 1,
            max_connections: 500,
            pool_size: 50,
            acquire_timeout: Duration::from_secs(5),
            seed: SEED,
            modelled: true,
            assumptions: Assumptions::default(),
            // The tests run under paused time.
            hold_clock: true,
        };
        let database = Database::open(source, settings).await.expect("a database");
        let products = Products::new(database.connections("test"));
        products.insert_all(catalogue.products()).await.expect("the catalogue fits");
        assert!(database.catch_up(Duration::from_secs(60)).await, "the replica has it too");
        let source = securecart_cache::Source::InProcess { nodes: 2, capacity_bytes: 16 << 20 };
        let settings = securecart_cache::Settings {
            ttl: Duration::from_secs(60),
            jitter: 0.2,
            seed: SEED,
            modelled: true,
            assumptions: Assumptions::default(),
            timeout: Duration::from_secs(1),
            exclusive: true,
        };
        let cache = Cache::connect(source, settings).await.expect("a cache");
        Self { database, cache, folder }
    }
}

/// What an [`Observer`] was told.
#[derive(Default)]
pub(crate) struct Shipments(pub(crate) Mutex<Vec<OrderId>>);

impl Observer for Shipments {
    fn shipped(&self, order: OrderId, placed_at: Timestamp, shipped_at: Timestamp) {
        assert!(shipped_at >= placed_at, "{order} shipped before it was placed");
        self.0.lock().push(order);
    }
}

impl Stage {
    /// A shop whose AWS calls take their modelled time, so that calls under way interleave.
    pub(crate) async fn set() -> Self {
        Self::with(Shaping::Modelled { seed: SEED }, Provider::new(10_000.0, 10_000.0)).await
    }

    /// A shop over `shaping` that notifies through `provider`.
    pub(crate) async fn with(shaping: Shaping, provider: Provider) -> Self {
        let clock = Clock::starting_at(EPOCH_MS);
        let cloud = Arc::new(Cloud::embedded(Engine::new(clock, SEED), shaping));
        let catalogue = Arc::new(Catalogue::generate(SEED, PRODUCTS, 0.8));
        let stock = catalogue.products().iter().map(|product| Stock {
            product: product.id,
            pieces: if product.id == RARE { RARE_PIECES } else { PIECES },
        });
        let resources = provision(&cloud.clients(Role::Harness), stock.collect())
            .await
            .expect("an empty AWS takes everything");
        let data = Data::open(&catalogue).await;
        let stage = Self::wire(clock, cloud, resources, catalogue, data, provider);
        stage.register_fraud_checks();
        map_order_events(&stage.aws(), &stage.resources, None).await.expect("its parts are there");
        stage
    }

    fn register_fraud_checks(&self) {
        self.register(FRAUD_FUNCTION, |event| async move { Fraud.handle(&event) });
        let aws = self.cloud.clients(Role::Service(ServiceName::Fraud));
        let deep = Arc::new(DeepFraud::new(Cancellation::new(
            Orders::new(self.database.connections("fraud")),
            Mailbox::new(aws.sqs, self.resources.queue_url(INVENTORY_QUEUE)),
            payment_peer(&self.payment),
            Publisher::new(aws.eventbridge),
            self.clock,
        )));
        self.register_for(VISIBILITY, DEEP_FRAUD_FUNCTION, move |event| {
            let deep = Arc::clone(&deep);
            async move { deep.handle(&event).await }
        });
    }

    /// Makes `work` the function `name`, which may take a minute.
    pub(crate) fn register<F>(&self, name: &str, work: impl Fn(Bytes) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<Bytes, Failure>> + Send + 'static,
    {
        self.register_for(Duration::from_secs(60), name, work);
    }

    fn register_for<F>(
        &self,
        timeout: Duration,
        name: &str,
        work: impl Fn(Bytes) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Result<Bytes, Failure>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |event| {
            let work = work(event);
            Box::pin(async move {
                let outcome = work.await;
                outcome.map_err(|failure| FunctionError::new("Shop.Failure", failure.to_string()))
            })
        });
        let cold_start =
            ColdStart { runtime: Runtime::Rust, package: Package::Zip, own: Lognormal::NONE };
        let capacity = Capacity::on_demand(512, cold_start);
        let config = FunctionConfig { timeout, ..FunctionConfig::new(capacity) };
        self.cloud.engine().register_function(name, config, handler).expect("it reserves nothing");
    }

    /// The function `name`, as checkout calls it.
    pub(crate) fn function(&self, name: &str) -> Function {
        Function::new(self.cloud.clients(Role::Service(ServiceName::Checkout)).lambda, name)
    }

    fn wire(
        clock: Clock,
        cloud: Arc<Cloud>,
        resources: Resources,
        catalogue: Arc<Catalogue>,
        Data { database, cache, folder }: Data,
        provider: Provider,
    ) -> Self {
        use ServiceName as S;
        let aws = |service| cloud.clients(Role::Service(service));
        let mailbox = |service, queue| Mailbox::new(aws(service).sqs, resources.queue_url(queue));
        let shipments = Arc::new(Shipments::default());
        let rows = |service: S| Orders::new(database.connections(service.as_str()));
        let products = Products::new(database.connections("catalog"));
        let catalog = Arc::new(Catalog::new(products, cache.clone()));
        let carts = Arc::new(Carts::new(aws(S::Cart).dynamodb, catalog_peer(&catalog), clock));
        let payment = Arc::new(Payment::new(Payments::new(database.connections("payment")), clock));
        let checkout = Checkout::new(
            aws(S::Checkout).dynamodb,
            rows(S::Checkout),
            mailbox(S::Checkout, ORDERS_QUEUE),
            cart_peer(&carts),
            Function::new(aws(S::Checkout).lambda, FRAUD_FUNCTION),
            payment_peer(&payment),
            clock,
        );
        let fulfilment = Fulfilment::new(
            rows(S::Fulfilment),
            mailbox(S::Fulfilment, INVENTORY_QUEUE),
            payment_peer(&payment),
            Publisher::new(aws(S::Fulfilment).eventbridge),
            Arc::clone(&shipments) as Arc<dyn Observer>,
            clock,
        );
        let publisher = Publisher::new(aws(S::Inventory).eventbridge);
        let inventory = Inventory::new(aws(S::Inventory).dynamodb, publisher, clock);
        let notifications = Notifications::new(aws(S::Notifications).dynamodb, provider, clock);
        let orders = OrdersService::new(rows(S::Orders));
        Self {
            checkout: Arc::new(checkout),
            orders: Arc::new(orders),
            fulfilment: Arc::new(fulfilment),
            inventory: Arc::new(inventory),
            notifications: Arc::new(notifications),
            clock,
            cloud,
            resources,
            catalogue,
            database,
            cache,
            _folder: folder,
            shipments,
            catalog,
            carts,
            payment,
        }
    }

    /// A checkout like the stage's own, with other peers and another queue.
    pub(crate) fn checkout_with(&self, other: Other) -> Arc<Checkout> {
        let aws = self.cloud.clients(Role::Service(ServiceName::Checkout));
        let queue_url = other.queue_url.unwrap_or_else(|| self.resources.queue_url(ORDERS_QUEUE));
        Arc::new(Checkout::new(
            aws.dynamodb,
            Orders::new(self.database.connections("checkout")),
            Mailbox::new(aws.sqs, queue_url),
            other.cart.unwrap_or_else(|| cart_peer(&self.carts)),
            self.function(other.fraud.unwrap_or(FRAUD_FUNCTION)),
            other.payment.unwrap_or_else(|| payment_peer(&self.payment)),
            self.clock,
        ))
    }

    /// The harness's own clients.
    pub(crate) fn aws(&self) -> Clients {
        self.cloud.clients(Role::Harness)
    }

    /// Asks the service that the shop's API has behind `path`.
    pub(crate) async fn ask(&self, request: Request) -> Answer {
        let response = match request.uri().path().split('/').nth(1) {
            Some("products" | "search") => self.catalog.handle(request).await,
            Some("carts") => self.carts.handle(request).await,
            Some("checkout") => self.checkout.handle(request).await,
            Some("orders") => self.orders.handle(request).await,
            other => panic!("no service has {other:?}"),
        };
        Answer::of(&response)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(request(Method::GET, path, &())).await
    }

    /// Puts `quantity` of `product` into a cart.
    pub(crate) async fn add(
        &self,
        cart: CartId,
        customer: CustomerId,
        (product, quantity): (ProductId, u32),
    ) -> Answer {
        let path = format!("/carts/{cart}/items");
        self.ask(request(Method::POST, &path, &AddItem { customer, product, quantity })).await
    }

    /// Checks out a cart that holds `lines`, all of it new, and gives back the order.
    pub(crate) async fn buy(
        &self,
        number: u64,
        customer: CustomerId,
        lines: &[(ProductId, u32)],
    ) -> OrderId {
        let cart = CartId(number);
        for &line in lines {
            assert_eq!(self.add(cart, customer, line).await.status, StatusCode::OK);
        }
        let answer = self.ask(checkout(&fine_key(number), cart, customer)).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
        answer.read::<Accepted>().order
    }
}

/// What is not as usual about a checkout.
#[derive(Default)]
pub(crate) struct Other {
    pub(crate) cart: Option<Peer>,
    /// The name of another function.
    pub(crate) fraud: Option<&'static str>,
    pub(crate) payment: Option<Peer>,
    pub(crate) queue_url: Option<String>,
}

/// A service's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn of(response: &Response) -> Self {
        Self { status: response.status(), body: response.body().clone() }
    }

    pub(crate) fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The status and the code of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        let problem: Problem = self.read();
        assert!(!problem.message.is_empty(), "a problem says what it is: {self:?}");
        (self.status.as_u16(), problem.code)
    }
}

/// A problem, as [`Answer::problem`] has it.
pub(crate) fn problem(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

pub(crate) fn request(method: Method, path: &str, body: &impl Serialize) -> Request {
    let body = serde_json::to_vec(body).expect("plain data");
    http::Request::builder().method(method).uri(path).body(Bytes::from(body)).expect("a request")
}

pub(crate) fn checkout(key: &str, cart: CartId, customer: CustomerId) -> Request {
    let mut request = request(Method::POST, "/checkout", &CheckoutRequest { cart, customer });
    request.headers_mut().insert(IDEMPOTENCY_KEY, key.parse().expect("a header"));
    request
}

/// A key whose order is neither suspicious nor refused, and never found out later; one for each
/// number.
pub(crate) fn fine_key(number: u64) -> String {
    (0..)
        .map(|attempt| format!("fine-{number}-{attempt}"))
        .find(|key| crate::decisions::of(OrderId::for_idempotency_key(key)).is_fine())
        .expect("most orders are fine")
}

fn catalog_peer(catalog: &Arc<Catalog>) -> Peer {
    let catalog = Arc::clone(catalog);
    Peer::new("catalog", move |request| {
        let catalog = Arc::clone(&catalog);
        Box::pin(async move { catalog.handle(request).await })
    })
}

fn cart_peer(carts: &Arc<Carts>) -> Peer {
    let carts = Arc::clone(carts);
    Peer::new("cart", move |request| {
        let carts = Arc::clone(&carts);
        Box::pin(async move { carts.handle(request).await })
    })
}

pub(crate) fn payment_peer(payment: &Arc<Payment>) -> Peer {
    let payment = Arc::clone(payment);
    Peer::new("payment", move |request| {
        let payment = Arc::clone(&payment);
        Box::pin(async move { payment.handle(request).await })
    })
}
