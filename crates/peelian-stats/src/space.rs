//! Where: density, clustering, repetition and the scoring of chosen places.

pub mod near_repeat;
pub mod nearest_neighbour;
pub mod prediction_accuracy;
pub mod prospective;
pub mod scan;

mod close_pairs;
pub mod density;
pub mod local_g;
pub mod moran;
pub mod multiple;
pub mod weights;

mod buckets;
mod conditional;
