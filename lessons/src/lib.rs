//! The lesson engine.
