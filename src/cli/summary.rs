//! The summary of a run: what became of the rows, who is paid what, what is in the way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::layout::{grouped, table, wrap};
use crate::run::outcome::{Exception, ExceptionSeverity, Fate, LinePart, Outcome};
use crate::run::receipt::RunId;
use crate::run::totals::{NetTotals, Overflow, RowTotals, StoreTotals, Totals, by_store, rows, totals};

/// Exceptions that are printed in full where all are in `exceptions.csv`.
const MOST_EXCEPTIONS: usize = 8;
/// Quarantined cells that are printed where there is no `quarantine.csv`.
const MOST_CELLS: usize = 20;

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Published now.
    Published,
    /// Published before.
    Already,
    /// Only a draft.
    Draft,
    /// Nothing was made.
    Refused,
}

impl Ending {
    fn word(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Already => "already published, nothing written",
            Self::Draft => "draft, not published",
            Self::Refused => "refused, nothing made",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Already => "already-published",
            Self::Draft => "draft",
            Self::Refused => "refused",
        }
    }
}

/// Everything that the summary says.
pub(super) struct Summary<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) ending: Ending,
    pub(super) run_id: Option<&'a RunId>,
    pub(super) folder: Option<&'a Path>,
    pub(super) files: usize,
    pub(super) elapsed: Duration,
}

