//! The figures behind a drawing.

use maud::{Markup, html};

/// One cell, as a reader sees it. A figure that is not there is said in
/// words; a cell to which nothing belongs holds “–”.
pub type Cell = String;

/// A heading of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The heading, with the unit where there is one.
    pub header: String,
    /// Whether its cells are numbers, set to the right.
    pub numeric: bool,
}

/// The data behind a drawing, for a page or a file of comma-separated values.
/// The first column names the row. Every row has a cell for every column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What the table holds.
    pub caption: String,
    /// The headings.
    pub columns: Vec<Column>,
    /// The rows, in the order drawn.
    pub rows: Vec<Vec<Cell>>,
}

/// Stands in a cell to which nothing belongs.
pub(crate) const NOTHING: &str = "–";

impl Column {
    pub(crate) fn words(header: impl Into<String>) -> Self {
        Self {
            header: header.into(),
            numeric: false,
        }
    }

    pub(crate) fn number(header: impl Into<String>) -> Self {
        Self {
            header: header.into(),
            numeric: true,
        }
    }
}

impl Table {
    /// An accessible table in a region that scrolls sideways and can be
    /// reached from the keyboard. `id` names the caption.
    pub fn to_html(&self, id: &str) -> Markup {
        html! {
            div class="chart-scroll" role="region" tabindex="0" aria-labelledby=(id) {
                table class="chart-table" {
                    caption id=(id) { (self.caption) }
                    thead { tr {
                        @for column in &self.columns {
                            th scope="col" class=[column.numeric.then_some("chart-number")] { (column.header) }
                        }
                    } }
                    tbody {
                        @for row in &self.rows { tr {
                            @for (i, (cell, column)) in row.iter().zip(&self.columns).enumerate() {
                                @let class = column.numeric.then_some("chart-number");
                                @if i == 0 { th scope="row" class=[class] { (cell) } }
                                @else { td class=[class] { (cell) } }
                            }
                        } }
                    }
                }
            }
        }
    }
}
