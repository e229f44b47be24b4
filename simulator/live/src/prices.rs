//! What a task costs while it runs: public On-Demand prices of us-east-1, USD (behaviour sheet 6).
//!
//! Deliberately absent: Spot and Savings Plans, and every service that is not compute.

use std::collections::BTreeMap;

use securecart_scenario::{Plan, Platform, ServiceSpec};

/// Fargate, x86: a vCPU for an hour.
const FARGATE_VCPU_HOUR: f64 = 0.040_48;
/// Fargate, x86: a GB of memory for an hour.
const FARGATE_GB_HOUR: f64 = 0.004_445;
/// EC2: half of an m7i.large (0.1008 USD, 2 vCPU), as the price of a vCPU for an hour.
const EC2_VCPU_HOUR: f64 = 0.050_4;

/// USD for an hour of one task or instance, by service. A function has no such price.
pub(crate) fn per_task_hour(plan: &Plan) -> BTreeMap<String, f64> {
    let prices = plan.services.iter().filter_map(|(service, spec)| {
        let price = price(Platform::of(*service), spec)?;
        Some((service.as_str().to_owned(), price))
    });
    prices.collect()
}

fn price(platform: Platform, spec: &ServiceSpec) -> Option<f64> {
    let tasks = &spec.tasks;
    match platform {
        Platform::Ecs => Some(tasks.vcpu * FARGATE_VCPU_HOUR + tasks.memory_gib * FARGATE_GB_HOUR),
        Platform::Ec2 => Some(tasks.vcpu * EC2_VCPU_HOUR),
        Platform::Lambda => None,
    }
}

#[cfg(test)]
mod tests {
    use securecart_domain::ServiceName;
    use securecart_scenario::defaults;

    use super::*;

    #[test]
    fn a_task_costs_what_its_vcpu_and_memory_cost() {
        let cart = defaults::service(ServiceName::Cart);
        let price = price(Platform::Ecs, &cart).expect("a task has a price");
        assert!((price - (0.040_48 + 2.0 * 0.004_445)).abs() < 1e-9, "{price}");
    }
}
