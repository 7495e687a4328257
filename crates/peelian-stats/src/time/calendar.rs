//! Daily counts by the calendar: weekday, bank holiday, time of year and trend.
//!
//! A quasi-Poisson regression with a log link, ln E(y) = level + weekday + holiday + Σ waves of the
//! year + trend, so that effects multiply: a bank holiday is so many times an ordinary day. What is
//! to come is predicted by a negative binomial whose variance holds both the spread of days and the
//! uncertainty of the fit: φμ + φμ²·xᵀ(XᵀWX)⁻¹x.
//!
//! Sources: McCullagh and Nelder, *Generalized Linear Models* (1989) §6.2 (quasi-likelihood);
//! Hyndman and Athanasopoulos, *Forecasting: Principles and Practice* (3rd edition 2021) §7.4
//! (waves of the year).
//!
//! **How it can mislead.** Days are taken as independent given the calendar; a busy week spills
//! over, so intervals for sums over days are too narrow. A trend is carried on for as long as one
//! asks. All bank holidays share one effect, though Christmas Day is not like the others.

use std::f64::consts::TAU;

use jiff::ToSpan;
use jiff::civil::Date;
use nalgebra::{DMatrix, DVector};

use crate::comparison::interval::Interval;
use crate::glm::{CountFit, count_regression};
use crate::special::negative_binomial_quantile;
use crate::{Unanswerable, time::bank_holidays::bank_holidays};

/// Days in a year, on average.
const YEAR: f64 = 365.25;
/// With fewer days than this, time of year and trend cannot be told apart.
const DAYS_FOR_WAVES: usize = 730;
/// Fewest days with a count: four weeks.
const FEWEST: usize = 28;

/// What the regression may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Waves of the year, each a sine and a cosine: 1 is summer against winter. Default 3; used
    /// from two years of days on.
    pub waves: usize,
    /// A steady rise or fall. Default true.
    pub trend: bool,
    /// An effect of bank holidays of England and Wales. Default true; used where the days hold one.
    pub holidays: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            waves: 3,
            trend: true,
            holidays: true,
        }
    }
}

/// A fitted calendar.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Monday to Sunday: how many times the mean of the seven weekdays, on the log scale (their
    /// product is 1).
    pub weekdays: [f64; 7],
    /// How many times the same weekday a bank holiday is; `None` where none was seen.
    pub holiday: Option<f64>,
    /// How many times the year before a year is; `None` without a trend.
    pub yearly_change: Option<f64>,
    /// Waves of the year in use.
    pub waves: usize,
    /// φ, how much more than chance days vary: variance ÷ mean.
    pub dispersion: f64,
    /// Expected count of each day given, also where none was recorded.
    pub fitted: Vec<f64>,
    columns: Columns,
    fit: CountFit,
    first: Date,
}

/// A day to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// The day.
    pub date: Date,
    /// Expected count.
    pub mean: f64,
    /// Where the count will lie with the confidence asked for, in whole events.
    pub interval: Interval,
}

/// Fit the calendar to `counts`, one a day from `first` on; `None` or not finite where missing.
///
/// Refuses negative counts, fewer than 28 days with a count, weekdays that were never seen, nothing
/// but zeros, and years for which bank holidays are not known.
pub fn calendar(
    first: Date,
    counts: &[Option<f64>],
    settings: &Settings,
) -> Result<Calendar, Unanswerable> {
    let held: Vec<(usize, f64)> = counts
        .iter()
        .enumerate()
        .filter_map(|(day, count)| Some((day, count.filter(|count| count.is_finite())?)))
        .collect();
    if held.len() < FEWEST {
        return Err(Unanswerable::TooFew {
            what: "days with a count",
            have: held.len(),
            need: FEWEST,
        });
    }
    let holidays = if settings.holidays {
        holidays(first, counts.len())?
    } else {
        Vec::new()
    };
    let columns = Columns {
        holiday: held
            .iter()
            .any(|(day, _)| holidays.get(*day).is_some_and(|&is| is)),
        trend: settings.trend,
        waves: if counts.len() < DAYS_FOR_WAVES {
            0
        } else {
            settings.waves
        },
        centre: counts.len() as f64 / 2.0,
    };
    let weekday = first.weekday().to_monday_zero_offset() as usize;
    let row = |day: usize| {
        let holiday = holidays.get(day).is_some_and(|&is| is);
        columns.row(day as f64, (weekday + day) % 7, holiday)
    };
    let rows: Vec<f64> = held.iter().flat_map(|(day, _)| row(*day)).collect();
    let design = DMatrix::from_row_slice(held.len(), columns.count(), &rows);
    let y: Vec<f64> = held.iter().map(|(_, count)| *count).collect();
    let fit = count_regression(&design, &y, None, None)?;
    let mean = |day: usize| DVector::from_vec(row(day)).dot(&fit.coefficients).exp();
    Ok(Calendar {
        weekdays: weekdays(&fit),
        holiday: columns.holiday.then(|| fit.coefficients[7].exp()),
        yearly_change: columns
            .trend
            .then(|| fit.coefficients[columns.trend_place()].exp()),
        waves: columns.waves,
        dispersion: fit.dispersion.max(1.0),
        fitted: (0..counts.len()).map(mean).collect(),
        columns,
        fit,
        first,
    })
}

