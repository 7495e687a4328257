//! Covariates put in a shape to regress on: centred, at one scale, case by case.

use std::ops::Range;

use super::cases::ONE_EACH;
use crate::Unanswerable;

/// A covariate that spreads by less than this share of its size does not vary.
const CONSTANT: f64 = 1e-12;

/// Covariates with mean 0 and mean square 1, one row a case. Centring changes no coefficient of a
/// model whose baseline is free, and keeps exponentials within range.
#[derive(Clone, Debug)]
pub(super) struct Design {
    /// Number of covariates.
    pub(super) columns: usize,
    /// Rows side by side.
    pub(super) values: Vec<f64>,
    pub(super) means: Vec<f64>,
    /// What one unit of a scaled covariate is in its own unit.
    pub(super) scales: Vec<f64>,
}

impl Design {
    /// The rows of `covariates` (one slice a covariate) in this `order` of cases.
    ///
    /// Refuses no covariates, lengths that differ, values that are not finite and covariates that
    /// do not vary.
    pub(super) fn new(covariates: &[&[f64]], order: &[u32]) -> Result<Self, Unanswerable> {
        let columns = covariates.len();
        if columns == 0 {
            return Err(Unanswerable::TooFew {
                what: "covariates",
                have: 0,
                need: 1,
            });
        }
        // As many covariates as cases always depend on each other once centred.
        if columns >= order.len() {
            return Err(Unanswerable::Collinear);
        }
        let mut design = Self {
            columns,
            values: vec![0.0; order.len() * columns],
            means: Vec::with_capacity(columns),
            scales: Vec::with_capacity(columns),
        };
        for (column, values) in covariates.iter().enumerate() {
            if values.len() != order.len() {
                return Err(ONE_EACH);
            }
            let (mean, scale) = centre_and_scale(values)?;
            for (row, &case) in design.values.chunks_exact_mut(columns).zip(order) {
                row[column] = (values[case as usize] - mean) / scale;
            }
            design.means.push(mean);
            design.scales.push(scale);
        }
        Ok(design)
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub(super) fn rows(&self, rows: Range<usize>) -> impl Iterator<Item = &[f64]> {
        self.values[rows.start * self.columns..rows.end * self.columns].chunks_exact(self.columns)
    }

    /// exp(xβ) of every row into `risks`.
    pub(super) fn risks(&self, beta: &[f64], risks: &mut Vec<f64>) {
        risks.clear();
        let risk = |row: &[f64]| dot(row, beta).exp();
        risks.extend(self.values.chunks_exact(self.columns).map(risk));
    }

    /// Scaled coefficients in the units of the covariates.
    pub(super) fn unscaled(&self, beta: &[f64]) -> Vec<f64> {
        beta.iter().zip(&self.scales).map(|(b, s)| b / s).collect()
    }

    /// And back.
    pub(super) fn scaled(&self, beta: &[f64]) -> Vec<f64> {
        beta.iter().zip(&self.scales).map(|(b, s)| b * s).collect()
    }

    /// A covariance of scaled coefficients in the units of the covariates.
    pub(super) fn unscaled_covariance(
        &self,
        covariance: &nalgebra::DMatrix<f64>,
    ) -> nalgebra::DMatrix<f64> {
        nalgebra::DMatrix::from_fn(self.columns, self.columns, |i, j| {
            covariance[(i, j)] / (self.scales[i] * self.scales[j])
        })
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn centre_and_scale(values: &[f64]) -> Result<(f64, f64), Unanswerable> {
    if values.iter().any(|value| !value.is_finite()) {
        return Err(Unanswerable::Invalid("covariates must be finite"));
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / n;
    let scale = square.sqrt();
    if !(mean.is_finite() && scale.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    if scale <= CONSTANT * mean.abs() || scale < f64::MIN_POSITIVE {
        return Err(Unanswerable::Constant);
    }
    Ok((mean, scale))
}

/// Sums over the cases at risk: of their risks, of risk × covariates, and of risk × products of
/// two covariates (the half with the second no later than the first).
#[derive(Clone, Debug)]
pub(super) struct Sums {
    pub(super) risk: f64,
    pub(super) first: Vec<f64>,
    pub(super) second: Vec<f64>,
}

impl Sums {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            risk: 0.0,
            first: vec![0.0; columns],
            second: vec![0.0; columns * (columns + 1) / 2],
        }
    }

    pub(super) fn clear(&mut self) {
        self.risk = 0.0;
        self.first.fill(0.0);
        self.second.fill(0.0);
    }

    /// Adds a case; a negative risk takes it away again.
    #[inline]
    pub(super) fn add(&mut self, row: &[f64], risk: f64) {
        self.risk += risk;
        let mut seconds = self.second.iter_mut();
        for (i, (first, &a)) in self.first.iter_mut().zip(row).enumerate() {
            let weighted = risk * a;
            *first += weighted;
            for (second, &b) in seconds.by_ref().take(i + 1).zip(&row[..=i]) {
                *second += weighted * b;
            }
        }
    }

    /// Adds the cases of these `rows`.
    pub(super) fn add_rows(&mut self, design: &Design, risks: &[f64], rows: Range<usize>) {
        for (row, &risk) in design.rows(rows.clone()).zip(&risks[rows]) {
            self.add(row, risk);
        }
    }

    /// Adds the sums of other cases.
    pub(super) fn add_all(&mut self, other: &Self) {
        self.risk += other.risk;
        for (ours, theirs) in self.parts().zip(other.first.iter().chain(&other.second)) {
            *ours += theirs;
        }
    }

    pub(super) fn scale(&mut self, factor: f64) {
        self.risk *= factor;
        self.parts().for_each(|sum| *sum *= factor);
    }

    fn parts(&mut self) -> impl Iterator<Item = &mut f64> {
        self.first.iter_mut().chain(&mut self.second)
    }
}
