//! Leaving a run behind: whole or not at all.
//!
//! Everything of a run is written and flushed under `out/<period>/.staging-<run-id>/`, renamed to
//! `out/<period>/runs/<run-id>/`, and only then does the link `out/<period>/current` come to point there, by
//! one atomic rename. Whoever reads through `current` sees the old run or the new one, each whole; a run that
//! was killed leaves a staging folder that the next one removes. A draft ends in
//! `out/<period>/drafts/<run-id>/` and never touches `current`.
//!
//! One process at a time: [`Claim::take`] holds the kernel's advisory lock of `out/<period>/.lock` (the file
//! stays; the lock dies with the process). The staging folder needs no process id in its name, because
//! whoever holds the lock is alone.
//!
//! When a run was published stands in `out/<period>/runs.log`, one line each, outside of every hash. A line
//! names no machine and no user. Publishing what is published already writes nothing at all.
//!
//! This module must not know what it publishes: it moves bytes under names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use super::receipt::RunId;
use crate::world::hash::sha256;
use crate::world::period::Period;
use crate::world::{Lock, World, WorldError};

/// Link to the run that counts.
pub const CURRENT: &str = "current";
/// Folder of published runs.
pub const RUNS: &str = "runs";
/// Folder of drafts.
pub const DRAFTS: &str = "drafts";
/// The log of runs.
pub const LOG: &str = "runs.log";
const LOCK: &str = ".lock";
const STAGING: &str = ".staging-";

/// A file of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Path below the run's folder, `/` as separator, each part a safe name: `stores/S01/pay-lines.csv`.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

impl Artifact {
    /// A file of a run.
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: bytes.into() }
    }
}

/// A file as the receipt lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Written {
    /// Path below the run's folder.
    pub path: String,
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// How many bytes.
    pub bytes: usize,
}

/// What publishing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// `current` points to this run since now.
    New {
        /// The run's folder.
        folder: PathBuf,
    },
    /// `current` pointed to this run before; nothing was written.
    Already {
        /// The run's folder.
        folder: PathBuf,
    },
    /// Results to look at, not to pay by; `current` was left alone.
    Draft {
        /// The draft's folder.
        folder: PathBuf,
    },
}

impl Published {
    /// The run's folder.
    pub fn folder(&self) -> &Path {
        match self {
            Self::New { folder } | Self::Already { folder } | Self::Draft { folder } => folder,
        }
    }
}

/// Why a run could not be left behind.
#[derive(Debug)]
pub enum PublishError {
    /// Another process works on the period: exit code 9.
    Locked {
        /// The lock that it holds.
        lock: PathBuf,
    },
    /// The disk did not do what was asked: exit code 6.
    World(WorldError),
    /// Two files of a run have the same name, or a name leads out of the run's folder: a mistake of this program.
    BadName(String),
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { lock } => write!(f, "another run works on this period (it holds {})", lock.display()),
            Self::World(error) => error.fmt(f),
            Self::BadName(name) => write!(f, "a run cannot hold the file `{name}` (twice, or outside its folder)"),
        }
    }
}

impl std::error::Error for PublishError {}

impl From<WorldError> for PublishError {
    fn from(error: WorldError) -> Self {
        Self::World(error)
    }
}

/// The exclusive right to publish a period, until it is dropped.
pub struct Claim<'w> {
    world: &'w dyn World,
    folder: PathBuf,
    _lock: Box<dyn Lock>,
}

impl<'w> Claim<'w> {
    /// Takes the period's lock and clears away what a killed run left behind.
    ///
    /// # Errors
    /// [`PublishError::Locked`] where another process holds it.
    pub fn take(world: &'w dyn World, out: &Path, period: Period) -> Result<Self, PublishError> {
        let folder = out.join(period.to_string());
        world.create_folder(&folder)?;
        let lock = folder.join(LOCK);
        let Some(held) = world.try_lock(&lock)? else { return Err(PublishError::Locked { lock }) };
        for name in world.list(&folder)? {
            if name.starts_with(STAGING) {
                world.remove_folder(&folder.join(name))?;
            }
        }
        Ok(Self { world, folder, _lock: held })
    }

