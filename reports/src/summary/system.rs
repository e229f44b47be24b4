//! What the system did: services and queues.

use securecart_record::{QueueTotals, RunRecord, ServiceTotals, format};

use super::wrap;
use crate::table::{self, Column, left, right};

const SERVICES: [Column; 6] = [
    left("service"),
    right("tasks").spare(3),
    right("handled"),
    right("failed").spare(1),
    right("turned away").spare(2),
    right("AWS calls").spare(4),
];

const QUEUES: [Column; 5] = [
    left("queue"),
    right("sent"),
    right("deepest").spare(1),
    right("oldest").spare(3),
    right("dead-lettered").spare(2),
];

pub(super) fn section(record: &RunRecord, width: usize) -> String {
    let totals = &record.totals;
    let services: Vec<_> = totals.services.iter().map(service).collect();
    let dead = |queue: &&QueueTotals| !queue.queue.ends_with("-dlq") || queue.sent > 0;
    let queues: Vec<_> = totals.queues.iter().filter(dead).map(queue).collect();
    if services.is_empty() && queues.is_empty() {
        return String::new();
    }
    let mut text = table::render(&SERVICES, &services, width) + "\n";
    text += &table::render(&QUEUES, &queues, width);
    if let Some(latency) = totals.measure("order-to-shipped").filter(|l| l.count() > 0) {
        let line = format!(
            "order to shipped: p50 {}, p95 {}, max {}",
            format::latency_us(latency.quantile_us(0.5)),
            format::latency_us(latency.quantile_us(0.95)),
            format::latency_us(latency.max_us()),
        );
        text += &wrap(&line, width, "");
    }
    text
}

fn service(service: &ServiceTotals) -> Vec<String> {
    vec![
        service.service.clone(),
        service.tasks_max.to_string(),
        format::count(service.handled),
        format::count(service.failed),
        format::count(service.turned_away),
        format::count(service.aws_calls),
    ]
}

fn queue(queue: &QueueTotals) -> Vec<String> {
    vec![
        queue.queue.clone(),
        format::count(queue.sent),
        format::count(queue.visible_max),
        format::latency_us(queue.oldest_age_ms_max * 1_000),
        format::count(queue.dead_lettered),
    ]
}
