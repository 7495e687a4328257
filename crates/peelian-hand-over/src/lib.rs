//! The signed bundle of counts by which a force's installation feeds a
//! commissioner's.
//!
//! **Owns** what a bundle holds, its suppression and rounding, its signature.
//! Rows of people never enter one.
//!
//! **Must not know** pages, measures or the query engine.
