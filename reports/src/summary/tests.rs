//! Summaries of runs that ended in every way, wide and narrow.

use std::sync::Arc;

use securecart_record::{
    Audit, AuditFinding, Bottleneck, CacheTotals, ContainerTotals, DatabaseTotals, Elasticity,
    Environment, ErrorCount, FaultRecord, FindingKind, FunctionTotals, Histogram, Limit, LimitedBy,
    MeasureTotals, OperationTotals, Probe, QueueTotals, RunInfo, Sample, ScalingActivity,
    ScalingOutcome, ServiceSample, ServiceTotals, SkippedFault, TableSample, TableTotals, Tier,
};

use super::*;

pub(crate) fn record(verdict: Verdict) -> RunRecord {
    let info = RunInfo {
        id: "black-friday-20261127T000000Z-00ff".to_owned(),
        scenario: "black-friday".to_owned(),
        source: "black-friday".to_owned(),
        clock: "live".to_owned(),
        backend: "embedded".to_owned(),
        backend_version: "0.1.0".to_owned(),
        seed: 20_261_127,
        scale: 0.0625,
        speed: 30.0,
        window_end_s: 7_200.0,
        traffic_s: 240.0,
        drain_s: 1.5,
        commit: "0123456789ab".to_owned(),
        version: "0.1.0".to_owned(),
        ..RunInfo::default()
    };
    let environment = Environment {
        os: "Linux 6.1".to_owned(),
        cpu: "AMD EPYC".to_owned(),
        cores: 2,
        profile: "dev".to_owned(),
        ..Environment::default()
    };
    let mut record = RunRecord::starting(info, environment);
    record.verdict = verdict;
    record.objectives = vec![
        objective("checkout.latency.p99", "< 800ms", "277ms", true),
        objective("order-to-shipped.latency.p95", "< 60s", "337ms", true),
    ];
    record.audit = Some(Audit {
        accepted: 6_672,
        shipped: 5_900,
        rejected: 772,
        stock_start: 1_000_000,
        stock_end: 988_000,
        stock_sold: 12_000,
        captured: 5_900,
        voided: 772,
        notifications_due: 8_340,
        notifications_sent: 8_340,
        ..Audit::default()
    });
    totals(&mut record);
    record
}

fn objective(metric: &str, bound: &str, measured: &str, held: bool) -> Objective {
    Objective {
        metric: metric.to_owned(),
        bound: bound.to_owned(),
        measured: measured.to_owned(),
        share_of_bound: None,
        held: Some(held),
    }
}

fn totals(record: &mut RunRecord) {
    let totals = &mut record.totals;
    totals.arrivals = 28_123;
    totals.late_arrivals = 3;
    totals.failed_requests = 2;
    totals.late_after_us = 20_000;
    totals.requests = 157_440;
    totals.orders_accepted = 6_672;
    totals.cpu_s = 96.0;
    totals.memory_bytes_max = 210 << 20;
    totals.lag.record_us(380);
    for (name, requests, step_us) in [("product", 60_000, 170), ("checkout", 6_800, 1_500)] {
        let mut operation = OperationTotals::new(name);
        operation.requests = requests;
        for n in 1..=100 {
            operation.response.record_us(10_000 + n * step_us);
            operation.service.record_us(9_000 + n * step_us);
        }
        totals.response.merge(&operation.response);
        totals.operations.push(operation);
    }
    totals.operations[0].failed = 2;
    totals.operations[0].errors.push(ErrorCount { cause: "timeout".to_owned(), count: 2 });
    let refused = ErrorCount { cause: "402 payment-refused".to_owned(), count: 68 };
    totals.operations[1].errors.push(refused);
    totals.operations.push(OperationTotals::new("search"));
    totals.services.push(ServiceTotals {
        service: "checkout".to_owned(),
        handled: 6_800,
        failed: 0,
        turned_away: 0,
        tasks_max: 4,
        aws_calls: 27_200,
        ..ServiceTotals::default()
    });
    for (queue, sent) in [("orders", 13_344), ("orders-dlq", 0)] {
        totals.queues.push(QueueTotals {
            queue: queue.to_owned(),
            sent,
            received: sent,
            deleted: sent,
            dead_lettered: 0,
            visible_max: sent / 1_000,
            oldest_age_ms_max: sent / 40,
        });
    }
    let mut latency = Histogram::new();
    latency.record_us(337_000);
    totals.measures.push(MeasureTotals { measure: "order-to-shipped".to_owned(), latency });
}

