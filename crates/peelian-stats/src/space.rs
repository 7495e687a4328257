//! Where: density, clustering, repetition and the scoring of chosen places.

pub mod density;
pub mod local_g;
pub mod moran;
pub mod near_repeat;
pub mod nearest_neighbour;
pub mod prediction_accuracy;
pub mod prospective;
pub mod scan;
pub mod weights;

mod buckets;
mod close_pairs;
mod conditional;
