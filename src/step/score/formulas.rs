//! The formulas of a scorecard, as expressions over the rows and over each other.
//!
//! They are written as SQL texts, so that they are checked, computed and explained like those of analysts. Figures of
//! the card are ordinary parameters (`param.CARD_INDICATOR_target`), so that dates and stores choose them as any other.
//!
//! Units are held against the card before: inside of a formula every figure is a plain number, and the columns get their
//! units when it is checked. What the step makes sure of itself, that a figure is there wherever the card asks for it,
//! is marked in the trees.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Given;
use super::bands::Bands;
use crate::diag::phrase::{phrase, phrase_of};
use crate::diag::text::Language;
use crate::expr::tree::{Form, Node};
use crate::expr::types::{Field, Kind, Name, Schema, Type};
use crate::expr::unit::Unit;
use crate::expr::{self, Expr, ParamType, ParamTypes, Scope};
use crate::step::columns::{Computed, fault};
use crate::step::context::{BY_RATER, CardType, Indicator, Rule, card_figure};
use crate::step::ladder::Mode;
use crate::step::output::{ColumnOrigin, StepFault};

/// Digits of an announced score, two of them behind the point.
pub(super) const SCORE: Kind = Kind::Decimal { digits: 12, scale: 2 };

/// Which column of a scoring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// What was measured.
    Actual,
    /// What it is held against.
    Target,
    /// Whether the points come from data or from a rater.
    Source,
    /// What the rater gave.
    Rating,
    /// What the ladder gives.
    Step,
    /// Points of the indicator.
    Points,
    /// Weight of the indicator.
    Weight,
    /// Points × weight.
    Part,
    /// The weighted sum.
    Sum,
    /// What is deducted.
    Deduct,
    /// The sum less the deduction, within the limits.
    Exact,
    /// The announced score.
    Announced,
    /// The pass mark.
    Pass,
    /// Whether the announced score reaches the pass mark.
    Passed,
    /// Words of the band of the announced score.
    Band,
    /// Value of the band.
    BandValue,
}

impl Part {
    /// The parts of an indicator.
    pub const OF_INDICATOR: [Self; 8] =
        [Self::Actual, Self::Target, Self::Source, Self::Rating, Self::Step, Self::Points, Self::Weight, Self::Part];
    /// The parts of the card.
    pub const OF_CARD: [Self; 8] =
        [Self::Sum, Self::Deduct, Self::Exact, Self::Announced, Self::Pass, Self::Passed, Self::Band, Self::BandValue];

    /// What its column's name ends in, behind the announced score's and the indicator's.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Actual => "_actual",
            Self::Target => "_target",
            Self::Source => "_source",
            Self::Rating => "_rating",
            Self::Step => "_step",
            Self::Points => "_points",
            Self::Weight => "_weight",
            Self::Part => "_part",
            Self::Sum => "_sum",
            Self::Deduct => "_deduct",
            Self::Exact => "_exact",
            Self::Announced => "",
            Self::Pass => "_pass",
            Self::Passed => "_passed",
            Self::Band => "_band",
            Self::BandValue => "_band_value",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Actual => "实际",
            Self::Target => "目标",
            Self::Source => "得分来源",
            Self::Rating => "评分",
            Self::Step => "阶梯得分",
            Self::Points => "得分",
            Self::Weight => "权重",
            Self::Part => "加权得分",
            Self::Sum => "加权合计",
            Self::Deduct => "扣分",
            Self::Exact => "合计减扣分（限于上下限内）",
            Self::Announced => "公布得分",
            Self::Pass => "合格分",
            Self::Passed => "是否合格",
            Self::Band => "档位",
            Self::BandValue => "档位值",
        }
    }
}

/// How a column is made.
#[derive(Clone, Debug)]
enum Made {
    /// From the rows read.
    Row(Expr),
    /// From other columns of the scoring.
    Within(Expr),
    /// From a ladder, by an expression over the rows read.
    Ladder(Name, Expr),
    /// From a ladder, by another column of the scoring.
    Band(Name, Expr),
}

/// The new columns, in an order in which each reads only those before it.
#[derive(Clone, Debug)]
pub(super) struct Stages {
    columns: Vec<(Computed, Made)>,
}