/// A run that scaled too late: checkout from 2 to 8 tasks, its maximum, and the carts table once.
pub(crate) fn scaled() -> RunRecord {
    let mut record = record(Verdict::Missed);
    record.run.started_at = "2026-11-27T00:00:00Z".to_owned();
    record.run.settings = vec!["services.checkout.tasks.max=8".to_owned()];
    record.objectives[0] = objective("checkout.latency.p99", "< 800ms", "2.1s", false);
    let evidence = "checkout was at its maximum of 8 tasks for 3 min 30 s (wall) with CPU at 98 %; \
                    14 were needed at 00:12:00 (scenario)";
    record.bottlenecks = vec![
        Bottleneck {
            resource: "checkout".to_owned(),
            evidence: evidence.to_owned(),
            objectives: vec!["checkout.latency.p99".to_owned()],
        },
        Bottleneck {
            objectives: vec!["checkout.latency.p99".to_owned()],
            resource: "table/carts".to_owned(),
            evidence: "table carts throttled 0 reads and 310 writes within 10.0 s (wall), most of \
                       them at 00:22:00 (scenario)"
                .to_owned(),
        },
    ];
    record.scaling = activities();
    for (second, tasks, units) in [(10, 2, 300), (30, 4, 300), (60, 8, 450)] {
        let (service, table) = ("checkout".to_owned(), "carts".to_owned());
        let write_provisioned = Some(units);
        record.samples.push(Arc::new(Sample {
            at_s: f64::from(second),
            scenario_s: f64::from(second) * 30.0,
            services: vec![ServiceSample { service, tasks, ..ServiceSample::default() }],
            tables: vec![TableSample { table, write_provisioned, ..TableSample::default() }],
            ..Sample::default()
        }));
    }
    record.elasticity = vec![elasticity("checkout", 0.42), elasticity("search", 0.0)];
    record.faults = vec![FaultRecord {
        kind: "availability-zone-loss".to_owned(),
        radius: "zone a".to_owned(),
        start_s: 50.0,
        start_scenario_s: 1_500.0,
        end_s: Some(70.0),
        end_scenario_s: Some(2_100.0),
        effect: "5 tasks of checkout died with 31 requests in flight".to_owned(),
    }];
    refusals(&mut record);
    record
}

/// A run on LocalStack with PostgreSQL and Valkey, scaled down to what LocalStack carries, whose
/// primary failed over.
pub(crate) fn tiered() -> RunRecord {
    let mut record = record(Verdict::Missed);
    let run = &mut record.run;
    (run.backend, run.backend_version) = ("localstack".to_owned(), "4.14.0".to_owned());
    (run.scale, run.source) = (0.01, "database-failover".to_owned());
    let tier = |tier: &str, served_by: &str| Tier {
        tier: tier.to_owned(),
        served_by: served_by.to_owned(),
    };
    run.tiers = vec![
        tier("aws", "LocalStack 4.14.0"),
        tier("functions", "SecureCart 0.1.0"),
        tier("database", "PostgreSQL 17.2"),
        tier("cache", "Valkey 8.0"),
    ];
    run.probe = Some(Probe {
        call: "dynamodb:PutItem".to_owned(),
        carried_per_second: 150.4,
        asked_per_second: 562.5,
        scale_asked: Some(0.0625),
    });
    record.objectives[0] = objective("checkout.latency.p99", "< 800ms", "2.1s", false);
    record.bottlenecks = vec![Bottleneck {
        resource: "database/primary".to_owned(),
        evidence: "database primary took no connections for 12.0 s (wall), seen from 00:20:00 to \
                   00:26:00 (scenario); 231 of its queries failed meanwhile"
            .to_owned(),
        objectives: vec!["checkout.latency.p99".to_owned()],
    }];
    let evidence = "the emulator's container used 0.9 cores or more, all that its one process can, for 3 min \
                    20 s of 4 min 00 s (wall); 1.02 at most";
    record.limited_by = vec![Limit { by: LimitedBy::Emulator, evidence: evidence.to_owned() }];
    tiers(&mut record);
    record
}

