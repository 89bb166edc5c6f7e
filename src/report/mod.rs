//! Outcome to pages.
