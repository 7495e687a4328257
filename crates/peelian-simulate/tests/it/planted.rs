//! What is planted in the extracts can be found again by simple means.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use peelian_simulate::{ExtractPlan, Plant};

use crate::read::{Extracts, Read, extracts, instant};

/// The largest force for two years, made once.
static WHOLE: LazyLock<Extracts> =
    LazyLock::new(|| extracts(&ExtractPlan::new("2026-09".parse().unwrap())));

fn plant(id: &str) -> &'static Plant {
    WHOLE
        .truth
        .planted
        .iter()
        .find(|plant| plant.id == id)
        .unwrap()
}

fn day(stamp: &str) -> i64 {
    (instant(stamp) + 3_600).div_euclid(86_400)
}

/// Whether a time is on or after the first day of a planted change.
fn after(stamp: &str, plant: &Plant) -> bool {
    stamp[..10] >= plant.from.as_deref().unwrap()[..]
}

/// How many standard errors a rate ratio of two counts is from a factor.
fn z_of_ratio([a, b]: [(f64, f64); 2], factor: f64) -> f64 {
    let ratio = (b.0 / b.1) / (a.0 / a.1);
    (ratio / factor).ln() / (1.0 / a.0 + 1.0 / b.0).sqrt()
}

#[test]
fn a_year_has_about_a_hundred_thousand_calls() {
    let calls = WHOLE.truth.rows["calls"];
    assert!((180_000..240_000).contains(&calls), "{calls}");
}

#[test]
fn the_101_line_collapses_on_fridays_and_999_does_not() {
    let intervals = WHOLE.table("call_intervals");
    let mut lost: BTreeMap<(String, bool), [f64; 2]> = BTreeMap::new();
    for row in &intervals.rows {
        let start = &row[intervals.column("interval_start")];
        let friday = (day(start) + 3).rem_euclid(7) == 4;
        let number = |name: &str| row[intervals.column(name)].parse::<f64>().unwrap();
        let line = row[intervals.column("line")].to_owned();
        let sum = lost.entry((line, friday)).or_default();
        sum[0] += number("abandoned_queue");
        sum[1] += number("abandoned_queue") + number("answered");
    }
    let share = |line: &str, friday| {
        let [gone, of] = lost[&(line.to_owned(), friday)];
        gone / of
    };
    assert!(share("101", true) > 3.0 * share("101", false), "{lost:?}");
    assert!(share("101", true) > 0.15, "{lost:?}");
    assert!(
        (share("999", true) - share("999", false)).abs() < 0.01,
        "{lost:?}"
    );
}

/// Events of a kind before and after, with the days of each.
fn before_after(
    read: &Read,
    time: &str,
    plant: &Plant,
    wanted: impl Fn(usize) -> bool,
) -> [(f64, f64); 2] {
    let mut counts = [0.0, 0.0];
    let mut days = [
        std::collections::BTreeSet::new(),
        std::collections::BTreeSet::new(),
    ];
    for (n, stamp) in read.values(time).enumerate() {
        let side = usize::from(after(stamp, plant));
        days[side].insert(stamp[..10].to_owned());
        counts[side] += f64::from(wanted(n));
    }
    [
        (counts[0], days[0].len() as f64),
        (counts[1], days[1].len() as f64),
    ]
}

#[test]
fn burglary_steps_up_where_the_truth_says() {
    let incidents = WHOLE.table("incidents");
    let codes: Vec<&str> = incidents.values("opening_code").collect();
    let plant = plant("burglary-step");
    let pair = before_after(&incidents, "opened_at", plant, |n| codes[n] == "BUR");
    // The months before and after are not the same months of the year, which
    // moves the ratio by a few in a hundred.
    let z = z_of_ratio(pair, plant.factor);
    assert!(z.abs() < 4.0, "{pair:?}: {z}");
    assert!(z_of_ratio(pair, 1.0) > 10.0, "{pair:?}");
}