fn tiers(record: &mut RunRecord) {
    let primary = DatabaseTotals {
        server: "primary".to_owned(),
        reads: 8_420,
        writes: 41_250,
        failed: 231,
        refused: 40,
        timed_out: 12,
        in_use_max: 20,
        waiting_max: 64,
        lag_ms_max: None,
        unavailable_s: 12,
        read_your_writes: 1_204,
    };
    let replica = DatabaseTotals {
        server: "replica-1".to_owned(),
        reads: 66_100,
        in_use_max: 9,
        lag_ms_max: Some(4_210.0),
        ..DatabaseTotals::default()
    };
    record.totals.databases = vec![primary, replica];
    record.totals.cache = Some(CacheTotals {
        hits: 91_000,
        misses: 9_000,
        coalesced: 310,
        evictions: 25,
        errors: 3,
        bytes_max: 12 << 20,
    });
    let container = |container: &str, image: &str, cpu_s, cores_max, mib: u64| ContainerTotals {
        container: container.to_owned(),
        image: image.to_owned(),
        cpu_s,
        cores_max,
        memory_bytes_max: mib << 20,
    };
    record.totals.containers = vec![
        container("localstack", "localstack/localstack:4.14.0", 214.0, 1.04, 812),
        container("postgres", "postgres:17", 38.5, 0.41, 160),
        container("postgres-replica-1", "postgres:17", 11.2, 0.12, 96),
        container("valkey", "valkey/valkey:8", 4.1, 0.05, 14),
    ];
}

fn refusals(record: &mut RunRecord) {
    record.totals.aws_calls = 1_200_000;
    record.totals.throttled = 322;
    record.totals.tables = vec![
        TableTotals { table: "carts".to_owned(), throttled_writes: 310, ..Default::default() },
        TableTotals { table: "stock".to_owned(), ..Default::default() },
    ];
    record.totals.functions = vec![FunctionTotals {
        function: "fraud".to_owned(),
        invocations: 2_520,
        cold_starts: 30,
        throttles: 12,
        concurrent_max: 14,
        ..Default::default()
    }];
}

fn elasticity(service: &str, time_share_under: f64) -> Elasticity {
    Elasticity {
        service: service.to_owned(),
        accuracy_under: time_share_under / 2.0,
        accuracy_over: 0.12,
        time_share_under,
        time_share_over: 0.3,
        instability: 0.08,
        saturated_minutes: 1.5,
        surplus_task_hours: 0.21,
        surplus_cost_usd: 0.0052,
    }
}

