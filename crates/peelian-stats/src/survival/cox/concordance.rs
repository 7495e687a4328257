//! How often the case at higher risk ends first.

use crate::Unanswerable;
use crate::survival::cases::{Cases, ONE_EACH};
use crate::survival::tally::order;

/// Harrell's C: of the pairs of cases whose order is known, the share in which the case with the
/// higher risk ended first; equal risks count half. 0.5 is guessing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Concordance {
    /// The share, 0 to 1.
    pub share: f64,
    /// Pairs whose order is known.
    pub pairs: u64,
}

/// Concordance of `risk` (any score that grows with the hazard, one a case) with what happened.
///
/// A pair is known if the earlier case ended by the event; a case still open at the time of an
/// event outlasts it, and two events of one time are not ordered. Source: Harrell and others,
/// *Journal of the American Medical Association* 247 (1982) 2543–2546. Refuses what
/// [`Cases`] excludes, late entries, risks that are not finite, and cases without a known pair.
/// It says nothing of whether the predicted waits are right, only of their order.
pub fn concordance(cases: Cases<'_>, risk: &[f64]) -> Result<Concordance, Unanswerable> {
    cases.check()?;
    if risk.len() != cases.times.len() {
        return Err(ONE_EACH);
    }
    if cases.entries.is_some() {
        return Err(Unanswerable::Invalid(
            "late entries are not taken by the concordance",
        ));
    }
    if risk.iter().any(|value| !value.is_finite()) {
        return Err(Unanswerable::Invalid("risks must be finite"));
    }
    let ranks = ranks(risk);
    let order = order(cases.times, |case| cases.happened[case]);
    let mut later = Counter::new(risk.len());
    let (mut pairs, mut halves) = (0_u64, 0_u64);
    let time = |case: &u32| cases.times[*case as usize];
    let ties: Vec<_> = order.chunk_by(|a, b| time(a) == time(b)).collect();
    for tied in ties.into_iter().rev() {
        let events = tied.partition_point(|&case| cases.happened[case as usize]);
        let (events, open) = tied.split_at(events);
        for &case in open {
            later.add(ranks[case as usize]);
        }
        for &case in events {
            let rank = ranks[case as usize];
            let (below, up_to) = (later.below(rank), later.below(rank + 1));
            pairs += later.total;
            // Below ours counts two halves, equal one.
            halves += below + up_to;
        }
        for &case in events {
            later.add(ranks[case as usize]);
        }
    }
    if pairs == 0 {
        return Err(Unanswerable::TooFew {
            what: "pairs of known order",
            have: 0,
            need: 1,
        });
    }
    Ok(Concordance {
        share: halves as f64 / (2.0 * pairs as f64),
        pairs,
    })
}

/// Each value's place among the distinct values.
fn ranks(values: &[f64]) -> Vec<usize> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    // Zeros of both signs are equal, and one of them was dropped.
    let rank = |value: &f64| sorted.partition_point(|known| known < value);
    values.iter().map(rank).collect()
}

/// How many of the numbers added lie below another, in logarithmic time (Fenwick's tree).
struct Counter {
    tree: Vec<u64>,
    total: u64,
}

impl Counter {
    fn new(size: usize) -> Self {
        Self {
            tree: vec![0; size + 1],
            total: 0,
        }
    }

    fn add(&mut self, number: usize) {
        self.total += 1;
        let mut place = number + 1;
        while let Some(count) = self.tree.get_mut(place) {
            *count += 1;
            place += place & place.wrapping_neg();
        }
    }

    fn below(&self, number: usize) -> u64 {
        let (mut place, mut sum) = (number, 0);
        while place > 0 {
            sum += self.tree[place];
            place &= place - 1;
        }
        sum
    }
}
