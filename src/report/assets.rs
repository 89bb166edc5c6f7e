//! What reports are made with: templates, messages and fonts, read through the world and hashed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use typst::foundations::Bytes;
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};

use super::dictionary::KPIS;
use super::fonts::Fonts;
use super::index_page::html::HtmlTemplate;
use super::index_page::spec::PageSpec;
use super::messages::Messages;
use super::paper::{Pages, Paper};
use super::spec::{KpisSpec, Per, ReportSpec};
use super::template::Template;
use super::words::Words;
use super::workbook::spec::WorkbookSpec;
use super::{index_page, lint, workbook};
use crate::diag::text::Language;
use crate::diag::translation::WordsSpec;
use crate::diag::yaml::tree::Node;
use crate::diag::yaml::{self, OrderedMap};
use crate::diag::{Code, Fault, Finding, Findings, Place};
use crate::run::receipt::HashedFile;
use crate::spec::Document;
use crate::spec::words::{MESSAGES, Texts, translate};
use crate::world::{Result, World};

/// A file that reports need is not there.
pub const MISSING_ASSET: Code =
    Code::new("missing-asset", "a template, message file or font that a report needs is not there or incomplete");
/// A font file that holds no font.
pub const UNREADABLE_FONT: Code = Code::new("unreadable-font", "a font file in which no font can be read");
/// A section over a frame that no pipeline publishes.
pub const UNKNOWN_FRAME: Code =
    Code::new("unknown-report-frame", "a section of a report asks for a frame that no pipeline publishes");
/// A section over a column that its frame lacks.
pub const UNKNOWN_REPORT_COLUMN: Code =
    Code::new("unknown-report-column", "a section of a report asks for a column that its frame does not have");
/// A title under `a4_only` that no section has.
pub const UNKNOWN_SECTION: Code =
    Code::new("unknown-report-section", "a report keeps a section from phones that it does not have");

/// What a folder has that makes a workbook.
const WORKBOOK: &str = "workbook.yaml";
/// What a folder has that makes a page of HTML.
const PAGE: &str = "page.yaml";
/// Folder of parts that all templates share.
pub(super) const SHARED: &str = "shared";
/// Faces of the project's own fonts, tried in this order.
pub(super) const OWN_FONTS: [&str; 4] = [
    "fonts/NotoSansCJKsc-Regular.otf",
    "fonts/NotoSansCJKsc-Bold.otf",
    "fonts/NotoSans-Regular.ttf",
    "fonts/NotoSans-Bold.ttf",
];

/// What to load.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The folder of templates, `report-templates`.
    pub folder: &'a Path,
    /// Reports of the project file.
    pub reports: &'a [String],
    /// Further fonts of the project file.
    pub fonts: &'a [PathBuf],
    /// Language of the pages.
    pub language: Language,
}

/// Templates, messages and fonts of all reports of a project; cheap to clone.
#[derive(Clone, Debug)]
pub struct Assets {
    pub(super) parts: Arc<Parts>,
    pub(super) pages: Pages,
}

/// The shared parts of every document.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) reports: Vec<Report>,
    pub(super) workbooks: Vec<workbook::Planned>,
    pub(super) pages: Vec<index_page::Planned>,
    /// The dictionary of figures, where there is one.
    pub(super) kpis: Option<(KpisSpec, Document)>,
    pub(super) messages: Messages,
    /// `messages.json` for A4 and for phones.
    messages_json: [Bytes; 2],
    pub(super) fonts: Fonts,
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) files: BTreeMap<String, Bytes>,
    templates: Vec<HashedFile>,
    font_files: Vec<HashedFile>,
    words: Findings,
}

/// A report: what it shows and how it looks.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) spec: ReportSpec,
    /// The same for a phone.
    phone: ReportSpec,
    pub(super) template: Template,
    pub(super) main: FileId,
    pub(super) document: Arc<Document>,
}

impl Report {
    /// What it shows on a paper.
    pub(super) fn spec_on(&self, paper: Paper) -> &ReportSpec {
        match paper {
            Paper::A4 => &self.spec,
            Paper::Phone => &self.phone,
        }
    }
}

impl Parts {
    /// The dictionary of figures.
    pub(super) fn kpis(&self) -> &KpisSpec {
        static NONE: KpisSpec = KpisSpec { kpis: OrderedMap(Vec::new()) };
        self.kpis.as_ref().map_or(&NONE, |(kpis, _)| kpis)
    }
}

