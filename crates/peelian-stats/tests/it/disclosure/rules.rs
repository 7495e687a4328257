use peelian_stats::disclosure::attack::Range;
use peelian_stats::disclosure::rules::{Mark, Rules, Shown, Zeros};
use proptest::prelude::*;

#[test]
fn the_ten_five_rule_hides_under_ten_and_rounds_to_five() {
    use Shown::{Rounded, Small};
    let rules = Rules::default();
    let shown = [1, 9, 10, 12, 13, 17, 18].map(|count| rules.shown(count));
    let expected = [
        Small,
        Small,
        Rounded(10),
        Rounded(10),
        Rounded(15),
        Rounded(15),
        Rounded(20),
    ];
    assert_eq!(shown, expected);
    assert_eq!(rules.shown(0), Rounded(0));
}

#[test]
fn a_reader_who_has_the_rules_learns_no_less_than_this() {
    let rules = Rules::default();
    // A shown 10 is not 8 or 9: those would be hidden. A shown 0 is none.
    assert_eq!(rules.learnt(Shown::Rounded(10)), Range::between(10, 12));
    assert_eq!(rules.learnt(Shown::Rounded(15)), Range::between(13, 17));
    assert_eq!(rules.learnt(Shown::Rounded(0)), Range::exactly(0));
    assert_eq!(rules.learnt(Shown::Small), Range::at_least(1));
    assert_eq!(rules.learnt(Shown::Complementary), Range::at_least(1));
    let says = Rules {
        mark: Mark::SaysSmall,
        width: 8,
        ..rules
    };
    assert_eq!(says.learnt(Shown::Small), Range::between(1, 9));
    assert_eq!(says.learnt(Shown::Complementary), Range::at_least(10));
    let hides_zeros = Rules {
        zeros: Zeros::Hidden,
        ..says
    };
    assert_eq!(hides_zeros.learnt(Shown::Small), Range::between(0, 9));
    // Under a low threshold a shown 0 may be a few.
    let low = Rules {
        threshold: 2,
        ..rules
    };
    assert_eq!(low.learnt(Shown::Rounded(0)), Range::between(0, 2));
}

proptest! {
    #[test]
    fn the_true_count_is_never_ruled_out(
        count in prop_oneof![0_u64..40, 0_u64..1_000_000],
        threshold in 1_u64..30,
        base in 1_u64..30,
        hide_zeros in any::<bool>(),
        says_small in any::<bool>(),
    ) {
        let rules = Rules {
            threshold,
            base,
            zeros: if hide_zeros { Zeros::Hidden } else { Zeros::Shown },
            mark: if says_small { Mark::SaysSmall } else { Mark::Same },
            ..Rules::default()
        };
        let shown = rules.shown(count);
        prop_assert!(rules.learnt(shown).contains(count), "{count} {shown:?}");
        if let Shown::Rounded(figure) = shown {
            prop_assert!(figure % base == 0 && 2 * figure.abs_diff(count) <= base);
        }
    }

    #[test]
    fn any_rules_and_counts_are_borne(
        count in any::<u64>(),
        threshold in any::<u64>(),
        base in any::<u64>(),
        figure in any::<u64>(),
    ) {
        let rules = Rules { threshold, base, ..Rules::default() };
        let learnt = rules.learnt(Shown::Rounded(figure));
        prop_assert!(!learnt.is_empty());
        let _ = rules.learnt(rules.shown(count));
    }
}
