//! The service: its functions, the account's concurrency, and the two clocks.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use securecart_behaviour::lambda::{self, ACCOUNT_CONCURRENCY, Account, Moment, OverReserved};
use securecart_clock::Clock;
use securecart_embedded_sqs::Sqs;
use securecart_embedded_wire::{Answer, AwsError, FunctionInvocation, Ids, TargetError};

use crate::{
    FunctionConfig, FunctionMetrics, Handler, MappingMetrics, asynchronous, error,
    function::{Function, is_name, name_of},
    mapping::{Mapping, Mode, Queues, RemoteSqs},
    metrics::Counts,
    operations::{self, RestCall},
};

/// AWS Lambda.
///
/// Needs a tokio runtime with time enabled: invocations are tasks of their own.
#[derive(Debug)]
pub struct Lambda {
    pub(crate) inner: Arc<Inner>,
}

/// What operations and invocations work on.
pub(crate) struct Inner {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) sqs: Arc<Sqs>,
    /// Where the queues of mappings are, when that is not `sqs`.
    remote: RwLock<Option<RemoteSqs>>,
    functions: RwLock<BTreeMap<String, Arc<Function>>>,
    pub(crate) mappings: RwLock<BTreeMap<String, Arc<Mapping>>>,
    account: Mutex<Account>,
    pace: Mutex<Pace>,
}

/// How fast the shop's clock runs, and since when.
#[derive(Debug, Clone, Copy)]
struct Pace {
    since: Moment,
    speed: f64,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("functions", &self.functions).finish_non_exhaustive()
    }
}

