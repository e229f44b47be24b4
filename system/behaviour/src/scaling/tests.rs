//! Vectors of the sheet and worked examples of the documentation, played minute by minute.

use std::time::Duration;

use super::*;
use crate::cloudwatch::{AlarmSettings, AlarmState, Comparison};

const MINUTE: Duration = Duration::from_secs(60);

/// A target under a scaler: what is desired runs at once, unless a test says otherwise.
struct Plant {
    scaler: Scaler,
    capacity: Capacity,
    minute: u64,
}

impl Plant {
    fn new(target: ScalableTarget, capacity: u32) -> Self {
        let scaler = Scaler::new(target, Duration::ZERO).expect("valid");
        Self { scaler, capacity: Capacity::steady(capacity), minute: 0 }
    }

    /// A minute passes, over which the metrics had these values.
    fn minute(&mut self, values: &[(&str, f64)]) -> Vec<Decision> {
        let decisions = self.minute_without_start(values);
        self.capacity = Capacity {
            deployment: self.capacity.deployment,
            ..Capacity::steady(self.capacity.desired)
        };
        decisions
    }

    /// A minute, after which what is desired is still to be started.
    fn minute_without_start(&mut self, values: &[(&str, f64)]) -> Vec<Decision> {
        self.minute += 1;
        let now = self.now();
        for (metric, value) in values {
            self.scaler.observe(metric, now, Some(*value));
        }
        let decisions = self.scaler.step(now, self.capacity);
        for decision in decisions.iter().filter(|d| d.outcome == Outcome::Applied) {
            assert_eq!(decision.from, self.capacity.desired);
            self.capacity.desired = decision.to;
        }
        decisions
    }

    fn minutes(&mut self, count: u64, values: &[(&str, f64)]) -> Vec<Decision> {
        (0..count).flat_map(|_| self.minute(values)).collect()
    }

