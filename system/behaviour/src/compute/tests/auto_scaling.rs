//! EC2 Auto Scaling: sheet 3.2.

use super::*;
use crate::compute::ec2::{PoolState, WarmPool};

fn all_spot(capacity_rebalancing: Option<Duration>) -> ec2::Settings {
    ec2::Settings {
        spot: spot::Settings { share: 1.0, interrupted_a_month: 0.0 },
        capacity_rebalancing,
        ..ec2::Settings::default()
    }
}

#[test]
fn the_median_boot_is_25_seconds() {
    let boot = ec2::Settings::default().boot_time(0.5).as_secs_f64();
    assert!((boot - 25.0).abs() < 1e-6, "{boot}");
}

/// Boot, user data of 60 s and a check: in service after about 100 s; then warming for the
/// cooldown, 300 s, since no warm-up is set.
#[test]
fn an_instance_boots_runs_its_user_data_passes_a_check_and_warms_up() {
    let mut rig = Rig::ec2(ec2::Settings::default(), 2);
    rig.fleet.set_desired(s(0), 30);
    let entered = entries(&rig.step(s(300)))[2..].to_vec();
    assert_eq!(entered.len(), 28);
    let mean = entered.iter().map(Duration::as_secs_f64).sum::<f64>() / 28.0;
    assert!((mean - 100.0).abs() < 6.0, "{mean}");
    assert_eq!((rig.fleet.in_service(), rig.fleet.warming()), (30, 28));
    assert!(rig.fleet.is_warming(TaskId(5)) && !rig.fleet.is_warming(TaskId(1)));
    rig.step(entered[0] + s(300));
    assert_eq!(rig.fleet.warming(), 27);
    rig.step(s(1_000));
    assert_eq!((rig.fleet.in_service(), rig.fleet.warming()), (30, 0));
}

/// At most a tenth of the group is out of service, and the unhealthy goes before its replacement.
#[test]
fn unhealthy_instances_are_terminated_first_a_tenth_at_a_time() {
    let mut rig = Rig::ec2(ec2::Settings::default(), 40);
    rig.step(s(0));
    for id in 0..12 {
        rig.fleet.mark_unhealthy(s(10), TaskId(id));
    }
    let events = rig.step(s(10));
    assert_eq!(drains(&events).len(), 4);
    assert_eq!(launches(&events), [(s(10), Cause::Unhealthy); 4]);
    for second in 11..900 {
        rig.step(s(second));
        let serving = rig.count(Life::InService);
        assert!(serving >= 36, "{serving} at {second} s");
    }
    assert_eq!(rig.fleet.in_service(), 40);
    let gone = (0..12).filter(|id| rig.lives[&TaskId(*id)] != Life::InService).count();
    assert_eq!(gone, 12);
}

#[test]
fn a_group_under_its_desired_size_keeps_unhealthy_instances() {
    let mut rig = Rig::ec2(ec2::Settings::default(), 10);
    rig.fleet.set_desired(s(5), 20);
    rig.fleet.mark_unhealthy(s(5), TaskId(3));
    assert_eq!(drains(&rig.step(s(20))), []);
    assert_eq!(drains(&rig.step(s(300)))[0].1, TaskId(3));
}

/// Fullest zone, oldest template, closest to the next billing hour.
#[test]
fn scale_in_balances_zones_then_takes_the_oldest_template_then_the_nearest_hour() {
    let settings = ec2::Settings { warm_up: Some(s(0)), ..ec2::Settings::default() };
    let mut rig = Rig::ec2(settings, 3);
    rig.fleet.set_desired(s(1_000), 6);
    rig.step(s(2_000));
    rig.fleet.new_template(s(2_000));
    rig.fleet.set_desired(s(2_000), 9);
    rig.step(s(3_500));
    // At 3700 s: the first three are 100 s into their hour, the second three 2700 s.
    rig.fleet.set_desired(s(3_700), 6);
    let told = drains(&rig.step(s(3_700)));
    let mut ids: Vec<_> = told.iter().map(|(_, id, ..)| id.0).collect();
    ids.sort_unstable();
    assert_eq!(ids, [3, 4, 5]);
    assert_eq!(rig.fleet.zones(), [2, 2, 2]);
    rig.fleet.set_desired(s(3_800), 3);
    let told = drains(&rig.step(s(3_800)));
    assert!(told.iter().all(|(_, id, ..)| id.0 < 3), "the old template first: {told:?}");
}

