//! What a PDF holds for readers who do not see its pages, and for archives: structure, language, titles, words for
//! figures, text that can be searched, embedded fonts, and the tables it carries.
//!
//! The exporter validates every document when it is made; here the files are opened by another library and looked at
//! part by part, and each look is tried on a document from which the part was taken. No outside validator has judged
//! them.

mod book;
mod pdf;

use std::path::Path;

use jixiao::cli::run_in;
use jixiao::diag::text::Language;
use jixiao::report::{Request, load, render};
use jixiao::world::{Disk, World};
use lopdf::{Dictionary, Document, Object};

use self::pdf::{Element, at, dictionary, name, resolved, string, to_unicode, tree};
use crate::demo_outcome::computed;
use crate::small_run::memory;

/// A document and what is expected of it.
struct Looked {
    bytes: Vec<u8>,
    /// Part of PDF/A: 2, or 3 where it carries tables.
    part: u8,
    attached: &'static [&'static str],
    /// Texts in the order in which they are read.
    order: &'static [&'static str],
}

/// A slip of the small run, and one of each report over the demo.
fn documents() -> Vec<Looked> {
    let world = memory();
    // No section of a slip names a figure of the dictionary.
    world.put("report-templates/kpis.yaml", "kpis: {}\n");
    let project = Path::new("pipelines/month-end.yaml");
    let text = String::from_utf8(world.read(project).unwrap()).unwrap();
    world.put(project, text.replace("reports: [payslip]", "reports: [payslip, book]"));
    let ended = run_in(&world, &["run", "--period", "2026-10", "--data", "data"]);
    assert!(ended.err.is_empty(), "{}", ended.err);
    let slip = world.read(Path::new("out/2026-10/current/stores/S01/payslips/A1.pdf")).unwrap();
    let mut looked = vec![Looked {
        bytes: slip,
        part: 2,
        attached: &[],
        order: &["工资单", "张伟", "绩效合计", "绩效项目", "产值提成"],
    }];
    let book = world.read(Path::new("out/2026-10/current/stores/S01/books/without-team.pdf")).unwrap();
    looked.push(Looked {
        bytes: book, part: 2, attached: &[], order: &["工资单张伟A1", "绩效合计", "产值提成"]
    });
    let outcome = computed("2026-10");
    let reports = ["department", "team", "management", "group"].map(str::to_owned);
    let request =
        Request { folder: Path::new("report-templates"), reports: &reports, fonts: &[], language: Language::Chinese };
    let assets = load(&Disk, &request).unwrap().unwrap();
    let made = render(&outcome, &assets, "0123456789abcdef0123456789abcdef", &|_| ());
    let expected: [(&str, u8, &[&str], &[&str]); 4] = [
        (
            "stores/S01/department.pdf",
            3,
            &["pay-lines.csv", "trace.jsonl"],
            &["售后部门月报", "绩效按项目", "异常", "指标口径"],
        ),
        ("stores/S01/team.pdf", 2, &[], &["班组提成单", "提成系数", "成员分配"]),
        ("stores/S03/management.pdf", 2, &[], &["管理月报", "奖惩建议", "评分表成绩"]),
        ("group/group.pdf", 3, &["pay-lines.csv"], &["集团绩效月报", "各店绩效", "各店异常", "现行决定"]),
    ];
    for (path, part, attached, order) in expected {
        let document = made.iter().find(|document| document.path == path).unwrap();
        looked.push(Looked { bytes: document.result.clone().unwrap(), part, attached, order });
    }
    looked
}

