//! The page of a run, as a browser and a reader see it.

use std::collections::BTreeSet;

use super::pages;
use crate::diag::data::{ExceptionSeverity, InputFile, Store};
use crate::report::sample::{assets_of, exception, net_lines, outcome};
use crate::run::outcome::Outcome;
use crate::run::publish::Written;
use crate::run::receipt::{HashedFile, Ingredients};

/// Elements that have no end.
const VOID: [&str; 4] = ["meta", "br", "hr", "link"];

fn written(paths: &[&str]) -> Vec<Written> {
    let of = |path: &&str| Written { path: (*path).to_owned(), sha256: "00".into(), bytes: 12_345 };
    paths.iter().map(of).collect()
}

const PATHS: [&str; 8] = [
    "group/register.xlsx",
    "group/exceptions.csv",
    "stores/S01/department.pdf",
    "stores/S01/payslips/A1.pdf",
    "stores/S01/payslips/A2.pdf",
    "stores/S01/payslips/A3.pdf",
    "stores/S01/trace.jsonl",
    "stores/S01/例外 #1?.csv",
];

fn ingredients() -> Ingredients {
    let file = "S01/2026-10/结算单.csv".to_owned();
    Ingredients {
        engine: "0.1.0+0".into(),
        inputs: vec![InputFile { file, dataset: "orders".into(), sha256: "ab12".into(), rows: 3 }],
        pipelines: vec![HashedFile::new("plans/a.yaml", b"a")],
        ..Ingredients::default()
    }
}

fn page(outcome: &Outcome, paths: &[&str]) -> String {
    let made = pages(outcome, &assets_of(&["index"]), &ingredients(), &written(paths));
    let [page] = made.try_into().unwrap_or_else(|made| panic!("{made:?}"));
    assert_eq!(page.path, "index.html");
    String::from_utf8(page.result.unwrap()).unwrap()
}

/// Start tags with their attributes, in order; every element that is opened is closed, and inside of its parent.
fn elements(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let (mut found, mut open) = (Vec::new(), Vec::new());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (_, tag) = rest.split_at(at + 1);
        let end = tag.find('>').expect("a tag ends");
        let (inside, after) = (&tag[..end], &tag[end + 1..]);
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "near {:?}", after.chars().take(80).collect::<String>());
            continue;
        }
        if inside.starts_with('!') {
            continue;
        }
        let (name, mut attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        let mut pairs = Vec::new();
        while !attributes.trim().is_empty() {
            let attribute = attributes.trim_start();
            let Some((key, value)) = attribute.split_once("=\"") else {
                assert_eq!(attribute, "open", "{inside}");
                break;
            };
            let (value, behind) = value.split_once('"').expect("a value ends");
            if let Some(key) = key.strip_prefix("open ") {
                pairs.push((key.to_owned(), value.to_owned()));
            } else {
                assert!(key.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{inside}");
                pairs.push((key.to_owned(), value.to_owned()));
            }
            attributes = behind;
        }
        if name == "style" {
            let (_, behind) = rest.split_once("</style>").expect("styles end");
            rest = behind;
        } else if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
        found.push((name.to_owned(), pairs));
    }
    assert!(open.is_empty(), "{open:?}");
    found
}

fn of<'a>(elements: &'a [(String, Vec<(String, String)>)], attribute: &str) -> Vec<&'a str> {
    let pairs = elements.iter().flat_map(|(_, pairs)| pairs);
    pairs.filter(|(key, _)| key == attribute).map(|(_, value)| value.as_str()).collect()
}

