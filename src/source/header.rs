//! Header rows: which cell names which column.
//!
//! Titles may stand above; the header is the first row that holds every header the contract needs. Where
//! no row does, the row that holds most is taken to be meant, and what is missing is named with the header
//! of the file that comes nearest.

use crate::diag::nearest;

use super::codes::{HEADER_MISSING, HEADER_TWICE};
use super::contract::Contract;
use super::trouble::FileTrouble;
use crate::diag::text::{Text, text};

/// Where the columns of a contract stand in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// Position of each column of the contract; `None` for an optional one that the file does not have.
    pub(crate) positions: Vec<Option<usize>>,
    /// The headers of the file, without white space around them.
    pub(crate) headers: Vec<String>,
    /// Physical row of the header, from 1.
    pub(crate) row: u32,
}

impl Mapping {
    /// Header under which the file carries a column; its first known header where it does not.
    pub(crate) fn header<'a>(&'a self, contract: &'a Contract, column: usize) -> &'a str {
        let found = self.positions.get(column).copied().flatten().and_then(|position| self.headers.get(position));
        let known = || contract.columns.get(column).and_then(|column| column.headers.first());
        found.or_else(known).map_or("", String::as_str)
    }

    /// Headers of the file that no column reads.
    pub(crate) fn unread(&self) -> impl Iterator<Item = &str> {
        let headers = self.headers.iter().enumerate();
        headers
            .filter(|(position, header)| !header.is_empty() && !self.positions.contains(&Some(*position)))
            .map(|(_, header)| header.as_str())
    }
}

/// The search for the header row.
pub(crate) struct Search<'a> {
    contract: &'a Contract,
    /// Headers of each column in normal form.
    known: Vec<Vec<String>>,
    /// The row that held most columns so far.
    best: Option<(usize, Mapping)>,
}

impl<'a> Search<'a> {
    /// A search that has seen no row.
    pub(crate) fn new(contract: &'a Contract) -> Self {
        let known = contract.columns.iter().map(|column| column.headers.iter().map(|header| normal(header)).collect());
        Self { contract, known: known.collect(), best: None }
    }

