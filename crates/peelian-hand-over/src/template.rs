//! The file that a force is asked to fill in: a workbook by the government's
//! rules for accessible spreadsheets (a cover, notes, one flat table a sheet,
//! no merged cells), or plain CSV.

use peelian_model::{ForceId, Month};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, Workbook,
    Worksheet, XlsxError,
};

use crate::pair::{Pair, pairs};

/// Which table is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Numerators and denominators by month or quarter.
    Counts,
    /// Calls by half hour.
    CallIntervals,
}

/// What is known before anything is filled in.
#[derive(Debug, Clone)]
pub struct Blank {
    /// Which table.
    pub table: Table,
    /// The force; blank in the template where absent.
    pub force: Option<ForceId>,
    /// First and last month asked for.
    pub months: (Month, Month),
    /// The day that stands in `as_at` until it is changed, `2026-10-05`.
    pub as_at: String,
}

const COUNTS: [&str; 12] = [
    "measure_id",
    "definition_version",
    "force",
    "area_code",
    "period",
    "category",
    "numerator",
    "denominator",
    "suppressed",
    "as_at",
    "source_system",
    "contact_role",
];

const INTERVALS: [&str; 13] = [
    "interval_start",
    "line",
    "offered",
    "answered",
    "abandoned_menu",
    "abandoned_queue",
    "answered_in_threshold",
    "threshold_s",
    "sum_wait_s",
    "max_wait_s",
    "sum_handle_s",
    "staffed_positions",
    "occupancy",
];

/// The role that stands in `contact_role` until it is changed.
const ROLE: &str = "performance analyst";

/// Rows of the sheet that drop-down lists reach to, so that rows for
/// districts can be added.
const LAST_ROW: u32 = 5000;

impl Table {
    /// The name of its sheet.
    pub fn sheet(self) -> &'static str {
        match self {
            Self::Counts => "Counts",
            Self::CallIntervals => "Call intervals",
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Counts => &COUNTS,
            Self::CallIntervals => &INTERVALS,
        }
    }
}

impl Blank {
    /// One row a pair and period; half hours come from an export, so that
    /// table has no rows yet.
    fn rows(&self) -> Vec<Vec<String>> {
        if self.table == Table::CallIntervals {
            return Vec::new();
        }
        let row = |pair: &Pair, period: String| {
            let mut row = vec![String::new(); COUNTS.len()];
            let force = self.force.as_ref().map(ToString::to_string);
            for (name, text) in [
                ("measure_id", pair.measure_id.clone()),
                ("definition_version", pair.definition_version.clone()),
                ("force", force.unwrap_or_default()),
                ("period", period),
                ("suppressed", "false".to_owned()),
                ("as_at", self.as_at.clone()),
                ("source_system", pair.holder.clone()),
                ("contact_role", ROLE.to_owned()),
            ] {
                if let Some(place) = COUNTS.iter().position(|c| *c == name) {
                    row[place] = text;
                }
            }
            row
        };
        let periods = |pair: &Pair| {
            let (first, last) = self.months;
            let months = Month::range(first, last);
            let mut periods: Vec<String> = if pair.is_quarterly() {
                months.filter_map(|m| quarter_ending(m, first)).collect()
            } else {
                months.map(|m| m.to_string()).collect()
            };
            periods.dedup();
            periods
        };
        let of = |pair: &'static Pair| periods(pair).into_iter().map(move |p| row(pair, p));
        pairs().iter().flat_map(of).collect()
    }