impl Parts {
    /// The file `messages.json` of documents on a paper: fixed words, font families, and the paper.
    pub(super) fn messages_json(&self, paper: Paper) -> Bytes {
        let [a4, phone] = &self.messages_json;
        if paper == Paper::A4 { a4.clone() } else { phone.clone() }
    }
}

impl Assets {
    /// The same for documents on these papers; as loaded they are for A4.
    #[must_use]
    pub fn on(mut self, pages: Pages) -> Self {
        self.pages = pages;
        self
    }

    /// Templates and message files that were read, by path.
    pub fn templates(&self) -> &[HashedFile] {
        &self.parts.templates
    }

    /// Texts of reports without words in the language of the run, and words without a text.
    pub fn words(&self) -> &Findings {
        &self.parts.words
    }

    /// Font files that were read, by path.
    pub fn font_files(&self) -> &[HashedFile] {
        &self.parts.font_files
    }
}

/// Reads and checks everything that the documents of a project are made with.
///
/// # Errors
/// A [`crate::world::WorldError`] when the disk cannot be read; findings when something is missing, broken
/// or forbidden.
pub fn load(world: &dyn World, request: &Request<'_>) -> Result<std::result::Result<Assets, Findings>> {
    let mut loader = Loader {
        world,
        request,
        findings: Findings::new(),
        templates: Vec::new(),
        sources: BTreeMap::new(),
        files: BTreeMap::new(),
    };
    let messages = loader.messages()?;
    let mut words = Words::read(&mut loader)?;
    let kpis = loader.kpis(&mut words)?;
    loader.folder(SHARED)?;
    let (mut reports, mut workbooks, mut pages) = (Vec::new(), Vec::new(), Vec::new());
    for name in request.reports {
        // The file that says what it shows tells what the folder makes.
        let holds = |file: &str| world.exists(&request.folder.join(name).join(file));
        if holds(WORKBOOK) {
            workbooks.extend(loader.workbook(name, &mut words)?);
        } else if holds(PAGE) {
            pages.extend(loader.page(name, &mut words)?);
        } else {
            reports.extend(loader.report(name, &mut words)?);
        }
    }
    with_slips(&mut reports, &mut loader.findings);
    let untranslated = words.findings();
    let (fonts, font_files) = loader.fonts()?;
    if let (Some(messages), Some(fonts)) = (&messages, &fonts) {
        loader.printable(messages, fonts);
    }
    let Loader { findings, mut templates, sources, files, .. } = loader;
    templates.sort();
    match (messages, fonts) {
        (Some(messages), Some(fonts)) if !findings.has_errors() => {
            let messages_json = [Paper::A4, Paper::Phone].map(|paper| {
                let words = serde_json::json!({ "words": &messages, "fonts": fonts.families(), "paper": paper.word() });
                Bytes::from_string(words.to_string())
            });
            let parts = Parts {
                reports,
                kpis,
                workbooks,
                pages,
                messages,
                messages_json,
                fonts,
                sources,
                files,
                templates,
                font_files,
                words: untranslated,
            };
            Ok(Ok(Assets { parts: Arc::new(parts), pages: Pages::default() }))
        }
        _ => Ok(Err(findings)),
    }
}

/// Gives each book the report of a person whose slips it holds.
fn with_slips(reports: &mut [Report], findings: &mut Findings) {
    let known: BTreeMap<String, ReportSpec> =
        reports.iter().map(|report| (report.spec.report.clone(), report.spec.clone())).collect();
    for report in reports.iter_mut().filter(|report| report.spec.per == Per::Team) {
        let slip = report.spec.slips.as_ref().and_then(|name| known.get(name));
        match slip.filter(|slip| slip.per == Per::Person) {
            Some(slip) => report.spec.slip = Some(Box::new(slip.clone())),
            None => {
                let message = "a book of teams holds the slips of a report per person, which the project makes too";
                let finding = Finding::error(MISSING_ASSET, message).hint("write `slips: payslip`");
                findings.push(finding.at(Some(report.document.key(&["per".into()]))));
            }
        }
    }
}

pub(super) struct Loader<'a> {
    world: &'a dyn World,
    request: &'a Request<'a>,
    pub(super) findings: Findings,
    templates: Vec<HashedFile>,
    sources: BTreeMap<String, Source>,
    files: BTreeMap<String, Bytes>,
}

