//! The rule of a bundle: counts under 10 are hidden, others are rounded to
//! the nearest 5, nought is shown unless it tells of everybody in a small
//! group, and further counts are hidden where sums would give a hidden one
//! away.

use std::collections::BTreeMap;

use peelian_stats::disclosure::attack::Range;
use peelian_stats::disclosure::protect::protect_given;
use peelian_stats::disclosure::rules::{Rules, Shown, Zeros};
use peelian_stats::disclosure::table::{Sum, Table};
use serde::{Deserialize, Serialize};

use crate::cells::Cells;
use crate::earlier::Earlier;
use crate::row::Count;

/// The name of the rule.
pub const RULE: &str = "10-5";

/// The version of the rule and of how it is carried out.
pub(crate) const VERSION: u32 = 1;

/// What was hidden, as numbers of cells. It stands in the bundle as
/// `rule.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hidden {
    /// The rule, [`RULE`].
    pub rule: String,
    /// Its version.
    pub version: u32,
    /// Counts hidden because they are small.
    pub small: usize,
    /// Counts hidden so that no small one can be worked out.
    pub secondary: usize,
    /// Counts that stay as an earlier bundle showed or hid them.
    pub kept_from_earlier: usize,
    /// Half hours left out because fewer than ten calls were offered.
    pub half_hours_left_out: usize,
    /// Counts of half hours left blank because they are small.
    pub half_hour_counts_blank: usize,
}

/// Rows that may leave the building.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// The rows, in the order given.
    pub rows: Vec<Count>,
    /// What was hidden.
    pub hidden: Hidden,
    pub(crate) earlier: Earlier,
}

/// Whether a number may stand in a bundle.
pub(crate) fn obeys(number: u64) -> bool {
    let rules = Rules::default();
    number == 0 || (number >= rules.threshold && number.is_multiple_of(rules.base))
}

/// Hides and rounds rows of one force, with regard to what earlier bundles
/// showed of the same counts.
pub fn protect(rows: &[Count], earlier: &Earlier) -> Protection {
    let cells = Cells::of(rows);
    let mut hidden = Hidden {
        rule: RULE.to_owned(),
        version: VERSION,
        ..Hidden::default()
    };
    let mut shown = shown(&cells, earlier);
    let mut now = earlier.clone();
    let printed: std::collections::BTreeSet<usize> =
        cells.rows.iter().flatten().flatten().copied().collect();
    for cell in printed {
        let (name, count) = (&cells.names[cell], cells.counts[cell]);
        let before = shown[cell];
        shown[cell] = earlier.keep(name, count, before);
        hidden.kept_from_earlier += usize::from(shown[cell] != before);
        match shown[cell] {
            Shown::Small => hidden.small += 1,
            Shown::Complementary => hidden.secondary += 1,
            Shown::Exact(_) | Shown::Rounded(_) => {}
        }
        now.note(name, count, shown[cell]);
    }
    let number = |cell: Option<usize>| match shown[cell?] {
        Shown::Exact(n) | Shown::Rounded(n) => Some(n),
        Shown::Small | Shown::Complementary => None,
    };
    let protected = |(row, [above, below]): (&Count, &[Option<usize>; 2])| {
        let (mut numerator, denominator) = (number(*above), number(*below));
        let lost = |cell: &Option<usize>, number: Option<u64>| cell.is_some() && number.is_none();
        let suppressed = row.suppressed || lost(above, numerator) || lost(below, denominator);
        // A row has one mark for both of its numbers.
        if suppressed {
            numerator = None;
        }
        Count {
            numerator,
            // A count kept from an earlier bundle may be larger by a step.
            denominator: denominator.map(|d| d.max(numerator.unwrap_or(0))),
            suppressed,
            ..row.clone()
        }
    };
    Protection {
        rows: rows.iter().zip(&cells.rows).map(protected).collect(),
        hidden,
        earlier: now,
    }
}

/// What stands in each cell, group by group.
fn shown(cells: &Cells, earlier: &Earlier) -> Vec<Shown> {
    let telling = telling_noughts(cells);
    let mut all = vec![Shown::Small; cells.counts.len()];
    let mut group_of = vec![0; cells.counts.len()];
    let groups = cells.groups();
    for (number, group) in groups.iter().enumerate() {
        for cell in group {
            group_of[*cell] = number;
        }
    }
    let mut sums: BTreeMap<usize, Vec<&Sum>> = BTreeMap::new();
    for sum in &cells.sums {
        sums.entry(group_of[sum.total]).or_default().push(sum);
    }
    for (number, group) in groups.iter().enumerate() {
        let tells = group.iter().any(|c| telling.contains(c));
        let rules = Rules {
            zeros: if tells { Zeros::Hidden } else { Zeros::Shown },
            ..Rules::default()
        };
        let sums = sums.get(&number).map(Vec::as_slice).unwrap_or_default();
        let shown = group_shown(cells, group, sums, &rules, earlier);
        for (cell, shown) in group.iter().zip(shown) {
            all[*cell] = shown;
        }
    }
    all
}

fn group_shown(
    cells: &Cells,
    group: &[usize],
    sums: &[&Sum],
    rules: &Rules,
    earlier: &Earlier,
) -> Vec<Shown> {
    let counts: Vec<u64> = group.iter().map(|c| cells.counts[*c]).collect();
    if sums.is_empty() {
        return counts.iter().map(|c| rules.shown(*c)).collect();
    }
    let place: BTreeMap<usize, usize> = group.iter().copied().zip(0..).collect();
    let moved = |sum: &&Sum| Sum {
        total: place[&sum.total],
        parts: sum.parts.iter().map(|p| place[p]).collect(),
    };
    let sums = sums.iter().map(moved).collect();
    let already: Vec<Range> = group
        .iter()
        .map(|c| earlier.learnt(&cells.names[*c], cells.counts[*c], rules))
        .collect();
    let protected = Table::new(counts, sums)
        .and_then(|table| protect_given(&table, &already, rules))
        .map(|p| p.shown().to_vec());
    // Where no choice of cells is safe, none is shown.
    protected.unwrap_or_else(|_| vec![Shown::Complementary; group.len()])
}

/// Noughts that tell of everybody in a small group: none of six.
fn telling_noughts(cells: &Cells) -> std::collections::BTreeSet<usize> {
    let rules = Rules::default();
    let telling = |[above, below]: &[Option<usize>; 2]| {
        let (above, below) = ((*above)?, (*below)?);
        (cells.counts[above] == 0 && rules.is_small(cells.counts[below])).then_some(above)
    };
    cells.rows.iter().filter_map(telling).collect()
}
