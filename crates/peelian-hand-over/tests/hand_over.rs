//! From a template to a commissioner's home and back again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use peelian_archive::{Home, IngestOptions, ingest};
use peelian_hand_over::{
    Blank, Bundle, Count, Earlier, PublicKey, Request, SecretKey, Table, check, make, new_keys,
    protect, read_sheet, rows_to_csv, take, to_csv, to_workbook,
};
use proptest::prelude::*;

const FORCE: &str = "synthetic-ashmoor";

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn home(&self, name: &str) -> Home {
        Home::new(self.at(name))
    }

    /// A home with these counts, and a bundle of it.
    fn bundle(&self, counts: &[Count], out: &str) -> PathBuf {
        let file = self.at("counts.csv");
        std::fs::write(&file, rows_to_csv(counts).unwrap()).unwrap();
        self.load(&file);
        self.make(out)
    }

    fn load(&self, file: &Path) {
        let report = ingest(
            &self.home("force"),
            &[file.to_path_buf()],
            &IngestOptions {
                force: Some(FORCE.parse().unwrap()),
                ..IngestOptions::default()
            },
            &|_| {},
        )
        .unwrap();
        assert!(report.refused.is_empty(), "{:?}", report.refused);
        assert_eq!(report.rows_quarantined, 0);
    }

    fn make(&self, out: &str) -> PathBuf {
        let (secret, public) = (self.at("force.key"), self.at("force.pub"));
        if !secret.exists() {
            new_keys(&secret, &public).unwrap();
        }
        let request = Request {
            force: FORCE.parse().unwrap(),
            months: ("2026-04".parse().unwrap(), "2026-06".parse().unwrap()),
        };
        let out = self.at(out);
        make(
            &self.home("force"),
            &request,
            &SecretKey::read(&secret).unwrap(),
            &out,
        )
        .unwrap();
        out
    }

    fn refusal(&self, bundle: &Path, trust: &str) -> String {
        let home = self.home("commissioner");
        let error = take(&home, bundle, Some(&self.at(trust))).unwrap_err();
        assert!(home.manifest().unwrap().is_none(), "something was stored");
        error.to_string()
    }
}

fn count(area: &str, period: &str, numerator: u64, denominator: u64) -> Count {
    Count {
        measure_id: "vic-needs-assessed-pct".to_owned(),
        definition_version: "1".to_owned(),
        force: FORCE.to_owned(),
        area_code: area.to_owned(),
        period: period.to_owned(),
        numerator: Some(numerator),
        denominator: Some(denominator),
        as_at: "2026-07-03".to_owned(),
        source_system: "victim records".to_owned(),
        contact_role: "analyst".to_owned(),
        ..Count::default()
    }
}

/// Three districts and the force, of which one district is small.
fn example() -> Vec<Count> {
    vec![
        count("", "2026-04", 129, 203),
        count("X07000001", "2026-04", 7, 12),
        count("X07000002", "2026-04", 48, 78),
        count("X07000003", "2026-04", 74, 113),
    ]
}

