use peelian_stats::spc::signal::{Polarity, Signal, assurance, variation};
use peelian_stats::spc::xmr::{Assurance, Rule, Settings, SpecialCause, xmr};

use super::some;

#[test]
fn a_signal_is_better_or_worse_by_polarity_and_high_or_low_without_one() {
    let cause = |high| {
        Some(SpecialCause {
            rule: Rule::Shift,
            high,
        })
    };
    for (polarity, high, low) in [
        (
            Polarity::HigherIsBetter,
            Signal::Improvement,
            Signal::Concern,
        ),
        (
            Polarity::LowerIsBetter,
            Signal::Concern,
            Signal::Improvement,
        ),
        (Polarity::Neutral, Signal::NeutralHigh, Signal::NeutralLow),
    ] {
        assert_eq!(variation(cause(true), polarity), high);
        assert_eq!(variation(cause(false), polarity), low);
        assert_eq!(variation(None, polarity), Signal::CommonCause);
    }
}

#[test]
fn a_target_is_judged_only_where_there_is_one_and_a_better_way() {
    let chart = xmr(
        &some(&[1.0, 2.0, 1.0, 2.0]),
        &[],
        None,
        &Settings::default(),
    );
    let limits = &chart.segments[0];
    let judged = |target, polarity| assurance(limits, target, polarity);
    assert_eq!(
        judged(Some(9.0), Polarity::HigherIsBetter),
        Some(Assurance::ConsistentlyFails)
    );
    assert_eq!(
        judged(Some(9.0), Polarity::LowerIsBetter),
        Some(Assurance::ConsistentlyPasses)
    );
    assert_eq!(
        judged(Some(1.5), Polarity::HigherIsBetter),
        Some(Assurance::HitAndMiss)
    );
    assert_eq!(judged(Some(9.0), Polarity::Neutral), None);
    assert_eq!(judged(None, Polarity::HigherIsBetter), None);
    assert_eq!(judged(Some(f64::NAN), Polarity::HigherIsBetter), None);
    let alone = xmr(&some(&[1.0]), &[], None, &Settings::default());
    assert_eq!(
        assurance(&alone.segments[0], Some(9.0), Polarity::HigherIsBetter),
        None
    );
}
