use proptest::prelude::*;

use crate::{
    Lognormal,
    lambda::{Package, Runtime, UNRESERVED_MINIMUM},
};

use super::*;

const START: ColdStart =
    ColdStart { runtime: Runtime::Python312, package: Package::Zip, own: Lognormal::NONE };

fn config() -> FunctionConfig {
    FunctionConfig::on_demand(512, START)
}

fn at(seconds: f64) -> Moment {
    Moment::at(Duration::from_secs_f64(seconds))
}

/// An account of 1,000 and a function in it.
fn function(config: FunctionConfig) -> (Account, Function) {
    let mut account = Account::new(1_000, at(0.0));
    let function = Function::new(config, &mut account, at(0.0)).expect("it fits");
    (account, function)
}

/// Begins a synchronous request in the middle of all cold starts.
fn ask(account: &mut Account, function: &mut Function, now: Moment) -> Start {
    function.begin(account, Invocation::Synchronous, now, 0.5)
}

fn runs(start: Start) -> Environment {
    match start {
        Start::Warm(environment) | Start::Cold { environment, .. } => environment,
        Start::Throttled(throttle) => panic!("throttled by {throttle}"),
    }
}

/// Vector 2 of the sheet: 5,000 at once, cold.
#[test]
fn a_cold_demand_of_5000_is_met_after_40_seconds() {
    let mut account = Account::new(10_000, at(0.0));
    let mut function = Function::new(config(), &mut account, at(0.0)).expect("it fits");
    let mut met_at = None;
    for tenth in 0..=450_u32 {
        let now = at(f64::from(tenth) / 10.0);
        while function.running() < 5_000 {
            match ask(&mut account, &mut function, now) {
                Start::Throttled(throttle) => {
                    assert_eq!(throttle, Throttle::ScaleUp);
                    break;
                }
                start => drop(runs(start)),
            }
        }
        if tenth == 0 {
            assert_eq!(function.running(), 1_000, "at 0 s");
        }
        if function.running() == 5_000 {
            met_at.get_or_insert(tenth);
        }
    }
    assert_eq!(met_at, Some(400), "tenths of a second");
}

#[test]
fn the_unused_budget_is_not_carried_over() {
    let mut account = Account::new(10_000, at(0.0));
    let mut function = Function::new(config(), &mut account, at(0.0)).expect("it fits");
    for _ in 0..1_000 {
        drop(runs(ask(&mut account, &mut function, at(3_600.0))));
    }
    let start = ask(&mut account, &mut function, at(3_600.0));
    assert_eq!(start, Start::Throttled(Throttle::ScaleUp));
}

#[test]
fn the_second_request_is_warm_and_a_second_at_once_is_cold() {
    let (mut account, mut function) = function(config());
    let Start::Cold { environment, init, first_call } = ask(&mut account, &mut function, at(0.0))
    else {
        panic!("nothing waited");
    };
    assert_eq!((init.as_millis(), first_call.as_millis()), (89, 2));
    function.end(&mut account, at(0.2), environment);
    let Start::Warm(environment) = ask(&mut account, &mut function, at(1.0)) else {
        panic!("one waited");
    };
    assert!(matches!(ask(&mut account, &mut function, at(1.0)), Start::Cold { .. }));
    function.end(&mut account, at(1.1), environment);
    assert_eq!((function.running(), function.running_max()), (1, 2));
    assert_eq!(function.environments(at(1.1)), 2);
    let usage = function.usage(at(1.1));
    assert_eq!((usage.requests, usage.cold_starts, usage.throttles), (3, 2, 0));
    assert!((usage.gb_s - 0.15).abs() < 1e-9, "300 ms of half a GB: {usage:?}");
}

#[test]
fn environments_are_reclaimed_when_idle_and_when_old_and_lost_when_they_crash() {
    let (mut account, mut function) = function(config());
    let environment = runs(ask(&mut account, &mut function, at(0.0)));
    function.end(&mut account, at(1.0), environment);
    assert_eq!(function.environments(at(600.9)), 1);
    assert_eq!(function.environments(at(601.0)), 0);
    assert!(matches!(ask(&mut account, &mut function, at(601.0)), Start::Cold { .. }));

    let (mut account, mut function) = self::function(config());
    let mut environment = runs(ask(&mut account, &mut function, at(0.0)));
    for minute in 1..120 {
        function.end(&mut account, at(60.0 * f64::from(minute)), environment);
        let Start::Warm(next) = ask(&mut account, &mut function, at(60.0 * f64::from(minute)))
        else {
            panic!("cold after {minute} min");
        };
        environment = next;
    }
    function.end(&mut account, at(7_200.0), environment);
    let start = ask(&mut account, &mut function, at(7_200.0));
    assert!(matches!(start, Start::Cold { .. }), "it was 2 h old");
    function.lose(&mut account, at(7_201.0), runs(start));
    assert!(matches!(ask(&mut account, &mut function, at(7_202.0)), Start::Cold { .. }));
}

