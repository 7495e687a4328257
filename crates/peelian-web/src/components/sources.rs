//! Where figures come from, and what is known to be wrong with them.

use maud::{Markup, html};
use peelian_model::SourceRelease;
use peelian_readings::KnownIssue;

use crate::Snapshot;
use crate::holdings::table_title;
use crate::words::{counted, date, number};

/// Sources with their licence lines, as-at dates and sizes.
pub(crate) fn source_list(sources: &[SourceRelease]) -> Markup {
    html! {
        ul class="plain-list sources" {
            @for source in sources {
                li {
                    strong { (source.title) } ", files to " (date(&source.as_at)) " ("
                    (counted(source.files, "file", "files")) ", "
                    (number(source.rows as f64)) " rows). " (source.attribution)
                }
            }
        }
    }
}

/// Known issues, each with what it touches, since when, and where it is said.
pub(crate) fn issue_list<'a>(
    snapshot: &Snapshot,
    issues: impl Iterator<Item = &'a KnownIssue>,
) -> Markup {
    let issues: Vec<_> = issues.collect();
    html! {
        @if issues.is_empty() {
            p { "None is recorded. That does not mean that there is none." }
        } @else {
            ul {
                @for issue in issues {
                    li {
                        (issue.text)
                        span class="quiet" { " (" (touches(snapshot, issue)) ". " (issue.source) ", checked " (date(&issue.checked)) ".)" }
                    }
                }
            }
        }
    }
}

fn touches(snapshot: &Snapshot, issue: &KnownIssue) -> String {
    let force = issue.force.as_ref().map_or_else(
        || "Every force".to_owned(),
        |id| {
            snapshot
                .catalogue
                .force(id)
                .map_or_else(|| id.to_string(), |f| f.name.clone())
        },
    );
    let table = issue.table.as_deref().map_or("every table", table_title);
    let until = issue
        .to
        .map_or_else(|| "on".to_owned(), |m| format!("to {}", m.long()));
    format!("{force}; {table}; {} {until}", issue.from.long())
}