    fn now(&self) -> Duration {
        Duration::from_secs(60 * self.minute)
    }
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

fn ecs(policies: Vec<Policy>) -> ScalableTarget {
    ScalableTarget {
        policies,
        ..ScalableTarget::new(Engine::Ecs, "service/securecart/checkout", 2, 40)
    }
}

fn group(policies: Vec<Policy>) -> ScalableTarget {
    ScalableTarget { policies, ..ScalableTarget::new(Engine::Ec2, "catalog", 1, 40) }
}

fn cpu(target: f64) -> Policy {
    Policy::tracking("cpu", TargetTracking::new(Engine::Ecs, "cpu", target))
}

fn outcomes(decisions: &[Decision]) -> Vec<(u64, u32, Outcome)> {
    decisions.iter().map(|d| (d.at.as_secs() / 60, d.to, d.outcome)).collect()
}

fn held(minute: u64, to: u32, hold: Hold) -> (u64, u32, Outcome) {
    (minute, to, Outcome::Held(hold))
}

fn applied(minute: u64, to: u32) -> (u64, u32, Outcome) {
    (minute, to, Outcome::Applied)
}

/// Vector 11: ECS, target 50, 10 tasks, metric 80.
#[test]
fn ecs_scales_out_in_the_third_minute_and_in_after_fifteen() {
    let mut plant = Plant::new(ecs(vec![cpu(50.0)]), 10);
    assert_eq!(plant.minutes(2, &[("cpu", 80.0)]), []);
    let out = plant.minute(&[("cpu", 80.0)]);
    assert_eq!(outcomes(&out), [applied(3, 16)]);
    assert_eq!(
        out[0].alarm.as_deref(),
        Some("TargetTracking-service/securecart/checkout-AlarmHigh")
    );
    assert_eq!((out[0].value, out[0].target, out[0].from), (Some(80.0), Some(50.0), 10));
    assert_eq!(
        out[0].reason,
        "monitor alarm TargetTracking-service/securecart/checkout-AlarmHigh in state ALARM \
         triggered policy cpu: cpu of 80.0 against 50.0 on 10 tasks asks for 16, changing the \
         desired capacity from 10 to 16"
    );
    // 45 is 0.9 of 50, and not below it.
    assert_eq!(plant.minutes(40, &[("cpu", 45.0)]), []);
    assert_eq!(plant.minutes(14, &[("cpu", 40.0)]), []);
    // 16 - floor(16 - 16 x 40 / 50) = 16 - 3.
    assert_eq!(outcomes(&plant.minute(&[("cpu", 40.0)])), [applied(58, 13)]);
}

/// Vector 8: DynamoDB, 70 %, 100 WCU, a step to 140.
#[test]
fn dynamodb_scales_out_after_two_datapoints_and_waits_for_update_table() {
    let tracking = TargetTracking::new(Engine::DynamoDb, "consumed-write", 70.0);
    let target = ScalableTarget {
        policies: vec![Policy::tracking("write", tracking)],
        ..ScalableTarget::new(Engine::DynamoDb, "table/carts", 5, 1_000)
    };
    let mut plant = Plant::new(target, 100);
    assert_eq!(plant.minutes(5, &[("consumed-write", 60.0)]), []);
    assert_eq!(plant.minute(&[("consumed-write", 140.0)]), []);
    let out = plant.minute_without_start(&[("consumed-write", 140.0)]);
    assert_eq!(outcomes(&out), [applied(7, 200)]);
    assert_eq!(out[0].value, Some(140.0));
    let waits = plant.minute_without_start(&[("consumed-write", 180.0)]);
    assert_eq!(outcomes(&waits), [held(8, 258, Hold::ActivityInProgress)]);
    assert_eq!(plant.minute_without_start(&[("consumed-write", 180.0)]), []);
    plant.capacity = Capacity::steady(200);
    // 140 of 200 is 70 %: not above it.
    assert_eq!(plant.minutes(5, &[("consumed-write", 140.0)]), []);
    // The low alarm's threshold is 50 % of 200 units now.
    assert_eq!(plant.minutes(20, &[("consumed-write", 100.0)]), []);
    let low = plant.minutes(15, &[("consumed-write", 98.0)]);
    assert_eq!(outcomes(&low), [applied(49, 140)]);
    // No traffic is no data, and a table without data stays as large as it is.
    assert_eq!(plant.minutes(60, &[]), []);
}

#[test]
fn a_table_is_decreased_four_times_at_once_and_then_once_an_hour() {
    let tracking = TargetTracking::new(Engine::DynamoDb, "consumed-read", 70.0);
    let target = ScalableTarget {
        policies: vec![Policy::tracking("read", tracking)],
        ..ScalableTarget::new(Engine::DynamoDb, "table/carts", 1, 40_000)
    };
    let mut plant = Plant::new(target, 40_000);
    let mut decreases = Vec::new();
    let mut limited = 0;
    for minute in 1..=300_u32 {
        let consumed = 20_000.0 * 0.985_f64.powi(i32::try_from(minute).expect("small"));
        for decision in plant.minute(&[("consumed-read", consumed)]) {
            match decision.outcome {
                Outcome::Applied => decreases.push(minute),
                Outcome::Held(Hold::DecreaseLimit) => limited += 1,
                Outcome::Held(other) => panic!("held for {other:?} in minute {minute}"),
            }
        }
    }
    let gaps: Vec<u32> = decreases.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.len() >= 5 && gaps[..3].iter().all(|gap| *gap < 60), "{decreases:?}");
    assert!(gaps[3..].iter().all(|gap| *gap >= 60) && limited >= 2, "{decreases:?}, {limited}");
}

#[test]
fn ec2_scales_in_below_seven_tenths_of_the_target_and_never_while_instances_warm_up() {
    let mut plant = Plant::new(group(vec![cpu(60.0)]), 10);
    assert_eq!(plant.minutes(30, &[("cpu", 42.0)]), []);
    plant.minutes(14, &[("cpu", 30.0)]);
    plant.capacity.warming = 1;
    let waits = plant.minute_without_start(&[("cpu", 30.0)]);
    assert_eq!(outcomes(&waits), [held(45, 5, Hold::ScaleInSuspended)]);
    plant.capacity.warming = 0;
    assert_eq!(outcomes(&plant.minute(&[("cpu", 30.0)])), [applied(46, 5)]);
}

#[test]
fn a_deployment_suspends_scale_in_but_not_scale_out() {
    let mut plant = Plant::new(ecs(vec![cpu(50.0)]), 10);
    plant.capacity.deployment = true;
    let waits = plant.minutes(20, &[("cpu", 10.0)]);
    assert_eq!(outcomes(&waits), [held(15, 2, Hold::ScaleInSuspended)]);
    assert_eq!(outcomes(&plant.minutes(3, &[("cpu", 100.0)])), [applied(23, 20)]);
}

