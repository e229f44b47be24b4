//! Objectives and audit as JUnit XML: what CI systems show.
//!
//! Properties that say what was run and who served it. A case for whether the run came to its end, one for each objective, one for the audit, and one for
//! what limited the run. What nobody can tell is skipped rather than failed: objectives that could not
//! be measured or whose run was interrupted, and the limits, because a slow machine is no fault of the
//! shop.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use securecart_record::{Audit, Bottleneck, Objective, RunRecord, Verdict};

use crate::number::so_many;

/// The run as a JUnit report.
#[must_use]
pub fn junit(record: &RunRecord) -> String {
    let mut suite = TestSuite::new(format!("securecart.{}", record.run.scenario));
    let interrupted = record.verdict == Verdict::Interrupted;
    for (name, value) in properties(record) {
        suite.add_property((name.as_str(), value.as_str()));
    }
    suite.add_test_case(end_case(interrupted));
    for objective in &record.objectives {
        suite.add_test_case(objective_case(objective, interrupted, &record.bottlenecks));
    }
    suite.add_test_case(audit_case(record.audit.as_ref()));
    suite.add_test_case(limits_case(record));
    let mut report = Report::new("securecart");
    report.add_test_suite(suite);
    // What XML can't hold is dropped from every text, and writing into memory does not fail.
    report.to_string().expect("a report in memory")
}

/// What the run was and who served it.
fn properties(record: &RunRecord) -> Vec<(String, String)> {
    let run = &record.run;
    let mut properties = vec![
        ("run".to_owned(), run.id.clone()),
        ("backend".to_owned(), format!("{} {}", run.backend, run.backend_version)),
        ("seed".to_owned(), run.seed.to_string()),
        ("scale".to_owned(), run.scale.to_string()),
        ("commit".to_owned(), run.commit.clone()),
    ];
    let tiers = run.tiers.iter();
    properties.extend(tiers.map(|tier| (format!("tier.{}", tier.tier), tier.served_by.clone())));
    let skipped = record.skipped_faults.iter();
    let skipped: Vec<&str> = skipped.map(|fault| fault.kind.as_str()).collect();
    if !skipped.is_empty() {
        properties.push(("faults.not-played".to_owned(), skipped.join(", ")));
    }
    if let Some(probe) = &run.probe {
        properties.extend([
            ("probe.call".to_owned(), probe.call.clone()),
            ("probe.carried-per-second".to_owned(), format!("{:.1}", probe.carried_per_second)),
            ("probe.asked-per-second".to_owned(), format!("{:.1}", probe.asked_per_second)),
        ]);
    }
    properties
}

fn end_case(interrupted: bool) -> TestCase {
    let status = if interrupted {
        failure("the run was interrupted: its objectives are not judged".to_owned(), None)
    } else {
        TestCaseStatus::success()
    };
    case("came to its end".to_owned(), status)
}

/// A missed objective says what stood in its way.
fn objective_case(
    objective: &Objective,
    interrupted: bool,
    bottlenecks: &[Bottleneck],
) -> TestCase {
    let name = format!("{} {}", objective.metric, objective.bound);
    let status = if interrupted {
        skipped(format!("the run was interrupted; measured so far: {}", objective.measured))
    } else {
        match objective.held {
            Some(true) => TestCaseStatus::success(),
            Some(false) => {
                let message = format!("measured {}, bound {}", objective.measured, objective.bound);
                let own = bottlenecks.iter().filter(|one| one.is_of(&objective.metric));
                let lines: String =
                    own.map(|one| format!("in the way: {}\n", one.evidence)).collect();
                failure(message, (!lines.is_empty()).then_some(lines))
            }
            None => skipped("not measured: the run had no data for it".to_owned()),
        }
    };
    case(name, status)
}

fn audit_case(audit: Option<&Audit>) -> TestCase {
    let status = match audit {
        None => failure("the run never got as far as its audit".to_owned(), None),
        Some(audit) if audit.is_clean() => TestCaseStatus::success(),
        Some(audit) => {
            let lines = audit.findings.iter().map(|finding| {
                format!("{} {}: {}\n", finding.order, finding.kind.as_str(), finding.detail)
            });
            failure(so_many(audit.findings_total, "finding"), Some(lines.collect()))
        }
    };
    case("audit".to_owned(), status)
}

fn limits_case(record: &RunRecord) -> TestCase {
    let mut status = TestCaseStatus::success();
    if !record.limited_by.is_empty() {
        let evidence: Vec<&str> = record.limited_by.iter().map(|l| l.evidence.as_str()).collect();
        status = skipped(evidence.join("; "));
    }
    case("not limited by the harness".to_owned(), status)
}

fn skipped(message: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}

fn failure(message: String, description: Option<String>) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(message);
    if let Some(description) = description {
        status.set_description(description);
    }
    status
}

fn case(name: String, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname("securecart");
    case
}

#[cfg(test)]
mod tests {
    use securecart_record::{AuditFinding, FindingKind, Limit, LimitedBy, Verdict};

    use super::*;
    use crate::summary::{fixture, scaled_fixture, tiered_fixture};

    #[test]
    fn a_case_for_each_objective_the_audit_and_the_limits() {
        let mut record = fixture(Verdict::Missed);
        record.objectives[0].held = Some(false);
        record.objectives[1].held = None;
        let evidence = "11 of 100 sessions started late".to_owned();
        record.limited_by.push(Limit { by: LimitedBy::Generator, evidence });
        insta::assert_snapshot!(junit(&record));
    }

    #[test]
    fn a_failed_audit_lists_its_findings_as_valid_xml() {
        let mut record = fixture(Verdict::AuditFailed);
        let audit = record.audit.as_mut().expect("an audit");
        audit.push_finding(AuditFinding {
            kind: FindingKind::LostOrder,
            order: "o-00000000000000ff".to_owned(),
            detail: "accepted, but \u{0}written <nowhere> & lost".to_owned(),
        });
        insta::assert_snapshot!(junit(&record));
    }

    #[test]
    fn a_missed_objective_says_what_stood_in_the_way() {
        let xml = junit(&scaled_fixture());
        assert!(xml.contains("in the way: checkout was at its maximum of 8 tasks"), "{xml}");
        assert!(!junit(&fixture(Verdict::Held)).contains("in the way"));
    }

    #[test]
    fn a_run_on_containers_says_who_served_each_tier() {
        insta::assert_snapshot!(junit(&tiered_fixture()));
    }

    #[test]
    fn an_interrupted_run_says_so_and_judges_no_objective() {
        let mut record = fixture(Verdict::Interrupted);
        record.objectives[0].held = Some(false);
        insta::assert_snapshot!(junit(&record));
    }

    #[test]
    fn a_run_without_an_audit_fails_it() {
        let mut record = fixture(Verdict::Interrupted);
        record.audit = None;
        assert!(junit(&record).contains("never got as far as its audit"));
    }
}
