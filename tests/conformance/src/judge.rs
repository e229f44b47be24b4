//! What outcomes mean, given the known differences.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Case, Differences, Mismatch, Outcome};

/// What a case's outcome means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The rule holds.
    Holds,
    /// It does not, as is known, for this reason.
    Differs(String),
    /// It does not, and that is not known.
    Fails(Mismatch),
    /// It holds although the entry of this name says it doesn't.
    NoLongerDiffers(String),
}

/// A case and its verdict.
#[derive(Debug)]
pub struct Judged<'a> {
    /// The case.
    pub case: &'a Case,
    /// What was found, for a rule that does not hold.
    pub mismatch: Option<Mismatch>,
    /// What it means.
    pub verdict: Verdict,
}

impl Judged<'_> {
    /// Whether it fails the run.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self.verdict, Verdict::Fails(_) | Verdict::NoLongerDiffers(_))
    }
}

/// Judges `outcomes` by what is known of `backend`. An entry for a group is stale when every case of
/// the group that ran holds.
#[must_use]
pub fn judge<'a>(
    outcomes: Vec<Outcome<'a>>,
    differences: &Differences,
    backend: &str,
) -> Vec<Judged<'a>> {
    let mut failed_under: BTreeMap<String, bool> = BTreeMap::new();
    for outcome in &outcomes {
        if let Some((key, _)) = differences.find(backend, &outcome.case.id) {
            *failed_under.entry(key.to_owned()).or_default() |= outcome.checked.is_err();
        }
    }
    let stale: BTreeSet<String> =
        failed_under.into_iter().filter(|(_, failed)| !failed).map(|(key, _)| key).collect();
    outcomes
        .into_iter()
        .map(|Outcome { case, checked }| {
            let known = differences.find(backend, &case.id);
            let verdict = match (&checked, known) {
                (Err(_), Some((_, difference))) => Verdict::Differs(difference.reason.clone()),
                (Err(mismatch), None) => Verdict::Fails(mismatch.clone()),
                (Ok(()), Some((key, difference))) if !difference.flaky && stale.contains(key) => {
                    Verdict::NoLongerDiffers(key.to_owned())
                }
                (Ok(()), _) => Verdict::Holds,
            };
            Judged { case, mismatch: checked.err(), verdict }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{case::case, context::Context};

    #[test]
    fn each_outcome_has_its_verdict() {
        let ids = ["sqs/a/known", "sqs/a/unknown", "sqs/a/mended", "sqs/a/flaky", "sqs/a/fine"];
        let group = ["s3/some/fails", "s3/some/holds", "s3/all/holds"];
        let cases: Vec<Case> = ids
            .into_iter()
            .chain(group)
            .map(|id| case(id, "rule", "page", |_: Context| async { Ok(()) }))
            .collect();
        let text = "[moto]\n\"sqs/a/known\" = \"r\"\n\"sqs/a/mended\" = \"r\"\n\
                    \"sqs/a/flaky\" = { reason = \"r\", flaky = true }\n\
                    \"s3/some/*\" = \"g\"\n\"s3/all/*\" = \"g\"";
        let differences = Differences::parse(text, &cases).expect("valid");
        let fails = ["sqs/a/known", "sqs/a/unknown", "s3/some/fails"];
        let outcomes = cases.iter().map(|case| Outcome {
            case,
            checked: if fails.contains(&&*case.id) { Err(Mismatch::new("a", "b")) } else { Ok(()) },
        });
        let judged = judge(outcomes.collect(), &differences, "moto");
        let verdicts: Vec<&Verdict> = judged.iter().map(|judged| &judged.verdict).collect();
        assert_eq!(
            verdicts,
            [
                &Verdict::Differs("r".to_owned()),
                &Verdict::Fails(Mismatch::new("a", "b")),
                &Verdict::NoLongerDiffers("sqs/a/mended".to_owned()),
                &Verdict::Holds,
                &Verdict::Holds,
                &Verdict::Differs("g".to_owned()),
                &Verdict::Holds,
                &Verdict::NoLongerDiffers("s3/all/*".to_owned()),
            ]
        );
        assert_eq!(judged.iter().filter(|judged| judged.is_failure()).count(), 3);
    }
}