/// What was added counts; a larger need goes through; after the cooldown the next one as well.
#[test]
fn within_the_cooldown_only_a_larger_scale_out_follows() {
    let mut plant = Plant::new(ecs(vec![cpu(50.0)]), 10);
    let tasks_start_slowly =
        |plant: &mut Plant, value| plant.minute_without_start(&[("cpu", value)]);
    for _ in 0..2 {
        tasks_start_slowly(&mut plant, 80.0);
    }
    assert_eq!(outcomes(&tasks_start_slowly(&mut plant, 80.0)), [applied(3, 16)]);
    let until = minutes(8);
    let same = tasks_start_slowly(&mut plant, 80.0);
    assert_eq!(outcomes(&same), [held(4, 16, Hold::Cooldown { until })]);
    assert_eq!(tasks_start_slowly(&mut plant, 75.0), [], "said once");
    assert_eq!(outcomes(&tasks_start_slowly(&mut plant, 100.0)), [applied(6, 20)]);
    let until = minutes(11);
    let again = tasks_start_slowly(&mut plant, 100.0);
    assert_eq!(outcomes(&again), [held(7, 20, Hold::Cooldown { until })]);
    for _ in 8..11 {
        assert_eq!(tasks_start_slowly(&mut plant, 100.0), []);
    }
    // The tasks still don't run, so the need is the same and already desired.
    let after = tasks_start_slowly(&mut plant, 100.0);
    assert_eq!(outcomes(&after), [held(11, 20, Hold::NotLarger)]);
    plant.capacity = Capacity::steady(20);
    assert_eq!(outcomes(&plant.minute(&[("cpu", 60.0)])), [applied(12, 24)]);
}

#[test]
fn an_alarm_out_ends_the_cooldown_of_a_scale_in() {
    let mut plant = Plant::new(ecs(vec![cpu(50.0)]), 20);
    let first = plant.minutes(15, &[("cpu", 40.0)]);
    assert_eq!(outcomes(&first), [applied(15, 16)]);
    let second = plant.minutes(4, &[("cpu", 40.0)]);
    assert_eq!(outcomes(&second), [held(16, 13, Hold::Cooldown { until: minutes(20) })]);
    assert_eq!(outcomes(&plant.minute(&[("cpu", 40.0)])), [applied(20, 13)]);
    assert_eq!(outcomes(&plant.minutes(3, &[("cpu", 75.0)])), [applied(23, 20)]);
}

#[test]
fn after_an_alarm_out_the_next_scale_in_waits_for_no_earlier_cooldown() {
    let tracking = TargetTracking {
        scale_in_cooldown: minutes(60),
        ..TargetTracking::new(Engine::Ecs, "cpu", 50.0)
    };
    let mut plant = Plant::new(ecs(vec![Policy::tracking("cpu", tracking)]), 20);
    plant.minutes(15, &[("cpu", 40.0)]);
    plant.minutes(3, &[("cpu", 75.0)]);
    assert_eq!(plant.capacity.desired, 24);
    let low = plant.minutes(16, &[("cpu", 40.0)]);
    let until = minutes(93);
    assert_eq!(outcomes(&low), [applied(33, 20), held(34, 16, Hold::Cooldown { until })]);
}

#[test]
fn what_is_beyond_counting_is_no_number() {
    let mut plant = Plant::new(ecs(vec![cpu(1e-9)]), 30);
    let out = plant.minutes(3, &[("cpu", 99.0)]);
    assert_eq!(outcomes(&out), [applied(3, 40)]);
    let asked =
        "30 tasks asks for more than any limit, changing the desired capacity from 30 to 40";
    assert!(out[0].reason.contains(asked), "{}", out[0].reason);
    let more = plant.minutes(20, &[("cpu", 99.0)]);
    let cooldown = Hold::Cooldown { until: minutes(8) };
    assert_eq!(outcomes(&more), [held(4, 40, cooldown), held(8, 40, Hold::AtMaximum)]);
    assert!(!more[0].reason.contains("4294967295"), "{}", more[0].reason);
}

