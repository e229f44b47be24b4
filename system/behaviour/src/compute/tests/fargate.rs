//! ECS on Fargate: sheet 3.1.

use super::*;

fn half_spot() -> ecs::Settings {
    ecs::Settings {
        spot: spot::Settings { share: 0.5, interrupted_a_month: 0.0 },
        ..ecs::Settings::default()
    }
}

/// Vector 6 of the sheet, the service cap: 500 a minute, metered smoothly.
#[test]
fn a_service_launches_700_tasks_in_84_seconds() {
    let mut rig = Rig::ecs(ecs::Settings::default(), 0);
    rig.fleet.set_desired(s(0), 700);
    let events = rig.step(s(100));
    let launched = launches(&events);
    assert_eq!(launched.len(), 700);
    assert_eq!(launched[699].0, Duration::from_millis(83_880));
    assert_eq!(holds(&events), [(s(0), Hold::SchedulerRate, 699)]);
}

/// Vector 6 of the sheet, the launch bucket alone: 100 at once, then 20 a second.
#[test]
fn the_launch_bucket_alone_takes_700_tasks_in_30_seconds() {
    let mut rig =
        Rig::ecs(ecs::Settings { tasks_per_minute: u32::MAX, ..ecs::Settings::default() }, 0);
    rig.fleet.set_desired(s(0), 700);
    let events = rig.step(s(100));
    let launched = launches(&events);
    assert_eq!(launched.len(), 700);
    let early = launched.iter().filter(|(at, _)| *at < Duration::from_millis(40)).count();
    assert!((100..=101).contains(&early), "{early}");
    assert!((launched[699].0.as_secs_f64() - 30.0).abs() < 0.06, "{:?}", launched[699].0);
    assert_eq!(holds(&events)[0].1, Hold::LaunchRate);
}

/// Spot has a bucket of its own, and two services share both.
#[test]
fn spot_and_on_demand_have_a_bucket_each() {
    let mut budget = LaunchBudget::new(s(0));
    for capacity in [Capacity::OnDemand, Capacity::Spot] {
        let granted = (0..150).filter(|_| budget.take(s(0), capacity)).count();
        assert_eq!(granted, 100);
        assert_eq!(budget.wait(s(0), capacity), Duration::from_millis(50));
    }
}

/// The sheet's measured image, 413 MB: 57 s; and none at all: 20 s.
#[test]
fn the_median_start_time_grows_with_the_image() {
    let start = |image_mb| ecs::Settings { image_mb, ..ecs::Settings::default() }.start_time(0.5);
    assert!((start(413.0).as_secs_f64() - 57.17).abs() < 0.01, "{:?}", start(413.0));
    assert!((start(0.0).as_secs_f64() - 20.0).abs() < 0.01);
    let p99 = ecs::Settings::default().start_time(0.99).as_secs_f64();
    assert!((p99 / 57.17 - (0.12_f64 * 2.326).exp()).abs() < 0.01, "not cut off: {p99}");
}

/// A new task waits for one check, at most an interval of 30 s.
#[test]
fn a_task_is_in_service_one_check_after_its_start() {
    let mut rig = Rig::ecs(ecs::Settings::default(), 3);
    rig.step(s(0));
    assert_eq!((rig.fleet.in_service(), rig.fleet.pending()), (3, 0));
    rig.fleet.set_desired(s(10), 60);
    let events = rig.step(s(300));
    let (launched, entered) = (launches(&events), entries(&events));
    assert_eq!((launched.len(), entered.len()), (57, 57));
    let mean = |times: &[f64]| times.iter().sum::<f64>() / times.len() as f64;
    let seconds = |at: &Duration| at.as_secs_f64();
    let waited = mean(&entered.iter().map(seconds).collect::<Vec<_>>())
        - mean(&launched.iter().map(|(at, _)| seconds(at)).collect::<Vec<_>>());
    assert!((waited - (57.6 + 15.0)).abs() < 4.0, "{waited}");
}

