//! Which rows of one frame meet which rows of another.
