//! The shape of `tests/cases/steps/*.yaml`, and the frames, parameters and tables that such a file writes
//! down.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use jixiao::diag::yaml::OrderedMap;
use jixiao::expr::clock;
use jixiao::expr::types::{Field, Kind, Name, Schema, Type};
use jixiao::expr::unit::Unit;
use jixiao::expr::{Dated, DayOf, Entry, History, ParamType, ParamTypes, ParamValue, ParamValues, PeriodValues};
use jixiao::money::Exact;
use jixiao::money::ladder::{Interval, Ladder, Row};
use jixiao::money::matrix::{Matrix, Row as MatrixRow};
use jixiao::plan::{self, Parameters};
use jixiao::spec;
use jixiao::step::{
    Axis, CardType, FrameTypes, Frames, LadderType, MatrixType, Months, StepSpec, TableTypes, TableValues,
};
use polars::prelude::*;
use serde::Deserialize;

use crate::{findings, repository};

/// A file of cases of one kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// Frames that every case has.
    pub frames: OrderedMap<FrameSpec>,
    /// Parameters that every case has.
    #[serde(default)]
    pub params: OrderedMap<ParamSpec>,
    /// Ladders that every case has.
    #[serde(default)]
    pub ladders: OrderedMap<LadderSpec>,
    /// Matrices that every case has.
    #[serde(default)]
    pub matrices: OrderedMap<MatrixSpec>,
    /// A parameter file, for what the other settings do not write.
    #[serde(default)]
    pub parameters: String,
    pub cases: Vec<Case>,
}

/// A step, and what it must give: a frame with everything beside, or findings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the case shows.
    pub case: String,
    /// Rows in place of those of the file's frames.
    #[serde(default)]
    pub rows: OrderedMap<Vec<Cells>>,
    pub step: StepSpec,
    /// The output frame.
    pub gives: Option<FrameSpec>,
    /// Rows of `from` in each row of the output.
    pub members: Option<Vec<Vec<u32>>>,
    #[serde(default)]
    pub dropped: Vec<DroppedSpec>,
    #[serde(default)]
    pub exceptions: Vec<ExceptionSpec>,
    #[serde(default)]
    pub findings: Vec<FindingSpec>,
}

/// Cells as text; `~` is absent.
pub type Cells = Vec<Option<String>>;

