//! A panel laid out by unit, and its columns with unit and time effects taken out.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::Panel;
use crate::Unanswerable;

/// A pivot smaller than this share of its diagonal is rounding.
const ROUNDING: f64 = 1e-11;

/// Rows by unit (and by time where every unit has every time once).
pub(super) struct Layout {
    /// Place of each row of the input, `None` for a row that is alone in its unit or time and says
    /// nothing.
    places: Vec<Option<usize>>,
    pub(super) rows: usize,
    /// Where each unit's rows begin, and the end.
    pub(super) starts: Vec<usize>,
    /// Time of each place.
    pub(super) time: Vec<usize>,
    pub(super) times: usize,
    /// Cluster of each unit.
    pub(super) cluster: Vec<usize>,
    pub(super) clusters: usize,
    pub(super) effects: Effects,
}

/// How unit and time effects are taken out.
pub(super) enum Effects {
    /// Every unit has every time once: means suffice.
    Balanced,
    /// The equations for the times once the units are out, with one time of every separate part
    /// of the panel held at zero.
    General {
        /// Of the times that are kept.
        gram: DMatrix<f64>,
        factor: Cholesky<f64, Dyn>,
        kept: Vec<usize>,
        parts: usize,
    },
}

impl Layout {
    pub(super) fn new(panel: &Panel) -> Result<Self, Unanswerable> {
        let rows = panel.outcome.len();
        let same = |column: &[usize]| column.len() == rows;
        if !(same(panel.unit) && same(panel.time) && panel.cluster.is_none_or(same)) {
            return Err(Unanswerable::Mismatched(
                "each row needs a unit, a time, an outcome and, if given, a cluster",
            ));
        }
        let (unit, units) = codes(panel.unit);
        let (time, times) = codes(panel.time);
        if units < 2 || times < 2 {
            return Err(Unanswerable::TooFew {
                what: "units or times",
                have: units.min(times),
                need: 2,
            });
        }
        if let Some(places) = balanced(&unit, units, &time, times) {
            let (cluster, clusters) = cluster_of(panel, &unit, units)?;
            return Ok(Self {
                places,
                rows,
                starts: (0..=units).map(|u| u * times).collect(),
                time: (0..rows).map(|place| place % times).collect(),
                times,
                cluster,
                clusters,
                effects: Effects::Balanced,
            });
        }
        Self::general(panel, &unit, &time)
    }

    fn general(panel: &Panel, unit: &[usize], time: &[usize]) -> Result<Self, Unanswerable> {
        let kept = without_singletons(unit, time);
        let used: Vec<_> = (0..unit.len()).filter(|&row| kept[row]).collect();
        let (unit, units) = codes(&used.iter().map(|&row| unit[row]).collect::<Vec<_>>());
        let (time, times) = codes(&used.iter().map(|&row| time[row]).collect::<Vec<_>>());
        if units < 2 || times < 2 {
            return Err(Unanswerable::TooFew {
                what: "units or times that share rows",
                have: units.min(times),
                need: 2,
            });
        }
        let (cluster, clusters) = match panel.cluster {
            Some(all) => {
                let cluster: Vec<_> = used.iter().map(|&row| all[row]).collect();
                nested(&cluster, &unit, units)?
            }
            None => ((0..units).collect(), units),
        };
        let mut starts = vec![0; units + 1];
        for &u in &unit {
            starts[u + 1] += 1;
        }
        for u in 0..units {
            starts[u + 1] += starts[u];
        }
        let mut next = starts.clone();
        let mut places = vec![None; kept.len()];
        let mut time_at = vec![0; used.len()];
        for (row, &original) in used.iter().enumerate() {
            let place = next[unit[row]];
            next[unit[row]] += 1;
            places[original] = Some(place);
            time_at[place] = time[row];
        }
        let effects = general_effects(&starts, &time_at, times)?;
        Ok(Self {
            places,
            rows: used.len(),
            starts,
            time: time_at,
            times,
            cluster,
            clusters,
            effects,
        })
    }

    /// Rows of the input that are used and lie in other clusters.
    pub(super) fn rows_outside(&self, cluster: usize) -> Vec<usize> {
        let outside = |place: usize| {
            let unit = self.starts.partition_point(|&start| start <= place) - 1;
            self.cluster[unit] != cluster
        };
        let rows = self.places.iter().enumerate();
        rows.filter_map(|(row, place)| place.filter(|&p| outside(p)).map(|_| row))
            .collect()
    }