#[test]
fn limits_hold_and_clip() {
    let mut plant = Plant::new(ecs(vec![cpu(50.0)]), 30);
    let out = plant.minutes(3, &[("cpu", 99.0)]);
    assert_eq!(outcomes(&out), [applied(3, 40)]);
    assert!(
        out[0]
            .reason
            .ends_with("asks for 60, changing the desired capacity from 30 to 40, the maximum")
    );
    let more = plant.minutes(20, &[("cpu", 99.0)]);
    assert_eq!(outcomes(&more), [held(4, 80, Hold::AtMaximum)]);
    let mut plant = Plant::new(ecs(vec![cpu(50.0)]), 2);
    let low = plant.minutes(60, &[("cpu", 1.0)]);
    assert_eq!(outcomes(&low), [held(15, 1, Hold::AtMinimum)]);
    let mut outside = Plant::new(ecs(vec![]), 50);
    assert_eq!(outcomes(&outside.minute(&[])), [applied(1, 40)]);
    let mut below = Plant::new(ecs(vec![]), 0);
    assert_eq!(outcomes(&below.minute(&[])), [applied(1, 2)]);
}

#[test]
fn no_data_scales_neither_way() {
    let mut plant = Plant::new(ecs(vec![cpu(50.0)]), 10);
    assert_eq!(plant.minutes(30, &[]), []);
    assert_eq!(plant.minutes(20, &[("cpu", 47.0)]), []);
    assert!(plant.scaler.alarms().all(|alarm| alarm.state() == AlarmState::Ok));
    assert_eq!(plant.minutes(60, &[]), []);
    assert!(plant.scaler.alarms().all(|alarm| alarm.state() == AlarmState::InsufficientData));
    // Nor does an alarm that was on go on acting on what it saw last.
    plant.minutes(15, &[("cpu", 20.0)]);
    plant.minutes(30, &[]);
    assert_eq!(plant.minutes(60, &[]), []);
}

#[test]
fn provisioned_concurrency_scales_by_its_allocated_environments() {
    let metric = "provisioned-concurrency-utilisation";
    let tracking = TargetTracking::new(Engine::Lambda, metric, 0.7);
    let target = ScalableTarget {
        policies: vec![Policy::tracking("utilisation", tracking)],
        ..ScalableTarget::new(Engine::Lambda, "function:fraud:live", 10, 500)
    };
    let mut plant = Plant::new(target, 100);
    plant.minutes(2, &[(metric, 0.9)]);
    assert_eq!(outcomes(&plant.minute_without_start(&[(metric, 0.9)])), [applied(3, 129)]);
    // There is no cooldown, but those that are being allocated are not measured yet.
    let again = plant.minute_without_start(&[(metric, 0.9)]);
    assert_eq!(outcomes(&again), [held(4, 129, Hold::NotLarger)]);
    plant.capacity = Capacity::steady(129);
    assert_eq!(plant.minutes(20, &[(metric, 0.63)]), []);
    assert_eq!(outcomes(&plant.minutes(15, &[(metric, 0.6)])), [applied(39, 111)]);
}

#[test]
fn a_delivery_lag_delays_the_alarm_by_as_much() {
    let lag = Duration::from_secs(90);
    let target = ScalableTarget { metric_lag: lag, ..ecs(vec![cpu(50.0)]) };
    let mut plant = Plant::new(target, 10);
    let decisions = plant.minutes(5, &[("cpu", 80.0)]);
    assert_eq!(decisions.len(), 1);
    assert_eq!(decisions[0].at, minutes(3) + lag);
}

#[test]
fn high_resolution_metrics_alarm_within_seconds() {
    let ten = Duration::from_secs(10);
    let tracking = TargetTracking { period: ten, ..TargetTracking::new(Engine::Ec2, "cpu", 50.0) };
    let target = group(vec![Policy::tracking("cpu", tracking)]);
    let mut scaler = Scaler::new(target, Duration::ZERO).expect("valid");
    let first = (1..=6_u32).map(|step| ten * step).find_map(|now| {
        scaler.observe("cpu", now, Some(100.0));
        scaler.step(now, Capacity::steady(4)).pop()
    });
    let first = first.expect("it scales out");
    assert_eq!((first.at, first.to), (ten * 3, 8));
}