#[test]
fn a_filled_in_template_reaches_another_home_rounded_and_without_small_counts() {
    let place = Place::new();
    let blank = Blank {
        table: Table::Counts,
        force: Some(FORCE.parse().unwrap()),
        months: ("2026-04".parse().unwrap(), "2026-06".parse().unwrap()),
        as_at: "2026-07-03".to_owned(),
    };
    let file = place.at("template.csv");
    let filled: String = to_csv(&blank)
        .lines()
        .map(|line| {
            let full = line.replace(",2026-04,,,,false", ",2026-04,,382,403,false");
            full + "\n"
        })
        .collect();
    std::fs::write(&file, filled).unwrap();
    let checked = check(&read_sheet(&file).unwrap()).unwrap();
    assert_eq!(checked.faults, []);
    place.load(&file);
    let bundle = place.make("out.zip");
    let home = place.home("commissioner");
    let taken = take(&home, &bundle, Some(&place.at("force.pub"))).unwrap();
    assert!(taken.rows > 0);
    let shown = taken
        .bundle
        .contents
        .counts
        .iter()
        .find(|c| c.measure_id == "call-999-abandon-pct" && c.period == "2026-04");
    let shown = shown.unwrap();
    assert_eq!(
        (shown.numerator, shown.denominator, shown.suppressed),
        (Some(380), Some(405), false)
    );
    // Taken again, it changes nothing; the key is known by now.
    assert_eq!(take(&home, &bundle, None).unwrap().rows, 0);
    let held = home.manifest().unwrap().unwrap();
    assert!(
        held.months
            .iter()
            .all(|m| m.restricted && m.table == "counts")
    );
    let release = held.releases.first().unwrap();
    assert!(release.provenance.as_ref().unwrap().known_gaps[0].contains("10-5"));
}

#[test]
fn the_workbook_template_is_read_back_and_a_fault_is_named_by_its_cell() {
    let place = Place::new();
    let blank = Blank {
        table: Table::Counts,
        force: None,
        months: ("2026-04".parse().unwrap(), "2026-06".parse().unwrap()),
        as_at: "2026-07-03".to_owned(),
    };
    let file = place.at("counts.xlsx");
    std::fs::write(&file, to_workbook(&blank).unwrap()).unwrap();
    let mut sheet = read_sheet(&file).unwrap();
    assert_eq!(sheet.name.as_deref(), Some("Counts"));
    let checked = check(&sheet).unwrap();
    assert_eq!((checked.filled, checked.faults.len()), (0, 0));
    sheet.rows[1].1[6] = "412".to_owned();
    sheet.rows[1].1[7] = "398".to_owned();
    sheet.rows[2].1[6] = "1,204".to_owned();
    sheet.rows[3].1[4] = "Apr-26".to_owned();
    let faults = check(&sheet).unwrap().faults;
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(
        faults[0]
            .starts_with("sheet Counts, cell G2: numerator 412 is larger than denominator 398"),
        "{faults:?}"
    );
    assert!(faults[1].starts_with("sheet Counts, cell G3: numerator “1,204” has a separator"));
    assert!(faults[2].starts_with("sheet Counts, cell E4: “Apr-26” is no period"));
}

#[test]
fn a_gap_a_jump_and_a_contradiction_are_pointed_out_and_refuse_nothing() {
    let place = Place::new();
    let mut rows = vec![count("", "2026-01", 40, 80), count("", "2026-04", 700, 900)];
    for (id, below) in [("out-14-pct", 100), ("out-16-pct", 110)] {
        rows.push(Count {
            measure_id: id.to_owned(),
            ..count("", "2026-04", 50, below)
        });
    }
    let file = place.at("counts.csv");
    std::fs::write(&file, rows_to_csv(&rows).unwrap()).unwrap();
    let checked = check(&read_sheet(&file).unwrap()).unwrap();
    assert_eq!(checked.faults, []);
    let said: Vec<String> = checked.warnings.iter().map(ToString::to_string).collect();
    let said = said.join("\n");
    assert!(
        said.contains("2 periods before 2026-04 are missing"),
        "{said}"
    );
    assert!(said.contains("numerator 700 after 40"), "{said}");
    assert!(said.contains("110 here and 100 in row 4"), "{said}");
}

#[test]
fn a_small_district_is_not_given_away_by_the_total() {
    let shown = protect(&example(), &Earlier::default());
    assert!(shown.rows[1].suppressed && shown.rows[1].numerator.is_none());
    assert_eq!(shown.hidden.small, 1);
}

#[test]
fn the_same_counts_give_the_same_bytes() {
    let place = Place::new();
    let first = std::fs::read(place.bundle(&example(), "a.zip")).unwrap();
    let second = std::fs::read(place.make("b.zip")).unwrap();
    assert!(first == second);
}

