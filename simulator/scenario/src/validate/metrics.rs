//! The names of metrics: `latency.p99`, `checkout.latency.p99.9`, `orders.queue.drain`.

use securecart_domain::{ServiceName, api::Operation, resources::QUEUES};

use crate::{
    names::{Fleets, Names},
    plan::Metric,
    suggest,
};

/// What a metric is measured in, and so what it can be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// A time; in µs.
    Time,
    /// A share of 0 to 1, written in percent or as a number.
    Share,
    /// A number of things.
    Count,
    /// Things a wall second.
    Rate,
}

impl Unit {
    /// The unit of `metric`.
    pub(super) const fn of(metric: &Metric) -> Self {
        match metric {
            Metric::Latency { .. }
            | Metric::OrderToShipped { .. }
            | Metric::QueueDrain { .. }
            | Metric::QueueAge { .. }
            | Metric::DatabaseLag => Self::Time,
            Metric::Availability { .. }
            | Metric::LateArrivals
            | Metric::Throttled
            | Metric::ColdStarts
            | Metric::CacheHitRatio
            | Metric::UnderProvisioned { .. } => Self::Share,
            Metric::QueueDepth { .. } | Metric::DeadLetters | Metric::DatabaseWaiting => {
                Self::Count
            }
            Metric::Throughput | Metric::OrderRate => Self::Rate,
        }
    }

    /// What a bound of it looks like.
    pub(super) const fn expected(self) -> &'static str {
        match self {
            Self::Time => "a duration such as `800ms`",
            Self::Share => "a share such as `99.9%` or `0.999`",
            Self::Count => "a whole number such as `100`",
            Self::Rate => "a rate such as `500/s`",
        }
    }
}

/// The forms of metrics with a figure of their own, for help.
const FORMS: [&str; 19] = [
    "latency.p99",
    "checkout.latency.p99",
    "order-to-shipped.latency.p95",
    "orders.queue.drain",
    "orders.queue.depth",
    "orders.queue.age",
    "dead-letters",
    "availability",
    "checkout.availability",
    "throughput",
    "orders.rate",
    "arrivals.late",
    "latency.max",
    "throttled",
    "cold-starts",
    "checkout.under-provisioned",
    "database.lag",
    "database.waiting",
    "cache.hit-ratio",
];

/// The metric that `text` names, or the way out.
pub(super) fn parse(text: &str) -> Result<Metric, String> {
    match text {
        "dead-letters" => return Ok(Metric::DeadLetters),
        "availability" => return Ok(Metric::Availability { operation: None }),
        "throughput" => return Ok(Metric::Throughput),
        "orders.rate" => return Ok(Metric::OrderRate),
        "arrivals.late" => return Ok(Metric::LateArrivals),
        "throttled" => return Ok(Metric::Throttled),
        "cold-starts" => return Ok(Metric::ColdStarts),
        "database.lag" => return Ok(Metric::DatabaseLag),
        "database.waiting" => return Ok(Metric::DatabaseWaiting),
        "cache.hit-ratio" => return Ok(Metric::CacheHitRatio),
        _ => {}
    }
    if let Some(percentile) = text.strip_prefix("latency.") {
        return Ok(Metric::Latency { operation: None, quantile: quantile(percentile)? });
    }
    if let Some((subject, percentile)) = text.split_once(".latency.") {
        return latency(subject, percentile);
    }
    if let Some((name, figure)) = text.split_once(".queue.") {
        return queue(name, figure);
    }
    if let Some(subject) = text.strip_suffix(".availability") {
        return Ok(Metric::Availability { operation: Some(operation(subject, &[])?) });
    }
    if let Some(name) = text.strip_suffix(".under-provisioned") {
        return Ok(Metric::UnderProvisioned { service: fleet(name)? });
    }
    Err(suggest::help(text, FORMS))
}

