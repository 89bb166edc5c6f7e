//! Step kinds: one file per kind.
