//! The project file and every YAML file in the folders beside it.
//!
//! The folder says what a file is: `datasets/`, `parameters/`, `facts/`, `plans/`, `analytics/`, `files/`, with all
//! folders below them; `*.test.yaml` in `facts/`, `plans/` and `analytics/` is a rule test of the pipeline file beside
//! it; `messages/<language>/` holds the words of a language. Files are read in sorted order. What looks as if it were meant to be read and would not be is a
//! finding.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::words::{self, MESSAGES, Met, Texts};
use super::{
    ClauseFileSpec, Document, FileSpec, Located, ParameterFileSpec, PipelineSpec, ProjectSpec, Seg, TestFileSpec,
};
use crate::diag::render::Sources;
use crate::diag::text::Language;
use crate::diag::translation::{Translation, WordsSpec};
use crate::diag::yaml::tree::{Content, Node};
use crate::diag::{Code, Finding, Findings, Place, nearest, yaml};
use crate::source::DatasetSpec;
use crate::world::{self, World};

/// A file that would not be read.
pub const NOT_READ: Code = Code::new("file-not-read", "a file that looks as if it were meant to be read, but is not");
/// A rule test whose pipeline is not there.
pub const TEST_WITHOUT_PIPELINE: Code =
    Code::new("test-without-pipeline", "a rule test stands beside the pipeline of the same file name");
/// No case in a rule test.
pub const NO_CASES: Code = Code::new("no-cases", "a rule test without a case tests nothing");
/// No file of the name that `clauses` gives.
pub const NO_CLAUSE_FILE: Code =
    Code::new("no-clause-file", "the project file names a file of clauses that is not there");

/// Codes of this module.
pub const CODES: &[Code] = &[NOT_READ, TEST_WITHOUT_PIPELINE, NO_CASES, NO_CLAUSE_FILE];

const TEST: &str = ".test.yaml";
const FOLDERS: [&str; 6] = ["datasets", "parameters", "facts", "plans", "analytics", "files"];

/// All specs of a project.
#[derive(Clone, Debug)]
pub struct Project {
    /// The project file.
    pub project: Located<ProjectSpec>,
    /// The clauses of the source plans, where the project file names a file of them.
    pub clauses: Option<Located<ClauseFileSpec>>,
    /// `datasets/`.
    pub datasets: Vec<Located<DatasetSpec>>,
    /// `parameters/`.
    pub parameters: Vec<Located<ParameterFileSpec>>,
    /// `facts/`, `plans/` and `analytics/`, in this order.
    pub pipelines: Vec<Located<PipelineSpec>>,
    /// `files/`.
    pub files: Vec<Located<FileSpec>>,
    /// `*.test.yaml`, in the same order.
    pub tests: Vec<Located<TestFileSpec>>,
    /// Every file that was read, in the order of reading.
    pub documents: Vec<Arc<Document>>,
    /// The language of pages and tables, with the words of what is printed from cells.
    pub words: Translation,
}

/// What reading the files gave.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The specs; absent when an error is among the findings.
    pub project: Option<Project>,
    /// What was found, warnings included.
    pub findings: Findings,
    /// Every file that was read: what findings are drawn from.
    pub documents: Vec<Arc<Document>>,
    /// Texts without words in the language of the run, and words without a text; none in the language of the authors.
    pub words: Findings,
}

/// Texts of documents, for drawing findings.
pub fn sources(documents: &[Arc<Document>]) -> Sources {
    documents.iter().map(|document| (document.file.clone(), document.text.clone())).collect()
}

/// Reads a project, in the language that its file names.
pub fn load(world: &dyn World, project_file: &Path) -> world::Result<Loaded> {
    load_in(world, project_file, None)
}

