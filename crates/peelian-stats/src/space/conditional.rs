//! How the sum over an area's neighbours compares with sums over places drawn at random: the
//! conditional permutation test behind local G and local Moran.
//!
//! The area keeps its own value; its k neighbours get the values of k other areas drawn without
//! replacement. The draws are made once and serve all areas (as in PySAL's esda): draw d of area i
//! takes, of the areas other than i in order, those at fixed random places. Each area's test is
//! exact by itself; tests of different areas are not independent, nor would they be with draws of
//! their own, because neighbours share data.
//!
//! Going from one area to the next, "the areas other than i" changes at one place, so the drawn
//! values are gathered once a block of draws and afterwards only mended: about one value in n. What
//! is left is a weighted sum of rows that stay in the nearest cache.

use std::collections::BTreeMap;

use rand::Rng;
use rayon::prelude::*;

use super::weights::Weights;
use crate::Unanswerable;
use crate::random::stream;

/// Draws that are handled together.
const BLOCK: usize = 256;
/// The most draws times neighbours, which are kept in memory.
const MOST_DRAWN: usize = 1 << 26;

/// How often drawn sums fell below, on and above the sum over the neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) below: usize,
    pub(super) equal: usize,
    pub(super) above: usize,
}

impl Counts {
    pub(super) fn draws(self) -> usize {
        self.below + self.equal + self.above
    }

    /// Draws at most as extreme as the observed sum on its rarer side.
    fn rarer(self) -> usize {
        self.equal + self.below.min(self.above)
    }
}

/// How many draws, from which seed, and the level above which a two-sided p ends an area's draws.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) draws: usize,
    pub(super) seed: u64,
    pub(super) stop_above: Option<f64>,
}

impl Plan {
    /// Whether a two-sided p is above the level whatever the draws to come.
    fn decided(&self, counts: Counts) -> bool {
        let least = 2.0 * (counts.rarer() + 1) as f64 / (self.draws + 1) as f64;
        counts.draws() > 0 && self.stop_above.is_some_and(|level| least > level)
    }
}

/// A block of draws: for each slot the places drawn, among the areas other than the one tested.
struct Block {
    draws: usize,
    /// Place of draw d for slot s at s·draws + d.
    places: Vec<u32>,
    /// (place, index into `places`), ascending.
    by_place: Vec<(u32, u32)>,
}

impl Block {
    fn draw(others: usize, slots: usize, draws: usize, seed: u64, index: usize) -> Self {
        let mut random = stream(seed, index as u64);
        let mut order: Vec<u32> = (0..others as u32).collect();
        let mut places = vec![0; draws * slots];
        for draw in 0..draws {
            // The start of a shuffle; any order to start from will do.
            for slot in 0..slots {
                let chosen = random.random_range(slot..others);
                order.swap(slot, chosen);
                places[slot * draws + draw] = order[slot];
            }
        }
        let mut by_place: Vec<_> = (0..).zip(&places).map(|(at, place)| (*place, at)).collect();
        by_place.sort_unstable();
        Self {
            draws,
            places,
            by_place,
        }
    }
}

/// An area's neighbours, itself apart, with the sum that is compared.
struct Row<'a> {
    to: &'a [u32],
    weight: &'a [f64],
    unit: usize,
    /// Where all weights are one weight the plain sum does: a scale changes no comparison.
    alike: bool,
    slots: usize,
}

impl<'a> Row<'a> {
    fn of(weights: &'a Weights, unit: usize) -> Self {
        let (to, weight) = weights.row(unit);
        let mut row = Self {
            to,
            weight,
            unit,
            alike: true,
            slots: 0,
        };
        let mut first = None;
        for (_, weight) in row.others() {
            row.alike &= weight == *first.get_or_insert(weight);
            row.slots += 1;
        }
        row
    }

    fn others(&self) -> impl Iterator<Item = (usize, f64)> + use<'a> {
        let unit = self.unit;
        let pairs = self.to.iter().zip(self.weight);
        pairs
            .map(|(to, weight)| (*to as usize, *weight))
            .filter(move |(to, _)| *to != unit)
    }

    /// The sum over the neighbours, and how far rounding can move such a sum.
    fn observed(&self, values: &[f64], largest: f64) -> (f64, f64) {
        let scale = |weight: f64| if self.alike { 1.0 } else { weight };
        let sum = self.others().map(|(to, w)| scale(w) * values[to]).sum();
        let total: f64 = self.others().map(|(_, w)| scale(w)).sum();
        let slack = 2.0 * (self.slots + 1) as f64 * f64::EPSILON * total * largest;
        (sum, slack)
    }
}

