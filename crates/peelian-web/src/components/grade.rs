//! The inspectorate's published grade, as text beside a strip of cells.

use maud::{Markup, html};
use peelian_model::Grade;

/// The grade in words beside a strip in which its place is filled. Only a
/// published grade may be given. `cells` is 5, or 4 for cycles before 2021/22
/// in which “adequate” was not a grade.
pub(crate) fn grade_strip(grade: Grade, cells: usize) -> Markup {
    let ordinal = Grade::ALL
        .iter()
        .position(|g| *g == grade)
        .unwrap_or_default();
    let filled = if cells == 4 && grade > Grade::Adequate {
        ordinal - 1
    } else {
        ordinal
    };
    html! {
        span class="grade" {
            span class="grade-cells" aria-hidden="true" {
                @for cell in 0..cells {
                    span class=[(cell == filled).then_some("is-filled")] {}
                }
            }
            strong { (grade.label()) }
        }
    }
}
