//! Series over time: season, forecast, change points and early warning.

pub mod bank_holidays;
pub mod calendar;
pub mod change_points;
pub mod farrington;
pub mod outbreak_scan;