/// Without Capacity Rebalancing a group replaces an instance when it is gone.
#[test]
fn an_interrupted_instance_is_replaced_after_its_two_minutes() {
    let mut rig = Rig::ec2(all_spot(None), 6);
    rig.step(s(0));
    rig.fleet.reclaim_spot(s(10), 0.34);
    let events = rig.step(s(129));
    assert_eq!(drains(&events).len(), 2);
    assert_eq!(launches(&events), []);
    let events = rig.step(s(130));
    assert_eq!(stops(&events), [(s(130), Cause::SpotReclaimed, false); 2]);
    assert_eq!(launches(&events), [(s(130), Cause::SpotReclaimed); 2]);
}

/// With it, the replacement starts at the signal and the old one goes when it is in service.
#[test]
fn capacity_rebalancing_launches_before_it_terminates() {
    let mut rig = Rig::ec2(all_spot(Some(s(600))), 6);
    rig.step(s(0));
    rig.fleet.reclaim_spot(s(10), 0.34);
    let events = rig.step(s(10));
    assert_eq!(launches(&events), [(s(10), Cause::SpotReclaimed); 2]);
    assert_eq!(drains(&events), []);
    let mut least = 6;
    for second in 11..900 {
        rig.step(s(second));
        least = least.min(rig.fleet.in_service());
    }
    assert_eq!(least, 6);
    assert_eq!((rig.fleet.in_service(), rig.fleet.pending()), (6, 0));
    let told = drains(&rig.events);
    assert!(told.iter().all(|(at, ..)| *at < s(610)), "replaced before the notice: {told:?}");
}

/// A notice that comes with the signal leaves two minutes, and the launch is at once.
#[test]
fn a_signal_that_comes_with_the_notice_launches_at_once() {
    let mut rig = Rig::ec2(all_spot(Some(s(0))), 6);
    rig.step(s(0));
    rig.fleet.reclaim_spot(s(10), 0.17);
    let events = rig.step(s(10));
    assert_eq!(launches(&events), [(s(10), Cause::SpotReclaimed)]);
    assert_eq!(drains(&events)[0].2, s(130));
}

fn pooled(state: PoolState, max: u32) -> ec2::Settings {
    ec2::Settings {
        max,
        warm_pool: Some(WarmPool { state, min_size: 0, max_prepared: None }),
        ..ec2::Settings::default()
    }
}

/// Six of the twelve come out of the pool, without user data; the rest launch cold.
#[test]
fn a_depleted_warm_pool_launches_cold() {
    let settings = ec2::Settings {
        warm_pool: Some(WarmPool {
            state: PoolState::Stopped,
            min_size: 0,
            max_prepared: Some(12),
        }),
        user_data: s(180),
        ..ec2::Settings::default()
    };
    let mut rig = Rig::ec2(settings, 6);
    rig.step(s(0));
    assert_eq!(rig.fleet.warm_pool(), (6, 0));
    rig.fleet.set_desired(s(0), 18);
    rig.step(s(0));
    assert_eq!(rig.fleet.warm_pool(), (0, 0), "desired is above what is to be prepared");
    rig.step(s(120));
    assert_eq!(rig.fleet.in_service(), 12);
    rig.step(s(300));
    assert_eq!(rig.fleet.in_service(), 18);
}

#[test]
fn a_running_pool_needs_only_its_check_and_refills_on_scale_in() {
    let mut rig = Rig::ec2(pooled(PoolState::Running, 12), 6);
    rig.fleet.set_desired(s(0), 12);
    rig.step(s(30));
    assert_eq!((rig.fleet.in_service(), rig.fleet.warm_pool()), (12, (0, 0)));
    rig.fleet.set_desired(s(100), 9);
    rig.step(s(100));
    assert_eq!(rig.fleet.warm_pool(), (0, 3));
    rig.step(s(300));
    assert_eq!(rig.fleet.warm_pool(), (3, 0));
}

#[test]
fn a_lost_zone_takes_its_part_of_the_warm_pool() {
    let mut rig = Rig::ec2(pooled(PoolState::Stopped, 9), 3);
    rig.fleet.lose_zone(s(0), Zone::B);
    rig.step(s(0));
    // Two pooled instances are lost, one is drawn for the task that was, and the pool fills up to
    // its six in the zones that are left.
    assert_eq!(rig.fleet.warm_pool(), (3, 3));
}
