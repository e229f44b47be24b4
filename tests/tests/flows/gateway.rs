//! The way in: the shop's API over HTTP on a loopback port, on the wall clock.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use securecart_behaviour::{Lognormal, api_gateway};
use securecart_cloud::{Role, Shaping};
use securecart_domain::{
    CartId, ProductId, ServiceName,
    api::{Accepted, AddItem, OrderView, ProductList},
    random,
    resources::{INDEX_KEY, STOREFRONT_BUCKET},
};
use securecart_edge::{DelayLayer, Gateway, Throttle, Upstream, origin, problem as no_service};
use securecart_services::{Provider, Request};
use tokio::net::TcpStream;
use tower::service_fn;

use crate::stage::{Answer, EMAIL_ONLY, Stage, checkout, fine_key, problem, request};

/// A shopper's connection to the gateway.
struct Shopper(SendRequest<Full<Bytes>>);

impl Shopper {
    async fn connect(gateway: &Gateway) -> Self {
        let stream = TcpStream::connect(gateway.address()).await.expect("it listens");
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
        tokio::spawn(connection);
        Self(sender)
    }

    async fn ask(&mut self, request: Request) -> Answer {
        self.0.ready().await.expect("the connection is kept open");
        let request = request.map(Full::new);
        let response = self.0.send_request(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        Answer { status: head.status, body }
    }

    /// A file with its head, where the shopper may have `known` already.
    async fn file(&mut self, path: &str, known: Option<&HeaderValue>) -> (HeaderMap, Answer) {
        self.0.ready().await.expect("the connection is kept open");
        let mut request = request(Method::GET, path, &()).map(|_| Full::default());
        if let Some(known) = known {
            request.headers_mut().insert(header::IF_NONE_MATCH, known.clone());
        }
        let (head, body) = self.0.send_request(request).await.expect("an answer").into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        (head.headers, Answer { status: head.status, body })
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.ask(request(Method::GET, path, &())).await
    }
}

/// A gateway in front of the stage's services, each reached directly.
async fn open(stage: &Arc<Stage>) -> Gateway {
    let upstream = |service: ServiceName| {
        let stage = Arc::clone(stage);
        Upstream::new(service_fn(move |request| {
            let stage = Arc::clone(&stage);
            async move {
                Ok::<_, Infallible>(match service {
                    ServiceName::Catalog => stage.catalog.handle(request).await,
                    ServiceName::Cart => stage.carts.handle(request).await,
                    ServiceName::Checkout => stage.checkout.handle(request).await,
                    ServiceName::Orders => stage.orders.handle(request).await,
                    other => no_service(StatusCode::IM_A_TEAPOT, "routed", other.as_str()),
                })
            }
        }))
    };
    let services: BTreeMap<ServiceName, Upstream> =
        ServiceName::ALL.into_iter().map(|service| (service, upstream(service))).collect();
    let delay = DelayLayer::new(Lognormal::from_ms(0.0, 0.0), random::stream(1, "gateway"));
    let throttle = Throttle::new(api_gateway::Config::default());
    let origin = origin(stage.cloud.clients(Role::Origin).s3);
    Gateway::start(0, delay, throttle, &services, origin).await.expect("some port is free")
}

async fn opened() -> (Arc<Stage>, Gateway) {
    let provider = Provider::new(1_000.0, 1_000.0);
    let stage = Arc::new(Stage::with(Shaping::None, provider).await);
    let gateway = open(&stage).await;
    (stage, gateway)
}

#[tokio::test]
async fn a_shopper_goes_through_the_whole_shop_on_one_connection() {
    let (stage, gateway) = opened().await;
    let mut shopper = Shopper::connect(&gateway).await;
    let list: ProductList = shopper.get("/products?category=audio").await.read();
    let product = list.products.first().expect("audio has products").id;
    assert_eq!(shopper.get(&format!("/products/{product}")).await.status, StatusCode::OK);
    assert_eq!(shopper.get("/search?q=lantern").await.status, StatusCode::OK);

    let cart = CartId(1);
    let item = AddItem { customer: EMAIL_ONLY, product, quantity: 1 };
    let path = format!("/carts/{cart}/items");
    let added = shopper.ask(request(Method::POST, &path, &item)).await;
    assert_eq!(added.status, StatusCode::OK);
    assert_eq!(shopper.get(&format!("/carts/{cart}")).await, added);

    let accepted = shopper.ask(checkout(&fine_key(1), cart, EMAIL_ONLY)).await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED);
    assert_eq!(shopper.ask(checkout(&fine_key(1), cart, EMAIL_ONLY)).await, accepted);
    let order = accepted.read::<Accepted>().order;
    let view: OrderView = shopper.get(&format!("/orders/{order}")).await.read();
    assert_eq!(view.state.as_str(), "paid");
    gateway.close().await;
    assert_eq!(stage.state(order).await, "paid");
}

