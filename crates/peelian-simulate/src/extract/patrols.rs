//! `hotspots`, `initiatives` and `patrols`: where the force means to be seen,
//! and was.

use super::clock::{self, HOUR, MINUTE};
use super::places::{Places, Role, Spot};
use super::plan::Span;
use super::planted::Planted;
use super::table::{Line, Table};
use crate::dice::Dice;

const SYSTEM: &str = "problem solving";

/// The initiative of the patrols.
pub(crate) const INITIATIVE: &str = "N01";

pub(crate) fn hotspots(places: &Places, span: &Span, planted: &Planted) -> Table {
    let mut table = Table::new(
        "hotspots",
        SYSTEM,
        &[
            "hotspot_id",
            "scheme",
            "name",
            "polygon",
            "area_m2",
            "chosen_on",
            "basis_period",
            "basis_measure",
            "from",
            "to",
            "role",
        ],
    );
    let mut basis = String::new();
    clock::date(&mut basis, span.first);
    basis.push_str("..");
    clock::date(&mut basis, planted.patrols_from - 30);
    for spot in places.spots() {
        let line = Line::new()
            .text(&spot.id)
            .text(INITIATIVE)
            .value(format_args!("Square {}", spot.id))
            .text(&spot.polygon())
            .value(spot.area())
            .date(planted.patrols_from - 30)
            .text(&basis)
            .text("count")
            .date(planted.patrols_from)
            .blank()
            .text(spot.role.name());
        table.push(planted.patrols_from, line);
    }
    table
}

pub(crate) fn initiatives(planted: &Planted) -> Table {
    let mut table = Table::new(
        "initiatives",
        SYSTEM,
        &[
            "initiative_id",
            "name",
            "kind",
            "funder",
            "cost",
            "from",
            "to",
            "hypothesis",
            "primary_measure",
            "pre_registered_at",
        ],
    );
    let line = Line::new()
        .text(INITIATIVE)
        .text("Patrols of six squares")
        .text("hotspot-patrol")
        .text("police fund")
        .value(180_000)
        .date(planted.patrols_from)
        .blank()
        .text("Fewer public crimes in patrolled squares than in like squares")
        .text("hot-effect-pct")
        .time(clock::local(planted.patrols_from - 14, 10));
    table.push(planted.patrols_from, line);
    table
}

/// Patrols planned a day and hot spot, and their planned minutes.
const DAILY: usize = 2;
const MINUTES: i64 = 15;

pub(crate) fn patrols(places: &Places, span: &Span, planted: &Planted, dice: &mut Dice) -> Table {
    let mut table = Table::new(
        "patrols",
        SYSTEM,
        &[
            "patrol_id",
            "hotspot_id",
            "date",
            "planned_start",
            "planned_min",
            "arrived_at",
            "left_at",
            "minutes_gps",
            "minutes_reported",
            "officers",
            "partner",
            "activity",
            "arrests",
            "searches",
            "fpn",
            "warnings",
            "asked_to_leave",
        ],
    );
    for day in planted.patrols_from..span.past {
        for spot in places.spots().filter(|spot| spot.role == Role::Treated) {
            for n in 0..DAILY {
                let start =
                    clock::local(day, 14 + 5 * n as i64) + dice.below(3 * HOUR as usize) as i64;
                table.push(start, patrol(table.len(), spot, day, start, dice));
            }
        }
    }
    table
}

/// One planned patrol in seven does not come about.
fn patrol(n: usize, spot: &Spot, day: i64, start: i64, dice: &mut Dice) -> Line {
    let done = dice.chance(6.0 / 7.0);
    let arrived = start + dice.below(600) as i64;
    let minutes = (MINUTES - 4 + dice.below(9) as i64).max(5);
    let reported = minutes + dice.below(4) as i64;
    let when = |at: i64| done.then_some(at);
    let line = Line::new()
        .value(format_args!("P{:06}", n + 1))
        .text(&spot.id)
        .date(day)
        .time(start)
        .value(MINUTES)
        .time(when(arrived))
        .time(when(arrived + minutes * MINUTE))
        .value(if done {
            minutes.to_string()
        } else {
            String::new()
        })
        .value(if done {
            reported.to_string()
        } else {
            String::new()
        })
        .value(if done { "2" } else { "" })
        .flag(dice.chance(0.3));
    let activities = [
        ("visible", 0.5),
        ("engagement", 0.3),
        ("enforcement", 0.12),
        ("problem-solving", 0.08),
    ];
    let mut line = line.text(dice.pick(&activities, "visible"));
    for p in [0.02, 0.06, 0.02, 0.05, 0.12] {
        let happened = done && dice.chance(p);
        line = line.value(if done {
            u8::from(happened).to_string()
        } else {
            String::new()
        });
    }
    line
}