    pub(super) fn units(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of unit and time effects that can be told apart.
    pub(super) fn effects_count(&self) -> usize {
        let parts = match self.effects {
            Effects::Balanced => 1,
            Effects::General { parts, .. } => parts,
        };
        self.units() + self.times - parts
    }

    /// A column of the input in the order of the layout.
    pub(super) fn column(&self, values: &[f64]) -> Result<Vec<f64>, Unanswerable> {
        if values.len() != self.places.len() {
            return Err(Unanswerable::Mismatched("each row needs a treatment"));
        }
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Unanswerable::Invalid("values must be finite"));
        }
        let mut column = vec![0.0; self.rows];
        for (value, place) in values.iter().zip(&self.places) {
            if let Some(place) = place {
                column[*place] = *value;
            }
        }
        Ok(column)
    }

    /// A column with unit and time effects taken out, exactly.
    pub(super) fn within(&self, mut column: Vec<f64>) -> Vec<f64> {
        self.less_unit_means(&mut column);
        match &self.effects {
            Effects::Balanced => {
                let sums = self.time_sums(&column);
                let units = self.units() as f64;
                let means: Vec<_> = sums.iter().map(|sum| sum / units).collect();
                for row in column.chunks_exact_mut(self.times) {
                    for (value, mean) in row.iter_mut().zip(&means) {
                        *value -= mean;
                    }
                }
            }
            // Once more for what rounding left.
            Effects::General { .. } => {
                for _ in 0..2 {
                    let sums = DVector::from_vec(self.time_sums(&column));
                    let level = self.time_effects_of(&sums);
                    for (value, &t) in column.iter_mut().zip(&self.time) {
                        *value -= level[t];
                    }
                    self.less_unit_means(&mut column);
                }
            }
        }
        column
    }

    fn less_unit_means(&self, column: &mut [f64]) {
        for bounds in self.starts.windows(2) {
            let rows = &mut column[bounds[0]..bounds[1]];
            let n = rows.len() as f64;
            // Differences from the first value keep the digits of a column far from zero.
            let first = rows.first().copied().unwrap_or(0.0);
            let mean = first + rows.iter().map(|value| value - first).sum::<f64>() / n;
            for value in rows {
                *value -= mean;
            }
        }
    }

    pub(super) fn time_sums(&self, column: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.times];
        if matches!(self.effects, Effects::Balanced) {
            for row in column.chunks_exact(self.times) {
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += value;
                }
            }
        } else {
            for (value, &t) in column.iter().zip(&self.time) {
                sums[t] += value;
            }
        }
        sums
    }

    /// Sums of a column by cluster (a row each) and time.
    pub(super) fn cluster_time_sums(&self, column: &[f64]) -> DMatrix<f64> {
        let mut sums = DMatrix::zeros(self.times, self.clusters);
        for (unit, bounds) in self.starts.windows(2).enumerate() {
            let cluster = self.cluster[unit];
            for place in bounds[0]..bounds[1] {
                sums[(self.time[place], cluster)] += column[place];
            }
        }
        sums
    }

    /// Sum of the products of two columns in every cluster.
    pub(super) fn cluster_products(&self, a: &[f64], b: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.clusters];
        for (unit, bounds) in self.starts.windows(2).enumerate() {
            let range = bounds[0]..bounds[1];
            sums[self.cluster[unit]] += dot(&a[range.clone()], &b[range]);
        }
        sums
    }

    /// The times' equations without one cluster, solved for its own sums by time; `None` where they
    /// have no single answer, because the panel falls apart without it.
    pub(super) fn solved_without(
        &self,
        cluster: usize,
        sums: &DVector<f64>,
    ) -> Option<DVector<f64>> {
        match &self.effects {
            Effects::Balanced => {
                let left = self.cluster.iter().filter(|c| **c != cluster).count();
                (left >= 2).then(|| sums / left as f64)
            }
            Effects::General { gram, kept, .. } => {
                let mut own = DMatrix::zeros(self.times, self.times);
                for (unit, bounds) in self.starts.windows(2).enumerate() {
                    if self.cluster[unit] == cluster {
                        add_unit(&mut own, &self.time[bounds[0]..bounds[1]], 1.0);
                    }
                }
                let rest = gram - own.select_rows(kept).select_columns(kept);
                let solved = sound_factor(rest)?.solve(&sums.select_rows(kept));
                Some(self.spread_out(kept, &solved))
            }
        }
    }

    /// Kept times in their places, the others zero.
    fn spread_out(&self, kept: &[usize], solved: &DVector<f64>) -> DVector<f64> {
        let mut level = DVector::zeros(self.times);
        for (&t, value) in kept.iter().zip(solved) {
            level[t] = *value;
        }
        level
    }

    /// The time effects of a column whose unit means are zero, from its sums by time.
    pub(super) fn time_effects_of(&self, sums: &DVector<f64>) -> DVector<f64> {
        match &self.effects {
            Effects::Balanced => sums / self.units() as f64,
            Effects::General { factor, kept, .. } => {
                let solved = factor.solve(&sums.select_rows(kept));
                self.spread_out(kept, &solved)
            }
        }
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Numbers from 0 up in the order of the names, and how many there are.
fn codes(names: &[usize]) -> (Vec<usize>, usize) {
    let most = names.iter().copied().max().unwrap_or(0);
    if most < 4 * names.len() {
        let mut code = vec![0; most + 1];
        for &name in names {
            code[name] = 1;
        }
        let mut count = 0;
        for slot in &mut code {
            let present = *slot;
            *slot = count;
            count += present;
        }
        return (names.iter().map(|&name| code[name]).collect(), count);
    }
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let code = |name: &usize| sorted.partition_point(|other| other < name);
    (names.iter().map(code).collect(), sorted.len())
}

/// unit · times + time of every row, if every unit has every time once.
fn balanced(
    unit: &[usize],
    units: usize,
    time: &[usize],
    times: usize,
) -> Option<Vec<Option<usize>>> {
    if units.checked_mul(times) != Some(unit.len()) {
        return None;
    }
    let mut seen = vec![false; unit.len()];
    let mut places = Vec::with_capacity(unit.len());
    for (&u, &t) in unit.iter().zip(time) {
        let place = u * times + t;
        if std::mem::replace(&mut seen[place], true) {
            return None;
        }
        places.push(Some(place));
    }
    Some(places)
}

/// Whether each row shares its unit and its time with another that does so too.
fn without_singletons(unit: &[usize], time: &[usize]) -> Vec<bool> {
    let mut kept = vec![true; unit.len()];
    let most = unit.iter().chain(time).copied().max().unwrap_or(0) + 1;
    loop {
        let (mut by_unit, mut by_time) = (vec![0_usize; most], vec![0_usize; most]);
        for row in (0..unit.len()).filter(|&row| kept[row]) {
            by_unit[unit[row]] += 1;
            by_time[time[row]] += 1;
        }
        let mut dropped = false;
        for row in 0..unit.len() {
            if kept[row] && (by_unit[unit[row]] < 2 || by_time[time[row]] < 2) {
                kept[row] = false;
                dropped = true;
            }
        }
        if !dropped {
            return kept;
        }
    }
}

fn cluster_of(
    panel: &Panel,
    unit: &[usize],
    units: usize,
) -> Result<(Vec<usize>, usize), Unanswerable> {
    match panel.cluster {
        Some(cluster) => nested(cluster, unit, units),
        None => Ok(((0..units).collect(), units)),
    }
}

/// The cluster of every unit.
fn nested(
    cluster: &[usize],
    unit: &[usize],
    units: usize,
) -> Result<(Vec<usize>, usize), Unanswerable> {
    let (cluster, clusters) = codes(cluster);
    let mut of_unit = vec![usize::MAX; units];
    for (&c, &u) in cluster.iter().zip(unit) {
        if of_unit[u] != usize::MAX && of_unit[u] != c {
            return Err(Unanswerable::Mismatched(
                "all rows of a unit belong to one cluster",
            ));
        }
        of_unit[u] = c;
    }
    Ok((of_unit, clusters))
}

/// With the units out, the times' equations are Σᵤ diag(nᵤ) − nᵤnᵤᵀ/Σnᵤ, nᵤ the rows of a unit by
/// time; every separate part of the panel (no unit in common with the rest) leaves one time free.
fn general_effects(
    starts: &[usize],
    time: &[usize],
    times: usize,
) -> Result<Effects, Unanswerable> {
    let mut gram = DMatrix::zeros(times, times);
    let mut part: Vec<usize> = (0..times).collect();
    for bounds in starts.windows(2) {
        let here = &time[bounds[0]..bounds[1]];
        add_unit(&mut gram, here, 1.0);
        for pair in here.windows(2) {
            let (x, y) = (root_of(&mut part, pair[0]), root_of(&mut part, pair[1]));
            part[x.max(y)] = x.min(y);
        }
    }
    let kept: Vec<_> = (0..times).filter(|&t| root_of(&mut part, t) != t).collect();
    let gram = gram.select_rows(&kept).select_columns(&kept);
    Ok(Effects::General {
        factor: sound_factor(gram.clone()).ok_or(Unanswerable::Collinear)?,
        parts: times - kept.len(),
        gram,
        kept,
    })
}

/// Adds (or with −1 takes away) a unit's rows, given by their times.
fn add_unit(gram: &mut DMatrix<f64>, here: &[usize], sign: f64) {
    let share = sign / here.len() as f64;
    for &a in here {
        gram[(a, a)] += sign;
        for &b in here {
            gram[(a, b)] -= share;
        }
    }
}

/// A factor whose pivots are more than rounding.
fn sound_factor(gram: DMatrix<f64>) -> Option<Cholesky<f64, Dyn>> {
    let lengths = gram.diagonal();
    let factor = gram.cholesky()?;
    let pivots = factor.l_dirty().diagonal();
    let mut pairs = pivots.iter().zip(&lengths);
    pairs
        .all(|(pivot, length)| pivot * pivot > ROUNDING * length)
        .then_some(factor)
}

fn root_of(part: &mut [usize], mut t: usize) -> usize {
    while part[t] != t {
        part[t] = part[part[t]];
        t = part[t];
    }
    t
}
