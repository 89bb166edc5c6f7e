//! Path patterns: which file of the data folder belongs to a store and a period.

use std::path::Path;

use crate::diag::Fault;
use crate::world::period::Period;
use crate::world::{Result, World};

use super::codes::PATH_PATTERN;

/// `{store}/{period}/结算单*.csv`: folders and a file name, with places to fill and wildcards.
///
/// Lock files of office programs (`~$…`) and hidden files never match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
}

const PLACES: &[&str] = &["store", "period", "year", "month"];

impl PathPattern {
    /// Checks a pattern.
    ///
    /// # Errors
    /// Every reason why the pattern cannot name one file of one store.
    pub fn parse(text: &str) -> std::result::Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut fault = |span: std::ops::Range<usize>, message: String, hint: &str| {
            faults.push(Fault::new(PATH_PATTERN, span, message).hint(hint));
        };
        let whole = 0..text.len();
        if text.is_empty() {
            fault(whole.clone(), "the path is empty".to_owned(), "write it as `{store}/{period}/name*.csv`");
        }
        if text.starts_with('/') || text.contains('\\') || text.split('/').any(|part| part == ".." || part == ".") {
            fault(whole.clone(), format!("`{text}` leaves the data folder"), "write a path below it, with `/`");
        } else if !text.is_empty() && text.split('/').any(str::is_empty) {
            fault(whole.clone(), format!("`{text}` has an empty name"), "write one `/` between two names");
        }
        let mut rest = 0;
        while let Some(open) = text[rest..].find('{').map(|at| rest + at) {
            let Some(close) = text[open..].find('}').map(|at| open + at) else {
                fault(open..text.len(), "this `{` is never closed".to_owned(), "places are `{store}` and `{period}`");
                break;
            };
            let name = &text[open + 1..close];
            if !PLACES.contains(&name) {
                let hint = match crate::diag::nearest(name, PLACES.iter().copied()) {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => "places are `{store}`, `{period}`, `{year}` and `{month}`".to_owned(),
                };
                fault(open..close + 1, format!("nothing is known as `{{{name}}}`"), &hint);
            }
            rest = close + 1;
        }
        if !text.is_empty() && !text.contains("{store}") {
            fault(whole, format!("`{text}` is the same for every store"), "put `{store}` in: rows belong to a store");
        }
        if faults.is_empty() { Ok(Self { text: text.to_owned() }) } else { Err(faults) }
    }

    /// Whether each month has its own file.
    pub fn is_monthly(&self) -> bool {
        self.text.contains("{period}") || self.text.contains("{month}")
    }

    /// The pattern with store and period put in, as messages show it.
    pub fn filled(&self, store_id: &str, period: Period) -> String {
        self.text
            .replace("{store}", store_id)
            .replace("{period}", &period.to_string())
            .replace("{year}", &format!("{:04}", period.year()))
            .replace("{month}", &format!("{:02}", period.month()))
    }

    /// Files that match below the data folder, sorted, relative to it.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub fn files(&self, store_id: &str, period: Period, data: &Path, world: &dyn World) -> Result<Vec<String>> {
        let filled = self.filled(store_id, period);
        let mut found = vec![String::new()];
        for part in filled.split('/') {
            let mut next = Vec::new();
            for folder in &found {
                if part.contains('*') {
                    let names = world.list(&data.join(folder))?;
                    let names = names.iter().filter(|name| !name.starts_with(['.', '~']) && matches(part, name));
                    next.extend(names.map(|name| below(folder, name)));
                } else {
                    let path = below(folder, part);
                    if world.exists(&data.join(&path)) {
                        next.push(path);
                    }
                }
            }
            found = next;
        }
        found.sort_unstable();
        Ok(found)
    }
}

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Whether a name fits a pattern in which `*` stands for any run of characters.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_within_one_name() {
        for (pattern, name, fits) in [
            ("结算单*.csv", "结算单.csv", true),
            ("结算单*.csv", "结算单_202610.csv", true),
            ("结算单*.csv", "旧结算单.csv", false),
            ("结算单*.csv", "结算单.csv.bak", false),
            ("*a*b", "xaxbxb", true),
            ("*a*b", "b", false),
            ("ab*ba", "aba", false),
            ("plain.csv", "plain.csv", true),
            ("plain.csv", "plain.csvx", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_that_leaves_the_data_folder_is_refused() {
        for bad in
            ["", "/etc/{store}", "../{store}/x.csv", "{store}//x.csv", "{store}/{Period}.csv", "{period}/x", "{store"]
        {
            assert!(PathPattern::parse(bad).is_err(), "{bad}");
        }
        assert!(PathPattern::parse("{store}/{period}/结算单*.csv").is_ok());
    }

    #[test]
    fn the_period_is_put_in_as_year_and_month() {
        let pattern = PathPattern::parse("{store}/{year}{month}/{period}.csv").unwrap_or_else(|_| panic!("parses"));
        assert_eq!(
            pattern.filled("S01", Period::parse("2026-01").unwrap_or_else(|| panic!("a period"))),
            "S01/202601/2026-01.csv"
        );
        assert!(pattern.is_monthly());
    }
}
