//! The twelve invented forces: what each is like and what is planted in it.

use peelian_model::Month;

use crate::truth::{Effect, NotSupplied, Shape, Subject};

/// What a force is like. Shares run from 0 to 1.
pub(crate) struct Profile {
    /// A place that does not exist.
    pub(crate) name: &'static str,
    /// People, about.
    pub(crate) people: usize,
    /// How many small areas.
    pub(crate) lsoas: usize,
    /// How many districts in 2016, 3 to 5.
    pub(crate) districts: usize,
    /// Whether the last two districts were joined before 2019.
    pub(crate) merged: bool,
    /// Shares of residents who are Mixed, Asian, Black and Other; the rest are White.
    pub(crate) groups: [f64; 4],
    /// How many times likelier a Black than a White resident is searched.
    pub(crate) black_to_white: f64,
    /// Outcomes that are charges.
    pub(crate) charged: f64,
    /// Searches whose outcome is linked to their object.
    pub(crate) linked: f64,
    /// Searches whose link is left blank.
    pub(crate) blank_linked: f64,
    /// Searches of people whose self-defined ethnicity is blank.
    pub(crate) blank_ethnicity: f64,
    /// Searches of people whose self-defined ethnicity is “not stated”.
    pub(crate) not_stated: f64,
    /// Searches without coordinates.
    pub(crate) unmapped_searches: f64,
    /// Street records without a location.
    pub(crate) no_location: f64,
}

const fn profile(
    name: &'static str,
    [people, lsoas, districts]: [usize; 3],
    merged: bool,
    groups: [f64; 4],
    [black_to_white, charged, linked]: [f64; 3],
    [
        blank_linked,
        blank_ethnicity,
        not_stated,
        unmapped_searches,
        no_location,
    ]: [f64; 5],
) -> Profile {
    Profile {
        name,
        people,
        lsoas,
        districts,
        merged,
        groups,
        black_to_white,
        charged,
        linked,
        blank_linked,
        blank_ethnicity,
        not_stated,
        unmapped_searches,
        no_location,
    }
}

// The columns are: name; people, LSOAs, districts; merger; Mixed, Asian, Black,
// Other; Black to White, charged, linked; blank link, blank ethnicity, not
// stated, unmapped searches, no location.
#[rustfmt::skip]
pub(crate) const PROFILES: [Profile; 12] = [
    profile("Ashmoor",     [ 62_000, 20, 3], false, [0.020, 0.035, 0.030, 0.008], [2.4, 0.075, 0.20], [0.04, 0.03, 0.09, 0.02, 0.012]),
    profile("Brackwater",  [ 88_000, 26, 3], false, [0.025, 0.060, 0.045, 0.010], [3.6, 0.085, 0.22], [0.06, 0.05, 0.12, 0.05, 0.014]),
    profile("Calderfen",   [ 74_000, 24, 4], true,  [0.015, 0.025, 0.020, 0.005], [5.0, 0.070, 0.18], [0.10, 0.08, 0.06, 0.08, 0.018]),
    profile("Durnmere",    [120_000, 34, 4], false, [0.022, 0.080, 0.050, 0.012], [2.9, 0.080, 0.24], [0.03, 0.02, 0.10, 0.03, 0.011]),
    profile("Eldenshaw",   [ 98_000, 30, 3], false, [0.018, 0.040, 0.025, 0.007], [4.2, 0.065, 0.21], [0.15, 0.12, 0.08, 0.10, 0.016]),
    profile("Fallowmarch", [105_000, 32, 4], false, [0.030, 0.090, 0.070, 0.015], [2.1, 0.070, 0.19], [0.05, 0.04, 0.14, 0.04, 0.013]),
    profile("Gorsewick",   [142_000, 40, 4], true,  [0.016, 0.030, 0.022, 0.006], [3.3, 0.095, 0.23], [0.08, 0.06, 0.07, 0.06, 0.015]),
    profile("Harrowfen",   [128_000, 36, 5], false, [0.020, 0.050, 0.035, 0.009], [2.7, 0.110, 0.20], [0.02, 0.03, 0.11, 0.02, 0.010]),
    profile("Ivelmarsh",   [160_000, 44, 5], false, [0.024, 0.070, 0.055, 0.011], [3.0, 0.080, 0.18], [0.05, 0.07, 0.09, 0.03, 0.012]),
    profile("Kestrelby",   [112_000, 32, 4], false, [0.019, 0.045, 0.030, 0.008], [1.8, 0.075, 0.22], [0.22, 0.05, 0.10, 0.12, 0.017]),
    profile("Larkenholt",  [ 86_000, 26, 3], false, [0.021, 0.055, 0.040, 0.009], [3.9, 0.090, 0.25], [0.07, 0.20, 0.05, 0.07, 0.014]),
    profile("Merrowdale",  [295_000, 60, 5], true,  [0.035, 0.120, 0.085, 0.018], [2.5, 0.060, 0.21], [0.35, 0.15, 0.16, 0.05, 0.020]),
];

/// What is planted in the force at a place of the list.
pub(crate) fn effects(force: usize, first: Month, last: Month) -> Vec<Effect> {
    use Shape::{OneMonth, Outlier, StepDown, StepUp, Trend};
    let at = |eighths: i32| first.plus((last.since(first) + 1) * eighths / 8);
    let one = |name: &str| Subject::CrimeType(name.to_owned());
    let (shape, on, from, to, factor) = match force {
        1 => (StepUp, one("Burglary"), at(4), last, 1.7),
        2 => (StepDown, one("Vehicle crime"), at(5), last, 0.45),
        3 => (Trend, one("Shoplifting"), first, last, 2.0),
        4 => {
            let name = "Criminal damage and arson";
            (OneMonth, one(name), at(5), at(5), 2.5)
        }
        5 => (Outlier, Subject::AllCrime, first, last, 1.7),
        6 => (Outlier, Subject::AllCrime, first, last, 0.5),
        7 => (StepDown, Subject::ChargedShare, at(4), last, 0.45),
        8 => {
            let ninth_from_last = last.plus(-8).max(first);
            (
                StepUp,
                Subject::LinkedOutcomeShare,
                ninth_from_last,
                last,
                1.7,
            )
        }
        _ => return Vec::new(),
    };
    vec![Effect {
        shape,
        on,
        from,
        to,
        factor,
    }]
}

/// The files that the force at a place of the list does not supply.
pub(crate) fn not_supplied(force: usize, first: Month, last: Month) -> Vec<NotSupplied> {
    let third = first.plus((last.since(first) + 1) / 3);
    let gap = |month: Month, files: &[&str]| NotSupplied {
        month,
        files: files.iter().map(|&file| file.to_owned()).collect(),
    };
    let every = ["street", "outcomes", "stop-and-search"];
    let gaps = match force {
        0 => vec![gap(third.plus(2), &["stop-and-search"])],
        2 => vec![gap(third, &every), gap(third.plus(1), &every)],
        _ => Vec::new(),
    };
    gaps.into_iter().filter(|gap| gap.month <= last).collect()
}
