//! The parameters and first states under which a series is most likely.
//!
//! The likelihood of either kind of error is a sum of squares: n·ln Σε² + 2·Σln μ is
//! n·ln Σ(ε·G)² with G the geometric mean of the means. So Levenberg and Marquardt's method finds the
//! best of it, with derivatives carried along the recursion. Variables that rest on a bound and would
//! leave it are held there.

use nalgebra::{DMatrix, DVector};

use super::{Errors, Model, Season, Settings, Smoothing, State, Trend};
use crate::Unanswerable;

/// Rounds after which a search is given up where it stands.
const ROUNDS: usize = 60;
/// Relative gain at which a search ends.
const SETTLED: f64 = 1e-9;
/// Bounds of α, lest the level never move or forget everything.
const LEVEL: (f64, f64) = (1e-4, 0.9999);
/// α from which searches start; the best end counts.
const STARTS: [f64; 3] = [0.05, 0.3, 0.8];

pub(super) fn best(
    values: &[f64],
    period: usize,
    model: Model,
    settings: &Settings,
) -> Result<(Smoothing, State), Unanswerable> {
    let layout = Layout::of(model, period);
    let first = first_guess(values, period, model);
    let problem = Problem {
        values,
        layout,
        model,
        settings,
    };
    let start = |level: f64| {
        let mut point = DVector::zeros(layout.count);
        point[LEVEL_PLACE] = level;
        if let Some(place) = layout.trend {
            point[place] = 0.1;
            point[layout.state + 1] = first.trend;
        }
        if let Some(place) = layout.season {
            point[place] = 0.1;
            for (index, season) in first.season.iter().take(period - 1).enumerate() {
                point[layout.first_season + index] = *season;
            }
        }
        if let Some(place) = layout.damping {
            point[place] = 0.5 * (settings.damping.0 + settings.damping.1);
        }
        point[layout.state] = first.level;
        point
    };
    let found = STARTS
        .into_iter()
        .filter_map(|level| problem.descend(start(level)));
    let found = found.min_by(|(a, _), (b, _)| a.total_cmp(b));
    let (_, point) = found.ok_or(Unanswerable::NoConvergence)?;
    Ok((problem.smoothing(&point), problem.first_state(&point)))
}

/// Where each variable lies in a point: α; then, as far as the model has them, β/α, γ/(1 − α), φ; then
/// first level, trend and all seasons but the last, which their fixed sum decides.
#[derive(Clone, Copy)]
struct Layout {
    trend: Option<usize>,
    season: Option<usize>,
    damping: Option<usize>,
    /// The first level; the first trend follows it.
    state: usize,
    first_season: usize,
    count: usize,
    period: usize,
}

const LEVEL_PLACE: usize = 0;

impl Layout {
    fn of(model: Model, period: usize) -> Self {
        let mut next = 1;
        let mut take = |wanted: bool| {
            wanted.then(|| {
                next += 1;
                next - 1
            })
        };
        let trend = take(model.trend != Trend::None);
        let season = take(model.season != Season::None);
        let damping = take(model.trend == Trend::Damped);
        let state = next;
        let first_season = state + 1 + usize::from(trend.is_some());
        let seasons = if season.is_some() { period - 1 } else { 0 };
        Self {
            trend,
            season,
            damping,
            state,
            first_season,
            count: first_season + seasons,
            period,
        }
    }
}

struct Problem<'a> {
    values: &'a [f64],
    layout: Layout,
    model: Model,
    settings: &'a Settings,
}

/// The objective at a point: Σr², its half gradient Jᵀr and its curvature JᵀJ.
struct Slope {
    objective: f64,
    gradient: DVector<f64>,
    curvature: DMatrix<f64>,
}