fn two(disable_scale_in: bool) -> ScalableTarget {
    let requests = TargetTracking {
        disable_scale_in,
        ..TargetTracking::new(Engine::Ecs, "requests-per-target", 1_000.0)
    };
    ecs(vec![cpu(50.0), Policy::tracking("requests", requests)])
}

#[test]
fn of_several_policies_the_largest_scales_out_and_all_must_agree_to_scale_in() {
    let mut plant = Plant::new(two(false), 10);
    let out = plant.minutes(3, &[("cpu", 60.0), ("requests-per-target", 1_500.0)]);
    assert_eq!(outcomes(&out), [applied(3, 15), held(3, 12, Hold::Cooldown { until: minutes(8) })]);
    assert_eq!((out[0].policy.as_str(), out[1].policy.as_str()), ("requests", "cpu"));
    assert_eq!(
        out[0].alarm.as_deref(),
        Some("TargetTracking-service/securecart/checkout-AlarmHigh-requests")
    );
    let one = plant.minutes(30, &[("cpu", 20.0), ("requests-per-target", 950.0)]);
    assert_eq!(outcomes(&one), [held(18, 6, Hold::OtherPolicies)]);
    // The larger of 6 and 12 is what both can live with.
    let both = plant.minutes(15, &[("cpu", 20.0), ("requests-per-target", 800.0)]);
    assert_eq!(outcomes(&both), [applied(48, 12)]);
    assert_eq!(both[0].policy, "requests");
}

#[test]
fn a_policy_that_never_scales_in_has_no_say_in_it() {
    let mut plant = Plant::new(two(true), 10);
    let decisions = plant.minutes(15, &[("cpu", 20.0), ("requests-per-target", 950.0)]);
    assert_eq!(outcomes(&decisions), [applied(15, 4)]);
    assert_eq!(plant.scaler.alarms().count(), 3);
    // Unless it wants out.
    let mut plant = Plant::new(two(true), 40);
    let decisions = plant.minutes(15, &[("cpu", 20.0), ("requests-per-target", 1_500.0)]);
    let expected = [held(3, 60, Hold::AtMaximum), held(15, 16, Hold::OtherPolicies)];
    assert_eq!(outcomes(&decisions), expected);
}

fn steps(rows: &[(Option<f64>, Option<f64>, i32)]) -> Vec<StepAdjustment> {
    rows.iter()
        .map(|&(lower, upper, adjustment)| StepAdjustment { lower, upper, adjustment })
        .collect()
}

/// The example of "Step adjustments" in the EC2 guide: a threshold of 50, by percentages.
fn guide(engine: Engine) -> Vec<Policy> {
    let percent = AdjustmentType::PercentChangeInCapacity;
    let high = AlarmSettings::new("cpu-high", "cpu", Comparison::GreaterThanOrEqual, 50.0);
    let low = AlarmSettings::new("cpu-low", "cpu", Comparison::LessThanOrEqual, 50.0);
    let out =
        steps(&[(Some(0.0), Some(10.0), 0), (Some(10.0), Some(20.0), 10), (Some(20.0), None, 30)]);
    let inward = steps(&[
        (Some(-10.0), Some(0.0), 0),
        (Some(-20.0), Some(-10.0), -10),
        (None, Some(-20.0), -30),
    ]);
    vec![
        Policy::step("out", StepScaling::new(engine, high, percent, out)),
        Policy::step("in", StepScaling::new(engine, low, percent, inward)),
    ]
}

#[test]
fn step_adjustments_as_the_ec2_guide_has_them() {
    let mut plant = Plant::new(group(guide(Engine::Ec2)), 10);
    let decisions: Vec<_> =
        [55.0, 60.0, 70.0, 40.0, 30.0].iter().flat_map(|v| plant.minute(&[("cpu", *v)])).collect();
    let expected = [
        held(1, 10, Hold::AlreadyAtDesired),
        applied(2, 11),
        applied(3, 14),
        applied(4, 13),
        applied(5, 10),
    ];
    assert_eq!(outcomes(&decisions), expected);
}