impl Loader<'_> {
    /// Bytes of a file below the folder of templates, hashed; a finding where it is not there.
    fn file(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        let whole = self.request.folder.join(path);
        if !self.world.exists(&whole) {
            let hint = "it lies in the repository; restore it, or take the report out of the project file";
            self.findings.push(Finding::error(MISSING_ASSET, format!("`{}` is not there", shown(&whole))).hint(hint));
            return Ok(None);
        }
        let bytes = self.world.read(&whole)?;
        self.templates.push(HashedFile::new(shown(&whole), &bytes));
        Ok(Some(bytes))
    }

    fn text(&mut self, path: &str) -> Result<Option<String>> {
        let Some(bytes) = self.file(path)? else { return Ok(None) };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => {
                self.findings.push(Finding::error(MISSING_ASSET, format!("`{path}` is not UTF-8")));
                Ok(None)
            }
        }
    }

    /// Words of a folder in the language of the pages, where it has some.
    pub(super) fn words(&mut self, folder: &str) -> Result<Option<(WordsSpec, Document)>> {
        let path = format!("{folder}/{MESSAGES}.{}.yaml", self.request.language.tag());
        if !self.world.exists(&self.request.folder.join(&path)) {
            return Ok(None);
        }
        self.yaml(&path, &mut |_| {})
    }

    /// The language of the pages.
    pub(super) fn language(&self) -> Language {
        self.request.language
    }

    fn yaml<T: DeserializeOwned>(
        &mut self,
        path: &str,
        change: &mut dyn FnMut(&mut Node),
    ) -> Result<Option<(T, Document)>> {
        let Some(bytes) = self.file(path)? else { return Ok(None) };
        let file = shown(&self.request.folder.join(path));
        let (value, parsed) = yaml::read_changed(&file, &bytes, change);
        parsed.findings.into_iter().for_each(|finding| self.findings.push(finding));
        Ok(value.map(|value| (value, Document::new(file.into(), parsed.text, parsed.root))))
    }

    /// A file that says what a folder shows, in the language of the pages.
    fn said<T: DeserializeOwned>(
        &mut self,
        folder: &str,
        path: &str,
        words: &mut Words,
    ) -> Result<Option<(T, Document)>> {
        let texts = words.of_folder(self, folder)?;
        let file: Arc<str> = shown(&self.request.folder.join(path)).into();
        self.yaml(path, &mut |root| translate(&file, root, Texts::Report, &texts, &mut words.met))
    }

    fn messages(&mut self) -> Result<Option<Messages>> {
        let path = format!("{MESSAGES}.{}.yaml", self.language().tag());
        let Some((OrderedMap(pairs), _)) = self.yaml::<OrderedMap<String>>(&path, &mut |_| {})? else {
            return Ok(None);
        };
        match Messages::new(pairs) {
            Ok(messages) => Ok(Some(messages)),
            Err(missing) => {
                let message = format!("`{path}` lacks {}", missing.join(", "));
                self.findings.push(Finding::error(MISSING_ASSET, message));
                Ok(None)
            }
        }
    }

    /// The dictionary of figures; a folder without one has none.
    fn kpis(&mut self, words: &mut Words) -> Result<Option<(KpisSpec, Document)>> {
        if self.world.exists(&self.request.folder.join(KPIS)) { self.said(SHARED, KPIS, words) } else { Ok(None) }
    }

    /// Words that no font can print would fail every document.
    fn printable(&mut self, messages: &Messages, fonts: &Fonts) {
        for (key, words) in messages.iter() {
            if let Some(character) = words.chars().find(|character| !fonts.covers(*character)) {
                let code = u32::from(character);
                let message = format!("no font has U+{code:04X} of the message `{key}` ({})", self.language().tag());
                self.findings.push(Finding::error(MISSING_ASSET, message));
            }
        }
    }

    /// Every file of a folder of templates but `report.yaml` and `template.typ`: parts that are imported,
    /// pictures that are shown.
    fn folder(&mut self, folder: &str) -> Result<()> {
        for name in self.world.list(&self.request.folder.join(folder))? {
            let path = format!("{folder}/{name}");
            if name == "report.yaml" || name == "template.typ" || name.starts_with(MESSAGES) {
                continue;
            }
            if Path::new(&name).extension().is_some_and(|extension| extension == "typ") {
                let Some(text) = self.text(&path)? else { continue };
                self.lint(&path, &text);
                if let Some(id) = file_id(&path) {
                    self.sources.insert(path, Source::new(id, text));
                }
            } else if let Some(bytes) = self.file(&path)? {
                self.files.insert(path, Bytes::new(bytes));
            }
        }
        Ok(())
    }

    fn report(&mut self, name: &str, words: &mut Words) -> Result<Option<Report>> {
        self.folder(name)?;
        let spec: Option<(ReportSpec, Document)> = self.said(name, &format!("{name}/report.yaml"), words)?;
        let path = format!("{name}/template.typ");
        let text = self.text(&path)?;
        let (Some((spec, document)), Some(text)) = (spec, text) else { return Ok(None) };
        self.calls_itself(name, &spec.report, "report", &document);
        self.lint(&path, &text);
        match (Template::parse(&text), file_id(&path)) {
            (Ok(template), Some(main)) => {
                let phone = spec.on_phone();
                Ok(Some(Report { spec, phone, template, main, document: Arc::new(document) }))
            }
            (Err(fault), _) => {
                self.fault(&path, fault);
                Ok(None)
            }
            (_, None) => Ok(None),
        }
    }

    fn workbook(&mut self, name: &str, words: &mut Words) -> Result<Option<workbook::Planned>> {
        let read: Option<(WorkbookSpec, Document)> = self.said(name, &format!("{name}/{WORKBOOK}"), words)?;
        let Some((spec, document)) = read else { return Ok(None) };
        self.calls_itself(name, &spec.workbook, "workbook", &document);
        Ok(Some(workbook::Planned { spec, document: Arc::new(document) }))
    }

    fn page(&mut self, name: &str, words: &mut Words) -> Result<Option<index_page::Planned>> {
        let read: Option<(PageSpec, Document)> = self.said(name, &format!("{name}/{PAGE}"), words)?;
        let path = format!("{name}/template.html");
        let (Some((spec, document)), Some(text)) = (read, self.text(&path)?) else { return Ok(None) };
        self.calls_itself(name, &spec.page, "page", &document);
        match HtmlTemplate::parse(&text) {
            Ok(template) => Ok(Some(index_page::Planned { spec, template })),
            Err(fault) => {
                self.fault(&path, fault);
                Ok(None)
            }
        }
    }

    /// A folder and what its file calls itself are one name.
    fn calls_itself(&mut self, name: &str, own: &str, key: &str, document: &Document) {
        if own != name {
            let message = format!("the {key} in folder `{name}` calls itself `{own}`");
            self.findings.push(Finding::error(MISSING_ASSET, message).at(Some(document.value(&[key.into()]))));
        }
    }

    fn lint(&mut self, path: &str, text: &str) {
        for fault in lint::lint(text) {
            self.fault(path, fault);
        }
    }

    fn fault(&mut self, path: &str, fault: Fault) {
        let file = shown(&self.request.folder.join(path)).into();
        let mut finding = Finding::error(fault.code, fault.message).at(Some(Place { file, span: fault.span }));
        finding.hints.extend(fault.hint);
        self.findings.push(finding);
    }

    /// The project's own fonts, then those that the project file names.
    fn fonts(&mut self) -> Result<(Option<Fonts>, Vec<HashedFile>)> {
        let own = OWN_FONTS.iter().map(|font| self.request.folder.join(font));
        let paths: Vec<PathBuf> = own.chain(self.request.fonts.iter().cloned()).collect();
        let mut hashed = Vec::new();
        let mut bytes = Vec::new();
        for path in &paths {
            if self.world.exists(path) {
                bytes.push(self.world.read(path)?);
                hashed.push(HashedFile::new(shown(path), bytes.last().map_or(&[], Vec::as_slice)));
            } else {
                let message = format!("the font `{}` is not there", shown(path));
                self.findings.push(Finding::error(MISSING_ASSET, message));
            }
        }
        if bytes.len() < paths.len() {
            return Ok((None, hashed));
        }
        match Fonts::read(bytes) {
            Ok(fonts) => Ok((Some(fonts), hashed)),
            Err(unreadable) => {
                for at in unreadable {
                    let path = paths.get(at).map(|path| shown(path)).unwrap_or_default();
                    let finding = Finding::error(UNREADABLE_FONT, format!("no font can be read in `{path}`"));
                    self.findings.push(finding.hint("name a static OpenType or TrueType file"));
                }
                Ok((None, hashed))
            }
        }
    }
}

/// Id of a file of the templates inside typst.
pub(super) fn file_id(path: &str) -> Option<FileId> {
    let path = VirtualPath::new(path).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