impl Problem<'_> {
    fn smoothing(&self, point: &DVector<f64>) -> Smoothing {
        let level = point[LEVEL_PLACE];
        Smoothing {
            level,
            trend: self.layout.trend.map_or(0.0, |place| level * point[place]),
            season: self
                .layout
                .season
                .map_or(0.0, |place| (1.0 - level) * point[place]),
            damping: self.layout.damping.map_or(1.0, |place| point[place]),
        }
    }

    fn first_state(&self, point: &DVector<f64>) -> State {
        let layout = self.layout;
        let mut season: Vec<f64> = point
            .rows_range(layout.first_season..)
            .iter()
            .copied()
            .collect();
        if self.model.season != Season::None {
            let sum = match self.model.season {
                Season::Multiplicative => layout.period as f64,
                Season::None | Season::Additive => 0.0,
            };
            season.push(sum - season.iter().sum::<f64>());
        }
        State {
            level: point[layout.state],
            trend: layout.trend.map_or(0.0, |_| point[layout.state + 1]),
            season,
        }
    }

    fn bounds(&self, place: usize) -> (f64, f64) {
        if place == LEVEL_PLACE {
            LEVEL
        } else if self.layout.damping == Some(place) {
            self.settings.damping
        } else if place < self.layout.state {
            (0.0, 1.0)
        } else {
            (f64::NEG_INFINITY, f64::INFINITY)
        }
    }

    /// From a point downhill to where it is level; `None` where the start itself has no value.
    fn descend(&self, mut point: DVector<f64>) -> Option<(f64, DVector<f64>)> {
        let mut slope = self.slope(&point)?;
        let mut caution = 1e-3;
        for _ in 0..ROUNDS {
            let Some(next) = self.step(&point, &slope, caution) else {
                break;
            };
            match self
                .slope(&next)
                .filter(|next| next.objective < slope.objective)
            {
                Some(lower) => {
                    let gain = slope.objective - lower.objective;
                    let settled = gain <= SETTLED * slope.objective;
                    (point, slope) = (next, lower);
                    caution = (caution * 0.2).max(1e-12);
                    if settled {
                        break;
                    }
                }
                None if caution > 1e6 => break,
                None => caution *= 8.0,
            }
        }
        Some((slope.objective, point))
    }

    /// A damped Gauss–Newton step, kept within the bounds.
    fn step(&self, point: &DVector<f64>, slope: &Slope, caution: f64) -> Option<DVector<f64>> {
        let n = self.layout.count;
        let free: Vec<usize> = (0..n)
            .filter(|&place| {
                let (low, high) = self.bounds(place);
                let downhill = -slope.gradient[place];
                !(point[place] <= low && downhill < 0.0 || point[place] >= high && downhill > 0.0)
            })
            .collect();
        let mut curvature = slope.curvature.select_rows(&free).select_columns(&free);
        for (place, &variable) in free.iter().enumerate() {
            let own = slope.curvature[(variable, variable)];
            curvature[(place, place)] = own * (1.0 + caution) + f64::MIN_POSITIVE;
            // A variable that moves nothing stays where it is.
            if own <= 0.0 {
                curvature[(place, place)] = 1.0;
            }
        }
        let downhill = -slope.gradient.select_rows(&free);
        let step = curvature.cholesky()?.solve(&downhill);
        let mut next = point.clone();
        for (&variable, step) in free.iter().zip(step.iter()) {
            let (low, high) = self.bounds(variable);
            next[variable] = (next[variable] + step).clamp(low, high);
        }
        next.iter().all(|value| value.is_finite()).then_some(next)
    }

    /// Runs the model and, beside it, the derivative of every state by every variable.
    fn slope(&self, point: &DVector<f64>) -> Option<Slope> {
        let layout = self.layout;
        let n = layout.count;
        let Smoothing {
            level: alpha,
            trend: beta,
            season: gamma,
            damping: phi,
        } = self.smoothing(point);
        let State {
            mut level,
            mut trend,
            mut season,
        } = self.first_state(point);
        let multiplies = self.model.season == Season::Multiplicative;
        let relative = self.model.errors == Errors::Multiplicative && !self.settings.least_squares;

        let mut d_level = vec![0.0; n];
        let mut d_trend = vec![0.0; n];
        let mut d_season = vec![0.0; n * season.len()];
        d_level[layout.state] = 1.0;
        if layout.trend.is_some() {
            d_trend[layout.state + 1] = 1.0;
        }
        for index in 0..season.len().saturating_sub(1) {
            d_season[index * n + layout.first_season + index] = 1.0;
            d_season[(season.len() - 1) * n + layout.first_season + index] = -1.0;
        }

        let mut squares = 0.0;
        let mut logs = 0.0;
        let mut d_logs = vec![0.0; n];
        let mut half_gradient = vec![0.0; n];
        let mut curvature = vec![0.0; n * n];
        let mut d_ahead = vec![0.0; n];
        let mut d_error = vec![0.0; n];
        let mut d_residual = vec![0.0; n];
        for (time, value) in self.values.iter().enumerate() {
            let place = if season.is_empty() {
                0
            } else {
                time % season.len()
            };
            let now = season.get(place).copied().unwrap_or(0.0);
            let ahead = level + phi * trend;
            for ((to, l), b) in d_ahead.iter_mut().zip(&d_level).zip(&d_trend) {
                *to = l + phi * b;
            }
            if let Some(variable) = layout.damping {
                d_ahead[variable] += trend;
            }
            let d_now = &mut d_season[place * n..][..if season.is_empty() { 0 } else { n }];
            let mean = match self.model.season {
                Season::None => {
                    d_error
                        .iter_mut()
                        .zip(&d_ahead)
                        .for_each(|(to, a)| *to = -a);
                    ahead
                }
                Season::Additive => {
                    for ((to, a), s) in d_error.iter_mut().zip(&d_ahead).zip(&*d_now) {
                        *to = -(a + s);
                    }
                    ahead + now
                }
                Season::Multiplicative => {
                    for ((to, a), s) in d_error.iter_mut().zip(&d_ahead).zip(&*d_now) {
                        *to = -(now * a + ahead * s);
                    }
                    ahead * now
                }
            };
            let error = value - mean;
            if relative {
                if mean <= 0.0 {
                    return None;
                }
                let part = error / mean;
                squares += part * part;
                logs += mean.ln();
                for ((to, e), log) in d_residual.iter_mut().zip(&d_error).zip(&mut d_logs) {
                    *to = (1.0 + part) * e / mean;
                    *log -= e / mean;
                }
                gather(&mut half_gradient, &mut curvature, &d_residual, part);
            } else {
                squares += error * error;
                gather(&mut half_gradient, &mut curvature, &d_error, error);
            }

            // Errors as level and trend see them, then as the season does.
            let of_level = if multiplies { error / now } else { error };
            for (index, (l, b)) in d_level.iter_mut().zip(&mut d_trend).enumerate() {
                let own = if multiplies {
                    (d_error[index] - of_level * d_now[index]) / now
                } else {
                    d_error[index]
                };
                *l = d_ahead[index] + alpha * own;
                *b = phi * *b + beta * own;
            }
            d_level[LEVEL_PLACE] += of_level;
            if let Some(variable) = layout.trend {
                // β = α·(β/α).
                d_trend[LEVEL_PLACE] += of_level * point[variable];
                d_trend[variable] += of_level * alpha;
            }
            if let Some(variable) = layout.damping {
                d_trend[variable] += trend;
            }
            if let Some(variable) = layout.season {
                let of_season = if multiplies { error / ahead } else { error };
                for ((s, e), a) in d_now.iter_mut().zip(&d_error).zip(&d_ahead) {
                    let own = if multiplies {
                        (e - of_season * a) / ahead
                    } else {
                        *e
                    };
                    *s += gamma * own;
                }
                // γ = (1 − α)·(γ/(1 − α)).
                d_now[LEVEL_PLACE] -= of_season * point[variable];
                d_now[variable] += of_season * (1.0 - alpha);
                season[place] += gamma * of_season;
            }
            level = ahead + alpha * of_level;
            trend = phi * trend + beta * of_level;
        }

        let mut gradient = DVector::from_vec(half_gradient);
        let mut curvature = DMatrix::from_vec(n, n, curvature);
        for row in 0..n {
            for column in 0..row {
                curvature[(row, column)] = curvature[(column, row)];
            }
        }
        let mut objective = squares;
        if relative {
            // Residuals are the relative errors times the geometric mean of the means.
            let scale = (2.0 * logs / self.values.len() as f64).exp();
            let d_scale = DVector::from_vec(d_logs) / self.values.len() as f64;
            curvature += &gradient * d_scale.transpose() + &d_scale * gradient.transpose();
            curvature += &d_scale * d_scale.transpose() * squares;
            gradient += &d_scale * squares;
            objective *= scale;
            gradient *= scale;
            curvature *= scale;
        }
        let usable = objective.is_finite() && gradient.iter().all(|value| value.is_finite());
        usable.then_some(Slope {
            objective,
            gradient,
            curvature,
        })
    }
}

