//! Intervals, and comparison of units without ranking them.

/// Intervals for a median, a percentile or any other statistic, by resampling.
pub mod bootstrap;
/// Differences and ratios of two figures, with intervals.
pub mod difference;
/// Funnel plots that allow for the usual differences between units.
pub mod funnel;
/// Intervals for a proportion, a count and a rate.
pub mod interval;
/// What many tests at once find by chance, kept within bounds.
pub mod multiplicity;
/// Funnel limits from the distribution of the counts themselves.
pub mod predictive;
/// How sure a rank is.
pub mod rank;
/// Figures of small units drawn towards the level of all.
pub mod shrinkage;
/// Rates of units whose people differ in age or the like.
pub mod standardised;
/// Funnel limits from chance alone, as English public health publishes them.
pub mod unadjusted_funnel;
