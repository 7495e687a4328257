//! As-at dates: when the publisher was showing these bytes.

use jiff::Timestamp;
use jiff::civil::Date;
use peelian_model::Month;
use serde::{Deserialize, Serialize};

use crate::{ArchiveError, value};

/// A date and time, and whether anything but the file system says so.
///
/// The as-at of a release depends on the set of times it has been met, never
/// on their order. Stated ones (by `--as-at` or the archive's name) outrank
/// times of files, and the latest of them counts: a newer archive that still
/// holds the bytes shows that they are current. Among times of files the
/// earliest counts: copying a file makes it no newer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AsAt {
    /// RFC 3339 in UTC to the second, so that text order is time order.
    pub(crate) at: String,
    pub(crate) stated: bool,
}

impl AsAt {
    /// From `--as-at`: a date (its midnight, UTC) or a time.
    pub(crate) fn stated(text: &str) -> Result<Self, ArchiveError> {
        let date = || {
            // A date is read from the front of a time too: that is not meant.
            let date: Date = text
                .parse()
                .ok()
                .filter(|_| text.len() == "2024-01-31".len())?;
            Some(value::days(date.year().into(), date.month().into(), date.day().into()) * 86_400)
        };
        let time = || text.parse::<Timestamp>().ok().map(Timestamp::as_second);
        let second = date()
            .or_else(time)
            .ok_or_else(|| ArchiveError::AsAt(text.chars().take(40).collect()))?;
        Ok(Self {
            at: seconds(second),
            stated: true,
        })
    }

    /// From a time in a file, in milliseconds since 1970.
    pub(crate) fn of_milliseconds(time: i64) -> Self {
        Self {
            at: seconds(time.div_euclid(1000)),
            stated: true,
        }
    }

    /// The end of the month that an archive is named after: `2023-04.zip`.
    pub(crate) fn of_archive(file_name: &str) -> Option<Self> {
        let month: Month = file_name.strip_suffix(".zip")?.parse().ok()?;
        let end = value::month_days(month.plus(1)) * 86_400 - 1;
        Some(Self {
            at: seconds(end),
            stated: true,
        })
    }

    /// From the time at which a file was last changed.
    pub(crate) fn of_file(modified: std::time::SystemTime) -> Self {
        let second = modified
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(0));
        Self {
            at: seconds(second),
            stated: false,
        }
    }

    /// The as-at of bytes met at both times.
    pub(crate) fn merge(self, other: Self) -> Self {
        let keep = match (self.stated, other.stated) {
            (true, false) => true,
            (false, true) => false,
            (true, true) => self.at >= other.at,
            (false, false) => self.at <= other.at,
        };
        if keep { self } else { other }
    }
}

fn seconds(second: i64) -> String {
    Timestamp::from_second(second)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_times_and_archive_names_are_read() {
        assert_eq!(
            AsAt::stated("2024-01-31").unwrap().at,
            "2024-01-31T00:00:00Z"
        );
        assert_eq!(
            AsAt::stated("2024-01-31T13:00:00.5+01:00").unwrap().at,
            "2024-01-31T12:00:00Z"
        );
        assert!(AsAt::stated("31/01/2024").is_err());
        assert_eq!(
            AsAt::of_archive("2023-04.zip").unwrap().at,
            "2023-04-30T23:59:59Z"
        );
        assert_eq!(AsAt::of_archive("latest.zip"), None);
    }

    proptest! {
        #[test]
        fn the_order_of_meetings_makes_no_difference(
            met in proptest::collection::vec((0..5_i64, any::<bool>()), 1..5), turn in 0..5_usize
        ) {
            let met: Vec<AsAt> =
                met.into_iter().map(|(s, stated)| AsAt { at: seconds(s), stated }).collect();
            let all = |m: &[AsAt]| m.iter().cloned().reduce(AsAt::merge);
            let mut turned = met.clone();
            turned.rotate_left(turn % met.len());
            prop_assert_eq!(all(&met), all(&turned));
        }
    }
}
