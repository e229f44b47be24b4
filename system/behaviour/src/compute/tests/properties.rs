//! What holds for every sequence of commands.

use proptest::prelude::*;

use super::*;
use crate::compute::ec2::{PoolState, WarmPool};

#[derive(Debug, Clone)]
enum Act {
    Desired(u32),
    Kill(usize),
    KillShare(f64),
    Lose(Zone),
    Restore(Zone),
    Reclaim(f64),
    Spot(bool),
    Unhealthy(usize),
    Idle(u64),
    FailStarts(bool),
    Template,
}

fn acts() -> impl Strategy<Value = Vec<(u64, Act)>> {
    let zone = || prop::sample::select(Zone::ALL.to_vec());
    let act = prop_oneof![
        4 => (0_u32..60).prop_map(Act::Desired),
        2 => (0_usize..100).prop_map(Act::Kill),
        1 => (0.0_f64..1.0).prop_map(Act::KillShare),
        1 => zone().prop_map(Act::Lose),
        2 => zone().prop_map(Act::Restore),
        1 => (0.0_f64..1.0).prop_map(Act::Reclaim),
        1 => any::<bool>().prop_map(Act::Spot),
        3 => (0_usize..100).prop_map(Act::Unhealthy),
        2 => (0_u64..100).prop_map(Act::Idle),
        1 => any::<bool>().prop_map(Act::FailStarts),
        1 => Just(Act::Template),
    ];
    prop::collection::vec((0_u64..120, act), 1..60)
}

fn fleets() -> impl Strategy<Value = Fleet> {
    let spot = (0.0_f64..1.0, 0.0_f64..0.9)
        .prop_map(|(share, interrupted_a_month)| spot::Settings { share, interrupted_a_month });
    (any::<bool>(), spot, 0_u32..40, prop::option::of(0_u64..300), any::<bool>()).prop_map(
        |(ecs, spot, desired, lead, pool)| {
            if ecs {
                let settings = ecs::Settings { spot, ..ecs::Settings::default() };
                return Fleet::ecs(settings, desired, Duration::ZERO);
            }
            let warm_pool = pool.then_some(WarmPool {
                state: PoolState::Stopped,
                min_size: 2,
                max_prepared: None,
            });
            let capacity_rebalancing = lead.map(s);
            let settings = ec2::Settings {
                spot,
                warm_pool,
                capacity_rebalancing,
                max: 60,
                ..ec2::Settings::default()
            };
            Fleet::ec2(settings, desired, Duration::ZERO)
        },
    )
}

fn act(rig: &mut Rig, now: Duration, act: &Act) {
    let ids = rig.in_service_ids();
    let one = |pick: &usize| ids.get(pick % ids.len().max(1)).copied();
    let fleet = &mut rig.fleet;
    match act {
        Act::Desired(desired) => fleet.set_desired(now, *desired),
        Act::Kill(pick) => one(pick).into_iter().for_each(|id| fleet.kill(now, id)),
        Act::KillShare(share) => fleet.kill_share(now, *share),
        Act::Lose(zone) => fleet.lose_zone(now, *zone),
        Act::Restore(zone) => fleet.restore_zone(now, *zone),
        Act::Reclaim(share) => fleet.reclaim_spot(now, *share),
        Act::Spot(available) => fleet.spot_available(now, *available),
        Act::Unhealthy(pick) => one(pick).into_iter().for_each(|id| fleet.mark_unhealthy(now, id)),
        Act::Idle(id) => fleet.idle(now, TaskId(*id)),
        Act::FailStarts(failing) => fleet.fail_starts(now, *failing),
        Act::Template => fleet.new_template(now),
    }
}

/// Ends every fault and lets the fleet settle.
fn settle(rig: &mut Rig, now: Duration) {
    for zone in Zone::ALL {
        rig.fleet.restore_zone(now, zone);
    }
    rig.fleet.spot_available(now, true);
    rig.fleet.fail_starts(now, false);
    rig.fleet.new_template(now);
    // Rebalancing moves a tenth at a time, each with a boot and a check.
    rig.step(now + s(3 * 3_600));
}