impl Lambda {
    /// A service without functions whose mappings read `sqs`. Identifiers and the spread of cold
    /// starts come from `seed`. The shop's clock runs at speed 1.
    #[must_use]
    pub fn new(clock: Clock, seed: u64, sqs: Arc<Sqs>) -> Self {
        let inner = Inner {
            clock,
            ids: Ids::new(seed),
            sqs,
            remote: RwLock::default(),
            functions: RwLock::default(),
            mappings: RwLock::default(),
            account: Mutex::new(Account::new(ACCOUNT_CONCURRENCY, Moment::default())),
            pace: Mutex::new(Pace { since: Moment::default(), speed: 1.0 }),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Mappings that are made from now on read the queues of `sqs`, which is another process's.
    pub fn set_remote_sqs(&self, sqs: RemoteSqs) {
        *self.inner.remote.write() = Some(sqs);
    }

    /// The shop's clock runs `speed` times as fast as the wall clock from now on.
    pub fn set_speed(&self, speed: f64) {
        let now = self.inner.now();
        *self.inner.pace.lock() = Pace { since: now, speed };
    }

    /// Makes `handler` the function `name`, in place of another of that name.
    ///
    /// # Errors
    /// When the account can't set the concurrency aside that `config` reserves.
    pub fn register(
        &self,
        name: &str,
        config: FunctionConfig,
        handler: Handler,
    ) -> Result<(), OverReserved> {
        let (inner, now) = (&self.inner, self.inner.now());
        let before = inner.functions.write().remove(name);
        if let Some(before) = before {
            let (mut model, mut account) = (before.model.lock(), inner.account.lock());
            // What it had set aside goes back; less is always possible.
            let _ = model.set_provisioned(&mut account, 0, now);
            let _ = model.set_reserved(&mut account, None, now);
        }
        let model = lambda::Function::new(config.capacity, &mut inner.account.lock(), now)?;
        let function = Function {
            name: name.to_owned(),
            config,
            handler,
            model: Mutex::new(model),
            counts: Counts::default(),
        };
        inner.functions.write().insert(name.to_owned(), Arc::new(function));
        Ok(())
    }

    /// Reserves concurrency for the function `name`, as `PutFunctionConcurrency` does; `None`
    /// gives it what it was registered with.
    ///
    /// # Errors
    /// When there is no such function, or too little concurrency would be left unreserved.
    pub fn throttle(&self, name: &str, reserved: Option<u32>) -> Result<(), AwsError> {
        let function = self.inner.function(name)?;
        let reserved = reserved.or(function.config.capacity.reserved);
        self.inner.reserve(&function, reserved)
    }

    /// Answers one call.
    ///
    /// # Errors
    /// What AWS documents for the operation; `UnknownOperationException` for those that the engine
    /// does not have.
    pub async fn call(&self, call: RestCall<'_>) -> Result<Answer, AwsError> {
        operations::call(&self.inner, call).await
    }

    /// Takes an event of a topic or a rule: it is tried, again and again where need be, until it is
    /// done or given up.
    ///
    /// # Errors
    /// [`TargetError::Permanent`] when there is no such function.
    pub fn accept(&self, invocation: &FunctionInvocation) -> Result<(), TargetError> {
        let function = self
            .inner
            .function(name_of(&invocation.function_arn))
            .map_err(|error| TargetError::Permanent(error.message))?;
        let payload = Bytes::from(invocation.payload.clone());
        asynchronous::accept(&self.inner, function, payload);
        Ok(())
    }

    /// Every mapping stops to take messages; those that it has are done with first.
    pub async fn stop_mappings(&self) {
        let mappings: Vec<_> = self.inner.mappings.read().values().cloned().collect();
        for mapping in &mappings {
            mapping.set_mode(Mode::Disabled);
        }
        for mapping in mappings {
            mapping.idle().await;
        }
    }

    /// Every function by name.
    #[must_use]
    pub fn function_metrics(&self) -> Vec<FunctionMetrics> {
        let now = self.inner.now();
        let functions: Vec<_> = self.inner.functions.read().values().cloned().collect();
        functions.iter().map(|function| metrics_of(function, now)).collect()
    }

    /// Every mapping.
    #[must_use]
    pub fn mapping_metrics(&self) -> Vec<MappingMetrics> {
        self.inner.mappings.read().values().map(|mapping| mapping.metrics()).collect()
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        for mapping in self.inner.mappings.read().values() {
            mapping.set_mode(Mode::Gone);
        }
    }
}

impl Inner {
    /// Now, on both clocks.
    pub(crate) fn now(&self) -> Moment {
        let wall = self.clock.started().elapsed();
        let Pace { since, speed } = *self.pace.lock();
        let passed = wall.saturating_sub(since.wall).mul_f64(speed);
        Moment { wall, scenario: since.scenario + passed }
    }

    /// Where the queues of a new mapping are.
    pub(crate) fn queues(&self) -> Queues {
        match &*self.remote.read() {
            Some(remote) => Queues::Remote(Arc::clone(remote)),
            None => Queues::Engine(Arc::clone(&self.sqs)),
        }
    }

    /// How long `time` of the shop's clock takes.
    pub(crate) fn wall(&self, time: Duration) -> Duration {
        time.div_f64(self.pace.lock().speed.max(1e-3))
    }

    /// A number from 0 to 1.
    pub(crate) fn uniform(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits")]
        let bits = (self.ids.next_u64() >> 11) as f64;
        bits / (1_u64 << 53) as f64
    }

    /// The function that a caller names, by name or by ARN.
    pub(crate) fn function(&self, label: &str) -> Result<Arc<Function>, AwsError> {
        let name = name_of(label);
        if !is_name(name) {
            return Err(error::no_name(label));
        }
        self.functions.read().get(name).cloned().ok_or_else(|| error::no_function(name))
    }

    pub(crate) fn functions(&self) -> Vec<Arc<Function>> {
        self.functions.read().values().cloned().collect()
    }

    /// Runs `act` on a function's model and the account.
    pub(crate) fn model<R>(
        &self,
        function: &Function,
        act: impl FnOnce(&mut lambda::Function, &mut Account) -> R,
    ) -> R {
        let mut model = function.model.lock();
        act(&mut model, &mut self.account.lock())
    }

    pub(crate) fn reserve(
        &self,
        function: &Function,
        reserved: Option<u32>,
    ) -> Result<(), AwsError> {
        let now = self.now();
        self.model(function, |model, account| model.set_reserved(account, reserved, now))
            .map_err(error::over_reserved)
    }
}

fn metrics_of(function: &Function, now: Moment) -> FunctionMetrics {
    let mut model = function.model.lock();
    let usage = model.usage(now);
    let concurrent = u64::from(model.running());
    FunctionMetrics {
        name: function.name.clone(),
        invocations: usage.requests - concurrent,
        cold_starts: usage.cold_starts,
        throttles: usage.throttles,
        errors: function.counts.errors.get(),
        concurrent,
        concurrent_max: model.running_max().into(),
        environments: model.environments(now).into(),
        provisioned: model.provisioned(now).1.into(),
        pending: function.counts.pending.get(),
        discarded: function.counts.discarded.get(),
        duration: usage.duration,
        init: usage.init,
        gb_s: usage.gb_s,
        provisioned_gb_s: usage.provisioned_gb_s,
        allocated_gb_s: usage.allocated_gb_s,
    }
}