#[test]
fn scale_in_takes_the_newest_of_the_fullest_zone_and_drains_it() {
    let mut rig = Rig::ecs(ecs::Settings::default(), 7);
    rig.step(s(0));
    assert_eq!(rig.fleet.zones(), [3, 2, 2]);
    rig.fleet.set_desired(s(5), 6);
    let events = rig.step(s(5));
    assert_eq!(drains(&events), [(s(5), TaskId(6), s(335), Cause::ScaleIn)]);
    assert_eq!((rig.fleet.running(), rig.fleet.draining()), (6, 1));
    assert_eq!(rig.step(s(334)), []);
    assert_eq!(stops(&rig.step(s(335))), [(s(335), Cause::ScaleIn, false)]);
}

#[test]
fn an_idle_draining_task_stops_at_once() {
    let mut rig = Rig::ecs(ecs::Settings::default(), 2);
    rig.fleet.set_desired(s(5), 1);
    let id = drains(&rig.step(s(5)))[0].1;
    rig.fleet.idle(s(9), id);
    assert_eq!(stops(&rig.step(s(10))), [(s(9), Cause::ScaleIn, false)]);
}

/// Draining tasks are gone for the service: a scale-out meanwhile launches new ones.
#[test]
fn a_scale_in_of_pending_tasks_stops_them_without_draining() {
    let mut rig = Rig::ecs(ecs::Settings::default(), 3);
    rig.fleet.set_desired(s(1), 5);
    rig.step(s(2));
    rig.fleet.set_desired(s(3), 3);
    let events = rig.step(s(3));
    assert_eq!(drains(&events), []);
    assert_eq!(stops(&events), [(s(3), Cause::ScaleIn, false); 2]);
    assert_eq!(rig.fleet.in_service(), 3);
}

#[test]
fn a_killed_task_is_replaced_at_once() {
    let mut rig = Rig::ecs(ecs::Settings::default(), 3);
    rig.step(s(0));
    rig.fleet.kill(s(4), TaskId(1));
    let events = rig.step(s(4));
    assert_eq!(stops(&events), [(s(4), Cause::Killed, true)]);
    assert_eq!(launches(&events), [(s(4), Cause::Killed)]);
}

/// ECS starts the replacement first (AWS, October 2023).
#[test]
fn an_unhealthy_task_goes_when_its_replacement_is_in_service() {
    let mut rig = Rig::ecs(ecs::Settings::default(), 4);
    rig.step(s(0));
    rig.fleet.mark_unhealthy(s(10), TaskId(2));
    let events = rig.step(s(10));
    assert_eq!(launches(&events), [(s(10), Cause::Unhealthy)]);
    assert_eq!(drains(&events), []);
    assert_eq!(rig.fleet.in_service(), 3);
    let events = rig.step(s(200));
    let entered = entries(&events)[0];
    assert_eq!(drains(&events), [(entered, TaskId(2), entered + s(330), Cause::Unhealthy)]);
    assert_eq!((rig.fleet.in_service(), rig.fleet.pending()), (4, 0));
}

#[test]
fn failed_checks_are_ignored_during_the_grace_period() {
    let settings = ecs::Settings { health_grace: s(600), ..ecs::Settings::default() };
    let mut rig = Rig::ecs(settings, 0);
    rig.fleet.set_desired(s(0), 1);
    rig.step(s(200));
    assert_eq!(rig.fleet.in_service(), 1);
    rig.fleet.mark_unhealthy(s(200), TaskId(0));
    assert_eq!(rig.step(s(600)), []);
    rig.fleet.mark_unhealthy(s(700), TaskId(0));
    assert_eq!(launches(&rig.step(s(700))), [(s(700), Cause::Unhealthy)]);
}

#[test]
fn a_spot_interruption_gives_exactly_two_minutes_and_is_replaced_at_the_notice() {
    let mut rig = Rig::ecs(half_spot(), 8);
    rig.step(s(0));
    assert_eq!(rig.fleet.bought_as(Capacity::Spot), 4);
    rig.fleet.reclaim_spot(s(50), 0.5);
    let events = rig.step(s(50));
    let told = drains(&events);
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|(at, _, until, cause)| {
        (*at, *until, *cause) == (s(50), s(170), Cause::SpotReclaimed)
    }));
    assert_eq!(launches(&events)[0], (s(50), Cause::SpotReclaimed));
    rig.fleet.idle(s(60), told[0].1);
    let stopped = stops(&rig.step(s(170)));
    assert_eq!(stopped, [(s(170), Cause::SpotReclaimed, false); 2]);
    assert_eq!(rig.fleet.bought_as(Capacity::Spot), 4);
}

