//! What the audit says: every finding with its order, and the sums that must add up.

use securecart_record::{Audit, AuditFinding, RunRecord};

use super::{
    paint::Paint,
    prose::{facts, wrap},
};
use crate::number::{exact, so_many};

pub(super) fn section(record: &RunRecord, paint: Paint, width: usize) -> String {
    let Some(audit) = &record.audit else {
        return facts(&[("audit", "the run never got that far".to_owned())], paint, width);
    };
    let outcome = if audit.is_clean() {
        clean(audit)
    } else {
        format!("FAILED: {}", so_many(audit.findings_total, "finding"))
    };
    let mut text = facts(&[("audit", outcome)], paint, width);
    text.extend(audit.findings.iter().map(|finding| line(finding, paint, width)));
    let more = audit.findings_total.saturating_sub(audit.findings.len() as u64);
    if more > 0 {
        text += &wrap(&format!("and {} more", exact(more)), width, "  ");
    }
    text + &facts(&sums(audit), paint, width)
}

/// What a clean audit found. A run that was cut short may leave notifications on their way, which is no
/// finding, and nothing that adds up.
fn clean(audit: &Audit) -> String {
    let missing = audit.notifications_due.saturating_sub(audit.notifications_sent);
    if missing == 0 {
        return "clean: every accepted order has one outcome; stock, money and notifications add up"
            .to_owned();
    }
    format!(
        "clean: every accepted order has one outcome; stock and money add up; {} still on the way",
        so_many(missing, "notification"),
    )
}

fn line(finding: &AuditFinding, paint: Paint, width: usize) -> String {
    let about = if finding.order.is_empty() { "stock" } else { &finding.order };
    let sentence = format!("{about} {}: {}", finding.kind.as_str(), finding.detail);
    let wrapped = wrap(&sentence, width.saturating_sub(2), "");
    paint.mark(&format!("✗ {}", wrapped.trim_end().replace('\n', "\n  "))) + "\n"
}

fn sums(audit: &Audit) -> [(&'static str, String); 4] {
    let orders = format!(
        "{} = {} shipped + {} rejected + {} cancelled + {} queued + {} dead-lettered",
        exact(audit.accepted),
        exact(audit.shipped),
        exact(audit.rejected),
        exact(audit.cancelled),
        exact(audit.queued),
        exact(audit.dead_lettered),
    );
    let stock = format!(
        "{} at the start = {} left + {} sold",
        exact(audit.stock_start),
        exact(audit.stock_end),
        exact(audit.stock_sold),
    );
    let payments = format!(
        "{} captured, {} refunded, {} voided",
        exact(audit.captured),
        exact(audit.refunded),
        exact(audit.voided),
    );
    let notifications = format!(
        "{} sent of {} due",
        exact(audit.notifications_sent),
        exact(audit.notifications_due),
    );
    [
        ("accepted", orders),
        ("stock", stock),
        ("payments", payments),
        ("notifications", notifications),
    ]
}
