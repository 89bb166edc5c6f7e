//! The outside: files and the clock, behind one trait.
//!
//! Nothing else in the program opens a file, lists a folder or asks the time (clippy.toml bans it). The
//! engine gets a [`World`]; tests give it one that fails or aborts at a chosen operation.

mod disk;
mod faulty;
pub mod hash;
pub mod heap;
mod memory;
pub mod period;
pub mod span;
pub mod stopwatch;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use disk::Disk;
pub use faulty::{Faulty, Mode};
pub use memory::Memory;

/// The environment could not do what was asked: exit code 6.
#[derive(Debug)]
pub struct WorldError {
    /// What was tried, as a verb phrase: `read`, `rename to out/2026-10/current`.
    pub doing: String,
    /// On which path.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.doing, self.path.display(), self.source)
    }
}

impl std::error::Error for WorldError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Result of an operation on the outside.
pub type Result<T, E = WorldError> = std::result::Result<T, E>;

/// Held as long as the value lives; the kernel releases it even when the process is killed.
pub trait Lock: Send {}

/// Files and the clock.
///
/// Every method that changes something is one *operation*: the unit at which tests make the world fail.
/// Files are made with mode 0600, folders with 0700, whatever the umask.
pub trait World: Send + Sync {
    /// Whole content of a file.
    fn read(&self, path: &Path) -> Result<Vec<u8>>;
    /// How many bytes a file has, as far as that is known: for telling how much there is to read, and nothing else.
    fn size(&self, path: &Path) -> u64;
    /// Names in a folder, sorted by bytes; a folder that is not there is empty.
    fn list(&self, folder: &Path) -> Result<Vec<String>>;
    /// Whether something is there (a dangling link counts as nothing).
    fn exists(&self, path: &Path) -> bool;
    /// Where a symbolic link points; `None` where there is no link.
    fn read_link(&self, path: &Path) -> Result<Option<PathBuf>>;
    /// Makes a folder and those above it.
    fn create_folder(&self, path: &Path) -> Result<()>;
    /// Writes a new file whole and flushes it to the disk; an existing file is an error.
    fn write_new(&self, path: &Path, content: &[u8]) -> Result<()>;
    /// Appends one line to a log, making it where needed.
    fn append(&self, path: &Path, line: &str) -> Result<()>;
    /// Flushes a folder's entries to the disk.
    fn sync_folder(&self, path: &Path) -> Result<()>;
    /// Renames within one file system.
    fn rename(&self, from: &Path, to: &Path) -> Result<()>;
    /// Makes `link` point to `target` by one atomic rename.
    fn point(&self, link: &Path, target: &Path) -> Result<()>;
    /// Removes a folder and what is in it; nothing there is no error.
    fn remove_folder(&self, path: &Path) -> Result<()>;
    /// Takes the advisory lock of a path without waiting; `None` where another process holds it.
    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn Lock>>>;
    /// The local civil day, for `--period last-month` only.
    fn today(&self) -> jiff::civil::Date;
    /// Now, as RFC 3339 text, for `runs.log` only.
    fn now(&self) -> String;
}

/// The folder that holds a path; the working folder for a bare name.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