/// "Instance warm-up" in the EC2 guide: 60, then 62 and 70 while the new instance warms up.
#[test]
fn instances_that_warm_up_count_as_added() {
    let mut plant = Plant::new(group(guide(Engine::Ec2)), 10);
    assert_eq!(outcomes(&plant.minute_without_start(&[("cpu", 60.0)])), [applied(1, 11)]);
    plant.capacity.warming = 1;
    let second = plant.minute_without_start(&[("cpu", 62.0)]);
    assert_eq!(outcomes(&second), [held(2, 11, Hold::NotLarger)]);
    assert_eq!(outcomes(&plant.minute_without_start(&[("cpu", 70.0)])), [applied(3, 13)]);
}

/// "Cooldown period" of Application Auto Scaling: +2, and +3 within the cooldown is one more.
#[test]
fn within_a_cooldown_a_larger_step_adds_only_the_difference() {
    let alarm =
        AlarmSettings::new("backlog", "queue-backlog-per-task", Comparison::GreaterThan, 100.0);
    let rows = steps(&[(Some(0.0), Some(100.0), 2), (Some(100.0), None, 3)]);
    let policy = StepScaling::new(Engine::Ecs, alarm, AdjustmentType::ChangeInCapacity, rows);
    let mut plant = Plant::new(ecs(vec![Policy::step("backlog", policy)]), 10);
    let metric = "queue-backlog-per-task";
    assert_eq!(outcomes(&plant.minute(&[(metric, 150.0)])), [applied(1, 12)]);
    assert_eq!(outcomes(&plant.minute(&[(metric, 250.0)])), [applied(2, 13)]);
    let again = plant.minutes(4, &[(metric, 250.0)]);
    assert_eq!(outcomes(&again), [held(3, 13, Hold::Cooldown { until: minutes(7) })]);
    assert_eq!(outcomes(&plant.minute(&[(metric, 250.0)])), [applied(7, 16)]);
}

/// Assumed: what was removed again no longer counts as added.
#[test]
fn a_scale_in_ends_the_cooldown_of_a_scale_out() {
    let change = AdjustmentType::ChangeInCapacity;
    let high = AlarmSettings::new("high", "slots", Comparison::GreaterThan, 80.0);
    let low = AlarmSettings::new("low", "slots", Comparison::LessThan, 20.0);
    let out = StepScaling::new(Engine::Ecs, high, change, steps(&[(Some(0.0), None, 2)]));
    let inward = StepScaling::new(Engine::Ecs, low, change, steps(&[(None, Some(0.0), -2)]));
    let mut plant = Plant::new(ecs(vec![Policy::step("out", out), Policy::step("in", inward)]), 10);
    let decisions: Vec<_> =
        [90.0, 10.0, 90.0].iter().flat_map(|value| plant.minute(&[("slots", *value)])).collect();
    assert_eq!(outcomes(&decisions), [applied(1, 12), applied(2, 10), applied(3, 12)]);
}

/// A policy that asks for what there is keeps nobody from removing.
#[test]
fn an_exact_capacity_that_is_there_blocks_no_scale_in() {
    let alarm = AlarmSettings::new("low", "cpu", Comparison::LessThan, 45.0);
    let rows = steps(&[(None, Some(0.0), 10)]);
    let exact = StepScaling::new(Engine::Ecs, alarm, AdjustmentType::ExactCapacity, rows);
    let mut plant = Plant::new(ecs(vec![cpu(50.0), Policy::step("ten", exact)]), 10);
    let decisions = plant.minutes(15, &[("cpu", 40.0)]);
    assert_eq!(outcomes(&decisions), [held(1, 10, Hold::NotLarger), applied(15, 8)]);
}

#[test]
fn simple_scaling_waits_for_the_activity_and_then_for_the_cooldown() {
    let alarm = AlarmSettings::new("cpu-high", "cpu", Comparison::GreaterThan, 50.0);
    let adjustment = Adjustment { kind: AdjustmentType::ChangeInCapacity, by: 2, min_magnitude: 0 };
    let policy = SimpleScaling::new(alarm, adjustment);
    let mut plant = Plant::new(group(vec![Policy::simple("two-more", policy)]), 4);
    let high: &[(&str, f64)] = &[("cpu", 90.0)];
    assert_eq!(outcomes(&plant.minute_without_start(high)), [applied(1, 6)]);
    let waits: Vec<_> = (0..3).flat_map(|_| plant.minute_without_start(high)).collect();
    assert_eq!(outcomes(&waits), [held(2, 8, Hold::ActivityInProgress)]);
    plant.capacity = Capacity::steady(6);
    let cooldown = plant.minutes(5, high);
    assert_eq!(outcomes(&cooldown), [held(5, 8, Hold::Cooldown { until: minutes(10) })]);
    assert_eq!(outcomes(&plant.minute(high)), [applied(10, 8)]);
}

