//! Kinds of things that happen, and the offences some of them are.

/// A kind of thing that people report.
pub(crate) struct Kind {
    /// The force's own incident code.
    pub(crate) code: &'static str,
    /// Share of all events, before season and hour.
    pub(crate) share: f64,
    /// Whether it happens in public, so that hot spots draw it and patrols
    /// prevent it.
    pub(crate) public: bool,
    /// How it spreads over the day.
    pub(crate) hours: &'static [f64; 24],
    /// Weights of the grades 1 to 5, before the way it was reported.
    pub(crate) grades: [f64; 5],
    /// Chance that it is recorded as a crime.
    pub(crate) recorded: f64,
    pub(crate) offence: Option<&'static Offence>,
    /// Chance that a report by 101 or online goes straight to the crime desk.
    pub(crate) desk: f64,
}

/// An offence as the Home Office lists it.
pub(crate) struct Offence {
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    pub(crate) group: &'static str,
    pub(crate) subgroup: &'static str,
    /// The category of data.police.uk, as the table of recorded crime writes it.
    pub(crate) category: &'static str,
    /// Chance that there is a suspect.
    pub(crate) suspect: f64,
}

const fn offence(
    [code, title, group, subgroup, category]: [&'static str; 5],
    suspect: f64,
) -> Offence {
    Offence {
        code,
        title,
        group,
        subgroup,
        category,
        suspect,
    }
}

const VIOLENCE: &str = "Violence against the person";
const SEXUAL: &str = "Sexual offences";
const THEFT: &str = "Theft offences";
const PERSON: &str = "Violence and Sexual Offences";

#[rustfmt::skip]
pub(crate) const OFFENCES: [Offence; 10] = [
    offence(["105A", "Assault without injury", VIOLENCE, "Violence without injury", PERSON], 0.85),
    offence(["8N", "Assault with injury", VIOLENCE, "Violence with injury", PERSON], 0.55),
    offence(["20A", "Sexual assault on a female aged 13 and over", SEXUAL, "Other sexual offences", PERSON], 0.70),
    offence(["9A", "Public fear, alarm or distress", "Public order offences", "Public order offences", "Public Order"], 0.50),
    offence(["28E", "Burglary Residential", THEFT, "Domestic burglary", "Burglary"], 0.15),
    offence(["49", "Other theft", THEFT, "Other theft offences", "Other Theft"], 0.12),
    offence(["46", "Shoplifting", THEFT, "Shoplifting", "Shoplifting"], 0.40),
    offence(["45", "Theft from vehicle", THEFT, "Theft from a vehicle", "Vehicle Crime"], 0.06),
    offence(["58C", "Criminal damage to a vehicle", "Criminal damage and arson", "Criminal damage", "Criminal Damage and Arson"], 0.18),
    offence(["34B", "Robbery of personal property", "Robbery", "Robbery of personal property", "Robbery"], 0.35),
];

/// Weights of the hours by local clock; a mean of 1.
const DAY: [f64; 24] = [
    0.35, 0.25, 0.20, 0.18, 0.18, 0.25, 0.45, 0.80, 1.20, 1.40, 1.45, 1.45, 1.45, 1.45, 1.45, 1.50,
    1.55, 1.60, 1.55, 1.45, 1.25, 1.05, 0.90, 0.64,
];
const EVENING: [f64; 24] = [
    1.40, 1.00, 0.75, 0.50, 0.30, 0.20, 0.25, 0.35, 0.50, 0.60, 0.70, 0.80, 0.90, 0.95, 1.05, 1.20,
    1.30, 1.45, 1.60, 1.70, 1.70, 1.70, 1.60, 1.50,
];

const fn kind(
    code: &'static str,
    share: f64,
    public: bool,
    hours: &'static [f64; 24],
    grades: [f64; 5],
    (recorded, offence, desk): (f64, Option<&'static Offence>, f64),
) -> Kind {
    Kind {
        code,
        share,
        public,
        hours,
        grades,
        recorded,
        offence,
        desk,
    }
}

const NO_CRIME: (f64, Option<&Offence>, f64) = (0.0, None, 0.0);

/// The place in `KINDS` of domestic abuse.
pub(crate) const DOMESTIC: usize = 0;
/// The place in `KINDS` of violence in public.
pub(crate) const VIOLENCE_IN_PUBLIC: usize = 1;
/// The place in `KINDS` of burglary.
pub(crate) const BURGLARY: usize = 4;

// The columns are: code, share, public, hours, grades 1 to 5; chance recorded,
// offence, chance of the crime desk.
#[rustfmt::skip]
pub(crate) const KINDS: [Kind; 16] = [
    kind("DOM", 0.130, false, &EVENING, [0.42, 0.40, 0.12, 0.05, 0.01], (0.52, Some(&OFFENCES[0]), 0.0)),
    kind("VIO", 0.090, true,  &EVENING, [0.38, 0.32, 0.20, 0.06, 0.04], (0.58, Some(&OFFENCES[1]), 0.0)),
    kind("SEX", 0.012, false, &EVENING, [0.30, 0.45, 0.15, 0.10, 0.00], (0.85, Some(&OFFENCES[2]), 0.0)),
    kind("DIS", 0.050, true,  &EVENING, [0.20, 0.35, 0.30, 0.05, 0.10], (0.60, Some(&OFFENCES[3]), 0.0)),
    kind("BUR", 0.035, false, &DAY,     [0.20, 0.35, 0.30, 0.12, 0.03], (0.85, Some(&OFFENCES[4]), 0.0)),
    kind("THF", 0.050, true,  &DAY,     [0.04, 0.12, 0.35, 0.14, 0.35], (0.75, Some(&OFFENCES[5]), 0.4)),
    kind("SHP", 0.050, true,  &DAY,     [0.06, 0.18, 0.40, 0.10, 0.26], (0.80, Some(&OFFENCES[6]), 0.4)),
    kind("VEH", 0.040, false, &DAY,     [0.03, 0.10, 0.32, 0.15, 0.40], (0.85, Some(&OFFENCES[7]), 0.5)),
    kind("CDM", 0.050, true,  &EVENING, [0.06, 0.16, 0.38, 0.15, 0.25], (0.80, Some(&OFFENCES[8]), 0.3)),
    kind("ROB", 0.008, true,  &EVENING, [0.65, 0.25, 0.08, 0.02, 0.00], (0.90, Some(&OFFENCES[9]), 0.0)),
    kind("ASB", 0.170, true,  &EVENING, [0.05, 0.22, 0.38, 0.10, 0.25], NO_CRIME),
    kind("MIS", 0.050, false, &EVENING, [0.25, 0.45, 0.25, 0.05, 0.00], NO_CRIME),
    kind("CFW", 0.120, false, &DAY,     [0.30, 0.40, 0.18, 0.04, 0.08], NO_CRIME),
    kind("RTC", 0.100, false, &DAY,     [0.32, 0.30, 0.20, 0.03, 0.15], NO_CRIME),
    kind("ALM", 0.020, false, &EVENING, [0.25, 0.40, 0.25, 0.00, 0.10], NO_CRIME),
    kind("SUS", 0.025, false, &EVENING, [0.15, 0.35, 0.35, 0.05, 0.10], NO_CRIME),
];

impl Kind {
    /// The code with which an incident of the kind is closed.
    pub(crate) fn closing(&self, crime: bool) -> String {
        let ending = if crime { "-CRIME" } else { "" };
        format!("{}{ending}", self.code)
    }

    /// Whether a recording change reaches it.
    pub(crate) fn is_violence(place: usize) -> bool {
        place == DOMESTIC || place == VIOLENCE_IN_PUBLIC
    }
}
