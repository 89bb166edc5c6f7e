//! Safe file names for ids that people chose.
