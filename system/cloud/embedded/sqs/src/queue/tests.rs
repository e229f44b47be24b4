use super::*;

const NONE: Option<u32> = None;

fn state(fifo: bool) -> State {
    State::new(1, Settings::new(fifo), BTreeMap::new(), 0)
}

fn outgoing(n: usize, group: Option<&str>) -> Outgoing {
    let content = Content {
        body: n.to_string().into(),
        body_md5: [0; 16],
        attributes: Vec::new(),
        attributes_md5: None,
        trace_header: None,
        group: group.map(Arc::from),
        deduplication_id: group.map(|_| n.to_string().into()),
    };
    Outgoing {
        id: n.to_string().into(),
        content: Arc::new(content),
        delay_seconds: None,
        content_id: None,
    }
}

fn receive(state: &mut State, most: usize, now_ms: u64) -> Taken {
    state.settle(now_ms);
    let request = Request { most, visibility_seconds: None, attempt_id: None };
    state.receive(&request, NONE, now_ms)
}

/// Fills a queue up to its limit in flight, with `more` messages left.
fn at_the_limit(fifo: bool, more: usize) -> (State, Vec<String>) {
    let mut state = state(fifo);
    let mut handles = Vec::new();
    for n in 0..MAX_IN_FLIGHT + more {
        let group = n.to_string();
        state.send(outgoing(n, fifo.then_some(&*group)), 0).expect("valid");
    }
    while state.in_flight < MAX_IN_FLIGHT {
        let taken = receive(&mut state, 7, 0);
        assert!(!taken.at_limit && !taken.deliveries.is_empty());
        handles.extend(taken.deliveries.into_iter().map(|delivery| delivery.handle));
    }
    (state, handles)
}

#[test]
fn no_more_than_the_limit_is_in_flight() {
    for fifo in [false, true] {
        let (mut state, handles) = at_the_limit(fifo, 10);
        assert_eq!(handles.len(), MAX_IN_FLIGHT);
        let refused = receive(&mut state, 10, 0);
        assert!(refused.at_limit && refused.deliveries.is_empty());
        assert_eq!(state.counts(), Counts { visible: 10, in_flight: MAX_IN_FLIGHT, delayed: 0 });
        // One that goes makes room for one, and wakes somebody.
        state.wakes = Wakes::default();
        state.delete(Handle::parse(&handles[5]).expect("ours")).expect("held");
        assert_eq!(state.wakes.ones, 1);
        let taken = receive(&mut state, 10, 0);
        assert_eq!((taken.at_limit, taken.deliveries.len()), (false, 1));
        // All time out at once.
        state.settle(30_000);
        assert_eq!(state.counts().visible, MAX_IN_FLIGHT + 9);
        assert_eq!(receive(&mut state, 10, 30_000).deliveries.len(), 10);
    }
}

/// Entries of everything that is cleaned lazily.
fn lazy_entries(state: &State) -> [usize; 4] {
    let line = match &state.order {
        Order::Standard(line) => line.len(),
        Order::Fifo(groups) => groups.len(),
    };
    [state.deadlines.len(), state.by_sent.len(), state.arrivals.len(), line]
}

#[test]
fn what_is_cleaned_lazily_stays_small_however_much_passes_through() {
    for fifo in [false, true] {
        let mut state = state(fifo);
        for n in 0..20_000_usize {
            let now_ms = n as u64;
            let group = (n % 500).to_string();
            state.settle(now_ms);
            state.send(outgoing(n, fifo.then_some(&*group)), now_ms).expect("valid");
            let taken = receive(&mut state, 1, now_ms);
            let handle = Handle::parse(&taken.deliveries[0].handle).expect("ours");
            for seconds in [40, 41, 42] {
                state.change_visibility(handle, seconds, now_ms).expect("held");
            }
            state.delete(handle).expect("held");
            let entries = lazy_entries(&state);
            assert!(entries.iter().all(|count| *count <= 80), "{entries:?} after {n}");
        }
        assert_eq!(state.slots.len(), 0);
    }
}

#[test]
fn messages_deleted_while_visible_leave_the_line() {
    let mut state = state(false);
    for round in 0..1_000_u64 {
        let now_ms = round * 31_000;
        state.settle(now_ms);
        state.send(outgoing(0, None), now_ms).expect("valid");
        let taken = receive(&mut state, 1, now_ms);
        // Its timeout passes, and the handle still deletes it.
        state.settle(now_ms + 30_000);
        assert_eq!(state.counts().visible, 1);
        let handle = Handle::parse(&taken.deliveries[0].handle).expect("ours");
        state.delete(handle).expect("the latest handle");
        assert!(lazy_entries(&state).iter().all(|count| *count <= 70));
    }
    assert!(receive(&mut state, 1, 40_000_000).deliveries.is_empty());
}

#[test]
fn a_deleted_queue_answers_nothing() {
    let queue = Queue::new("q", 1, Settings::new(false), BTreeMap::new(), 0);
    queue.access(0, |state| state.send(outgoing(1, None), 0).expect("valid")).expect("there");
    queue.access(0, State::dissolve).expect("there");
    let error = queue.access(0, |_| ()).expect_err("deleted");
    assert_eq!(error.code, "QueueDoesNotExist");
}
