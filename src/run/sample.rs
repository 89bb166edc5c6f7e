//! A small outcome for tests.

use std::collections::BTreeMap;

use jiff::civil::date;

use crate::diag::text::Language;
use crate::diag::translation::Translation;

use super::outcome::{
    Exception, ExceptionSeverity, LinePart, Origin, Outcome, PayLine, Period, Person, RoleInterval, Store, Trace,
    TraceNode,
};
use crate::diag::Code;

/// One store, one person, nothing else.
pub(crate) fn outcome() -> Outcome {
    let interval = RoleInterval {
        role: "general-advisor".to_owned(),
        role_label: "服务顾问".to_owned(),
        team: None,
        group: None,
        from: date(2026, 10, 1),
        to: date(2026, 10, 31),
    };
    let person = Person {
        store_id: "S01".to_owned(),
        employee_id: "A1".to_owned(),
        name: "张伟".to_owned(),
        intervals: vec![interval],
    };
    Outcome {
        period: Period::parse("2026-10").unwrap(),
        title: "售后月末绩效".to_owned(),
        stores: vec![Store { store_id: "S01".to_owned(), name: "城东店".to_owned() }],
        people: vec![person],
        pay_lines: Vec::new(),
        net_lines: Vec::new(),
        next_rows: Vec::new(),
        paid_before: crate::run::paid_before::PaidBefore::default(),
        files: Vec::new(),
        carried: Vec::new(),
        clauses: Vec::new(),
        decisions: Vec::new(),
        in_force: BTreeMap::new(),
        exceptions: Vec::new(),
        row_fates: Vec::new(),
        quarantine: Vec::new(),
        published: BTreeMap::new(),
        earlier: BTreeMap::new(),
        words: Translation::none(Language::Chinese),
        titles: BTreeMap::new(),
        inputs: Vec::new(),
    }
}

/// A pay line of a general advisor in S01, without a trace.
pub(crate) fn line(employee_id: &str, name: &str, line: &str, amount: &str) -> PayLine {
    PayLine {
        store_id: "S01".to_owned(),
        employee_id: employee_id.to_owned(),
        name: name.to_owned(),
        role: "general-advisor".to_owned(),
        pipeline: "renewals".into(),
        line: line.into(),
        kind: line.into(),
        kind_label: "续保扣款".to_owned(),
        clause: "D8-2.4".to_owned(),
        label: "续保扣款".to_owned(),
        amount: amount.parse().unwrap(),
        part: LinePart::Earned,
        estimated: false,
        trace: Trace::default(),
    }
}

/// A missing target.
pub(crate) fn exception(store_id: Option<&str>, employee_id: &str) -> Exception {
    Exception {
        severity: ExceptionSeverity::Blocking,
        code: Code::new("missing-target", "a person to be paid has no target"),
        store_id: store_id.map(str::to_owned),
        employee_id: Some(employee_id.to_owned()),
        who: "张伟".to_owned(),
        cause: "no row in targets".into(),
        remedy: "add the row".into(),
        stake: None,
        accepted: None,
        place: None,
    }
}

/// The nodes of a trace that says nothing but the value.
pub(crate) fn root(value: &str) -> Vec<TraceNode> {
    vec![TraceNode {
        name: "care".to_owned(),
        label: "养护提成".to_owned(),
        value: value.to_owned(),
        shown: String::new(),
        unit: "yuan".to_owned(),
        formula: String::new(),
        labelled: String::new(),
        filled: String::new(),
        origin: Origin::Period,
        children: Vec::new(),
    }]
}
