//! The database and the cache in the way.

use securecart_record::{CacheSample, CacheTotals, DatabaseSample, DatabaseTotals};

use super::*;

/// A run that missed `metric`, with a primary, a replica and a cache of two nodes, all of them well.
fn shop(metric: &str) -> RunRecord {
    let mut record = missed(metric);
    let totals = |server: &str| DatabaseTotals { server: server.to_owned(), ..Default::default() };
    record.totals.databases = vec![totals("primary"), totals("replica-1")];
    each(&mut record, |_, sample| {
        sample.databases = vec![server("primary", None), server("replica-1", Some(40.0))];
        let (hits, misses) = (90, 10);
        sample.cache =
            Some(CacheSample { nodes_up: 2, nodes: 2, hits, misses, ..Default::default() });
    });
    record
}

fn server(name: &str, lag_ms: Option<f64>) -> DatabaseSample {
    DatabaseSample {
        server: name.to_owned(),
        available: true,
        in_use: 20,
        connections: 40,
        max_connections: 40,
        lag_ms,
        ..Default::default()
    }
}

#[test]
fn data_tiers_that_are_well_are_in_nobodys_way() {
    for metric in ["availability", "checkout.latency.p99", "search.latency.p99", "database.waiting"]
    {
        assert!(evidence(&shop(metric), 8).is_empty(), "{metric}");
    }
}

#[test]
fn a_primary_that_is_down_is_named_by_who_writes_to_it() {
    let mut record = shop("checkout.latency.p99");
    each(&mut record, |second, sample| {
        if (4..=6).contains(&second) {
            sample.databases[0].available = false;
            sample.databases[0].failed = 30;
        }
    });
    let expected = "database primary took no connections for 3.00 s (wall), seen from 00:02:00 to \
                    00:03:00 (scenario); 90 of its queries failed meanwhile";
    assert_eq!(evidence(&record, 8), [expected]);
    record.objectives = vec![missed_by("search.latency.p99")];
    assert!(evidence(&record, 8).is_empty(), "who searches has a replica");
    each(&mut record, |_, sample| sample.databases[1].available = false);
    let found = evidence(&record, 8);
    assert!(found[0].starts_with("database replica-1 took no connections for 10.0 s"), "{found:?}");
    assert_eq!(found[1], expected, "and comes to the primary without one");
}

#[test]
fn connections_that_are_used_up_are_named_with_who_waited() {
    let mut record = shop("order-to-shipped.latency.p95");
    each(&mut record, |second, sample| {
        let primary = &mut sample.databases[0];
        if second > 5 {
            (primary.in_use, primary.waiting) = (40, u64::from(second) * 10);
        }
        (primary.timed_out, primary.refused) =
            (u64::from(second == 9), u64::from(second == 10) * 4);
    });
    let expected = "database primary had too few connections for 5.00 s (wall): 40 of at most 40 ran a \
                    query and 100 requests waited for one at 00:05:00 (scenario); 1 waited too long; 4 \
                    were refused";
    assert_eq!(evidence(&record, 8), [expected]);
    let class = bottlenecks(&record, &BTreeMap::new());
    assert_eq!(class[0].resource, "database/primary");
}

#[test]
fn a_replica_is_behind_where_it_is_seen_or_asked_for() {
    let mut record = shop("database.lag");
    let small = "database replica-1 was 40.0 ms (wall) behind the primary at 00:00:30 (scenario)";
    assert_eq!(evidence(&record, 8), [small]);
    each(&mut record, |second, sample| {
        if second >= 8 {
            sample.databases[1].lag_ms = Some(f64::from(second) * 300.0);
        }
    });
    let expected = "database replica-1 was 3.00 s (wall) behind the primary at 00:05:00 (scenario), and \
                    by more than 1.00 s for 3.00 s (wall)";
    assert_eq!(evidence(&record, 8), [expected]);
    record.objectives = vec![missed_by("search.latency.p99")];
    assert_eq!(evidence(&record, 8), [expected]);
    let mut lag = zone_loss();
    (lag.kind, lag.radius, lag.effect) =
        ("replica-lag".to_owned(), "every read replica, 3000 ms behind".to_owned(), String::new());
    (lag.start_s, lag.end_s) = (7.0, Some(10.0));
    record.faults.push(lag);
    record.objectives = vec![missed_by("database.lag")];
    let found = evidence(&record, 8);
    assert!(found[0].starts_with("replica-1 was 3.00 s (wall) behind the primary"), "{found:?}");
    assert!(found[0].contains("during the fault replica-lag (every read replica"), "{found:?}");
    assert_eq!(found[1], expected);
}

#[test]
fn a_cache_that_is_flushed_is_cold_until_it_is_filled() {
    let mut record = shop("product.latency.p99");
    each(&mut record, |second, sample| {
        if (5..=7).contains(&second) {
            let cache = sample.cache.as_mut().expect("a cache");
            (cache.hits, cache.misses) = (10, 90);
        }
    });
    let expected = "the cache was cold: its hit ratio fell from 90.0 % to 10.0 % at 00:02:30 (scenario), \
                    back above 74.0 % after 3.00 s (wall)";
    assert_eq!(evidence(&record, 8), [expected]);
    record.objectives = vec![missed_by("order-status.latency.p99")];
    assert!(evidence(&record, 8).is_empty(), "orders are not cached");
    record.objectives = vec![missed_by("product.latency.p99")];
    record.samples.truncate(6);
    assert!(evidence(&record, 8)[0].ends_with("not back before the end"));
}

