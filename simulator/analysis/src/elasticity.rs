//! How well capacity followed demand: the metrics of SPEC RG (behaviour sheet 9) over the samples of
//! a finished record.
//!
//! Supply is the tasks in service, demand what the load asked for; both hold for the wall time of
//! their sample. A demand of nothing counts as one task, because no service here scales to none.
//!
//! Deliberately absent: jitter, elastic speedup and deviation of the same sheet, which compare
//! scalers with each other; and tasks that start, which are paid for but serve nobody.

use std::collections::{BTreeMap, BTreeSet};

use securecart_record::{Elasticity, RunRecord, ServiceSample};

use crate::span::{service, timed};

/// Processor utilisation from which a service counts as full, 0 to 1. An assumption.
pub(crate) const FULL_CPU: f64 = 0.95;

const SECONDS_AN_HOUR: f64 = 3_600.0;

/// The elasticity of every service whose tasks or demand varied, by name; none of a record that
/// knows no demand.
///
/// `usd_per_task_hour` gives the price of a task (an instance) by service, USD an hour of wall
/// time (sheet 6: Fargate per vCPU and GiB, EC2 per instance); a service that it lacks costs
/// nothing here.
#[must_use]
pub fn elasticity(
    record: &RunRecord,
    usd_per_task_hour: &BTreeMap<String, f64>,
) -> Vec<Elasticity> {
    let names: BTreeSet<&str> = record
        .samples
        .iter()
        .flat_map(|sample| &sample.services)
        .map(|service| service.service.as_str())
        .collect();
    let of = |name: &str| {
        let course = Course::of(record, name);
        let price = usd_per_task_hour.get(name).copied().unwrap_or(0.0);
        course.varies().then(|| course.elasticity(name, price))
    };
    names.into_iter().filter_map(of).collect()
}

/// A service over the run: its samples, each with its wall seconds.
struct Course<'a>(Vec<(&'a ServiceSample, f64)>);

impl<'a> Course<'a> {
    fn of(record: &'a RunRecord, name: &str) -> Self {
        let samples = timed(record);
        Self(samples.filter_map(|(sample, s)| Some((service(sample, name)?, s))).collect())
    }

    fn varies(&self) -> bool {
        let known = self.0.iter().any(|(sample, _)| sample.demand > 0);
        let changes = |figure: fn(&ServiceSample) -> u32| {
            self.0.windows(2).any(|pair| figure(pair[0].0) != figure(pair[1].0))
        };
        known && (changes(|sample| sample.tasks) || changes(|sample| sample.demand))
    }

    fn elasticity(&self, name: &str, usd_per_task_hour: f64) -> Elasticity {
        let all_s: f64 = self.0.iter().map(|(_, s)| s).sum();
        let share = |seconds: f64| if all_s > 0.0 { seconds / all_s } else { 0.0 };
        let sum = |figure: fn(&ServiceSample) -> f64| -> f64 {
            self.0.iter().map(|(sample, s)| figure(sample) * s).sum()
        };
        let surplus_task_hours = sum(surplus) / SECONDS_AN_HOUR;
        Elasticity {
            service: name.to_owned(),
            accuracy_under: share(sum(|sample| shortfall(sample) / demand(sample))),
            accuracy_over: share(sum(|sample| surplus(sample) / demand(sample))),
            time_share_under: share(sum(|sample| f64::from(shortfall(sample) > 0.0))),
            time_share_over: share(sum(|sample| f64::from(surplus(sample) > 0.0))),
            instability: self.instability(),
            saturated_minutes: sum(|sample| f64::from(is_saturated(sample))) / 60.0,
            surplus_task_hours,
            surplus_cost_usd: surplus_task_hours * usd_per_task_hour.max(0.0),
        }
    }

    /// Share of the time after the first sample in which supply and demand changed differently;
    /// not to change is a direction as well (sheet 9, instability).
    fn instability(&self) -> f64 {
        let (mut apart_s, mut all_s) = (0.0, 0.0);
        for pair in self.0.windows(2) {
            let ((before, _), (now, seconds)) = (pair[0], pair[1]);
            let supply = now.tasks.cmp(&before.tasks);
            let asked = demand(now).total_cmp(&demand(before));
            all_s += seconds;
            if supply != asked {
                apart_s += seconds;
            }
        }
        if all_s > 0.0 { apart_s / all_s } else { 0.0 }
    }
}

/// Tasks that the load asked for; at least one.
fn demand(sample: &ServiceSample) -> f64 {
    f64::from(sample.demand.max(1))
}

fn shortfall(sample: &ServiceSample) -> f64 {
    (demand(sample) - f64::from(sample.tasks)).max(0.0)
}

fn surplus(sample: &ServiceSample) -> f64 {
    (f64::from(sample.tasks) - demand(sample)).max(0.0)
}

