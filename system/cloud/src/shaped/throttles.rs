//! What every client of a cloud shares: tables, quotas, faults.

use std::{sync::Arc, time::Duration};

use securecart_behaviour::{
    Assumptions,
    assumptions::QUOTAS_BURST,
    dynamodb::{self, ACCOUNT_QUOTA, CapacityRefused},
    latency::AwsCalls,
};
use securecart_embedded_wire::Ids;

use super::{call::Service, faults::Faults, quotas::Quotas, tables::Tables};
use crate::{Error, ErrorKind};

/// The modelled state of AWS's limits.
#[derive(Debug)]
pub(crate) struct Throttles {
    pub(super) tables: Tables,
    pub(super) quotas: Quotas,
    pub(super) faults: Arc<Faults>,
    latency: AwsCalls,
    /// The backend takes time of its own for everything but functions, and that time stands.
    has_own_time: bool,
    pub(super) ids: Ids,
}

impl Throttles {
    /// Nothing used yet. `speed` compresses what takes minutes on AWS, and no rate.
    pub(crate) fn new(seed: u64, speed: f64, assumptions: &Assumptions) -> Self {
        Self {
            tables: Tables::new(dynamodb::Config::new(assumptions).compressed(speed)),
            quotas: Quotas::new(assumptions.duration(&QUOTAS_BURST)),
            faults: Arc::default(),
            latency: AwsCalls::new(assumptions),
            has_own_time: false,
            ids: Ids::new(seed),
        }
    }

    /// Leaves the times of calls to the backend, which is slower than AWS itself. Functions, which
    /// are never the backend's, keep theirs.
    pub(crate) fn with_times_of_the_backend(self) -> Self {
        Self { has_own_time: true, ..self }
    }

    /// The modelled time of a call, without faults.
    pub(super) fn time(&self, service: Service, operation: &str, uniform: f64) -> Duration {
        if self.has_own_time && service != Service::Lambda {
            return Duration::ZERO;
        }
        self.latency.of(service.as_str(), operation).at(uniform)
    }

    pub(crate) fn tables(&self) -> &Tables {
        &self.tables
    }

    pub(crate) fn faults(&self) -> &Arc<Faults> {
        &self.faults
    }

    /// Changes the provisioned capacity of a table some time from now, which is given back.
    pub(crate) fn update_table(
        &self,
        name: &str,
        read: u32,
        write: u32,
    ) -> Result<Duration, Error> {
        let context = format!("update table `{name}`");
        let Some(table) = self.tables.known(name) else {
            return Err(Error { kind: ErrorKind::NoTable, context });
        };
        let (read, write) = (f64::from(read), f64::from(write));
        let others = self.tables.provisioned_without(name);
        for (asked, others, quota) in
            [(read, others.read, ACCOUNT_QUOTA.read), (write, others.write, ACCOUNT_QUOTA.write)]
        {
            if others + asked > quota {
                let left = (quota - others).max(0.0);
                return Err(Error { kind: ErrorKind::AccountQuota { asked, left }, context });
            }
        }
        let now = self.tables.now();
        match table.with(|table| table.set_capacity(now, read, write)) {
            Ok(ready) => Ok(ready.saturating_sub(now)),
            Err(CapacityRefused::InUse { until }) => {
                let remaining = until.saturating_sub(now);
                Err(Error { kind: ErrorKind::TableInUse { remaining }, context })
            }
            Err(CapacityRefused::OutOfRange { .. }) => {
                Err(Error { kind: ErrorKind::TableQuota { read, write }, context })
            }
        }
    }
}