/// A service that is a fleet: a function has as many environments as it needs.
fn fleet(name: &str) -> Result<ServiceName, String> {
    let known = Fleets::all().into_iter().find(|known| *known == name);
    known.and_then(|known| known.parse().ok()).ok_or_else(|| {
        let is_function = name.parse::<ServiceName>().is_ok();
        let what = if is_function { "is a function" } else { "is no service" };
        format!("`{name}` {what}; {}", suggest::help(name, Fleets::all()))
    })
}

fn latency(subject: &str, percentile: &str) -> Result<Metric, String> {
    let quantile = quantile(percentile)?;
    if subject == "order-to-shipped" {
        return Ok(Metric::OrderToShipped { quantile });
    }
    let operation = Some(operation(subject, &["order-to-shipped"])?);
    Ok(Metric::Latency { operation, quantile })
}

fn operation(name: &str, also: &[&str]) -> Result<Operation, String> {
    let names = Operation::ALL.iter().map(|known| known.as_str());
    name.parse().map_err(|_| {
        format!(
            "there is no operation `{name}`; {}",
            suggest::help(name, names.chain(also.iter().copied()))
        )
    })
}

fn queue(name: &str, figure: &str) -> Result<Metric, String> {
    if !QUEUES.contains(&name) {
        return Err(format!("there is no queue `{name}`; {}", suggest::help(name, QUEUES)));
    }
    let queue = name.to_owned();
    match figure {
        "drain" => Ok(Metric::QueueDrain { queue }),
        "depth" => Ok(Metric::QueueDepth { queue }),
        "age" => Ok(Metric::QueueAge { queue }),
        _ => Err(format!(
            "a queue has no `{figure}`; {}",
            suggest::help(figure, ["drain", "depth", "age"])
        )),
    }
}

/// `p50` is 0.5, `p99.9` is 0.999, `max` is 1.
fn quantile(text: &str) -> Result<f64, String> {
    if text == "max" {
        return Ok(1.0);
    }
    let percent = text.strip_prefix('p').filter(|digits| {
        digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    });
    percent
        .and_then(|digits| digits.parse::<f64>().ok())
        .filter(|percent| *percent > 0.0 && *percent < 100.0)
        // The nearest number to the written one: 99.9 / 100 alone is not 0.999.
        .map(|percent| (percent * 1_000.0).round() / 100_000.0)
        .filter(|quantile| *quantile > 0.0)
        .ok_or_else(|| {
            format!("`{text}` is not a percentile; give one such as `p50`, `p99`, `p99.9` or `max`")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_a_metric() {
        for form in FORMS {
            assert!(parse(form).is_ok(), "{form}");
        }
    }

    #[test]
    fn percentiles_are_read() {
        assert_eq!(quantile("p99.9"), Ok(0.999));
        assert_eq!(quantile("p50"), Ok(0.5));
        assert_eq!(quantile("max"), Ok(1.0));
        for bad in ["p0", "p100", "p", "99", "p-1", "pinf", "p1e1", "p1.2.3", "p0.0001", "P99"] {
            assert!(quantile(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_told_apart() {
        let operation = Some(Operation::Checkout);
        assert_eq!(
            parse("checkout.latency.p99"),
            Ok(Metric::Latency { operation, quantile: 0.99 })
        );
        assert_eq!(
            parse("order-to-shipped.latency.max"),
            Ok(Metric::OrderToShipped { quantile: 1.0 })
        );
        assert_eq!(
            parse("inventory.queue.age"),
            Ok(Metric::QueueAge { queue: "inventory".to_owned() })
        );
        assert_eq!(
            parse("chekout.latency.p99").unwrap_err(),
            "there is no operation `chekout`; did you mean `checkout`?"
        );
        assert_eq!(
            parse("cart.under-provisioned"),
            Ok(Metric::UnderProvisioned { service: ServiceName::Cart })
        );
        assert_eq!(
            parse("cat.under-provisioned").unwrap_err(),
            "`cat` is no service; did you mean `cart`?"
        );
        assert!(parse("fraud.under-provisioned").unwrap_err().starts_with("`fraud` is a function"));
        assert_eq!(parse("availabilty").unwrap_err(), "did you mean `availability`?");
    }
}