/// A frame: columns as `name: TYPE`, and rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameSpec {
    /// `text`, `date`, `datetime`, `bool`, `int UNIT`, `money`, `decimal(SCALE) UNIT`, `exact UNIT`; `?` at the end for
    /// what may be absent.
    pub columns: OrderedMap<String>,
    pub interval: Option<Vec<String>>,
    /// For a frame of history, how many months it reaches back.
    pub window: Option<usize>,
    /// Stores with the months of which they have a file, `S01 2026-10`; where absent, the rows tell.
    pub files: Option<Vec<String>>,
    /// Stores that have no file of what the frame is made from.
    #[serde(default)]
    pub absent: Vec<String>,
    pub rows: Vec<Cells>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParamSpec {
    pub unit: String,
    pub dated_by: Option<String>,
    /// Values by the day since which they hold.
    pub values: OrderedMap<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderSpec {
    pub by: String,
    pub value: String,
    pub dated_by: Option<String>,
    /// Ladders by the day since which they hold: values by interval.
    pub versions: OrderedMap<OrderedMap<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixSpec {
    /// Units of the axes, by name.
    pub axes: OrderedMap<String>,
    pub value: String,
    pub dated_by: Option<String>,
    /// Matrices by the day since which they hold.
    pub versions: OrderedMap<MatrixVersion>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixVersion {
    /// What is printed on each axis, in their order.
    pub printed: Vec<String>,
    /// An interval for each axis, then the value.
    pub rows: Vec<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DroppedSpec {
    pub frame: String,
    pub rows: Vec<u32>,
    pub fate: String,
    pub because: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionSpec {
    pub severity: String,
    pub code: String,
    pub frame: Option<String>,
    pub row: Option<u32>,
    pub who: Option<String>,
    /// The whole text.
    pub cause: String,
    pub stake: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingSpec {
    /// Path below the kind, joined by points; `~key` at the end where the key is meant.
    pub at: String,
    pub code: String,
    /// The whole message.
    pub message: String,
    pub hint: Option<String>,
}

/// Frames, parameters and ladders of a case.
#[derive(Default)]
pub struct Bench {
    schemas: BTreeMap<String, (Schema, Option<(Name, Name)>)>,
    frames: BTreeMap<String, DataFrame>,
    windows: BTreeMap<String, usize>,
    months: BTreeMap<String, Months>,
    absent: BTreeMap<String, BTreeSet<String>>,
    params: BTreeMap<String, (ParamType, History<ParamValue>)>,
    ladders: BTreeMap<String, (LadderType, History<Arc<Ladder>>)>,
    matrices: BTreeMap<String, (MatrixType, History<Arc<Matrix>>)>,
    /// What a parameter file holds, beside the above.
    parameters: Parameters,
}

impl Bench {
    /// Lays out what a file gives a case.
    pub fn new(file: &CaseFile, case: &Case) -> Self {
        let mut bench = Self::default();
        for (name, spec) in file.frames.iter() {
            let rows = case.rows.get(name).unwrap_or(&spec.rows);
            let schema = schema(&spec.columns);
            let mut frame = frame(&schema, rows);
            number(&mut frame, name);
            bench.add(name, schema, frame);
            if let Some([first, last]) = spec.interval.as_deref() {
                bench.schemas.get_mut(name).unwrap().1 = Some((Name::from(&**first), Name::from(&**last)));
            }
            bench.windows.extend(spec.window.map(|window| (name.to_owned(), window)));
            bench.absent.insert(name.to_owned(), spec.absent.iter().cloned().collect());
            let pair = |text: &String| text.split_once(' ').map(|(store, month)| (store.to_owned(), month.to_owned()));
            let months = spec.files.as_ref().map(|files| files.iter().map(|text| pair(text).unwrap()).collect());
            bench.months.extend(months.map(|months| (name.to_owned(), months)));
        }
        for (name, spec) in file.params.iter() {
            let values = spec.values.iter().map(|(from, value)| entry(from, ParamValue::Number(exact(value))));
            let history = History::new(values.collect());
            let dated_by = spec.dated_by.as_deref().map(Name::from);
            let ty = ParamType::number(Type::new(Kind::Exact, unit(&spec.unit)), dated_by, Arc::from(name));
            bench.params.insert(name.to_owned(), (ParamType { by_store: history.by_store(), ..ty }, history));
        }
        for (name, spec) in file.ladders.iter() {
            bench.ladders.insert(name.to_owned(), ladder(name, spec));
        }
        for (name, spec) in file.matrices.iter() {
            bench.add_matrix(name, spec);
        }
        bench.read_parameters(&file.parameters);
        bench
    }

    /// Adds a frame that is numbered already.
    pub fn add(&mut self, name: &str, schema: Schema, frame: DataFrame) {
        self.schemas.insert(name.to_owned(), (schema, None));
        self.frames.insert(name.to_owned(), frame);
    }

    /// Reads a parameter file, in a project of the stores S01 and S02.
    pub fn read_parameters(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let world = findings::base();
        let project = repository::text("tests/cases/base/pipelines/month-end.yaml");
        let stores = "stores:\n  - { store_id: S02, name: 城西店 }\n";
        world.put("pipelines/month-end.yaml", project.replace("stores:\n", stores));
        world.put("pipelines/parameters/case.yaml", text);
        let loaded = spec::load(&world, Path::new("pipelines/month-end.yaml")).unwrap();
        assert!(loaded.findings.is_empty(), "{:#?}", loaded.findings);
        let plan = plan::plan(&loaded.project.unwrap()).unwrap_or_else(|findings| panic!("{findings:#?}"));
        self.parameters = plan.parameters;
    }

    /// Adds a matrix.
    pub fn add_matrix(&mut self, name: &str, spec: &MatrixSpec) {
        self.matrices.insert(name.to_owned(), matrix(name, spec));
    }

    /// Says which columns of a frame hold first and last day.
    pub fn set_interval(&mut self, name: &str, first: &str, last: &str) {
        self.schemas.get_mut(name).unwrap().1 = Some((Name::from(first), Name::from(last)));
    }
}

impl FrameTypes for Bench {
    fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.get(name).map(|(schema, _)| schema)
    }

    fn names(&self) -> Vec<String> {
        self.schemas.keys().cloned().collect()
    }

    fn interval(&self, name: &str) -> Option<(Name, Name)> {
        self.schemas.get(name)?.1.clone()
    }

    fn window(&self, name: &str) -> Option<usize> {
        self.windows.get(name).copied()
    }
}

impl Frames for Bench {
    fn get(&self, name: &str) -> Option<&DataFrame> {
        self.frames.get(name)
    }

    fn months(&self, name: &str) -> Option<&Months> {
        self.months.get(name)
    }

    fn absent(&self, name: &str) -> Option<&BTreeSet<String>> {
        self.absent.get(name)
    }
}

impl ParamTypes for Bench {
    fn scalar(&self, name: &str) -> Option<ParamType> {
        self.params.get(name).map(|(ty, _)| ty.clone()).or_else(|| self.parameters.scalar(name))
    }

    fn names(&self) -> Vec<String> {
        self.params.keys().cloned().collect()
    }
}

impl ParamValues for Bench {
    fn at(&self, name: &str) -> Option<Dated<'_, ParamValue>> {
        let Some((ty, history)) = self.params.get(name) else {
            return self.parameters.on(period().first).scalar(name);
        };
        Some(Dated { history, day: day_of(ty.dated_by.as_ref()) })
    }
}

impl TableTypes for Bench {
    fn ladder(&self, name: &str) -> Option<LadderType> {
        self.ladders.get(name).map(|(ty, _)| ty.clone()).or_else(|| self.parameters.ladder(name))
    }

    fn ladders(&self) -> Vec<String> {
        self.ladders.keys().cloned().collect()
    }

    fn matrix(&self, name: &str) -> Option<MatrixType> {
        self.matrices.get(name).map(|(ty, _)| ty.clone())
    }

    fn matrices(&self) -> Vec<String> {
        self.matrices.keys().cloned().collect()
    }

    fn card(&self, name: &str) -> Option<CardType> {
        self.parameters.card(name)
    }

    fn cards(&self) -> Vec<String> {
        self.parameters.cards()
    }
}

impl TableValues for Bench {
    fn ladder(&self, name: &str) -> Option<Dated<'_, Arc<Ladder>>> {
        let Some((ty, history)) = self.ladders.get(name) else {
            return self.parameters.on(period().first).table(name);
        };
        Some(Dated { history, day: day_of(ty.dated_by.as_ref()) })
    }

    fn matrix(&self, name: &str) -> Option<Dated<'_, Arc<Matrix>>> {
        let (ty, history) = self.matrices.get(name)?;
        Some(Dated { history, day: day_of(ty.dated_by.as_ref()) })
    }
}

fn day_of(column: Option<&Name>) -> DayOf {
    column.map_or(DayOf::Period(period().first), |column| DayOf::Column(column.clone()))
}

/// A value from a day on: `2026-10-01`, or `2026-10-01 S02` for one store.
fn entry<T>(from: &str, value: T) -> Entry<T> {
    let (day, store) = from.split_once(' ').map_or((from, None), |(day, store)| (day, Some(Name::from(store))));
    Entry::new(day.parse().unwrap(), store.into_iter().collect(), value)
}

/// October 2026.
pub fn period() -> PeriodValues {
    PeriodValues { first: Date::constant(2026, 10, 1), last: Date::constant(2026, 10, 31) }
}

/// Adds the column that numbers the rows of a frame.
pub fn number(frame: &mut DataFrame, name: &str) {
    let rows: Vec<u32> = (0..u32::try_from(frame.height()).unwrap()).collect();
    frame.with_column(Column::new(format!("@{name}").into(), rows)).unwrap();
}

/// Reads `name: TYPE` entries.
pub fn schema(columns: &OrderedMap<String>) -> Schema {
    let field = |(name, text): (&str, &String)| Field { name: name.into(), ty: ty(text), label: name.into() };
    Schema { fields: columns.iter().map(field).collect() }
}

fn ty(text: &str) -> Type {
    let (text, nullable) = text.strip_suffix('?').map_or((text, false), |text| (text, true));
    let (kind, measured) = text.split_once(' ').unwrap_or((text, "ratio"));
    let (kind, measured) = match kind {
        "text" => (Kind::Text, measured),
        "date" => (Kind::Date, measured),
        "datetime" => (Kind::DateTime, measured),
        "bool" => (Kind::Bool, measured),
        "int" => (Kind::Int, measured),
        "exact" => (Kind::Exact, measured),
        "money" => (Kind::Decimal { digits: 12, scale: 2 }, "yuan"),
        _ => {
            let scale = kind.strip_prefix("decimal(").and_then(|rest| rest.strip_suffix(')')).expect(kind);
            (Kind::Decimal { digits: 12, scale: scale.parse().unwrap() }, measured)
        }
    };
    Type { kind, unit: unit(measured), nullable }
}

/// A type in the words of a case file; the digit bound is not among them.
pub fn ty_text(ty: &Type) -> String {
    let base = match ty.kind {
        Kind::Decimal { scale: 2, .. } if ty.unit == Unit::base("yuan") => "money".to_owned(),
        Kind::Decimal { scale, .. } => format!("decimal({scale})"),
        kind => kind.to_string(),
    };
    let unit = if ty.unit.is_ratio() || base == "money" { String::new() } else { format!(" {}", ty.unit) };
    format!("{base}{unit}{}", if ty.nullable { "?" } else { "" })
}

/// Lays cells out as columns of a schema.
pub fn frame(schema: &Schema, rows: &[Cells]) -> DataFrame {
    let columns = schema.fields.iter().enumerate().map(|(at, field)| {
        let cells: Vec<Option<&str>> = rows.iter().map(|row| row[at].as_deref()).collect();
        column(field, &cells)
    });
    DataFrame::new(rows.len(), columns.collect()).unwrap()
}

fn column(field: &Field, cells: &[Option<&str>]) -> Column {
    let name: PlSmallStr = (&*field.name).into();
    match field.ty.kind {
        Kind::Text | Kind::Exact => Column::new(name, cells),
        Kind::Bool => Column::new(name, cells.iter().map(|cell| cell.map(|cell| cell == "true")).collect::<Vec<_>>()),
        Kind::Int => Column::new(
            name,
            cells.iter().map(|cell| cell.map(|cell| cell.parse().unwrap())).collect::<Vec<Option<i64>>>(),
        ),
        Kind::Date => {
            let epoch = Date::constant(1970, 1, 1);
            let day = |cell: &str| cell.parse::<Date>().unwrap().since(epoch).unwrap().get_days();
            let days: Vec<Option<i32>> = cells.iter().map(|cell| cell.map(day)).collect();
            Column::new(name, days).cast(&DataType::Date).unwrap()
        }
        Kind::DateTime => {
            let micros = |cell: &str| clock::micros(clock::read(cell).expect(cell));
            let moments = Int64Chunked::from_iter_options(name, cells.iter().map(|cell| cell.map(micros)));
            moments.into_datetime(clock::UNIT, None).into_column()
        }
        Kind::Decimal { scale, .. } => {
            let factor = exact(&format!("1{}", "0".repeat(usize::from(scale))));
            let unscaled = |cell: &str| exact(cell).mul(&factor).to_canonical().parse::<i128>().expect(cell);
            let digits = Int128Chunked::from_iter_options(name, cells.iter().map(|cell| cell.map(unscaled)));
            digits.into_decimal(38, usize::from(scale)).unwrap().into_column()
        }
    }
}

/// The cells of a frame, by the columns of a schema.
pub fn cells(schema: &Schema, frame: &DataFrame) -> Vec<Cells> {
    (0..frame.height())
        .map(|row| {
            let cell = |field: &Field| match frame.column(&field.name).unwrap().get(row).unwrap() {
                AnyValue::Null => None,
                AnyValue::String(text) => Some(text.to_owned()),
                AnyValue::Datetime(micros, ..) => clock::moment(micros).map(clock::show),
                other => Some(other.str_value().to_string()),
            };
            schema.fields.iter().map(cell).collect()
        })
        .collect()
}

fn unit(text: &str) -> Unit {
    Unit::parse(text, &[]).unwrap()
}

fn exact(text: &str) -> Exact {
    Exact::parse_human(text).unwrap()
}

fn ladder(name: &str, spec: &LadderSpec) -> (LadderType, History<Arc<Ladder>>) {
    let row = |(over, value): (&str, &String)| Row {
        interval: Interval::parse(over).unwrap(),
        value: exact(value),
        words: over.to_owned(),
    };
    let version = |(from, rows): (&str, &OrderedMap<String>)| {
        entry(from, Arc::new(Ladder::new(rows.iter().map(row).collect()).unwrap()))
    };
    let history = History::new(spec.versions.iter().map(version).collect());
    let ty = LadderType {
        by: unit(&spec.by),
        value: unit(&spec.value),
        label: Arc::from(name),
        dated_by: spec.dated_by.as_deref().map(Name::from),
        by_store: history.by_store(),
    };
    (ty, history)
}

fn matrix(name: &str, spec: &MatrixSpec) -> (MatrixType, History<Arc<Matrix>>) {
    let intervals = |texts: &[String]| texts.iter().map(|text| Interval::parse(text).unwrap()).collect::<Vec<_>>();
    let row = |cells: &Vec<String>| {
        let (value, conditions) = cells.split_last().unwrap();
        MatrixRow { conditions: intervals(conditions), value: exact(value), words: conditions.join(" × ") }
    };
    let labels: Vec<&str> = spec.axes.keys().collect();
    let version = |(from, version): (&str, &MatrixVersion)| {
        let rows = version.rows.iter().map(row).collect();
        entry(from, Arc::new(Matrix::new(&labels, intervals(&version.printed), rows).unwrap()))
    };
    let history = History::new(spec.versions.iter().map(version).collect());
    let axis = |(name, by): (&str, &String)| Axis { name: name.into(), label: name.into(), unit: unit(by) };
    let ty = MatrixType {
        axes: spec.axes.iter().map(axis).collect(),
        value: unit(&spec.value),
        label: Arc::from(name),
        dated_by: spec.dated_by.as_deref().map(Name::from),
        by_store: history.by_store(),
    };
    (ty, history)
}
