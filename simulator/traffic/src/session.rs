//! One session: the journey of one arrival, played on one connection.
//!
//! The intent of the first request is the arrival's instant; that of each later one is the end of the
//! request before plus the think time. So what the shop delays is charged to the request it delayed,
//! and what the generator delays is charged to the generator (lag) and to the response time, but never
//! to the service time.

use std::time::Duration;

use goose::goose::GooseUser;
use securecart_domain::{OrderId, api::Operation};
use securecart_scenario::Step;
use tokio::time::Instant;

use crate::{
    answer,
    attack::Run,
    cause::Cause,
    client::Client,
    orders::{AcceptedOrder, UnresolvedCheckout},
    pacer::Ticket,
    recorder::Done,
    shopper::{Call, Shopper},
};

/// Pauses before a checkout is asked again with the same key, as a shop's page does it: soon, so that
/// the shopper does not click again, and a second time after what a restart of a task takes.
const RETRY_AFTER: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];

/// A session under way.
pub(crate) struct Session<'a> {
    pub(crate) run: &'a Run,
    /// The Goose user that plays it.
    pub(crate) goose: &'a mut GooseUser,
    /// That user's number, which is also its slot at the pacer.
    pub(crate) user: usize,
    pub(crate) client: &'a mut Client,
}

/// The run ended under the session.
struct Over;

impl Session<'_> {
    /// Plays the journey of `ticket` to its end, or to the run's.
    pub(crate) async fn play(&mut self, ticket: Ticket) {
        let lag_us = micros(Instant::now() - ticket.due);
        let recorder = &self.run.recorder;
        let _under_way = recorder.session(self.user, lag_us);
        let plan = &self.run.plan;
        let at_s = plan.window.scenario_s(ticket.arrival.intended.as_secs_f64());
        let hot_share = plan.traffic.hot_product_share_at(at_s);
        let mut shopper = Shopper::new(ticket.arrival.seed, hot_share);
        let mut intent = None;
        for step in &plan.journeys[ticket.arrival.journey].steps {
            for _ in 0..step.repeat {
                let think = Duration::from_millis(shopper.think_ms(step.think_ms).into());
                let due = intent.map_or(ticket.due, |ended| ended + think);
                match self.step(&mut shopper, step, due).await {
                    Ok(ended) => intent = Some(ended),
                    Err(Over) => return,
                }
            }
        }
    }

    /// Waits for `due` and does the step. Returns when it ended.
    async fn step(
        &mut self,
        shopper: &mut Shopper,
        step: &Step,
        due: Instant,
    ) -> Result<Instant, Over> {
        if !self.run.pacer.sleep_until(self.user, due).await {
            return Err(Over);
        }
        let Some(call) = shopper.call(step.operation, &self.run.catalogue) else {
            return Ok(due);
        };
        let (ended, result) = self.request(&call, due).await;
        match result {
            Ok(None) => {}
            Ok(Some(order)) => {
                self.accept(order, due, ended);
                shopper.order = Some(order);
            }
            Err(Unanswered { last, ambiguous }) => {
                if let (true, Some(key)) = (ambiguous, call.key) {
                    let cart = shopper.cart;
                    self.run.recorder.leave_open(UnresolvedCheckout { key, cart });
                }
                if last == Cause::Interrupted {
                    return Err(Over);
                }
            }
        }
        Ok(ended)
    }

    /// Makes the request, again where a browser would, and records it once.
    async fn request(
        &mut self,
        call: &Call,
        intent: Instant,
    ) -> (Instant, Result<Option<OrderId>, Unanswered>) {
        let mut pauses = RETRY_AFTER.iter().take_while(|_| call.operation == Operation::Checkout);
        let mut ambiguous = false;
        let (sent, result) = loop {
            let sent = Instant::now();
            let result = self.attempt(call).await;
            let Err(cause) = &result else { break (sent, result) };
            // A refusal after an attempt without an answer settles that attempt too: one key has one
            // answer. Being turned away (429, no connection) settles nothing.
            ambiguous = cause.is_ambiguous() || (ambiguous && cause.is_failure());
            let Some(pause) = pauses.next().filter(|_| cause.is_worth_a_retry()) else {
                break (sent, result);
            };
            self.run.recorder.retried(self.user, call.operation, cause);
            if !self.run.pacer.sleep_until(self.user, Instant::now() + *pause).await {
                break (sent, Err(Cause::Interrupted));
            }
        };
        let ended = Instant::now();
        let cause = result.as_ref().err().cloned();
        if cause != Some(Cause::Interrupted) {
            self.report(call, ended - intent, cause.as_ref()).await;
        }
        let (response_us, service_us) = (micros(ended - intent), micros(ended - sent));
        let done = Done { operation: call.operation, response_us, service_us, cause };
        self.run.recorder.done(self.user, done);
        (ended, result.map_err(|last| Unanswered { last, ambiguous }))
    }

    /// Sends the request once.
    async fn attempt(&mut self, call: &Call) -> Result<Option<OrderId>, Cause> {
        let _in_flight = self.run.recorder.in_flight();
        let exchange = self.client.exchange(call.request());
        let reply = tokio::select! {
            biased;
            reply = tokio::time::timeout(self.run.timeout, exchange) => {
                reply.unwrap_or(Err(Cause::Timeout))
            }
            () = self.run.end.cancelled() => Err(Cause::Interrupted),
        };
        if reply.is_err() {
            self.client.hang_up();
        }
        answer::judge(call, &reply?)
    }

    /// Tells Goose, in its own terms. It costs 0.5 µs and gives the run a second, independent count.
    async fn report(&mut self, call: &Call, response: Duration, cause: Option<&Cause>) {
        let (method, _) = call.operation.route();
        let failed = cause.is_some_and(Cause::is_failure);
        let error = failed.then_some("failed");
        let name = call.operation.as_str();
        // It can only fail once Goose has stopped listening, and then nobody asks for its count.
        let _ = self
            .goose
            .record_custom_request_duration(method, name, response, !failed, None, error)
            .await;
    }

    fn accept(&self, order: OrderId, intended: Instant, accepted: Instant) {
        let epoch = self.run.pacer.epoch().expect("sessions start after the epoch is set");
        let (intended_us, accepted_us) = (micros(intended - epoch), micros(accepted - epoch));
        self.run.recorder.accept(self.user, AcceptedOrder { order, intended_us, accepted_us });
    }
}

/// A request that did not get what it asked for.
struct Unanswered {
    last: Cause,
    /// Whether the shop may have done it all the same.
    ambiguous: bool,
}

/// Whole µs; `Instant` subtraction is zero where the later instant is earlier.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
