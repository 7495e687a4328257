//! What is done to a count before it is published, and what a reader learns from what is shown.
//!
//! The default is the 10–5 rule: counts under 10 are suppressed and the others are rounded to the
//! nearest 5. Source: Office for National Statistics, *Comparison of post-tabular statistical
//! disclosure control methods*, which names and evaluates it. That no hidden count may be narrowed
//! to fewer than ten apart is a rule of this crate's own.
//!
//! **How it can mislead.** A rule is a promise about one table. What else is in print, and what
//! readers know of the people counted, is not in it.

use crate::Unanswerable;
use crate::disclosure::attack::Range;

/// What to do with counts of 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zeros {
    /// Zeros are shown, so a hidden count is known to be 1 or more, and no zero is hidden to
    /// protect another cell. Not right where a zero itself discloses: that nobody in a group was
    /// found not guilty says that everybody was guilty.
    #[default]
    Shown,
    /// A zero is a small count like any other.
    Hidden,
}

/// What the mark in place of a hidden count says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// One mark for every hidden count, small or hidden to protect another: nothing is said of
    /// its size.
    #[default]
    Same,
    /// Small counts are marked as "fewer than the threshold", others with a mark of their own.
    SaysSmall,
}

/// The rules of a publication; print them beside the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Counts below this are hidden. Default 10; at least 1.
    pub threshold: u64,
    /// Counts shown are rounded to the nearest multiple of this, each by itself, halves up.
    /// Default 5; 1 shows them as they are.
    pub base: u64,
    /// Zeros. Default [`Zeros::Shown`].
    pub zeros: Zeros,
    /// The mark. Default [`Mark::Same`].
    pub mark: Mark,
    /// How far apart the smallest and the largest count must lie that a reader cannot rule out for
    /// a hidden cell. Default 10; at least 1, so that none is ever pinned. With
    /// [`Mark::SaysSmall`] the mark itself leaves threshold − 2 (threshold − 1 with zeros hidden),
    /// so no more can be asked for.
    pub width: u64,
    /// The same for a rounded cell, which other rounded cells can narrow. Default 1: a rounded
    /// count is never worked back to the exact one. 0 switches it off. Never more is asked for
    /// than rounding itself leaves.
    pub rounded_width: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            threshold: 10,
            base: 5,
            zeros: Zeros::default(),
            mark: Mark::default(),
            width: 10,
            rounded_width: 1,
        }
    }
}

/// What stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The count itself.
    Exact(u64),
    /// The count rounded to the rules' base.
    Rounded(u64),
    /// Hidden because the count is small.
    Small,
    /// Hidden so that another cell cannot be worked out. Under [`Mark::Same`] print it as
    /// [`Shown::Small`].
    Complementary,
}

impl Shown {
    /// Whether the cell shows no count.
    pub fn is_hidden(self) -> bool {
        matches!(self, Self::Small | Self::Complementary)
    }
}

impl Rules {
    /// Whether a count is small enough to hide.
    pub fn is_small(&self, count: u64) -> bool {
        count < self.threshold && (count > 0 || self.zeros == Zeros::Hidden)
    }

    /// What stands in a cell with this count as far as it depends on the count alone: enough
    /// only where there are no totals.
    pub fn shown(&self, count: u64) -> Shown {
        if self.is_small(count) {
            Shown::Small
        } else if self.base <= 1 {
            Shown::Exact(count)
        } else {
            Shown::Rounded(round(count, self.base))
        }
    }

    /// What a reader who has the rules learns from one cell by itself.
    pub fn learnt(&self, shown: Shown) -> Range {
        match shown {
            Shown::Exact(count) => Range::exactly(count),
            Shown::Rounded(multiple) => self.rounded_from(multiple),
            Shown::Small if self.mark == Mark::SaysSmall => Range {
                lower: self.least_hidden(),
                upper: Some(self.threshold.saturating_sub(1)),
            },
            Shown::Complementary if self.mark == Mark::SaysSmall => Range::at_least(self.threshold),
            Shown::Small | Shown::Complementary => Range::at_least(self.least_hidden()),
        }
    }

    /// The counts that a rounded figure can stand for: those that round to it and are not hidden.
    fn rounded_from(&self, multiple: u64) -> Range {
        let base = self.base.max(1);
        let first = multiple.saturating_sub(base / 2);
        let last = multiple.saturating_add(base - 1 - base / 2);
        let zero_fits = first == 0 && self.zeros == Zeros::Shown;
        if zero_fits {
            let others = if last >= self.threshold { last } else { 0 };
            return Range::between(0, others);
        }
        Range::between(first.max(self.threshold).min(last), last)
    }

    /// The smallest count that is ever hidden.
    fn least_hidden(&self) -> u64 {
        u64::from(self.zeros == Zeros::Shown)
    }

    /// How wide the attack must leave a cell.
    pub(super) fn needed(&self, shown: Shown) -> u64 {
        match shown {
            Shown::Exact(_) => 0,
            Shown::Rounded(_) => {
                let left = self.learnt(shown).width();
                left.map_or(self.rounded_width, |left| left.min(self.rounded_width))
            }
            Shown::Small | Shown::Complementary => self.width,
        }
    }

    pub(super) fn check(&self) -> Result<(), Unanswerable> {
        if self.threshold == 0 || self.base == 0 || self.width == 0 {
            return Err(Unanswerable::Invalid(
                "the threshold, the base and the width must be at least 1",
            ));
        }
        if self.threshold > LARGEST || self.base > LARGEST || self.width > LARGEST {
            return Err(Unanswerable::Overflow);
        }
        let some_are_small = self.threshold > self.least_hidden();
        let left = self.learnt(Shown::Small).width();
        if some_are_small && left.is_some_and(|left| left < self.width) {
            return Err(Unanswerable::Invalid(
                "a mark that says a count is small leaves less than the width asked for",
            ));
        }
        Ok(())
    }
}

/// Rules beyond this are slips of the pen.
const LARGEST: u64 = 1 << 32;

/// The nearest multiple of `base`, halves up.
pub(super) fn round(count: u64, base: u64) -> u64 {
    let down = count / base * base;
    if count - down >= base - base / 2 {
        down.saturating_add(base)
    } else {
        down
    }
}
