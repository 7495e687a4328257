mod near_repeat;
mod nearest_neighbour;
mod prediction_accuracy;
mod prospective;
mod scan;
