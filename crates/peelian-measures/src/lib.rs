//! Measure files and the engine that computes readings from the tables.
