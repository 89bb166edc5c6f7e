//! A world in memory, for tests: no disk, a fixed day.
//!
//! It follows symbolic links as a file system does and refuses what a file system refuses (a folder
//! renamed onto a full one, a file without its folder), so that a test against it means something.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::{Date, date};

use super::{Lock, Result, World, WorldError, parent};

/// How many links a path may go through.
const LINK_LIMIT: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Folder,
    File(Vec<u8>),
    Link(PathBuf),
}

#[derive(Debug, Default)]
struct State {
    nodes: BTreeMap<PathBuf, Node>,
    locks: BTreeSet<PathBuf>,
}

/// Files in memory and a clock that stands still.
#[derive(Clone, Debug)]
pub struct Memory {
    state: Arc<Mutex<State>>,
    today: Date,
}

impl Default for Memory {
    fn default() -> Self {
        Self { state: Arc::default(), today: date(2026, 11, 3) }
    }
}

struct MemoryLock {
    state: Arc<Mutex<State>>,
    path: PathBuf,
}

impl Lock for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).locks.remove(&self.path);
    }
}

impl Memory {
    /// An empty world in which it is 2026-11-03.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same files, another day.
    #[must_use]
    pub fn on(mut self, today: Date) -> Self {
        self.today = today;
        self
    }

    /// A second world with the same files, changed apart from this one; locks are not taken over.
    #[must_use]
    pub fn fork(&self) -> Self {
        let state = State { nodes: self.state().nodes.clone(), locks: BTreeSet::new() };
        Self { state: Arc::new(Mutex::new(state)), today: self.today }
    }

    /// Puts a file in place, with the folders above it; an old one is replaced.
    #[must_use]
    pub fn with(self, path: impl AsRef<Path>, content: impl Into<Vec<u8>>) -> Self {
        self.put(path, content);
        self
    }

    /// Puts a file in place, with the folders above it; an old one is replaced.
    pub fn put(&self, path: impl AsRef<Path>, content: impl Into<Vec<u8>>) {
        let path = plain(path.as_ref());
        let mut state = self.state();
        state.make_folders(parent(&path));
        state.nodes.insert(path, Node::File(content.into()));
    }

