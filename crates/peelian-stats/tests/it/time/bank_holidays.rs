use peelian_stats::time::bank_holidays::bank_holidays;

/// The days published for the years, as month-day.
#[test]
fn published_years_are_met_day_by_day() {
    for (year, days) in [
        (
            2011,
            "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27",
        ),
        (
            2012,
            "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26",
        ),
        (2015, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2016, "01-01 03-25 03-28 05-02 05-30 08-29 12-26 12-27"),
        (2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"),
        (2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
        (
            2022,
            "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
        ),
        (
            2023,
            "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
        ),
        (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"),
    ] {
        let ours: Vec<_> = bank_holidays(year).unwrap();
        let ours: Vec<_> = ours
            .iter()
            .map(|d| d.strftime("%m-%d").to_string())
            .collect();
        assert_eq!(ours.join(" "), days, "{year}");
    }
}

#[test]
fn every_year_has_at_least_eight_weekdays_in_order() {
    for year in 1978..2300 {
        let days = bank_holidays(year).unwrap();
        assert!(days.len() >= 8, "{year}");
        assert!(days.windows(2).all(|pair| pair[0] < pair[1]), "{year}");
        assert!(
            days.iter()
                .all(|day| day.year() == year && day.weekday().to_monday_zero_offset() < 5),
            "{year}"
        );
    }
    assert!(bank_holidays(1977).is_err());
    assert!(bank_holidays(i16::MAX).is_err());
    assert!(bank_holidays(9998).is_ok());
}
