//! What a run came to, as text and as JSON.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Value, json};

use crate::{Case, Judged, Verdict};

#[derive(Debug, Default)]
struct Counts {
    holds: usize,
    differs: usize,
    fails: usize,
}

fn counts<'a>(judged: &'a [Judged<'_>]) -> BTreeMap<&'a str, Counts> {
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    for judged in judged {
        let of_service = counts.entry(judged.case.service()).or_default();
        match judged.verdict {
            Verdict::Holds => of_service.holds += 1,
            Verdict::Differs(_) => of_service.differs += 1,
            Verdict::Fails(_) | Verdict::NoLongerDiffers(_) => of_service.fails += 1,
        }
    }
    counts
}

/// Counts by service, differences by reason, and failures with rule, expectation and what came.
#[must_use]
pub fn text(backend: &str, judged: &[Judged<'_>]) -> String {
    let mut out = String::new();
    // Writing to a string can't fail.
    let _infallible = writeln!(out, "{:<12}{:>7}{:>9}{:>7}", backend, "holds", "differs", "fails");
    let mut total = Counts::default();
    for (service, Counts { holds, differs, fails }) in counts(judged) {
        let _infallible = writeln!(out, "{service:<12}{holds:>7}{differs:>9}{fails:>7}");
        total.holds += holds;
        total.differs += differs;
        total.fails += fails;
    }
    let Counts { holds, differs, fails } = total;
    let _infallible = writeln!(out, "{:<12}{holds:>7}{differs:>9}{fails:>7}", "all");
    write_differences(&mut out, judged);
    for judged in judged.iter().filter(|judged| judged.is_failure()) {
        write_failure(&mut out, judged);
    }
    out
}

fn write_differences(out: &mut String, judged: &[Judged<'_>]) {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for judged in judged {
        if let Verdict::Differs(reason) = &judged.verdict {
            by_reason.entry(reason).or_default().push(&judged.case.id);
        }
    }
    for (reason, ids) in by_reason {
        let _infallible = writeln!(out, "\ndiffers: {reason}");
        for id in ids {
            let _infallible = writeln!(out, "  {id}");
        }
    }
}

fn write_failure(out: &mut String, judged: &Judged<'_>) {
    let Case { id, rule, source, .. } = judged.case;
    let _infallible = writeln!(out, "\nFAILS {id}\n  rule      {rule}\n  source    {source}");
    let _infallible = match &judged.verdict {
        Verdict::NoLongerDiffers(key) => writeln!(
            out,
            "  it no longer differs: take `{key}` out of differences.toml, or mark it flaky"
        ),
        _ => judged.mismatch.as_ref().map_or(Ok(()), |mismatch| {
            writeln!(out, "  expected  {}\n  got       {}", mismatch.expected, mismatch.got)
        }),
    };
}

/// The same for programs.
#[must_use]
pub fn json(backend: &str, judged: &[Judged<'_>]) -> Value {
    let cases: Vec<Value> = judged
        .iter()
        .map(|judged| {
            let (verdict, reason) = match &judged.verdict {
                Verdict::Holds => ("holds", None),
                Verdict::Differs(reason) => ("differs", Some(reason)),
                Verdict::Fails(_) => ("fails", None),
                Verdict::NoLongerDiffers(_) => ("no-longer-differs", None),
            };
            json!({
                "id": judged.case.id,
                "rule": judged.case.rule,
                "source": judged.case.source,
                "verdict": verdict,
                "reason": reason,
                "expected": judged.mismatch.as_ref().map(|mismatch| &mismatch.expected),
                "got": judged.mismatch.as_ref().map(|mismatch| &mismatch.got),
            })
        })
        .collect();
    json!({ "backend": backend, "cases": cases })
}

/// Ids and rules.
#[must_use]
pub fn listing(cases: &[&Case]) -> String {
    let mut out = String::new();
    for case in cases {
        let _infallible = writeln!(out, "{}\n    {} [{}]", case.id, case.rule, case.source);
    }
    out
}