#[test]
fn a_ratio_of_a_few_reads_is_no_fall() {
    let mut record = shop("product.latency.p99");
    each(&mut record, |second, sample| {
        let cache = sample.cache.as_mut().expect("a cache");
        (cache.hits, cache.misses) = (u64::from(second < 5) * 2, u64::from(second >= 5) * 2);
    });
    assert!(evidence(&record, 8).is_empty());
}

#[test]
fn nodes_of_the_cache_that_are_down_come_before_what_they_left() {
    let mut record = shop("availability");
    each(&mut record, |second, sample| {
        let cache = sample.cache.as_mut().expect("a cache");
        if second >= 6 {
            (cache.nodes_up, cache.hits, cache.misses, cache.errors) = (1, 50, 50, 2);
        }
    });
    let expected = [
        "1 of 2 nodes of the cache were down for 5.00 s (wall), seen from 00:03:00 to 00:05:00 \
         (scenario); 10 calls to it failed meanwhile",
        "the cache was cold: its hit ratio fell from 90.0 % to 50.0 % at 00:03:00 (scenario), not back \
         before the end",
    ];
    assert_eq!(evidence(&record, 8), expected);
}

#[test]
fn a_hit_ratio_that_is_too_low_throughout_says_so() {
    let mut record = shop("cache.hit-ratio");
    record.totals.cache =
        Some(CacheTotals { hits: 900, misses: 100, evictions: 12, ..Default::default() });
    let expected =
        "the cache answered 90.0 % of 1.00k reads; 12 entries were evicted for want of room";
    assert_eq!(evidence(&record, 8), [expected]);
    let mut flush = zone_loss();
    (flush.kind, flush.radius, flush.effect) =
        ("cache-flush".to_owned(), "everything in the cache".to_owned(), String::new());
    record.faults.push(flush);
    each(&mut record, |second, sample| {
        if (3..=8).contains(&second) {
            sample.cache.as_mut().expect("a cache").hits = 10;
        }
    });
    let found = evidence(&record, 8);
    assert!(found[0].starts_with("the cache answered 50.0 % of the reads during the fault"));
}

#[test]
fn one_call_that_failed_makes_no_node_the_cause() {
    let mut record = shop("product.latency.p99");
    each(&mut record, |second, sample| {
        let cache = sample.cache.as_mut().expect("a cache");
        if second == 4 {
            (cache.nodes_up, cache.hits, cache.misses, cache.errors) = (1, 50, 50, 1);
        }
    });
    assert!(evidence(&record, 8).is_empty(), "it was left alone for a second");
    each(&mut record, |second, sample| {
        let cache = sample.cache.as_mut().expect("a cache");
        cache.errors = if second == 4 { 10 } else { 0 };
    });
    let found = evidence(&record, 8);
    assert!(found[0].ends_with("; 10 calls to it failed meanwhile"), "{found:?}");
}

#[test]
fn one_query_that_failed_makes_no_server_the_cause() {
    let mut record = shop("checkout.latency.p99");
    record.totals.databases[0].writes = 10_000;
    each(&mut record, |second, sample| {
        sample.databases[0].available = second != 4;
        sample.databases[0].failed = u64::from(second == 4);
        sample.databases[0].timed_out = u64::from(second == 6);
    });
    assert!(evidence(&record, 8).is_empty());
    record.objectives = vec![missed_by("availability")];
    assert!(evidence(&record, 8).is_empty(), "no request failed for it");
    record.totals.failed_requests = 2;
    let found = evidence(&record, 8);
    assert!(found[0].ends_with("; 1 of its queries failed meanwhile"), "{found:?}");
    assert!(found[1].ends_with("; 1 waited too long"), "{found:?}");
}

#[test]
fn a_short_outage_in_which_much_failed_is_a_cause() {
    let mut record = shop("checkout.latency.p99");
    record.totals.databases[0].writes = 10_000;
    each(&mut record, |second, sample| {
        sample.databases[0].available = second != 4;
        sample.databases[0].failed = if second == 4 { 150 } else { 0 };
    });
    let found = evidence(&record, 8);
    assert!(found[0].ends_with("; 150 of its queries failed meanwhile"), "{found:?}");
}

#[test]
fn a_moment_of_lag_or_of_waiting_is_only_in_the_way_of_its_own_objective() {
    let mut record = shop("order-status.latency.p99");
    let sample = record.samples[0].clone();
    for second in 11..=200_u32 {
        let mut sample = Sample::clone(&sample);
        sample.at_s = f64::from(second);
        record.samples.push(Arc::new(sample));
    }
    each(&mut record, |second, sample| {
        if second == 50 {
            sample.databases[0].waiting = 30;
            sample.databases[1].lag_ms = Some(4_000.0);
        }
    });
    assert!(evidence(&record, 8).is_empty(), "{:?}", evidence(&record, 8));
    for metric in ["database.lag", "database.waiting"] {
        record.objectives = vec![missed_by(metric)];
        assert_eq!(evidence(&record, 8).len(), 1, "{metric}");
    }
}