impl Calendar {
    /// The next `days` after the last one given, each with the interval that holds its count with
    /// this `confidence`.
    ///
    /// Refuses a confidence not strictly within 0 to 1, and days beyond the calendar or beyond what
    /// a number can hold.
    pub fn forecast(&self, days: usize, confidence: f64) -> Result<Vec<Prediction>, Unanswerable> {
        if !(confidence > 0.0 && confidence < 1.0) {
            return Err(Unanswerable::Invalid(
                "confidence must lie strictly between 0 and 1",
            ));
        }
        let known = self.fitted.len();
        let end = known.checked_add(days).ok_or(Unanswerable::Overflow)?;
        day_after(self.first, end)?;
        let holidays = if self.columns.holiday {
            holidays(self.first, end)?
        } else {
            Vec::new()
        };
        let weekday = self.first.weekday().to_monday_zero_offset() as usize;
        let predict = |day: usize| {
            let holiday = holidays.get(day).is_some_and(|&is| is);
            let row = DVector::from_vec(self.columns.row(day as f64, (weekday + day) % 7, holiday));
            let mean = row.dot(&self.fit.coefficients).exp();
            let unsure = row.dot(&(&self.fit.inverse * &row));
            let dispersion = self.dispersion * (1.0 + mean * unsure);
            let limit =
                |p| negative_binomial_quantile(mean, dispersion, p).ok_or(Unanswerable::Overflow);
            Ok(Prediction {
                date: day_after(self.first, day)?,
                mean,
                interval: Interval {
                    lower: limit((1.0 - confidence) / 2.0)?,
                    upper: limit(f64::midpoint(1.0, confidence))?,
                },
            })
        };
        (known..end).map(predict).collect()
    }
}

/// Which columns the design has, in order: level, Tuesday to Sunday, holiday, trend, waves.
#[derive(Clone, Copy, Debug)]
struct Columns {
    holiday: bool,
    trend: bool,
    waves: usize,
    /// Day that the trend is counted from.
    centre: f64,
}

impl Columns {
    fn count(self) -> usize {
        self.trend_place() + usize::from(self.trend) + 2 * self.waves
    }

    fn trend_place(self) -> usize {
        7 + usize::from(self.holiday)
    }

    fn row(self, day: f64, weekday: usize, holiday: bool) -> Vec<f64> {
        let mut row = vec![0.0; 7];
        row[0] = 1.0;
        if weekday > 0 {
            row[weekday] = 1.0;
        }
        if self.holiday {
            row.push(if holiday { 1.0 } else { 0.0 });
        }
        if self.trend {
            row.push((day - self.centre) / YEAR);
        }
        for wave in 1..=self.waves {
            let (sin, cos) = (TAU * wave as f64 * day / YEAR).sin_cos();
            row.extend([sin, cos]);
        }
        row
    }
}

fn weekdays(fit: &CountFit) -> [f64; 7] {
    let effect = |day: usize| {
        if day == 0 { 0.0 } else { fit.coefficients[day] }
    };
    let mean = (1..7).map(effect).sum::<f64>() / 7.0;
    std::array::from_fn(|day| (effect(day) - mean).exp())
}

fn day_after(first: Date, days: usize) -> Result<Date, Unanswerable> {
    let days = i32::try_from(days).map_err(|_| Unanswerable::Overflow)?;
    first
        .checked_add(days.days())
        .map_err(|_| Unanswerable::Overflow)
}

/// Whether each of so many days from `first` on is a bank holiday.
fn holidays(first: Date, days: usize) -> Result<Vec<bool>, Unanswerable> {
    let last = day_after(first, days)?;
    let mut are = vec![false; days];
    for year in first.year()..=last.year() {
        for holiday in bank_holidays(year)? {
            let since = (holiday - first).get_days();
            if let Some(is) = usize::try_from(since).ok().and_then(|day| are.get_mut(day)) {
                *is = true;
            }
        }
    }
    Ok(are)
}
