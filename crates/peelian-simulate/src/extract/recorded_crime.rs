//! The Home Office's table of recorded crime by force and quarter, made from
//! the same crimes.
//!
//! The layout is that of a table of 2017/18 as it circulates, with a number
//! before each row and the category of data.police.uk after it.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::clock;
use super::crimes::Crime;
use super::kinds::{OFFENCES, Offence};
use super::plan::Span;

const HEADER: &str = ",Financial_Year,Financial_Quarter,Force_Name,Offence_Description,Offence_Group,Offence_Subgroup,Offence_Code,Number_of_Offences,Policeuk_Cat\n";

/// The table of the quarters that lie in the time as a whole; cancelled crimes
/// are not counted.
pub(crate) fn table(force: &str, crimes: &[Crime], span: &Span) -> String {
    let mut counts: BTreeMap<(i32, &str), u32> = BTreeMap::new();
    for crime in crimes
        .iter()
        .filter(|crime| crime.cancelled(span).is_none())
    {
        let quarter = clock::local_month(crime.recorded).div_euclid(3);
        *counts.entry((quarter, crime.offence.code)).or_default() += 1;
    }
    let first = clock::month_of_day(span.first);
    let past = clock::month_of_day(span.past);
    let mut text = HEADER.to_owned();
    let mut n = 0;
    for quarter in (first + 2).div_euclid(3)..past.div_euclid(3) {
        // The financial year begins in April.
        let (year, of_year) = ((quarter - 1).div_euclid(4), (quarter - 1).rem_euclid(4) + 1);
        let mut offences: Vec<&Offence> = OFFENCES.iter().collect();
        offences.sort_by_key(|offence| offence.title);
        for offence in offences {
            let Offence {
                code,
                title,
                group,
                subgroup,
                category,
                ..
            } = *offence;
            let count = counts.get(&(quarter, code)).copied().unwrap_or_default();
            let title = if title.contains(',') {
                format!("\"{title}\"")
            } else {
                title.to_owned()
            };
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{n},{year}/{:02},{of_year},{force},{title},{group},{subgroup},{code},{count},{category}",
                (year + 1) % 100
            );
            n += 1;
        }
    }
    text
}
