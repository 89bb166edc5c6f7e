//! What the page of a run says: its totals, its files, what needs a look, and what it was made of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::index_page::spec::{PageSpec, Whose};
use super::{Context, amount, exceptions, make_visible, month_words, severity};
use crate::diag::data::{Exception, ExceptionSeverity, Store};
use crate::money::Exact;
use crate::run::names::file_name;
use crate::run::outcome::PayLine;
use crate::run::publish::Written;
use crate::run::receipt::{Ingredients, Receipt};
use crate::run::tables::{GROUP, STORES, store_folder};
use crate::run::totals::{Overflow, Totals, by_store, totals};

/// Severities in the order in which they need a look.
const SEVERITIES: [ExceptionSeverity; 5] = [
    ExceptionSeverity::Fatal,
    ExceptionSeverity::Blocking,
    ExceptionSeverity::Held,
    ExceptionSeverity::Warning,
    ExceptionSeverity::Accepted,
];

/// The view of the page.
///
/// # Errors
/// Where a sum leaves the range of a decimal.
pub(in crate::report) fn view(
    cx: Context<'_>,
    spec: &PageSpec,
    made_of: &Ingredients,
    written: &[Written],
) -> Result<Value, Overflow> {
    let outcome = cx.outcome;
    let files = Files::new(spec, written);
    let mut stores = Vec::new();
    for one in by_store(outcome)? {
        let own = cx.index.store(&one.store.store_id);
        let named: Vec<&Exception> = own.exceptions.iter().filter(|it| it.store_id.is_some()).copied().collect();
        stores.push(json!({
            "id": one.store.store_id,
            "name": one.store.name,
            "anchor": format!("store-{}", stores.len() + 1),
            "totals": figures(&one.totals),
            "files": files.of_folder(&store_folder(&one.store.store_id)),
            "slips": slips(cx, &files, &one.store),
            "exceptions": by_severity(cx, &named),
            "decisions": own.decisions.len().to_string(),
        }));
    }
    let known: BTreeSet<&str> = outcome.stores.iter().map(|store| store.store_id.as_str()).collect();
    let homeless = |one: &&Exception| !one.store_id.as_deref().is_some_and(|id| known.contains(id));
    let homeless: Vec<&Exception> = outcome.exceptions.iter().filter(homeless).collect();
    let made_of = made_of.clone().sorted();
    let inputs = made_of.inputs.iter().map(|input| {
        let title = outcome.title_of(&input.dataset);
        json!({ "file": input.file, "dataset": title, "rows": input.rows.to_string(), "sha256": input.sha256 })
    });
    let others = [
        ("made_of_rules", &made_of.pipelines),
        ("made_of_templates", &made_of.templates),
        ("made_of_fonts", &made_of.fonts),
    ];
    let others = others.map(|(key, files)| {
        let files = files.iter().map(|file| json!({ "file": file.file, "sha256": file.sha256 }));
        let files: Vec<Value> = files.collect();
        json!({ "name": cx.messages.get(key), "count": files.len().to_string(), "files": files })
    });
    let words: BTreeMap<&str, &str> = cx.messages.iter().collect();
    let mut view = json!({
        "words": words,
        "title": spec.title,
        "project": outcome.title,
        "period": month_words(cx, outcome.period),
        "run": cx.run_id,
        "engine": made_of.engine,
        "draft": outcome.is_draft(),
        "totals": figures(&totals(outcome)?),
        "stores": stores,
        "files": files.of_group(),
        "exceptions": by_severity(cx, &homeless),
        "decisions": outcome.decisions.len().to_string(),
        "inputs": inputs.collect::<Vec<Value>>(),
        "inputs_count": made_of.inputs.len().to_string(),
        "made_of": others,
    });
    make_visible(&mut view);
    Ok(view)
}

/// Figures as they are printed.
fn figures(totals: &Totals) -> Value {
    let yuan = |text: &str| text.parse().map_or_else(|_| text.to_owned(), |it| amount(&Exact::from_decimal(it)));
    let net = totals.net.as_ref().map(|net| {
        json!({
            "people": net.people.to_string(),
            "pay": yuan(&net.pay),
            "added": yuan(&net.added),
            "deducted": yuan(&net.deducted),
            "estimated": if net.estimated > 0 { net.estimated.to_string() } else { String::new() },
            "estimated_pay": yuan(&net.estimated_pay),
            "held": if net.held > 0 { net.held.to_string() } else { String::new() },
            "held_pay": yuan(&net.held_pay),
            "files": net.files.iter().map(|file| json!({
                "path": file.path,
                "href": href(&file.path),
                "people": file.people.to_string(),
                "total": yuan(&file.total),
            })).collect::<Vec<Value>>(),
        })
    });
    json!({
        "people": totals.people.to_string(),
        "lines": totals.pay_lines.to_string(),
        "pay": yuan(&totals.pay),
        "net": net,
        "exceptions": totals.exceptions.values().sum::<usize>().to_string(),
    })
}