/// Whether a service turned work away or its processors were full.
pub(crate) fn is_saturated(sample: &ServiceSample) -> bool {
    sample.turned_away > 0 || sample.cpu >= FULL_CPU
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use securecart_record::{Environment, RunInfo, Sample};

    use super::*;

    /// A second of `checkout` for each pair of tasks and demand.
    fn record(seconds: &[(u32, u32)]) -> RunRecord {
        let mut record = RunRecord::starting(RunInfo::default(), Environment::default());
        for (second, &(tasks, demand)) in seconds.iter().enumerate() {
            let service = "checkout".to_owned();
            record.samples.push(Arc::new(Sample {
                at_s: second as f64 + 1.0,
                services: vec![ServiceSample { service, tasks, demand, ..Default::default() }],
                ..Sample::default()
            }));
        }
        record
    }

    fn of(record: &RunRecord) -> Elasticity {
        let prices = BTreeMap::from([("checkout".to_owned(), 0.5)]);
        elasticity(record, &prices).pop().expect("it varies")
    }

    fn assert_near(figure: f64, expected: f64) {
        assert!((figure - expected).abs() < 1e-9, "{figure} is not {expected}");
    }

    #[test]
    fn too_little_and_too_much_are_shares_of_demand_and_of_time() {
        // Half a task in two missing for a second, twice as many for one, right for two.
        let elasticity = of(&record(&[(2, 4), (4, 4), (4, 2), (2, 2)]));
        assert_near(elasticity.accuracy_under, 0.5 / 4.0);
        assert_near(elasticity.accuracy_over, 1.0 / 4.0);
        assert_near(elasticity.time_share_under, 0.25);
        assert_near(elasticity.time_share_over, 0.25);
        assert_near(elasticity.surplus_task_hours, 2.0 / 3_600.0);
        assert_near(elasticity.surplus_cost_usd, 1.0 / 3_600.0);
    }

    #[test]
    fn supply_that_follows_at_once_is_stable() {
        assert_near(of(&record(&[(1, 1), (3, 3), (2, 2)])).instability, 0.0);
        // Up late by a second: both seconds differ, the third does not.
        assert_near(of(&record(&[(1, 1), (1, 2), (2, 2), (2, 2)])).instability, 2.0 / 3.0);
    }

    #[test]
    fn what_never_varies_or_is_not_known_is_left_out() {
        assert_eq!(elasticity(&record(&[(2, 1), (2, 1)]), &BTreeMap::new()), []);
        assert_eq!(elasticity(&record(&[(2, 0), (3, 0)]), &BTreeMap::new()), []);
        assert_eq!(elasticity(&record(&[]), &BTreeMap::new()), []);
    }

    #[test]
    fn an_idle_service_needs_one_task() {
        let elasticity = of(&record(&[(1, 0), (1, 1)]));
        assert_near(elasticity.time_share_over, 0.0);
        assert_near(elasticity.instability, 0.0);
    }

    #[test]
    fn minutes_are_saturated_when_work_is_turned_away_or_processors_are_full() {
        let mut record = record(&[(1, 1), (1, 2), (1, 2), (1, 2)]);
        let mut change = |second: usize, change: fn(&mut ServiceSample)| {
            change(&mut Arc::make_mut(&mut record.samples[second]).services[0]);
        };
        change(0, |service| service.cpu = 0.949);
        change(1, |service| service.cpu = 0.95);
        change(2, |service| service.turned_away = 1);
        assert_near(of(&record).saturated_minutes, 2.0 / 60.0);
    }

    #[test]
    fn a_merged_sample_weighs_as_long_as_it_is() {
        let mut record = record(&[(1, 2), (2, 2)]);
        record.resolution_s = 4;
        Arc::make_mut(&mut record.samples[0]).at_s = 4.0;
        Arc::make_mut(&mut record.samples[1]).at_s = 6.0;
        assert_near(of(&record).time_share_under, 4.0 / 6.0);
    }

    proptest! {
        #[test]
        fn metrics_stay_within_their_bounds(
            seconds in prop::collection::vec((0_u32..40, 0_u32..40), 0..60),
        ) {
            let record = record(&seconds);
            for one in elasticity(&record, &BTreeMap::from([("checkout".to_owned(), 0.05)])) {
                for share in [
                    one.accuracy_under, one.time_share_under, one.time_share_over, one.instability,
                ] {
                    prop_assert!((0.0..=1.0 + 1e-9).contains(&share), "{one:?}");
                }
                prop_assert!(one.time_share_under + one.time_share_over <= 1.0 + 1e-9);
                prop_assert!(one.accuracy_under <= one.time_share_under + 1e-9);
                prop_assert!((one.accuracy_over > 0.0) == (one.time_share_over > 0.0));
                let most_hours = 40.0 * seconds.len() as f64 / 3_600.0;
                prop_assert!((0.0..=most_hours).contains(&one.surplus_task_hours));
                prop_assert!((one.surplus_cost_usd - one.surplus_task_hours * 0.05).abs() < 1e-9);
            }
        }

        #[test]
        fn perfect_supply_has_no_fault(demand in prop::collection::vec(1_u32..40, 2..60)) {
            let seconds: Vec<_> = demand.iter().map(|demand| (*demand, *demand)).collect();
            for one in elasticity(&record(&seconds), &BTreeMap::new()) {
                prop_assert_eq!(
                    (one.accuracy_under, one.accuracy_over, one.instability), (0.0, 0.0, 0.0)
                );
            }
        }
    }
}
