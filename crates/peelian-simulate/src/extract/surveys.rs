//! `surveys`: what victims say who were asked after their case had closed.

use super::clock::{self, DAY};
use super::control_room::Call;
use super::crimes::Crime;
use super::kinds::KINDS;
use super::places::Places;
use super::plan::Span;
use super::table::{Line, Table};
use crate::dice::Dice;

/// One victim's answers.
pub(crate) struct Response {
    /// The day of the interview.
    pub(crate) day: i64,
    /// 1 very dissatisfied to 5 very satisfied, over all and with being kept
    /// informed.
    pub(crate) answers: [u8; 2],
    crime: usize,
    mode: &'static str,
    line: &'static str,
}

/// Who was asked and who answered.
pub(crate) struct Survey {
    pub(crate) invited: usize,
    pub(crate) responses: Vec<Response>,
}

const ITEMS: [&str; 2] = ["overall", "kept-informed"];

/// Chance of being satisfied for somebody told nothing, and how much more for
/// somebody told everything: over all, and with being kept informed.
const SATISFIED: [[f64; 2]; 2] = [[0.45, 0.30], [0.25, 0.50]];

/// Victims of the kinds that such surveys ask about, a month after closing.
pub(crate) fn ask(
    crimes: &[Crime],
    incident_lines: &[Option<&'static str>],
    span: &Span,
    dice: &mut Dice,
) -> Survey {
    let mut survey = Survey {
        invited: 0,
        responses: Vec::new(),
    };
    for (n, crime) in crimes.iter().enumerate() {
        let asked = ["BUR", "VIO", "VEH", "ROB", "CDM"].contains(&KINDS[crime.kind].code);
        let day = clock::local_day(crime.closed) + 30 + dice.below(14) as i64;
        let Some(support) = crime.support.as_ref().filter(|_| asked && day < span.past) else {
            continue;
        };
        if !dice.chance(0.5) {
            continue;
        }
        survey.invited += 1;
        if !dice.chance(0.28) {
            continue;
        }
        let informed = support.informed().unwrap_or(0.8);
        let answers = SATISFIED.map(|[least, more]| {
            if dice.chance(least + more * informed) {
                dice.pick(&[(5, 0.6), (4, 0.4)], 4)
            } else {
                dice.pick(&[(3, 0.3), (2, 0.4), (1, 0.3)], 2)
            }
        });
        let line = crime
            .incident
            .and_then(|place| incident_lines.get(place).copied().flatten());
        survey.responses.push(Response {
            day,
            answers,
            crime: n,
            mode: dice.pick(&[("phone", 0.7), ("online", 0.3)], "phone"),
            line: line.unwrap_or("online"),
        });
    }
    survey
}

/// The line of the call that opened each incident.
pub(crate) fn lines(calls: &[Vec<Call>], incidents: usize) -> Vec<Option<&'static str>> {
    let mut lines = vec![None; incidents];
    for call in calls.iter().flatten() {
        if let Some(line) = call.incident.and_then(|place| lines.get_mut(place)) {
            *line = Some(call.line.name());
        }
    }
    lines
}

pub(crate) fn surveys(
    survey: &Survey,
    crimes: &[Crime],
    places: &Places,
    dice: &mut Dice,
) -> Table {
    let mut table = Table::new(
        "surveys",
        "survey contractor",
        &[
            "response_id",
            "survey",
            "wave",
            "mode",
            "field_date",
            "district",
            "stratum",
            "weight",
            "age_band",
            "sex",
            "ethnicity_band",
            "item",
            "answer",
            "crime_group",
            "contact_line",
        ],
    );
    for (n, response) in survey.responses.iter().enumerate() {
        let crime = &crimes[response.crime];
        let month = clock::month_of_day(response.day);
        let code = KINDS[crime.kind].code.to_lowercase();
        let age = dice.pick(
            &[("18-34", 0.36), ("35-54", 0.38), ("55-and-over", 0.26)],
            "35-54",
        );
        let sex = dice.pick(&[("female", 0.5), ("male", 0.5)], "female");
        let ethnicity = dice.pick(&[("white", 0.8), ("other", 0.2)], "white");
        let weight = 0.8 + 0.1 * dice.below(5) as f64;
        for (item, answer) in ITEMS.iter().zip(response.answers) {
            let line = Line::new()
                .value(format_args!("R{:05}", n + 1))
                .text("victim-satisfaction")
                .value(format_args!("{}-{:02}", month / 12, month % 12 + 1))
                .text(response.mode)
                .date(response.day)
                .text(&places.cells[crime.cell].district)
                .text(&code)
                .value(format_args!("{weight:.1}"))
                .text(age)
                .text(sex)
                .text(ethnicity)
                .text(item)
                .value(answer)
                .text(crime.offence.subgroup)
                .text(response.line);
            table.push(response.day * DAY, line);
        }
    }
    table
}
