//! A service's way to the database: a pool for each server, and which of them a query goes to.

use std::sync::{
    Arc,
    atomic::{
        AtomicUsize,
        Ordering::{Acquire, Relaxed},
    },
};

use securecart_domain::OrderId;

use crate::{
    Error,
    pool::Pool,
    recent::Recent,
    statement::{Outcome, Row, Statement, Work},
};

/// A service's connections. Clones share them.
#[derive(Debug, Clone)]
pub struct Connections {
    pools: Arc<Pools>,
}

#[derive(Debug)]
struct Pools {
    primary: Pool,
    replicas: Vec<Pool>,
    /// Whose turn it is among the replicas.
    turn: AtomicUsize,
    recent: Arc<Recent>,
}

impl Connections {
    pub(crate) fn new(primary: Pool, replicas: Vec<Pool>, recent: Arc<Recent>) -> Self {
        let turn = AtomicUsize::new(0);
        Self { pools: Arc::new(Pools { primary, replicas, turn, recent }) }
    }

    /// What the primary makes of `work`.
    pub(crate) async fn primary(&self, work: &Work) -> Result<Outcome, Error> {
        let outcome = self.pools.primary.run(work).await?;
        Ok(outcome)
    }

    /// A query to the primary.
    pub(crate) async fn read_primary(&self, statement: Statement) -> Result<Vec<Row>, Error> {
        Ok(self.primary(&Work::Read(statement)).await?.rows)
    }

    /// A statement that writes to `order`.
    pub(crate) async fn write_order(
        &self,
        order: OrderId,
        statement: Statement,
    ) -> Result<Outcome, Error> {
        let outcome = self.write(statement).await?;
        if outcome.affected > 0 {
            self.pools.recent.wrote(order, outcome.position);
        }
        Ok(outcome)
    }

    /// A statement that writes.
    pub(crate) async fn write(&self, statement: Statement) -> Result<Outcome, Error> {
        self.primary(&Work::Write { statements: vec![statement], at_once: false }).await
    }

    /// A query to one of the replicas in turn; to the next where one is lost, to the primary where
    /// all are.
    pub(crate) async fn read(&self, statement: Statement) -> Result<Vec<Row>, Error> {
        let work = Work::Read(statement);
        match self.read_replica(&work, 0).await {
            Some(rows) => rows,
            None => Ok(self.primary(&work).await?.rows),
        }
    }

    /// A query about `order` to a replica that has what this process wrote to it, or else to the
    /// primary; to the primary as well where the replica finds nothing.
    pub(crate) async fn read_own(
        &self,
        order: OrderId,
        statement: Statement,
    ) -> Result<Vec<Row>, Error> {
        let work = Work::Read(statement);
        let position = self.pools.recent.position(order);
        if let Some(rows) = self.read_replica(&work, position).await {
            let rows = rows?;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
        if !self.pools.replicas.is_empty() {
            self.pools.primary.server.gauges.own_write_reads.fetch_add(1, Relaxed);
        }
        Ok(self.primary(&work).await?.rows)
    }

    /// The answer of an available replica that has applied `position`; `None` where there is none.
    async fn read_replica(&self, work: &Work, position: u64) -> Option<Result<Vec<Row>, Error>> {
        let replicas = &self.pools.replicas;
        let first = self.pools.turn.fetch_add(1, Relaxed);
        for step in 0..replicas.len() {
            let replica = &replicas[first.wrapping_add(step) % replicas.len()];
            let server = &replica.server;
            if !server.is_available() || server.position.load(Acquire) < position {
                continue;
            }
            match replica.run(work).await {
                Err(error) if error.is_unavailable() => {}
                outcome => return Some(outcome.map(|outcome| outcome.rows)),
            }
        }
        None
    }
}
