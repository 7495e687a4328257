//! STL: a series as trend + season + remainder, by local regression.
//!
//! Season and trend are smoothed in turn, each from what the other leaves over: the season by local
//! regression over the years within each month, less its own slow part; the trend by local
//! regression over time. Robust rounds weigh down what neither explains. All windows are counted in
//! values and tricube weights fall to 0 at their ends.
//!
//! Source: Cleveland, Cleveland, McRae and Terpenning, *Journal of Official Statistics* 6 (1990)
//! 3–73.
//!
//! **How it can mislead.** The ends move when new values come: the latest months' season and trend
//! are the least certain, and they are the ones people look at. A step becomes a slope over a trend
//! window. A season found is not a season proved: compare [`Stl::seasonal_strength`].

use std::collections::HashMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::Unanswerable;
use crate::summary::mean;

/// How the season is smoothed over the years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Season {
    /// By local regression over so many years: odd, at least 3. A small window follows a season that
    /// changes.
    Window(usize),
    /// The same every year.
    Periodic,
}

/// Windows, degrees and rounds. `Settings::new(period)` gives the usual ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Values in a season's cycle: 12 for months. At least 2.
    pub period: usize,
    /// The season's window. Default seven years.
    pub season: Season,
    /// The trend's window: odd. Default the smallest odd number above
    /// 1.5·period/(1 − 1.5/seasonal window).
    pub trend: usize,
    /// The window of the slow part that is taken out of the season: odd. Default the smallest odd
    /// number above the period.
    pub low_pass: usize,
    /// Degrees of the local regressions of season, trend and slow part: 0 (mean) or 1 (line).
    /// Default 1, 1, 1.
    pub degrees: [usize; 3],
    /// Of season, trend and slow part, fit only every so manieth value and draw straight lines
    /// between. Default 1, 1, 1.
    pub jumps: [usize; 3],
    /// Rounds of season and trend. Default 5, or 2 where robust.
    pub inner: usize,
    /// Robust rounds. Default 0; 15 are usual.
    pub outer: usize,
}

impl Settings {
    /// The usual settings, not robust.
    pub fn new(period: usize) -> Self {
        Self {
            period,
            season: Season::Window(7),
            trend: usual_trend(period, 7),
            low_pass: odd_above(period as f64),
            degrees: [1; 3],
            jumps: [1; 3],
            inner: 5,
            outer: 0,
        }
    }

    /// The usual settings with robust rounds: 2 inner, 15 outer.
    pub fn robust(period: usize) -> Self {
        Self {
            inner: 2,
            outer: 15,
            ..Self::new(period)
        }
    }

    fn check(&self) -> Result<(), Unanswerable> {
        if self.period < 2 {
            return Err(Unanswerable::Invalid(
                "a season needs a period of at least 2",
            ));
        }
        let odd = |window: usize| window >= 3 && window % 2 == 1;
        let season = match self.season {
            Season::Window(window) => odd(window),
            Season::Periodic => true,
        };
        if !(season && odd(self.trend) && odd(self.low_pass)) {
            return Err(Unanswerable::Invalid("windows must be odd and at least 3"));
        }
        if self.degrees.iter().any(|degree| *degree > 1) {
            return Err(Unanswerable::Invalid("degrees must be 0 or 1"));
        }
        if self.jumps.contains(&0) || self.inner == 0 {
            return Err(Unanswerable::Invalid(
                "jumps and inner rounds must be at least 1",
            ));
        }
        Ok(())
    }
}

/// The usual trend window for a period and a seasonal window.
pub fn usual_trend(period: usize, seasonal: usize) -> usize {
    let window = 1.5 * period as f64 / (1.0 - 1.5 / seasonal.max(2) as f64);
    let up = window.ceil() as usize;
    if up % 2 == 1 { up } else { up + 1 }
}

fn odd_above(value: f64) -> usize {
    let next = value.floor() as usize + 1;
    if next % 2 == 1 { next } else { next + 1 }
}

/// A decomposition: trend + seasonal + remainder is the series.
#[derive(Clone, Debug, PartialEq)]
pub struct Stl {
    /// The slow part.
    pub trend: Vec<f64>,
    /// The part that recurs.
    pub seasonal: Vec<f64>,
    /// What is left.
    pub remainder: Vec<f64>,
    /// How much each value counted, 0 to 1; all 1 where not robust.
    pub weights: Vec<f64>,
}