/// What is wrong with a document, one line each.
fn faults(document: &Document, looked: &Looked) -> Vec<String> {
    let mut faults = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            faults.push(what.to_owned());
        }
    };
    let Ok(catalog) = document.catalog() else { return vec!["no catalog".to_owned()] };
    let entry = |of: &Dictionary, key: &str, below: &str| {
        dictionary(document, of.get(key.as_bytes()).unwrap_or(&Object::Null))
            .and_then(|one| at(document, one, below))
            .cloned()
    };
    must(string(at(document, catalog, "Lang")).is_some_and(|lang| lang.starts_with("zh")), "no language");
    must(entry(catalog, "MarkInfo", "Marked") == Some(Object::Boolean(true)), "not marked as tagged");
    must(
        entry(catalog, "ViewerPreferences", "DisplayDocTitle") == Some(Object::Boolean(true)),
        "the title is not what a window shows",
    );
    must(entry(catalog, "Outlines", "First").is_some(), "no bookmarks");
    let xmp = match at(document, catalog, "Metadata") {
        Some(Object::Stream(stream)) => stream.decompressed_content().unwrap_or_else(|_| stream.content.clone()),
        _ => Vec::new(),
    };
    let xmp = String::from_utf8_lossy(&xmp).into_owned();
    let said = |name: &str, value: &str| {
        xmp.contains(&format!("<{name}>{value}</{name}>")) || xmp.contains(&format!("{name}=\"{value}\""))
    };
    must(said("pdfaid:part", &looked.part.to_string()), "another part of PDF/A");
    must(said("pdfaid:conformance", "A"), "another level of PDF/A");
    must(said("pdfuaid:part", "1"), "not PDF/UA-1");
    must(xmp.contains("<dc:title>"), "no title");
    fonts(document, &mut must);
    attachments(document, catalog, looked, &mut must);
    match tree(document) {
        Some(tree) => structure(&tree, looked, &mut must),
        None => must(false, "no structure tree"),
    }
    faults
}

/// Every font is embedded, and says what its codes mean.
fn fonts(document: &Document, must: &mut dyn FnMut(bool, &str)) {
    let mut composite = 0;
    for object in document.objects.values() {
        let Some(font) = dictionary(document, object) else { continue };
        match name(at(document, font, "Type")).as_deref() {
            Some("Font") if name(at(document, font, "Subtype")).as_deref() == Some("Type0") => {
                composite += 1;
                must(to_unicode(document, font).is_some_and(|table| !table.is_empty()), "a font without ToUnicode");
            }
            Some("FontDescriptor") => {
                let files = ["FontFile", "FontFile2", "FontFile3"];
                must(files.iter().any(|file| at(document, font, file).is_some()), "a font that is not embedded");
            }
            _ => {}
        }
    }
    must(composite > 0, "no font");
}

/// The tables are there under their names, as data, with words for what they are and a fixed date.
fn attachments(document: &Document, catalog: &Dictionary, looked: &Looked, must: &mut dyn FnMut(bool, &str)) {
    let listed = match at(document, catalog, "AF") {
        Some(Object::Array(files)) => files.iter().filter_map(|file| dictionary(document, file)).collect(),
        _ => Vec::new(),
    };
    let names: Vec<String> = listed.iter().filter_map(|file| string(at(document, file, "UF"))).collect();
    let mut wanted: Vec<&str> = looked.attached.to_vec();
    wanted.sort_unstable();
    let mut found: Vec<&str> = names.iter().map(String::as_str).collect();
    found.sort_unstable();
    must(found == wanted, "other tables than expected");
    for file in listed {
        must(name(at(document, file, "AFRelationship")).as_deref() == Some("Data"), "a table that is no data");
        must(string(at(document, file, "Desc")).is_some_and(|words| !words.is_empty()), "a table without words");
        let embedded = at(document, file, "EF").and_then(|files| dictionary(document, files));
        let embedded = embedded.and_then(|files| dictionary(document, files.get(b"F").ok()?));
        let dated = embedded.and_then(|file| dictionary(document, file.get(b"Params").ok()?));
        let date = dated.and_then(|params| string(at(document, params, "ModDate")));
        must(date.is_some_and(|date| date.starts_with("D:20261031")), "a table without the date of its month");
    }
}

