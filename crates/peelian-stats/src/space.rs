//! Where: density, clustering, repetition and the scoring of chosen places.
