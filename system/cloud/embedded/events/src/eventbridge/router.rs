//! The way of an event from its bus through rules to targets, at once or after a delay.
//!
//! ```text
//! arrival ─▶ rules that match ─▶ each target ─▶ delay ─┬─ none ───────▶ handed over inline
//!                                                      └─ Late, 1 task ─▶ handed over when due
//! ```
//!
//! Invariants: the delay is asked for once for each delivery; a delivery that waits is pending, on
//! its rule and in all, until it has been attempted; no delivery is lost to a delay: where no more
//! can wait, it is handed over early. Its age counts from the acceptance of the event.
//!
//! Deliberately absent: what the delay is. A caller that models latency and throttling knows.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::RwLock;
use securecart_embedded_wire::{AwsError, FunctionInvocation, QueueDelivery};
use tokio::time::Instant;

use super::{
    bus::{Bus, DEFAULT, Rule, State},
    error,
    event::Event,
    input::Sender,
    late::{Alarm, Late, Next},
    target::{Destination, Target},
};
use crate::{
    delivery::{Courier, Job, Message, Pending},
    sns::Sns,
};

/// How long a delivery from EventBridge to a target takes, asked once for each.
pub type EventDelay = Arc<dyn Fn() -> Duration + Send + Sync>;

/// A delay is cut to a day: so long AWS tries to deliver (sheet 5.2, "EventBridge retry").
const DELAY_MAX: Duration = Duration::from_secs(86_400);

/// Deliveries handed over before other tasks get their turn.
const BURST: usize = 64;

/// An event before a bus.
pub(super) struct Arrival {
    bus: Arc<Bus>,
    event: Arc<Event>,
    /// Whether another bus sent it. Such an event goes to no third one: so AWS rules out loops.
    forwarded: bool,
    accepted: Instant,
}

impl Arrival {
    pub(super) fn new(bus: Arc<Bus>, event: Event) -> Self {
        Self { bus, event: Arc::new(event), forwarded: false, accepted: Instant::now() }
    }
}

/// An event on its way to a target.
struct Parcel {
    rule: Arc<Rule>,
    target: Arc<Target>,
    event: Arc<Event>,
    forwarded: bool,
    accepted: Instant,
}

impl Parcel {
    fn job(&self, message: Message) -> Job {
        let original = Some(Arc::clone(&self.event.json));
        Job::new(message, Arc::clone(&self.target.route), original).since(self.accepted)
    }

    /// What the target gets.
    fn input(&self) -> String {
        let sender = Sender { rule_arn: &self.rule.arn, rule_name: &self.rule.name };
        self.target.input.render(&self.event, sender)
    }
}

/// Brings events to targets.
pub(super) struct Router {
    courier: Arc<Courier>,
    topics: Arc<Sns>,
    pub(super) buses: RwLock<BTreeMap<String, Arc<Bus>>>,
    delay: RwLock<Option<EventDelay>>,
    late: Late<(Parcel, Pending)>,
}

impl Router {
    pub(super) fn new(courier: Courier, topics: Arc<Sns>, default: Bus) -> Self {
        Self {
            courier: Arc::new(courier),
            topics,
            buses: RwLock::new(BTreeMap::from([(DEFAULT.to_owned(), Arc::new(default))])),
            delay: RwLock::default(),
            late: Late::new(),
        }
    }

    pub(super) fn set_delay(&self, delay: EventDelay) {
        *self.delay.write() = Some(delay);
    }

    pub(super) fn pending(&self) -> u64 {
        self.courier.pending()
    }

    /// The bus of a name or an ARN; without either the default one.
    pub(super) fn bus(&self, name: Option<&str>) -> Result<Arc<Bus>, AwsError> {
        let name = name.filter(|name| !name.is_empty()).unwrap_or(DEFAULT);
        let name = match name.starts_with("arn:") {
            true => name.rsplit_once(":event-bus/").map_or(name, |(_, name)| name),
            false => name,
        };
        let bus = self.buses.read().get(name).cloned();
        bus.ok_or_else(|| error::not_found(format!("Event bus {name} does not exist.")))
    }

    /// Hands the event to every target that gets it at once, and keeps it for the others.
    pub(super) async fn route(self: &Arc<Self>, arrival: Arrival) {
        let mut arrivals = VecDeque::from([arrival]);
        while let Some(arrival) = arrivals.pop_front() {
            for rule in arrival.bus.rules().values() {
                if rule.state == State::Disabled || !rule.pattern.matches(&arrival.event.fields) {
                    continue;
                }
                rule.counters.accepted.increment();
                for target in &rule.targets {
                    let parcel = Parcel {
                        rule: Arc::clone(rule),
                        target: Arc::clone(target),
                        event: Arc::clone(&arrival.event),
                        forwarded: arrival.forwarded,
                        accepted: arrival.accepted,
                    };
                    if let Some(parcel) = self.keep(parcel) {
                        arrivals.extend(self.hand_over(&parcel).await);
                    }
                }
            }
        }
    }

