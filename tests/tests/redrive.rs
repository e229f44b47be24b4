//! Dead letters as an operator meets them: `securecart up`, poison through its AWS port, and
//! `securecart redrive`.

use std::{net::TcpListener, time::Duration};

use aws_sdk_sqs::types::QueueAttributeName as Name;
use securecart_cloud::{Clients, Endpoint, ErrorKind, MoveStatus, Redrive};
use securecart_tests::{Bench, Ran, Running};
use serde_json::{Value, json};

/// How long the shop gets to give up on what it can't read.
const PATIENCE: Duration = Duration::from_secs(30);

/// A SecureCart that is up, and an operator's view of it.
struct Shop {
    bench: Bench,
    up: Running,
    url: String,
    clients: Clients,
}

impl Shop {
    fn open() -> Self {
        let bench = Bench::new();
        let mut up = bench.start(&["up", "--port", "0", "--scenario", "smoke"]);
        let said = up.wait_for("curl ");
        let url = said.split_once("AWS API  ").expect("it says where").1;
        let url = url.split_whitespace().next().expect("a URL").to_owned();
        let clients = url.parse::<Endpoint>().expect("loopback").clients("test");
        Self { bench, up, url, clients }
    }

    fn redrive(&self, arguments: &[&str]) -> Ran {
        self.bench.run(&self.arguments(arguments))
    }

    fn arguments<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        ["redrive", "--endpoint-url", &self.url]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect()
    }

    async fn queue_url(&self, queue: &str) -> String {
        let got = self.clients.sqs.get_queue_url().queue_name(queue).send().await.expect("there");
        got.queue_url.expect("a URL")
    }

    async fn attribute(&self, queue: &str, name: Name) -> String {
        let got = self.clients.sqs.get_queue_attributes().queue_url(self.queue_url(queue).await);
        let got = got.attribute_names(name.clone()).send().await.expect("there");
        got.attributes.expect("attributes")[&name].clone()
    }

    /// Messages in a queue, those being looked at among them.
    async fn depth(&self, queue: &str) -> u64 {
        let mut depth = 0;
        for name in [
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesNotVisible,
            Name::ApproximateNumberOfMessagesDelayed,
        ] {
            depth += self.attribute(queue, name).await.parse::<u64>().expect("a number");
        }
        depth
    }

    async fn send(&self, queue: &str, body: &str) {
        let send = self.clients.sqs.send_message().queue_url(self.queue_url(queue).await);
        send.message_body(body).send().await.expect("sent");
    }

    /// Sets how often `queue` hands a message out before it is dead.
    async fn give_up_after(&self, queue: &str, receives: u32) {
        let target = self.attribute(&format!("{queue}-dlq"), Name::QueueArn).await;
        let policy = json!({ "deadLetterTargetArn": target, "maxReceiveCount": receives });
        let set = self.clients.sqs.set_queue_attributes().queue_url(self.queue_url(queue).await);
        set.attributes(Name::RedrivePolicy, policy.to_string()).send().await.expect("set");
    }

    /// A queue `returns` that no service looks at, with `count` dead letters.
    async fn returns(&self, count: usize) {
        for queue in ["returns-dlq", "returns"] {
            let create = self.clients.sqs.create_queue().queue_name(queue);
            create.attributes(Name::VisibilityTimeout, "0").send().await.expect("created");
        }
        self.give_up_after("returns", 1).await;
        for n in 0..count {
            self.send("returns", &n.to_string()).await;
        }
        let url = self.queue_url("returns").await;
        while self.depth("returns").await > 0 {
            self.clients.sqs.receive_message().queue_url(&url).send().await.expect("received");
        }
    }

    fn close(self) {
        self.up.signal("INT");
        let ran = self.up.finish();
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
}

/// The row of a dead-letter queue.
fn row(ran: &Ran, queue: &str) -> Value {
    let document = ran.json();
    let rows = document["queues"].as_array().expect("rows");
    rows.iter().find(|row| row["dead-letter-queue"] == queue).expect(queue).clone()
}

