use super::*;

fn done(operation: Operation, response_us: u64, cause: Option<Cause>) -> Done {
    Done { operation, response_us, service_us: response_us / 2, cause }
}

fn of(interval: &Interval, operation: Operation) -> &OperationInterval {
    &interval.operations[operation.index()]
}

#[test]
fn everything_is_in_exactly_one_interval() {
    let recorder = Recorder::new();
    for user in 0..10 {
        recorder.due();
        let _session = recorder.session(user, if user < 3 { 20_001 } else { 20_000 });
        recorder.done(user, done(Operation::Product, 1_000 * (user as u64 + 1), None));
    }
    recorder.dropped(2);
    let first = recorder.drain();
    assert_eq!((first.arrivals, first.late, first.dropped, first.sessions), (10, 3, 2, 0));
    assert_eq!((first.requests(), first.lag.count()), (10, 10));
    let product = of(&first, Operation::Product);
    assert_eq!((product.response.count(), product.service.count()), (10, 10));
    assert!(product.response.max_us() >= 10_000 && product.service.max_us() < 5_100);

    let second = recorder.drain();
    assert_eq!((second.arrivals, second.late, second.dropped, second.requests()), (0, 0, 0, 0));
    assert_eq!(of(&second, Operation::Product).response.count() + second.lag.count(), 0);

    recorder.done(0, done(Operation::Checkout, 5, Some(Cause::Timeout)));
    let mut all = first;
    all.merge(&second);
    all.merge(&recorder.drain());
    assert_eq!((all.requests(), all.failed(), all.arrivals), (11, 1, 10));
}

#[test]
fn refusals_are_counted_by_cause_and_are_no_failures() {
    let recorder = Recorder::new();
    let refused = || Some(Cause::status(402, Some("payment-refused")));
    recorder.done(0, done(Operation::Checkout, 10, refused()));
    recorder.done(1, done(Operation::Checkout, 10, refused()));
    recorder.done(2, done(Operation::Checkout, 10, Some(Cause::status(503, None))));
    recorder.retried(2, Operation::Checkout, &Cause::Timeout);
    let interval = recorder.drain();
    let checkout = of(&interval, Operation::Checkout);
    assert_eq!((checkout.requests, checkout.failed, interval.retries), (3, 1, 1));
    let count = |cause: &str| checkout.errors.iter().find(|e| e.cause == cause).map(|e| e.count);
    assert_eq!(count("402 payment-refused"), Some(2));
    assert_eq!((count("503"), count("timeout")), (Some(1), Some(1)));
}

#[test]
fn what_the_end_of_the_run_cut_off_is_counted_as_that_only() {
    let recorder = Recorder::new();
    recorder.done(0, done(Operation::Search, 10, None));
    recorder.done(1, done(Operation::Search, 9_000_000, Some(Cause::Interrupted)));
    let interval = recorder.drain();
    let search = of(&interval, Operation::Search);
    assert_eq!((search.requests, search.failed), (1, 0));
    assert_eq!((search.response.count(), search.service.count()), (1, 1));
    assert_eq!((search.errors[0].cause.as_str(), search.errors[0].count), ("interrupted", 1));
}

#[test]
fn causes_are_bounded_and_none_is_lost() {
    let recorder = Recorder::new();
    for (user, status) in (0..400).zip(400..) {
        recorder.done(user, done(Operation::Search, 10, Some(Cause::status(status, None))));
    }
    let interval = recorder.drain();
    let errors = &of(&interval, Operation::Search).errors;
    assert!(errors.len() <= 33, "{} causes", errors.len());
    assert_eq!(errors.iter().map(|error| error.count).sum::<u64>(), 400);
}

#[test]
fn gauges_fall_when_a_session_panics() {
    let recorder = Recorder::new();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _session = recorder.session(0, 0);
        let _request = recorder.in_flight();
        assert_eq!(recorder.drain().in_flight, 1);
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(caught.is_err());
    let interval = recorder.drain();
    assert_eq!((interval.sessions, interval.in_flight), (0, 0));
}

#[test]
fn drains_while_threads_record_lose_nothing() {
    let recorder = Recorder::new();
    let mut total = Interval::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|user| {
                let recorder = &recorder;
                scope.spawn(move || {
                    for _ in 0..5_000 {
                        recorder.due();
                        recorder.done(user, done(Operation::Product, 100, None));
                    }
                })
            })
            .collect();
        while threads.iter().any(|thread| !thread.is_finished()) {
            total.merge(&recorder.drain());
        }
    });
    total.merge(&recorder.drain());
    assert_eq!((total.arrivals, total.requests()), (20_000, 20_000));
    assert_eq!(of(&total, Operation::Product).response.count(), 20_000);
}
