//! A plan's objectives, held against the record.

use securecart_analysis::figures;
use securecart_record::{Objective, RunRecord};
use securecart_scenario::{Comparison, Metric, Objective as Asked, Plan};

/// Each objective with what was measured. Without data an objective has neither held nor been missed.
pub(crate) fn evaluate(plan: &Plan, record: &RunRecord) -> Vec<Objective> {
    plan.objectives
        .iter()
        .map(|asked| {
            let figure = measure(plan, record, &asked.metric);
            Objective {
                metric: asked.metric_text.clone(),
                bound: asked.bound_text.clone(),
                measured: figure.map_or_else(|| "none".to_owned(), |value| text(asked, value)),
                share_of_bound: figure
                    .map(|value| share_of_bound(asked, value))
                    .filter(|share| share.is_finite()),
                held: figure.map(|value| asked.comparison.holds(value, asked.bound)),
            }
        })
        .collect()
}

fn measure(plan: &Plan, record: &RunRecord, metric: &Metric) -> figures::Figure {
    match metric {
        Metric::Latency { operation, quantile } => {
            figures::latency_us(record, operation.map(|operation| operation.as_str()), *quantile)
        }
        Metric::OrderToShipped { quantile } => figures::order_to_shipped_us(record, *quantile),
        Metric::QueueDrain { queue } => figures::queue_drain_us(record, queue, last_peak_s(plan)),
        Metric::QueueDepth { queue } => figures::queue_depth(record, queue),
        Metric::QueueAge { queue } => figures::queue_age_us(record, queue),
        Metric::DeadLetters => figures::dead_letters(record),
        Metric::Availability { operation } => {
            figures::availability(record, operation.map(|operation| operation.as_str()))
        }
        Metric::Throughput => figures::throughput(record),
        Metric::OrderRate => figures::order_rate(record),
        Metric::LateArrivals => figures::late_share(record),
        Metric::Throttled => figures::throttled_share(record),
        Metric::ColdStarts => figures::cold_start_share(record),
        Metric::UnderProvisioned { service } => {
            figures::under_provisioned_share(record, service.as_str())
        }
        Metric::DatabaseLag => figures::database_lag_us(record),
        Metric::DatabaseWaiting => figures::database_waiting(record),
        Metric::CacheHitRatio => figures::cache_hit_ratio(record),
    }
}

/// How much of what the bound allows is used up: at most 1 where it holds. Of an availability that is
/// its failures as a share of those allowed; of another lower bound, the bound as a share of the value.
fn share_of_bound(asked: &Asked, value: f64) -> f64 {
    match (asked.comparison, &asked.metric) {
        (Comparison::Less | Comparison::AtMost, _) => value / asked.bound,
        (Comparison::Greater | Comparison::AtLeast, Metric::Availability { .. }) => {
            (1.0 - value) / (1.0 - asked.bound)
        }
        (Comparison::Greater | Comparison::AtLeast, _) => asked.bound / value,
    }
}

/// When the last spike in the window is at its peak, scenario seconds; the window's start where
/// there is none.
fn last_peak_s(plan: &Plan) -> f64 {
    let window = plan.window;
    plan.traffic
        .spikes
        .iter()
        .map(|spike| spike.at_s + spike.rise_s)
        .filter(|peak_s| (window.start_s..window.end_s).contains(peak_s))
        .fold(window.start_s, f64::max)
}

/// A measured figure in the unit its bound is written in.
fn text(asked: &Asked, value: f64) -> String {
    if value.is_infinite() {
        return "never".to_owned();
    }
    match asked.metric {
        Metric::Latency { .. }
        | Metric::OrderToShipped { .. }
        | Metric::QueueDrain { .. }
        | Metric::QueueAge { .. }
        | Metric::DatabaseLag => duration(value),
        Metric::Availability { .. }
        | Metric::LateArrivals
        | Metric::Throttled
        | Metric::ColdStarts
        | Metric::CacheHitRatio
        | Metric::UnderProvisioned { .. } => format!("{:.3}%", value * 100.0),
        Metric::QueueDepth { .. } | Metric::DeadLetters | Metric::DatabaseWaiting => {
            format!("{value:.0}")
        }
        Metric::Throughput | Metric::OrderRate => format!("{value:.1}/s"),
    }
}

/// µs as a person writes them in a scenario.
fn duration(us: f64) -> String {
    if us < 1e3 {
        format!("{us:.0}us")
    } else if us < 1e6 {
        format!("{:.0}ms", us / 1e3)
    } else if us < 60e6 {
        format!("{:.2}s", us / 1e6)
    } else {
        format!("{:.1}m", us / 60e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(metric: Metric, comparison: Comparison, bound: f64, value: f64) -> f64 {
        let (metric_text, bound_text) = (String::new(), String::new());
        share_of_bound(&Asked { metric, metric_text, comparison, bound, bound_text }, value)
    }

    #[test]
    fn a_bound_is_used_up_where_the_objective_no_longer_holds() {
        let availability = || Metric::Availability { operation: None };
        assert!((share(Metric::DeadLetters, Comparison::AtMost, 8.0, 2.0) - 0.25).abs() < 1e-9);
        assert!((share(Metric::Throughput, Comparison::Greater, 10.0, 40.0) - 0.25).abs() < 1e-9);
        assert!((share(availability(), Comparison::Greater, 0.99, 0.9975) - 0.25).abs() < 1e-9);
        assert!((share(availability(), Comparison::Greater, 0.99, 0.98) - 2.0).abs() < 1e-9);
        assert!(!share(Metric::Throughput, Comparison::Greater, 10.0, 0.0).is_finite());
    }

    #[test]
    fn durations_read_as_in_a_scenario() {
        let written: Vec<String> = [0.0, 900.0, 412_400.0, 2_345_000.0, 90e6].map(duration).into();
        assert_eq!(written, ["0us", "900us", "412ms", "2.35s", "1.5m"]);
    }
}