/// Counts for each area. Values must be finite and as many as the weights' areas; sums that differ
/// by no more than rounding can explain are equal. An area without neighbours ties with every draw.
pub(super) fn conditional(
    values: &[f64],
    weights: &Weights,
    plan: &Plan,
) -> Result<Vec<Counts>, Unanswerable> {
    if plan.draws == 0 {
        return Err(Unanswerable::Invalid(
            "there must be at least 1 permutation",
        ));
    }
    let n = values.len();
    let slots = (0..n).map(|unit| Row::of(weights, unit).slots).max();
    let slots = slots.unwrap_or(0);
    if slots == 0 {
        let equal = plan.draws;
        let tie = Counts {
            equal,
            ..Counts::default()
        };
        return Ok(vec![tie; n]);
    }
    if plan
        .draws
        .checked_mul(slots)
        .is_none_or(|all| all > MOST_DRAWN)
    {
        return Err(Unanswerable::Invalid(
            "permutations times the most neighbours must not exceed 67,108,864",
        ));
    }
    let blocks: Vec<Block> = (0..plan.draws.div_ceil(BLOCK))
        .into_par_iter()
        .map(|index| {
            let draws = BLOCK.min(plan.draws - index * BLOCK);
            Block::draw(n - 1, slots, draws, plan.seed, index)
        })
        .collect();
    let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let mut counts = vec![Counts::default(); n];
    // Small enough to share out evenly, large enough that gathering a block's values pays.
    let share = n.div_ceil(8 * rayon::current_num_threads()).max(64);
    counts
        .par_chunks_mut(share)
        .enumerate()
        .for_each(|(index, counts)| {
            let first = index * share;
            let rows: Vec<_> = (first..first + counts.len())
                .map(|unit| {
                    let row = Row::of(weights, unit);
                    let observed = row.observed(values, largest);
                    (row, observed)
                })
                .collect();
            for block in &blocks {
                if counts.iter().all(|counts| plan.decided(*counts)) {
                    break;
                }
                compare(values, first, &rows, block, plan, counts);
            }
        });
    Ok(counts)
}

