//! What can be done to a container in the middle of a run, and undone.
//!
//! As seen by a client: *pause* takes connections and answers nothing, those that are open hang;
//! *kill* and *cut off* end open connections and refuse new ones. PostgreSQL keeps its data over a
//! kill and recovers as after a crash. LocalStack and the caches keep theirs in memory: after a kill
//! they are empty, after a pause or a cut they are not.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bollard::{
    models::{NetworkConnectRequest, NetworkDisconnectRequest},
    query_parameters::{KillContainerOptionsBuilder, StartContainerOptions},
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Containers;
use crate::{Member, error::Error, logs, postgres, recipe::Question, unit::Unit};

/// How long a killed process may take to be gone, and how often it is looked at.
const DEAD_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);

impl Containers {
    /// Freezes all processes of `member`: it is there and answers nothing.
    ///
    /// # Errors
    /// When the engine refuses, for example because it is paused already.
    pub async fn pause(&self, member: Member) -> Result<(), Error> {
        let unit = self.unit(member)?;
        let paused = self.docker.pause_container(&unit.id).await;
        paused.map_err(|error| Error::docker(&format!("pausing {member}"), &error))
    }

    /// Ends a pause. The address is the same.
    ///
    /// # Errors
    /// When the engine refuses, for example because it is not paused.
    pub async fn unpause(&self, member: Member) -> Result<(), Error> {
        let unit = self.unit(member)?;
        let gone_on = self.docker.unpause_container(&unit.id).await;
        gone_on.map_err(|error| Error::docker(&format!("unpausing {member}"), &error))
    }

    /// Kills all processes of `member` (`kill -9`) and waits until they are gone.
    ///
    /// # Errors
    /// When the engine refuses, for example because it is down already.
    pub async fn kill(&self, member: Member) -> Result<(), Error> {
        let unit = self.unit(member)?;
        let was_down = unit.is_down();
        // Before, so that its end is not taken for a failure.
        unit.set_down(true);
        let options = KillContainerOptionsBuilder::new().signal("SIGKILL").build();
        if let Err(error) = self.docker.kill_container(&unit.id, Some(options)).await {
            unit.set_down(was_down);
            return Err(Error::docker(&format!("killing {member}"), &error));
        }
        self.until_dead(unit).await
    }

    async fn until_dead(&self, unit: &Unit) -> Result<(), Error> {
        let began = Instant::now();
        while unit.state(&self.docker).await?.running == Some(true) {
            if began.elapsed() >= DEAD_WITHIN {
                return Err(Error::Engine {
                    doing: format!("killing {}", unit.name()),
                    cause: format!("it still runs after {} s", DEAD_WITHIN.as_secs()),
                });
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Starts `member` again after a kill, or after it ended by itself. Docker chooses another port:
    /// gives the new address, at which it answers once it is [ready](Self::ready).
    ///
    /// # Errors
    /// When the engine refuses, or it ends at once. Where it is cut off it runs, and this says that
    /// it has no port: [`Self::reconnect`] gives one.
    pub async fn start_again(&self, member: Member) -> Result<SocketAddr, Error> {
        let unit = self.unit(member)?;
        let file = logs::open(&unit.log).await?;
        let started = self.docker.start_container(&unit.id, None::<StartContainerOptions>).await;
        started.map_err(|error| Error::docker(&format!("starting {member} again"), &error))?;
        unit.set_down(false);
        let follow =
            logs::follow(self.docker.clone(), Arc::clone(unit), file, self.failures.clone());
        self.logs.lock().push(tokio::spawn(follow));
        unit.read_address_or_end(&self.docker).await
    }

    /// Waits until `member` answers as it did at the start: LocalStack with its services running,
    /// PostgreSQL to a query, a replica streaming. Gives how long that took.
    ///
    /// # Errors
    /// When it ends, or does not answer within the time that a start may take.
    pub async fn ready(&self, member: Member) -> Result<Duration, Error> {
        let began = Instant::now();
        let unit = self.unit(member)?;
        let never = CancellationToken::new();
        unit.until_ready(&self.docker, self.options.ready_within, &never).await?;
        Ok(began.elapsed())
    }

    /// Takes `member` off the run's network: clients are refused, and other containers don't reach
    /// it. A replica stops to follow; a primary's replicas do.
    ///
    /// # Errors
    /// When the engine refuses, for example because it is cut off already.
    pub async fn disconnect(&self, member: Member) -> Result<(), Error> {
        let unit = self.unit(member)?;
        let request = NetworkDisconnectRequest { container: unit.id.clone(), force: None };
        let cut = self.docker.disconnect_network(&self.network, request).await;
        cut.map_err(|error| Error::docker(&format!("cutting off {member}"), &error))
    }

    /// Puts `member` back on the network. Docker chooses another port: gives the new address.
    ///
    /// # Errors
    /// When the engine refuses. Where it is down it is on the network again, and this says that it
    /// has no port: [`Self::start_again`] gives one.
    pub async fn reconnect(&self, member: Member) -> Result<SocketAddr, Error> {
        let unit = self.unit(member)?;
        let request = NetworkConnectRequest { container: unit.id.clone(), endpoint_config: None };
        let joined = self.docker.connect_network(&self.network, request).await;
        joined.map_err(|error| Error::docker(&format!("reconnecting {member}"), &error))?;
        unit.read_address(&self.docker).await
    }

    /// Makes a replica a primary, as RDS does when the primary is lost. The old primary, if it is
    /// started again, knows nothing of it: nobody may write to it any more.
    ///
    /// # Errors
    /// When `member` is no replica, or it can't be promoted within ten seconds.
    pub async fn promote(&self, member: Member) -> Result<(), Error> {
        let unit = self.unit(member)?;
        let doing = format!("promoting {member}");
        let Question::Postgres { login, replica: true } = &unit.recipe.question else {
            return Err(Error::NoMember { member: format!("replica called {member}") });
        };
        let asked = postgres::query(unit.address(), login, "select pg_promote(true, 10)");
        let answer = tokio::time::timeout(DEAD_WITHIN + DEAD_WITHIN, asked).await;
        match answer.unwrap_or_else(|_| Err("no answer".into())) {
            Ok(row) if row == ["t"] => Ok(()),
            Ok(_) => Err(Error::Engine { doing, cause: "it took more than 10 s".into() }),
            Err(cause) => Err(Error::Engine { doing, cause }),
        }
    }
}
