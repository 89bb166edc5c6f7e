//! The real world: the disk and the system clock.
//!
//! The only file of the program that may use `std::fs`, the clock and the process's environment.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the one file that touches the disk and the clock"
)]

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use jiff::ZonedDateTime;
use jiff::civil::Date;

use super::{Lock, Result, World, WorldError, parent};

const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// Files on disk and the system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

/// An open file that carries the kernel's advisory lock; closing it gives the lock back.
struct DiskLock(#[expect(dead_code, reason = "held, never read")] File);

impl Lock for DiskLock {}

fn failed<'a>(doing: &str, path: &'a Path) -> impl FnOnce(io::Error) -> WorldError + use<'a> {
    let doing = doing.to_owned();
    move |source| WorldError { doing, path: path.to_path_buf(), source }
}

/// What is not there is `None`, every other trouble stays one.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    if let Err(error) = DirBuilder::new().mode(FOLDER_MODE).create(path) {
        return if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() { Ok(()) } else { Err(error) };
    }
    // mkdir takes away the bits of the umask; ours are wanted exactly.
    fs::set_permissions(path, Permissions::from_mode(FOLDER_MODE))?;
    File::open(parent(path))?.sync_all()
}

fn new_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    file.write_all(content)?;
    file.sync_all()
}

fn append_line(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(path)?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_all()
}

/// The new link is made beside the old one and takes its place by a rename: nobody sees neither or half.
fn replace_link(link: &Path, target: &Path) -> io::Result<()> {
    let mut name = link.file_name().unwrap_or_default().to_os_string();
    name.push(".next");
    let next = link.with_file_name(name);
    found(fs::remove_file(&next))?;
    symlink(target, &next)?;
    fs::rename(&next, link)?;
    File::open(parent(link))?.sync_all()
}

fn remove_tree(path: &Path) -> io::Result<()> {
    match found(fs::symlink_metadata(path))? {
        None => Ok(()),
        Some(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Some(_) => fs::remove_file(path),
    }
}

impl World for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        fs::read(path).map_err(failed("read", path))
    }

    fn size(&self, path: &Path) -> u64 {
        fs::metadata(path).map_or(0, |metadata| metadata.len())
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>> {
        let list = || -> io::Result<Vec<String>> {
            let Some(entries) = found(fs::read_dir(folder))? else { return Ok(Vec::new()) };
            let mut names = Vec::new();
            for entry in entries {
                names.push(entry?.file_name().into_string().map_err(|name| {
                    let text = format!("the name {} is not UTF-8", name.display());
                    io::Error::new(io::ErrorKind::InvalidData, text)
                })?);
            }
            names.sort_unstable();
            Ok(names)
        };
        list().map_err(failed("list", folder))
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn read_link(&self, path: &Path) -> Result<Option<PathBuf>> {
        match fs::read_link(path) {
            Ok(target) => Ok(Some(target)),
            // EINVAL: it is there, and it is no link.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput) => Ok(None),
            Err(error) => Err(failed("read the link", path)(error)),
        }
    }

    fn create_folder(&self, path: &Path) -> Result<()> {
        let mut missing: Vec<&Path> =
            path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()).collect();
        while let Some(folder) = missing.pop() {
            make_folder(folder).map_err(failed("create the folder", folder))?;
        }
        Ok(())
    }

    fn write_new(&self, path: &Path, content: &[u8]) -> Result<()> {
        new_file(path, content).map_err(failed("write", path))
    }

    fn append(&self, path: &Path, line: &str) -> Result<()> {
        append_line(path, line).map_err(failed("append to", path))
    }

    fn sync_folder(&self, path: &Path) -> Result<()> {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(failed("flush the folder", path))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        fs::rename(from, to).map_err(failed(&format!("rename {} to", from.display()), to))
    }

    fn point(&self, link: &Path, target: &Path) -> Result<()> {
        replace_link(link, target).map_err(failed(&format!("point to {} from", target.display()), link))
    }

    fn remove_folder(&self, path: &Path) -> Result<()> {
        remove_tree(path).map_err(failed("remove", path))
    }

    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn Lock>>> {
        let open = || -> io::Result<File> {
            let file = OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
            file.set_permissions(Permissions::from_mode(FILE_MODE))?;
            Ok(file)
        };
        let file = open().map_err(failed("open the lock", path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(DiskLock(file)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed("lock", path)(error)),
        }
    }

    fn today(&self) -> Date {
        ZonedDateTime::now().date()
    }

    fn now(&self) -> String {
        ZonedDateTime::now().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn files_and_folders_are_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        Disk.create_folder(&deep).unwrap();
        Disk.write_new(&deep.join("f"), b"x").unwrap();
        Disk.append(&deep.join("log"), "one").unwrap();
        Disk.append(&deep.join("log"), "two").unwrap();
        assert_eq!((mode(&folder.path().join("a")), mode(&deep)), (0o700, 0o700));
        assert_eq!((mode(&deep.join("f")), mode(&deep.join("log"))), (0o600, 0o600));
        assert_eq!(Disk.read(&deep.join("log")).unwrap(), b"one\ntwo\n");
    }

    #[test]
    fn a_file_that_is_there_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        Disk.write_new(&file, b"old").unwrap();
        assert!(Disk.write_new(&file, b"new").is_err());
        assert_eq!(Disk.read(&file).unwrap(), b"old");
    }

    #[test]
    fn a_second_lock_of_the_same_path_is_refused_until_the_first_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".lock");
        let held = Disk.try_lock(&path).unwrap();
        assert!(held.is_some());
        assert!(Disk.try_lock(&path).unwrap().is_none());
        drop(held);
        assert!(Disk.try_lock(&path).unwrap().is_some());
    }

    #[test]
    fn a_link_is_replaced_even_where_an_earlier_attempt_left_its_half() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("current");
        assert_eq!(Disk.read_link(&link).unwrap(), None);
        symlink("abandoned", folder.path().join("current.next")).unwrap();
        Disk.point(&link, Path::new("runs/1")).unwrap();
        Disk.point(&link, Path::new("runs/2")).unwrap();
        assert_eq!(Disk.read_link(&link).unwrap(), Some(PathBuf::from("runs/2")));
        assert!(!Disk.exists(&link), "it dangles");
        assert_eq!(Disk.list(folder.path()).unwrap(), ["current"]);
    }

    #[test]
    fn a_folder_that_is_not_there_is_empty_and_may_be_removed() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        assert!(Disk.list(&missing).unwrap().is_empty());
        Disk.remove_folder(&missing).unwrap();
        Disk.create_folder(&missing.join("b")).unwrap();
        Disk.create_folder(&missing.join("a")).unwrap();
        assert_eq!(Disk.list(&missing).unwrap(), ["a", "b"]);
        Disk.remove_folder(&missing).unwrap();
        assert!(!Disk.exists(&missing));
        assert_eq!(Disk.read_link(folder.path()).unwrap(), None, "a folder is no link");
    }

    #[test]
    fn an_error_says_what_was_tried_and_where() {
        let error = Disk.read(Path::new("/nowhere/orders.csv")).unwrap_err();
        assert!(error.to_string().starts_with("cannot read /nowhere/orders.csv: "), "{error}");
    }
}