    /// The run's folder where `current` points to it already: then there is nothing to do.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub fn already(&self, id: &RunId) -> Result<Option<Published>, PublishError> {
        let folder = self.folder_of(id, false);
        let there = self.world.exists(&folder) && self.points_to(id)?;
        Ok(there.then_some(Published::Already { folder }))
    }

    /// Opens an empty staging folder; files are added one by one, so that a run never holds all of its pages.
    ///
    /// A folder that was staged before is thrown away.
    ///
    /// # Errors
    /// Where the folder cannot be made.
    pub fn stage(&self, id: &RunId) -> Result<Staging<'_>, PublishError> {
        let folder = self.folder.join(format!("{STAGING}{id}"));
        self.world.remove_folder(&folder)?;
        self.world.create_folder(&folder)?;
        let (folders, names, written) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        Ok(Staging { folder, id: id.clone(), claim: self, folders, names, written })
    }

    fn points_to(&self, id: &RunId) -> Result<bool, PublishError> {
        Ok(self.world.read_link(&self.folder.join(CURRENT))?.is_some_and(|to| to == target(id)))
    }

    fn folder_of(&self, id: &RunId, draft: bool) -> PathBuf {
        self.folder.join(if draft { DRAFTS } else { RUNS }).join(id.as_str())
    }
}

/// A run that is being written, seen by nobody yet.
pub struct Staging<'c> {
    claim: &'c Claim<'c>,
    id: RunId,
    folder: PathBuf,
    folders: BTreeSet<PathBuf>,
    names: BTreeSet<String>,
    written: BTreeMap<String, Written>,
}

impl Staging<'_> {
    /// Writes a file and flushes it to the disk.
    ///
    /// # Errors
    /// [`PublishError::BadName`] for a name that is taken or leads out of the run's folder.
    pub fn add(&mut self, artifact: &Artifact) -> Result<(), PublishError> {
        self.add_all(std::slice::from_ref(artifact))
    }

    /// Writes several files at the same time and flushes each of them.
    ///
    /// # Errors
    /// As for one.
    pub fn add_all(&mut self, artifacts: &[Artifact]) -> Result<(), PublishError> {
        for artifact in artifacts {
            self.make_way(artifact)?;
        }
        let (world, folder) = (self.claim.world, &self.folder);
        let write = |artifact: &Artifact| {
            world.write_new(&folder.join(&artifact.path), &artifact.bytes)?;
            let (path, sha256) = (artifact.path.clone(), sha256(&artifact.bytes));
            Ok(Written { path, sha256, bytes: artifact.bytes.len() })
        };
        let written: Result<Vec<Written>, PublishError> = match artifacts {
            [one] => write(one).map(|one| vec![one]),
            several => several.par_iter().with_max_len(1).map(write).collect(),
        };
        self.written.extend(written?.into_iter().map(|file| (file.path.clone(), file)));
        Ok(())
    }

    /// Checks a file's name and makes the folders above it.
    fn make_way(&mut self, artifact: &Artifact) -> Result<(), PublishError> {
        let relative = Path::new(&artifact.path);
        let safe = relative.components().all(|part| matches!(part, Component::Normal(_)))
            && !artifact.path.is_empty()
            && self.names.insert(artifact.path.clone());
        if !safe {
            return Err(PublishError::BadName(artifact.path.clone()));
        }
        let below = relative.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        let folders: Vec<PathBuf> = below.map(|folder| self.folder.join(folder)).collect();
        if let Some(deepest) = folders.first().filter(|deepest| !self.folders.contains(*deepest)) {
            self.claim.world.create_folder(deepest)?;
            self.folders.extend(folders);
        }
        Ok(())
    }

    /// The files so far, by path.
    pub fn written(&self) -> Vec<Written> {
        self.written.values().cloned().collect()
    }

    /// Makes the run visible: published, or as a draft.
    ///
    /// # Errors
    /// Where the disk fails; `current` then points to the old run or to the new one, each whole.
    pub fn finish(self, draft: bool) -> Result<Published, PublishError> {
        let Self { claim, id, folder: staging, folders, .. } = self;
        let world = claim.world;
        let folder = claim.folder_of(&id, draft);
        if world.exists(&folder) {
            // The same run, finished before: its folder is whole, because only whole folders get that name.
            world.remove_folder(&staging)?;
        } else {
            for inner in folders.iter().rev() {
                world.sync_folder(inner)?;
            }
            world.sync_folder(&staging)?;
            let shelf = claim.folder.join(if draft { DRAFTS } else { RUNS });
            world.create_folder(&shelf)?;
            world.rename(&staging, &folder)?;
            world.sync_folder(&shelf)?;
        }
        let link = claim.folder.join(CURRENT);
        if draft {
            log(claim, &id, "draft")?;
            return Ok(Published::Draft { folder });
        }
        if claim.points_to(&id)? {
            return Ok(Published::Already { folder });
        }
        world.point(&link, &target(&id))?;
        world.sync_folder(&claim.folder)?;
        log(claim, &id, "published")?;
        Ok(Published::New { folder })
    }
}

