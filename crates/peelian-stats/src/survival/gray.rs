//! Gray's test: do groups end equally often in one outcome?
//!
//! The log-rank test's question for cumulative incidence. Cases that another cause has ended count
//! on as if they could still be followed: the number at risk nₖ of group k becomes
//! Rₖ = nₖ·(1 − Iₖ(t−))/Sₖ(t−), with the Aalen-Johansen curve I of the cause and the Kaplan-Meier
//! curve S of all causes. The scores are Σ (dₖ − Rₖ·d/R). Source: Gray, *Annals of Statistics* 16
//! (1988) 1141–1154, with ρ = 0.
//!
//! **How it can mislead.** A difference in one outcome can come from another: test each cause, and
//! look at cause-specific hazards ([`super::log_rank`] with the other outcomes as open) beside it.
//! Curves that cross can pass. Many cases make any difference significant.

use nalgebra::DMatrix;

use super::cases::{ONE_EACH, check_times, count_groups};
pub use super::score_test::ChiSquared;
use super::score_test::score_test;
use super::tally::{Count, Tally};
use crate::Unanswerable;

/// Compare the cumulative incidence of `cause` between `groups`, numbered from 0 without a gap
/// (1,000 at most), one number a case; in `causes` 0 marks a case still open at its time.
///
/// Refuses no cases, lengths that differ, times that are negative or not finite, a cause of 0,
/// fewer than two groups, and [`Unanswerable::Constant`] where no event of the cause falls at a
/// time when two groups are at risk. The work grows with the cube of the number of groups.
pub fn gray_test(
    times: &[f64],
    causes: &[u8],
    cause: u8,
    groups: &[usize],
) -> Result<ChiSquared, Unanswerable> {
    check_times(times)?;
    if causes.len() != times.len() || groups.len() != times.len() {
        return Err(ONE_EACH);
    }
    if cause == 0 {
        return Err(Unanswerable::Invalid("cause 0 marks open cases"));
    }
    let count = count_groups(groups)?;
    if count < 2 {
        return Err(Unanswerable::TooFew {
            what: "groups",
            have: count,
            need: 2,
        });
    }
    let tally = Tally::of(times, 3 * count, |case| {
        let end = match causes[case] {
            0 => 0,
            mark if mark == cause => EVENT,
            _ => OTHER,
        };
        3 * groups[case] as u32 + end
    });
    let mut test = Test::new(groups, count);
    for (_, counts) in tally.moments() {
        // With one group left nothing more can be told apart.
        if test
            .groups
            .iter()
            .filter(|group| group.at_risk > 0.0)
            .count()
            < 2
        {
            break;
        }
        test.pass(counts);
    }
    score_test(&test.scores, &test.covariance)
}

const EVENT: u32 = 1;
const OTHER: u32 = 2;

/// One group, just before a time.
#[derive(Clone, Copy, Default)]
struct Group {
    at_risk: f64,
    /// Sₖ.
    survival: f64,
    /// Iₖ.
    share: f64,
    /// What happens at this time: events of the cause, of others, and all that leave.
    events: f64,
    others: f64,
    leaving: f64,
}

impl Group {
    /// hₖ = nₖ/Sₖ.
    fn weight(&self) -> f64 {
        if self.at_risk > 0.0 {
            self.at_risk / self.survival
        } else {
            0.0
        }
    }

    fn pass(&mut self) {
        if self.at_risk > 0.0 {
            let ended = self.events + self.others;
            self.share += self.survival * self.events / self.at_risk;
            self.survival *= (self.at_risk - ended) / self.at_risk;
            self.at_risk -= self.leaving;
        }
        (self.events, self.others, self.leaving) = (0.0, 0.0, 0.0);
    }
}

/// The sums over time.
///
/// An event of group r moves the score of group k at once, by aₖᵣ = δₖᵣ − hₖ/h, and again at every
/// later event, because it changes the curves that the risk sets are made of: by
/// g·Cₖᵣ, g = (1 − G/Sᵣ)/hᵣ for the cause itself and −(G/Sᵣ)/hᵣ for others, G = 1 − I of all groups
/// together and Cₖᵣ = Σ aₖᵣ·hᵣ·dI/G over the events still to come. The covariance is Σ v·bbᵀ with
/// b = a + g·C and v the variance of the event. C grows as time passes, and the sums that contain
/// it are moved on each time.
struct Test {
    groups: Vec<Group>,
    /// I of all groups together.
    share: f64,
    scores: Vec<f64>,
    covariance: DMatrix<f64>,
    /// Σ v·g·b.
    mixed: DMatrix<f64>,
    /// Σ v·g².
    squares: Vec<f64>,
}