/// Reads a project in a language; in the one that its file names where none is asked for.
pub fn load_in(world: &dyn World, project_file: &Path, language: Option<Language>) -> world::Result<Loaded> {
    let folder = project_file.parent().unwrap_or(Path::new(""));
    let language = match language {
        Some(language) => language,
        None => named(world, project_file)?.unwrap_or(Language::Chinese),
    };
    let mut reader = Reader {
        world,
        findings: Findings::new(),
        documents: Vec::new(),
        words: Translation::none(language),
        met: Met::default(),
    };
    let messages = reader.read_messages(&folder.join(MESSAGES), language)?;
    let project = reader.read::<ProjectSpec>(project_file, Texts::All)?;
    reader.look_beside(folder)?;
    let clauses = match &project {
        Some(project) => reader.read_clauses(project, folder)?,
        None => None,
    };
    let [datasets, parameters, facts, plans, analytics, files] = FOLDERS.map(|name| folder.join(name));
    let datasets = reader.read_folder(&datasets, Texts::All)?;
    let parameters = reader.read_folder(&parameters, Texts::All)?;
    let mut pipelines = Vec::new();
    let mut tests = Vec::new();
    for folder in [facts, plans, analytics] {
        reader.read_pipelines(&folder, &mut pipelines, &mut tests)?;
    }
    let files = reader.read_folder(&files, Texts::Title)?;
    let Reader { findings, documents, words, met, .. } = reader;
    let project = project.filter(|_| !findings.has_errors()).map(|project| Project {
        project,
        clauses,
        datasets,
        parameters,
        pipelines,
        files,
        tests,
        documents: documents.clone(),
        words,
    });
    let left = messages.iter().flat_map(|file| words::left(&file.value, &file.document, &met));
    let mut words = Findings::new();
    // In the language of the authors there are no message files, and nothing is missed.
    if !messages.is_empty() || language != Language::Chinese {
        left.chain(met.without.iter().cloned()).for_each(|finding| words.push(finding));
    }
    Ok(Loaded { project, findings, documents, words })
}

/// The language that a project file names; whatever is wrong with the file is found when it is read whole.
fn named(world: &dyn World, project_file: &Path) -> world::Result<Option<Language>> {
    let parsed = yaml::parse::parse(&display(project_file).into(), &world.read(project_file)?);
    let lang = parsed.root.as_ref().and_then(|root: &Node| root.entry("lang"));
    Ok(lang.and_then(|lang| match &lang.value.content {
        Content::Scalar { text, .. } => Language::ALL.into_iter().find(|known| known.tag() == text),
        _ => None,
    }))
}

/// Reads one YAML file of any kind; the value is there when no error was found in it.
pub fn read_document<T: DeserializeOwned>(
    world: &dyn World,
    path: &Path,
) -> world::Result<(Arc<Document>, Option<T>, Findings)> {
    let file = display(path);
    let (value, parsed) = yaml::read(&file, &world.read(path)?);
    let document = Document::new(file.into(), parsed.text, parsed.root);
    let mut findings = Findings::new();
    parsed.findings.into_iter().for_each(|finding| findings.push(finding));
    Ok((Arc::new(document), value, findings))
}

struct Reader<'a> {
    world: &'a dyn World,
    findings: Findings,
    documents: Vec<Arc<Document>>,
    words: Translation,
    met: Met,
}

