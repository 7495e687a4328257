mod bank_holidays;
mod calendar;
mod change_points;
mod farrington;
mod outbreak_scan;
