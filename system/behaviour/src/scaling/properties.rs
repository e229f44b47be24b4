//! What holds for any policies, any metrics and any moment.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::cloudwatch::{AlarmSettings, Comparison};

const MIN: u32 = 3;
const MAX: u32 = 30;

fn at(minute: usize) -> Duration {
    Duration::from_secs(60 * minute as u64)
}

/// Target tracking on two metrics, a step policy on the first, and a scheduled action.
fn target(engine: Engine, lag_seconds: u64) -> ScalableTarget {
    let alarm = AlarmSettings::new("surge", "cpu", Comparison::GreaterThan, 80.0);
    let steps = vec![
        StepAdjustment { lower: Some(0.0), upper: Some(10.0), adjustment: 2 },
        StepAdjustment { lower: Some(10.0), upper: None, adjustment: 60 },
    ];
    let percent = AdjustmentType::PercentChangeInCapacity;
    let action = ScheduledAction {
        min: Some(MIN + 4),
        every: Some(Duration::from_secs(5_400)),
        ..ScheduledAction::at("early", Duration::from_secs(1_800))
    };
    let back = ScheduledAction { min: Some(MIN), at: Duration::from_secs(3_600), ..action.clone() };
    ScalableTarget {
        policies: vec![
            Policy::tracking("cpu", TargetTracking::new(engine, "cpu", 50.0)),
            Policy::tracking("memory", TargetTracking::new(engine, "memory", 60.0)),
            Policy::step("surge", StepScaling::new(engine, alarm, percent, steps)),
        ],
        schedule: vec![action, back],
        metric_lag: Duration::from_secs(lag_seconds),
        ..ScalableTarget::new(engine, "service/securecart/cart", MIN, MAX)
    }
}

/// A minute: the metrics' values, how many minutes what is desired takes to run, and a deployment.
type Minute = (Option<f64>, Option<f64>, bool);

/// Loads that stay for a while, so that alarms of 15 datapoints are met at all.
fn day() -> impl Strategy<Value = Vec<Minute>> {
    let value = || prop::option::weighted(0.97, 0.0_f64..100.0);
    let stretch = (value(), value(), prop::bool::weighted(0.1), 1_usize..40);
    prop::collection::vec(stretch, 1..14).prop_map(|stretches| {
        let minutes = stretches.into_iter().flat_map(|(cpu, memory, deployment, length)| {
            std::iter::repeat_n((cpu, memory, deployment), length)
        });
        minutes.collect()
    })
}

/// Plays a day: the decisions of each minute, and what was desired at its end.
fn play(
    engine: Engine,
    lag: u64,
    day: &[Minute],
    start: u32,
    delay: usize,
) -> Vec<(Vec<Decision>, u32)> {
    let mut scaler = Scaler::new(target(engine, lag), Duration::ZERO).expect("valid");
    let mut desired = vec![start; delay + 1];
    day.iter()
        .enumerate()
        .map(|(index, (cpu, memory, deployment))| {
            let now = at(index + 1);
            scaler.observe("cpu", now, *cpu);
            scaler.observe("memory", now, *memory);
            let last = desired[desired.len() - 1];
            let running = desired[desired.len() - 1 - delay];
            let warming = if engine == Engine::Ec2 { last.saturating_sub(running) } else { 0 };
            let capacity = Capacity {
                desired: last,
                running,
                in_service: running.min(last),
                warming,
                deployment: *deployment,
            };
            let decisions = scaler.step(now, capacity);
            let to =
                decisions.iter().rfind(|d| d.outcome == Outcome::Applied).map_or(last, |d| d.to);
            desired.push(to);
            (decisions, to)
        })
        .collect()
}

fn engine() -> impl Strategy<Value = Engine> {
    prop_oneof![Just(Engine::Ecs), Just(Engine::Ec2)]
}

