//! Did it work? Change against what would have happened otherwise.