/// Adds one residual and its derivatives to Jᵀr and the upper half (by column) of JᵀJ.
fn gather(gradient: &mut [f64], curvature: &mut [f64], derivatives: &[f64], residual: f64) {
    let n = derivatives.len();
    for (place, (gradient, derivative)) in gradient.iter_mut().zip(derivatives).enumerate() {
        *gradient += derivative * residual;
        let column = &mut curvature[place * n..=place * n + place];
        for (sum, other) in column.iter_mut().zip(derivatives) {
            *sum += derivative * other;
        }
    }
}

/// Level and trend of a line through the values less their season, and the season as the average
/// over the years of what a line leaves over.
fn first_guess(values: &[f64], period: usize, model: Model) -> State {
    let multiplies = model.season == Season::Multiplicative;
    let (level, trend) = line(values);
    let season: Vec<f64> = if model.season == Season::None {
        Vec::new()
    } else {
        let average = |place: usize| {
            let part = values.iter().enumerate().skip(place).step_by(period);
            let beyond = |(time, value): (usize, &f64)| {
                let fitted = level + trend * time as f64;
                if multiplies {
                    value / fitted
                } else {
                    value - fitted
                }
            };
            let beyond: Vec<f64> = part.map(beyond).collect();
            crate::summary::mean(&beyond)
        };
        let season: Vec<f64> = (0..period).map(average).collect();
        let middle = crate::summary::mean(&season);
        let centre = |value: f64| {
            if multiplies {
                value / middle
            } else {
                value - middle
            }
        };
        season.into_iter().map(centre).collect()
    };
    let flat = model.trend == Trend::None;
    State {
        level: if flat {
            crate::summary::mean(&values[..values.len().min(period.max(4))])
        } else {
            level - trend
        },
        trend: if flat { 0.0 } else { trend },
        season,
    }
}

fn line(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let mean = crate::summary::mean(values);
    let (mut above, mut below) = (0.0, 0.0);
    for (time, value) in values.iter().enumerate() {
        let time = time as f64 - middle;
        above += time * (value - mean);
        below += time * time;
    }
    let slope = if below > 0.0 { above / below } else { 0.0 };
    (mean - slope * middle, slope)
}