#[test]
fn reserved_concurrency_is_a_carve_out_and_a_cap() {
    let mut account = Account::new(1_000, at(0.0));
    let now = at(0.0);
    let reserved = FunctionConfig { reserved: Some(50), ..config() };
    let mut kept = Function::new(reserved, &mut account, now).expect("it fits");
    let mut other = Function::new(config(), &mut account, now).expect("it fits");
    assert_eq!(account.unreserved(), 950);
    for _ in 0..950 {
        drop(runs(ask(&mut account, &mut other, now)));
    }
    let start = ask(&mut account, &mut other, now);
    assert_eq!(start, Start::Throttled(Throttle::AccountConcurrency));
    for _ in 0..50 {
        drop(runs(ask(&mut account, &mut kept, now)));
    }
    let start = ask(&mut account, &mut kept, now);
    assert_eq!(start, Start::Throttled(Throttle::ReservedConcurrency));
}

#[test]
fn a_hundred_stay_unreserved() {
    let mut account = Account::new(1_000, at(0.0));
    let reserve = |reserved, account: &mut Account| {
        let config = FunctionConfig { reserved: Some(reserved), ..config() };
        Function::new(config, account, at(0.0))
    };
    assert_eq!(reserve(901, &mut account).err(), Some(OverReserved { left: 99 }));
    let mut function = reserve(900, &mut account).expect("100 are left");
    let over = function.set_reserved(&mut account, Some(901), at(0.0));
    assert_eq!(over, Err(OverReserved { left: 99 }));
    function.set_reserved(&mut account, Some(10), at(0.0)).expect("less is always possible");
    assert_eq!(account.unreserved(), 990);
    function.set_reserved(&mut account, None, at(0.0)).expect("none is always possible");
    assert_eq!(account.unreserved(), 1_000);
}

#[test]
fn a_reservation_of_zero_disables_and_what_runs_goes_on() {
    let (mut account, mut function) = function(config());
    let environment = runs(ask(&mut account, &mut function, at(0.0)));
    assert_eq!(account.running(), 1);
    function.set_reserved(&mut account, Some(0), at(0.0)).expect("0 is always possible");
    assert_eq!(account.running(), 0, "it runs in the function's own concurrency");
    for invocation in [Invocation::Synchronous, Invocation::Asynchronous] {
        let start = function.begin(&mut account, invocation, at(1.0), 0.5);
        assert_eq!(start, Start::Throttled(Throttle::ReservedConcurrency));
    }
    function.end(&mut account, at(1.0), environment);
    function.set_reserved(&mut account, None, at(2.0)).expect("none is always possible");
    assert!(matches!(ask(&mut account, &mut function, at(2.0)), Start::Warm(_)));
    assert_eq!(account.running(), 1);
    assert_eq!(function.usage(at(2.0)).throttles, 2);
}

#[test]
fn synchronous_requests_are_bounded_by_ten_a_second_for_each_unit() {
    let reserved = FunctionConfig { reserved: Some(10), ..config() };
    for (config, throttle, rate) in
        [(config(), Throttle::RequestRate, 10_000), (reserved, Throttle::ReservedRequestRate, 100)]
    {
        let (mut account, mut function) = function(config);
        let mut run = |invocation, now| {
            let start = function.begin(&mut account, invocation, now, 0.5);
            if let Start::Throttled(throttle) = start {
                return Some(throttle);
            }
            function.end(&mut account, now, runs(start));
            None
        };
        for _ in 0..rate {
            assert_eq!(run(Invocation::Synchronous, at(0.0)), None);
        }
        assert_eq!(run(Invocation::Synchronous, at(0.0)), Some(throttle));
        assert_eq!(run(Invocation::Asynchronous, at(0.0)), None, "not bounded by this rule");
        assert_eq!(run(Invocation::Synchronous, at(0.2)), None);
    }
}

#[test]
fn provisioned_environments_are_warm_and_more_overflow_on_demand() {
    let (mut account, mut function) = function(FunctionConfig { provisioned: 200, ..config() });
    assert_eq!(account.unreserved(), 800, "set aside from the start");
    assert_eq!(function.provisioned(at(1.0)), (200, 100), "6,000 a minute");
    assert_eq!(function.provisioned(at(2.0)), (200, 200));
    for _ in 0..200 {
        let start = ask(&mut account, &mut function, at(2.0));
        let Start::Warm(environment) = start else { panic!("{start:?}") };
        assert!(environment.is_provisioned());
    }
    let start = ask(&mut account, &mut function, at(2.0));
    let Start::Cold { environment, .. } = start else { panic!("{start:?}") };
    assert!(!environment.is_provisioned());
    assert_eq!((function.running(), account.running()), (201, 1));
    function.end(&mut account, at(3.0), environment);
    let usage = function.usage(at(4.0));
    assert!((usage.gb_s - 0.5).abs() < 1e-9, "{usage:?}");
    assert!(usage.allocated_gb_s > 0.0, "{usage:?}");
    function.set_provisioned(&mut account, 0, at(4.0)).expect("less is always possible");
    assert_eq!(account.unreserved(), 1_000);
    let allocated = function.usage(at(4.0)).allocated_gb_s;
    let later = function.usage(at(900.0)).allocated_gb_s;
    assert!((later - allocated).abs() < 1e-9, "nothing is allocated any more");
}

