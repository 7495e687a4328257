use super::*;
use proptest::prelude::*;

/// The kinds found in a column with this header and these values.
fn kinds_as(header: &str, expected: Expected, rows: &[&str]) -> Vec<Kind> {
    let mut detector = Detector::new([(header, expected, false)].into_iter());
    for (index, value) in rows.iter().enumerate() {
        detector.row(index as u64 + 2, &[value.as_bytes()]);
    }
    detector.findings().into_iter().map(|f| f.kind).collect()
}

fn kinds(values: &[&str]) -> Vec<Kind> {
    kinds_as("x", Expected::Words, values)
}

#[test]
fn one_value_that_is_nothing_else_is_enough() {
    for (value, kind) in [
        ("07700 900123", Kind::Phone),
        ("07700900123", Kind::Phone),
        ("+44 7700 900 123", Kind::Phone),
        ("+44 (0)7700 900123", Kind::Phone),
        ("0044 1245 123456", Kind::Phone),
        ("447700900123", Kind::Phone),
        ("(01245) 123456", Kind::Phone),
        ("01245-123456", Kind::Phone),
        ("07700.900.123", Kind::Phone),
        ("020 7946 0958", Kind::Phone),
        ("+1 202 555 0143", Kind::Phone),
        ("rang 07700 900123", Kind::Phone),
        ("jo.bloggs@example.org", Kind::Email),
        ("see a.b+c@mail.example.co.uk", Kind::Email),
        ("CM1 1QH", Kind::Postcode),
        ("cm11qh", Kind::Postcode),
        ("co27ab", Kind::Postcode),
        ("SW1A1AA", Kind::Postcode),
        ("ec1a 1bb", Kind::Postcode),
        ("High Street SS1 1AB", Kind::Postcode),
        ("AB123456C", Kind::NationalInsurance),
        ("ab 12 34 56 d", Kind::NationalInsurance),
        ("AB12 CDE", Kind::VehicleMark),
        (
            "Caller states neighbour has returned. Units to attend",
            Kind::FreeText,
        ),
        ("line one of\na log that has two", Kind::FreeText),
    ] {
        // A hundred harmless values do not hide it.
        let mut values = vec!["harlow"; 100];
        values.push(value);
        assert_eq!(kinds(&values), [kind], "{value}");
    }
}

#[test]
fn a_share_of_a_column_is_enough_where_one_value_may_be_chance() {
    for (value, kind) in [
        ("SMITH, John", Kind::Name),
        ("Smith, Sarah Jane", Kind::Name),
        ("Sarah Okafor", Kind::Name),
        ("sarah o'neill", Kind::Name),
        ("SMITH JOHN", Kind::Name),
        ("Mrs Featherstone", Kind::Name),
        ("AB12CDE", Kind::VehicleMark),
        ("A123 BCD", Kind::VehicleMark),
        ("PC 1234", Kind::CollarNumber),
        ("pc77712", Kind::CollarNumber),
        ("Sgt 456 Jones", Kind::CollarNumber),
        ("12 High Street", Kind::Address),
        ("Flat 2, 14a Mill Road, Harlow", Kind::Address),
        ("7700900123", Kind::Phone),
    ] {
        let mut column = vec!["harlow"; 100];
        column.push(value);
        assert_eq!(kinds(&column), [], "{value} once");
        assert_eq!(
            kinds(&[value, value, "", "harlow"]),
            [kind],
            "{value} often"
        );
    }
    assert_eq!(kinds(&["John", "Sarah", "Harlow"]), [Kind::Name]);
}

#[test]
fn long_texts_that_are_all_different_are_free_text() {
    let texts: Vec<String> = (0..30)
        .map(|n| format!("male seen near shop {n} again trying several car doors"))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert_eq!(kinds(&texts), [Kind::FreeText]);
    let titles = [
        "Causing death by careless driving under influence of drink or drugs",
        "Death or serious injury caused by illegal driving",
        "Possession of weapons",
    ];
    let titles: Vec<&str> = titles.iter().copied().cycle().take(300).collect();
    assert_eq!(kinds(&titles), []);
}

