//! The one connection that writes, and the order of commits.

use std::sync::{Arc, atomic::Ordering::Release};

use sqlx::{Connection, SqliteConnection};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::{
    Hold,
    follower::{Change, Follower},
};
use crate::{
    Error,
    server::Server,
    statement::{Outcome, Statement, query},
};

/// Statements that take effect together, and who waits for it.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) statements: Arc<[Statement]>,
    pub(crate) at_once: bool,
    pub(crate) answer: oneshot::Sender<Result<Outcome, Error>>,
}

/// Carries out jobs in the order they come, and gives each that changed something to the replicas.
/// Ends when nobody can send any more.
pub(crate) async fn write(
    mut connection: SqliteConnection,
    mut jobs: mpsc::UnboundedReceiver<Job>,
    primary: Arc<Server>,
    followers: Vec<Arc<Follower>>,
    hold: Hold,
) {
    let mut position = 0;
    while let Some(job) = jobs.recv().await {
        // Whoever was cut off before the work began finds that nothing was done.
        if job.answer.is_closed() {
            continue;
        }
        let held = hold.begin();
        let written = carry_out(&mut connection, &job.statements).await;
        drop(held);
        let outcome = match written {
            Ok(affected) if affected > 0 => {
                position += 1;
                let change = Change {
                    position,
                    committed: Instant::now(),
                    at_once: job.at_once,
                    statements: job.statements,
                };
                for follower in &followers {
                    follower.push(change.clone()).await;
                }
                primary.position.store(position, Release);
                Ok(Outcome { affected, position, ..Outcome::default() })
            }
            Ok(_) => Ok(Outcome { position, ..Outcome::default() }),
            Err(error) => Err(error),
        };
        // Who asked may have been cut off meanwhile.
        let _ = job.answer.send(outcome);
    }
}

/// Runs the statements as one transaction; how many rows they wrote.
pub(super) async fn carry_out(
    connection: &mut SqliteConnection,
    statements: &[Statement],
) -> Result<u64, Error> {
    if let [statement] = statements {
        return execute(connection, statement).await;
    }
    let failed = |error: sqlx::Error| Error::sqlx("transaction", &error);
    let mut transaction = connection.begin().await.map_err(failed)?;
    let mut affected = 0;
    for statement in statements {
        affected += execute(&mut transaction, statement).await?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(affected)
}

async fn execute(connection: &mut SqliteConnection, statement: &Statement) -> Result<u64, Error> {
    query!(statement)
        .execute(connection)
        .await
        .map(|done| done.rows_affected())
        .map_err(|error| Error::sqlx(statement.sql.as_str(), &error))
}
