//! Is a power used fairly, and is harm moving? Disparity, outcomes of use, weighted harm.