#[test]
fn a_corrected_count_does_not_tell_where_between_two_multiples_it_was() {
    let earlier = protect(&[count("", "2026-04", 62, 100)], &Earlier::default());
    assert_eq!(earlier.rows[0].numerator, Some(60));
    let place = Place::new();
    place.bundle(&[count("", "2026-04", 62, 100)], "a.zip");
    let later = Count {
        as_at: "2026-08-03".to_owned(),
        ..count("", "2026-04", 63, 100)
    };
    let bundle = Bundle::open(&place.bundle(&[later], "b.zip")).unwrap();
    assert_eq!(bundle.contents.counts[0].numerator, Some(60));
}

#[test]
fn half_hours_leave_rounded_without_quiet_ones_and_without_the_longest_wait() {
    let place = Place::new();
    let file = place.at("call_intervals.csv");
    let text = "\
interval_start,line,offered,answered,abandoned_menu,abandoned_queue,answered_in_threshold,threshold_s,sum_wait_s,max_wait_s,sum_handle_s,staffed_positions,occupancy
2026-05-04T09:00:00+01:00,101,62,57,,5,41,60,2310,240,17100,12,0.8
2026-05-04T03:00:00+01:00,101,7,7,,0,7,60,20,6,2100,4,0.3
";
    std::fs::write(&file, text).unwrap();
    place.load(&file);
    let bundle = place.make("out.zip");
    let home = place.home("commissioner");
    let taken = take(&home, &bundle, Some(&place.at("force.pub"))).unwrap();
    let [half_hour] = taken.bundle.contents.half_hours.as_slice() else {
        panic!("{taken:?}");
    };
    assert_eq!(half_hour.interval_start, "2026-05-04T08:00:00Z");
    assert_eq!(
        (half_hour.offered, half_hour.answered),
        (Some(60), Some(55))
    );
    assert_eq!(
        (half_hour.abandoned_queue, half_hour.max_wait_s),
        (None, None)
    );
    assert_eq!(taken.bundle.contents.hidden.half_hours_left_out, 1);
    assert_eq!(taken.rows, 1);
}

