//! Text is text: whatever stands in a field is printed as it stands.

use polars::prelude::Column;

use std::path::Path;

use super::loading::{REPORTS, request, templates};
use super::{documents, text};
use crate::diag::data::{ExceptionSeverity, Fate, RowFate};
use crate::diag::visible::visible;
use crate::expr::types::Kind;
use crate::report::sample::{assets as paged, exception, interval, line, outcome, person};
use crate::report::{Assets, load};
use crate::run::outcome::{FileRows, Origin, Outcome, Store, Trace, TraceNode};
use crate::world::World;

/// Joined where their place does not matter: what means something at the start of a line begins one.
const HOSTILE: &[&str] = &[
    "#panic()#eval(\"1\")",
    "=1+1",
    "= 题 $x$",
    "- 项 _i_ $",
    "../x",
    "a\u{202E}b\u{200B}\u{2066}",
    "\\u{41}\\",
    "*b*`r`<l>@ref[c]",
    "{{x}}{%if%}{#c#}{name}",
    "'q'\"q\"/*c*/",
    "//c http://x.cn~--...",
    "a\tb\nc\u{0}\u{FEFF}",
    "％Ŧé䶮㑇",
];

/// An outcome in which every field that a document prints holds what `text` gives for its number.
fn filled(text: &dyn Fn(usize) -> String) -> Outcome {
    let mut at = 0;
    let mut next = || {
        at += 1;
        text(at)
    };
    let mut outcome = outcome();
    outcome.title = next();
    outcome.stores = vec![Store { store_id: "S01".into(), name: next() }];
    let id = next();
    let name = next();
    let mut held = interval("general-advisor", &next(), 1, 31);
    held.team = Some(next());
    held.group = Some(next());
    let mut other = interval("other", &next(), 1, 1);
    other.team = Some(next());
    outcome.people = vec![person(&id, &name, vec![held, other])];
    let mut node = |origin: Origin, children: &[usize]| TraceNode {
        name: next(),
        label: next(),
        value: next(),
        shown: next(),
        // A unit is checked when the plan is read, and is a word by then.
        unit: String::new(),
        formula: next(),
        labelled: next(),
        filled: next(),
        origin,
        children: children.to_vec(),
    };
    let step = || Origin::Step { pipeline: "p".into(), step: "s".into() };
    let mut trace = Trace { nodes: vec![node(step(), &[1, 2, 3, 4, 5]), node(step(), &[3])] };
    trace.nodes.extend((0..4).map(|_| node(Origin::Spine, &[])));
    let files = vec![FileRows { file: "f".into(), rows: "1".into() }];
    let origins = [
        Origin::Rows { dataset: next(), count: 1, files, said_by: vec![next()] },
        Origin::Parameter {
            since: next(),
            dated_by: next(),
            store: next(),
            clause: next(),
            source: "decided".into(),
            reason: next(),
        },
        Origin::LadderRow {
            table: next(),
            since: next(),
            store: next(),
            words: next(),
            clause: next(),
            source: "illegible".into(),
            reason: next(),
        },
        Origin::MatrixRow {
            table: next(),
            since: next(),
            store: next(),
            words: next(),
            held_by: vec![next(), next()],
            outside: vec![next()],
            clause: next(),
            source: "decided".into(),
            reason: next(),
        },
    ];
    for (node, origin) in trace.nodes.iter_mut().skip(2).zip(origins) {
        node.origin = origin;
    }
    outcome.pay_lines = vec![line((&id, &name), "code", &next(), &next(), 1_005, trace)];
    let mut told = exception(ExceptionSeverity::Warning, Some(&id), &next(), &next(), &next());
    told.accepted = Some(next().into());
    outcome.exceptions = vec![told];
    outcome.row_fates = vec![RowFate {
        store_id: "S01".into(),
        dataset: next().into(),
        pipeline: next(),
        file: next().into(),
        fate: Fate::Used,
        step: next().into(),
        rows: 3,
        control: None,
    }];
    for published in outcome.published.values_mut() {
        let texts = published.schema.fields.iter().filter(|field| field.ty.kind == Kind::Text);
        let texts: Vec<_> = texts.filter(|field| &*field.name != "store_id").map(|field| field.name.clone()).collect();
        for name in texts {
            let cells: Vec<String> = (0..published.frame.height()).map(|_| next()).collect();
            published.frame.with_column(Column::new(name.as_ref().into(), cells)).unwrap();
        }
        published.before = None;
    }
    outcome
}

/// The project's templates on pages without an end: where a page overflows is no part of what stands on it; where a
/// template breaks it itself, it does so whatever is printed.
fn endless() -> Assets {
    let world = templates();
    let path = "report-templates/shared/tokens.typ";
    let page = String::from_utf8(world.read(Path::new(path)).unwrap()).unwrap();
    assert!(page.contains("height: 297mm"));
    world.put(path, page.replace("height: 297mm", "height: auto"));
    let reports = REPORTS.map(str::to_owned);
    load(&world, &request(&reports)).unwrap().unwrap()
}

fn printed(outcome: &Outcome, assets: &Assets) -> Vec<String> {
    let documents = documents(outcome, assets);
    documents.into_iter().map(|document| text(&document.result.unwrap())).collect()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn every_field_of_every_report_prints_hostile_text_as_it_is() {
    let marker = |at: usize| format!("甲{at:02}乙");
    let assets = endless();
    let plain = printed(&filled(&marker), &assets);
    assert!(plain.iter().all(|page| page.contains("甲")));
    for hostile in HOSTILE {
        // Numbered, so that no two fields hold the same and each must stand in its own place.
        let numbered = |at: usize| format!("{hostile}{at:02}");
        let mut expected = plain.clone();
        for at in 1..=199 {
            let shown = squeezed(&visible(&numbered(at)));
            for page in &mut expected {
                *page = page.replace(&marker(at), &shown);
            }
        }
        for (page, expected) in printed(&filled(&numbered), &assets).iter().zip(expected) {
            let differs = page.chars().zip(expected.chars()).position(|(a, b)| a != b);
            let near = |text: &str| text.chars().skip(differs.unwrap_or(0)).take(60).collect::<String>();
            assert_eq!((near(page), page.len()), (near(&expected), expected.len()), "{hostile:?}");
        }
    }
}

#[test]
fn ids_that_look_like_paths_stay_inside_the_folder_of_their_store() {
    let mut outcome = outcome();
    outcome.stores[0].store_id = "../S".into();
    for id in ["../x", "A/1", "A_1", "a", "A", "", "\u{202E}"] {
        let mut one = person(id, "张伟", vec![interval("general-advisor", "服务顾问", 1, 31)]);
        one.store_id = "../S".into();
        outcome.people.push(one);
    }
    let documents = documents(&outcome, &paged());
    let mut names = std::collections::BTreeSet::new();
    for document in &documents {
        assert!(!document.path.contains("..") && document.path.starts_with("stores/"), "{}", document.path);
        assert!(document.path.matches('/').count() <= 3, "{}", document.path);
        assert!(names.insert(document.path.to_lowercase()), "{} twice", document.path);
    }
    assert_eq!(documents.len(), 8);
}