impl Summary<'_> {
    /// For people, in 80 columns.
    pub(super) fn text(&self) -> Result<String, Overflow> {
        let outcome = self.outcome;
        let mut text = wrap("", "  ", &format!("{} · {} · {}", outcome.title, outcome.period, self.ending.word()));
        if let Some(folder) = self.folder {
            text.push_str(&wrap("  ", "  ", &folder.display().to_string()));
        }
        let rows = rows(outcome)?;
        if !rows.is_empty() {
            text.push_str(&rows_read(&rows, outcome));
            text.push_str(&rows_by_pipeline(&rows, outcome));
        }
        if self.ending != Ending::Refused {
            text.push_str(&self.pay()?);
        }
        text.push_str(&self.exceptions());
        if self.folder.is_none() {
            text.push_str(&self.quarantine());
        }
        let seconds = self.elapsed.as_millis();
        let time = format!("{}.{} s", seconds / 1000, seconds % 1000 / 100);
        let _ = writeln!(text, "\nWritten  {} files\nTime     {time}", self.files);
        Ok(text)
    }

    fn pay(&self) -> Result<String, Overflow> {
        let outcome = self.outcome;
        let all = totals(outcome)?;
        let row = |name: String, totals: &Totals| {
            vec![name, totals.people.to_string(), totals.pay_lines.to_string(), grouped(&totals.pay)]
        };
        let mut stores = vec![["Stores", "people", "pay lines", "pay, yuan"].map(str::to_owned).to_vec()];
        let stores_of = by_store(outcome)?;
        for StoreTotals { store, totals } in &stores_of {
            stores.push(row(format!("  {} {}", store.store_id, store.name), totals));
        }
        if outcome.stores.len() > 1 {
            stores.push(row("  all".to_owned(), &all));
        }
        let mut counts: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
        for line in &outcome.pay_lines {
            counts.entry(&line.kind).or_insert((&line.kind_label, 0)).1 += 1;
        }
        let mut lines = vec![["Pay lines", "lines", "pay, yuan"].map(str::to_owned).to_vec()];
        for (code, total) in &all.lines {
            let (label, count) = counts.get(code.as_str()).copied().unwrap_or(("", 0));
            lines.push(vec![format!("  {code} {label}"), count.to_string(), grouped(total)]);
        }
        let mut text = format!("\n{}", table(&stores));
        if lines.len() > 1 {
            let _ = write!(text, "\n{}", table(&lines));
        }
        if let Some(net) = &all.net {
            text.push_str(&self.net(net, &stores_of));
        }
        Ok(text)
    }

    /// From pay to what is paid out, who of it is not, and the files by which the others are.
    fn net(&self, net: &NetTotals, stores: &[StoreTotals]) -> String {
        let row = |name: String, people: usize, amount: &str| vec![name, people.to_string(), grouped(amount)];
        let mut list = vec![["Net pay", "people", "yuan"].map(str::to_owned).to_vec()];
        for StoreTotals { store, totals } in stores {
            let own = totals.net.clone().unwrap_or_default();
            list.push(row(format!("  {} {}", store.store_id, store.name), own.people, &own.pay));
        }
        if stores.len() > 1 {
            list.push(row("  all".to_owned(), net.people, &net.pay));
        }
        let (mut parts, mut people) = (BTreeMap::new(), BTreeMap::<&str, BTreeSet<&str>>::new());
        for line in &self.outcome.net_lines {
            parts.entry(&*line.kind).or_insert((line.part, line.kind_label.as_str()));
            if !line.amount.is_zero() {
                people.entry(&line.kind).or_default().insert(&line.employee_id);
            }
        }
        let of = |code: &str| people.get(code).map_or(0, BTreeSet::len);
        let titles = [(LinePart::Paid, "From pay", &net.paid), (LinePart::Added, "Added", &net.added)];
        for (part, title, sum) in titles.into_iter().chain([(LinePart::Deducted, "Deducted", &net.deducted)]) {
            let own: Vec<(&&str, &str)> =
                parts.iter().filter(|(_, (of, _))| *of == part).map(|(code, (_, label))| (code, *label)).collect();
            if own.is_empty() {
                continue;
            }
            list.push(vec![title.to_owned(), String::new(), grouped(sum)]);
            for (code, label) in own {
                let amount = net.lines.get(*code).map_or("", String::as_str);
                list.push(row(format!("  {code} {label}"), of(code), amount));
            }
        }
        let waiting =
            [("Estimates, paid to nobody", net.estimated, &net.estimated_pay), ("Held back", net.held, &net.held_pay)];
        for (title, people, pay) in waiting.into_iter().filter(|(_, people, _)| *people > 0) {
            list.push(row(title.to_owned(), people, pay));
        }
        let mut text = format!("\n{}", table(&list));
        let mut files = vec![["Files", "people", "control total"].map(str::to_owned).to_vec()];
        files.extend(net.files.iter().map(|file| row(format!("  {}", file.path), file.people, &file.total)));
        if files.len() > 1 {
            let _ = write!(text, "\n{}", table(&files));
        }
        text
    }

    fn exceptions(&self) -> String {
        let exceptions = &self.outcome.exceptions;
        let severities = [
            (ExceptionSeverity::Fatal, "fatal"),
            (ExceptionSeverity::Blocking, "blocking"),
            (ExceptionSeverity::Held, "held"),
            (ExceptionSeverity::Accepted, "accepted"),
            (ExceptionSeverity::Warning, "for your attention"),
        ];
        let counts: Vec<String> = severities
            .iter()
            .map(|(severity, word)| (exceptions.iter().filter(|one| one.severity == *severity).count(), word))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let mut text = match counts.as_slice() {
            [] => return "\nExceptions  none\n".to_owned(),
            counts => format!("\nExceptions  {}\n", counts.join(" · ")),
        };
        let worst = |severity| severity <= ExceptionSeverity::Held;
        // What stands in no file is printed whole.
        let most = if self.folder.is_some() { MOST_EXCEPTIONS } else { usize::MAX };
        for exception in exceptions.iter().filter(|one| worst(one.severity)).take(most) {
            text.push_str(&one(exception));
        }
        let rest = exceptions.iter().filter(|one| worst(one.severity)).count().saturating_sub(most);
        if rest > 0 {
            let _ = writeln!(text, "  … and {rest} more like these");
        }
        for (severity, word) in severities.iter().filter(|(severity, _)| !worst(*severity)) {
            let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
            for exception in exceptions.iter().filter(|one| one.severity == *severity) {
                *codes.entry(exception.code.id).or_default() += 1;
            }
            let codes: Vec<String> = codes.into_iter().map(|(code, count)| format!("{code} {count}")).collect();
            if !codes.is_empty() {
                text.push_str(&wrap("  ", "    ", &format!("{word}: {}", codes.join(", "))));
            }
        }
        if self.folder.is_some() {
            text.push_str("  all of them: exceptions.csv of each store and of the group\n");
        }
        text
    }

    fn quarantine(&self) -> String {
        let cells = &self.outcome.quarantine;
        if cells.is_empty() {
            return String::new();
        }
        let mut text = format!("\nQuarantined  {}\n", cells.len());
        for cell in cells.iter().take(MOST_CELLS) {
            let place = format!("{} {} row {}", cell.file, cell.sheet, cell.row);
            let place = place.split_whitespace().collect::<Vec<_>>().join(" ");
            let column =
                if cell.column.is_empty() { String::new() } else { format!(", {} `{}`", cell.column, cell.value) };
            text.push_str(&wrap("  ", "    ", &format!("{place}{column}: {}", cell.fault)));
        }
        if cells.len() > MOST_CELLS {
            let _ = writeln!(text, "  … and {} more; all with --format json", cells.len() - MOST_CELLS);
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> Result<Value, Overflow> {
        let outcome = self.outcome;
        let exceptions = outcome.exceptions.iter().map(|exception| {
            json!({
                "severity": exception.severity.word(),
                "code": exception.code.id,
                "store_id": exception.store_id,
                "employee_id": exception.employee_id,
                "who": exception.who,
                "cause": exception.cause.to_string(),
                "remedy": exception.remedy.to_string(),
                "stake": exception.stake.map(crate::run::tables::amount_text),
                "accepted": exception.accepted.as_ref().map(ToString::to_string),
            })
        });
        let quarantine = outcome.quarantine.iter().map(|cell| {
            json!({
                "store_id": cell.store_id,
                "dataset": &*cell.dataset,
                "file": &*cell.file,
                "sheet": cell.sheet,
                "row": cell.row,
                "column": cell.column,
                "value": cell.value,
                "code": cell.code.id,
                "fault": cell.fault,
            })
        });
        Ok(json!({
            "result": self.ending.id(),
            "title": outcome.title,
            "period": outcome.period,
            "run_id": self.run_id,
            "folder": self.folder.map(|folder| folder.display().to_string()),
            "files": self.files,
            "totals": totals(outcome)?,
            "stores": by_store(outcome)?,
            "rows": rows(outcome)?,
            "exceptions": exceptions.collect::<Vec<_>>(),
            "quarantine": quarantine.collect::<Vec<_>>(),
            "milliseconds": u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX),
        }))
    }
}

