//! Counts first: the file of counts that a force fills in, and the signed
//! bundle by which a force's installation feeds a commissioner's.
//!
//! **Owns** the pairs of counts that start a useful picture, the template and
//! its check, what a bundle holds, its suppression and rounding, its keys and
//! its signature. Rows of people never enter a bundle.
//!
//! **Must not know** pages, measures or the query engine.
//!
//! The way of a count: `pair` says what is counted, `template` asks for it,
//! `check` reads what was filled in, the archive keeps it, `held` takes it out
//! of a home, `rule` hides and rounds, `bundle` packs and signs, `take` opens
//! the bundle at the other end.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod bundle;
mod cells;
mod check;
mod earlier;
mod error;
mod held;
mod intervals;
mod key;
mod make;
mod pair;
mod row;
mod rule;
mod sheet;
mod take;
mod template;

pub use bundle::{Bundle, Contents, Manifest};
pub use check::{Checked, Finding, check};
pub use earlier::Earlier;
pub use error::HandOverError;
pub use key::{PublicKey, SecretKey, new_keys};
pub use make::{Request, make};
pub use pair::{Pair, pairs};
pub use row::{Count, HalfHour, to_csv as rows_to_csv};
pub use rule::{Hidden, Protection, RULE, protect};
pub use sheet::{Sheet, read_sheet};
pub use take::{Taken, take};
pub use template::{Blank, Table, to_csv, to_workbook};