    /// Keeps the parcel for as long as its delivery takes; gives it back when that is no time, or
    /// when no more can be kept.
    fn keep(self: &Arc<Self>, parcel: Parcel) -> Option<Parcel> {
        let delay = self.delay.read().clone();
        let wait = delay.map_or(Duration::ZERO, |delay| delay());
        if wait.is_zero() {
            return Some(parcel);
        }
        let pending = self.courier.hold(&parcel.target.route);
        match self.late.put(Instant::now() + wait.min(DELAY_MAX), (parcel, pending)) {
            Ok(starts) => {
                if starts {
                    tokio::spawn(run(Arc::downgrade(self), self.late.alarm()));
                }
                None
            }
            Err((parcel, _)) => Some(parcel),
        }
    }

    /// Hands over what is due; tells when to go on, or nothing when nothing waits.
    async fn deliver_due(self: &Arc<Self>) -> Option<Instant> {
        for delivered in 1_usize.. {
            match self.late.next(Instant::now()) {
                Next::Due((parcel, pending)) => self.deliver(parcel, pending).await,
                Next::At(at) => return Some(at),
                Next::Empty => return None,
            }
            if delivered.is_multiple_of(BURST) {
                tokio::task::yield_now().await;
            }
        }
        None
    }

    /// Hands over a parcel whose time has come. A queue takes it at once; what may take its time
    /// holds up nobody else.
    async fn deliver(self: &Arc<Self>, parcel: Parcel, pending: Pending) {
        if matches!(parcel.target.destination, Destination::Queue { .. }) {
            self.hand_over(&parcel).await;
            return;
        }
        let router = Arc::clone(self);
        tokio::spawn(async move {
            if let Some(arrival) = router.hand_over(&parcel).await {
                router.route(arrival).await;
            }
            drop(pending);
        });
    }

    /// Sends the event to the target; to a bus by returning its arrival there.
    async fn hand_over(&self, parcel: &Parcel) -> Option<Arrival> {
        let target = &parcel.target;
        match &target.destination {
            Destination::Bus(name) => return self.forward(parcel, name).await,
            Destination::Topic => {
                let message = parcel.input();
                match self.topics.publish_from_rule(&target.spec.arn, message).await {
                    Ok(()) => target.route.counters.delivered.increment(),
                    Err(error) => self.refuse(parcel, error.to_string()).await,
                }
            }
            Destination::Queue { group_id } => {
                let delivery = QueueDelivery {
                    queue_arn: target.spec.arn.clone(),
                    body: parcel.input(),
                    attributes: Vec::new(),
                    message_group_id: group_id.clone(),
                    message_deduplication_id: None,
                };
                self.courier.send(parcel.job(Message::Queue(delivery))).await;
            }
            Destination::Function => {
                let invocation = FunctionInvocation {
                    function_arn: target.spec.arn.clone(),
                    payload: parcel.input(),
                };
                self.courier.send(parcel.job(Message::Function(invocation))).await;
            }
        }
        None
    }

    async fn forward(&self, parcel: &Parcel, name: &str) -> Option<Arrival> {
        if parcel.forwarded {
            let reason = "an event that another bus sent goes to no third bus".to_owned();
            self.refuse(parcel, reason).await;
            return None;
        }
        match self.bus(Some(name)) {
            Ok(bus) => {
                parcel.target.route.counters.delivered.increment();
                let event = Arc::clone(&parcel.event);
                Some(Arrival { bus, event, forwarded: true, accepted: parcel.accepted })
            }
            Err(error) => {
                self.refuse(parcel, error.message).await;
                None
            }
        }
    }

    /// Gives up on a target that is neither queue nor function.
    async fn refuse(&self, parcel: &Parcel, reason: String) {
        let never_sent = Message::Function(FunctionInvocation {
            function_arn: parcel.target.spec.arn.clone(),
            payload: String::new(),
        });
        self.courier.send(parcel.job(never_sent).refused(reason)).await;
    }
}

/// The task that empties the timer queue. It holds the service only while something is due, so it
/// ends with it.
async fn run(router: Weak<Router>, alarm: Alarm) {
    loop {
        let Some(strong) = router.upgrade() else { return };
        let Some(next) = strong.deliver_due().await else { return };
        drop(strong);
        alarm.wait(next).await;
    }
}
