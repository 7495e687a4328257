//! Log-rank test: do groups wait equally long?
//!
//! At each time d events among n at risk are expected to fall on group k as dₖ ~ nₖ·d/n. Observed
//! less expected, added up over time with a weight w, gives the scores; their covariance is
//! Σ w²·(nₖ/n)(δₖₗ − nₗ/n)·d(n − d)/(n − 1). Sources: Mantel, *Cancer Chemotherapy Reports* 50
//! (1966) 163–170; Peto and Peto, *Journal of the Royal Statistical Society A* 135 (1972) 185–207;
//! Gehan, *Biometrika* 52 (1965) 203–223; Tarone and Ware, *Biometrika* 64 (1977) 156–160;
//! Harrington and Fleming, *Biometrika* 69 (1982) 553–566.
//!
//! **How it can mislead.** Curves that cross can differ plainly and pass the test. Many cases make
//! any difference significant: report the medians or the restricted means beside p. The weight is
//! part of the question and must be chosen before looking. Where other outcomes end cases the test
//! compares cause-specific hazards; for shares ever reached use [`super::gray`].

use nalgebra::DMatrix;

use super::cases::{Cases, ONE_EACH, count_groups};
pub use super::score_test::ChiSquared;
use super::score_test::score_test;
use super::tally::Tally;
use crate::Unanswerable;

/// Which times count most.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Weight {
    /// All alike: best where hazards are proportional.
    #[default]
    LogRank,
    /// The number at risk n: early times, the more so the more cases are open. Gehan's form of
    /// the Wilcoxon test.
    Gehan,
    /// √n.
    TaroneWare,
    /// S(t−), the pooled Kaplan-Meier curve just before: early times, whatever the number of open
    /// cases.
    PetoPeto,
    /// S(t−)^early·(1 − S(t−))^late, exponents of 0 or more: (0, 1) looks for late differences.
    FlemingHarrington {
        /// Exponent of S.
        early: f64,
        /// Exponent of 1 − S.
        late: f64,
    },
}

/// What one group saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Its cases.
    pub cases: usize,
    /// Weighted events; with [`Weight::LogRank`] their number.
    pub observed: f64,
    /// Weighted events expected if all groups waited equally long.
    pub expected: f64,
}

/// A log-rank test.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRank {
    /// The test of all groups at once.
    pub test: ChiSquared,
    /// The groups by number.
    pub groups: Vec<Group>,
}

/// Compare the `groups` of `cases`, numbered from 0 without a gap (1,000 at most), one
/// number a case.
///
/// Refuses no cases and what [`Cases`] excludes, late entries, fewer than two groups, exponents
/// that are negative or not finite, and [`Unanswerable::Constant`] where no event falls at a time
/// when two groups are at risk. A group that is never at risk together with an event elsewhere
/// adds no degree of freedom.
pub fn log_rank(
    cases: Cases<'_>,
    groups: &[usize],
    weight: Weight,
) -> Result<LogRank, Unanswerable> {
    let count = check(cases, groups, weight)?;
    let tally = Tally::of(cases.times, 2 * count, |case| {
        2 * groups[case] as u32 + u32::from(cases.happened[case])
    });
    let mut scores = Scores::new(count, groups);
    let mut survival = 1.0;
    for (_, counts) in tally.moments() {
        let events: u32 = counts
            .iter()
            .filter(|c| c.slot % 2 == 1)
            .map(|c| c.cases)
            .sum();
        if events > 0 {
            let (d, n) = (f64::from(events), scores.total);
            scores.add(counts, d, weight.at(n, survival));
            survival *= (n - d) / n;
        }
        scores.leave(counts);
    }
    let covariance = scores.covariance();
    let differences: Vec<_> = scores
        .groups
        .iter()
        .map(|g| g.observed - g.expected)
        .collect();
    if scores
        .groups
        .iter()
        .any(|group| !group.expected.is_finite())
    {
        return Err(Unanswerable::Overflow);
    }
    Ok(LogRank {
        test: score_test(&differences, &covariance)?,
        groups: scores.groups,
    })
}