#[test]
fn values_of_the_tables_themselves_raise_no_alarm() {
    let own = [
        "E01021345",
        "X01000012",
        "I100",
        "C0001",
        "K9001",
        "42/1234567/22",
        "3f2a9c0d11e4b7a8",
        "0123456789012345",
        "2022-07-14T20:11:02+01:00",
        "2022-07-14",
        "14/07/2022 20:11:02",
        "2022-07-14 20:11:02",
        "01-12-2022 20:11",
        "105A",
        "8N",
        "DOM-CRIME",
        "da|repeat-victim",
        "g1-emergency",
        "basildon",
        "Chelmsford",
        "Brightlingsea",
        "St Osyth",
        "Victoria Park",
        "Charlotte Street",
        "Southend High Street",
        "Harlow Bush Fair",
        "Great Dunmow North",
        "Violence with injury",
        "Theft from the person",
        "response",
        "1.5",
        "95",
        "1,724,950",
        "2026-10-25T01:30:00+00:00",
        "51.7345",
        "-0.1276 51.5074",
        "true",
        "2022-Q3",
        "550e8400-e29b-41d4-a716-446655440000",
        "City of London, Barbican",
        "Grade 1",
        "N1 2nd floor",
        "20220714-0001",
        "CAD 1234 14/07/2022",
        "1000000001",
        "00000012345",
        "575123 206456",
        "QQ123456C",
    ];
    for value in own {
        assert_eq!(kinds(&vec![value; 50]), [], "{value}");
    }
}

#[test]
fn references_of_letters_and_digits_may_look_like_a_postcode_by_chance() {
    let mut references = vec!["zx81qp"; 40];
    references.push("e16an");
    assert_eq!(kinds_as("ref", Expected::Reference, &references), []);
    assert_eq!(kinds(&references), [Kind::Postcode]);
    let postcodes = ["e16an", "cm11qh", "zx81qp"];
    assert_eq!(
        kinds_as("ref", Expected::Reference, &postcodes),
        [Kind::Postcode]
    );
}

#[test]
fn days_long_before_the_event_are_births() {
    let mut detector = Detector::new(
        [
            ("d1", Expected::Words, false),
            ("at", Expected::Checked, false),
        ]
        .into_iter(),
    );
    for (line, day) in ["01/02/1961", "1984-12-01", "1999-05-06", "2003-01-01"]
        .iter()
        .enumerate()
    {
        detector.row(
            line as u64 + 2,
            &[day.as_bytes(), b"2022-07-14T20:11:02+01:00"],
        );
    }
    let findings = detector.findings();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].kind, findings[0].rows), (Kind::BirthDate, 4));
    // Days of events are not, nor are days in a column called so and hashed.
    assert_eq!(
        kinds(&["2022-03-01", "2022-04-01", "2021-01-01", "2020-01-01"]),
        []
    );
    assert_eq!(
        kinds_as("dob", Expected::Words, &["2022-03-01"]),
        [Kind::BirthDate]
    );
    assert_eq!(
        kinds_as("dob", Expected::Words, &["3f2a9c0d11e4b7a8", ""]),
        []
    );
}

#[test]
fn a_header_is_enough_unless_the_values_are_hashed_or_the_name_is_the_tables_own() {
    assert_eq!(
        kinds_as("Victim Surname", Expected::Words, &["x"]),
        [Kind::Name]
    );
    assert_eq!(kinds_as("Victim Surname", Expected::Words, &[""]), []);
    assert_eq!(kinds_as("Notes", Expected::Checked, &["da"]), []);
    let mut own = Detector::new([("name", Expected::PlaceName, true)].into_iter());
    own.row(2, &[b"Bush Fair"]);
    assert_eq!(own.findings(), []);
}

#[test]
fn a_finding_says_where_and_never_what() {
    let mut detector = Detector::new([("Tel", Expected::Words, false)].into_iter());
    for line in 2..20 {
        detector.row(line, &[b"07700 900123"]);
    }
    let reason = refusal(&detector.findings()).unwrap();
    assert!(
        reason.contains(
            "column “Tel” by its name holds telephone numbers (lines 2, 3, 4, 5, 6 and 13 more)"
        ),
        "{reason}"
    );
    assert!(!reason.contains("7700"), "{reason}");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(rows in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..8)) {
        let mut detector = Detector::new([("x", Expected::Words, false)].into_iter());
        for row in &rows {
            detector.row(2, &[row.as_slice()]);
        }
        detector.findings();
    }

    #[test]
    fn no_words_make_it_panic(text in "[ -~éÀ£]{0,40}") {
        headers::kind(&text);
        kinds(&[&text]);
    }

    #[test]
    fn hashes_and_times_are_never_personal(hash in "[0-9a-f]{16}", hour in 0..24_u8, day in 1..29_u8) {
        let time = format!("2026-10-{day:02}T{hour:02}:30:00+01:00");
        prop_assert_eq!(kinds(&[&hash, &time]), []);
    }
}