fn decoded(link: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = link.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                u8::from_str_radix(&format!("{}{}", rest.next().unwrap() as char, rest.next().unwrap() as char), 16)
                    .unwrap()
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// What people read: without tags and styles.
fn text(html: &str) -> String {
    let (head, body) = html.split_once("<body>").unwrap();
    assert!(head.contains("</head>"));
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#96;", "`"), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, character)| text.replace(entity, character))
}

#[test]
fn every_file_is_linked_and_every_link_leads_to_one() {
    let html = page(&outcome(), &PATHS);
    let elements = elements(&html);
    let links = of(&elements, "href");
    let ids: BTreeSet<&str> = of(&elements, "id").into_iter().collect();
    let files: BTreeSet<String> =
        links.iter().filter(|link| !link.starts_with('#')).map(|link| decoded(link)).collect();
    let expected: BTreeSet<String> = PATHS.iter().copied().chain(["receipt.json"]).map(str::to_owned).collect();
    assert_eq!(files, expected);
    for anchor in links.iter().filter_map(|link| link.strip_prefix('#')) {
        assert!(ids.contains(anchor), "#{anchor}");
    }
}

#[test]
fn it_needs_no_script_and_no_network_and_fits_a_phone() {
    let html = page(&outcome(), &PATHS);
    let elements = elements(&html);
    for name in ["script", "link", "img", "iframe", "form", "object", "embed", "base"] {
        assert!(elements.iter().all(|(own, _)| own != name), "{name}");
    }
    assert!(!html.contains("http:") && !html.contains("https:") && !html.contains("url(") && !html.contains("@import"));
    assert!(elements.iter().all(|(_, pairs)| pairs.iter().all(|(key, _)| !key.starts_with("on") && key != "src")));
    assert!(html.contains("name=\"viewport\" content=\"width=device-width"));
    assert!(html.contains("prefers-color-scheme: dark") && html.contains("@media print"));
    assert!(html.starts_with("<!doctype html>\n<html lang=\"zh-CN\">"));
}

#[test]
fn totals_exceptions_and_what_it_was_made_of_stand_there() {
    let mut outcome = outcome();
    outcome.net_lines = net_lines(("A1", "张伟"), [179_466, 300_000, -12_345]);
    outcome.net_lines.iter_mut().for_each(|line| line.estimated = true);
    outcome.exceptions.push(exception(ExceptionSeverity::Blocking, Some("A3"), "王强", "没有考核成绩", "补上"));
    let shown = text(&page(&outcome, &PATHS));
    for part in
        ["草稿", "4,671.21", "城东店", "没有考核成绩", "补上", "阻断 1", "结算单", "ab12", "plans/a.yaml", "0.1.0+0"]
    {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let plain = page(&self::outcome(), &PATHS);
    assert!(!plain.contains("草稿") && !plain.contains("class=\"banner\""));
    // Where nobody computes net pay, nothing stands in for it.
    assert!(!text(&plain).contains("−123.45"));
}

#[test]
fn hostile_text_is_text() {
    for hostile in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</style><b>",
        "{{ x }}{% if %}{# c #}",
        "&lt;b&gt;&amp;",
        "javascript:alert(1)",
        "<!-- -->",
        "]]>`",
        "a\u{202E}b\u{0}",
    ] {
        let mut outcome = outcome();
        outcome.title = hostile.into();
        outcome.stores = vec![Store { store_id: "S01".into(), name: hostile.into() }];
        outcome.people[0].name = hostile.into();
        outcome.exceptions = vec![exception(ExceptionSeverity::Held, Some("A1"), hostile, hostile, hostile)];
        let path = format!("stores/S01/{}", hostile.replace(['/', '\0', '\u{202E}'], ""));
        let paths = [PATHS.to_vec(), vec![path.as_str()]].concat();
        let html = page(&outcome, &paths);
        let elements = elements(&html);
        assert_eq!(elements.len(), self::elements(&page(&self::outcome(), &paths)).len(), "{hostile}");
        let shown = crate::diag::visible::visible(hostile);
        assert!(text(&html).matches(&*shown).count() >= 6, "{hostile}");
        assert!(of(&elements, "href").iter().any(|link| decoded(link) == path), "{hostile}");
        assert!(of(&elements, "href").iter().all(|link| !link.contains(':')), "{hostile}");
    }
}
