//! A calendar month.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A calendar month between 1900-01 and 2199-12, written `2021-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month(i32);

/// A text or number that is no month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a month: use YYYY-MM, as in 2021-03")]
pub struct InvalidMonth(pub String);

const NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Month {
    /// The month of a year, `month` counted from 1; none outside 1900 to 2199.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        ((1900..2200).contains(&year) && (1..=12).contains(&month))
            .then(|| Self(year * 12 + month as i32 - 1))
    }

    /// Months since January of the year 0, the form in which tables hold it.
    pub fn index(self) -> i32 {
        self.0
    }

    /// The month of an index; none outside 1900 to 2199.
    pub fn from_index(index: i32) -> Option<Self> {
        Self::new(index.div_euclid(12), index.rem_euclid(12) as u32 + 1)
    }

    /// The calendar year.
    pub fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// The month of the year, from 1.
    pub fn month(self) -> u32 {
        self.0.rem_euclid(12) as u32 + 1
    }

    /// The month `n` months later (earlier where negative), held within range.
    #[must_use]
    pub fn plus(self, n: i32) -> Self {
        Self(self.0.saturating_add(n).clamp(1900 * 12, 2199 * 12 + 11))
    }

    /// How many months `self` is after `earlier`.
    pub fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// Every month from `first` to `last`, both included; none if reversed.
    pub fn range(first: Self, last: Self) -> impl Iterator<Item = Self> {
        (first.0..=last.0).map(Self)
    }

    /// “March 2021”.
    pub fn long(self) -> String {
        format!("{} {}", NAMES[self.month() as usize - 1], self.year())
    }

    /// “Mar 2021”.
    pub fn short(self) -> String {
        format!("{} {}", &NAMES[self.month() as usize - 1][..3], self.year())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, InvalidMonth> {
        let parse = || {
            let (year, month) = text.split_once('-')?;
            let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
            if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
                return None;
            }
            Self::new(year.parse().ok()?, month.parse().ok()?)
        };
        parse().ok_or_else(|| InvalidMonth(text.chars().take(40).collect()))
    }
}

impl TryFrom<String> for Month {
    type Error = InvalidMonth;

    fn try_from(text: String) -> Result<Self, InvalidMonth> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_and_back(year in 1900..2200_i32, month in 1..=12_u32) {
            let m = Month::new(year, month).unwrap();
            prop_assert_eq!(m.to_string().parse::<Month>().unwrap(), m);
            prop_assert_eq!(Month::from_index(m.index()), Some(m));
            prop_assert_eq!(m.plus(13).since(m), 13.min(Month::new(2199, 12).unwrap().since(m)));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,12}") {
            let _ = text.parse::<Month>();
        }
    }

    #[test]
    fn near_misses_are_refused() {
        for bad in [
            "2021-13",
            "2021-00",
            "21-03",
            "2021-3",
            "2021-03-01",
            "+021-03",
            "2021/03",
        ] {
            assert!(bad.parse::<Month>().is_err(), "{bad}");
        }
    }
}
