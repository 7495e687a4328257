//! `findings`, `actions` and `responses`: an invented inspection and its reply.

use super::clock::{self, HOUR};
use super::plan::Span;
use super::table::{Line, Table};

const SYSTEM: &str = "action tracker";

/// Id, area, kind, what it says, measures that would show it closed, status.
const FINDINGS: [[&str; 6]; 3] = [
    [
        "F01",
        "responding-to-public",
        "afi",
        "The force needs to answer more non-emergency calls",
        "call-101-abandon-pct",
        "in-progress",
    ],
    [
        "F02",
        "investigating-crime",
        "afi",
        "The force should record why victims stop supporting a case",
        "out-16-reason-recorded-pct",
        "evidence-ready",
    ],
    [
        "F03",
        "preventing-crime",
        "positive-practice",
        "The force compares patrolled squares with like ones",
        "hot-effect-pct",
        "closed-locally",
    ],
];

const URL: &str = "https://inspection.invalid/synthetic";

/// The day on which the invented report came out.
fn published(span: &Span) -> i64 {
    span.first + 45
}

pub(crate) fn findings(span: &Span) -> Table {
    let mut table = Table::new(
        "findings",
        SYSTEM,
        &[
            "finding_id",
            "cycle",
            "area_id",
            "kind",
            "text_paraphrase",
            "published_at",
            "source_url",
            "theme_id",
            "previous_finding_id",
        ],
    );
    for [id, area, kind, text, ..] in FINDINGS {
        let line = Line::new()
            .text(id)
            .text("synthetic")
            .text(area)
            .text(kind)
            .text(text)
            .date(published(span))
            .text(URL)
            .blank()
            .blank();
        table.push(published(span), line);
    }
    table
}

pub(crate) fn actions(span: &Span) -> Table {
    let mut table = Table::new(
        "actions",
        SYSTEM,
        &[
            "action_id",
            "finding_id",
            "owner_role",
            "due_at",
            "status",
            "measure_ids",
            "evidence_refs",
            "confidence",
            "updated_at",
        ],
    );
    for (n, [finding, _, _, _, measure, status]) in FINDINGS.into_iter().enumerate() {
        let line = Line::new()
            .value(format_args!("A{:02}", n + 1))
            .text(finding)
            .text("superintendent")
            .date(published(span) + 180)
            .text(status)
            .text(measure)
            .blank()
            .blank()
            .time(span.run_at - 24 * HOUR);
        table.push(published(span), line);
    }
    table
}

/// The reply is due on the last of the 56 days that begin with publication.
pub(crate) fn responses(span: &Span) -> Table {
    let mut table = Table::new(
        "responses",
        SYSTEM,
        &[
            "finding_id",
            "due_at",
            "duty",
            "own_action",
            "published_at",
            "url",
        ],
    );
    let published = published(span);
    for [finding, _, kind, ..] in FINDINGS {
        let line = Line::new()
            .text(finding)
            .date(published + 55)
            .text(if kind == "afi" {
                "statutory"
            } else {
                "voluntary"
            })
            .text("The body asked for a plan")
            .date(published + 50)
            .text(URL);
        table.push(clock::local(published, 0), line);
    }
    table
}