#[test]
fn scheduled_actions_set_limits_whatever_cools_down() {
    let evening = ScheduledAction {
        min: Some(20),
        max: Some(60),
        every: Some(minutes(20)),
        ..ScheduledAction::at("doors-open", minutes(5))
    };
    let night = ScheduledAction {
        max: Some(12),
        min: Some(2),
        ..ScheduledAction::at("night", minutes(10))
    };
    let wrong = ScheduledAction { min: Some(13), ..ScheduledAction::at("wrong", minutes(11)) };
    let target = ScalableTarget { schedule: vec![evening, night, wrong], ..ecs(vec![cpu(50.0)]) };
    let mut plant = Plant::new(target, 10);
    plant.minutes(3, &[("cpu", 80.0)]);
    let actions = plant.minutes(22, &[("cpu", 47.0)]);
    let expected =
        [applied(5, 20), applied(10, 12), held(11, 12, Hold::InvalidLimits), applied(25, 20)];
    assert_eq!(outcomes(&actions), expected);
    assert_eq!(plant.scaler.limits(), (20, 60));
    assert_eq!(
        actions[0].reason,
        "scheduled action doors-open sets a minimum of 20 and a maximum of 60, changing the desired \
         capacity from 16 to 20"
    );
}

#[test]
fn a_scheduled_maximum_waits_for_a_decrease_that_dynamodb_allows() {
    let schedule = (1..=5_u32)
        .map(|minute| ScheduledAction {
            max: Some(100 - 10 * minute),
            ..ScheduledAction::at(format!("less-{minute}"), MINUTE * minute)
        })
        .collect();
    let target =
        ScalableTarget { schedule, ..ScalableTarget::new(Engine::DynamoDb, "table/carts", 1, 100) };
    let mut plant = Plant::new(target, 100);
    let decisions = plant.minutes(70, &[]);
    let expected: Vec<_> = [(1, 90), (2, 80), (3, 70), (4, 60), (5, 60), (64, 50)]
        .map(|(m, to)| applied(m, to))
        .into();
    assert_eq!(outcomes(&decisions), expected);
}

#[test]
fn a_scaler_that_starts_late_runs_only_what_is_still_to_come() {
    let daily = ScheduledAction {
        desired: Some(9),
        every: Some(minutes(60)),
        ..ScheduledAction::at("hourly", minutes(5))
    };
    let once = ScheduledAction { min: Some(30), ..ScheduledAction::at("past", minutes(10)) };
    let target = ScalableTarget { schedule: vec![daily, once], ..group(vec![]) };
    let mut scaler = Scaler::new(target, minutes(100)).expect("valid");
    let decisions = scaler.step(minutes(130), Capacity::steady(4));
    assert_eq!(outcomes(&decisions), [applied(125, 9)]);
}

fn predictive(mode: PredictiveMode, history: Vec<f64>) -> Policy {
    let policy = PredictiveScaling { history, ..PredictiveScaling::new("cpu", 50.0, mode) };
    Policy::predictive("ahead", policy)
}

#[test]
fn a_forecast_scales_out_before_the_hour_and_never_in() {
    // A day of 500, with 1,000 in its second hour: 10 and 20 instances at 50 %.
    let mut history = vec![500.0; 24];
    history[1] = 1_000.0;
    let policies = vec![predictive(PredictiveMode::ForecastAndScale, history), cpu(50.0)];
    let mut plant = Plant::new(group(policies), 10);
    let decisions = plant.minutes(54, &[("cpu", 50.0)]);
    assert_eq!(decisions, []);
    let ahead = plant.minute(&[("cpu", 50.0)]);
    assert_eq!(outcomes(&ahead), [applied(55, 20)]);
    assert_eq!(
        ahead[0].reason,
        "the forecast of policy ahead for 01:00:00 asks for 20 to keep cpu at 50, changing the \
         desired capacity from 10 to 20"
    );
    // Tracking would take them back, but within the hour the forecast is the least.
    let low = plant.minutes(60, &[("cpu", 25.0)]);
    assert_eq!(outcomes(&low), [held(70, 10, Hold::Forecast)]);
    // In the third hour the forecast asks for ten again, and it is tracking that goes there.
    let later = plant.minutes(10, &[("cpu", 25.0)]);
    assert_eq!(outcomes(&later), [applied(120, 10), held(121, 5, Hold::Forecast)]);
}