impl Stl {
    /// 1 − var(remainder)/var(trend + remainder), at least 0: how much of what is not season is
    /// trend. Source: Wang, Smith and Hyndman, *Data Mining and Knowledge Discovery* 13 (2006)
    /// 335–364. `None` where nothing varies.
    pub fn trend_strength(&self) -> Option<f64> {
        strength(&self.remainder, &self.trend, self.scale())
    }

    /// 1 − var(remainder)/var(seasonal + remainder), at least 0. `None` where nothing varies.
    pub fn seasonal_strength(&self) -> Option<f64> {
        strength(&self.remainder, &self.seasonal, self.scale())
    }

    /// The largest size of the trend.
    fn scale(&self) -> f64 {
        self.trend
            .iter()
            .fold(0.0, |largest, value| value.abs().max(largest))
    }
}

fn strength(remainder: &[f64], part: &[f64], scale: f64) -> Option<f64> {
    let both: Vec<f64> = remainder.iter().zip(part).map(|(a, b)| a + b).collect();
    let variance = |values: &[f64]| {
        let middle = mean(values);
        values
            .iter()
            .map(|value| (value - middle).powi(2))
            .sum::<f64>()
    };
    let whole = variance(&both);
    // Rounding varies too: a flat series has neither trend nor season.
    let rounding = (1e-10 * scale).powi(2) * both.len() as f64;
    (whole > rounding).then(|| (1.0 - variance(remainder) / whole).max(0.0))
}

/// Decompose `values`, in time order at equal spacing.
///
/// Refuses values that are missing (not finite), fewer than two periods, windows that are not odd,
/// and values too large to add up.
pub fn stl(values: &[f64], settings: &Settings) -> Result<Stl, Unanswerable> {
    check(values, settings)?;
    decompose(values, settings, &Smoothers::new(values.len(), settings))
}

/// [`stl`] for many series at once, on all threads. The local regressions are worked out once for
/// each length.
pub fn stl_many(series: &[Vec<f64>], settings: &Settings) -> Vec<Result<Stl, Unanswerable>> {
    let mut lengths: Vec<usize> = series.iter().map(Vec::len).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let usable = |n: &usize| settings.check().is_ok() && *n >= 2 * settings.period;
    let smoothers: HashMap<usize, Smoothers> = lengths
        .into_iter()
        .filter(usable)
        .map(|n| (n, Smoothers::new(n, settings)))
        .collect();
    let one = |values: &Vec<f64>| {
        check(values, settings)?;
        match smoothers.get(&values.len()) {
            Some(smoothers) => decompose(values, settings, smoothers),
            None => stl(values, settings),
        }
    };
    series.par_iter().map(one).collect()
}

fn check(values: &[f64], settings: &Settings) -> Result<(), Unanswerable> {
    settings.check()?;
    if values.iter().any(|value| !value.is_finite()) {
        return Err(Unanswerable::Invalid("values must be finite, none missing"));
    }
    let need = settings.period.saturating_mul(2);
    if values.len() < need {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: values.len(),
            need,
        });
    }
    Ok(())
}

