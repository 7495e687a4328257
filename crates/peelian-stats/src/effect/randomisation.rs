//! Randomisation: who gets it, by lot, and what the lot says afterwards.
//!
//! [`assign`] deals units to groups within blocks of like units; [`crossover`] deals days to units,
//! so that every unit is its own control. The draw is repeatable from its seed, to be written down
//! before the trial. [`unit_trial`] and [`crossover_trial`] estimate the effect and test it by
//! dealing again: had the lots fallen otherwise and nothing worked, how often would the difference
//! be as large? That needs no model of the outcome. Sources: Fisher, *The Design of Experiments*
//! (1935); Edgington and Onghena, *Randomization Tests* (2007).
//!
//! **How it can mislead.** The test is exact for the lots as drawn and for the trial as dealt:
//! days or units moved by hand break it. An effect that lasts longer than the washout, or spills
//! to the neighbours, makes treated and control alike. Few units or blocks leave few ways to deal,
//! and p has a floor.

use rand::Rng;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::Unanswerable;
use crate::comparison::interval::Interval;
use crate::effect::did::{Fit, Panel, Resampling};
use crate::effect::inversion::edge;
use crate::random::{Stream, stream};

/// Largest schedule, in unit-days.
const LARGEST: usize = 10_000_000;
/// Draws that come out as the data themselves must count as such in spite of rounding.
const TIE: f64 = 1.0 - 1e-9;

/// Deal units to `arms` groups (numbered from 0) at random within blocks.
///
/// `block` is the block of each unit, any numbers: units alike in what matters for the outcome. In
/// every block the groups differ by one unit at most, and what a block cannot share out evenly goes
/// to the groups that have had the fewest so far, by lot among equals. Needs at least 2 groups, and
/// as many units as groups.
pub fn assign(block: &[usize], arms: usize, seed: u64) -> Result<Vec<usize>, Unanswerable> {
    if arms < 2 {
        return Err(Unanswerable::TooFew {
            what: "groups",
            have: arms,
            need: 2,
        });
    }
    if block.len() < arms {
        return Err(Unanswerable::TooFew {
            what: "units",
            have: block.len(),
            need: arms,
        });
    }
    let mut random = stream(seed, 0);
    let mut given = vec![0_usize; arms];
    let mut arm_of = vec![0; block.len()];
    for mut members in by_block(block) {
        members.shuffle(&mut random);
        // Those with the fewest come first, in random order among equals.
        let mut order: Vec<(usize, u64, usize)> = given
            .iter()
            .enumerate()
            .map(|(arm, had)| (*had, random.random(), arm))
            .collect();
        order.sort_unstable();
        for (seat, unit) in members.into_iter().enumerate() {
            let arm = order[seat % arms].2;
            arm_of[unit] = arm;
            given[arm] += 1;
        }
    }
    Ok(arm_of)
}

/// Places of the members of every block, in order of the blocks.
fn by_block(block: &[usize]) -> Vec<Vec<usize>> {
    let mut order: Vec<_> = (0..block.len()).collect();
    order.sort_by_key(|&unit| block[unit]);
    order
        .chunk_by(|a, b| block[*a] == block[*b])
        .map(<[usize]>::to_vec)
        .collect()
}

/// What is held equal when days are dealt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Balance {
    /// Every day this many of the units are treated: what the staff can do in a day.
    PerDay(usize),
    /// In every stretch of so many days each unit is treated on so many: units and times of the
    /// year are compared evenly. A last stretch cut short gets its share, by lot where it is not
    /// whole.
    PerUnit {
        /// Days in a stretch.
        stretch: usize,
        /// Treated days in it.
        treated: usize,
    },
}

/// A trial in which units take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Crossover {
    /// Units (places, teams).
    pub units: usize,
    /// Days (or shifts, weeks).
    pub days: usize,
    /// What is held equal.
    pub balance: Balance,
    /// Days after a treated one that count neither as treated nor as control, because the effect
    /// may linger. A treated day among them is treated.
    pub washout: usize,
}

/// What a unit's day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Day {
    /// To be treated.
    Treated,
    /// Nothing is done, and the day counts.
    Control,
    /// Nothing is done, and the day does not count.
    Washout,
}