#[test]
fn more_violence_is_recorded_and_no_more_of_it_happens() {
    let plant = plant("recording-change");
    let crimes = WHOLE.table("crimes");
    let codes: Vec<&str> = crimes.values("ho_code").collect();
    let violent = |n: usize| ["105A", "8N"].contains(&codes[n]);
    let recorded = before_after(&crimes, "reported_at", plant, violent);
    let incidents = WHOLE.table("incidents");
    let opened: Vec<&str> = incidents.values("opening_code").collect();
    let told = |n: usize| ["DOM", "VIO"].contains(&opened[n]);
    let happened = before_after(&incidents, "opened_at", plant, told);
    // Recorded for each told of.
    let per = [
        (recorded[0].0, happened[0].0),
        (recorded[1].0, happened[1].0),
    ];
    assert!(z_of_ratio(per, plant.factor).abs() < 3.0, "{per:?}");
    let rise = (happened[1].0 / happened[1].1) / (happened[0].0 / happened[0].1);
    assert!((rise - 1.0).abs() < 0.06, "{happened:?}");
}

#[test]
fn patrols_lower_crime_inside_and_raise_it_in_the_rings() {
    let (inside, ring) = (plant("patrols-inside"), plant("patrols-displace"));
    let role: BTreeMap<&str, &str> = (WHOLE.truth.hot_spots.iter())
        .map(|spot| (spot.id.as_str(), spot.role.as_str()))
        .collect();
    let crimes = WHOLE.table("crimes");
    let public = ["8N", "9A", "49", "46", "58C", "34B"];
    let mut counts: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    let columns = ["ho_code", "hotspot_id", "reported_at"].map(|name| crimes.column(name));
    for row in &crimes.rows {
        let [code, spot, reported] = columns.map(|column| &row[column]);
        if public.contains(&code) {
            let role = role.get(spot).copied().unwrap_or("elsewhere");
            counts.entry(role).or_default()[usize::from(after(reported, inside))] += 1.0;
        }
    }
    // Each against everywhere else, before and after.
    let [before, later] = counts["elsewhere"];
    let change = |role: &str| [(counts[role][0], before), (counts[role][1], later)];
    assert!(
        z_of_ratio(change("treated"), inside.factor).abs() < 3.0,
        "{counts:?}"
    );
    assert!(z_of_ratio(change("treated"), 1.0) < -6.0, "{counts:?}");
    assert!(
        z_of_ratio(change("buffer"), ring.factor).abs() < 3.0,
        "{counts:?}"
    );
    assert!(z_of_ratio(change("buffer"), 1.0) > 2.5, "{counts:?}");
    assert!(z_of_ratio(change("control"), 1.0).abs() < 3.0, "{counts:?}");
}

#[test]
fn updates_of_one_team_stop_in_the_month_that_the_truth_says() {
    let plant = plant("updates-stop");
    let team = team_of_crimes();
    let contacts = WHOLE.table("victim_contacts");
    let mut met: BTreeMap<(bool, bool), [f64; 2]> = BTreeMap::new();
    let columns = ["step", "crime_id", "due_at", "met"].map(|name| contacts.column(name));
    for row in &contacts.rows {
        let [step, crime, due, kept] = columns.map(|column| &row[column]);
        if step == "update" {
            let silent = team[crime] == plant.place;
            let sum = met.entry((silent, after(due, plant))).or_default();
            sum[0] += f64::from(kept == "true");
            sum[1] += 1.0;
        }
    }
    let share = |silent, later| met[&(silent, later)][0] / met[&(silent, later)][1];
    let drop = share(true, true) / share(true, false);
    assert!((drop - plant.factor).abs() < 0.04, "{drop}: {met:?}");
    assert!(
        (share(false, true) - share(false, false)).abs() < 0.02,
        "{met:?}"
    );
}

fn team_of_crimes() -> BTreeMap<String, String> {
    let crimes = WHOLE.table("crimes");
    let teams = crimes.values("crime_id").zip(crimes.values("team"));
    teams
        .map(|(id, team)| (id.to_owned(), team.to_owned()))
        .collect()
}