fn activities() -> Vec<ScalingActivity> {
    let applied = |at_s: f64, from, to, effective_s: Option<f64>| ScalingActivity {
        at_s,
        scenario_s: at_s * 30.0,
        resource: "checkout".to_owned(),
        dimension: "ecs:service:DesiredCount".to_owned(),
        policy: "checkout-cpu-50".to_owned(),
        alarm: Some("TargetTracking-service/securecart/checkout-AlarmHigh".to_owned()),
        metric: "cpu".to_owned(),
        value: Some(98.2),
        target: Some(50.0),
        from,
        to,
        outcome: ScalingOutcome::Applied,
        reason: format!("cpu was 98.2 in 3 of 3 minutes, above 50: {to} tasks"),
        effective_s,
        effective_scenario_s: effective_s.map(|s| s * 30.0),
    };
    let carts = ScalingActivity {
        resource: "table/carts".to_owned(),
        dimension: "dynamodb:table:WriteCapacityUnits".to_owned(),
        policy: "carts-writes-70".to_owned(),
        metric: "write-utilisation".to_owned(),
        ..applied(40.0, 300, 450, None)
    };
    let held = ScalingActivity {
        outcome: ScalingOutcome::Held,
        reason: "cpu asks for 14 tasks, but the maximum is 8".to_owned(),
        ..applied(66.0, 8, 14, None)
    };
    vec![applied(12.0, 2, 4, Some(20.0)), applied(30.0, 4, 8, Some(44.5)), carts, held]
}

fn of(record: &RunRecord, width: u16, color: bool) -> String {
    summary(record, record.verdict.exit_code(), width, color)
}

/// The same summary on a wide, a narrow and a very narrow terminal.
fn snapshot(name: &str, record: &RunRecord) {
    for width in [100, 60, 30] {
        insta::assert_snapshot!(format!("{name}_{width}"), of(record, width, false));
    }
}

fn limit() -> Limit {
    let evidence =
        "all processors were more than 95 % busy for 30 of 240 s, 12 s of them in a row".to_owned();
    Limit { by: LimitedBy::Host, evidence }
}

#[test]
fn held() {
    snapshot("held", &record(Verdict::Held));
}

#[test]
fn faults_that_were_not_played_are_said_in_the_verdict_and_below() {
    let mut record = record(Verdict::Held);
    let skipped = |kind: &str, radius: &str, end_scenario_s| SkippedFault {
        kind: kind.to_owned(),
        radius: radius.to_owned(),
        start_scenario_s: 7_500.0,
        end_scenario_s,
    };
    record.skipped_faults = vec![skipped("cache-flush", "everything in the cache", None)];
    let text = of(&record, 140, false);
    let verdict = "HELD black-friday: every objective held and the audit is clean; its fault was not \
                   played (exit code 0)";
    assert!(text.starts_with(verdict), "{text}");
    record.skipped_faults.push(skipped("replica-loss", "read replica 1", Some(7_800.0)));
    let text = of(&record, 140, false);
    assert!(text.contains("; none of its 2 faults was played ("), "{text}");
    record.faults = scaled().faults;
    snapshot("not_played", &record);
}

#[test]
fn numbers_of_faults_that_overlap_do_not_add_up() {
    let says = |record: &RunRecord| of(record, 140, false).contains("were on at the same time");
    let mut record = scaled();
    assert!(!says(&record));
    let mut other = record.faults[0].clone();
    (other.start_s, other.end_s) = (70.0, Some(80.0));
    record.faults.push(other);
    assert!(!says(&record), "one ends when the other begins");
    record.faults[1].start_s = 69.0;
    assert!(says(&record));
}

#[test]
fn held_but_limited() {
    let mut record = record(Verdict::Held);
    record.limited_by.push(limit());
    snapshot("limited", &record);
}

#[test]
fn missed() {
    let mut record = record(Verdict::Missed);
    record.objectives.push(objective("orders.queue.drain", "< 10m", "14.2m", false));
    snapshot("missed", &record);
}

#[test]
fn scaled_too_late() {
    snapshot("scaled", &scaled());
}

#[test]
fn a_run_on_a_fixed_fleet_is_as_short_as_ever() {
    let mut record = record(Verdict::Held);
    let short = of(&record, 100, false);
    record.elasticity = vec![elasticity("checkout", 0.42)];
    record.totals.tables = vec![TableTotals { table: "carts".to_owned(), ..Default::default() }];
    record.totals.functions =
        vec![FunctionTotals { function: "fraud".to_owned(), ..Default::default() }];
    assert_eq!(of(&record, 100, false), short);
}

