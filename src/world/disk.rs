//! The real world: the disk and the system clock.

/// Files on disk and the system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;