fn one(exception: &Exception) -> String {
    let place = [&exception.store_id, &exception.employee_id];
    let place: Vec<&str> = place.into_iter().flatten().map(String::as_str).collect();
    let who = if exception.employee_id.as_ref().is_some_and(|id| exception.who.contains(id.as_str())) {
        exception.who.clone()
    } else {
        format!("{} {}", place.join(" "), exception.who)
    };
    let heading = format!("{} {}: {}", exception.severity.word(), exception.code, who.trim());
    wrap("  ", "    ", &heading)
        + &wrap("    ", "    ", &exception.cause.to_string())
        + &wrap("    → ", "      ", &exception.remedy.to_string())
}

/// Rows of each dataset, all stores together: in the files, kept out while reading, left for the pipelines.
fn rows_read(rows: &[RowTotals], outcome: &Outcome) -> String {
    let mut datasets: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    let fates = [Fate::NotData, Fate::Duplicate, Fate::Quarantined];
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for fate in &outcome.row_fates {
        let of = files.entry(&*fate.dataset).or_default();
        if !of.contains(&&*fate.file) {
            of.push(&fate.file);
        }
    }
    for (dataset, files) in &files {
        let inputs = outcome.inputs.iter().filter(|input| files.contains(&input.file.as_str()));
        datasets.entry(dataset).or_default()[0] = inputs.map(|input| input.rows).sum();
    }
    for row in rows.iter().filter(|row| row.pipeline.is_empty()) {
        let counts = datasets.entry(&row.dataset).or_default();
        for (count, fate) in counts.iter_mut().skip(1).zip(fates) {
            *count += row.of(fate);
        }
    }
    let mut list =
        vec![["Rows", "in files", "no data", "duplicate", "quarantined", "read"].map(str::to_owned).to_vec()];
    for (dataset, [all, no_data, duplicate, quarantined]) in datasets {
        let read = all.saturating_sub(no_data + duplicate + quarantined);
        let counts = [all, no_data, duplicate, quarantined, read].map(|count| grouped(&count.to_string()));
        list.push([vec![format!("  {dataset}")], counts.to_vec()].concat());
    }
    format!("\n{}", table(&list))
}

