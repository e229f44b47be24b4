//! How many users a plan needs, how long its sessions may go on, and what the process may open.

use std::{cmp, time::Duration};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use securecart_scenario::{Journey, Plan};

use crate::Error;

/// Users at the most: 20,000 waiting Goose users hold about 200 MB.
pub(crate) const MAX_USERS: usize = 20_000;

/// Longest time that sessions may go on after the window.
const MAX_GRACE: Duration = Duration::from_secs(60);

/// What a request is assumed to take, s, when users are counted: a slow but working shop.
const REQUEST_S: f64 = 0.1;

/// Open files the process needs beside the users' connections.
const OTHER_FILES: u64 = 512;

/// Users for `plan`: sessions under way at the peak (Little's law), half as many again because
/// arrivals clump and a shop slows down, and some for small plans.
pub(crate) fn users_for(plan: &Plan) -> usize {
    let session_s = plan.think_s_per_session() + plan.requests_per_session() * REQUEST_S;
    let users = plan.peak_rate() * session_s * 1.5 + 50.0;
    // `as` turns what is not a number into 0 and what is too large into the largest.
    (users as usize).clamp(1, MAX_USERS)
}

/// How long sessions may go on after the window: as the longest takes, and one that times out.
pub(crate) fn grace(plan: &Plan, timeout: Duration) -> Duration {
    let longest_s = plan.journeys.iter().map(longest_s).fold(0.0, f64::max);
    cmp::min(Duration::from_secs_f64(longest_s.min(MAX_GRACE.as_secs_f64())) + timeout, MAX_GRACE)
}

/// What the slowest thinker's session takes, s.
fn longest_s(journey: &Journey) -> f64 {
    let steps = journey.steps.iter();
    steps.map(|step| f64::from(step.repeat) * (f64::from(step.think_ms.1) / 1e3 + REQUEST_S)).sum()
}

/// Lets the process open the connections of `users`, both ends of each, as far as it may.
pub(crate) fn allow_open_files(users: usize) -> Result<(), Error> {
    let connections = users as u64;
    let refused = |limit| Error::OpenFiles { users, needed: connections + OTHER_FILES, limit };
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|_| refused(0))?;
    if hard < connections + OTHER_FILES {
        return Err(refused(hard));
    }
    let wanted = cmp::min(hard, 2 * connections + OTHER_FILES);
    if soft < wanted {
        setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).map_err(|_| refused(soft))?;
    }
    Ok(())
}