/// The members of a zip, by name.
fn members(bundle: &Path) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(bundle).unwrap()).unwrap();
    let count = zip.len();
    let read = |i| {
        let mut member = zip.by_index(i).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        (member.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(read).collect()
}

fn pack(path: &Path, members: &[(String, Vec<u8>)]) {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    std::fs::write(path, zip.finish().unwrap().into_inner()).unwrap();
}

#[test]
fn whatever_is_changed_in_a_bundle_nothing_of_it_is_stored() {
    let place = Place::new();
    let bundle = place.bundle(&example(), "out.zip");
    let good = members(&bundle);
    let bad = place.at("bad.zip");
    for index in 0..good.len() {
        let mut changed = good.clone();
        let middle = changed[index].1.len() / 2;
        changed[index].1[middle] ^= 1;
        pack(&bad, &changed);
        place.refusal(&bad, "force.pub");
        let mut missing = good.clone();
        let (name, _) = missing.remove(index);
        pack(&bad, &missing);
        let said = place.refusal(&bad, "force.pub");
        assert!(said.contains(&format!("{name} is missing")), "{said}");
    }
    let mut more = good.clone();
    more.push(("victims.csv".to_owned(), b"name\n".to_vec()));
    pack(&bad, &more);
    assert!(place.refusal(&bad, "force.pub").contains("victims.csv"));
    std::fs::write(&bad, b"PK nothing").unwrap();
    place.refusal(&bad, "force.pub");
    // Untouched it is good.
    take(
        &place.home("commissioner"),
        &bundle,
        Some(&place.at("force.pub")),
    )
    .unwrap();
}

#[test]
fn only_the_trusted_key_is_believed_and_another_is_refused_loudly() {
    let place = Place::new();
    let bundle = place.bundle(&example(), "out.zip");
    let other = new_keys(&place.at("other.key"), &place.at("other.pub")).unwrap();
    assert!(
        place
            .refusal(&bundle, "other.pub")
            .contains("did not sign it")
    );
    let home = place.home("commissioner");
    let said = take(&home, &bundle, None).unwrap_err().to_string();
    assert!(said.contains("no key of synthetic-ashmoor is trusted here yet"));
    take(&home, &bundle, Some(&place.at("force.pub"))).unwrap();
    let said = take(&home, &bundle, Some(&place.at("other.pub")));
    let said = said.unwrap_err().to_string();
    assert!(said.starts_with("WARNING") && said.contains(&other.fingerprint()));
}

#[test]
fn an_older_bundle_does_not_come_back_after_a_newer_one() {
    let place = Place::new();
    let older = place.bundle(&[count("", "2026-04", 62, 100)], "a.zip");
    let corrected = Count {
        as_at: "2026-08-03".to_owned(),
        ..count("", "2026-04", 82, 100)
    };
    let newer = place.bundle(&[corrected], "b.zip");
    let home = place.home("commissioner");
    take(&home, &newer, Some(&place.at("force.pub"))).unwrap();
    let said = take(&home, &older, None).unwrap_err().to_string();
    assert!(said.contains("a later one, as at 2026-08-03"), "{said}");
}

#[test]
fn a_key_is_never_overwritten_and_only_its_owner_reads_it() {
    let place = Place::new();
    let (secret, public) = (place.at("a.key"), place.at("a.pub"));
    let key = new_keys(&secret, &public).unwrap();
    assert_eq!(PublicKey::read(&public).unwrap(), key);
    assert_eq!(SecretKey::read(&secret).unwrap().public(), key);
    assert!(new_keys(&secret, &place.at("b.pub")).is_err());
    assert!(PublicKey::read(&secret).is_err());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&secret).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_count_from_1_to_9_leaves_and_no_hidden_district_can_be_worked_out(
        districts in prop::collection::vec((0_u64..60, 0_u64..80), 2..5)
    ) {
        let rows: Vec<Count> = (1..)
            .zip(&districts)
            .map(|(i, (above, more))| {
                count(&format!("X0700000{i}"), "2026-04", *above, above + more)
            })
            .collect();
        let total = |of: fn(&Count) -> Option<u64>| rows.iter().filter_map(of).sum();
        let whole = count("", "2026-04", total(|c| c.numerator), total(|c| c.denominator));
        let rows: Vec<Count> = std::iter::once(whole).chain(rows).collect();
        let shown = protect(&rows, &Earlier::default()).rows;
        for (row, truth) in shown.iter().zip(&rows) {
            for number in row.numerator.iter().chain(&row.denominator) {
                prop_assert!(*number == 0 || (*number >= 10 && number % 5 == 0));
            }
            let small = |n: Option<u64>| n.is_some_and(|n| (1..10).contains(&n));
            prop_assert!(!small(truth.numerator) || row.numerator.is_none());
            prop_assert!(!small(truth.denominator) || row.denominator.is_none());
        }
        // Subtraction leaves a hidden count at least ten values wide: a shown
        // count n stands for n - 2 to n + 2, and a hidden one is at least 1.
        let hidden: Vec<&Count> = shown[1..].iter().filter(|c| c.numerator.is_none()).collect();
        if let (Some(total), [_]) = (shown[0].numerator, hidden.as_slice()) {
            let others: Vec<u64> = shown[1..].iter().filter_map(|c| c.numerator).collect();
            let slack = 2 * (1 + others.iter().filter(|n| **n > 0).count() as u64);
            let left = total.saturating_sub(others.iter().sum());
            let width = (left + slack) - left.saturating_sub(slack).max(1);
            prop_assert!(width >= 10, "{shown:?}");
        }
    }
}
