//! Is a power used fairly, and is harm moving? Disparity, outcomes of use, weighted harm.
//!
//! A ratio of rates says how unevenly a power falls ([`disparity`]); whether it finds what it is
//! for as often in each group says something of the reason ([`outcome_test`]); neither says why by
//! itself. Harm weighs each kind of event by how bad it is ([`harm`]).

pub mod disparity;
pub mod harm;
pub mod outcome_test;
