//! Change points: when did the level of a series change, if it did?
//!
//! Cuts a series into segments so that cost + penalty × changes is smallest, by the pruned exact
//! linear time search (PELT), which finds the best of all possible cuttings. The cost of a segment
//! is twice its negative log-likelihood under the kind of [`Change`] looked for.
//!
//! Source: Killick, Fearnhead and Eckley, *Journal of the American Statistical Association* 107
//! (2012) 1590–1598. By default one more change costs (parameters of a segment + 2)·ln n, ln n more
//! than in Bayes's information criterion, because the place of a change is chosen and not given
//! (after Zhang and Siegmund, *Biometrics* 63 (2007) 22–32). Of noise
//! series of 60 values at most one in twenty is then cut.
//!
//! **How it can mislead.** A trend or a season is cut into steps, and a series that remembers its
//! own past (autocorrelation) drifts into segments that mean nothing: take season and trend out
//! first. The place of a change is uncertain by several periods. A change found is not a change
//! explained.

use crate::Unanswerable;
use crate::summary::quantile;

/// What changes from one segment to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// The level; the spread stays the same. The spread is estimated from the differences between
    /// neighbours (their median size ÷ 0.9539), which a few changes of level do not disturb.
    Level,
    /// Level and spread.
    LevelAndSpread,
    /// The rate of a Poisson count.
    Rate,
}

impl Change {
    /// Numbers that describe one segment.
    fn parameters(self) -> f64 {
        match self {
            Self::Level | Self::Rate => 1.0,
            Self::LevelAndSpread => 2.0,
        }
    }
}

/// How changes are looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What changes.
    pub change: Change,
    /// Fewest values in a segment, at least 1, or 2 for [`Change::LevelAndSpread`]. Default 6.
    pub shortest: usize,
    /// Cost of one more change, on the scale of twice the log-likelihood; `None` for the default.
    pub penalty: Option<f64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            change: Change::Level,
            shortest: 6,
            penalty: None,
        }
    }
}

/// One stretch between two changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Index of its first value in the slice given.
    pub first: usize,
    /// Index of its last value.
    pub last: usize,
    /// Values in it, missing ones not counted.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (÷ n).
    pub spread: f64,
    /// What the cut before this segment gains over having none there, on the scale of twice the
    /// log-likelihood; `None` for the first. It exceeds the penalty.
    pub gain: Option<f64>,
}

/// The best cutting of `values`, given in time order; `None` or not finite where missing.
///
/// One segment means that no change is worth its penalty. Refuses fewer values than one segment
/// needs, negative counts for [`Change::Rate`], and, for [`Change::Level`], a series where more
/// than half of the neighbours are equal, so that no spread can be told.
pub fn change_points(
    values: &[Option<f64>],
    settings: &Settings,
) -> Result<Vec<Segment>, Unanswerable> {
    let held: Vec<(usize, f64)> = values
        .iter()
        .enumerate()
        .filter_map(|(index, value)| Some((index, value.filter(|value| value.is_finite())?)))
        .collect();
    let shortest = match settings.change {
        Change::LevelAndSpread => settings.shortest.max(2),
        Change::Level | Change::Rate => settings.shortest.max(1),
    };
    if held.len() < shortest.max(2) {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: held.len(),
            need: shortest.max(2),
        });
    }
    if settings.change == Change::Rate && held.iter().any(|(_, value)| *value < 0.0) {
        return Err(Unanswerable::Invalid("counts must be 0 or more"));
    }
    let penalty = match settings.penalty {
        Some(penalty) if penalty >= 0.0 && penalty.is_finite() => penalty,
        Some(_) => {
            return Err(Unanswerable::Invalid(
                "the penalty must be finite and 0 or more",
            ));
        }
        None => (settings.change.parameters() + 2.0) * (held.len() as f64).ln(),
    };
    let cost = Cost::of(&held, settings.change)?;
    let cuts = search(&cost, held.len(), shortest, penalty);
    Ok(segments(&held, &cost, &cuts))
}

/// Running sums, from which the cost of any segment follows at once.
struct Cost {
    change: Change,
    /// Σx of the first so many values, less their common mean.
    sum: Vec<f64>,
    /// Σx².
    squares: Vec<f64>,
    /// Taken off each value before summing, so that sums of large values keep their digits.
    origin: f64,
    /// σ² of [`Change::Level`]; the smallest variance allowed of [`Change::LevelAndSpread`].
    variance: f64,
}

