//! API Gateway: the one way in. Routes of the shop's API to the services behind them, and of its static
//! files to their origin.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use http::StatusCode;
use securecart_domain::{
    ServiceName,
    api::{ASSETS_PATH, Operation},
};
use securecart_loopback::{BindError, Body, Server};
use tower::{ServiceBuilder, ServiceExt as _};

use crate::{
    DeadlineLayer, DelayLayer, Throttle,
    upstream::{Request, Streaming, StreamingUpstream, Upstream, problem},
};

/// A gateway that serves the shop's API on a loopback port.
#[derive(Debug)]
pub struct Gateway {
    server: Server,
}

/// What the gateway knows: a router for each method, and what answers each route.
struct Routes {
    get: matchit::Router<Route>,
    post: matchit::Router<Route>,
    throttle: Throttle,
}

/// A route of the API.
struct Route {
    operation: Operation,
    behind: Behind,
}

/// What answers a route.
#[derive(Clone)]
enum Behind {
    Service(Upstream),
    Origin(StreamingUpstream),
}

impl Gateway {
    /// Serves the shop's API on `port` (0: any that is free). `delay` is the gateway's own
    /// modelled time, `throttle` what it lets through, `origin` what answers for static files.
    ///
    /// # Errors
    /// When the port can't be bound.
    ///
    /// # Panics
    /// When `services` lacks a service that has a route.
    pub async fn start(
        port: u16,
        delay: DelayLayer,
        throttle: Throttle,
        services: &BTreeMap<ServiceName, Upstream>,
        origin: StreamingUpstream,
    ) -> Result<Self, BindError> {
        let routes = Arc::new(Routes::new(&delay, throttle, services, origin));
        let server = Server::start(port, move |request| {
            let routes = Arc::clone(&routes);
            async move { routes.answer(request).await }
        })
        .await?;
        Ok(Self { server })
    }

    /// Where shoppers reach it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Stops accepting, and gives requests under way a second to end.
    pub async fn close(self) {
        self.server.close().await;
    }
}

impl Routes {
    fn new(
        delay: &DelayLayer,
        throttle: Throttle,
        services: &BTreeMap<ServiceName, Upstream>,
        origin: StreamingUpstream,
    ) -> Self {
        let (get, post) = (matchit::Router::new(), matchit::Router::new());
        let mut routes = Self { get, post, throttle };
        // The deadline is the integration's: the gateway's own time is not in it.
        let layers = ServiceBuilder::new().layer(delay.clone()).layer(DeadlineLayer::default());
        let origin = StreamingUpstream::new(layers.service(origin));
        for operation in Operation::ALL {
            let behind = match operation.service() {
                Some(service) => {
                    let service =
                        services.get(&service).expect("every service with a route is given");
                    Behind::Service(Upstream::new(layers.clone().service(service.clone())))
                }
                None => Behind::Origin(origin.clone()),
            };
            let (method, path) = operation.route();
            routes.insert(method, path, Route { operation, behind: behind.clone() });
            if operation == Operation::Storefront {
                routes.insert(method, ASSETS_PATH, Route { operation, behind });
            }
        }
        routes
    }

    fn insert(&mut self, method: &str, path: &str, route: Route) {
        let router = if method == "GET" { &mut self.get } else { &mut self.post };
        router.insert(path, route).expect("the routes of the API do not overlap");
    }

    async fn answer(&self, request: Request) -> Streaming {
        let found = match request.method().as_str() {
            "GET" => self.get.at(request.uri().path()),
            "POST" => self.post.at(request.uri().path()),
            _ => Err(matchit::MatchError::NotFound),
        };
        let refuse = |status, code, message| problem(status, code, message).map(Body::from);
        let Ok(found) = found else {
            return refuse(StatusCode::NOT_FOUND, "not-found", "there is no such route");
        };
        // A throttled request is refused at once: the gateway never queues.
        if !self.throttle.admits(found.value.operation) {
            return refuse(StatusCode::TOO_MANY_REQUESTS, "throttled", "Too Many Requests");
        }
        let answered = match found.value.behind.clone() {
            Behind::Service(service) => service.oneshot(request).await.map(|r| r.map(Body::from)),
            Behind::Origin(origin) => origin.oneshot(request).await,
        };
        match answered {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Duration};

    use bytes::Bytes;
    use securecart_behaviour::{Lognormal, api_gateway};
    use securecart_domain::random;
    use tower::service_fn;

    use super::*;
    use crate::upstream::Response;

    fn routes(answer_after: Duration) -> Routes {
        throttled(answer_after, Throttle::new(api_gateway::Config::default()))
    }

    fn throttled(answer_after: Duration, throttle: Throttle) -> Routes {
        let echo = service_fn(move |request: Request| async move {
            tokio::time::sleep(answer_after).await;
            Ok::<_, Infallible>(Response::new(Bytes::from(request.uri().path().to_owned())))
        });
        let services =
            ServiceName::ALL.into_iter().map(|service| (service, Upstream::new(echo))).collect();
        let delay = DelayLayer::new(Lognormal::from_ms(5.0, 5.0), random::stream(1, "test"));
        let file = service_fn(|_| async { Ok::<_, Infallible>(Streaming::default()) });
        Routes::new(&delay, throttle, &services, StreamingUpstream::new(file))
    }

    fn request(method: &str, path: &str) -> Request {
        http::Request::builder().method(method).uri(path).body(Bytes::new()).expect("a request")
    }

    #[tokio::test(start_paused = true)]
    async fn every_operation_of_the_api_has_a_route() {
        let routes = routes(Duration::ZERO);
        for operation in Operation::ALL {
            let (method, path) = operation.route();
            let path = path.replace(['{', '}'], "");
            let response = routes.answer(request(method, &path)).await;
            assert_eq!(response.status(), StatusCode::OK, "{operation}");
        }
        let asset = routes.answer(request("GET", "/assets/app.js")).await;
        assert_eq!(asset.status(), StatusCode::OK);
    }

    #[tokio::test(start_paused = true)]
    async fn what_services_keep_to_themselves_has_no_route() {
        let routes = routes(Duration::ZERO);
        for (method, path) in [
            ("POST", "/prices"),
            ("POST", "/captures"),
            ("GET", "/priced-carts/c-1"),
            ("PUT", "/products"),
        ] {
            let response = routes.answer(request(method, path)).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{method} {path}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_never_answers_is_a_504_after_29_seconds() {
        let routes = routes(Duration::from_secs(3_600));
        let start = tokio::time::Instant::now();
        let response = routes.answer(request("GET", "/products/p-1")).await;
        assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(start.elapsed().as_secs(), 29);
    }

    #[tokio::test(start_paused = true)]
    async fn a_route_past_its_limit_is_a_429_and_the_others_are_not() {
        let limit = api_gateway::Limit { rate_per_second: 1.0, burst: 2.0 };
        let config = api_gateway::Config { stage: Some(limit), ..api_gateway::Config::default() };
        let routes = throttled(Duration::ZERO, Throttle::new(config));
        let mut statuses = Vec::new();
        for _ in 0..3 {
            // The gateway's own 5 ms bring no token back.
            statuses.push(routes.answer(request("GET", "/products/p-1")).await.status().as_u16());
        }
        assert_eq!(statuses, [200, 200, 429]);
        let other = routes.answer(request("GET", "/carts/c-1")).await;
        assert_eq!(other.status(), StatusCode::OK);
        tokio::time::advance(Duration::from_secs(1)).await;
        let again = routes.answer(request("GET", "/products/p-1")).await;
        assert_eq!(again.status(), StatusCode::OK);
    }
}