fn decompose(
    values: &[f64],
    settings: &Settings,
    smoothers: &Smoothers,
) -> Result<Stl, Unanswerable> {
    let n = values.len();
    let mut trend = vec![0.0; n];
    let mut seasonal = vec![0.0; n];
    let mut weights = vec![1.0; n];
    for round in 0..=settings.outer {
        let robust = (round > 0).then_some(&*weights);
        for _ in 0..settings.inner {
            step(
                values,
                settings,
                smoothers,
                robust,
                &mut trend,
                &mut seasonal,
            );
        }
        if round < settings.outer {
            weights = robust_weights(values, &trend, &seasonal);
        }
    }
    if settings.season == Season::Periodic {
        average_over_years(&mut seasonal, settings.period);
    }
    let remainder = values.iter().zip(trend.iter().zip(&seasonal));
    let remainder: Vec<f64> = remainder.map(|(value, (t, s))| value - t - s).collect();
    if !remainder.iter().all(|value| value.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    Ok(Stl {
        trend,
        seasonal,
        remainder,
        weights,
    })
}

/// One round: a new season from what the trend leaves, a new trend from what the season leaves.
fn step(
    values: &[f64],
    settings: &Settings,
    smoothers: &Smoothers,
    robust: Option<&[f64]>,
    trend: &mut [f64],
    seasonal: &mut [f64],
) {
    let (n, period) = (values.len(), settings.period);
    let detrended: Vec<f64> = values.iter().zip(&*trend).map(|(y, t)| y - t).collect();
    // The season a period beyond either end, so that its slow part can be taken over whole years.
    let mut longer = vec![0.0; n + 2 * period];
    for first in 0..period {
        let part: Vec<f64> = detrended[first..].iter().step_by(period).copied().collect();
        let weights: Option<Vec<f64>> =
            robust.map(|weights| weights[first..].iter().step_by(period).copied().collect());
        let smoother = &smoothers.season[usize::from(part.len() > n / period)];
        let smoothed = smoother.smooth_beyond(&part, weights.as_deref());
        for (year, value) in smoothed.into_iter().enumerate() {
            longer[year * period + first] = value;
        }
    }
    let slow = moving_average(&moving_average(&moving_average(&longer, period), period), 3);
    let slow = smoothers.low_pass.smooth(&slow, None);
    for ((season, longer), slow) in seasonal.iter_mut().zip(&longer[period..]).zip(&slow) {
        *season = longer - slow;
    }
    let deseasonal: Vec<f64> = values.iter().zip(&*seasonal).map(|(y, s)| y - s).collect();
    trend.copy_from_slice(&smoothers.trend.smooth(&deseasonal, robust));
}

fn moving_average(values: &[f64], window: usize) -> Vec<f64> {
    let mut sum: f64 = values[..window].iter().sum();
    let length = window as f64;
    let mut averages = Vec::with_capacity(values.len() + 1 - window);
    averages.push(sum / length);
    for (enters, leaves) in values[window..].iter().zip(values) {
        sum += enters - leaves;
        averages.push(sum / length);
    }
    averages
}

/// Bisquare weights of what season and trend leave over, against six times its median size.
fn robust_weights(values: &[f64], trend: &[f64], seasonal: &[f64]) -> Vec<f64> {
    let left = values.iter().zip(trend.iter().zip(seasonal));
    let left: Vec<f64> = left.map(|(y, (t, s))| (y - t - s).abs()).collect();
    let mut sorted = left.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    let bound = 3.0 * (sorted[n / 2] + sorted[(n - 1) / 2]);
    let weight = |left: &f64| {
        if *left <= 0.001 * bound {
            1.0
        } else if *left <= 0.999 * bound {
            (1.0 - (left / bound).powi(2)).powi(2)
        } else {
            0.0
        }
    };
    left.iter().map(weight).collect()
}

fn average_over_years(seasonal: &mut [f64], period: usize) {
    for first in 0..period {
        let values: Vec<f64> = seasonal[first..].iter().step_by(period).copied().collect();
        let average = mean(&values);
        for value in seasonal[first..].iter_mut().step_by(period) {
            *value = average;
        }
    }
}

/// The local regressions of one decomposition. Without robust weights each is a fixed set of
/// weighted sums, worked out once.
struct Smoothers {
    /// For the months with fewer years, and with one more.
    season: [Loess; 2],
    trend: Loess,
    low_pass: Loess,
}

impl Smoothers {
    fn new(n: usize, settings: &Settings) -> Self {
        let Settings {
            period,
            degrees,
            jumps,
            ..
        } = *settings;
        let (window, degree) = match settings.season {
            Season::Window(window) => (window, degrees[0]),
            Season::Periodic => (10 * n + 1, 0),
        };
        let season = |years: usize| Loess::new(years, window, degree, jumps[0]);
        Self {
            season: [season(n / period), season(n / period + 1)],
            trend: Loess::new(n, settings.trend, degrees[1], jumps[1]),
            low_pass: Loess::new(n, settings.low_pass, degrees[2], jumps[2]),
        }
    }
}

/// Local regression at equal spacing.
struct Loess {
    n: usize,
    degree: usize,
    jump: usize,
    /// The fit at each fitted place, and one step before the first and after the last.
    fits: Vec<Kernel>,
    before: Kernel,
    after: Kernel,
}

/// The fit at one place: which values it uses, their tricube weights, and the sums' coefficients
/// where nothing is weighted down.
struct Kernel {
    place: f64,
    used: Range<usize>,
    tricube: Vec<f64>,
    coefficients: Vec<f64>,
}

impl Loess {
    fn new(n: usize, window: usize, degree: usize, jump: usize) -> Self {
        let jump = jump.min(n.saturating_sub(1)).max(1);
        let kernel = |place: f64, used: Range<usize>| Kernel::new(place, used, n, window, degree);
        let mut places: Vec<usize> = (0..n).step_by(jump).collect();
        if places.last() != Some(&n.saturating_sub(1)) {
            places.push(n - 1);
        }
        let around = |place: &usize| kernel(*place as f64, neighbours(*place, n, window));
        let edge = window.min(n);
        Self {
            n,
            degree,
            jump,
            fits: places.iter().map(around).collect(),
            before: kernel(-1.0, 0..edge),
            after: kernel(n as f64, n - edge..n),
        }
    }

    fn smooth(&self, values: &[f64], weights: Option<&[f64]>) -> Vec<f64> {
        let fit = |kernel: &Kernel| {
            let fitted = kernel.fit(values, weights, self.n, self.degree);
            // Where everything is weighted down the value itself stands.
            fitted.unwrap_or(values[kernel.place as usize])
        };
        if self.jump == 1 {
            return self.fits.iter().map(fit).collect();
        }
        let mut smoothed = Vec::with_capacity(self.n);
        let mut last = None;
        for kernel in &self.fits {
            let (place, value) = (kernel.place, fit(kernel));
            if let Some((from, start)) = last {
                let slope = (value - start) / (place - from);
                let steps = (place - from) as usize;
                smoothed.extend((1..steps).map(|step| start + slope * step as f64));
            }
            smoothed.push(value);
            last = Some((place, value));
        }
        smoothed
    }

    /// The same with one step before the first and one after the last.
    fn smooth_beyond(&self, values: &[f64], weights: Option<&[f64]>) -> Vec<f64> {
        let inside = self.smooth(values, weights);
        let before = self.before.fit(values, weights, self.n, self.degree);
        let after = self.after.fit(values, weights, self.n, self.degree);
        let (first, last) = (inside[0], inside[self.n - 1]);
        let mut all = Vec::with_capacity(self.n + 2);
        all.push(before.unwrap_or(first));
        all.extend(inside);
        all.push(after.unwrap_or(last));
        all
    }
}

/// The `window` values nearest to a place.
fn neighbours(place: usize, n: usize, window: usize) -> Range<usize> {
    if window >= n {
        return 0..n;
    }
    let first = place.saturating_sub(window / 2).min(n - window);
    first..first + window
}

impl Kernel {
    fn new(place: f64, used: Range<usize>, n: usize, window: usize, degree: usize) -> Self {
        let (first, last) = (used.start as f64, used.end as f64 - 1.0);
        let mut reach = (place - first).max(last - place);
        if window > n {
            reach += ((window - n) / 2) as f64;
        }
        let tricube = |index: usize| {
            let away = (index as f64 - place).abs();
            if away > 0.999 * reach {
                0.0
            } else if away > 0.001 * reach {
                (1.0 - (away / reach).powi(3)).powi(3)
            } else {
                1.0
            }
        };
        let mut kernel = Self {
            place,
            tricube: used.clone().map(tricube).collect(),
            used,
            coefficients: Vec::new(),
        };
        kernel.coefficients = kernel
            .weigh(kernel.tricube.clone(), n, degree)
            .unwrap_or_default();
        kernel
    }

    /// Turns weights into the coefficients of the local fit at the place; `None` where nothing has
    /// weight.
    fn weigh(&self, mut weights: Vec<f64>, n: usize, degree: usize) -> Option<Vec<f64>> {
        let sum: f64 = weights.iter().sum();
        if sum <= 0.0 {
            return None;
        }
        for weight in &mut weights {
            *weight /= sum;
        }
        if degree > 0 {
            let places = || self.used.clone().map(|index| index as f64);
            let middle: f64 = places()
                .zip(&weights)
                .map(|(place, weight)| place * weight)
                .sum();
            let spread: f64 = places()
                .zip(&weights)
                .map(|(place, w)| w * (place - middle).powi(2))
                .sum();
            // A line through one place, or nearly one, has no slope.
            if spread.sqrt() > 0.001 * (n as f64 - 1.0) {
                let slope = (self.place - middle) / spread;
                for (weight, place) in weights.iter_mut().zip(places()) {
                    *weight *= 1.0 + slope * (place - middle);
                }
            }
        }
        Some(weights)
    }

    fn fit(&self, values: &[f64], weights: Option<&[f64]>, n: usize, degree: usize) -> Option<f64> {
        let values = &values[self.used.clone()];
        let sum = |coefficients: &[f64]| coefficients.iter().zip(values).map(|(c, y)| c * y).sum();
        match weights {
            None if self.coefficients.is_empty() => None,
            None => Some(sum(&self.coefficients)),
            Some(weights) => {
                let weights = self.tricube.iter().zip(&weights[self.used.clone()]);
                let weights = weights.map(|(tricube, weight)| tricube * weight).collect();
                Some(sum(&self.weigh(weights, n, degree)?))
            }
        }
    }
}