impl Cost {
    fn of(held: &[(usize, f64)], change: Change) -> Result<Self, Unanswerable> {
        let values: Vec<f64> = held.iter().map(|(_, value)| *value).collect();
        let origin = match change {
            Change::Rate => 0.0,
            Change::Level | Change::LevelAndSpread => crate::summary::mean(&values),
        };
        let running = |term: fn(f64) -> f64| {
            let sums = values.iter().scan(0.0, move |sum, value| {
                *sum += term(value - origin);
                Some(*sum)
            });
            std::iter::once(0.0).chain(sums).collect::<Vec<f64>>()
        };
        let (sum, squares) = (running(|x| x), running(|x| x * x));
        let total = squares[values.len()];
        if !(total.is_finite() && sum[values.len()].is_finite()) {
            return Err(Unanswerable::Overflow);
        }
        let variance = match change {
            Change::Level => noise(&values).ok_or(Unanswerable::Constant)?.powi(2),
            // Equal neighbours must not look infinitely certain.
            Change::LevelAndSpread if total > 0.0 => 1e-6 * total / values.len() as f64,
            Change::LevelAndSpread => return Err(Unanswerable::Constant),
            Change::Rate => 1.0,
        };
        Ok(Self {
            change,
            sum,
            squares,
            origin,
            variance,
        })
    }

    fn mean(&self, from: usize, to: usize) -> f64 {
        (self.sum[to] - self.sum[from]) / (to - from) as f64
    }

    fn deviance(&self, from: usize, to: usize) -> f64 {
        let sum = self.sum[to] - self.sum[from];
        let squares = self.squares[to] - self.squares[from];
        (squares - sum * sum / (to - from) as f64).max(0.0)
    }

    /// Twice the negative log-likelihood of the values `from..to`, but for what no cut changes.
    fn cost(&self, from: usize, to: usize) -> f64 {
        let n = (to - from) as f64;
        match self.change {
            Change::Level => self.deviance(from, to) / self.variance,
            Change::LevelAndSpread => n * (self.deviance(from, to) / n).max(self.variance).ln(),
            Change::Rate => {
                let events = self.sum[to] - self.sum[from];
                if events > 0.0 {
                    2.0 * events * (1.0 - (events / n).ln())
                } else {
                    0.0
                }
            }
        }
    }
}

/// Standard deviation of the noise around a level that changes now and then: the median size of a
/// difference between neighbours is 0.6745·√2 of it.
fn noise(values: &[f64]) -> Option<f64> {
    let mut steps: Vec<f64> = values
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .collect();
    steps.sort_unstable_by(f64::total_cmp);
    let noise = quantile(&steps, 0.5) / (0.674_489_750_196_081_7 * std::f64::consts::SQRT_2);
    (noise > 0.0 && noise.is_finite()).then_some(noise)
}

/// The starts of the segments of the best cutting, the first included.
fn search(cost: &Cost, n: usize, shortest: usize, penalty: f64) -> Vec<usize> {
    // best[t]: lowest cost of the first t values; before[t]: where its last segment begins.
    let mut best = vec![f64::INFINITY; n + 1];
    let mut before = vec![0; n + 1];
    best[0] = -penalty;
    // Starts still in question, each with the length at which it falls away.
    let mut open = vec![(0, usize::MAX)];
    for to in shortest..=n {
        open.retain(|(_, until)| to < *until);
        let costs: Vec<f64> = open
            .iter()
            .map(|(from, _)| best[*from] + cost.cost(*from, to))
            .collect();
        for ((from, _), &total) in open.iter().zip(&costs) {
            if total + penalty < best[to] {
                best[to] = total + penalty;
                before[to] = *from;
            }
        }
        // A start that is dearer than the best cutting already cannot become best once a segment
        // could begin here.
        for ((_, until), total) in open.iter_mut().zip(costs) {
            if total > best[to] {
                *until = (*until).min(to + shortest);
            }
        }
        if to + 1 >= 2 * shortest {
            open.push((to + 1 - shortest, usize::MAX));
        }
    }
    let mut cuts = Vec::new();
    let mut to = n;
    while to > 0 {
        to = before[to];
        cuts.push(to);
    }
    cuts.reverse();
    cuts
}

fn segments(held: &[(usize, f64)], cost: &Cost, cuts: &[usize]) -> Vec<Segment> {
    let end = |place: usize| cuts.get(place + 1).copied().unwrap_or(held.len());
    let segment = |(place, &from): (usize, &usize)| {
        let to = end(place);
        let gain = place.checked_sub(1).map(|earlier| {
            let start = cuts[earlier];
            cost.cost(start, to) - cost.cost(start, from) - cost.cost(from, to)
        });
        Segment {
            first: held[from].0,
            last: held[to - 1].0,
            n: to - from,
            mean: cost.origin + cost.mean(from, to),
            spread: (cost.deviance(from, to) / (to - from) as f64).sqrt(),
            gain,
        }
    };
    cuts.iter().enumerate().map(segment).collect()
}
