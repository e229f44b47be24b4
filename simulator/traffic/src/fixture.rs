//! Plans and shops for tests.

use std::{
    collections::BTreeMap,
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use securecart_domain::api::Operation;
use securecart_scenario::{
    CatalogueSpec, Journey, NotificationSpec, Plan, Step, Traffic, Window, defaults,
};
use tokio::net::TcpListener;

/// `rate` sessions a second for `wall_s` seconds, each of which looks at one product.
pub(crate) fn plan(rate: f64, wall_s: f64) -> Plan {
    Plan {
        name: "test".to_owned(),
        summary: String::new(),
        overrides: Vec::new(),
        seed: 20_261_127,
        scale: 1.0,
        window: Window { start_s: 0.0, end_s: wall_s, speed: 1.0 },
        traffic: Traffic { sessions_per_second: rate, curve: vec![(0.0, 1.0)], spikes: Vec::new() },
        catalogue: CatalogueSpec {
            products: 100,
            zipf_exponent: 0.8,
            stock: 100,
            hot_product_stock: 100,
        },
        journeys: vec![journey(&[Operation::Product], (0, 0))],
        services: BTreeMap::new(),
        functions: BTreeMap::new(),
        tables: BTreeMap::new(),
        database: defaults::DATABASE,
        cache: defaults::CACHE,
        gateway: defaults::GATEWAY,
        assumptions: BTreeMap::new(),
        faults: Vec::new(),
        redrives: Vec::new(),
        notifications: NotificationSpec { email_per_second: 1.0, sms_per_second: 1.0 },
        objectives: Vec::new(),
    }
}

/// A journey of these operations.
pub(crate) fn journey(operations: &[Operation], think_ms: (u32, u32)) -> Journey {
    let steps =
        operations.iter().map(|&operation| Step { operation, repeat: 1, think_ms }).collect();
    Journey { name: "test".to_owned(), weight: 1.0, steps }
}

/// The right answer to `request`; checkouts are numbered.
pub(crate) fn right_answer(
    request: &Request<Incoming>,
    orders: &AtomicU64,
) -> Response<Full<Bytes>> {
    let path = request.uri().path();
    let parts: Vec<_> = path.split('/').collect();
    let (status, body) = match parts.as_slice() {
        ["", ""] => (200, "<!doctype html>".to_owned()),
        ["", "images", _] => (200, "<svg />".to_owned()),
        ["", "products", id] => (200, format!(r#"{{"id":"{id}","name":"a thing"}}"#)),
        ["", "products"] | ["", "search"] => (200, r#"{"products":[],"total":0}"#.to_owned()),
        ["", "carts", cart, ..] => (200, format!(r#"{{"cart":"{cart}","lines":[],"total":0}}"#)),
        ["", "checkout"] => {
            let order = orders.fetch_add(1, Relaxed);
            (202, format!(r#"{{"order":"o-{order:016x}"}}"#))
        }
        ["", "orders", order] => {
            (200, format!(r#"{{"order":"{order}","state":"paid","total":1}}"#))
        }
        _ => (404, r#"{"code":"no-such-route","message":"no"}"#.to_owned()),
    };
    answer(status, body)
}

/// An answer of `status` with `body`.
pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

/// A shop that answers with `respond`, on a thread and a runtime of its own, for as long as the
/// process lives. `respond` gets the request and its number.
pub(crate) fn shop<F, R>(respond: F) -> SocketAddr
where
    F: Fn(Request<Incoming>, u64) -> R + Send + Sync + 'static,
    R: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("non-blocking");
    let target = listener.local_addr().expect("an address");
    let respond = Arc::new(respond);
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let listener = TcpListener::from_std(listener).expect("a listener");
            let requests = Arc::new(AtomicU64::new(0));
            while let Ok((stream, _)) = listener.accept().await {
                let (respond, requests) = (Arc::clone(&respond), Arc::clone(&requests));
                let service = service_fn(move |request| {
                    let answer = respond(request, requests.fetch_add(1, Relaxed));
                    async move { Ok::<_, std::convert::Infallible>(answer.await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
    });
    target
}

/// A socket that accepts, reads what comes first and answers with `bytes` before it closes.
pub(crate) fn garbage_shop(bytes: &'static [u8]) -> SocketAddr {
    use std::io::{Read, Write};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let target = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            // Whoever hangs up first gets nothing, which is fine.
            let _ = stream.read(&mut [0; 1_024]).and_then(|_| stream.write_all(bytes));
        }
    });
    target
}

/// Long enough for anything that is not stuck.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
