//! The fixed words of reports, by language: `report-templates/messages.<lang>.yaml`.
//!
//! Analysts' words (labels of columns, titles of sections, clauses) come from their own files and are
//! printed as they stand in any language.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diag::text::Language;

/// Words by key; placeholders stand in braces: `{year}年{month}月`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Messages(BTreeMap<String, String>);

/// Keys that the views and the shared parts of templates use; a message file must hold all of them.
pub const KEYS: &[&str] = &[
    "accepted",
    "actual",
    "all_stores",
    "amount",
    "amount_unit",
    "and_other_stores",
    "announced",
    "axis_ten_thousand_yuan",
    "axis_yuan",
    "attached_pay_lines",
    "attached_trace",
    "because",
    "before",
    "blocking",
    "by_store",
    "capitals",
    "cause",
    "change",
    "change_of_before",
    "change_rate",
    "changed_by",
    "chart_bars",
    "chart_calendar",
    "chart_columns",
    "chart_distribution",
    "chart_pareto",
    "chart_waterfall",
    "chart_words",
    "chosen",
    "chosen_there",
    "clause",
    "close",
    "code",
    "colon",
    "comma",
    "confidential",
    "confidential_slip",
    "continued",
    "control",
    "control_totals",
    "count",
    "darker_is_more",
    "dataset",
    "day",
    "days",
    "days_of",
    "decided",
    "decision",
    "deducted",
    "definitions",
    "draft",
    "draft_hint",
    "employee_id",
    "estimate",
    "exception",
    "fall",
    "fatal",
    "fate_duplicate",
    "fate_not_data",
    "fate_quarantined",
    "figure",
    "file",
    "files",
    "friday",
    "from_to",
    "held",
    "how",
    "html_lang",
    "illegible",
    "in_stores",
    "indicator",
    "inputs",
    "instead",
    "item",
    "kpi_date",
    "kpi_definition",
    "kpi_denominator",
    "kpi_numerator",
    "kpi_source",
    "kpi_window",
    "ladder_jump",
    "ladder_row",
    "ladder_words",
    "lang",
    "lines",
    "lines_of",
    "lines_total",
    "made_of",
    "made_of_fonts",
    "made_of_rules",
    "made_of_templates",
    "matrix_held_by",
    "matrix_nearest",
    "monday",
    "more_ranges",
    "more_sources",
    "movers_among",
    "name",
    "net_deducted",
    "net_pay",
    "next_figure",
    "next_gain",
    "next_jump",
    "next_words",
    "no_decisions",
    "no_exceptions",
    "no_lines",
    "no_month_before",
    "no_rows",
    "no_store",
    "no_team",
    "not_passed",
    "nothing_to_draw",
    "on_a4",
    "on_a4_columns",
    "open",
    "others",
    "page_of",
    "paid_out_by",
    "part_added",
    "part_agreed",
    "part_deducted",
    "part_earned",
    "part_paid",
    "part_penalty",
    "pass_mark",
    "passed",
    "pay_by_line_axis",
    "pay_by_person_axis",
    "payslips",
    "people",
    "percent_points",
    "period",
    "person",
    "pipeline",
    "points",
    "quality_of_data",
    "rank",
    "rated_by",
    "reached",
    "reached_by",
    "read_by",
    "region",
    "remedy",
    "rise",
    "role",
    "roles",
    "rounded",
    "rounding_note",
    "rows",
    "rows_of",
    "rows_said_by",
    "run",
    "running_share",
    "saturday",
    "score_part",
    "sentence",
    "severity",
    "share",
    "since",
    "since_in_store",
    "source_card",
    "source_carried",
    "source_ladder",
    "source_parameter",
    "source_rows",
    "stake",
    "stop",
    "store",
    "stores",
    "sunday",
    "target",
    "this_month",
    "thursday",
    "total",
    "total_pay",
    "tuesday",
    "unit_bottles",
    "unit_calls",
    "unit_cars",
    "unit_days",
    "unit_hours",
    "unit_lines",
    "unit_minutes",
    "unit_months",
    "unit_orders",
    "unit_packages",
    "unit_people",
    "unit_points",
    "unit_policies",
    "unit_prospects",
    "unit_weights",
    "unit_yuan",
    "usable",
    "used_most",
    "warning",
    "wednesday",
    "week_from",
    "weight",
    "weighted_sum",
    "year_before",
];

impl Messages {
    /// Words from pairs; the keys that are missing otherwise.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, Vec<&'static str>> {
        let words: BTreeMap<String, String> = pairs.into_iter().collect();
        let missing: Vec<&str> = KEYS.iter().copied().filter(|key| !words.contains_key(*key)).collect();
        if missing.is_empty() { Ok(Self(words)) } else { Err(missing) }
    }

    /// The words of a key; the key itself where a template asks for one that nobody wrote.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.0.get(key).map_or(key, String::as_str)
    }

    /// The language of what the program says of data.
    pub fn language(&self) -> Language {
        Language::of_tag(self.get("lang"))
    }

    /// Every key with its words.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, words)| (key.as_str(), words.as_str()))
    }

    /// The words of a key with its placeholders filled.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let words = self.get(key);
        let mut filled = String::with_capacity(words.len() + 16);
        let mut rest = words;
        while let Some((before, inside)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = inside.split_once('}') else {
                filled.push('{');
                rest = inside;
                continue;
            };
            match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => filled.push_str(value),
                None => filled.extend(["{", name, "}"]),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(words: &str) -> Messages {
        Messages::new(KEYS.iter().map(|key| ((*key).to_owned(), words.to_owned()))).unwrap()
    }

    #[test]
    fn placeholders_are_filled_and_unknown_ones_stand() {
        assert_eq!(one("{a} of {b}, {c}").fill("total", &[("a", "1"), ("b", "{a}")]), "1 of {a}, {c}");
        assert_eq!(one("open {a").fill("total", &[("a", "1")]), "open {a");
    }

    #[test]
    fn a_file_without_a_key_is_refused() {
        assert_eq!(
            Messages::new(KEYS.iter().skip(1).map(|key| ((*key).to_owned(), String::new()))),
            Err(vec![KEYS[0]])
        );
    }
}
