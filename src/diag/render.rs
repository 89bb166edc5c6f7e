//! How findings are drawn in a terminal.
