//! Synthetic forces in the official layouts, with a truth file.