#[test]
fn inconclusive() {
    let mut record = record(Verdict::Inconclusive);
    let mut unmeasured = objective("refund.latency.p99", "< 1s", "none", false);
    unmeasured.held = None;
    record.objectives.push(unmeasured);
    snapshot("inconclusive", &record);
}

#[test]
fn data_tiers() {
    snapshot("tiers", &tiered());
}

#[test]
fn half_a_run_judges_no_objective_and_adds_up_no_notifications() {
    let mut record = record(Verdict::Interrupted);
    record.audit.as_mut().expect("an audit").notifications_sent = 8_000;
    let text = of(&record, 140, false);
    assert!(!text.contains('✓') && !text.contains("notifications add up"), "{text}");
    assert!(text.contains("340 notifications still on the way"), "{text}");
    assert!(text.contains("· ") && text.contains("so far, not judged"), "{text}");
}

#[test]
fn audit_failed() {
    let mut record = record(Verdict::AuditFailed);
    let audit = record.audit.as_mut().expect("an audit");
    audit.findings_total = 102;
    audit.findings = vec![
        AuditFinding {
            kind: FindingKind::LostOrder,
            order: "o-00000000000000ff".to_owned(),
            detail: "accepted, but written down nowhere".to_owned(),
        },
        AuditFinding {
            kind: FindingKind::Oversold,
            order: String::new(),
            detail: "product p-00000001: 10 at the start less 10 sold leaves 0, found -1"
                .to_owned(),
        },
    ];
    snapshot("audit_failed", &record);
}

#[test]
fn interrupted_before_anything_happened() {
    let RunRecord { mut run, environment, .. } = record(Verdict::Interrupted);
    (run.traffic_s, run.drain_s) = (0.0, 0.0);
    snapshot("interrupted", &RunRecord::starting(run, environment));
}

#[test]
fn interrupted_halfway_says_what_was_played() {
    let text = of(&record(Verdict::Interrupted), 100, false);
    assert!(text.starts_with("INTERRUPTED black-friday: "), "{text}");
    assert!(text.contains("(exit code 130)") && text.contains("656/s"), "{text}");
}

#[test]
fn the_exit_code_is_the_one_of_the_process() {
    let text = summary(&record(Verdict::Held), 1, 100, false);
    assert!(text.contains("(exit code 1)") && !text.contains("(exit code 0)"), "{text}");
}

#[test]
fn a_scenario_without_objectives_does_not_claim_that_they_held() {
    let mut record = record(Verdict::Held);
    record.objectives.clear();
    let text = of(&record, 100, false);
    assert!(text.starts_with("HELD black-friday: the scenario has no objectives"), "{text}");
}

#[test]
fn no_line_is_wider_than_the_terminal_but_what_is_to_be_copied() {
    let mut scaled = scaled();
    scaled.limited_by.push(limit());
    let tiered = tiered();
    let widths = [30, 40, 60, 80, 100, 140].into_iter();
    for (width, record) in widths.flat_map(|width| [(width, &scaled), (width, &tiered)]) {
        let text = of(record, width, false);
        let copied = |line: &&str| line.starts_with("again:") || line.contains(&record.run.id);
        for line in text.lines().filter(|line| !copied(line)) {
            let columns = line.chars().count();
            assert!(columns <= usize::from(width), "{columns} of {width}: {line}");
        }
    }
}

#[test]
fn colour_changes_no_word() {
    let colored = of(&record(Verdict::Held), 100, true);
    let mut plain = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain += before;
        rest = after.split_once('m').expect("a whole escape").1;
    }
    plain += rest;
    assert_eq!(plain, of(&record(Verdict::Held), 100, false));
    assert_ne!(plain, colored);
}
