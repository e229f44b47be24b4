//! Tables as a whole: the sheet's vectors and what its rows say.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

const ZERO: Duration = Duration::ZERO;

fn provisioned(read: f64, write: f64) -> Table {
    let capacity = Capacity::Provisioned(Throughput { read, write });
    Table::new(capacity, Config::default(), ZERO)
}

/// Keys spread over all partitions.
fn key(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// One write of a unit.
fn write(table: &mut Table, now: Duration, key: u64) -> Result<(), Throttle> {
    table.admit(now, key, Operation::Write)?;
    table.charge(now, key, 0.0, 1.0, &[]);
    Ok(())
}

/// Writes `rate` a second from `from` for `seconds`, the key being `key` of the number of the write,
/// and gives back the throttles of each second.
fn write_for(
    table: &mut Table,
    from: u64,
    seconds: u64,
    rate: u64,
    key: impl Fn(u64) -> u64,
) -> Vec<usize> {
    let mut number = 0;
    let second = |second: u64| {
        let mut throttled = 0;
        for part in 0..rate {
            let now = Duration::from_secs(from + second)
                + Duration::from_nanos(part * 1_000_000_000 / rate);
            number += 1;
            throttled += usize::from(write(table, now, key(number)).is_err());
        }
        throttled
    };
    (0..seconds).map(second).collect()
}

/// Vector 7 of the sheet: 100 WCU that were idle for 5 minutes carry 500 writes a second for 75 s.
#[test]
fn stored_capacity_carries_five_times_the_rate_for_75_seconds() {
    let mut table = provisioned(1.0, 100.0);
    let throttled = write_for(&mut table, 0, 100, 500, key);
    // The boundary may fall one request either way.
    assert!(throttled[..75].iter().sum::<usize>() <= 1, "{throttled:?}");
    assert!(throttled[75] >= 399, "{throttled:?}");
    assert!(throttled[80..].iter().all(|throttled| (399..=401).contains(throttled)));
}

#[test]
fn stored_capacity_can_begin_empty() {
    let config = Config { stored_at_start: 0.0, ..Config::default() };
    let capacity = Capacity::Provisioned(Throughput { read: 1.0, write: 100.0 });
    let mut table = Table::new(capacity, config, ZERO);
    let throttled = write_for(&mut table, 0, 3, 200, key);
    assert!(throttled[0] <= 1, "a second's worth is there: {throttled:?}");
    assert!((99..=101).contains(&throttled[2]), "{throttled:?}");
    // 300 s later it is full.
    assert_eq!(write_for(&mut table, 303, 30, 1_000, key).iter().sum::<usize>(), 0);
}

/// Vector 10 of the sheet: 1,500 writes a second of one item, on a table with plenty.
#[test]
fn no_split_helps_a_single_item() {
    let mut table = provisioned(1.0, 10_000.0);
    let throttled = write_for(&mut table, 0, 1_800, 1_500, |_| key(1));
    // The partition's own second of burst lasts two; an isolated item gets a fresh one, once.
    let steady = throttled.iter().filter(|throttled| (499..=501).contains(*throttled)).count();
    assert!(steady >= 1_790, "{steady} of 1,800 seconds");
    assert!((499..=501).contains(throttled.last().expect("seconds")));
    assert_eq!(table.partitions(), 11, "the item was isolated once, and nothing more");
}

#[test]
fn isolating_a_hot_item_helps_its_neighbours() {
    let mut table = provisioned(1.0, 10_000.0);
    // Neighbours in the hot item's partition: the lowest hashes.
    let keys = |number: u64| if number.is_multiple_of(2) { 0 } else { number % 1_000 + 1 };
    let before = write_for(&mut table, 0, 460, 1_600, keys);
    assert!(before[400] > 0);
    let after = write_for(&mut table, 460, 10, 1_600, keys);
    assert_eq!(after.iter().sum::<usize>(), 0, "800 a second each, apart");
    assert_eq!(table.partitions(), 11);
}

#[test]
fn a_partition_with_many_warm_items_is_halved() {
    let mut table = provisioned(1.0, 2_000.0);
    assert_eq!(table.partitions(), 2);
    // All in the lower half of the hashes, evenly.
    let keys = |number: u64| key(number) >> 1;
    let before = write_for(&mut table, 0, 460, 1_600, keys);
    assert!(before[400] > 500, "{}", before[400]);
    assert_eq!(write_for(&mut table, 460, 60, 1_600, keys).iter().sum::<usize>(), 0);
    assert_eq!(table.partitions(), 3);
}

#[test]
fn throttles_long_ago_split_nothing() {
    let mut table = provisioned(1.0, 10_000.0);
    for hour in 0..5 {
        let throttled = write_for(&mut table, hour * 3_600, 60, 1_500, |_| key(1));
        assert!(throttled.iter().sum::<usize>() > 0);
    }
    assert_eq!(table.partitions(), 10);
}

#[test]
fn a_new_table_on_demand_carries_4000_writes_and_12000_reads() {
    let mut table = Table::new(Capacity::ON_DEMAND, Config::default(), ZERO);
    assert_eq!(table.partitions(), 4);
    assert_eq!(table.carries(ZERO), ON_DEMAND_START);
    assert_eq!(write_for(&mut table, 0, 30, 3_900, key).iter().sum::<usize>(), 0);
    let throttled = write_for(&mut table, 30, 10, 5_000, key);
    assert!((995..=1_100).contains(&throttled[9]), "{throttled:?}");
    let mut reads = 0;
    for number in 0..20_000 {
        reads +=
            usize::from(table.admit(Duration::from_secs(100), number, Operation::Read).is_ok());
    }
    assert!(reads <= 24_000, "12,000 units are 24,000 eventual reads: {reads}");
}

#[test]
fn on_demand_throttles_are_throttling_exceptions() {
    let mut table = Table::new(Capacity::ON_DEMAND, Config::default(), ZERO);
    let throttle = (0..9_000).find_map(|number| write(&mut table, ZERO, key(number)).err());
    let throttle = throttle.expect("9,000 writes at once are too many");
    assert_eq!(throttle.kind, ThrottleKind::ThrottlingException);
    assert_eq!(throttle.reason(), "TableWriteKeyRangeThroughputExceeded");
}

#[test]
fn twice_the_previous_peak_is_carried_half_an_hour_later() {
    let mut table = Table::new(Capacity::ON_DEMAND, Config::default().compressed(60.0), ZERO);
    // Half an hour is half a minute here.
    write_for(&mut table, 0, 32, 3_900, key);
    let carried = table.carries(Duration::from_secs(32));
    assert!((7_700.0..=7_900.0).contains(&carried.write), "{carried:?}");
    assert_eq!(carried.read, 12_000.0);
    assert_eq!(table.partitions(), 8);
    assert_eq!(write_for(&mut table, 32, 10, 7_000, key).iter().sum::<usize>(), 0);
}

#[test]
fn warm_throughput_is_there_from_the_start_up_to_the_quota() {
    let warm = Some(Throughput { read: 60_000.0, write: 1.0 });
    let mut table = Table::new(Capacity::OnDemand { warm, max: None }, Config::default(), ZERO);
    assert_eq!(table.carries(ZERO), Throughput { read: 40_000.0, write: 4_000.0 });
    let mut reads = 0;
    let throttle = loop {
        if let Err(throttle) = table.admit(ZERO, key(reads), Operation::Read) {
            break throttle;
        }
        reads += 1;
    };
    assert_eq!(reads, 80_000, "eventually consistent ones, half a unit each");
    assert_eq!(throttle.kind, ThrottleKind::RequestLimitExceeded);
    assert_eq!(throttle.reason(), "TableReadAccountLimitExceeded");
}

#[test]
fn the_owners_maximum_comes_first() {
    let max = Some(Throughput { read: 1.0, write: 10.0 });
    let mut table = Table::new(Capacity::OnDemand { warm: None, max }, Config::default(), ZERO);
    let throttled = write_for(&mut table, 0, 3, 15, key);
    assert_eq!(throttled[2], 5);
    let throttle = (0..20).find_map(|_| write(&mut table, Duration::from_secs(3), 0).err());
    let throttle = throttle.expect("20 at once are too many");
    assert_eq!(throttle.reason(), "TableWriteMaxOnDemandThroughputExceeded");
    assert_eq!(throttle.kind, ThrottleKind::ThrottlingException);
}

#[test]
fn an_index_short_of_capacity_throttles_the_table() {
    let mut table = provisioned(100.0, 1_000.0);
    let small = Capacity::Provisioned(Throughput { read: 1.0, write: 1.0 });
    let index = table.add_index(ZERO, small);
    let mut written = 0;
    let throttle = loop {
        match table.admit(ZERO, key(written), Operation::Write) {
            Ok(()) => table.charge(ZERO, key(written), 0.0, 1.0, &[(index, 1.0)]),
            Err(throttle) => break throttle,
        }
        written += 1;
    };
    assert_eq!(written, 300, "what the index had stored");
    assert_eq!(throttle.reason(), "IndexWriteProvisionedThroughputExceeded");
    assert_eq!(throttle.kind, ThrottleKind::ProvisionedThroughputExceeded);
    assert_eq!(table.admit(ZERO, 0, Operation::Read), Ok(()), "reads go on");
    assert_eq!(table.usage().throttled_writes, 1);
    let usage = table.index_usage(index).expect("there is the index");
    assert_eq!((usage.write_units, usage.throttled_writes), (300.0, 1));
}

/// The second half of vector 8: throttled until `UpdateTable` is through.
#[test]
fn a_change_of_capacity_takes_effect_later() {
    let config = Config { stored_at_start: 0.0, ..Config::default() };
    let capacity = Capacity::Provisioned(Throughput { read: 5.0, write: 100.0 });
    let mut table = Table::new(capacity, config, ZERO);
    let ready = table.set_capacity(ZERO, 5.0, 200.0).expect("it is allowed");
    assert_eq!(ready, Duration::from_secs(180));
    let refused = table.set_capacity(Duration::from_secs(1), 5.0, 300.0);
    assert_eq!(refused, Err(CapacityRefused::InUse { until: ready }));
    let throttled = write_for(&mut table, 1, 179, 140, key);
    assert!((39..=41).contains(&throttled[178]), "{}", throttled[178]);
    assert_eq!(write_for(&mut table, 180, 60, 140, key)[5..].iter().sum::<usize>(), 0);
    assert_eq!(
        table.capacity(Duration::from_secs(240)),
        Capacity::Provisioned(Throughput { read: 5.0, write: 200.0 })
    );
    assert!(table.set_capacity(Duration::from_secs(240), 5.0, 50.0).is_ok(), "and down again");
}

#[test]
fn capacity_outside_of_the_quota_is_refused() {
    let mut table = provisioned(1.0, 1.0);
    for (read, write) in [(0.0, 1.0), (1.0, 40_001.0), (f64::NAN, 1.0)] {
        let refused = table.set_capacity(ZERO, read, write);
        assert!(matches!(refused, Err(CapacityRefused::OutOfRange { .. })), "{read}, {write}");
    }
}

#[test]
fn a_table_on_demand_becomes_a_provisioned_one() {
    let mut table = Table::new(Capacity::ON_DEMAND, Config::default(), ZERO);
    let ready = table.set_capacity(ZERO, 10.0, 10.0).expect("allowed");
    assert_eq!(table.carries(ZERO), ON_DEMAND_START);
    assert_eq!(table.carries(ready), Throughput { read: 10.0, write: 10.0 });
}

#[test]
fn speed_shortens_what_takes_minutes_and_leaves_rates_alone() {
    let config = Config::default().compressed(30.0);
    let capacity = Capacity::Provisioned(Throughput { read: 1.0, write: 100.0 });
    let mut table = Table::new(capacity, config, ZERO);
    // 10 s of capacity stored: 1,000 units, 400 net a second.
    let throttled = write_for(&mut table, 0, 6, 500, key);
    assert_eq!(throttled[..2], [0, 0]);
    assert!((399..=401).contains(&throttled[4]), "{throttled:?}");
    let ready = table.set_capacity(Duration::from_secs(6), 1.0, 200.0).expect("allowed");
    assert_eq!(ready, Duration::from_secs(12));
}

#[test]
fn what_was_used_is_charged_afterwards() {
    let config = Config { stored_at_start: 0.0, ..Config::default() };
    let capacity = Capacity::Provisioned(Throughput { read: 10.0, write: 10.0 });
    let mut table = Table::new(capacity, config, ZERO);
    assert_eq!(table.admit(ZERO, 1, Operation::Write), Ok(()));
    table.charge(ZERO, 1, 0.0, 40.0, &[]);
    // 30 units in debt, 10 a second.
    assert!(table.admit(Duration::from_secs(3), 1, Operation::Write).is_err());
    assert_eq!(table.admit(Duration::from_millis(3_100), 1, Operation::Write), Ok(()));
    assert_eq!(table.usage().write_units, 40.0);
    assert_eq!(table.admit(ZERO, 1, Operation::Read), Ok(()), "reads are apart");
}

proptest! {
    /// Whatever comes, no more is admitted than was stored plus what was earned, and one request.
    #[test]
    fn no_more_is_used_than_there_was(
        rate in 1.0_f64..50.0,
        requests in prop::collection::vec((0_u64..200, 0_u64..5, 1_u32..8), 1..600),
    ) {
        let mut table = provisioned(1.0, rate);
        let mut now = ZERO;
        for (gap, number, units) in requests {
            now += Duration::from_millis(gap);
            if table.admit(now, key(number), Operation::Write).is_ok() {
                table.charge(now, key(number), 0.0, f64::from(units), &[]);
            }
            let most = rate * (300.0 + now.as_secs_f64()) + 7.0;
            prop_assert!(table.usage().write_units <= most + 1e-6);
        }
    }

    /// One item never gets more than a partition carries, whatever the table has.
    #[test]
    fn an_item_gets_no_more_than_a_partition(gaps_us in prop::collection::vec(0_u64..2_000, 4_000)) {
        let mut table = provisioned(40_000.0, 40_000.0);
        let mut now = ZERO;
        let mut granted = 0_u32;
        for gap in gaps_us {
            now += Duration::from_micros(gap);
            granted += u32::from(write(&mut table, now, 42).is_ok());
            prop_assert!(f64::from(granted) <= 1_000.0 * (1.0 + now.as_secs_f64()) + 1.0);
        }
    }
}