impl Stages {
    /// The columns.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Computed> {
        self.columns.iter().map(|(computed, _)| computed)
    }

    /// Columns that are computed from the rows read, ladders aside.
    pub(super) fn of_rows(&self) -> Vec<Computed> {
        self.of(|made| matches!(made, Made::Row(_)))
    }

    /// Columns that are computed from other ones of the scoring.
    pub(super) fn within(&self) -> Vec<Computed> {
        self.of(|made| matches!(made, Made::Within(_)))
    }

    /// Columns that are looked up, with their ladders.
    pub(super) fn ladders(&self) -> Vec<(&Computed, &Name)> {
        let found = self.columns.iter().filter_map(|(computed, made)| match made {
            Made::Ladder(table, _) => Some((computed, table)),
            _ => None,
        });
        found.collect()
    }

    /// The ladder of the bands, with the columns of its values and its words.
    pub(super) fn bands(&self) -> Option<(&Name, [&str; 2])> {
        let mut found = self.columns.iter().filter_map(|(computed, made)| match made {
            Made::Band(table, _) => Some((table, &*computed.field.name)),
            _ => None,
        });
        let ((table, value), (_, words)) = (found.next()?, found.next()?);
        Some((table, [value, words]))
    }

    fn of(&self, wanted: impl Fn(&Made) -> bool) -> Vec<Computed> {
        self.columns.iter().filter(|(_, made)| wanted(made)).map(|(computed, _)| computed.clone()).collect()
    }

    /// Columns of the rows read.
    pub(super) fn reads(&self) -> BTreeSet<Name> {
        let read = self.columns.iter().flat_map(|(_, made)| match made {
            Made::Row(expr) | Made::Ladder(_, expr) => expr.columns(),
            Made::Within(_) | Made::Band(..) => BTreeSet::new(),
        });
        read.collect()
    }

    /// Where each column comes from.
    pub(super) fn origins(&self, from: &Name) -> BTreeMap<Name, ColumnOrigin> {
        let origin = |made: &Made| match made.clone() {
            Made::Row(expr) => ColumnOrigin::Computed { expr, frame: from.clone() },
            Made::Within(expr) => ColumnOrigin::Within { expr },
            Made::Band(table, by) => ColumnOrigin::LadderWithin { table, by },
            Made::Ladder(table, by) => {
                ColumnOrigin::Ladder { table, by, base: None, at_most: None, mode: Mode::Whole, frame: from.clone() }
            }
        };
        self.columns.iter().map(|(computed, made)| (computed.field.name.clone(), origin(made))).collect()
    }
}

/// What formulas are written from.
pub(super) struct Formulas<'a> {
    /// The language of the columns' labels.
    pub language: Language,
    pub into: &'a str,
    pub name: &'a str,
    pub card: &'a CardType,
    pub bands: Option<&'a Bands>,
    pub schema: &'a Schema,
    pub params: &'a dyn ParamTypes,
}

/// Parameters whose figures are plain numbers.
struct Unitless<'a>(&'a dyn ParamTypes);

impl ParamTypes for Unitless<'_> {
    fn scalar(&self, name: &str) -> Option<ParamType> {
        let mut param = self.0.scalar(name)?;
        param.ty.unit = Unit::ratio();
        Some(param)
    }

    fn names(&self) -> Vec<String> {
        self.0.names()
    }
}

impl Formulas<'_> {
    /// All columns.
    pub(super) fn stages(&self, given: &Given<'_>, deduct: Option<&Expr>) -> Result<Stages, Vec<StepFault>> {
        let mut build = Build { formulas: self, columns: Vec::new(), plain: Schema::default(), faults: Vec::new() };
        for indicator in &self.card.indicators {
            build.indicator(indicator, given);
        }
        build.card(deduct);
        if build.faults.is_empty() { Ok(Stages { columns: build.columns }) } else { Err(build.faults) }
    }

    /// Name of a column.
    fn column(&self, indicator: Option<&Indicator>, part: Part) -> String {
        let of = indicator.map(|indicator| format!("_{}", indicator.name)).unwrap_or_default();
        format!("{}{of}{}", self.into, part.suffix())
    }
}

struct Build<'a, 'b> {
    formulas: &'b Formulas<'a>,
    columns: Vec<(Computed, Made)>,
    /// The columns made so far, as formulas read them: plain numbers that are there.
    plain: Schema,
    faults: Vec<StepFault>,
}

