//! What an emulator of AWS took of its own: how long it needed to answer each kind of call.

use serde::{Deserialize, Serialize};

use crate::LatencySample;

/// Calls of one kind that one service made to an emulator over the whole run.
///
/// Long polls are left out, which wait on purpose, and so are functions, which no emulator runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EmulatedCalls {
    /// Who made them: a service, or `origin`, which is the gateway's way to the bucket.
    pub service: String,
    /// What was called, such as `dynamodb:PutItem`.
    pub call: String,
    /// Calls that were answered or failed, retries included.
    pub calls: u64,
    /// Those without an answer, or with a status of 500 and above.
    pub failed: u64,
    /// How long the emulator took, wall time.
    pub latency: LatencySample,
    /// What half of the calls to AWS itself take at the most by the run's assumptions, µs.
    pub aws_p50_us: u64,
    /// The same of 99 in 100.
    pub aws_p99_us: u64,
}

impl EmulatedCalls {
    /// Adds `theirs`, of another part of the same run, to `mine`.
    pub(crate) fn merge_all(mine: &mut Vec<Self>, theirs: &[Self]) {
        for one in theirs {
            let same = |own: &&mut Self| own.service == one.service && own.call == one.call;
            match mine.iter_mut().find(same) {
                Some(own) => {
                    own.calls += one.calls;
                    own.failed += one.failed;
                    own.latency.merge(&one.latency);
                }
                None => mine.push(one.clone()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_run_are_added_by_who_called_what() {
        let part = |service: &str, calls, p99_us| EmulatedCalls {
            service: service.to_owned(),
            call: "dynamodb:PutItem".to_owned(),
            calls,
            latency: LatencySample { p99_us, ..LatencySample::default() },
            ..EmulatedCalls::default()
        };
        let mut all = vec![part("cart", 10, 90)];
        EmulatedCalls::merge_all(&mut all, &[part("cart", 5, 70), part("checkout", 1, 8)]);
        assert_eq!(all, [part("cart", 15, 90), part("checkout", 1, 8)]);
    }
}