/// Rows of each dataset in the pipelines that pay, all stores together; the others are in `row-fates.csv`.
fn rows_by_pipeline(rows: &[RowTotals], outcome: &Outcome) -> String {
    let fates = [Fate::Used, Fate::Filtered, Fate::Unmatched, Fate::Unread];
    let paying: BTreeSet<&str> = outcome.pay_lines.iter().map(|line| &*line.pipeline).collect();
    let mut pipelines: BTreeMap<(&str, &str), [usize; 4]> = BTreeMap::new();
    let mut others: BTreeSet<&str> = BTreeSet::new();
    for row in rows.iter().filter(|row| !row.pipeline.is_empty()) {
        if !paying.contains(row.pipeline.as_str()) {
            others.insert(&row.pipeline);
            continue;
        }
        let counts = pipelines.entry((&row.pipeline, &row.dataset)).or_default();
        for (count, fate) in counts.iter_mut().zip(fates) {
            *count += row.of(fate);
        }
    }
    let mut text = String::new();
    if !pipelines.is_empty() {
        let mut list = vec![["Rows by plan", "used", "filtered", "unmatched", "unread"].map(str::to_owned).to_vec()];
        let mut before = "";
        for ((pipeline, dataset), counts) in pipelines {
            if pipeline != before {
                list.push(vec![format!("  {pipeline}")]);
                before = pipeline;
            }
            let counts = counts.map(|count| grouped(&count.to_string()));
            list.push([vec![format!("    {dataset}")], counts.to_vec()].concat());
        }
        text = format!("\n{}", table(&list));
    }
    if !others.is_empty() {
        let names = others.into_iter().collect::<Vec<_>>().join(", ");
        text.push_str(&wrap("  ", "    ", &format!("in row-fates.csv: {names}")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::layout::{WIDTH, width};
    use crate::diag::Code;
    use crate::run::outcome::{InputFile, PayFile, QuarantinedRow, RowFate};
    use crate::run::receipt::Ingredients;
    use crate::run::sample::{exception, line, outcome};

    fn sample() -> Outcome {
        let fate = |pipeline: &str, fate: Fate, rows: usize| RowFate {
            store_id: "S01".to_owned(),
            dataset: "orders".into(),
            pipeline: pipeline.to_owned(),
            file: "S01/2026-10/结算单.csv".into(),
            fate,
            step: crate::diag::text::Text::none(),
            rows,
            control: None,
        };
        let mut outcome = outcome();
        let file = "S01/2026-10/结算单.csv".to_owned();
        outcome.inputs = vec![InputFile { file, dataset: "orders".to_owned(), sha256: String::new(), rows: 1234 }];
        outcome.row_fates = vec![
            fate("", Fate::NotData, 4),
            fate("", Fate::Duplicate, 1),
            fate("", Fate::Quarantined, 2),
            fate("advisor-output", Fate::Used, 1000),
            fate("advisor-output", Fate::Filtered, 200),
            fate("advisor-output", Fate::Unmatched, 27),
            fate("department", Fate::Used, 1227),
        ];
        outcome.pay_lines =
            vec![line("A1", "张伟", "advisor-output", "33214.55"), line("A1", "张伟", "renewal", "-100")];
        outcome.pay_lines[0].label = "产值与接车提成".to_owned();
        outcome.pay_lines[0].kind_label = "产值与接车提成".to_owned();
        outcome.pay_lines[0].pipeline = "advisor-output".into();
        let mut long = exception(Some("S01"), "A2");
        long.cause = "接待员 lisi02 在 S01/2026-10/结算单.csv 的第 12、18、20-146 行没有对应的员工，".repeat(2).into();
        let mut warning = exception(None, "");
        warning.severity = ExceptionSeverity::Warning;
        outcome.exceptions = vec![exception(Some("S01"), "A1"), long, warning];
        outcome
    }

    #[test]
    fn a_summary_in_eighty_columns() {
        let outcome = sample();
        let id = Ingredients::default().run_id();
        let folder = Path::new("out/2026-10/drafts").join(id.as_str());
        let summary = Summary {
            outcome: &outcome,
            ending: Ending::Draft,
            run_id: Some(&id),
            folder: Some(&folder),
            files: 9,
            elapsed: Duration::from_millis(2345),
        };
        let text = summary.text().unwrap();
        assert!(text.lines().all(|line| width(line) <= WIDTH), "{text}");
        insta::assert_snapshot!(text);
        assert_eq!(summary.json().unwrap()["totals"]["pay"], "33114.55");
    }

    #[test]
    fn net_pay_with_its_parts_who_waits_and_the_control_totals_in_eighty_columns() {
        let mut outcome = sample();
        outcome.exceptions.clear();
        let of = |id: &str, code: &str, label: &str, part: LinePart, amount: &str| {
            let mut line = line(id, "张伟", code, amount);
            (line.kind_label, line.part) = (label.to_owned(), part);
            line
        };
        for (id, estimated) in [("A1", false), ("A2", true), ("A3", false)] {
            let mut lines = vec![
                of(id, "earned", "各方案应得", LinePart::Paid, "33114.55"),
                of(id, "wage", "档案工资", LinePart::Added, "3000"),
                of(id, "pension", "养老保险个人部分（按城市缴费基数上下限执行）", LinePart::Deducted, "-240.00"),
                of(id, "fines", "罚款", LinePart::Deducted, "0"),
            ];
            lines.iter_mut().for_each(|line| line.estimated = estimated);
            outcome.net_lines.extend(lines);
        }
        let mut held = exception(Some("S01"), "A3");
        held.severity = ExceptionSeverity::Held;
        outcome.exceptions = vec![held];
        outcome.files = vec![PayFile {
            layout: "bank-transfer".into(),
            title: "银行代发文件".to_owned(),
            path: "stores/S01/bank-transfer.txt".to_owned(),
            pays: true,
            people: 1,
            total: "35874.55".parse().unwrap(),
            bytes: Vec::new(),
        }];
        let text = ended(&outcome, Some(Path::new("out")));
        assert!(text.lines().all(|line| width(line) <= WIDTH), "{text}");
        let (_, net) = text.split_once("\nNet pay").unwrap();
        insta::assert_snapshot!(format!("Net pay{net}"));
    }

    fn ended(outcome: &Outcome, folder: Option<&Path>) -> String {
        let ending = if folder.is_some() { Ending::Draft } else { Ending::Refused };
        Summary { outcome, ending, run_id: None, folder, files: 0, elapsed: Duration::ZERO }.text().unwrap()
    }

    #[test]
    fn exceptions_that_stand_in_a_file_are_counted_and_the_others_printed() {
        let mut outcome = outcome();
        outcome.exceptions = vec![exception(Some("S01"), "A1"); 30];
        let text = ended(&outcome, Some(Path::new("out/2026-10/drafts/1")));
        assert!(text.contains("30 blocking") && text.contains("… and 22 more like these"), "{text}");
        assert_eq!(ended(&outcome, None).matches("blocking missing-target").count(), 30);
    }

    #[test]
    fn a_refused_run_shows_the_cells_that_were_wrong() {
        let mut outcome = outcome();
        outcome.quarantine = vec![QuarantinedRow {
            store_id: "S01".to_owned(),
            dataset: "orders".into(),
            file: "S01/2026-10/结算单.csv".into(),
            sheet: String::new(),
            row: 12,
            column: "产值".to_owned(),
            value: "12.345".to_owned(),
            code: Code::new("third-decimal", "money with a third decimal"),
            fault: "money has at most two decimals".into(),
        }];
        let cell = "  S01/2026-10/结算单.csv row 12, 产值 `12.345`: money has at most two decimals\n";
        assert!(ended(&outcome, None).contains(cell));
        assert!(!ended(&outcome, Some(Path::new("out"))).contains("12.345"));
    }
}
