//! Readings files, signals, headlines and the public catalogue.
