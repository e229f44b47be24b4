//! What surrounds a run's traffic: scaling and faults, each a loop of its own.

use std::sync::Arc;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Error,
    faults::Faults,
    run::Stage,
    scaling::{Controller, Journal},
    shop::Shop,
};

/// The loops, until they are ended.
pub(crate) struct Conditions {
    pub(crate) journal: Arc<Journal>,
    stop: CancellationToken,
    loops: TaskTracker,
}

impl Conditions {
    /// Starts scaling and the plan's faults.
    pub(crate) fn start(stage: &Stage, shop: &Arc<Shop>) -> Result<Self, Error> {
        let conditions = Self::scaling(stage, shop)?;
        let faults = Faults::new(stage, Arc::clone(shop), Arc::clone(&conditions.journal));
        conditions.loops.spawn(faults.run(conditions.stop.clone()));
        Ok(conditions)
    }

    /// Starts scaling alone.
    pub(crate) fn scaling(stage: &Stage, shop: &Arc<Shop>) -> Result<Self, Error> {
        let journal = Arc::new(Journal::new(stage.time.clone()));
        let (stop, loops) = (CancellationToken::new(), TaskTracker::new());
        let controller = Controller::new(stage, Arc::clone(shop), Arc::clone(&journal))?;
        loops.spawn(controller.run(stop.clone()));
        loops.close();
        Ok(Self { journal, stop, loops })
    }

    /// Ends everything that goes on; faults that are on are undone.
    pub(crate) async fn end(&self) {
        self.stop.cancel();
        self.loops.wait().await;
    }
}
