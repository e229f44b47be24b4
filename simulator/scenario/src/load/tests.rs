use proptest::prelude::*;

use super::*;
use crate::{Overrides, Scenario, find};

fn shipped_plan(name: &str) -> Plan {
    let text = find(name).expect("it is shipped").text;
    let scenario = Scenario::parse(name, text).expect("it is valid");
    scenario.plan(&Overrides::default()).expect("it can be played")
}

fn near(measured: f64, expected: f64, tolerance: f64) -> bool {
    (measured - expected).abs() <= tolerance * expected.abs().max(1e-9)
}

/// Mean and peak requests, and mean orders, a wall second.
fn offered(plan: &Plan) -> (f64, f64, f64) {
    let wall_s = plan.window.wall_s();
    (
        plan.expected_requests() / wall_s,
        plan.peak_rate() * plan.requests_per_session(),
        plan.expected_orders() / wall_s,
    )
}

#[test]
fn black_friday_offers_what_a_laptop_can_take() {
    let plan = shipped_plan("black-friday");
    let (mean, peak, orders) = offered(&plan);
    assert!(near(plan.window.wall_s(), 240.0, 1e-9));
    assert!((650.0..710.0).contains(&mean), "mean {mean} requests/s");
    assert!((1_300.0..1_800.0).contains(&peak), "peak {peak} requests/s");
    assert!((26.0..30.0).contains(&orders), "{orders} orders/s");
}

#[test]
fn black_friday_as_a_whole_is_a_large_shop() {
    let text = find("black-friday").expect("it is shipped").text;
    let scenario = Scenario::parse("black-friday", text).expect("it is valid");
    let whole = Overrides { scale: Some(1.0), ..Overrides::default() };
    let plan = scenario.plan(&whole).expect("it can be played");
    let orders = plan.peak_rate() * plan.operations_per_session(Operation::Checkout);
    assert!((1_000.0..1_300.0).contains(&orders), "{orders} orders/s at the peak");
}

#[test]
fn steady_and_smoke_offer_what_they_say() {
    let (mean, peak, orders) = offered(&shipped_plan("steady"));
    assert!(near(mean, 310.0, 0.05) && near(peak, mean, 1e-9), "{mean} and {peak} requests/s");
    assert!(near(orders, 12.0, 0.1), "{orders} orders/s");
    assert!(near(shipped_plan("steady").window.wall_s(), 120.0, 1e-9));

    let (mean, peak, orders) = offered(&shipped_plan("smoke"));
    assert!(near(mean, 110.0, 0.1) && near(peak, mean, 1e-9), "{mean} and {peak} requests/s");
    assert!(near(orders, 5.0, 0.2), "{orders} orders/s");
    assert!(near(shipped_plan("smoke").window.wall_s(), 20.0, 1e-9));
}

#[test]
fn a_spike_rises_in_a_straight_line_and_halves() {
    let spike = Spike {
        at_s: 100.0,
        factor: 5.0,
        rise_s: 60.0,
        half_life_s: 300.0,
        hot_product_share: 0.4,
    };
    assert_eq!(spike.factor_at(99.0), 1.0);
    assert_eq!(spike.factor_at(130.0), 3.0);
    assert_eq!(spike.factor_at(160.0), 5.0);
    assert_eq!(spike.factor_at(460.0), 3.0);
    assert_eq!(spike.factor_at(760.0), 2.0);
    let step = Spike { rise_s: 0.0, ..spike };
    assert_eq!(step.factor_at(99.999), 1.0);
    assert_eq!(step.factor_at(100.0), 5.0);
}

#[test]
fn the_curve_is_straight_between_its_points_and_level_beyond() {
    let traffic = Traffic {
        sessions_per_second: 10.0,
        curve: vec![(0.0, 1.0), (100.0, 3.0)],
        spikes: Vec::new(),
    };
    assert_eq!(traffic.curve_at(-5.0), 1.0);
    assert_eq!(traffic.curve_at(50.0), 2.0);
    assert_eq!(traffic.curve_at(200.0), 3.0);
    assert_eq!(traffic.rate_at(50.0), 20.0);
}

#[test]
fn a_spikes_integral_is_the_analytic_one() {
    let mut plan = shipped_plan("smoke");
    plan.scale = 1.0;
    (plan.window.start_s, plan.window.end_s, plan.window.speed) = (0.0, 10_000.0, 10.0);
    let spike =
        Spike { at_s: 0.0, factor: 5.0, rise_s: 60.0, half_life_s: 300.0, hot_product_share: 0.0 };
    plan.traffic =
        Traffic { sessions_per_second: 2.0, curve: vec![(0.0, 1.0)], spikes: vec![spike] };
    let decay = 300.0 / 2.0_f64.ln() * (1.0 - 0.5_f64.powf(9_940.0 / 300.0));
    let expected = 2.0 * (10_000.0 + 4.0 * (30.0 + decay)) / 10.0;
    assert!(near(plan.expected_sessions(), expected, 1e-6), "{}", plan.expected_sessions());
}