fn check(cases: Cases<'_>, groups: &[usize], weight: Weight) -> Result<usize, Unanswerable> {
    cases.check()?;
    if groups.len() != cases.times.len() {
        return Err(ONE_EACH);
    }
    if cases.entries.is_some() {
        return Err(Unanswerable::Invalid(
            "late entries are not taken by this test",
        ));
    }
    if let Weight::FlemingHarrington { early, late } = weight
        && !(early >= 0.0 && late >= 0.0 && (early + late).is_finite())
    {
        return Err(Unanswerable::Invalid(
            "exponents must be finite and 0 or more",
        ));
    }
    let count = count_groups(groups)?;
    if count < 2 {
        return Err(Unanswerable::TooFew {
            what: "groups",
            have: count,
            need: 2,
        });
    }
    Ok(count)
}

impl Weight {
    fn at(self, at_risk: f64, survival: f64) -> f64 {
        match self {
            Self::LogRank => 1.0,
            Self::Gehan => at_risk,
            Self::TaroneWare => at_risk.sqrt(),
            Self::PetoPeto => survival,
            Self::FlemingHarrington { early, late } => {
                survival.powf(early) * (1.0 - survival).powf(late)
            }
        }
    }
}

/// Sums over time.
///
/// The covariance needs Σ c·nₖ·nₗ over the events. A case of group k adds to it what Σ c·nₗ has
/// come to when it leaves, so one row a leaving case is enough: no event touches all pairs of
/// groups, however many times there are.
struct Scores {
    groups: Vec<Group>,
    at_risk: Vec<f64>,
    total: f64,
    /// Σ c·nₗ so far, with c = w²·d(n − d)/(n²(n − 1)).
    pressed: Vec<f64>,
    /// Σ c·n·nₖ so far.
    diagonal: Vec<f64>,
    /// Σ c·nₖ·nₗ of the cases that have left.
    products: DMatrix<f64>,
}

impl Scores {
    fn new(count: usize, groups: &[usize]) -> Self {
        let mut at_risk = vec![0.0; count];
        for &group in groups {
            at_risk[group] += 1.0;
        }
        let group = |&cases: &f64| Group {
            cases: cases as usize,
            observed: 0.0,
            expected: 0.0,
        };
        Self {
            groups: at_risk.iter().map(group).collect(),
            at_risk,
            total: groups.len() as f64,
            pressed: vec![0.0; count],
            diagonal: vec![0.0; count],
            products: DMatrix::zeros(count, count),
        }
    }

    fn add(&mut self, counts: &[super::tally::Count], events: f64, weight: f64) {
        for count in counts.iter().filter(|count| count.slot % 2 == 1) {
            self.groups[count.slot as usize / 2].observed += weight * f64::from(count.cases);
        }
        let n = self.total;
        let expected = weight * events / n;
        let c = if n > 1.0 {
            weight * weight * events * (n - events) / (n * n * (n - 1.0))
        } else {
            0.0
        };
        for (k, &at_risk) in self.at_risk.iter().enumerate() {
            self.groups[k].expected += expected * at_risk;
            self.pressed[k] += c * at_risk;
            self.diagonal[k] += c * n * at_risk;
        }
    }

    fn leave(&mut self, counts: &[super::tally::Count]) {
        for group in counts.chunk_by(|a, b| a.slot / 2 == b.slot / 2) {
            let leaving = f64::from(group.iter().map(|count| count.cases).sum::<u32>());
            let k = group[0].slot as usize / 2;
            for (product, pressed) in self.products.column_mut(k).iter_mut().zip(&self.pressed) {
                *product += leaving * pressed;
            }
            self.at_risk[k] -= leaving;
            self.total -= leaving;
        }
    }

    fn covariance(&self) -> DMatrix<f64> {
        let mut covariance = -&self.products;
        for (k, diagonal) in self.diagonal.iter().enumerate() {
            covariance[(k, k)] += diagonal;
        }
        // The two halves were added up in different orders.
        (&covariance + covariance.transpose()) / 2.0
    }
}