/// Deal the days of a trial: a list of days for every unit.
///
/// Refused: no units or days, a balance that leaves nothing treated or nothing as control, more
/// than ten million unit-days, and a washout that leaves no control day at all.
pub fn crossover(design: &Crossover, seed: u64) -> Result<Vec<Vec<Day>>, Unanswerable> {
    design.checked()?;
    let schedule = deal(design, &mut stream(seed, 0));
    let control = |day: &Day| *day == Day::Control;
    if schedule.iter().flatten().any(control) {
        Ok(schedule)
    } else {
        Err(Unanswerable::TooFew {
            what: "control days",
            have: 0,
            need: 1,
        })
    }
}

impl Crossover {
    fn checked(&self) -> Result<(), Unanswerable> {
        if self.units == 0 || self.days == 0 {
            return Err(Unanswerable::TooFew {
                what: "units or days",
                have: 0,
                need: 1,
            });
        }
        if self.units.saturating_mul(self.days) > LARGEST {
            return Err(Unanswerable::Invalid(
                "a schedule may have ten million unit-days at most",
            ));
        }
        let some_of = |treated: usize, all: usize| treated > 0 && treated < all;
        let fits = match self.balance {
            Balance::PerDay(treated) => some_of(treated, self.units),
            Balance::PerUnit { stretch, treated } => {
                some_of(treated, stretch) && stretch <= self.days
            }
        };
        if fits {
            Ok(())
        } else {
            Err(Unanswerable::Invalid(
                "some but not all must be treated, in stretches no longer than the trial",
            ))
        }
    }
}

fn deal(design: &Crossover, random: &mut Stream) -> Vec<Vec<Day>> {
    let mut schedule = vec![vec![Day::Control; design.days]; design.units];
    match design.balance {
        Balance::PerDay(treated) => {
            let mut order: Vec<_> = (0..design.units).collect();
            for day in 0..design.days {
                let (chosen, _) = order.partial_shuffle(random, treated);
                treat(&mut schedule, chosen, day);
            }
        }
        Balance::PerUnit { stretch, treated } => {
            for days in schedule.iter_mut().flat_map(|d| d.chunks_mut(stretch)) {
                let seats = share_of(treated, days.len(), stretch, random);
                days[..seats].fill(Day::Treated);
                days.shuffle(random);
            }
        }
    }
    for days in &mut schedule {
        wash_out(days, design.washout);
    }
    schedule
}

fn treat(schedule: &mut [Vec<Day>], units: &[usize], day: usize) {
    for &unit in units {
        schedule[unit][day] = Day::Treated;
    }
}

/// `treated` of `stretch` for `here` days; what is left over a whole number is drawn for.
fn share_of(treated: usize, here: usize, stretch: usize, random: &mut Stream) -> usize {
    let whole = treated * here;
    let left = whole % stretch;
    whole / stretch + usize::from(left > 0 && random.random_range(0..stretch) < left)
}

fn wash_out(days: &mut [Day], washout: usize) {
    let mut still = 0;
    for day in days {
        if *day == Day::Treated {
            still = washout;
        } else if still > 0 {
            *day = Day::Washout;
            still -= 1;
        }
    }
}

/// What a trial says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Treated less control, like compared with like, in the unit of the outcome.
    pub effect: f64,
    /// Mean outcome of the treated.
    pub treated_mean: f64,
    /// Mean outcome of the controls.
    pub control_mean: f64,
    /// Outcomes of the treated.
    pub treated: usize,
    /// Outcomes of the controls.
    pub controls: usize,
    /// Two-sided: (1 + deals that differ at least as much)/(1 + deals).
    pub p_value: f64,
    /// The effects, taken as the same for all, that the test does not reject; infinite at an end
    /// where it rejects nothing, as with too few ways to deal.
    pub interval: Interval,
}

