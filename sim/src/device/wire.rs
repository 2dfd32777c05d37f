//! The wire between two ends.