#[tokio::test]
async fn what_is_not_in_the_api_is_a_404_and_the_connection_stays() {
    let (_stage, gateway) = opened().await;
    let mut shopper = Shopper::connect(&gateway).await;
    for (method, path) in [
        (Method::POST, "/"),
        (Method::GET, "/index.html"),
        (Method::GET, "/admin"),
        (Method::GET, "/priced-carts/c-0000000000000001"),
        (Method::POST, "/prices"),
        (Method::POST, "/captures"),
        (Method::POST, "/scores"),
        (Method::DELETE, "/carts/c-0000000000000001"),
        (Method::GET, "/checkout"),
        (Method::GET, "/products/p-00000001/../../captures"),
    ] {
        let answer = shopper.ask(request(method.clone(), path, &())).await;
        assert_eq!(answer.problem(), problem(404, "not-found"), "{method} {path}");
    }
    let known = shopper.get(&format!("/products/{}", ProductId(1))).await;
    assert_eq!(known.status, StatusCode::OK);
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_a_400_with_its_reason() {
    let (_stage, gateway) = opened().await;
    let mut shopper = Shopper::connect(&gateway).await;
    let empty = shopper.ask(request(Method::POST, "/checkout", &())).await;
    assert_eq!(empty.problem(), problem(400, "bad-request"));
    let path = "/carts/c-0000000000000001/items";
    let nothing = shopper.ask(request(Method::POST, path, &())).await;
    assert_eq!(nothing.problem(), problem(400, "bad-request"));
    assert_eq!(shopper.get("/products/seven").await.problem(), problem(400, "bad-request"));
}

#[tokio::test]
async fn many_shoppers_are_served_at_once() {
    let (stage, gateway) = opened().await;
    let shoppers = (0..20).map(async |number: u64| {
        let mut shopper = Shopper::connect(&gateway).await;
        let item = AddItem { customer: EMAIL_ONLY, product: ProductId(5), quantity: 1 };
        let cart = CartId(number);
        let path = format!("/carts/{cart}/items");
        let added = shopper.ask(request(Method::POST, &path, &item)).await;
        assert_eq!(added.status, StatusCode::OK);
        let accepted = shopper.ask(checkout(&fine_key(number), cart, EMAIL_ONLY)).await;
        accepted.read::<Accepted>().order
    });
    let mut orders = futures::future::join_all(shoppers).await;
    gateway.close().await;
    orders.sort_unstable();
    orders.dedup();
    assert_eq!(orders.len(), 20);
    assert_eq!(stage.written().await.len(), 20);
}

#[tokio::test]
async fn the_site_and_its_pictures_come_out_of_the_bucket() {
    let (stage, gateway) = opened().await;
    let mut shopper = Shopper::connect(&gateway).await;
    for (path, content_type, start) in [
        ("/", "text/html; charset=utf-8", "<!doctype html>"),
        ("/assets/app.js", "text/javascript", "//"),
        ("/assets/style.css", "text/css", ":root"),
        ("/images/p-00000007", "image/svg+xml", "<svg"),
        // Past the products that have one of their own.
        ("/images/p-000003e8", "image/svg+xml", "<svg"),
    ] {
        let (head, file) = shopper.file(path, None).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        assert!(file.body.starts_with(start.as_bytes()), "{path}");
        assert_eq!(head[header::CONTENT_TYPE], content_type, "{path}");
        assert_eq!(head[header::CONTENT_LENGTH], file.body.len().to_string().as_str());
        assert!(head[header::CACHE_CONTROL].to_str().expect("text").contains("max-age="));
        // Whoever has it is told so, and gets nothing more.
        let (again, same) = shopper.file(path, Some(&head[header::ETAG])).await;
        assert_eq!((same.status, same.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(again[header::ETAG], head[header::ETAG]);
        let other = HeaderValue::from_static("\"another\"");
        assert_eq!(shopper.file(path, Some(&other)).await.1, file);
    }
    // There are 200 products, and their pictures are drawn: the 201st has none.
    for path in ["/images/p-000000c8", "/images/seven", "/assets/none.js", "/assets/%2e%2e"] {
        assert_eq!(shopper.get(path).await.problem(), problem(404, "not-found"), "{path}");
    }
    assert_eq!(stage.cloud.calls(Role::Origin), 17, "each is one call, under the origin's role");
}

#[tokio::test]
async fn a_bucket_that_fails_is_a_503_and_the_shop_goes_on() {
    let (stage, gateway) = opened().await;
    let s3 = stage.aws().s3;
    let mut shopper = Shopper::connect(&gateway).await;
    assert_eq!(shopper.get("/").await.status, StatusCode::OK);
    s3.delete_object().bucket(STOREFRONT_BUCKET).key(INDEX_KEY).send().await.expect("gone");
    assert_eq!(shopper.get("/").await.problem(), problem(404, "not-found"));
    let listed = s3.list_objects_v2().bucket(STOREFRONT_BUCKET).send().await.expect("listed");
    for object in listed.contents() {
        let delete = s3.delete_object().bucket(STOREFRONT_BUCKET).set_key(object.key.clone());
        delete.send().await.expect("gone");
    }
    s3.delete_bucket().bucket(STOREFRONT_BUCKET).send().await.expect("gone");
    assert_eq!(shopper.get("/").await.problem(), problem(503, "dependency-failed"));
    assert_eq!(shopper.get("/search?q=lantern").await.status, StatusCode::OK);
}