/// The curve falls while nobody knows of the step: its height counts from where the step stands.
#[test]
fn a_step_on_a_falling_curve_is_no_higher_than_it_is() {
    let mut plan = shipped_plan("smoke");
    (plan.window.start_s, plan.window.end_s, plan.scale) = (0.0, 5_400.0, 1.0);
    let spike = Spike {
        at_s: 5_260.0,
        factor: 15.0,
        rise_s: 0.0,
        half_life_s: 10.0,
        hot_product_share: 0.0,
    };
    let curve = vec![(0.0, 0.0), (3_600.0, 3.0), (5_400.0, 0.0)];
    plan.traffic = Traffic { sessions_per_second: 1.0, curve, spikes: vec![spike] };
    let step = plan.rate_at(5_260.0);
    assert!((step..step * 1.05).contains(&plan.peak_rate()), "{} of {step}", plan.peak_rate());
}

prop_compose! {
    fn any_spike()(
        at_s in 0.0..7_000.0, factor in 1.0..20.0, rise_s in prop_oneof![Just(0.0), 1.0..600.0],
        half_life_s in 10.0..3_600.0, hot_product_share in 0.0..=1.0,
    ) -> Spike {
        Spike { at_s, factor, rise_s, half_life_s, hot_product_share }
    }
}

prop_compose! {
    /// Smoke with other traffic over two hours.
    fn any_plan()(
        factors in prop::collection::vec(0.0..5.0, 2..8),
        spikes in prop::collection::vec(any_spike(), 0..3),
        rate in 0.1..100.0, scale in 0.01..2.0, speed in 1.0..100.0,
        window in (0.0..3_000.0, 3_001.0..7_200.0),
    ) -> Plan {
        let mut plan = shipped_plan("smoke");
        let last = factors.len() - 1;
        let curve = factors.iter().enumerate();
        let curve = curve.map(|(i, factor)| (7_200.0 * i as f64 / last as f64, *factor)).collect();
        plan.traffic = Traffic { sessions_per_second: rate, curve, spikes };
        plan.scale = scale;
        (plan.window.start_s, plan.window.end_s, plan.window.speed) = (window.0, window.1, speed);
        plan
    }
}

proptest! {
    #[test]
    fn the_peak_bounds_the_rate_everywhere(plan in any_plan(), at in 0.0..=1.0_f64) {
        let s = plan.window.start_s + at * (plan.window.end_s - plan.window.start_s);
        prop_assert!(plan.rate_at(s) <= plan.peak_rate() * (1.0 + 1e-9));
    }

    #[test]
    fn the_peak_is_close_to_the_highest_rate(plan in any_plan()) {
        let length_s = plan.window.end_s - plan.window.start_s;
        let mut highest = (0..=20_000)
            .map(|i| plan.rate_at(plan.window.start_s + length_s * f64::from(i) / 20_000.0))
            .fold(0.0, f64::max);
        for spike in &plan.traffic.spikes {
            let peak_s = spike.at_s + spike.rise_s;
            if (plan.window.start_s..=plan.window.end_s).contains(&peak_s) {
                highest = highest.max(plan.rate_at(peak_s));
            }
        }
        prop_assert!(plan.peak_rate() <= highest * 1.2, "{} against {highest}", plan.peak_rate());
    }

    #[test]
    fn the_expected_sessions_are_the_integral(plan in any_plan()) {
        // The midpoint rule on a fine grid, which knows nothing of the plan's bends.
        let length_s = plan.window.end_s - plan.window.start_s;
        let width_s = length_s / 50_000.0;
        let sum: f64 = (0..50_000)
            .map(|i| plan.rate_at(plan.window.start_s + width_s * (f64::from(i) + 0.5)))
            .sum();
        let expected = sum * width_s / plan.window.speed;
        // A step inside a cell of the grid is at most a cell at the peak rate away.
        let steps = plan.traffic.spikes.len() as f64 * width_s * plan.peak_rate() / plan.window.speed;
        let error = (plan.expected_sessions() - expected).abs();
        prop_assert!(error <= 1e-4 * expected + steps, "{error} of {expected}");
    }

    #[test]
    fn twice_the_scale_is_twice_the_load(plan in any_plan(), s in 0.0..7_200.0) {
        let twice = Plan { scale: plan.scale * 2.0, ..plan.clone() };
        prop_assert!(near(twice.rate_at(s), plan.rate_at(s) * 2.0, 1e-9));
        prop_assert!(near(twice.expected_orders(), plan.expected_orders() * 2.0, 1e-9));
    }

    #[test]
    fn the_hot_share_is_a_share(plan in any_plan(), s in 0.0..7_200.0) {
        prop_assert!((0.0..=1.0).contains(&plan.traffic.hot_product_share_at(s)));
    }
}