impl Build<'_, '_> {
    fn indicator(&mut self, indicator: &Indicator, given: &Given<'_>) {
        let own = Some(indicator);
        let at = |part| self.formulas.column(own, part);
        let [actual, target, source, rating, step, points, weight] =
            [Part::Actual, Part::Target, Part::Source, Part::Rating, Part::Step, Part::Points, Part::Weight].map(at);
        self.figure(own, Part::Weight, Unit::ratio(), indicator.optional);
        if indicator.from_rater {
            self.figure(own, Part::Source, Unit::ratio(), indicator.optional);
            if let Some(expr) = Given::of(given.ratings, indicator) {
                self.row(own, Part::Rating, expr, Unit::base("points"), true);
            }
        }
        let mut base = String::new();
        if indicator.from_data {
            if let Some(expr) = Given::of(given.actuals, indicator) {
                self.row(own, Part::Actual, expr, indicator.unit.clone(), true);
                if let Rule::Ladder(table) = &indicator.rule {
                    self.ladder(indicator, table, expr);
                }
            }
            if matches!(indicator.rule, Rule::Control | Rule::Growth) {
                match Given::of(given.targets, indicator) {
                    Some(expr) => self.row(own, Part::Target, expr, indicator.unit.clone(), true),
                    None => {
                        let absent = indicator.optional || indicator.from_rater;
                        self.figure(own, Part::Target, indicator.unit.clone(), absent);
                    }
                }
            }
            base = match &indicator.rule {
                Rule::Control => format!(
                    "CASE WHEN {actual} <= {target} THEN 100 \
                     ELSE GREATEST((1 + (1 - {actual} / {target})) * 100, 0) END"
                ),
                Rule::Growth => format!("GREATEST({actual}, 0) / {target} * 100"),
                Rule::Rating => actual,
                Rule::Ladder(_) => step,
            };
        }
        let text = match (indicator.from_data, indicator.from_rater) {
            (true, true) => format!("CASE WHEN {source} = '{BY_RATER}' THEN {rating} ELSE {base} END"),
            (true, false) => base,
            _ => rating,
        };
        self.within(own, Part::Points, &text, Some(Unit::base("points")), indicator.optional);
        self.within(own, Part::Part, &format!("{points} * {weight}"), Some(Unit::base("points")), indicator.optional);
    }

    fn card(&mut self, deduct: Option<&Expr>) {
        let formulas = self.formulas;
        let points = || Some(Unit::base("points"));
        let at = |part| formulas.column(None, part);
        let part = |indicator: &Indicator| {
            let part = formulas.column(Some(indicator), Part::Part);
            if indicator.optional { format!("COALESCE({part}, 0)") } else { part }
        };
        let parts: Vec<String> = formulas.card.indicators.iter().map(part).collect();
        self.within(None, Part::Sum, &parts.join(" + "), points(), false);
        let mut less = at(Part::Sum);
        if let Some(expr) = deduct {
            self.row(None, Part::Deduct, expr, Unit::base("points"), false);
            less = format!("{less} - {}", at(Part::Deduct));
        }
        let [floor, cap] = ["floor", "cap"].map(|limit| format!("param.{}", card_figure(formulas.name, None, limit)));
        self.within(None, Part::Exact, &format!("LEAST(GREATEST({less}, {floor}), {cap})"), points(), false);
        self.within(None, Part::Announced, &format!("ROUND({}, 2, 'half-up')", at(Part::Exact)), points(), false);
        self.figure(None, Part::Pass, Unit::base("points"), false);
        self.within(None, Part::Passed, &format!("{} >= {}", at(Part::Announced), at(Part::Pass)), None, false);
        if let Some(bands) = formulas.bands {
            self.band(bands, &at(Part::Announced));
        }
    }

    /// The value and the words of the band of the announced score.
    fn band(&mut self, bands: &Bands, announced: &str) {
        let scope = Scope {
            columns: &self.plain,
            each: None,
            params: self.formulas.params,
            aggregates: false,
            what: "the scores",
        };
        match expr::check(announced, &scope) {
            Ok(by) => {
                let value = Type::new(Kind::Exact, bands.ladder.value.clone());
                for (part, ty) in [(Part::BandValue, value), (Part::Band, Type::text())] {
                    self.push(None, part, ty, Made::Band(bands.table.clone(), by.clone()));
                }
            }
            Err(wrong) => self.faults.extend(wrong.into_iter().map(|one| fault(&["card"], one))),
        }
    }

