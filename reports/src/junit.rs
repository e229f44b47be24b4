//! Objectives and audit as JUnit XML: what CI systems show.
//!
//! A case for each objective, one for the audit, and one for what limited the run: the last is
//! skipped rather than failed, because a slow machine is no fault of the shop.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use securecart_record::{Audit, Bottleneck, Objective, RunRecord};

use crate::number::so_many;

/// The run as a JUnit report.
#[must_use]
pub fn junit(record: &RunRecord) -> String {
    let mut suite = TestSuite::new(format!("securecart.{}", record.run.scenario));
    for objective in &record.objectives {
        suite.add_test_case(objective_case(objective, &record.bottlenecks));
    }
    suite.add_test_case(audit_case(record.audit.as_ref()));
    suite.add_test_case(limits_case(record));
    let mut report = Report::new("securecart");
    report.add_test_suite(suite);
    // What XML can't hold is dropped from every text, and writing into memory does not fail.
    report.to_string().expect("a report in memory")
}

/// A missed objective says what stood in the way; that is known of all missed ones together.
fn objective_case(objective: &Objective, bottlenecks: &[Bottleneck]) -> TestCase {
    let name = format!("{} {}", objective.metric, objective.bound);
    let status = if objective.held {
        TestCaseStatus::success()
    } else {
        let message = format!("measured {}, bound {}", objective.measured, objective.bound);
        let lines = bottlenecks.iter().map(|one| format!("in the way: {}\n", one.evidence));
        failure(message, (!bottlenecks.is_empty()).then(|| lines.collect()))
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
        status = TestCaseStatus::skipped();
        status.set_message(evidence.join("; "));
    }
    case("not limited by the harness".to_owned(), status)
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
    use crate::summary::{fixture, scaled_fixture};

    #[test]
    fn a_case_for_each_objective_the_audit_and_the_limits() {
        let mut record = fixture(Verdict::Missed);
        record.objectives[0].held = false;
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
    fn a_run_without_an_audit_fails_it() {
        let mut record = fixture(Verdict::Interrupted);
        record.audit = None;
        assert!(junit(&record).contains("never got as far as its audit"));
    }
}