/// Headings in order, words for every figure, scopes of header cells, and the order in which texts are read.
fn structure(tree: &Element, looked: &Looked, must: &mut dyn FnMut(bool, &str)) {
    let elements = tree.all();
    let mut above = 0_u32;
    let mut headings = 0;
    for element in &elements {
        if let Some(level) = element.tag.strip_prefix('H').and_then(|level| level.parse::<u32>().ok()) {
            must(level <= above + 1, "a heading that skips a level");
            above = level;
            headings += 1;
        }
        match element.tag.as_str() {
            "Figure" => must(element.alt.as_ref().is_some_and(|alt| !alt.trim().is_empty()), "a figure without words"),
            "TH" => must(element.scope.is_some(), "a header cell without a scope"),
            _ => {}
        }
    }
    must(headings > 0, "no heading");
    must(!tree.text.contains('\u{fffd}'), "a code without a character");
    let text: String = tree.text.split_whitespace().collect();
    let mut rest = text.as_str();
    for part in looked.order {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => must(false, &format!("`{part}` is not read where it should be")),
        }
    }
}

#[test]
fn every_report_can_be_read_without_being_seen_and_kept() {
    for looked in documents() {
        let document = Document::load_mem(&looked.bytes).unwrap();
        assert_eq!(faults(&document, &looked), Vec::<String>::new(), "{:?}", looked.order.first());
    }
}

/// Takes something from a document.
type Spoil = fn(&mut Document);

/// Removes a key from every dictionary that has it and is of this type or structure.
fn without(document: &mut Document, of: (&str, &str), key: &str) {
    for object in document.objects.values_mut() {
        let dictionary = match object {
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &mut stream.dict,
            _ => continue,
        };
        let is = |one: &Object| one.as_name().is_ok_and(|name| name == of.1.as_bytes());
        if dictionary.get(of.0.as_bytes()).is_ok_and(is) {
            dictionary.remove(key.as_bytes());
        }
    }
}

fn of_catalog(document: &mut Document, key: &str) {
    without(document, ("Type", "Catalog"), key);
}

#[test]
fn what_is_taken_from_a_document_is_missed() {
    let all = documents();
    let looked = all.iter().find(|looked| looked.attached.len() == 2).unwrap();
    let spoils: [(&str, Spoil); 12] = [
        ("no language", |document| of_catalog(document, "Lang")),
        ("not marked as tagged", |document| of_catalog(document, "MarkInfo")),
        ("the title is not what a window shows", |document| of_catalog(document, "ViewerPreferences")),
        ("no bookmarks", |document| of_catalog(document, "Outlines")),
        ("not PDF/UA-1", |document| of_catalog(document, "Metadata")),
        ("no structure tree", |document| of_catalog(document, "StructTreeRoot")),
        ("other tables than expected", |document| of_catalog(document, "AF")),
        ("a font without ToUnicode", |document| without(document, ("Subtype", "Type0"), "ToUnicode")),
        ("a font that is not embedded", |document| {
            for file in ["FontFile", "FontFile2", "FontFile3"] {
                without(document, ("Type", "FontDescriptor"), file);
            }
        }),
        ("a figure without words", |document| without(document, ("S", "Figure"), "Alt")),
        ("a header cell without a scope", |document| without(document, ("S", "TH"), "A")),
        ("a table that is no data", |document| without(document, ("Type", "Filespec"), "AFRelationship")),
    ];
    for (fault, spoil) in spoils {
        let mut document = Document::load_mem(&looked.bytes).unwrap();
        spoil(&mut document);
        let found = faults(&document, looked);
        assert!(found.iter().any(|one| one == fault), "{fault} was not missed: {found:?}");
    }
    // Read in another order, or as another part.
    let document = Document::load_mem(&looked.bytes).unwrap();
    let turned =
        Looked { bytes: Vec::new(), part: 2, attached: looked.attached, order: &["异常", "售后部门月报"] };
    assert!(faults(&document, &turned).len() >= 2);
    assert!(matches!(resolved(&document, &Object::Null), Object::Null));
}