    /// A figure of the card.
    fn figure(&mut self, indicator: Option<&Indicator>, part: Part, unit: Unit, absent: bool) {
        let formulas = self.formulas;
        let what = part.suffix().trim_start_matches('_');
        let text = format!("param.{}", card_figure(formulas.name, indicator.map(|one| &*one.name), what));
        let scope = Scope {
            columns: formulas.schema,
            each: None,
            params: formulas.params,
            aggregates: false,
            what: "the rows",
        };
        match expr::check(&text, &scope) {
            Ok(expr) => self.row(indicator, part, &expr, unit, absent),
            Err(wrong) => self.faults.extend(wrong.into_iter().map(|one| fault(&["card"], one))),
        }
    }

    fn row(&mut self, indicator: Option<&Indicator>, part: Part, expr: &Expr, unit: Unit, absent: bool) {
        let ty = Type { unit, nullable: absent || expr.ty.nullable, ..expr.ty.clone() };
        let mut expr = expr.clone();
        if absent {
            expr = present(&expr, &BTreeSet::new(), true);
        }
        self.push(indicator, part, ty, Made::Row(expr));
    }

    fn ladder(&mut self, indicator: &Indicator, table: &Name, by: &Expr) {
        let ty = Type::new(Kind::Exact, Unit::base("points")).nullable();
        self.push(Some(indicator), Part::Step, ty, Made::Ladder(table.clone(), by.clone()));
    }

    /// A column computed from others of the scoring; without unit its own type stands.
    fn within(&mut self, indicator: Option<&Indicator>, part: Part, text: &str, unit: Option<Unit>, absent: bool) {
        let params = Unitless(self.formulas.params);
        let mut columns = self.formulas.schema.clone();
        for field in &self.plain.fields {
            columns.set(field.clone());
        }
        let scope = Scope { columns: &columns, each: None, params: &params, aggregates: false, what: "the rows" };
        match expr::check(text, &scope) {
            Ok(expr) => {
                let names: BTreeSet<Name> = self.plain.fields.iter().map(|field| field.name.clone()).collect();
                let expr = present(&expr, &names, absent);
                let kind = if part == Part::Announced { SCORE } else { expr.ty.kind };
                let unit = unit.unwrap_or_else(|| expr.ty.unit.clone());
                self.push(indicator, part, Type { kind, unit, nullable: absent }, Made::Within(expr));
            }
            Err(wrong) => self.faults.extend(wrong.into_iter().map(|one| fault(&["card"], one))),
        }
    }

    fn push(&mut self, indicator: Option<&Indicator>, part: Part, ty: Type, made: Made) {
        let (name, language) = (Name::from(self.formulas.column(indicator, part)), self.formulas.language);
        let label = match indicator {
            Some(indicator) => {
                let figure = phrase(part.label(), language);
                phrase_of("{of}{figure}", language, &[("of", &indicator.label), ("figure", figure)])
            }
            None => phrase(part.label(), language).to_owned(),
        };
        let adds_zero = part == Part::Part && ty.nullable;
        let plain = Type { unit: Unit::ratio(), nullable: adds_zero, ..ty.clone() };
        let expr = match &made {
            Made::Row(expr) | Made::Within(expr) | Made::Ladder(_, expr) | Made::Band(_, expr) => expr.clone(),
        };
        self.plain.set(Field { name: name.clone(), ty: plain, label: Arc::from(label.as_str()) });
        self.columns.push((Computed { field: Field { name, ty, label: label.into() }, expr }, made));
    }
}

/// The expression with columns marked as present where they are asked for; `absent` says that its value may be absent
/// all the same.
fn present(expr: &Expr, columns: &BTreeSet<Name>, absent: bool) -> Expr {
    let mut root = marked(&expr.root, columns);
    root.ty.nullable |= absent;
    Expr { text: expr.text.clone(), ty: Type { nullable: expr.ty.nullable || absent, ..expr.ty.clone() }, root }
}

fn marked(node: &Node, columns: &BTreeSet<Name>) -> Node {
    let mut node = node.map_children(&mut |child| marked(child, columns));
    node.narrowed |= matches!(&node.form, Form::Column(name) if columns.contains(name));
    node
}
