//! `securecart up`: SecureCart without load, until Ctrl-C.

use securecart_domain::api::Operation;
use securecart_live::{ErrorKind, Tiers, Up, UpOptions};
use securecart_scenario::Overrides;

use super::{load, wall};
use crate::{args::UpArgs, exit::Exit, output, signal};

pub(super) async fn run(args: UpArgs) -> Exit {
    if args.port == args.shop_port && args.port != 0 {
        let port = args.port;
        output::complain(&format!(
            "`--port` and `--shop-port` are both {port}; give two, or 0 for any that is free"
        ));
        return Exit::Usage;
    }
    let scenario = load::scenario(&args.scenario, &args.set);
    let plan = match scenario.map(|scenario| scenario.plan(&Overrides::default())) {
        Ok(Ok(plan)) => plan,
        Ok(Err(problems)) => {
            load::explain(&problems);
            return Exit::Scenario;
        }
        Err(exit) => return exit,
    };
    let stop = match signal::listen() {
        Ok(stop) => stop,
        Err(error) => {
            output::complain(&format!("can't listen for Ctrl-C: {error}"));
            return Exit::Failure;
        }
    };
    let tiers = match Tiers::embedded(&plan, "up") {
        Ok(tiers) => tiers,
        Err(error) => {
            output::complain(&error.to_string());
            return Exit::Unavailable;
        }
    };
    let options = UpOptions {
        plan,
        tiers,
        epoch_ms: wall::epoch_ms(wall::now()),
        aws_port: args.port,
        shop_port: args.shop_port,
    };
    let up = tokio::select! {
        up = Up::start(options) => up,
        () = stop.cancelled() => {
            output::narrate("interrupted while starting");
            return Exit::Interrupted;
        }
    };
    match up {
        Ok(up) => {
            output::narrate(&greeting(&up));
            stop.cancelled().await;
            up.close().await;
            Exit::Done
        }
        Err(error) => {
            output::complain(&error.to_string());
            if matches!(error.kind, ErrorKind::Port(_)) {
                output::narrate("       `--port` is the AWS API's, `--shop-port` the shop's");
            }
            if error.is_environment() { Exit::Unavailable } else { Exit::Failure }
        }
    }
}

fn greeting(up: &Up) -> String {
    let (aws, shop) = (up.aws_address(), up.shop_address());
    format!(
        "SecureCart is up until Ctrl-C\n\
         \n\
         AWS API  http://{aws}   (any credentials, Region us-east-1)\n\
         shop     http://{shop}\n\
         \n\
         aws --endpoint-url http://{aws} sqs list-queues\n\
         curl 'http://{shop}/search?q=lantern'\n\
         \n\
         the shop's routes:\n{}",
        routes()
    )
}

/// The shop's API, a line for each operation.
fn routes() -> String {
    let body = |operation| match operation {
        Operation::ListProducts => "?category=audio&page=0",
        Operation::Search => "?q=WORD",
        Operation::AddToCart => r#"  {"customer":"u-…","product":"p-…","quantity":1}"#,
        Operation::Checkout => r#"  {"customer":"u-…","cart":"c-…"}, header idempotency-key"#,
        Operation::Storefront => ", and /assets/app.js, /assets/style.css",
        Operation::Product | Operation::ViewCart | Operation::OrderStatus | Operation::Image => "",
    };
    let line = |operation: Operation| {
        let (method, path) = operation.route();
        format!("  {method:<5}{path}{}", body(operation))
    };
    Operation::ALL.map(line).join("\n")
}
