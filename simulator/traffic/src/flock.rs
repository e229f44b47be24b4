//! Goose, kept on a short leash: users that do what they are told, on nobody's terminal.
//!
//! Invariants: Goose prints nothing, reads no argv, opens no port, writes no file and gets no signal.
//! It ends when every user has asked to leave ([`leave`]); it is never dropped half-way, because its
//! users would go on.

use std::{
    net::SocketAddr,
    sync::{Arc, Once},
};

use goose::{
    GooseAttack,
    client::GooseClientBuilder,
    config::GooseConfiguration,
    goose::{GooseUser, Scenario, Transaction},
    metrics::GooseMetrics,
};
use log::{LevelFilter, Log, Metadata, Record};

use crate::Error;

/// Users a second that Goose launches: all at once, as far as the machine allows.
const LAUNCH_RATE: &str = "1000000";

/// What every user does over and over.
pub(crate) trait Turns: Send + Sync + 'static {
    /// One transaction of `user`, until it calls [`leave`]. Users are numbered from 0 by
    /// `weighted_users_index`.
    fn turn(&self, user: &mut GooseUser) -> impl Future<Output = ()> + Send;
}

/// Runs `users` users that take turns until each has left.
pub(crate) async fn fly<T: Turns>(
    users: usize,
    target: SocketAddr,
    turns: Arc<T>,
) -> Result<GooseMetrics, Error> {
    silence();
    let goose_failed = |error: goose::GooseError| Error::Goose(error.to_string());
    let transaction = Transaction::new(Arc::new(move |user| {
        let turns = Arc::clone(&turns);
        Box::pin(async move {
            turns.turn(user).await;
            Ok(())
        })
    }));
    let scenario = Scenario::new("shopper").register_transaction(transaction);
    let host = format!("http://{target}");
    let attack = GooseAttack::initialize_with_config(configuration(users, host))
        .map_err(goose_failed)?
        // One shared client, which nobody uses: 10,000 own ones take 18 s and 1.1 GB.
        .set_client_builder_without_cookies(GooseClientBuilder::new().without_cookies())
        .map_err(goose_failed)?
        .register_scenario(scenario);
    // Its state is 22 kB, too much for a stack frame.
    Box::pin(attack.execute()).await.map_err(goose_failed)
}

/// Makes `user` leave after this transaction.
pub(crate) fn leave(user: &mut GooseUser) {
    user.config.iterations = Some(1);
}

/// Requests that Goose itself counted, failed ones included. It counts from the moment its last user
/// was launched.
pub(crate) fn counted(metrics: &GooseMetrics) -> u64 {
    metrics.requests.values().map(|row| (row.success_count + row.fail_count) as u64).sum()
}

fn configuration(users: usize, host: String) -> GooseConfiguration {
    // It has private fields, so it can't be written as one expression.
    let mut configuration = GooseConfiguration::default();
    configuration.host = Some(host);
    configuration.users = Some(users);
    configuration.increase_rate = Some(LAUNCH_RATE.to_owned());
    configuration.quiet = 2;
    // Its metrics are reset once all users are there: the other setting prints.
    configuration.no_reset_metrics = false;
    configuration.no_print_metrics = true;
    configuration.no_error_summary = true;
    configuration.no_transaction_metrics = true;
    configuration.no_scenario_metrics = true;
    configuration.no_telnet = true;
    configuration
}

struct Silent;

impl Log for Silent {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn log(&self, _: &Record<'_>) {}

    fn flush(&self) {}
}

/// Keeps Goose from installing its own logger, which prints. A logger that is there already stays.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if log::set_logger(&Silent).is_ok() {
            log::set_max_level(LevelFilter::Off);
        }
    });
}