/// Whether `AlarmLow` may be on: the newest 15 datapoints within its range are below `threshold`.
fn low(values: &[Option<f64>], threshold: f64) -> bool {
    values.iter().rev().take(17).flatten().take(15).all(|v| *v < threshold)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn capacity_stays_within_its_limits(
        engine in engine(), lag in 0_u64..200, day in day(), start in 0_u32..60, delay in 0_usize..6,
    ) {
        for (decisions, desired) in play(engine, lag, &day, start, delay) {
            prop_assert!((MIN..=MAX).contains(&desired), "{desired}");
            for pair in decisions.windows(2) {
                prop_assert!(pair[0].at <= pair[1].at);
            }
            for decision in decisions {
                prop_assert!(!decision.reason.is_empty());
                prop_assert!(decision.outcome != Outcome::Applied || decision.to <= MAX);
            }
        }
    }

    /// What is decided in a minute depends on nothing after it.
    #[test]
    fn the_future_changes_nothing(
        engine in engine(), lag in 0_u64..200, day in day(), other in day(), cut in 0.0_f64..1.0,
    ) {
        let cut = (day.len() as f64 * cut) as usize;
        let mut changed = day[..cut].to_vec();
        changed.extend(other);
        let one = play(engine, lag, &day, 10, 2);
        let two = play(engine, lag, &changed, 10, 2);
        prop_assert_eq!(&one[..cut], &two[..cut]);
    }

    /// Nor does a datapoint that is recorded ahead of its delivery.
    #[test]
    fn an_early_datapoint_waits_for_its_delivery(day in day(), lag in 0_u64..200) {
        let target = target(Engine::Ecs, lag);
        let mut punctual = Scaler::new(target.clone(), Duration::ZERO).expect("valid");
        let mut early = Scaler::new(target, Duration::ZERO).expect("valid");
        for (index, (cpu, _, _)) in day.iter().enumerate() {
            punctual.observe("cpu", at(index + 1), *cpu);
            early.observe("cpu", at(index + 1), *cpu);
            if let Some((next, _, _)) = day.get(index + 1) {
                // One minute ahead; recorded once more below, which an average doesn't notice.
                early.observe("cpu", at(index + 2), *next);
            }
            let capacity = Capacity::steady(10);
            prop_assert_eq!(
                punctual.step(at(index + 1), capacity),
                early.step(at(index + 1), capacity)
            );
        }
    }

    #[test]
    fn target_tracking_scales_in_only_when_all_agree(day in day(), delay in 0_usize..4) {
        for (index, (decisions, _)) in play(Engine::Ecs, 0, &day, 20, delay).iter().enumerate() {
            let removes = decisions.iter().any(|d| {
                d.outcome == Outcome::Applied && d.to < d.from && d.policy != "early"
            });
            if removes {
                let seen = &day[..=index];
                let cpu: Vec<_> = seen.iter().map(|m| m.0).collect();
                let memory: Vec<_> = seen.iter().map(|m| m.1).collect();
                prop_assert!(low(&cpu, 45.0) && low(&memory, 54.0), "minute {}", index + 1);
                prop_assert!(!day[index].2, "in a deployment");
            }
        }
    }

    #[test]
    fn cooldowns_are_respected(day in day(), delay in 0_usize..4) {
        let cooldown = Duration::from_secs(300);
        let changes: Vec<Decision> = play(Engine::Ecs, 0, &day, 20, delay)
            .into_iter()
            .flat_map(|(decisions, _)| decisions)
            .filter(|d| d.outcome == Outcome::Applied && d.alarm.is_some())
            .collect();
        for pair in changes.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            if after.at < before.at + cooldown && after.to < after.from {
                prop_assert!(before.to > before.from, "two removals within a cooldown: {pair:?}");
            }
            let both_out = before.to > before.from && after.to > after.from;
            if both_out && after.at < before.at + cooldown && before.to < MAX {
                prop_assert!(after.to > before.to, "no larger one within a cooldown: {pair:?}");
            }
        }
    }

    /// Asking more often, or late, finds the same decisions.
    #[test]
    fn how_often_it_is_asked_does_not_matter(day in day(), lag in 0_u64..200) {
        let target = target(Engine::Ec2, lag);
        let mut often = Scaler::new(target.clone(), Duration::ZERO).expect("valid");
        let mut once = Scaler::new(target, Duration::ZERO).expect("valid");
        let (mut one, mut two) = (Vec::new(), Vec::new());
        let mut desired = 10;
        for (index, (cpu, memory, _)) in day.iter().enumerate() {
            for scaler in [&mut often, &mut once] {
                scaler.observe("cpu", at(index + 1), *cpu);
                scaler.observe("memory", at(index + 1), *memory);
            }
            let from = desired;
            for part in 0..6 {
                let now = at(index + 1) + Duration::from_secs(10 * part);
                let decisions = often.step(now, Capacity::steady(desired));
                let applied = decisions.iter().rfind(|d| d.outcome == Outcome::Applied);
                desired = applied.map_or(desired, |d| d.to);
                one.extend(decisions);
            }
            two.extend(once.step(at(index + 1) + Duration::from_secs(50), Capacity::steady(from)));
        }
        prop_assert_eq!(one, two);
    }

    /// A situation is said once, not once a minute.
    #[test]
    fn a_long_situation_is_reported_once(value in 0.0_f64..100.0, start in MIN..=MAX) {
        let mut scaler = Scaler::new(target(Engine::Ecs, 0), Duration::ZERO).expect("valid");
        let (mut desired, mut changes, mut held) = (start, 0, 0);
        for minute in 1..=600 {
            scaler.observe("cpu", at(minute), Some(value));
            scaler.observe("memory", at(minute), Some(value));
            for decision in scaler.step(at(minute), Capacity::steady(desired)) {
                if decision.outcome == Outcome::Applied {
                    desired = decision.to;
                    changes += 1;
                } else {
                    held += 1;
                }
            }
        }
        prop_assert!(held <= 3 * (changes + 1), "{held} held, {changes} changes");
    }
}