#[tokio::test]
async fn poison_dies_and_goes_back_when_its_cause_is_gone() {
    let shop = Shop::open();
    shop.give_up_after("orders", 1).await;
    for n in 0..3 {
        shop.send("orders", &format!("poison {n}")).await;
    }
    let dying = async {
        while shop.depth("orders-dlq").await < 3 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, dying).await.expect("the shop gives up on poison");
    let listed = shop.redrive(&["--list"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    let line = listed.stdout.lines().find(|line| line.starts_with("orders-dlq")).expect("a row");
    assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["orders-dlq", "orders", "3", "0"]);

    // The shop is patient now: what comes back stays in the queue.
    shop.give_up_after("orders", 1_000).await;
    let ran = shop.redrive(&["orders", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("3 dead letters go back to orders"), "{}", ran.stderr);
    let orders = json!({
        "dead-letter-queue": "orders-dlq", "sources": ["orders"], "before": 3, "in-flight": 0,
        "moved": 3, "after": 0, "status": "completed",
    });
    assert_eq!(row(&ran, "orders-dlq"), orders);
    assert_eq!((shop.depth("orders").await, shop.depth("orders-dlq").await), (3, 0));

    let again = shop.redrive(&["orders"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stderr.contains("nothing to redrive"), "{}", again.stderr);
    assert!(again.stdout.contains("empty"), "{}", again.stdout);
    let all = shop.redrive(&["--all", "--json"]);
    assert_eq!(all.code, Some(0), "{}", all.stderr);
    assert_eq!(all.json()["queues"].as_array().map(Vec::len), Some(5));
    shop.close();
}

#[tokio::test]
async fn what_came_back_is_received_as_new() {
    let shop = Shop::open();
    shop.returns(2).await;
    let ran = shop.redrive(&["returns-dlq", "returns", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.json()["queues"].as_array().map(Vec::len), Some(1), "named twice, done once");
    assert_eq!(row(&ran, "returns-dlq")["moved"], 2);
    let receive = shop.clients.sqs.receive_message().queue_url(shop.queue_url("returns").await);
    let receive = receive.max_number_of_messages(10).message_system_attribute_names(
        aws_sdk_sqs::types::MessageSystemAttributeName::ApproximateReceiveCount,
    );
    let messages = receive.send().await.expect("received").messages.expect("messages");
    assert_eq!(messages.len(), 2);
    for message in messages {
        let counts = message.attributes.expect("asked for");
        assert!(counts.values().all(|count| count == "1"), "{counts:?}");
    }
    shop.close();
}

#[tokio::test]
async fn a_program_redrives_as_the_command_does() {
    let shop = Shop::open();
    shop.returns(3).await;
    let redriven = securecart_cloud::redrive(&shop.clients, "returns").await.expect("it ends");
    let expected = Redrive { status: MoveStatus::Completed, moved: 3, to_move: 3, failure: None };
    assert_eq!(redriven, expected);
    assert_eq!((shop.depth("returns").await, shop.depth("returns-dlq").await), (3, 0));
    let refused = securecart_cloud::redrive(&shop.clients, "none").await.expect_err("no queue");
    assert!(matches!(refused.kind, ErrorKind::NoDeadLetters), "{refused}");
    shop.close();
}

#[tokio::test]
async fn a_letter_without_a_source_is_left_and_said() {
    let shop = Shop::open();
    shop.send("inventory-dlq", "by hand").await;
    let ran = shop.redrive(&["inventory", "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("CouldNotDetermineMessageSource"), "{}", ran.stderr);
    let row = row(&ran, "inventory-dlq");
    assert_eq!(
        (&row["status"], &row["moved"], &row["after"]),
        (&json!("failed"), &json!(0), &json!(1))
    );
    shop.close();
}

#[tokio::test]
async fn ctrl_c_stops_the_move_where_it_is() {
    let shop = Shop::open();
    shop.returns(100).await;
    let arguments = shop.arguments(&["returns", "--rate", "1", "--json"]);
    let mut redrive = shop.bench.start(&arguments);
    redrive.wait_for("go back to returns");
    redrive.signal("INT");
    let ran = redrive.finish();
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
    let row = row(&ran, "returns-dlq");
    assert_eq!(row["status"], "cancelled");
    let moved = row["moved"].as_u64().expect("a number");
    assert!(moved < 100 && row["after"].as_u64() == Some(100 - moved), "{row}");
    shop.close();
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_a_usage_error_with_the_nearest_name() {
    let shop = Shop::open();
    let ran = shop.redrive(&["ordres"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean `orders`?"), "{}", ran.stderr);
    assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    let ran = shop.redrive(&["orders", "something-else"]);
    assert_eq!(ran.code, Some(2), "nothing is done by halves: {}", ran.stderr);
    assert!(ran.stderr.contains("notifications-email"), "{}", ran.stderr);
    shop.close();
}

#[test]
fn an_endpoint_that_does_not_answer_is_exit_code_4() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let ran = Bench::new().run(&["redrive", "orders", "--endpoint-url", &url]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains(&url) && ran.stderr.contains("securecart up"), "{}", ran.stderr);
}

#[test]
fn only_this_machine_is_called_and_mistakes_are_usage_errors() {
    let bench = Bench::new();
    for (arguments, said) in [
        (
            &["redrive", "orders", "--endpoint-url", "https://sqs.us-east-1.amazonaws.com"][..],
            "real AWS",
        ),
        (&["redrive", "orders", "--endpoint-url", "http://10.0.0.1:4566"], "not on this machine"),
        (&["redrive", "orders", "--endpoint-url", "4566"], "no endpoint"),
        (&["redrive"], "QUEUE"),
        (&["redrive", "orders", "--all"], "--all"),
        (&["redrive", "orders", "--rate", "501"], "500"),
        (&["redrive", "--list", "--rate", "5"], "--rate"),
    ] {
        let ran = bench.run(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{arguments:?}: {}", ran.stdout);
    }
}
