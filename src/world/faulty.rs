//! A world that fails, or kills the process, at a chosen operation: for tests of what a run leaves behind.
//!
//! Operations are the methods of [`World`] that change something, counted from 1 in the order of calls.
//! The chosen operation is not done, but for a file being written: half of it is, as by a full disk.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;

use super::{Lock, Result, World, WorldError};

/// What becomes of the chosen operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It returns an error; those after it work.
    Fail,
    /// It and all after it return an error, as on a disk that has gone away.
    FailFromThere,
    /// The process aborts.
    Abort,
}

/// A world that goes wrong at operation `at`.
#[derive(Debug)]
pub struct Faulty<W> {
    inner: W,
    at: usize,
    mode: Mode,
    log: Mutex<Vec<(&'static str, PathBuf)>>,
}

impl<W: World> Faulty<W> {
    /// Goes wrong at operation `at`, counted from 1; 0 is never reached.
    pub fn new(inner: W, at: usize, mode: Mode) -> Self {
        Self { inner, at, mode, log: Mutex::default() }
    }

    /// How many operations there were.
    pub fn operations(&self) -> usize {
        self.log().len()
    }

    /// What was tried so far, in order: `write`, `rename to`, `flush the folder`, … and on which path.
    pub fn log(&self) -> Vec<(&'static str, PathBuf)> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts an operation; `half` is done before it goes wrong.
    fn operation(&self, doing: &'static str, path: &Path, half: impl FnOnce()) -> Result<()> {
        let number = {
            let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push((doing, path.to_path_buf()));
            log.len()
        };
        let reached = self.at != 0 && (number == self.at || number > self.at && self.mode == Mode::FailFromThere);
        if !reached {
            return Ok(());
        }
        if number == self.at {
            half();
        }
        if self.mode == Mode::Abort {
            std::process::abort();
        }
        let source = io::Error::other(format!("operation {number} was made to fail"));
        Err(WorldError { doing: doing.to_owned(), path: path.to_path_buf(), source })
    }
}

impl<W: World> World for Faulty<W> {
    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        self.inner.read(path)
    }

    fn size(&self, path: &Path) -> u64 {
        self.inner.size(path)
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>> {
        self.inner.list(folder)
    }

    fn exists(&self, path: &Path) -> bool {
        self.inner.exists(path)
    }

    fn read_link(&self, path: &Path) -> Result<Option<PathBuf>> {
        self.inner.read_link(path)
    }

    fn create_folder(&self, path: &Path) -> Result<()> {
        self.operation("create the folder", path, || {})?;
        self.inner.create_folder(path)
    }

    fn write_new(&self, path: &Path, content: &[u8]) -> Result<()> {
        let half = content.get(..content.len() / 2).unwrap_or_default();
        self.operation("write", path, || drop(self.inner.write_new(path, half)))?;
        self.inner.write_new(path, content)
    }

    fn append(&self, path: &Path, line: &str) -> Result<()> {
        self.operation("append to", path, || {})?;
        self.inner.append(path, line)
    }

    fn sync_folder(&self, path: &Path) -> Result<()> {
        self.operation("flush the folder", path, || {})?;
        self.inner.sync_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.operation("rename to", to, || {})?;
        self.inner.rename(from, to)
    }

    fn point(&self, link: &Path, target: &Path) -> Result<()> {
        self.operation("point from", link, || {})?;
        self.inner.point(link, target)
    }

    fn remove_folder(&self, path: &Path) -> Result<()> {
        self.operation("remove", path, || {})?;
        self.inner.remove_folder(path)
    }

    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn Lock>>> {
        self.operation("lock", path, || {})?;
        self.inner.try_lock(path)
    }

    fn today(&self) -> Date {
        self.inner.today()
    }

    fn now(&self) -> String {
        self.inner.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    #[test]
    fn only_the_chosen_operation_fails_and_a_file_is_left_half_written() {
        let world = Faulty::new(Memory::new(), 2, Mode::Fail);
        world.write_new(Path::new("a"), b"1234").unwrap();
        assert!(world.write_new(Path::new("b"), b"1234").is_err());
        world.write_new(Path::new("c"), b"1234").unwrap();
        assert_eq!(world.read(Path::new("b")).unwrap(), b"12");
        assert_eq!(world.operations(), 3);
    }

    #[test]
    fn a_disk_that_has_gone_away_stays_away() {
        let world = Faulty::new(Memory::new(), 1, Mode::FailFromThere);
        assert!(world.create_folder(Path::new("a")).is_err());
        assert!(world.create_folder(Path::new("b")).is_err());
    }
}