impl Reader<'_> {
    /// Reads a file, its texts in the language of the run.
    fn read<T: DeserializeOwned>(&mut self, path: &Path, texts: Texts) -> world::Result<Option<Located<T>>> {
        let file: Arc<str> = display(path).into();
        let bytes = self.world.read(path)?;
        let (words, met) = (&self.words, &mut self.met);
        let (value, parsed) =
            yaml::read_changed(&file, &bytes, &mut |root| words::translate(&file, root, texts, words, met));
        let document = Arc::new(Document::new(Arc::clone(&file), parsed.text, parsed.root));
        self.documents.push(document.clone());
        parsed.findings.into_iter().for_each(|finding| self.findings.push(finding));
        Ok(value.map(|value| Located { value, document }))
    }

    /// The message files of a language.
    fn read_messages(&mut self, folder: &Path, language: Language) -> world::Result<Vec<Located<WordsSpec>>> {
        for name in self.world.list(folder)? {
            if !name.starts_with('.') && !Language::ALL.iter().any(|known| known.tag() == name) {
                let tags = Language::ALL.map(|known| format!("`{}/`", known.tag())).join(", ");
                self.not_read(&folder.join(&name), &format!("message files stand in the folders of languages: {tags}"));
            }
        }
        let mut files = Vec::new();
        for path in self.yaml_files(&folder.join(language.tag()))? {
            let Some(file) = self.read::<WordsSpec>(&path, Texts::None)? else { continue };
            words::add(&mut self.words, file.value.clone(), &file.document, &mut self.findings);
            files.push(file);
        }
        Ok(files)
    }

    /// The clause file that the project file names.
    fn read_clauses(
        &mut self,
        project: &Located<ProjectSpec>,
        folder: &Path,
    ) -> world::Result<Option<Located<ClauseFileSpec>>> {
        let Some(name) = &project.value.clauses else { return Ok(None) };
        let path = folder.join(name);
        if self.world.exists(&path) {
            return self.read(&path, Texts::Decisions);
        }
        let finding = Finding::error(NO_CLAUSE_FILE, format!("there is no file `{}`", display(&path)));
        let place = project.document.value(&[Seg::from("clauses")]);
        self.findings.push(finding.at(Some(place)).hint("name it from the folder of the project file: `clauses.yaml`"));
        Ok(None)
    }

    fn read_folder<T: DeserializeOwned>(&mut self, folder: &Path, texts: Texts) -> world::Result<Vec<Located<T>>> {
        let mut specs = Vec::new();
        for path in self.yaml_files(folder)? {
            if display(&path).ends_with(TEST) {
                self.not_read(&path, "rule tests stand beside pipelines, in `facts/`, `plans/` or `analytics/`");
                continue;
            }
            specs.extend(self.read(&path, texts)?);
        }
        Ok(specs)
    }

    fn read_pipelines(
        &mut self,
        folder: &Path,
        pipelines: &mut Vec<Located<PipelineSpec>>,
        tests: &mut Vec<Located<TestFileSpec>>,
    ) -> world::Result<()> {
        let (test_files, files): (Vec<_>, Vec<_>) =
            self.yaml_files(folder)?.into_iter().partition(|path| display(path).ends_with(TEST));
        // Pipeline files with their names; none where the file is broken and has its own findings.
        let mut names: Vec<(String, Option<String>)> = Vec::new();
        for path in files {
            let pipeline = self.read::<PipelineSpec>(&path, Texts::All)?;
            names.push((display(&path), pipeline.as_ref().map(|pipeline| pipeline.value.pipeline.clone())));
            pipelines.extend(pipeline);
        }
        for path in test_files {
            let Some(mut test) = self.read::<TestFileSpec>(&path, Texts::None)? else { continue };
            let Located { value, document } = &mut test;
            if value.cases.is_empty() {
                let finding = Finding::error(NO_CASES, "this file has no case");
                self.findings
                    .push(finding.at(Some(document.key(&[Seg::from("cases")]))).hint("write one, or delete the file"));
            }
            let beside = display(&path).replace(TEST, ".yaml");
            match names.iter().find(|(file, _)| *file == beside) {
                Some((_, name)) => value.pipeline = name.clone().unwrap_or_default(),
                None => {
                    let finding = Finding::error(TEST_WITHOUT_PIPELINE, format!("there is no `{beside}` to test"));
                    let near = nearest(&beside, names.iter().map(|(file, _)| file.as_str()));
                    let hint = near.map_or("name the file after its pipeline".to_owned(), |near| {
                        format!("did you mean the test of `{near}`?")
                    });
                    self.findings.push(finding.at(Some(start(&document.file))).hint(hint));
                }
            }
            tests.push(test);
        }
        Ok(())
    }

    /// All `*.yaml` files below a folder, sorted by path.
    fn yaml_files(&mut self, folder: &Path) -> world::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for name in self.world.list(&folder)? {
                let path = folder.join(&name);
                match name.as_str() {
                    hidden if hidden.starts_with('.') => {}
                    yaml if yaml.strip_suffix(".yaml").is_some() => files.push(path),
                    other if is_yaml(other) => self.not_read(&path, "rename it to end in `.yaml`"),
                    _ if self.is_folder(&path)? => folders.push(path),
                    _ => {}
                }
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    /// Folders beside the project file that hold YAML files and are none of ours.
    fn look_beside(&mut self, folder: &Path) -> world::Result<()> {
        for name in self.world.list(folder)? {
            let path = folder.join(&name);
            if name.starts_with('.') || FOLDERS.contains(&name.as_str()) || !self.is_folder(&path)? {
                continue;
            }
            if self.world.list(&path)?.iter().any(|file| is_yaml(file)) {
                let hint = match nearest(&name, FOLDERS) {
                    Some(near) => format!("did you mean `{near}/`?"),
                    None => {
                        format!("the folders that are read: {}", FOLDERS.map(|known| format!("`{known}/`")).join(", "))
                    }
                };
                self.not_read(&path, &hint);
            }
        }
        Ok(())
    }

    fn not_read(&mut self, path: &Path, hint: &str) {
        let finding = Finding::error(NOT_READ, format!("`{}` is not read", display(path)));
        self.findings.push(finding.hint(hint));
    }

    fn is_folder(&self, path: &Path) -> world::Result<bool> {
        match self.world.list(path) {
            Ok(_) => Ok(true),
            Err(error) if error.source.kind() == ErrorKind::NotADirectory => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn is_yaml(name: &str) -> bool {
    let name = name.to_lowercase();
    [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending))
}

/// The first byte of a file, where the file as a whole is meant.
fn start(file: &Arc<str>) -> Place {
    Place { file: file.clone(), span: 0..0 }
}

fn display(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/").replace("//", "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    const PROJECT: &str =
        "project: p\ntitle: t\nstores: [{ store_id: S01, name: 城东店 }]\nroster: roster\nroles: {}\n";
    const PIPELINE: &str = "pipeline: a\ntitle: t\n";
    const TESTS: &str = "cases:\n  - { case: c, period: 2026-10, expect: {} }\n";

    fn loaded(files: &[(&str, &str)]) -> Loaded {
        let mut world = Memory::new().with("pipelines/month-end.yaml", PROJECT);
        for (path, text) in files {
            world = world.with(format!("pipelines/{path}"), *text);
        }
        load(&world, Path::new("pipelines/month-end.yaml")).unwrap()
    }

    fn messages(loaded: &Loaded) -> Vec<String> {
        loaded.findings.iter().map(|finding| format!("{}: {}", finding.code, finding.message)).collect()
    }

    #[test]
    fn folders_are_read_in_sorted_order_and_tests_know_their_pipeline() {
        let loaded = loaded(&[
            ("plans/b.yaml", "pipeline: b\ntitle: t\n"),
            ("plans/a.yaml", PIPELINE),
            ("plans/a.test.yaml", TESTS),
            ("plans/deep/c.yaml", "pipeline: c\ntitle: t\n"),
            ("facts/z.yaml", "pipeline: z\ntitle: t\n"),
            ("parameters/x.yaml", "parameters: {}\n"),
            ("plans/.a.yaml.swp", "{"),
            ("README.md", ""),
        ]);
        assert_eq!(messages(&loaded), [""; 0]);
        let project = loaded.project.unwrap();
        let names: Vec<_> = project.pipelines.iter().map(|pipeline| pipeline.value.pipeline.as_str()).collect();
        assert_eq!(names, ["z", "a", "b", "c"]);
        assert_eq!(project.tests[0].value.pipeline, "a");
        assert_eq!(project.documents.len(), 7);
    }

    #[test]
    fn a_broken_file_does_not_hide_those_of_others() {
        let loaded = loaded(&[("plans/a.yaml", "pipeline: [\n"), ("plans/b.yaml", "pipelin: b\ntitle: t\n")]);
        assert!(loaded.project.is_none());
        let found: Vec<_> = loaded.findings.iter().map(|finding| finding.code.id).collect();
        assert_eq!(found, ["yaml-syntax", "unknown-key"]);
        assert_eq!(loaded.documents.len(), 3);
    }

    #[test]
    fn what_would_not_be_read_is_named() {
        let loaded = loaded(&[
            ("plan/a.yaml", PIPELINE),
            ("plans/a.yml", PIPELINE),
            ("parameters/a.test.yaml", TESTS),
            ("plans/lone.test.yaml", TESTS),
            ("plans/a.yaml", PIPELINE),
            ("plans/a.test.yaml", "cases: []\n"),
        ]);
        assert_eq!(
            messages(&loaded),
            [
                "file-not-read: `pipelines/plan` is not read",
                "file-not-read: `pipelines/parameters/a.test.yaml` is not read",
                "file-not-read: `pipelines/plans/a.yml` is not read",
                "no-cases: this file has no case",
                "test-without-pipeline: there is no `pipelines/plans/lone.yaml` to test",
            ]
        );
    }

    #[test]
    fn a_project_file_that_is_not_there_is_no_finding() {
        let error = load(&Memory::new(), Path::new("x.yaml")).unwrap_err();
        assert_eq!(error.source.kind(), ErrorKind::NotFound);
    }
}