proptest! {
    /// Tasks live in order, counts agree with the events, and what is beyond desired replaces
    /// something or evens out zones.
    #[test]
    fn capacity_is_conserved(fleet in fleets(), acts in acts()) {
        let mut rig = Rig::new(fleet);
        let mut now = s(0);
        rig.step(now);
        rig.assert_conserved();
        for (gap, next) in &acts {
            now += s(*gap);
            act(&mut rig, now, next);
            rig.step(now);
            rig.assert_conserved();
            let active: u32 = rig.fleet.zones().iter().sum();
            prop_assert!(active <= 2 * rig.fleet.desired().max(33), "{active}");
            if let Some(due) = rig.fleet.next_due() {
                prop_assert!(due > now, "nothing due is left behind");
            }
        }
    }

    /// When nothing is wrong any more, the fleet is what it should be: as many as desired, all in
    /// service, zones within one of each other.
    #[test]
    fn a_fleet_recovers(fleet in fleets(), acts in acts()) {
        let mut rig = Rig::new(fleet);
        let mut now = s(0);
        for (gap, next) in &acts {
            now += s(*gap);
            rig.step(now);
            act(&mut rig, now, next);
        }
        settle(&mut rig, now);
        rig.assert_conserved();
        let active: u32 = rig.fleet.zones().iter().sum();
        // An interrupted instance counts until it is gone.
        prop_assert!(active + rig.fleet.draining() >= rig.fleet.desired());
        if rig.fleet.pending() + rig.fleet.draining() == 0 {
            prop_assert_eq!(active, rig.fleet.desired());
            prop_assert_eq!(rig.fleet.in_service(), active);
            prop_assert!(spread(rig.fleet.zones()) <= 1, "{:?}", rig.fleet.zones());
        }
    }

    /// Without faults, and whatever is desired, there is never more than desired beside what drains,
    /// and zones differ by one at most.
    #[test]
    fn scaling_alone_keeps_to_desired_and_balanced(
        ecs in any::<bool>(),
        steps in prop::collection::vec((0_u64..200, 0_u32..80), 1..40),
    ) {
        let mut rig = if ecs {
            Rig::ecs(ecs::Settings::default(), 10)
        } else {
            Rig::ec2(ec2::Settings::default(), 10)
        };
        let mut now = s(0);
        for (gap, desired) in steps {
            now += s(gap);
            rig.step(now);
            rig.fleet.set_desired(now, desired);
            rig.step(now);
            prop_assert!(rig.fleet.zones().iter().sum::<u32>() <= desired);
            prop_assert!(spread(rig.fleet.zones()) <= 1, "{:?}", rig.fleet.zones());
        }
    }

    /// The same inputs give the same events, however the time between is cut.
    #[test]
    fn events_do_not_depend_on_the_steps(fleet in fleets(), acts in acts(), cut_ms in 200_u64..5_000) {
        let (mut whole, mut cut) = (Rig::new(fleet.clone()), Rig::new(fleet));
        let mut now = s(0);
        for (gap, next) in &acts {
            let next_now = now + s(*gap);
            whole.step(next_now);
            while now < next_now {
                cut.step(now);
                now += Duration::from_millis(cut_ms);
            }
            now = next_now;
            cut.step(now);
            act(&mut whole, now, next);
            act(&mut cut, now, next);
        }
        whole.step(now + s(500));
        cut.step(now + s(500));
        prop_assert_eq!(whole.events, cut.events);
    }

    /// EC2: health checks never put more than a tenth of a group, or one, out of service.
    #[test]
    fn health_replacement_takes_a_tenth_at_most(
        desired in 1_u32..60,
        marks in prop::collection::vec((0_u64..60, 0_usize..100), 1..60),
    ) {
        let mut rig = Rig::ec2(ec2::Settings::default(), desired);
        let mut now = s(0);
        rig.step(now);
        for (gap, pick) in marks {
            now += s(gap);
            act(&mut rig, now, &Act::Unhealthy(pick));
            rig.step(now);
            let out = desired - rig.count(Life::InService);
            prop_assert!(out <= (desired / 10).max(1), "{out} of {desired}");
        }
    }
}
