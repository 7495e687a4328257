//! Series over time: season, forecast, change points and early warning.