    fn cover(&self) -> Vec<String> {
        let mut lines = vec![match self.table {
            Table::Counts => "Counts of how a force serves its public".to_owned(),
            Table::CallIntervals => "Calls to a force by half hour".to_owned(),
        }];
        let (first, last) = self.months;
        let months = format!("For {} to {}.", first.long(), last.long());
        let body: &[&str] = match self.table {
            Table::Counts => &[
                &months,
                "This workbook asks for counts only. Please put no names, addresses, numbers of crimes or calls, or free text into it.",
                "How to fill it in",
                "The sheet Counts has one row for each measure and month. Write the count above the line into numerator and the count below the line into denominator. The sheet Notes says what to count.",
                "Fill in what you have and leave the rest: every row is useful by itself.",
                "For a district, copy a row and write the code of the district (such as E07000066) into area_code. A row without an area code is the force as a whole.",
                "as_at is the day on which the figures were taken. contact_role is whom to ask, by role and not by name.",
                "What a cell means",
                "A blank number means not supplied. 0 means that you counted and there were none.",
                "suppressed true means that there is a number and it is withheld; leave its numerator blank. You need not hide small numbers for your own installation: they are hidden when a bundle is made for somebody else.",
                "Periods are months (2026-04) or quarters of the calendar year (2026-Q2 is April to June). They are text: please do not let them become dates.",
                "When it is done",
                "peelian counts check FILE looks for mistakes and names their cells. peelian ingest FILE then loads it.",
            ],
            Table::CallIntervals => &[
                &months,
                "This workbook asks for half hours of the lines 999 and 101, as every telephone system exports them. Please put no numbers of callers into it.",
                "How to fill it in",
                "One row a half hour and line. interval_start has its offset from universal time, such as 2026-10-25T01:30:00+01:00, because one hour of October comes twice.",
                "offered are calls that reached the force; abandoned_menu ended in the recorded menu; abandoned_queue ended while waiting for a person. answered_in_threshold are those answered within threshold_s seconds.",
                "sum_wait_s and sum_handle_s are seconds of all answered calls of the half hour together. staffed_positions is the mean number of people ready for calls; occupancy is the share of their time spent on them.",
                "What a cell means",
                "A blank means not supplied. 0 means none.",
                "When it is done",
                "Save it as CSV. peelian ingest FILE --force ID loads it.",
            ],
        };
        lines.extend(body.iter().map(|l| (*l).to_owned()));
        lines
    }
}

/// `2026-Q2` where the month ends a quarter that began at `first` or later,
/// or begins one that has not ended.
fn quarter_ending(month: Month, first: Month) -> Option<String> {
    let ends = month.month().is_multiple_of(3);
    (ends && month.plus(-2) >= first).then(|| format!("{}-Q{}", month.year(), month.month() / 3))
}

/// The template as CSV.
pub fn to_csv(blank: &Blank) -> String {
    let mut out = blank.table.columns().join(",");
    out.push('\n');
    for row in blank.rows() {
        out.push_str(&row.join(","));
        out.push('\n');
    }
    out
}

/// The template as the bytes of an XLSX workbook; the same for the same
/// question.
pub fn to_workbook(blank: &Blank) -> Result<Vec<u8>, String> {
    workbook(blank).map_err(|e| format!("the workbook could not be made: {e}"))
}

fn workbook(blank: &Blank) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // A workbook holds the time of its making; the same question gives the
    // same bytes, so this is a fixed one.
    let made = ExcelDateTime::from_ymd(2026, 1, 1)?;
    book.set_properties(
        &DocProperties::new()
            .set_title(blank.cover().first().cloned().unwrap_or_default())
            .set_creation_datetime(&made),
    );
    cover(book.add_worksheet(), &blank.cover())?;
    if blank.table == Table::Counts {
        notes(book.add_worksheet())?;
    }
    table(book.add_worksheet(), blank)?;
    book.save_to_buffer()
}

fn cover(sheet: &mut Worksheet, lines: &[String]) -> Result<(), XlsxError> {
    sheet.set_name("Cover")?.set_column_width(0, 100)?;
    let (title, text) = (heading(), Format::new().set_text_wrap());
    for (row, line) in (0..).zip(lines) {
        // A heading is short and is no sentence.
        let is_heading = row == 0 || !line.ends_with('.');
        let format = if is_heading { &title } else { &text };
        sheet.write_string_with_format(row, 0, line, format)?;
    }
    Ok(())
}