    /// Looks at a row; the header when this is it.
    ///
    /// # Errors
    /// When this is the header but names a column twice.
    pub(crate) fn offer<'c>(
        &mut self,
        row: u32,
        cells: impl Iterator<Item = std::borrow::Cow<'c, str>>,
    ) -> Result<Option<Mapping>, FileTrouble> {
        let mut headers: Vec<String> = cells.map(|cell| cell.trim().trim_matches('\u{feff}').to_owned()).collect();
        while headers.last().is_some_and(String::is_empty) {
            headers.pop();
        }
        let normals: Vec<String> = headers.iter().map(|header| normal(header)).collect();
        let mut positions = Vec::new();
        let mut twice = None;
        for (column, known) in self.contract.columns.iter().zip(&self.known) {
            let mut found = (0..normals.len()).filter(|position| known.contains(&normals[*position]));
            let first = found.next();
            if let (Some(first), Some(second)) = (first, found.next()) {
                twice = twice.or(Some((column, first, second)));
            }
            positions.push(first);
        }
        let count = positions.iter().flatten().count();
        let whole =
            positions.iter().zip(&self.contract.columns).all(|(found, column)| found.is_some() || column.optional);
        let mapping = Mapping { positions, headers, row };
        if whole && count > 0 {
            if let Some((column, first, second)) = twice {
                let text = |position: usize| mapping.headers.get(position).map_or("", String::as_str);
                let cause = text!(
                    "row {row} has two headers for {label} (`{name}`): `{one}` in column {here} and `{other}` in column {there}",
                    row,
                    label = &column.label,
                    name = &column.name,
                    one = text(first),
                    here = first + 1,
                    other = text(second),
                    there = second + 1
                );
                let remedy =
                    text!("leave only the header that is meant under `headers:` of the column, or export one of them");
                return Err(FileTrouble::new(HEADER_TWICE, cause, remedy));
            }
            return Ok(Some(mapping));
        }
        if count > self.best.as_ref().map_or(0, |(most, _)| *most) {
            self.best = Some((count, mapping));
        }
        Ok(None)
    }

    /// What to say when no row was the header.
    pub(crate) fn trouble(&self) -> FileTrouble {
        let within = self.contract.header_within;
        let Some((_, best)) = &self.best else {
            let first = self.contract.columns.first().and_then(|column| column.headers.first());
            let header = first.map_or("", |text| text);
            let cause =
                text!("none of the first {within} rows holds a known header, such as `{header}`", within, header);
            let remedy = text!("check that this is the right export and that its encoding is that of the contract");
            return FileTrouble::new(HEADER_MISSING, cause, remedy);
        };
        let mut causes = Vec::new();
        let mut remedies = Vec::new();
        for (column, _) in self
            .contract
            .columns
            .iter()
            .zip(&best.positions)
            .filter(|(column, position)| position.is_none() && !column.optional)
        {
            let near = near_header(&column.headers, best.unread());
            let nearest = near.map_or(Text::none(), |near| text!(", nearest is `{near}`", near));
            causes.push(text!(
                "no header for {label} (`{name}`: {headers}){nearest}",
                label = &column.label,
                name = &column.name,
                headers = column.headers.join(", "),
                nearest
            ));
            if let Some(near) = near {
                let name = &column.name;
                remedies.push(text!("if `{near}` means the same, add it to `headers:` of `{name}`", near, name));
            }
        }
        if remedies.is_empty() {
            remedies.push(text!("export the file with these columns"));
        }
        let cause = text!("row {row} is the header, but has {causes}", row = best.row, causes = Text::List(causes));
        FileTrouble::new(HEADER_MISSING, cause, Text::List(remedies))
    }
}

/// The header of a file that comes nearest to one of a column's known headers: nearly the same, or one
/// inside the other.
pub(crate) fn near_header<'a>(known: &[String], candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.collect();
    let near = known.iter().find_map(|header| nearest(header, candidates.iter().copied()));
    near.or_else(|| {
        let within = |a: &str, b: &str| b.chars().count() >= 2 && a.contains(b);
        let mut sorted = candidates.clone();
        sorted.sort_by_key(|candidate| candidate.chars().count());
        sorted
            .into_iter()
            .find(|candidate| known.iter().any(|header| within(candidate, header) || within(header, candidate)))
    })
}

/// Normal form of a header or label: full-width forms as ASCII, lower case, without any white space,
/// byte order mark or closing colon.
pub(crate) fn normal(text: &str) -> String {
    let mut normal: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{feff}')
        .map(half_width)
        .flat_map(char::to_lowercase)
        .collect();
    while normal.ends_with(':') {
        normal.pop();
    }
    normal
}

/// The ASCII character of a full-width form.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_spaces_of_a_header_do_not_matter() {
        for text in ["产值(元)", "产值（元）", " 产值 (元)\u{3000}", "\u{feff}产值(元)：", "产值\n(元)"]
        {
            assert_eq!(normal(text), "产值(元)", "{text:?}");
        }
        assert_eq!(normal("Balance_No"), normal("ＢＡＬＡＮＣＥ＿ＮＯ"));
    }

    #[test]
    fn the_nearest_header_is_a_small_change_or_a_longer_name() {
        let known = ["产值".to_owned(), "PRODUCTION_VALUE".to_owned()];
        assert_eq!(near_header(&known, ["工时费", "产值金额"].into_iter()), Some("产值金额"));
        assert_eq!(near_header(&known, ["工时费", "PRODUCTION_VALU"].into_iter()), Some("PRODUCTION_VALU"));
        assert_eq!(near_header(&known, ["工时费", "车型"].into_iter()), None);
    }
}