#[test]
fn what_is_launched_ahead_of_the_hour_is_not_taken_back_before_it() {
    let mut history = vec![500.0; 24];
    history[1] = 1_000.0;
    let policies = vec![predictive(PredictiveMode::ForecastAndScale, history), cpu(50.0)];
    let mut plant = Plant::new(group(policies), 10);
    let decisions = plant.minutes(60, &[("cpu", 25.0)]);
    assert_eq!(outcomes(&decisions), [held(15, 5, Hold::Forecast), applied(55, 20)]);
}

#[test]
fn a_forecast_needs_a_day_and_forecast_only_says_what_it_would_do() {
    let policies = vec![predictive(PredictiveMode::ForecastOnly, Vec::new())];
    let mut plant = Plant::new(group(policies), 10);
    assert_eq!(plant.minutes(24 * 60 + 50, &[("cpu", 100.0)]), []);
    let said = plant.minutes(60, &[("cpu", 100.0)]);
    assert_eq!(outcomes(&said), [held(24 * 60 + 55, 20, Hold::ForecastOnly)]);
}

#[test]
fn what_aws_refuses_is_refused() {
    let refused = |target: ScalableTarget| {
        Scaler::new(target, Duration::ZERO).expect_err("refused").to_string()
    };
    assert_eq!(
        refused(ScalableTarget::new(Engine::Ecs, "service/a/b", 5, 4)),
        "`service/a/b` has a minimum of 5 above its maximum of 4"
    );
    assert!(refused(ecs(vec![cpu(50.0), cpu(60.0)])).contains("two policies named `cpu`"));
    let twice = vec![cpu(50.0), Policy { name: "other".to_owned(), ..cpu(60.0) }];
    assert!(refused(ecs(twice)).contains("tracks `cpu` twice"));
    assert!(refused(ecs(vec![cpu(0.0)])).contains("above zero"));
    let table = TargetTracking::new(Engine::DynamoDb, "consumed-read", 95.0);
    let table = ScalableTarget {
        policies: vec![Policy::tracking("read", table)],
        ..ScalableTarget::new(Engine::DynamoDb, "table/carts", 1, 10)
    };
    assert!(refused(table).contains("20 to 90 percent"));
    let gap = steps(&[(Some(0.0), Some(10.0), 1), (Some(11.0), None, 2)]);
    let alarm = || AlarmSettings::new("a", "cpu", Comparison::GreaterThan, 50.0);
    let change = AdjustmentType::ChangeInCapacity;
    let step = |rows| Policy::step("s", StepScaling::new(Engine::Ecs, alarm(), change, rows));
    assert!(refused(ecs(vec![step(gap)])).contains("no gap"));
    assert!(refused(ecs(vec![step(steps(&[(None, None, 1)]))])).contains("needs a bound"));
    assert!(refused(ecs(vec![step(Vec::new())])).contains("1 to 20 steps"));
    let table = ScalableTarget {
        policies: vec![step(steps(&[(Some(0.0), None, 1)]))],
        ..ScalableTarget::new(Engine::DynamoDb, "table/carts", 1, 10)
    };
    assert!(refused(table).contains("no step scaling"));
    let one_more = Adjustment { kind: change, by: 1, min_magnitude: 0 };
    let simple = Policy::simple("one-more", SimpleScaling::new(alarm(), one_more));
    assert!(refused(ecs(vec![simple])).contains("only EC2 has simple scaling"));
    let desired = ScheduledAction { desired: Some(4), ..ScheduledAction::at("d", MINUTE) };
    let scheduled = ScalableTarget { schedule: vec![desired], ..ecs(vec![]) };
    assert!(refused(scheduled).contains("only EC2 schedules a desired capacity"));
}
