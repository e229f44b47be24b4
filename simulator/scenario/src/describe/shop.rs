//! What serves the load, in words: services and their policies, functions, tables, the gateway.

use std::fmt::{Result, Write};

use super::grouped;
use crate::{
    plan::{
        FunctionSpec, Plan, Platform, Policy, ScalingMetric, ScalingStep, ServiceSpec,
        TableCapacity, TaskSpec,
    },
    units::{change_text, clock_text, duration_text},
};

impl Plan {
    pub(super) fn write_shop(&self, out: &mut String) -> Result {
        self.write_services(out)?;
        self.write_functions(out)?;
        self.write_resources(out)
    }

    fn write_services(&self, out: &mut String) -> Result {
        let what = "platform, tasks or instances, vCPU and slots of one, modelled p50 and p99";
        writeln!(out, "\nservices ({what})")?;
        for (name, spec) in &self.services {
            let platform = Platform::of(*name);
            if platform == Platform::Lambda {
                continue;
            }
            let ServiceSpec { tasks, service_time: time, scaling } = spec;
            write!(
                out,
                "  {name:<14} {}  {:>7} x {:<4} {:>4}  {} ms, {} ms",
                platform.as_str(),
                count(*tasks),
                tasks.vcpu,
                tasks.concurrency,
                time.p50_ms,
                time.p99_ms
            )?;
            writeln!(out, "{}", particulars(*tasks))?;
            for policy in scaling {
                writeln!(out, "    {}", text(policy))?;
            }
        }
        Ok(())
    }

