//! Objectives and audit as JUnit XML: what CI systems show.
//!
//! A case for each objective, one for the audit, and one for what limited the run: the last is
//! skipped rather than failed, because a slow machine is no fault of the shop.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use securecart_record::{Audit, Objective, RunRecord};

/// The run as a JUnit report.
#[must_use]
pub fn junit(record: &RunRecord) -> String {
    let mut suite = TestSuite::new(format!("securecart.{}", record.run.scenario));
    for objective in &record.objectives {
        suite.add_test_case(objective_case(objective));
    }
    suite.add_test_case(audit_case(record.audit.as_ref()));
    suite.add_test_case(limits_case(record));
    let mut report = Report::new("securecart");
    report.add_test_suite(suite);
    // Serialising writes into memory and names come from us: there is nothing that can fail.
    report.to_string().expect("a report without control characters")
}

fn objective_case(objective: &Objective) -> TestCase {
    let name = format!("{} {}", objective.metric, objective.bound);
    let status = if objective.held {
        TestCaseStatus::success()
    } else {
        failure(format!("measured {}", objective.measured), None)
    };
    case(name, status)
}

fn audit_case(audit: Option<&Audit>) -> TestCase {
    let status = match audit {
        None => failure("the run never got as far as its audit".to_owned(), None),
        Some(audit) if audit.is_clean() => TestCaseStatus::success(),
        Some(audit) => {
            let lines = audit.findings.iter().map(|f| format!("{} {}\n", f.order, f.detail));
            failure(format!("{} findings", audit.findings_total), Some(lines.collect()))
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
    use securecart_record::{Limit, LimitedBy, Verdict};

    use super::*;
    use crate::summary::fixture;

    #[test]
    fn a_case_for_each_objective_the_audit_and_the_limits() {
        let mut record = fixture(Verdict::Missed);
        record.objectives[0].held = false;
        let evidence = "11 of 100 sessions started late".to_owned();
        record.limited_by.push(Limit { by: LimitedBy::Generator, evidence });
        insta::assert_snapshot!(junit(&record));
    }

    #[test]
    fn a_run_without_an_audit_fails_it() {
        let mut record = fixture(Verdict::Interrupted);
        record.audit = None;
        assert!(junit(&record).contains("never got as far as its audit"));
    }
}