/// The effect in a trial that treated whole units, within blocks.
///
/// `outcome` is each unit's, `None` (or not finite) where it is not known; `block` as it was given
/// to [`assign`] and `treated` what came of it. The effect is the mean over blocks of treated less
/// control, each block weighed by how much it can say, n₁n₀/(n₁ + n₀). Units are dealt again within
/// their blocks, with as many treated as there were. A block without both kinds says nothing; too
/// few if none has both. `confidence` is that of the interval.
pub fn unit_trial(
    outcome: &[Option<f64>],
    block: &[usize],
    treated: &[bool],
    confidence: f64,
    resampling: Resampling,
) -> Result<Trial, Unanswerable> {
    if block.len() != outcome.len() || treated.len() != outcome.len() {
        return Err(Unanswerable::Mismatched(
            "each unit needs an outcome, a block and whether it was treated",
        ));
    }
    let known: Vec<_> = (0..outcome.len())
        .filter_map(|unit| Some((unit, outcome[unit].filter(|value| value.is_finite())?)))
        .collect();
    let values: Vec<_> = known.iter().map(|(_, value)| *value).collect();
    let blocks: Vec<_> = known.iter().map(|(unit, _)| block[*unit]).collect();
    let dealt: Vec<_> = known.iter().map(|(unit, _)| treated[*unit]).collect();
    let blocks = by_block(&blocks);
    let both = |members: &Vec<usize>| {
        members.iter().any(|&unit| dealt[unit]) && members.iter().any(|&unit| !dealt[unit])
    };
    let blocks: Vec<_> = blocks.into_iter().filter(both).collect();
    if blocks.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "blocks with treated and control",
            have: 0,
            need: 1,
        });
    }
    let used: Vec<_> = blocks.iter().flatten().copied().collect();
    let own: Vec<f64> = dealt.iter().map(|yes| f64::from(u8::from(*yes))).collect();
    let compared = |dealt: &[bool]| {
        Some(Compared {
            outcome: within_blocks(&values, dealt, &blocks),
            treatment: within_blocks(&own, dealt, &blocks),
        })
    };
    let again = |index: u64| {
        let mut random = stream(resampling.seed, index);
        let mut new = dealt.clone();
        for members in &blocks {
            let mut lots: Vec<_> = members.iter().map(|&unit| dealt[unit]).collect();
            lots.shuffle(&mut random);
            for (&unit, lot) in members.iter().zip(lots) {
                new[unit] = lot;
            }
        }
        compared(&new)
    };
    let arms = used.iter().map(|&unit| (dealt[unit], values[unit]));
    judged(compared(&dealt), arms, again, confidence, resampling)
}

/// Mean over the blocks of treated less control, weighed by n₁n₀/(n₁ + n₀).
fn within_blocks(values: &[f64], treated: &[bool], blocks: &[Vec<usize>]) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for members in blocks {
        let (mut with, mut without) = ((0.0, 0.0), (0.0, 0.0));
        for &unit in members {
            let side = if treated[unit] {
                &mut with
            } else {
                &mut without
            };
            side.0 += values[unit];
            side.1 += 1.0;
        }
        let weight = with.1 * without.1 / (with.1 + without.1);
        sum += weight * (with.0 / with.1 - without.0 / without.1);
        weights += weight;
    }
    sum / weights
}

/// The effect in a trial in which units took turns.
///
/// `outcome` holds each unit's days, `None` (or not finite) where not known; `schedule` is what
/// [`crossover`] dealt for `design`, and days are dealt again the same way. The effect is treated
/// less control with an effect for every unit and every day taken out, days of washout left aside.
/// Too few if nothing is left to compare. `confidence` is that of the interval.
pub fn crossover_trial(
    outcome: &[Vec<Option<f64>>],
    schedule: &[Vec<Day>],
    design: &Crossover,
    confidence: f64,
    resampling: Resampling,
) -> Result<Trial, Unanswerable> {
    design.checked()?;
    let shaped = outcome.len() == design.units
        && schedule.len() == design.units
        && outcome.iter().all(|days| days.len() == design.days)
        && schedule.iter().all(|days| days.len() == design.days);
    if !shaped {
        return Err(Unanswerable::Mismatched(
            "outcomes and schedule need a list of all days for every unit",
        ));
    }
    let compared = |dealt: &[Vec<Day>]| {
        let rows = Rows::new(outcome, dealt, schedule);
        let fit = Fit::new(&rows.panel(), &rows.dealt)?;
        Ok(Compared {
            outcome: fit.effect_on(&rows.outcome)?,
            treatment: fit.effect_on(&rows.own)?,
        })
    };
    let again = |index: u64| compared(&deal(design, &mut stream(resampling.seed, index))).ok();
    let rows = Rows::new(outcome, schedule, schedule);
    let arms = rows.own.iter().map(|own| *own != 0.0);
    let arms = arms.zip(rows.outcome.iter().copied());
    judged(
        Some(compared(schedule)?),
        arms,
        again,
        confidence,
        resampling,
    )
}

