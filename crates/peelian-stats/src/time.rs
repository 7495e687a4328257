//! Series over time: season, forecast, change points and early warning.

pub mod backtest;
pub mod bank_holidays;
pub mod calendar;
pub mod change_points;
pub mod ets;
pub mod farrington;
pub mod outbreak_scan;
pub mod stl;
