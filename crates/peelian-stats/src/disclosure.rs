//! May this table be published? Suppression and rounding of small counts, with proof by attack.