/// The unit-days that count under a schedule.
struct Rows {
    unit: Vec<usize>,
    day: Vec<usize>,
    outcome: Vec<f64>,
    /// 1 where the schedule treats.
    dealt: Vec<f64>,
    /// 1 where the trial really treated.
    own: Vec<f64>,
}

impl Rows {
    fn new(outcome: &[Vec<Option<f64>>], dealt: &[Vec<Day>], own: &[Vec<Day>]) -> Self {
        let mut rows = Self {
            unit: Vec::new(),
            day: Vec::new(),
            outcome: Vec::new(),
            dealt: Vec::new(),
            own: Vec::new(),
        };
        let treated = |day: Day| f64::from(u8::from(day == Day::Treated));
        for (unit, days) in outcome.iter().enumerate() {
            for (day, value) in days.iter().enumerate() {
                let counts = dealt[unit][day] != Day::Washout;
                if let Some(value) = value.filter(|value| counts && value.is_finite()) {
                    rows.unit.push(unit);
                    rows.day.push(day);
                    rows.outcome.push(value);
                    rows.dealt.push(treated(dealt[unit][day]));
                    rows.own.push(treated(own[unit][day]));
                }
            }
        }
        rows
    }

    fn panel(&self) -> Panel<'_> {
        Panel {
            unit: &self.unit,
            time: &self.day,
            outcome: &self.outcome,
            cluster: None,
        }
    }
}

/// Treated less control of the outcome, and of the treatment really given, under some deal. With an
/// effect b for all, the outcome without it would have given outcome − b·treatment.
struct Compared {
    outcome: f64,
    treatment: f64,
}

fn judged(
    own: Option<Compared>,
    arms: impl Iterator<Item = (bool, f64)>,
    again: impl Fn(u64) -> Option<Compared> + Sync,
    confidence: f64,
    resampling: Resampling,
) -> Result<Trial, Unanswerable> {
    resampling.checked()?;
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(Unanswerable::Invalid(
            "confidence must lie between 0 and 1, ends excluded",
        ));
    }
    let (treated, controls): (Vec<_>, Vec<_>) = arms.partition(|(treated, _)| *treated);
    if treated.is_empty() || controls.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "treated and control outcomes",
            have: treated.len().min(controls.len()),
            need: 1,
        });
    }
    let mean = |arm: &[(bool, f64)]| {
        crate::summary::mean(&arm.iter().map(|(_, value)| *value).collect::<Vec<_>>())
    };
    let effect = own.map_or(f64::NAN, |own| own.outcome);
    if ![effect, mean(&treated), mean(&controls)]
        .iter()
        .all(|figure| figure.is_finite())
    {
        return Err(Unanswerable::Overflow);
    }
    let deals: Vec<_> = (0..resampling.draws as u64)
        .into_par_iter()
        .map(|index| again(index + 1))
        .collect();
    let p_value = |null: f64| {
        let distance = (effect - null).abs() * TIE;
        // A deal that cannot be compared counts against the effect.
        let reaches = |deal: &&Option<Compared>| {
            deal.as_ref()
                .is_none_or(|d| (d.outcome - null * d.treatment).abs() >= distance)
        };
        let further = deals.iter().filter(reaches).count();
        (1 + further) as f64 / (1 + deals.len()) as f64
    };
    // Steps of the spread of the deals, as if the whole effect had been there.
    let squares = deals.iter().flatten();
    let squares: f64 = squares
        .map(|d| (d.outcome - effect * d.treatment).powi(2))
        .sum();
    let step = (squares / deals.len() as f64).sqrt();
    let end = |direction: f64| {
        // Where nothing is left but the effect, any other is rejected.
        if step == 0.0 {
            return effect;
        }
        edge(1.0 - confidence, |steps| {
            p_value(effect + direction * steps * step)
        })
        .map_or(direction * f64::INFINITY, |steps| {
            effect + direction * steps * step
        })
    };
    Ok(Trial {
        effect,
        treated_mean: mean(&treated),
        control_mean: mean(&controls),
        treated: treated.len(),
        controls: controls.len(),
        p_value: p_value(0.0),
        interval: Interval {
            lower: end(-1.0),
            upper: end(1.0),
        },
    })
}