    /// Every file and link below a folder, by path: files with their content, links as `-> target`.
    pub fn snapshot(&self, folder: impl AsRef<Path>) -> BTreeMap<String, Vec<u8>> {
        let folder = plain(folder.as_ref());
        let state = self.state();
        let below = state.nodes.iter().filter(|(path, _)| path.starts_with(&folder));
        below
            .filter_map(|(path, node)| match node {
                Node::Folder => None,
                Node::File(content) => Some((path.display().to_string(), content.clone())),
                Node::Link(to) => Some((path.display().to_string(), format!("-> {}", to.display()).into_bytes())),
            })
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The path without `.` and with `..` worked out in the text.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

fn error(kind: io::ErrorKind) -> io::Error {
    io::Error::from(kind)
}

impl State {
    /// The path behind all links, of the folder only where `last` is false.
    fn resolve(&self, path: &Path, last: bool) -> io::Result<PathBuf> {
        let mut path = plain(path);
        'again: for _ in 0..LINK_LIMIT {
            let ancestors: Vec<&Path> = path.ancestors().collect();
            for link in ancestors.into_iter().rev() {
                if link == path && !last {
                    break;
                }
                if let Some(Node::Link(target)) = self.nodes.get(link) {
                    let rest = path.strip_prefix(link).unwrap_or(Path::new("")).to_path_buf();
                    path = plain(&link.parent().unwrap_or(Path::new("")).join(target).join(rest));
                    continue 'again;
                }
            }
            return Ok(path);
        }
        Err(io::Error::other("too many symbolic links"))
    }

    fn node(&self, path: &Path) -> io::Result<&Node> {
        let path = self.resolve(path, true)?;
        self.nodes.get(&path).ok_or_else(|| error(io::ErrorKind::NotFound))
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.as_os_str().is_empty() || path == Path::new("/") || self.nodes.get(path) == Some(&Node::Folder)
    }

    fn make_folders(&mut self, path: &Path) {
        for folder in plain(path).ancestors() {
            if !self.is_folder(folder) {
                self.nodes.insert(folder.to_path_buf(), Node::Folder);
            }
        }
    }

    /// Where something new may stand: its folder is there.
    fn place(&self, path: &Path) -> io::Result<PathBuf> {
        let path = self.resolve(path, false)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        if self.is_folder(folder) { Ok(path) } else { Err(error(io::ErrorKind::NotFound)) }
    }

    fn write_new(&mut self, path: &Path, content: &[u8]) -> io::Result<()> {
        let path = self.place(path)?;
        if self.nodes.contains_key(&path) {
            return Err(error(io::ErrorKind::AlreadyExists));
        }
        self.nodes.insert(path, Node::File(content.to_vec()));
        Ok(())
    }

    fn append(&mut self, path: &Path, line: &str) -> io::Result<()> {
        let path = self.place(&self.resolve(path, true)?)?;
        match self.nodes.entry(path).or_insert_with(|| Node::File(Vec::new())) {
            Node::File(content) => content.extend_from_slice(format!("{line}\n").as_bytes()),
            Node::Folder | Node::Link(_) => return Err(error(io::ErrorKind::IsADirectory)),
        }
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (self.resolve(from, false)?, self.place(to)?);
        let node = self.nodes.get(&from).ok_or_else(|| error(io::ErrorKind::NotFound))?;
        if self.nodes.get(&to) == Some(&Node::Folder) {
            if *node != Node::Folder {
                return Err(error(io::ErrorKind::IsADirectory));
            }
            if self.nodes.keys().any(|path| *path != to && path.starts_with(&to)) {
                return Err(error(io::ErrorKind::DirectoryNotEmpty));
            }
        }
        let moved: Vec<PathBuf> = self.nodes.keys().filter(|path| path.starts_with(&from)).cloned().collect();
        for path in moved {
            let rest = path.strip_prefix(&from).unwrap_or(Path::new("")).to_path_buf();
            let target = if rest.as_os_str().is_empty() { to.clone() } else { to.join(rest) };
            if let Some(node) = self.nodes.remove(&path) {
                self.nodes.insert(target, node);
            }
        }
        Ok(())
    }

    fn point(&mut self, link: &Path, target: &Path) -> io::Result<()> {
        let link = self.place(link)?;
        if self.is_folder(&link) {
            return Err(error(io::ErrorKind::IsADirectory));
        }
        self.nodes.insert(link, Node::Link(target.to_path_buf()));
        Ok(())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let folder = self.resolve(folder, true)?;
        match self.nodes.get(&folder) {
            Some(Node::File(_)) => return Err(error(io::ErrorKind::NotADirectory)),
            None if !self.is_folder(&folder) => return Ok(Vec::new()),
            _ => {}
        }
        let inside = self.nodes.keys().filter(|path| path.parent() == Some(folder.as_path()));
        Ok(inside.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect())
    }
}

/// Gives what the state says the place of the trouble.
fn at<T>(doing: &str, path: &Path, result: io::Result<T>) -> Result<T> {
    result.map_err(|source| WorldError { doing: doing.to_owned(), path: path.to_path_buf(), source })
}

impl World for Memory {
    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let read = match self.state().node(path) {
            Ok(Node::File(content)) => Ok(content.clone()),
            Ok(Node::Folder | Node::Link(_)) => Err(error(io::ErrorKind::IsADirectory)),
            Err(error) => Err(error),
        };
        at("read", path, read)
    }