#[test]
fn provisioned_environments_take_ten_requests_a_second_each() {
    let (mut account, mut function) = function(FunctionConfig { provisioned: 2, ..config() });
    let mut provisioned = 0;
    for _ in 0..30 {
        let environment = runs(ask(&mut account, &mut function, at(1.0)));
        provisioned += u32::from(environment.is_provisioned());
        function.end(&mut account, at(1.0), environment);
    }
    assert_eq!(provisioned, 20);
}

#[test]
fn scale_up_follows_the_shops_clock_and_request_rates_the_wall_clock() {
    let mut account = Account::new(10_000, at(0.0));
    let mut function = Function::new(config(), &mut account, at(0.0)).expect("it fits");
    for _ in 0..1_000 {
        drop(runs(ask(&mut account, &mut function, at(0.0))));
    }
    let at_speed_30 =
        |wall| Moment { wall: Duration::from_secs(wall), scenario: Duration::from_secs(30 * wall) };
    for _ in 0..1_000 {
        drop(runs(ask(&mut account, &mut function, at_speed_30(1))));
    }
}

/// What a random user of two functions does.
#[derive(Debug, Clone, Copy)]
enum Act {
    Begin { of: usize, is_synchronous: bool },
    End { which: usize, is_lost: bool },
    Reserve { of: usize, reserved: Option<u32> },
    Provision { of: usize, provisioned: u32 },
    Wait { ms: u64 },
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0_usize..2, any::<bool>())
            .prop_map(|(of, is_synchronous)| Act::Begin { of, is_synchronous }),
        4 => (any::<usize>(), any::<bool>()).prop_map(|(which, is_lost)| Act::End { which, is_lost }),
        1 => (0_usize..2, prop::option::of(0_u32..30))
            .prop_map(|(of, reserved)| Act::Reserve { of, reserved }),
        1 => (0_usize..2, 0_u32..20).prop_map(|(of, provisioned)| Act::Provision { of, provisioned }),
        2 => (0_u64..900_000).prop_map(|ms| Act::Wait { ms }),
    ]
}

proptest! {
    /// Whatever is done with two functions: what runs fits its concurrency when it begins, what
    /// ends is billed once, and no concurrency gets lost.
    #[test]
    fn concurrency_is_conserved(acts in prop::collection::vec(acts(), 1..400)) {
        let mut account = Account::new(120, at(0.0));
        let mut functions: Vec<Function> = (0..2)
            .map(|_| Function::new(config(), &mut account, at(0.0)).expect("it fits"))
            .collect();
        let mut running: Vec<(usize, Environment)> = Vec::new();
        let mut now = Duration::ZERO;
        for act in acts {
            let moment = Moment::at(now);
            match act {
                Act::Begin { of, is_synchronous } => {
                    let invocation =
                        if is_synchronous { Invocation::Synchronous } else { Invocation::Asynchronous };
                    let before = functions[of].running();
                    match functions[of].begin(&mut account, invocation, moment, 0.5) {
                        Start::Throttled(_) => prop_assert_eq!(functions[of].running(), before),
                        Start::Warm(environment) | Start::Cold { environment, .. } => {
                            prop_assert_eq!(functions[of].running(), before + 1);
                            let reserved = functions[of].config().reserved;
                            prop_assert!(reserved.is_none_or(|most| functions[of].running() <= most));
                            running.push((of, environment));
                        }
                    }
                }
                Act::End { which, is_lost } if !running.is_empty() => {
                    let (of, environment) = running.swap_remove(which % running.len());
                    if is_lost {
                        functions[of].lose(&mut account, moment, environment);
                    } else {
                        functions[of].end(&mut account, moment, environment);
                    }
                }
                Act::End { .. } => {}
                Act::Reserve { of, reserved } => {
                    let _ = functions[of].set_reserved(&mut account, reserved, moment);
                }
                Act::Provision { of, provisioned } => {
                    let _ = functions[of].set_provisioned(&mut account, provisioned, moment);
                }
                Act::Wait { ms } => now += Duration::from_millis(ms),
            }
            let of = |at: usize| running.iter().filter(|(of, _)| *of == at).count();
            for (at, function) in functions.iter().enumerate() {
                prop_assert_eq!(function.running() as usize, of(at));
            }
            let on_demand = running.iter().filter(|(of, environment)| {
                functions[*of].config().reserved.is_none() && !environment.is_provisioned()
            });
            prop_assert_eq!(account.running() as usize, on_demand.count());
            prop_assert!(account.unreserved() >= UNRESERVED_MINIMUM);
        }
        let requests: u64 =
            functions.iter_mut().map(|function| function.usage(Moment::at(now)).requests).sum();
        prop_assert!(requests as usize >= running.len());
    }
}
