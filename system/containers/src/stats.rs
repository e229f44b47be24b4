//! What each container uses of the machine.
//!
//! The engine streams a sample of each container once a second; the last one is kept, so that asking
//! costs nothing. *CPU* counts over all lives of a container: the kernel starts at zero when it is
//! started again. *Memory* is without the page cache that the kernel could drop, as `docker stats`
//! counts it.

use std::{sync::Arc, time::Duration};

use bollard::{Docker, models::ContainerStatsResponse, query_parameters::StatsOptionsBuilder};
use futures::StreamExt as _;
use tokio::time::sleep;

use crate::{Member, unit::Unit};

/// Wait before a stream that broke off is opened again: its container is down, or about to be.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

const NANOSECONDS: f64 = 1e9;

/// What a container used.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerStats {
    /// Which one.
    pub member: Member,
    /// Share of one core since statistics were asked for before; 1.5 is a core and a half.
    pub cpu_share: f64,
    /// CPU time since its first start.
    pub cpu_s: f64,
    /// Memory in use; 0 while it is down.
    pub memory_bytes: u64,
    /// Memory that it may use: the machine's, as no limit is set.
    pub memory_limit_bytes: u64,
}

/// One reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sample {
    read_ns: i128,
    cpu_ns: u64,
    memory_bytes: u64,
    memory_limit_bytes: u64,
}

/// The readings of a container so far.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    last: Option<Sample>,
    /// CPU time of lives that are over.
    before_ns: u64,
    /// CPU time and reading at the last report.
    reported: Option<(u64, i128)>,
    share: f64,
}

impl Usage {
    fn take(&mut self, sample: Sample) {
        if let Some(last) = self.last
            && sample.cpu_ns < last.cpu_ns
        {
            self.before_ns += last.cpu_ns;
        }
        self.last = Some(sample);
        self.reported.get_or_insert((self.before_ns + sample.cpu_ns, sample.read_ns));
    }

    /// The figures by now, and a new start for the share.
    pub(crate) fn report(&mut self, member: Member, down: bool) -> ContainerStats {
        let cpu_ns = self.before_ns + self.last.map_or(0, |last| last.cpu_ns);
        if let (Some(last), Some((cpu_before, read_before))) = (self.last, self.reported)
            && last.read_ns > read_before
        {
            let used = cpu_ns.saturating_sub(cpu_before);
            self.share = used as f64 / (last.read_ns - read_before) as f64;
            self.reported = Some((cpu_ns, last.read_ns));
        }
        ContainerStats {
            member,
            cpu_share: if down { 0.0 } else { self.share },
            cpu_s: cpu_ns as f64 / NANOSECONDS,
            memory_bytes: self.last.filter(|_| !down).map_or(0, |last| last.memory_bytes),
            memory_limit_bytes: self.last.map_or(0, |last| last.memory_limit_bytes),
        }
    }
}

/// Keeps the last sample of `unit`; ends only with its task.
pub(crate) async fn watch(docker: Docker, unit: Arc<Unit>) {
    loop {
        let options = StatsOptionsBuilder::new().stream(true).build();
        let mut samples = std::pin::pin!(docker.stats(&unit.id, Some(options)));
        while let Some(Ok(response)) = samples.next().await {
            if let Some(sample) = sample(&response) {
                unit.usage.lock().take(sample);
            }
        }
        sleep(AGAIN_AFTER).await;
    }
}

/// None from a container that is down: the engine then sends zeros.
fn sample(response: &ContainerStatsResponse) -> Option<Sample> {
    let cpu_ns = response.cpu_stats.as_ref()?.cpu_usage.as_ref()?.total_usage?;
    let memory = response.memory_stats.as_ref()?;
    let usage = memory.usage.filter(|bytes| *bytes > 0)?;
    // cgroup v1 has the total of the tree, v2 only that.
    let droppable = memory
        .stats
        .as_ref()
        .and_then(|stats| stats.get("total_inactive_file").or_else(|| stats.get("inactive_file")))
        .copied()
        .unwrap_or_default();
    Some(Sample {
        read_ns: response.read?.unix_timestamp_nanos(),
        cpu_ns,
        memory_bytes: usage.saturating_sub(droppable),
        memory_limit_bytes: memory.limit.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i128 = 1_000_000_000;

    fn at(read_s: i128, cpu_ms: u64) -> Sample {
        Sample {
            read_ns: read_s * SECOND,
            cpu_ns: cpu_ms * 1_000_000,
            memory_bytes: 100,
            memory_limit_bytes: 1000,
        }
    }

    #[test]
    fn the_share_is_of_the_time_since_the_last_report() {
        let mut usage = Usage::default();
        usage.take(at(0, 1000));
        assert_eq!(usage.report(Member::Cache, false).cpu_share, 0.0);
        usage.take(at(1, 1500));
        usage.take(at(2, 4000));
        let stats = usage.report(Member::Cache, false);
        assert_eq!((stats.cpu_share, stats.cpu_s, stats.memory_bytes), (1.5, 4.0, 100));
        assert_eq!(usage.report(Member::Cache, false).cpu_share, 1.5, "nothing new was read");
    }

    #[test]
    fn a_new_life_adds_to_the_old_one() {
        let mut usage = Usage::default();
        usage.take(at(0, 1000));
        usage.take(at(1, 2000));
        let down = usage.report(Member::Primary, true);
        assert_eq!((down.cpu_share, down.cpu_s, down.memory_bytes), (0.0, 2.0, 0));
        usage.take(at(3, 500));
        let again = usage.report(Member::Primary, false);
        assert_eq!((again.cpu_share, again.cpu_s), (0.25, 2.5));
    }

    #[test]
    fn no_sample_is_no_usage() {
        let stats = Usage::default().report(Member::LocalStack, false);
        assert_eq!((stats.cpu_s, stats.memory_bytes, stats.memory_limit_bytes), (0.0, 0, 0));
    }

    #[test]
    fn the_engines_json_is_read_and_the_page_cache_left_out() {
        let text = r#"{"read":"2026-11-27T00:00:01.5Z",
            "cpu_stats":{"cpu_usage":{"total_usage":7000000}},
            "memory_stats":{"usage":5000,"limit":9000,"stats":{"total_inactive_file":1000,"inactive_file":1}}}"#;
        let read = sample(&serde_json::from_str(text).unwrap()).unwrap();
        assert_eq!(
            (read.cpu_ns, read.memory_bytes, read.memory_limit_bytes),
            (7_000_000, 4000, 9000)
        );
        assert_eq!(read.read_ns % SECOND, SECOND / 2);
        let down = r#"{"read":"0001-01-01T00:00:00Z","cpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{}}"#;
        assert_eq!(sample(&serde_json::from_str(down).unwrap()), None);
    }
}
