mod disparity;
mod harm;
mod outcome_test;

/// To so many places, as printed.
fn round(value: f64, places: i32) -> f64 {
    let unit = 10_f64.powi(places);
    (value * unit).round() / unit
}