/// Adds one block's draws to the counts of consecutive areas from `first` on.
fn compare(
    values: &[f64],
    first: usize,
    rows: &[(Row<'_>, (f64, f64))],
    block: &Block,
    plan: &Plan,
    counts: &mut [Counts],
) {
    let mut drawn = Drawn::gather(values, first, block);
    let mut sums = vec![0.0; block.draws];
    for ((row, (observed, slack)), counts) in rows.iter().zip(counts) {
        if !plan.decided(*counts) {
            let sums = if row.alike {
                drawn.plain_sums(row.slots)
            } else {
                drawn.weighted_sums(row, &mut sums);
                &sums
            };
            let (low, high) = (observed - slack, observed + slack);
            let below: u64 = sums.iter().map(|sum| u64::from(*sum < low)).sum();
            let above: u64 = sums.iter().map(|sum| u64::from(*sum > high)).sum();
            counts.below += below as usize;
            counts.above += above as usize;
            counts.equal += sums.len() - (below + above) as usize;
        }
        drawn.step(values, row.unit);
    }
}

/// The values drawn in a block for one area after another.
struct Drawn<'a> {
    block: &'a Block,
    values: Vec<f64>,
    /// Sums over the first slots, by their number, for the numbers that have been asked for.
    plain: BTreeMap<usize, Vec<f64>>,
    /// Where in `by_place` the next value to mend is.
    next: usize,
}

impl<'a> Drawn<'a> {
    fn gather(values: &[f64], unit: usize, block: &'a Block) -> Self {
        let value = |place: &u32| values[*place as usize + usize::from(*place as usize >= unit)];
        Self {
            block,
            values: block.places.iter().map(value).collect(),
            plain: BTreeMap::new(),
            next: block
                .by_place
                .partition_point(|(place, _)| (*place as usize) < unit),
        }
    }

    /// From the others of `unit` to the others of the area after it: the place of that area is
    /// taken by `unit`.
    fn step(&mut self, values: &[f64], unit: usize) {
        while let Some((place, at)) = self.block.by_place.get(self.next) {
            if *place as usize != unit {
                break;
            }
            self.next += 1;
            let at = *at as usize;
            self.values[at] = values[unit];
            let (slot, draw) = (at / self.block.draws, at % self.block.draws);
            for (slots, sums) in &mut self.plain {
                if slot < *slots {
                    sums[draw] = plain_sum(&self.values, self.block.draws, draw, *slots);
                }
            }
        }
    }

    fn plain_sums(&mut self, slots: usize) -> &[f64] {
        let (values, draws) = (&self.values, self.block.draws);
        self.plain.entry(slots).or_insert_with(|| {
            let sum = |draw| plain_sum(values, draws, draw, slots);
            (0..draws).map(sum).collect()
        })
    }

    fn weighted_sums(&self, row: &Row<'_>, sums: &mut [f64]) {
        sums.fill(0.0);
        let slots = self.values.chunks_exact(self.block.draws);
        for ((_, weight), slot) in row.others().zip(slots) {
            for (sum, value) in sums.iter_mut().zip(slot) {
                *sum += weight * value;
            }
        }
    }
}

fn plain_sum(values: &[f64], draws: usize, draw: usize, slots: usize) -> f64 {
    (0..slots).map(|slot| values[slot * draws + draw]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: every ordered draw of other areas into the neighbours' places.
    fn all_draws(values: &[f64], weights: &Weights, unit: usize) -> [f64; 2] {
        let neighbours: Vec<_> = weights.neighbours(unit).collect();
        let others: Vec<f64> = (0..values.len())
            .filter(|i| *i != unit)
            .map(|i| values[i])
            .collect();
        let observed: f64 = neighbours.iter().map(|(to, w)| w * values[*to]).sum();
        let (mut below, mut above, mut all) = (0.0, 0.0, 0.0);
        for a in 0..others.len() {
            for b in (0..others.len()).filter(|b| *b != a) {
                let sum = neighbours[0].1 * others[a] + neighbours[1].1 * others[b];
                below += f64::from(u8::from(sum < observed - 1e-9));
                above += f64::from(u8::from(sum > observed + 1e-9));
                all += 1.0;
            }
        }
        [below / all, above / all]
    }

    #[test]
    fn shares_come_near_those_of_all_possible_draws() {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let weights = |even: bool| {
            let edges = (0..8).flat_map(|from| {
                [(1, 1.0), (3, if even { 1.0 } else { 0.3 })].map(|(step, weight)| {
                    crate::space::weights::Edge {
                        from,
                        to: (from + step) % 8,
                        weight,
                    }
                })
            });
            Weights::from_edges(8, &edges.collect::<Vec<_>>()).unwrap()
        };
        let plan = Plan {
            draws: 40_000,
            seed: 5,
            stop_above: None,
        };
        for weights in [weights(true), weights(false)] {
            let counts = conditional(&values, &weights, &plan).unwrap();
            for (unit, counts) in counts.into_iter().enumerate() {
                let [below, above] = all_draws(&values, &weights, unit);
                assert_eq!(counts.draws(), 40_000);
                assert!((counts.below as f64 / 40_000.0 - below).abs() < 0.012);
                assert!((counts.above as f64 / 40_000.0 - above).abs() < 0.012);
            }
        }
    }

    #[test]
    fn stepping_from_area_to_area_is_the_same_as_gathering_anew() {
        let values: Vec<f64> = (0..50).map(|i| f64::from(i * i % 37)).collect();
        let block = Block::draw(49, 6, 40, 3, 0);
        let mut drawn = Drawn::gather(&values, 7, &block);
        drawn.plain_sums(4);
        for unit in 7..49 {
            drawn.step(&values, unit);
            let mut anew = Drawn::gather(&values, unit + 1, &block);
            assert_eq!(drawn.values, anew.values);
            assert_eq!(drawn.plain_sums(4), anew.plain_sums(4));
        }
    }

    #[test]
    fn draws_are_without_replacement_and_reach_every_place() {
        let block = Block::draw(5, 5, 256, 1, 0);
        for draw in 0..256 {
            let mut places: Vec<u32> = (0..5).map(|slot| block.places[slot * 256 + draw]).collect();
            places.sort_unstable();
            assert_eq!(places, [0, 1, 2, 3, 4]);
        }
    }
}
