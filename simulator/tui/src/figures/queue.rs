//! The queues. A dead-letter queue is a column of its queue, not a row.

use securecart_record::{QueueSample, QueueTotals, RunRecord, Sample};

use super::{Health, per_second, recent};

/// What a dead-letter queue's name ends in (`securecart_domain::resources::dead_letter_queue`).
const DEAD_LETTER_SUFFIX: &str = "-dlq";
/// Seconds of its own outflow that a queue may hold before it is behind.
const BEHIND_S: f64 = 10.0;

/// One queue: its latest interval, its recent rates and how well it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueueRow<'a> {
    pub(crate) name: &'a str,
    /// The latest interval.
    pub(crate) now: &'a QueueSample,
    /// The run so far; absent until the queue is first counted.
    pub(crate) totals: Option<&'a QueueTotals>,
    /// Sent a second, recently.
    pub(crate) in_rate: f64,
    /// Deleted a second, recently.
    pub(crate) out_rate: f64,
    /// How long until nothing is visible.
    pub(crate) drain: Drain,
    /// Age of its oldest message; none where the backend does not tell it.
    pub(crate) oldest_age_ms: Option<u64>,
    /// Messages in its dead-letter queue.
    pub(crate) dead_letters: u64,
    pub(crate) health: Health,
}

/// How long a queue takes until nothing is visible, at its recent rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Drain {
    /// Nothing is visible.
    Empty,
    /// No more is visible than one second brings.
    KeepsUp,
    /// As much or more comes than goes.
    Never,
    /// So many seconds.
    Seconds(f64),
}

/// The queues, in the order of the record.
pub(crate) fn queues(record: &RunRecord) -> Vec<QueueRow<'_>> {
    let Some(last) = record.samples.last() else { return Vec::new() };
    let is_own = |queue: &&QueueSample| parent(last, &queue.queue).is_none();
    last.queues.iter().filter(is_own).map(|now| row(record, last, now)).collect()
}

/// The queue that `name` is the dead-letter queue of.
fn parent<'a>(sample: &'a Sample, name: &str) -> Option<&'a QueueSample> {
    find(sample, name.strip_suffix(DEAD_LETTER_SUFFIX)?)
}

/// The sample of the queue `name` in `sample`.
pub(crate) fn find<'a>(sample: &'a Sample, name: &str) -> Option<&'a QueueSample> {
    sample.queues.iter().find(|queue| queue.queue == name)
}

fn row<'a>(record: &'a RunRecord, last: &'a Sample, now: &'a QueueSample) -> QueueRow<'a> {
    let name = now.queue.as_str();
    let rate = |count: fn(&QueueSample) -> u64| {
        per_second(record, recent(record), |sample| find(sample, name).map_or(0, count))
    };
    let (in_rate, out_rate) = (rate(|queue| queue.sent), rate(|queue| queue.deleted));
    let drain = drain(now.visible, in_rate, out_rate);
    let dead = find(last, &format!("{name}{DEAD_LETTER_SUFFIX}"));
    let dead_letters = dead
        .map_or(0, |dead| dead.visible.saturating_add(dead.in_flight).saturating_add(dead.delayed));
    QueueRow {
        name,
        now,
        totals: record.totals.queues.iter().find(|totals| totals.queue == name),
        in_rate,
        out_rate,
        drain,
        oldest_age_ms: record.run.has_queue_ages().then_some(now.oldest_age_ms),
        dead_letters,
        health: health(now.visible, out_rate, drain, dead_letters),
    }
}

fn drain(visible: u64, in_rate: f64, out_rate: f64) -> Drain {
    let visible = visible as f64;
    if visible == 0.0 {
        Drain::Empty
    } else if visible <= out_rate {
        Drain::KeepsUp
    } else if out_rate > in_rate {
        Drain::Seconds(visible / (out_rate - in_rate))
    } else {
        Drain::Never
    }
}

fn health(visible: u64, out_rate: f64, drain: Drain, dead_letters: u64) -> Health {
    let behind_s = visible as f64 / out_rate.max(0.1);
    match drain {
        _ if dead_letters > 0 => Health::bad("dead letters", dead_letters as f64),
        Drain::Never if behind_s > BEHIND_S => Health::bad("growing", behind_s),
        Drain::Never => Health::watch("growing", behind_s),
        Drain::Seconds(_) => Health::watch("draining", behind_s),
        Drain::KeepsUp => Health::good("ok"),
        Drain::Empty => Health::good("empty"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{figures::Severity, fixture};

    #[test]
    fn drain_is_what_is_left_by_what_is_gained() {
        assert_eq!(drain(0, 5.0, 0.0), Drain::Empty);
        assert_eq!(drain(9, 20.0, 10.0), Drain::KeepsUp);
        assert_eq!(drain(300, 10.0, 40.0), Drain::Seconds(10.0));
        assert_eq!(drain(300, 40.0, 40.0), Drain::Never);
        assert_eq!(drain(1, 0.0, 0.0), Drain::Never);
    }

    #[test]
    fn dead_letters_are_worse_than_a_backlog() {
        assert_eq!(health(500, 10.0, Drain::Never, 1).word, "dead letters");
        assert_eq!(health(500, 10.0, Drain::Never, 0).severity, Severity::Bad);
        assert_eq!(health(50, 10.0, Drain::Never, 0).severity, Severity::Watch);
        assert_eq!(health(500, 10.0, Drain::Seconds(3.0), 0).word, "draining");
    }

    #[test]
    fn a_dead_letter_queue_is_a_column_of_its_queue() {
        let record = fixture::black_friday(150);
        let rows = queues(&record);
        let names: Vec<_> = rows.iter().map(|row| row.name).collect();
        assert_eq!(names, ["orders", "inventory", "notifications-email", "notifications-sms"]);
        assert_eq!(rows[0].dead_letters, 0);
        assert_eq!(rows[3].dead_letters, 3);
    }

    #[test]
    fn a_dead_letter_queue_without_a_queue_is_a_row() {
        let mut record = fixture::black_friday(5);
        let mut last = (**record.samples.last().expect("five samples")).clone();
        last.queues.retain(|queue| queue.queue != "orders");
        record.samples.push(last.into());
        assert_eq!(queues(&record)[0].name, "orders-dlq");
    }
}
