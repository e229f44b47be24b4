//! What the system did: services and queues.

use securecart_record::{QueueTotals, RunRecord, ServiceTotals, format};

use super::{paint::Paint, prose::facts};
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
    right("sent").spare(4),
    right("deepest"),
    right("oldest").spare(3),
    right("dead-lettered").spare(2),
];

pub(super) fn section(record: &RunRecord, paint: Paint, width: usize) -> String {
    let totals = &record.totals;
    let services: Vec<_> = totals.services.iter().map(service).collect();
    let has_ages = record.run.has_queue_ages();
    let used = totals.queues.iter().filter(|queue| is_used(queue));
    let queues: Vec<_> = used.map(|one| queue(one, has_ages)).collect();
    let mut parts = Vec::new();
    if !services.is_empty() {
        parts.push(paint.titles(&table::render(&SERVICES, &services, width)));
    }
    if !queues.is_empty() {
        parts.push(paint.titles(&table::render(&QUEUES, &queues, width)));
    }
    let mut text = parts.join("\n");
    if let Some(latency) = totals.measure("order-to-shipped").filter(|l| l.count() > 0) {
        let line = format!(
            "p50 {}, p95 {}, max {} of wall time after it was accepted",
            format::latency_us(latency.quantile_us(0.5)),
            format::latency_us(latency.quantile_us(0.95)),
            format::latency_us(latency.max_us()),
        );
        text += &facts(&[("order shipped", line)], paint, width);
    }
    text
}

/// Whether a queue is worth a line: a dead-letter queue is only when there was something in it.
fn is_used(queue: &QueueTotals) -> bool {
    !queue.queue.ends_with("-dlq") || queue.sent > 0 || queue.visible_max > 0
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

fn queue(queue: &QueueTotals, has_ages: bool) -> Vec<String> {
    let oldest = || format::latency_us(queue.oldest_age_ms_max.saturating_mul(1_000));
    vec![
        queue.queue.clone(),
        format::count(queue.sent),
        format::count(queue.visible_max),
        if has_ages { oldest() } else { format::NONE.to_owned() },
        format::count(queue.dead_lettered),
    ]
}
