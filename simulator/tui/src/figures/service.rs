//! The services.

use securecart_record::{RunRecord, Sample, ServiceSample, ServiceTotals};

use super::{Health, per_second, recent};

/// Share of failed requests from which a service is failing.
const FAILING_SHARE: f64 = 0.01;
/// Share of busy slots from which a service is full.
const FULL_SHARE: f64 = 0.9;

/// One service: its latest interval, its recent rates and how well it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServiceRow<'a> {
    pub(crate) name: &'a str,
    /// The latest interval.
    pub(crate) now: &'a ServiceSample,
    /// The run so far; absent until the service is first counted.
    pub(crate) totals: Option<&'a ServiceTotals>,
    /// Handled a second, recently.
    pub(crate) handled_rate: f64,
    /// Failed a second, recently.
    pub(crate) failed_rate: f64,
    /// Turned away a second, recently.
    pub(crate) turned_away_rate: f64,
    pub(crate) health: Health,
}

/// The services, in the order of the record.
pub(crate) fn services(record: &RunRecord) -> Vec<ServiceRow<'_>> {
    let Some(last) = record.samples.last() else { return Vec::new() };
    last.services.iter().map(|now| row(record, now)).collect()
}

fn row<'a>(record: &'a RunRecord, now: &'a ServiceSample) -> ServiceRow<'a> {
    let name = now.service.as_str();
    let rate = |count: fn(&ServiceSample) -> u64| {
        per_second(record, recent(record), |sample| find(sample, name).map_or(0, count))
    };
    let handled_rate = rate(|service| service.handled);
    let failed_rate = rate(|service| service.failed);
    let turned_away_rate = rate(|service| service.turned_away);
    ServiceRow {
        name,
        now,
        totals: record.totals.services.iter().find(|totals| totals.service == name),
        handled_rate,
        failed_rate,
        turned_away_rate,
        health: health(now, handled_rate, failed_rate, turned_away_rate),
    }
}

/// The sample of the service `name` in `sample`.
pub(crate) fn find<'a>(sample: &'a Sample, name: &str) -> Option<&'a ServiceSample> {
    sample.services.iter().find(|service| service.service == name)
}

fn health(now: &ServiceSample, handled: f64, failed: f64, turned_away: f64) -> Health {
    let slots = u64::from(now.tasks) * u64::from(now.concurrency);
    let missing = now.demand.saturating_sub(now.tasks);
    if turned_away > 0.0 {
        Health::bad("turning away", turned_away)
    } else if now.tasks == 0 && now.desired > 0 {
        Health::bad("no task", f64::from(now.desired))
    } else if failed > 0.0 && failed >= handled * FAILING_SHARE {
        Health::bad("failing", failed)
    } else if missing > 0 && (now.cpu >= FULL_SHARE || now.waiting > 0) {
        Health::watch("short of tasks", f64::from(missing))
    } else if now.waiting > slots {
        Health::watch("backlog", now.waiting as f64 / slots.max(1) as f64)
    } else if now.utilisation >= FULL_SHARE {
        Health::watch("full", now.utilisation)
    } else if handled == 0.0 {
        Health::good("idle")
    } else {
        Health::good("ok")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Severity;

    fn service(utilisation: f64, waiting: u64) -> ServiceSample {
        ServiceSample { tasks: 2, concurrency: 8, utilisation, waiting, ..Default::default() }
    }

    #[test]
    fn health_names_the_worst_first() {
        let well = service(0.5, 3);
        assert_eq!(health(&well, 10.0, 0.0, 0.0).word, "ok");
        assert_eq!(health(&well, 0.0, 0.0, 0.0).word, "idle");
        assert_eq!(health(&well, 10.0, 0.05, 0.0).word, "ok");
        assert_eq!(health(&well, 10.0, 0.2, 0.0).word, "failing");
        assert_eq!(health(&well, 10.0, 0.2, 0.1).word, "turning away");
        assert_eq!(health(&service(0.95, 0), 10.0, 0.0, 0.0).word, "full");
        let short = ServiceSample { demand: 3, ..service(0.95, 1) };
        assert_eq!(health(&short, 10.0, 0.0, 0.0).word, "short of tasks");
        let gone = ServiceSample { tasks: 0, desired: 2, ..service(0.0, 0) };
        assert_eq!(health(&gone, 0.0, 0.0, 0.0).word, "no task");
        let behind = health(&service(0.95, 17), 10.0, 0.0, 0.0);
        assert_eq!((behind.word, behind.severity), ("backlog", Severity::Watch));
    }
}