    fn size(&self, path: &Path) -> u64 {
        match self.state().node(path) {
            Ok(Node::File(content)) => content.len() as u64,
            _ => 0,
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>> {
        at("list", folder, self.state().list(folder))
    }

    fn exists(&self, path: &Path) -> bool {
        self.state().node(path).is_ok()
    }

    fn read_link(&self, path: &Path) -> Result<Option<PathBuf>> {
        let state = self.state();
        let path = at("read the link", path, state.resolve(path, false))?;
        Ok(match state.nodes.get(&path) {
            Some(Node::Link(target)) => Some(target.clone()),
            _ => None,
        })
    }

    fn create_folder(&self, path: &Path) -> Result<()> {
        let mut state = self.state();
        let resolved = at("create the folder", path, state.resolve(path, true))?;
        if resolved.ancestors().any(|folder| matches!(state.nodes.get(folder), Some(Node::File(_)))) {
            return at("create the folder", path, Err(error(io::ErrorKind::NotADirectory)));
        }
        state.make_folders(&resolved);
        Ok(())
    }

    fn write_new(&self, path: &Path, content: &[u8]) -> Result<()> {
        at("write", path, self.state().write_new(path, content))
    }

    fn append(&self, path: &Path, line: &str) -> Result<()> {
        at("append to", path, self.state().append(path, line))
    }

    fn sync_folder(&self, path: &Path) -> Result<()> {
        let state = self.state();
        let there = state.resolve(path, true).map(|path| state.is_folder(&path));
        let synced = there.and_then(|there| if there { Ok(()) } else { Err(error(io::ErrorKind::NotFound)) });
        at("flush the folder", path, synced)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        at(&format!("rename {} to", from.display()), to, self.state().rename(from, to))
    }

    fn point(&self, link: &Path, target: &Path) -> Result<()> {
        at(&format!("point to {} from", target.display()), link, self.state().point(link, target))
    }

    fn remove_folder(&self, path: &Path) -> Result<()> {
        let mut state = self.state();
        let path = at("remove", path, state.resolve(path, false))?;
        state.nodes.retain(|node, _| !node.starts_with(&path));
        Ok(())
    }

    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn Lock>>> {
        let mut state = self.state();
        let path = at("open the lock", path, state.place(path))?;
        if !state.locks.insert(path.clone()) {
            return Ok(None);
        }
        state.nodes.entry(path.clone()).or_insert_with(|| Node::File(Vec::new()));
        Ok(Some(Box::new(MemoryLock { state: Arc::clone(&self.state), path })))
    }

    fn today(&self) -> Date {
        self.today
    }

    fn now(&self) -> String {
        format!("{}T08:30:00+08:00", self.today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_through_links() {
        let world = Memory::new().with("out/runs/1/a.csv", "one").with("out/runs/2/a.csv", "two");
        world.point(Path::new("out/current"), Path::new("runs/1")).unwrap();
        assert_eq!(world.read(Path::new("out/current/a.csv")).unwrap(), b"one");
        world.point(Path::new("out/current"), Path::new("runs/2")).unwrap();
        assert_eq!(world.read(Path::new("out/./current/../current/a.csv")).unwrap(), b"two");
        assert_eq!(world.list(Path::new("out/current")).unwrap(), ["a.csv"]);
        assert_eq!(world.list(Path::new("out")).unwrap(), ["current", "runs"]);
    }

    #[test]
    fn a_full_folder_is_not_replaced_by_a_rename() {
        let world = Memory::new().with("a/x", "").with("b/y", "");
        assert!(world.rename(Path::new("a"), Path::new("b")).is_err());
        world.rename(Path::new("a"), Path::new("c")).unwrap();
        assert_eq!(world.list(Path::new("")).unwrap(), ["b", "c"]);
        assert!(world.exists(Path::new("c/x")) && !world.exists(Path::new("a/x")));
    }

    #[test]
    fn a_file_needs_its_folder_and_is_not_overwritten() {
        let world = Memory::new();
        assert!(world.write_new(Path::new("no/f"), b"").is_err());
        world.create_folder(Path::new("no")).unwrap();
        world.write_new(Path::new("no/f"), b"1").unwrap();
        assert!(world.write_new(Path::new("no/f"), b"2").is_err());
        assert!(world.create_folder(Path::new("no/f/g")).is_err());
    }

    #[test]
    fn a_lock_is_given_back_when_it_is_dropped() {
        let world = Memory::new();
        let held = world.try_lock(Path::new("l")).unwrap();
        assert!(held.is_some() && world.try_lock(Path::new("l")).unwrap().is_none());
        drop(held);
        assert!(world.try_lock(Path::new("l")).unwrap().is_some());
    }
}