/// ECS has no fallback from Spot to On-Demand: a crunch leaves the service short until it ends.
#[test]
fn a_crunch_holds_spot_launches_and_only_those() {
    let mut rig = Rig::ecs(half_spot(), 8);
    rig.step(s(0));
    rig.fleet.spot_available(s(50), false);
    rig.fleet.reclaim_spot(s(50), 1.0);
    let events = rig.step(s(60));
    assert_eq!(holds(&events), [(s(50), Hold::NoSpotCapacity, 4)]);
    rig.fleet.set_desired(s(100), 12);
    assert_eq!(launches(&rig.step(s(300))).len(), 2);
    assert_eq!(rig.fleet.in_service(), 6);
    rig.fleet.spot_available(s(400), true);
    let events = rig.step(s(600));
    assert_eq!(launches(&events).len(), 6);
    assert_eq!(rig.fleet.in_service(), 12);
}

#[test]
fn a_zone_that_is_lost_is_replaced_elsewhere_and_evened_out_when_it_is_back() {
    let mut rig = Rig::ecs(ecs::Settings::default(), 9);
    rig.step(s(0));
    rig.fleet.lose_zone(s(10), Zone::A);
    let events = rig.step(s(200));
    assert_eq!(stops(&events), [(s(10), Cause::ZoneLost, true); 3]);
    assert_eq!(rig.fleet.zones(), [0, 5, 4]);
    rig.fleet.restore_zone(s(600), Zone::A);
    let mut least = 9;
    for second in 600..1_200 {
        rig.step(s(second));
        least = least.min(rig.fleet.in_service());
    }
    assert_eq!(rig.fleet.zones(), [3, 3, 3]);
    assert_eq!(least, 9, "the new one first");
}

#[test]
fn no_zone_at_all_is_a_hold() {
    let mut rig = Rig::ecs(ecs::Settings::default(), 3);
    for zone in Zone::ALL {
        rig.fleet.lose_zone(s(10), zone);
    }
    assert_eq!(holds(&rig.step(s(10))), [(s(10), Hold::NoZone, 3)]);
    rig.fleet.restore_zone(s(20), Zone::B);
    rig.step(s(300));
    assert_eq!(rig.fleet.zones(), [0, 3, 0]);
}

/// The wait grows to its maximum, and a new task definition ends it.
#[test]
fn failed_starts_are_retried_ever_later() {
    let mut rig = Rig::ecs(ecs::Settings::default(), 0);
    rig.fleet.fail_starts(s(0), true);
    rig.fleet.set_desired(s(0), 1);
    let events = rig.step(s(12_000));
    let times: Vec<_> = launches(&events).into_iter().map(|(at, _)| at.as_secs_f64()).collect();
    let gaps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (first, last) = (gaps[0], gaps[gaps.len() - 1]);
    assert!((50.0..90.0).contains(&first), "a start and 10 s: {first}");
    assert!((940.0..980.0).contains(&last), "a start and 15 minutes: {last}");
    assert_eq!(rig.fleet.in_service(), 0);
    assert!(holds(&events).iter().all(|(_, hold, _)| *hold == Hold::RestartDelay));
    rig.fleet.fail_starts(s(12_000), false);
    rig.fleet.new_template(s(12_000));
    rig.step(s(12_200));
    assert_eq!(rig.fleet.in_service(), 1);
}

/// A year of 1000 Spot tasks at 20 % a month: 0.223 interruptions a task and month.
#[test]
fn independent_interruptions_come_at_the_published_rate() {
    let settings = ecs::Settings {
        spot: spot::Settings { share: 1.0, interrupted_a_month: 0.2 },
        ..ecs::Settings::default()
    };
    let mut rig = Rig::ecs(settings, 1_000);
    let events = rig.step(s(720 * 3_600));
    let told = drains(&events).len();
    assert!((175..=270).contains(&told), "{told}");
    assert_eq!(rig.fleet.desired(), 1_000);
}
