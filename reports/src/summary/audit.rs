//! What the audit says: the sums that must add up, and every finding with its order.

use securecart_record::RunRecord;

use super::{paint::Paint, wrap};

pub(super) fn section(record: &RunRecord, paint: Paint, width: usize) -> String {
    let Some(audit) = &record.audit else {
        return "audit: the run never got that far\n".to_owned();
    };
    let sums = format!(
        "audit: {} orders accepted = {} shipped + {} rejected + {} cancelled + {} queued + {} dead-lettered; \
         stock {} = {} left + {} sold; {} captured, {} refunded; {} of {} notifications sent",
        audit.accepted,
        audit.shipped,
        audit.rejected,
        audit.cancelled,
        audit.queued,
        audit.dead_lettered,
        audit.stock_start,
        audit.stock_end,
        audit.stock_sold,
        audit.captured,
        audit.refunded,
        audit.notifications_sent,
        audit.notifications_due,
    );
    let mut text = wrap(&sums, width, "");
    for finding in &audit.findings {
        let subject = if finding.order.is_empty() { "stock" } else { &finding.order };
        let line = wrap(&format!("{subject}: {}", finding.detail), width.saturating_sub(2), "");
        text += &paint.mark(&format!("✗ {}", line.trim_end().replace('\n', "\n  ")));
        text.push('\n');
    }
    let more = audit.findings_total - audit.findings.len() as u64;
    if more > 0 {
        text += &format!("  and {more} more\n");
    }
    text
}