impl Test {
    fn new(groups: &[usize], count: usize) -> Self {
        let mut all = vec![
            Group {
                survival: 1.0,
                ..Group::default()
            };
            count
        ];
        for &group in groups {
            all[group].at_risk += 1.0;
        }
        Self {
            groups: all,
            share: 0.0,
            scores: vec![0.0; count],
            covariance: DMatrix::zeros(count, count),
            mixed: DMatrix::zeros(count, count),
            squares: vec![0.0; count],
        }
    }

    fn pass(&mut self, counts: &[Count]) {
        for count in counts {
            let group = &mut self.groups[count.slot as usize / 3];
            let cases = f64::from(count.cases);
            group.leaving += cases;
            match count.slot % 3 {
                EVENT => group.events += cases,
                OTHER => group.others += cases,
                _ => {}
            }
        }
        let before = self.groups.clone();
        let weights: Vec<_> = before.iter().map(Group::weight).collect();
        let all: f64 = weights.iter().sum();
        let events: f64 = before.iter().map(|group| group.events).sum();
        let rise = events / all;
        let direct = DMatrix::from_fn(weights.len(), weights.len(), |k, r| {
            f64::from(u8::from(k == r)) - weights[k] / all
        });
        if events > 0.0 {
            self.score(events, &weights);
            self.move_on(&direct, &weights, rise / (1.0 - self.share));
        }
        self.share += rise;
        for group in &mut self.groups {
            group.pass();
        }
        for (r, group) in before.iter().enumerate() {
            if group.at_risk == 0.0 {
                continue;
            }
            let weight = weights[r];
            let survival = self.groups[r].survival;
            let ratio = if survival > 0.0 {
                (1.0 - self.share) / survival
            } else {
                0.0
            };
            if events > 0.0 {
                let tied = if events > 1.0 {
                    1.0 - (events - 1.0) / (all * group.survival - 1.0)
                } else {
                    1.0
                };
                self.happen(r, &direct, (1.0 - ratio) / weight, weight * rise * tied);
            }
            if group.others > 0.0 {
                let tied = if group.others > 1.0 {
                    1.0 - (group.others - 1.0) / (group.at_risk - 1.0)
                } else {
                    1.0
                };
                self.squares[r] += group.others * tied * (ratio / weight).powi(2);
            }
        }
    }

    fn score(&mut self, events: f64, weights: &[f64]) {
        let kept: Vec<_> = self
            .groups
            .iter()
            .zip(weights)
            .map(|(group, weight)| weight * (1.0 - group.share))
            .collect();
        let all: f64 = kept.iter().sum();
        for ((score, group), kept) in self.scores.iter_mut().zip(&self.groups).zip(kept) {
            *score += group.events - kept / all * events;
        }
    }

    /// C grows by aₖᵣ·hᵣ·`rise` for all events before.
    fn move_on(&mut self, direct: &DMatrix<f64>, weights: &[f64], rise: f64) {
        for (r, (weight, square)) in weights.iter().zip(&self.squares).enumerate() {
            if *square == 0.0 {
                continue;
            }
            let growth = direct.column(r) * (weight * rise);
            let half = self.mixed.column(r) + &growth * (square / 2.0);
            self.covariance.ger(1.0, &half, &growth, 1.0);
            self.covariance.ger(1.0, &growth, &half, 1.0);
            self.mixed.column_mut(r).axpy(*square, &growth, 1.0);
        }
    }

    fn happen(&mut self, r: usize, direct: &DMatrix<f64>, later: f64, variance: f64) {
        let column = direct.column(r);
        self.covariance.ger(variance, &column, &column, 1.0);
        self.mixed
            .column_mut(r)
            .axpy(variance * later, &column, 1.0);
        self.squares[r] += variance * later * later;
    }
}
