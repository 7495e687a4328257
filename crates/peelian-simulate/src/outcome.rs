//! What becomes of a crime, and when.

use peelian_model::Month;

use crate::dice::Dice;

/// The name in the outcomes file of a charge.
pub(crate) const CHARGED: &str = "Suspect charged";

const UNDER_INVESTIGATION: &str = "Under investigation";

/// Names of outcomes other than a charge.
const OTHERS: [&str; 8] = [
    "Investigation complete; no suspect identified",
    "Unable to prosecute suspect",
    "Local resolution",
    "Offender given a caution",
    "Action to be taken by another organisation",
    "Further action is not in the public interest",
    "Formal action is not in the public interest",
    "Further investigation is not in the public interest",
];

/// How crimes of a kind end.
pub(crate) struct Mix {
    /// How much likelier a charge is than over all crime.
    charged: f64,
    /// Weights of the other outcomes, in the order of `OTHERS`.
    others: [f64; 8],
}

// Rounded from a real force's files of 2021.
/// Theft of and from things nobody watches.
pub(crate) const UNSEEN: Mix = Mix {
    charged: 0.35,
    others: [0.86, 0.11, 0.01, 0.002, 0.003, 0.002, 0.001, 0.001],
};
/// Shops, which often know who it was.
pub(crate) const SHOP: Mix = Mix {
    charged: 1.7,
    others: [0.69, 0.13, 0.07, 0.006, 0.002, 0.004, 0.003, 0.001],
};
/// Crimes against people.
pub(crate) const PERSON: Mix = Mix {
    charged: 0.9,
    others: [0.18, 0.66, 0.03, 0.01, 0.045, 0.025, 0.006, 0.002],
};
/// Damage, robbery, disorder.
pub(crate) const PUBLIC: Mix = Mix {
    charged: 1.0,
    others: [0.45, 0.42, 0.03, 0.012, 0.012, 0.018, 0.008, 0.002],
};
/// Found out by the police themselves.
pub(crate) const POSSESSION: Mix = Mix {
    charged: 3.8,
    others: [0.04, 0.10, 0.55, 0.05, 0.01, 0.02, 0.017, 0.001],
};

/// How a crime ends.
pub(crate) struct Outcome {
    /// Months from the crime to it.
    pub(crate) delay: usize,
    /// Its name in the outcomes file.
    pub(crate) name: &'static str,
    /// How likely a charge was.
    pub(crate) charged: f64,
}

/// Longest time from crime to outcome, in months.
pub(crate) const LONGEST: usize = 5;

impl Mix {
    /// Draws an outcome; none for the few crimes that stay open.
    /// `charged_share` gives the force's own share by months of delay.
    pub(crate) fn draw(
        &self,
        dice: &mut Dice,
        charged_share: impl Fn(usize) -> f64,
    ) -> Option<Outcome> {
        const DELAYS: [f64; LONGEST + 2] = [0.60, 0.23, 0.07, 0.04, 0.02, 0.01, 0.03];
        let delay = dice.choose(&DELAYS);
        if delay > LONGEST {
            return None;
        }
        let charged = (self.charged * charged_share(delay)).min(0.9);
        let name = if dice.chance(charged) {
            CHARGED
        } else {
            OTHERS[dice.choose(&self.others)]
        };
        Some(Outcome {
            delay,
            name,
            charged,
        })
    }
}

/// What the street file of a crime's month says last, seen at the end of `last`.
pub(crate) fn last_category(month: Month, outcome: Option<&Outcome>, last: Month) -> &'static str {
    let Some(outcome) = outcome else {
        let stale = last.since(month) > 3;
        return if stale {
            "Status update unavailable"
        } else {
            UNDER_INVESTIGATION
        };
    };
    let age = last.since(month.plus(outcome.delay as i32));
    match (outcome.name, age) {
        (_, ..0) => UNDER_INVESTIGATION,
        // Courts' results have not been published since 2019.
        (CHARGED, ..4) => "Awaiting court outcome",
        (CHARGED, _) => "Court result unavailable",
        (name, _) => name,
    }
}
