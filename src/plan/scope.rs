//! The frames that the steps of a pipeline may read, as types.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::Pipeline;
use crate::diag::phrase::phrase;
use crate::diag::text::Language;
use crate::expr::types::{Field, Kind, Name, Schema, Type};
use crate::expr::unit::Unit;
use crate::source::Contract;
use crate::step::{FrameTypes, Step};

/// Columns of a spine made from a roster: those of the roster without `period`, the interval clipped to
/// the period and never open, then `days` (days held in the period) and `period_days`.
///
/// # Errors
/// What the roster lacks.
pub fn spine_schema(roster: &Contract, language: Language) -> Result<Schema, &'static str> {
    let mut schema = roster.schema().clone();
    schema.fields.retain(|field| &*field.name != "period");
    let Some((from, to)) = &roster.interval else { return Err("interval") };
    if &**from != "valid_from" || &**to != "valid_to" {
        return Err("interval named valid_from and valid_to");
    }
    for (column, complaint) in
        [("employee_id", "text column `employee_id`"), ("name", "text column `name`"), ("role", "text column `role`")]
    {
        if !schema.get(column).is_some_and(|field| field.ty == Type::text()) {
            return Err(complaint);
        }
    }
    for field in &mut schema.fields {
        if field.name == *from || field.name == *to {
            field.ty = Type::date();
        }
    }
    for (name, label) in [("days", "在岗天数"), ("period_days", "当月天数")] {
        let ty = Type::new(Kind::Int, Unit::base("days"));
        schema.set(Field { name: Name::from(name), ty, label: Arc::from(phrase(label, language)) });
    }
    Ok(schema)
}

/// Most digits of an amount that is paid, the two of the fen among them: sums of such amounts stay decimals.
pub const PAY_DIGITS: u8 = 28;

type Columns<const N: usize> = [(&'static str, &'static str, Type); N];

/// Columns with their labels in a language.
fn schema<const N: usize>(columns: Columns<N>, language: Language) -> Schema {
    let field = |(name, label, ty): (&str, &'static str, Type)| Field {
        name: Name::from(name),
        ty,
        label: Arc::from(phrase(label, language)),
    };
    Schema { fields: columns.into_iter().map(field).collect() }
}

/// The place of a language among the schemas that are made once for each.
fn at(language: Language) -> usize {
    Language::ALL.iter().position(|known| *known == language).unwrap_or_default()
}

static PAY: LazyLock<[Schema; 2]> = LazyLock::new(|| {
    let amount = Type::new(Kind::Decimal { digits: PAY_DIGITS, scale: 2 }, Unit::base("yuan"));
    let columns = [
        ("store_id", "门店", Type::text()),
        ("employee_id", "工号", Type::text()),
        ("line", "提成项目", Type::text()),
        ("amount", "已付金额", amount),
    ];
    Language::ALL.map(|language| schema(columns.clone(), language))
});

/// Columns of `<pipeline>.pay`: the lines that a pipeline pays, with the amounts as paid, rounded to the fen.
pub fn pay_schema(language: Language) -> &'static Schema {
    let [first, ..] = &*PAY;
    PAY.get(at(language)).unwrap_or(first)
}

/// The lines that all pipelines pay to everybody.
pub const RUN_PAY: &str = "run.pay";
/// Everybody whom a plan covers, by store.
pub const RUN_PEOPLE: &str = "run.people";

static RUN: LazyLock<[[Schema; 2]; 2]> = LazyLock::new(|| {
    let amount = Type::new(Kind::Decimal { digits: PAY_DIGITS, scale: 2 }, Unit::base("yuan"));
    let days = Type::new(Kind::Int, Unit::base("days"));
    let pay = [
        ("store_id", "门店", Type::text()),
        ("employee_id", "工号", Type::text()),
        ("pipeline", "方案", Type::text()),
        ("line", "提成项目", Type::text()),
        ("kind", "项目类别", Type::text()),
        ("part", "项目性质", Type::text()),
        ("clause", "条款", Type::text()),
        ("label", "项目名称", Type::text()),
        ("amount", "已计金额", amount),
    ];
    let people = [
        ("store_id", "门店", Type::text()),
        ("employee_id", "工号", Type::text()),
        ("name", "姓名", Type::text()),
        ("days", "在岗天数", days.clone()),
        ("period_days", "当月天数", days),
        ("home", "在岗天数最多的门店", Type::new(Kind::Bool, Unit::ratio())),
    ];
    Language::ALL.map(|language| [schema(pay.clone(), language), schema(people.clone(), language)])
});