/// Where `current` points for a run.
fn target(id: &RunId) -> PathBuf {
    Path::new(RUNS).join(id.as_str())
}

fn log(claim: &Claim<'_>, id: &RunId, outcome: &str) -> Result<(), PublishError> {
    let line = format!("{} {id} {outcome}", claim.world.now());
    Ok(claim.world.append(&claim.folder.join(LOG), &line)?)
}

/// Publishes a run, or leaves it as a draft, from files that are all at hand.
///
/// # Errors
/// See [`PublishError`].
pub fn publish(
    world: &dyn World,
    out: &Path,
    period: Period,
    id: &RunId,
    draft: bool,
    artifacts: &[Artifact],
) -> Result<Published, PublishError> {
    let claim = Claim::take(world, out, period)?;
    if !draft && let Some(already) = claim.already(id)? {
        return Ok(already);
    }
    let mut staging = claim.stage(id)?;
    for artifact in artifacts {
        staging.add(artifact)?;
    }
    staging.finish(draft)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::receipt::Ingredients;
    use crate::world::{Faulty, Memory, Mode};

    const OUT: &str = "out";

    fn period() -> Period {
        Period::parse("2026-10").unwrap()
    }

    fn id(engine: &str) -> RunId {
        Ingredients { engine: engine.to_owned(), ..Ingredients::default() }.run_id()
    }

    fn files(engine: &str) -> Vec<Artifact> {
        vec![
            Artifact::new("stores/S01/pay-lines.csv", format!("lines of {engine}")),
            Artifact::new("stores/S01/payslips/A1.pdf", format!("slip of {engine}")),
            Artifact::new("receipt.json", format!("receipt of {engine}")),
        ]
    }

    fn run(world: &dyn World, engine: &str, draft: bool) -> Result<Published, PublishError> {
        publish(world, Path::new(OUT), period(), &id(engine), draft, &files(engine))
    }

    /// What a reader sees through `current`, by path; `None` where there is no current run.
    fn current(world: &dyn World) -> Option<BTreeMap<String, String>> {
        let folder = Path::new(OUT).join("2026-10/current");
        world.exists(&folder).then(|| {
            let read = |artifact: &Artifact| world.read(&folder.join(&artifact.path)).ok();
            let text = |bytes: Option<Vec<u8>>| bytes.map_or("missing".to_owned(), |it| String::from_utf8(it).unwrap());
            files("").iter().map(|artifact| (artifact.path.clone(), text(read(artifact)))).collect()
        })
    }

    fn whole(engine: &str) -> BTreeMap<String, String> {
        let text = |artifact: Artifact| (artifact.path, String::from_utf8(artifact.bytes).unwrap());
        files(engine).into_iter().map(text).collect()
    }

    #[test]
    fn at_every_operation_that_fails_current_is_the_old_or_the_new_run_and_the_next_run_succeeds() {
        for mode in [Mode::Fail, Mode::FailFromThere] {
            for published_before in [false, true] {
                let start = || {
                    let world = Memory::new();
                    if published_before {
                        run(&world, "old", false).unwrap();
                    }
                    world
                };
                let undisturbed = Faulty::new(start(), 0, mode);
                run(&undisturbed, "new", false).unwrap();
                let old = published_before.then(|| whole("old"));
                for at in 1..=undisturbed.operations() {
                    let world = start();
                    let result = run(&Faulty::new(world.clone(), at, mode), "new", false);
                    assert!(result.is_err(), "operation {at} failed and nobody noticed");
                    let seen = current(&world);
                    assert!(seen == old || seen == Some(whole("new")), "after operation {at}: {seen:?}");
                    run(&world, "new", false).unwrap();
                    assert_eq!(current(&world), Some(whole("new")), "the run after operation {at} failed");
                    let left = world.list(Path::new("out/2026-10")).unwrap();
                    assert_eq!(left.iter().filter(|name| name.starts_with(".staging")).count(), 0);
                }
            }
        }
    }

    /// What a power cut could take back: an entry of a folder that was not flushed after it was made.
    #[test]
    fn everything_of_a_run_is_flushed_before_current_points_to_it() {
        let world = Faulty::new(Memory::new(), 0, Mode::Fail);
        run(&world, "new", false).unwrap();
        let log = world.log();
        let at = |wanted: &str| log.iter().position(|(doing, _)| *doing == wanted).unwrap();
        let (renamed, pointed) = (at("rename to"), at("point from"));
        let flushed = |folder: &Path, after: usize, before: usize| {
            log.iter()
                .enumerate()
                .any(|(at, (doing, path))| *doing == "flush the folder" && path == folder && after < at && at < before)
        };
        let mut checked = 0;
        for (made, (doing, path)) in log.iter().enumerate().take(renamed) {
            if *doing == "write" {
                assert!(flushed(path.parent().unwrap(), made, renamed), "{} may be lost", path.display());
                checked += 1;
            }
        }
        assert_eq!(checked, files("").len());
        assert!(flushed(Path::new("out/2026-10/runs"), renamed, pointed));
        assert!(flushed(Path::new("out/2026-10"), pointed, log.len()));
    }

    #[test]
    fn a_draft_that_fails_anywhere_leaves_current_alone() {
        let undisturbed = Faulty::new(Memory::new(), 0, Mode::Fail);
        run(&undisturbed, "new", true).unwrap();
        for at in 1..=undisturbed.operations() {
            let world = Memory::new();
            run(&world, "old", false).unwrap();
            assert!(run(&Faulty::new(world.clone(), at, Mode::Fail), "new", true).is_err());
            assert_eq!(current(&world), Some(whole("old")));
            let draft = run(&world, "new", true).unwrap();
            assert_eq!(world.read(&draft.folder().join("receipt.json")).unwrap(), b"receipt of new");
            assert_eq!(current(&world), Some(whole("old")));
        }
    }

    #[test]
    fn publishing_the_same_run_again_writes_nothing() {
        let world = Memory::new();
        let folder = run(&world, "one", false).unwrap().folder().to_path_buf();
        let before = world.snapshot("");
        assert_eq!(run(&world, "one", false).unwrap(), Published::Already { folder });
        assert_eq!(world.snapshot(""), before);
    }

    #[test]
    fn an_earlier_run_becomes_current_again_without_being_rewritten() {
        let world = Memory::new();
        for engine in ["one", "two", "one"] {
            assert!(matches!(run(&world, engine, false).unwrap(), Published::New { .. }));
            assert_eq!(current(&world), Some(whole(engine)));
        }
        let log = String::from_utf8(world.read(Path::new("out/2026-10/runs.log")).unwrap()).unwrap();
        let expected = format!("2026-11-03T08:30:00+08:00 {} published", id("one"));
        assert_eq!((log.lines().count(), log.lines().next()), (3, Some(expected.as_str())));
    }

    #[test]
    fn a_period_that_another_process_works_on_is_locked() {
        let world = Memory::new();
        let claim = Claim::take(&world, Path::new(OUT), period()).unwrap();
        assert!(matches!(run(&world, "one", false), Err(PublishError::Locked { .. })));
        drop(claim);
        run(&world, "one", false).unwrap();
    }

    #[test]
    fn names_that_lead_out_of_the_run_or_stand_twice_are_refused() {
        for path in ["", "/etc/passwd", "../x", "a/../../x", "./a", "receipt.json"] {
            let world = Memory::new();
            let files = [Artifact::new("receipt.json", ""), Artifact::new(path, "")];
            let result = publish(&world, Path::new(OUT), period(), &id("one"), false, &files);
            assert!(matches!(result, Err(PublishError::BadName(_))), "{path}");
            assert_eq!(current(&world), None);
        }
    }
}
