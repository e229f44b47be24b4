//! How a run ended, from what was found out about it.

use securecart_record::{Audit, Objective, Verdict};

/// The verdict. A failed audit outranks an interruption, and that a missed objective: what is lost is
/// lost however the run went on, and half a run can't say whether objectives hold. An objective that
/// could not be measured only decides where none was missed.
#[must_use]
pub fn verdict(objectives: &[Objective], audit: Option<&Audit>, interrupted: bool) -> Verdict {
    if audit.is_some_and(|audit| !audit.is_clean()) {
        Verdict::AuditFailed
    } else if interrupted || audit.is_none() {
        Verdict::Interrupted
    } else if objectives.iter().any(|objective| objective.held == Some(false)) {
        Verdict::Missed
    } else if objectives.iter().any(|objective| objective.held.is_none()) {
        Verdict::Inconclusive
    } else {
        Verdict::Held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objective(held: Option<bool>) -> Objective {
        Objective {
            metric: "latency.p99".to_owned(),
            bound: "< 1s".to_owned(),
            measured: "2s".to_owned(),
            share_of_bound: Some(2.0),
            held,
        }
    }

    #[test]
    fn the_gravest_finding_decides() {
        let clean = Audit::default();
        let dirty = Audit { findings_total: 1, ..Audit::default() };
        let (held, missed) = (
            [objective(Some(true))],
            [objective(Some(true)), objective(None), objective(Some(false))],
        );
        assert_eq!(verdict(&held, Some(&clean), false), Verdict::Held);
        assert_eq!(verdict(&missed, Some(&clean), false), Verdict::Missed);
        let unmeasured = [objective(Some(true)), objective(None)];
        assert_eq!(verdict(&unmeasured, Some(&clean), false), Verdict::Inconclusive);
        assert_eq!(verdict(&unmeasured, Some(&dirty), false), Verdict::AuditFailed);
        assert_eq!(verdict(&missed, Some(&clean), true), Verdict::Interrupted);
        assert_eq!(verdict(&held, None, false), Verdict::Interrupted);
        assert_eq!(verdict(&held, Some(&dirty), true), Verdict::AuditFailed);
        assert_eq!(verdict(&[], Some(&clean), false), Verdict::Held);
    }
}
