//! The time axis: where each month stands and which of them are named.

use peelian_model::Month;

use crate::label::text_width;

/// Months side by side between two pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Months {
    pub(crate) first: Month,
    pub(crate) last: Month,
    left: f64,
    right: f64,
}

/// A named month: its name above, its year beneath where the year begins.
#[derive(Debug, PartialEq)]
pub(crate) struct MonthTick {
    pub(crate) x: f64,
    pub(crate) name: String,
    pub(crate) year: Option<String>,
}

impl Months {
    pub(crate) fn new(first: Month, last: Month, left: f64, right: f64) -> Self {
        Self {
            first,
            last: last.max(first),
            left,
            right,
        }
    }

    /// Pixels from one month to the next.
    pub(crate) fn step(self) -> f64 {
        let gaps = f64::from(self.last.since(self.first));
        if gaps == 0.0 {
            self.right - self.left
        } else {
            (self.right - self.left - 2.0 * self.inset()) / gaps
        }
    }

    /// The first and last point stand a little inside, never far from the
    /// label at the right end.
    fn inset(self) -> f64 {
        let months = f64::from(self.last.since(self.first)) + 1.0;
        ((self.right - self.left) / months / 2.0).min(10.0)
    }

    /// The middle of a month.
    pub(crate) fn x(self, month: Month) -> f64 {
        if self.first == self.last {
            return f64::midpoint(self.left, self.right);
        }
        self.left + self.inset() + f64::from(month.since(self.first)) * self.step()
    }

    /// The pixels that the months from `first` to `last` cover.
    pub(crate) fn span(self, first: Month, last: Month) -> (f64, f64) {
        let half = self.step() / 2.0;
        (
            (self.x(first) - half).clamp(self.left, self.right),
            (self.x(last) + half).clamp(self.left, self.right),
        )
    }

    /// Names as many months as fit, counted from January: every month, every
    /// third, every sixth, each January, then every second, fifth, tenth year.
    pub(crate) fn ticks(self, font: f64) -> Vec<MonthTick> {
        const EVERY: [i32; 7] = [1, 3, 6, 12, 24, 60, 120];
        let needed = |every: i32| text_width(if every < 12 { "May" } else { "2000" }, font) + font;
        let every = EVERY
            .into_iter()
            .find(|&e| f64::from(e) * self.step() >= needed(e))
            .unwrap_or(EVERY[EVERY.len() - 1]);
        let named: Vec<Month> = Month::range(self.first, self.last)
            .filter(|m| m.index().rem_euclid(every) == 0)
            .collect();
        if named.is_empty() {
            return self.only_first();
        }
        let mut ticks: Vec<MonthTick> = named.iter().map(|&m| self.tick(m, every)).collect();
        if every < 12 {
            Self::year_of_first(&named, &mut ticks, font);
        }
        ticks
    }

    fn tick(self, month: Month, every: i32) -> MonthTick {
        if every >= 12 {
            return MonthTick {
                x: self.x(month),
                name: month.year().to_string(),
                year: None,
            };
        }
        MonthTick {
            x: self.x(month),
            name: month.short().chars().take(3).collect(),
            year: (month.month() == 1).then(|| month.year().to_string()),
        }
    }

    /// The first named month also bears its year, unless the next January is
    /// too close.
    fn year_of_first(named: &[Month], ticks: &mut [MonthTick], font: f64) {
        let january = ticks.iter().find(|t| t.year.is_some()).map(|t| t.x);
        if let (Some(month), Some(tick)) = (named.first(), ticks.first_mut()) {
            let room = january.is_none_or(|x| x - tick.x >= text_width("2000", font) + font / 2.0);
            if room {
                tick.year = Some(month.year().to_string());
            }
        }
    }

    /// Too short a stretch to hold a month that would be named: name its first.
    fn only_first(self) -> Vec<MonthTick> {
        let mut tick = self.tick(self.first, 1);
        tick.year = Some(self.first.year().to_string());
        vec![tick]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(first: &str, months: i32, width: f64) -> Vec<String> {
        let first: Month = first.parse().unwrap();
        Months::new(first, first.plus(months - 1), 0.0, width)
            .ticks(15.0)
            .into_iter()
            .map(|t| t.year.map_or(t.name.clone(), |y| format!("{} {y}", t.name)))
            .collect()
    }

    #[test]
    fn names_fit_from_six_months_to_twelve_years() {
        let wide = |months| names("2015-05", months, 760.0).join(", ");
        assert_eq!(wide(6), "May 2015, Jun, Jul, Aug, Sep, Oct");
        assert_eq!(
            wide(24),
            "Jul 2015, Oct, Jan 2016, Apr, Jul, Oct, Jan 2017, Apr"
        );
        assert_eq!(
            wide(60),
            "Jul 2015, Jan 2016, Jul, Jan 2017, Jul, Jan 2018, Jul, Jan 2019, Jul, Jan 2020"
        );
        assert_eq!(wide(150).len(), "2016, ".len() * 12 - 2);
        let narrow = |months| names("2015-05", months, 210.0).join(", ");
        assert_eq!(narrow(6), "Jul 2015, Oct");
        assert_eq!(narrow(36), "2016, 2017, 2018");
        assert_eq!(narrow(150), "2020, 2025");
    }

    #[test]
    fn one_month_stands_in_the_middle() {
        let m: Month = "2020-02".parse().unwrap();
        assert_eq!(Months::new(m, m, 0.0, 100.0).x(m), 50.0);
        assert_eq!(names("2020-02", 1, 30.0), ["Feb 2020"]);
    }
}
