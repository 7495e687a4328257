mod backtest;
mod bank_holidays;
mod calendar;
mod change_points;
mod ets;
mod farrington;
mod outbreak_scan;
mod stl;