/// Exceptions below the word for how serious they are, the most serious first.
fn by_severity(cx: Context<'_>, all: &[&Exception]) -> Vec<Value> {
    let of = |wanted: &ExceptionSeverity| {
        let own: Vec<&Exception> = all.iter().filter(|one| one.severity == *wanted).copied().collect();
        let (count, codes): (usize, Vec<&str>) = (own.len(), own.iter().map(|one| one.code.id).collect());
        let rows = exceptions(cx, own.into_iter()).into_iter().zip(codes).map(|(mut row, code)| {
            if let Some(row) = row.as_object_mut() {
                row.insert("code".to_owned(), json!(code));
            }
            row
        });
        (count > 0).then(|| {
            json!({
                "key": severity(*wanted),
                "word": cx.messages.get(severity(*wanted)),
                // What keeps somebody from being paid is not hidden.
                "open": *wanted <= ExceptionSeverity::Held,
                "count": count.to_string(),
                "rows": rows.collect::<Vec<Value>>(),
            })
        })
    };
    SEVERITIES.iter().filter_map(of).collect()
}

/// The slips of a store's people, in the order of the outcome.
fn slips(cx: Context<'_>, files: &Files<'_>, store: &Store) -> Vec<Value> {
    let own = cx.index.store(&store.store_id);
    let folder = store_folder(&store.store_id);
    let sum = |lines: &[&PayLine]| {
        amount(&lines.iter().fold(Exact::zero(), |sum, line| sum.add(&Exact::from_decimal(line.amount))))
    };
    let of_people = files.of_people(&folder);
    let mut left = of_people.clone();
    let mut slips = Vec::new();
    for person in &own.people {
        let net: Vec<&PayLine> = cx.index.net(&person.employee_id).to_vec();
        let pays = net.first().is_some_and(|line| line.store_id == store.store_id);
        let stem = file_name(&person.employee_id);
        for (path, name) in of_people.iter().filter(|(path, _)| stem_of(path) == stem) {
            left.retain(|(other, _)| other != path);
            slips.push(json!({
                "href": href(path),
                "file": name,
                "name": person.name,
                "employee_id": person.employee_id,
                "pay": sum(&own.person(&person.employee_id).lines),
                "net": if pays { sum(&net) } else { String::new() },
                "estimated": pays && net.iter().any(|line| line.estimated),
            }));
        }
    }
    // A file of somebody whom no plan covers is listed all the same.
    slips.extend(left.iter().map(|(path, name)| {
        let stem = stem_of(path);
        json!({
            "href": href(path), "file": name, "name": stem, "employee_id": "", "pay": "", "net": "", "estimated": false
        })
    }));
    slips
}

fn stem_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The files of a run below their folders, as the page names them.
struct Files<'a> {
    spec: &'a PageSpec,
    by_folder: BTreeMap<String, Vec<&'a Written>>,
    receipt: Written,
}

impl<'a> Files<'a> {
    fn new(spec: &'a PageSpec, written: &'a [Written]) -> Self {
        let mut by_folder: BTreeMap<String, Vec<&'a Written>> = BTreeMap::new();
        for file in written {
            let mut parts = file.path.split('/');
            let folder = match (parts.next(), parts.next(), parts.next()) {
                (Some(STORES), Some(store), Some(_)) => format!("{STORES}/{store}"),
                (Some(GROUP), Some(_), _) => GROUP.to_owned(),
                _ => String::new(),
            };
            by_folder.entry(folder).or_default().push(file);
        }
        let receipt = Written { path: Receipt::FILE.to_owned(), sha256: String::new(), bytes: 0 };
        Self { spec, by_folder, receipt }
    }

    fn below(&self, folder: &str) -> &[&'a Written] {
        self.by_folder.get(folder).map(Vec::as_slice).unwrap_or_default()
    }

    /// The files of a folder but those of people: first those with a name, in the order of the names.
    fn of_folder(&self, folder: &str) -> Vec<Value> {
        let mut found: Vec<_> = self.below(folder).iter().map(|file| (self.spec.entry(&file.path), *file)).collect();
        found.retain(|(entry, _)| entry.is_none_or(|(_, entry)| entry.of == Whose::Store));
        found.sort_by_key(|(entry, file)| (entry.map_or(usize::MAX, |(at, _)| at), &file.path));
        let listed = found.into_iter().map(|(entry, file)| {
            let own = file.path.rsplit('/').next().unwrap_or(&file.path);
            let entry = entry.map(|(_, entry)| entry);
            json!({
                "href": href(&file.path),
                "file": own,
                "name": entry.map_or(own, |entry| &entry.name),
                "what": entry.map_or("", |entry| &entry.what),
                "size": size(file.bytes),
            })
        });
        listed.collect()
    }

    /// The files of all stores, and those of no folder: the receipt is one of them and not written yet.
    fn of_group(&self) -> Vec<Value> {
        let mut all = self.of_folder(GROUP);
        all.extend(self.of_folder(""));
        let file = &self.receipt.path;
        let entry = self.spec.entry(file).map(|(_, entry)| entry);
        all.push(json!({
            "href": href(file),
            "file": file,
            "name": entry.map_or(file.as_str(), |entry| &entry.name),
            "what": entry.map_or("", |entry| &entry.what),
            "size": "",
        }));
        all
    }

    /// The files of people in a folder, with what they are called.
    fn of_people(&self, folder: &str) -> Vec<(&'a str, &'a str)> {
        let named =
            self.below(folder).iter().filter_map(|file| Some((file.path.as_str(), self.spec.entry(&file.path)?.1)));
        named.filter(|(_, entry)| entry.of == Whose::Person).map(|(path, entry)| (path, entry.name.as_str())).collect()
    }
}

/// A relative link: what a URL gives a meaning is written as its bytes.
fn href(path: &str) -> String {
    let mut link = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => link.push(char::from(byte)),
            other => link.push_str(&format!("%{other:02X}")),
        }
    }
    link
}

/// Bytes in the unit that people read: 812 B, 14 KB, 3.2 MB.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