    fn write_functions(&self, out: &mut String) -> Result {
        writeln!(out, "\nfunctions (runtime, memory, timeout, own start, modelled p50 and p99)")?;
        for (name, spec) in &self.functions {
            let FunctionSpec { runtime, memory_mib, timeout_s, service_time: time, .. } = spec;
            let image = if spec.image { " image" } else { "" };
            write!(
                out,
                "  {name:<14} {runtime}{image}, {} MiB, {}, {} ms, {} ms, {} ms",
                grouped(f64::from(*memory_mib)),
                duration_text(*timeout_s),
                spec.own_init_ms,
                time.p50_ms,
                time.p99_ms
            )?;
            if let Some(reserved) = spec.reserved_concurrency {
                write!(out, "; {reserved} reserved")?;
            }
            if spec.provisioned_concurrency > 0 {
                write!(out, "; {} provisioned", spec.provisioned_concurrency)?;
            }
            if let Some(maximum) = spec.maximum_concurrency {
                write!(out, "; at most {maximum} from its queue")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn write_resources(&self, out: &mut String) -> Result {
        writeln!(out, "\nresources")?;
        let mut plain = 0;
        for (name, capacity) in &self.tables {
            match capacity_text(*capacity) {
                Some(text) => writeln!(out, "  table {name}: {text}")?,
                None => plain += 1,
            }
        }
        if plain > 0 {
            writeln!(out, "  {plain} tables are on demand")?;
        }
        let (database, cache) = (self.database, self.cache);
        writeln!(
            out,
            "  the database has {} read replicas and takes {} connections, {} of a service",
            database.replicas, database.max_connections, database.pool_size
        )?;
        writeln!(
            out,
            "  the cache has {} nodes of {} MiB and keeps an entry {}",
            cache.nodes,
            cache.memory_mib,
            duration_text(cache.ttl_s)
        )?;
        let gateway = self.gateway;
        let (rate, burst) = (grouped(gateway.rate_per_second), grouped(gateway.burst));
        write!(out, "  the gateway takes {rate} requests a second, {burst} at once")?;
        if let Some(rate) = gateway.route_rate_per_second {
            let burst = grouped(gateway.route_burst.unwrap_or(rate));
            write!(out, "; each route {} and {burst}", grouped(rate))?;
        }
        let provider = &self.notifications;
        writeln!(
            out,
            "\n  the provider takes {} e-mails and {} SMS a second",
            provider.email_per_second, provider.sms_per_second
        )?;
        for (name, number) in &self.assumptions {
            writeln!(out, "  assumed: {name} = {number}")?;
        }
        Ok(())
    }
}

fn count(tasks: TaskSpec) -> String {
    if tasks.is_fixed() { tasks.min.to_string() } else { format!("{}..{}", tasks.min, tasks.max) }
}

/// What is not said of every fleet: where it begins between its bounds, Spot, the warm pool.
fn particulars(tasks: TaskSpec) -> String {
    let mut text = String::new();
    if !tasks.is_fixed() {
        text.push_str(&format!("; {} at first", tasks.initial));
    }
    if tasks.spot_share > 0.0 {
        text.push_str(&format!("; {} % Spot", tenth(tasks.spot_share * 100.0)));
    }
    if tasks.warm_pool > 0 {
        text.push_str(&format!("; {} in the warm pool", tasks.warm_pool));
    }
    text
}

/// A policy in one line.
fn text(policy: &Policy) -> String {
    match policy {
        Policy::TargetTracking {
            metric,
            target,
            scale_out_cooldown_s,
            scale_in_cooldown_s,
            scale_in,
        } => {
            let mut text = format!("target tracking: {}", goal(*metric, "at", *target));
            let cooldowns = [(scale_out_cooldown_s, "out"), (scale_in_cooldown_s, "in")];
            for (cooldown_s, way) in cooldowns {
                if let Some(cooldown_s) = cooldown_s {
                    text.push_str(&format!(", cooldown {way} {}", duration_text(*cooldown_s)));
                }
            }
            if !scale_in {
                text.push_str(", never in");
            }
            text
        }
        Policy::Step { metric, threshold, above, periods, steps, cooldown_s } => {
            let side = if *above { "above" } else { "below" };
            let steps: Vec<String> = steps.iter().map(|step| step_text(*step)).collect();
            let mut text = format!(
                "step: {} for {}: {}",
                goal(*metric, side, *threshold),
                duration_text(f64::from(*periods) * 60.0),
                steps.join(", ")
            );
            if *cooldown_s > 0.0 {
                text.push_str(&format!("; cooldown {}", duration_text(*cooldown_s)));
            }
            text
        }
        Policy::Scheduled { at_s, min, max, desired } => {
            let bounds = [("min", min), ("max", max), ("desired", desired)];
            let bounds: Vec<String> = bounds
                .into_iter()
                .filter_map(|(name, bound)| bound.map(|bound| format!("{name} {bound}")))
                .collect();
            format!("scheduled: at {} {}", clock_text(*at_s), bounds.join(", "))
        }
        Policy::Predictive { metric, target, buffer_s, forecast_only } => {
            let ahead = duration_text(*buffer_s);
            let only = if *forecast_only { ", forecast only" } else { "" };
            format!("predictive: {}, {ahead} ahead{only}", goal(*metric, "at", *target))
        }
    }
}

/// `+2 from 0 to 200`.
fn step_text(step: ScalingStep) -> String {
    let change = change_text(step.change);
    match step.to {
        Some(to) => format!("{change} from {} to {to}", step.from),
        None => format!("{change} from {} on", step.from),
    }
}

/// `cpu at 50 %`, `backlog-per-task above 100`.
fn goal(metric: ScalingMetric, side: &str, value: f64) -> String {
    let unit = match metric {
        ScalingMetric::Cpu | ScalingMetric::Slots => " %",
        ScalingMetric::RequestsPerTarget => " a minute",
        ScalingMetric::BacklogPerTask => "",
    };
    format!("{} {side} {value}{unit}", metric.as_str())
}

/// `None` for a table as every table is unless a scenario says otherwise.
fn capacity_text(capacity: TableCapacity) -> Option<String> {
    let units = |number: u32| grouped(f64::from(number));
    match capacity {
        TableCapacity::OnDemand { warm_write: None, warm_read: None } => None,
        TableCapacity::OnDemand { warm_write, warm_read } => {
            let warm = [("reads", warm_read), ("writes", warm_write)];
            let warm: Vec<String> = warm
                .into_iter()
                .filter_map(|(what, number)| {
                    number.map(|number| format!("{} {what}", units(number)))
                })
                .collect();
            Some(format!("on demand, warm for {} a second", warm.join(" and ")))
        }
        TableCapacity::Provisioned { read, write, scaling } => {
            let mut text = format!("{} read and {} write units", units(read), units(write));
            if let Some(scaling) = scaling {
                let (min, max) = (units(scaling.min), units(scaling.max));
                text.push_str(&format!(", scaling {min}..{max} at {} %", scaling.target));
            }
            Some(text)
        }
    }
}

/// To a tenth, so that 0.3 of a hundred is 30.
fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