fn notes(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name("Notes")?;
    let text = Format::new().set_text_wrap();
    let heads = [
        ("Measure", 34),
        ("Version", 9),
        ("Title", 34),
        ("Numerator: count this above the line", 50),
        ("Denominator: count this below the line", 50),
        ("Unit", 18),
        ("Period", 10),
        ("Area", 16),
        ("Usually held by", 22),
        ("Standard", 28),
        ("Note", 60),
    ];
    sheet.write_string_with_format(0, 0, "What to count", &heading())?;
    for (column, (head, width)) in (0..).zip(heads) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(1, column, head, &heading())?;
    }
    for (row, pair) in (2..).zip(pairs()) {
        let cells = [
            &pair.measure_id,
            &pair.definition_version,
            &pair.title,
            &pair.numerator,
            &pair.denominator,
            &pair.unit,
            &pair.period,
            &pair.area,
            &pair.holder,
            &pair.standard,
            &pair.note,
        ];
        for (column, cell) in (0..).zip(cells) {
            let shown = if cell.is_empty() && column == 4 {
                "nothing: leave it blank"
            } else {
                cell
            };
            sheet.write_string_with_format(row, column, shown, &text)?;
        }
    }
    sheet.set_freeze_panes(2, 1)?;
    Ok(())
}

fn table(sheet: &mut Worksheet, blank: &Blank) -> Result<(), XlsxError> {
    sheet.set_name(blank.table.sheet())?;
    let text = Format::new().set_num_format("@");
    let number = Format::new().set_num_format("0");
    let is_number = |name: &str| ["numerator", "denominator"].contains(&name);
    for (column, name) in (0..).zip(blank.table.columns()) {
        // Text stays text: no period or code becomes a date.
        let format = if is_number(name) { &number } else { &text };
        let width = if column == 0 { 34 } else { 18 };
        sheet.set_column_width(column, width)?;
        sheet.set_column_format(column, format)?;
        sheet.write_string_with_format(0, column, *name, &heading())?;
    }
    for (row, cells) in (1..).zip(blank.rows()) {
        for (column, cell) in (0..).zip(&cells) {
            if !cell.is_empty() {
                sheet.write_string_with_format(row, column, cell, &text)?;
            }
        }
    }
    if blank.table == Table::Counts {
        lists(sheet)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// Drop-down lists. A measure that is not in the list may still be written.
fn lists(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let last = pairs().len() + 2;
    let ids = rust_xlsxwriter::Formula::new(format!("=Notes!$A$3:$A${last}"));
    let ids = DataValidation::new()
        .allow_list_formula(ids)
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_error_title("Not one of the 25 measures")?
        .set_error_message("Keep it only if both sides have agreed what it means.")?;
    sheet.add_data_validation(1, 0, LAST_ROW, 0, &ids)?;
    let suppressed = DataValidation::new()
        .allow_list_strings(&["false", "true"])?
        .set_error_title("true or false")?
        .set_error_message("true: there is a number and it is withheld. false: it is not.")?;
    sheet.add_data_validation(1, 8, LAST_ROW, 8, &suppressed)?;
    Ok(())
}

fn heading() -> Format {
    Format::new().set_bold().set_text_wrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blank(first: &str, last: &str) -> Blank {
        Blank {
            table: Table::Counts,
            force: Some("synthetic-ashmoor".parse().unwrap()),
            months: (first.parse().unwrap(), last.parse().unwrap()),
            as_at: "2026-10-05".to_owned(),
        }
    }

    #[test]
    fn a_half_year_has_a_row_for_each_measure_and_month_or_quarter() {
        let quarterly = pairs().iter().filter(|p| p.is_quarterly()).count();
        let text = to_csv(&blank("2026-04", "2026-09"));
        let rows = text.lines().count() - 1;
        assert_eq!(rows, (pairs().len() - quarterly) * 6 + quarterly * 2);
        assert!(text.contains(
            "vic-satisfaction-pct,1,synthetic-ashmoor,,2026-Q3,,,,false,2026-10-05,survey of victims,performance analyst"
        ));
    }

    #[test]
    fn a_quarter_is_asked_for_only_where_all_of_it_is() {
        let text = to_csv(&blank("2026-05", "2026-07"));
        assert!(!text.contains("-Q"));
    }

    #[test]
    fn the_same_question_gives_the_same_workbook() {
        let asked = blank("2026-04", "2026-09");
        let book = to_workbook(&asked).unwrap();
        assert!(book.starts_with(b"PK"));
        assert_eq!(book, to_workbook(&asked).unwrap());
    }
}