/// Days and endings with newer and with older contact, in cases that are or
/// are not of domestic abuse: the rate ratio within each, put together by its
/// precision, against the hazard ratio of the truth.
#[test]
fn old_contact_ends_support_by_the_hazard_ratio_of_the_truth() {
    const OLD: f64 = 30.0;
    let contacts = WHOLE.table("victim_contacts");
    let mut updates: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let columns = ["step", "crime_id", "at", "met"].map(|name| contacts.column(name));
    for row in &contacts.rows {
        let [step, crime, at, met] = columns.map(|column| &row[column]);
        if step == "update" && met == "true" {
            updates.entry(crime).or_default().push(instant(at));
        }
    }
    let withdrawals = WHOLE.table("withdrawals");
    let ended: BTreeMap<&str, i64> = (withdrawals.values("crime_id"))
        .zip(withdrawals.values("withdrew_at").map(instant))
        .collect();
    let crimes = WHOLE.table("crimes");
    let columns = ["crime_id", "recorded_at", "closed_at", "flags"].map(|name| crimes.column(name));
    let of_crime: BTreeMap<&str, [&str; 3]> = (crimes.rows.iter())
        .map(|row| (&row[columns[0]], [1, 2, 3].map(|n: usize| &row[columns[n]])))
        .collect();
    let past = instant("2026-10-01T00:00:00+01:00");
    // By domestic abuse, by age of contact: endings and days.
    let mut seen = [[(0.0, 0.0); 2]; 2];
    let victims = WHOLE.table("victims");
    for (crime, kind) in victims.values("crime_id").zip(victims.values("kind")) {
        if kind != "person" {
            continue;
        }
        let [recorded, closed, flags] = of_crime[crime];
        let domestic = usize::from(flags.contains("da"));
        let closed = if closed.is_empty() {
            past
        } else {
            instant(closed)
        };
        let end = ended.get(crime).copied().unwrap_or(closed);
        let mut contact = instant(recorded);
        let mut spell = |from: i64, to: i64| {
            let days = (to - from) as f64 / 86_400.0;
            seen[domestic][0].1 += days.min(OLD);
            seen[domestic][1].1 += (days - OLD).max(0.0);
            days
        };
        for at in updates
            .get(crime)
            .into_iter()
            .flatten()
            .filter(|at| **at <= end)
        {
            spell(contact, *at);
            contact = *at;
        }
        let last = spell(contact, end);
        if ended.contains_key(crime) {
            seen[domestic][usize::from(last >= OLD)].0 += 1.0;
        }
    }
    let (mut sum, mut weights) = (0.0, 0.0);
    for [newer, older] in seen {
        let weight = 1.0 / (1.0 / newer.0 + 1.0 / older.0);
        sum += weight * ((older.0 / older.1) / (newer.0 / newer.1)).ln();
        weights += weight;
    }
    let (log_ratio, error) = (sum / weights, 1.0 / f64::sqrt(weights));
    let truth = plant("support-ends").factor.ln();
    assert!(
        (log_ratio - truth).abs() < 2.6 * error,
        "{} ± {error}: {seen:?}",
        log_ratio.exp()
    );
    assert!(
        error < 0.1 && log_ratio > 6.0 * error,
        "{log_ratio} ± {error}"
    );
}

#[test]
fn recruits_arrive_and_waits_for_routine_incidents_fall() {
    let plant = plant("pipeline");
    let from = plant.from.as_deref().unwrap();
    let postings = WHOLE.table("postings");
    let joined = (postings
        .values("role")
        .zip(postings.values("independent_from")))
    .filter(|(role, since)| *role == "response-officer" && *since == from)
    .count();
    assert_eq!(joined, 12);
    let incidents = WHOLE.table("incidents");
    let opened: BTreeMap<&str, i64> = (incidents
        .values("incident_id")
        .zip(incidents.values("grade_final")))
    .zip(incidents.values("opened_at"))
    .filter(|((_, grade), _)| *grade == "g3-standard")
    .map(|((id, _), opened)| (id, instant(opened)))
    .collect();
    let deployments = WHOLE.table("deployments");
    let columns = ["incident_id", "assigned_at"].map(|name| deployments.column(name));
    let mut waits = [(0.0, 0.0); 2];
    for row in &deployments.rows {
        let [id, assigned] = columns.map(|column| &row[column]);
        if let Some(opened) = opened.get(id) {
            let side = &mut waits[usize::from(after(assigned, plant))];
            side.0 += (instant(assigned) - opened) as f64;
            side.1 += 1.0;
        }
    }
    let [before, later] = waits.map(|(sum, n)| sum / n);
    assert!(later < 0.8 * before, "{before} {later}");
}