/// Columns of the frames of the whole run: [`RUN_PAY`] has a row for each line, amounts as paid; [`RUN_PEOPLE`] one for
/// each person and store, of which one store is the person's `home`.
pub fn run_schema(frame: &str, language: Language) -> Option<&'static Schema> {
    let [pay, people] = RUN.get(at(language))?;
    match frame {
        RUN_PAY => Some(pay),
        RUN_PEOPLE => Some(people),
        _ => None,
    }
}

/// What the steps of one pipeline may read.
pub(super) struct Scope<'a> {
    /// Datasets.
    pub contracts: &'a BTreeMap<Name, Contract>,
    /// Pipelines checked before.
    pub pipelines: &'a [Pipeline],
    /// The language of the run.
    pub language: Language,
    /// The spine, where the pipeline has one.
    pub spine: Option<&'a Schema>,
    /// Steps checked before.
    pub steps: BTreeMap<Name, Schema>,
    /// How far back those of them reach that are made from history.
    pub windows: BTreeMap<Name, usize>,
}

impl Scope<'_> {
    /// Adds a step that was checked.
    pub(super) fn add(&mut self, name: &str, step: &Step) {
        let windows = step.inputs.iter().filter_map(|input| self.window(input));
        if let Some(window) = windows.min() {
            self.windows.insert(Name::from(name), window);
        }
        self.steps.insert(Name::from(name), step.schema.clone());
    }

    /// How far back a step of a pipeline that was checked before reaches.
    fn window_of(&self, pipeline: &Pipeline, written: &str) -> Option<usize> {
        match pipeline.step(written) {
            Some(step) => step.step.inputs.iter().filter_map(|input| self.window_of(pipeline, input)).min(),
            None => self.window_elsewhere(written),
        }
    }

    /// How far back a dataset or a step of another pipeline reaches.
    fn window_elsewhere(&self, name: &str) -> Option<usize> {
        if let Some(dataset) = name.strip_suffix(".history") {
            return self.contracts.get(dataset).map(|contract| contract.window);
        }
        let (pipeline, step) = name.split_once('.')?;
        let pipeline = self.pipelines.iter().find(|known| &*known.name == pipeline)?;
        pipeline.step(step).and_then(|_| self.window_of(pipeline, step))
    }
}

impl FrameTypes for Scope<'_> {
    fn schema(&self, name: &str) -> Option<&Schema> {
        if let Some(schema) = self.steps.get(name) {
            return Some(schema);
        }
        if name == "spine" {
            return self.spine;
        }
        let dataset = name.strip_suffix(".history").unwrap_or(name);
        if let Some(contract) = self.contracts.get(dataset) {
            return Some(contract.open_schema());
        }
        if let Some(schema) = run_schema(name, self.language) {
            return Some(schema);
        }
        let (pipeline, step) = name.split_once('.')?;
        let pipeline = self.pipelines.iter().find(|known| &*known.name == pipeline)?;
        if step == "spine" {
            return pipeline.spine.as_ref().map(|spine| &spine.schema);
        }
        if step == "pay" && !pipeline.pay.is_empty() {
            return Some(pay_schema(self.language));
        }
        pipeline.step(step).map(|step| &step.step.schema)
    }

    fn names(&self) -> Vec<String> {
        let steps = self.steps.keys().map(ToString::to_string);
        let spine = self.spine.map(|_| "spine".to_owned());
        let datasets = self.contracts.keys().flat_map(|name| [name.to_string(), format!("{name}.history")]);
        let others = self.pipelines.iter().flat_map(|pipeline| {
            let steps = pipeline.steps.iter().map(|step| &*step.name);
            let pay = (!pipeline.pay.is_empty()).then_some("pay");
            steps.chain(pay).map(|frame| format!("{}.{frame}", pipeline.name)).collect::<Vec<_>>()
        });
        let whole = [RUN_PAY, RUN_PEOPLE].map(str::to_owned);
        steps.chain(spine).chain(datasets).chain(others).chain(whole).collect()
    }

    fn interval(&self, name: &str) -> Option<(Name, Name)> {
        if name == "spine" && self.spine.is_some() {
            return Some((Name::from("valid_from"), Name::from("valid_to")));
        }
        let dataset = name.strip_suffix(".history").unwrap_or(name);
        self.contracts.get(dataset)?.interval.clone()
    }

    fn window(&self, name: &str) -> Option<usize> {
        match self.steps.get(name) {
            Some(_) => self.windows.get(name).copied(),
            None => self.window_elsewhere(name),
        }
    }
}
