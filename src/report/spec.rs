//! What `report.yaml` says: for whom a report is made, and its sections.

mod chart;
mod kpi;
mod phone;

use serde::Deserialize;

pub(super) use chart::{ChartKind, ChartSpec, LadderSpec, StoreFigureSpec, StoreFiguresSpec};
pub(super) use kpi::KpisSpec;

/// A report as its file says it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportSpec {
    /// Id: the name of the folder.
    pub report: String,
    /// Title, as printed.
    pub title: String,
    /// One document for each of these.
    pub per: Per,
    /// Tables that the PDF carries, of the lines that the document is about.
    #[serde(default)]
    pub attach: Vec<Attachment>,
    /// Titles of sections that a phone does not show; its pages name them.
    #[serde(default)]
    pub a4_only: Vec<String>,
    /// On a phone: titles of the sections that stand on A4 alone.
    #[serde(skip)]
    pub elsewhere: Vec<String>,
    /// On a phone: how many tables have more columns on A4.
    #[serde(skip)]
    pub shortened: usize,
    /// Whether a book begins each slip on a right-hand page, for printing on both sides.
    #[serde(default)]
    pub duplex: bool,
    /// The report of a person whose sections a book has, in place of sections of its own.
    #[serde(default)]
    pub slips: Option<String>,
    /// The same, found among the reports of the project.
    #[serde(skip)]
    pub slip: Option<Box<ReportSpec>>,
    /// Blocks, in the order in which they are printed.
    #[serde(default)]
    pub sections: Vec<SectionSpec>,
}

impl ReportSpec {
    /// A report without sections, for what is no page: a workbook, a list of files.
    pub(super) fn bare() -> Self {
        Self {
            report: String::new(),
            title: String::new(),
            per: Per::Group,
            attach: Vec::new(),
            a4_only: Vec::new(),
            elsewhere: Vec::new(),
            shortened: 0,
            duplex: false,
            slips: None,
            slip: None,
            sections: Vec::new(),
        }
    }
}

/// A table that a PDF carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Attachment {
    /// Pay lines, as CSV.
    PayLines,
    /// Pay lines with their derivation, as JSON lines.
    Trace,
}

/// For whom a document is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Per {
    /// Each person of each store: `stores/<store>/<report>s/<employee>.pdf`.
    Person,
    /// Each team of each store, and those of its people without a team: `stores/<store>/<report>s/<team>.pdf`.
    Team,
    /// Each store: `stores/<store>/<report>.pdf`.
    Store,
    /// All stores: `group/<report>.pdf`.
    Group,
}

/// A block of a report; the key is its kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SectionSpec {
    /// Total in figures and in capitals.
    Total(TitleSpec),
    /// Pay lines of a person with their derivation.
    Lines(TitleSpec),
    /// What a person is paid out, in figures and in capitals; nothing where nobody computes it.
    Net(TitleSpec),
    /// The lines from pay to net pay, with their derivation.
    NetLines(TitleSpec),
    /// Figures of the person's row of a published frame, one below the other; nothing without a row.
    Figures(Box<FiguresSpec>),
    /// How the lines of a person came about, step by step.
    Basis(TitleSpec),
    /// What the next rows of the ladders that pay a person need, and are worth.
    NextRows(TitleSpec),
    /// The rows of the exports behind the lines of a person.
    Sources(TitleSpec),
    /// The scorecards that a person's pay was computed by.
    Scores(TitleSpec),
    /// Reasons for parameters that the source leaves open.
    Notes(TitleSpec),
    /// Pay of a store by line.
    PayByLine(TitleSpec),
    /// Pay of a store by person.
    PayByPerson(TitleSpec),
    /// Pay of all stores, a row each.
    PayByStore(TitleSpec),
    /// A frame that a pipeline publishes.
    Table(Box<TableSpec>),
    /// A figure of each store through twelve months.
    Trend(TrendSpec),
    /// A page for each row of a published frame: its figures with their derivation, and who has what of it.
    Statement(Box<StatementSpec>),
    /// What was decided where the source plans leave something open, and holds in the store, or in which stores.
    Decisions(TitleSpec),
    /// Exceptions: of the person, of the store, or of none of the stores.
    Exceptions(TitleSpec),
    /// How many exceptions each store has, by severity.
    ExceptionsByStore(TitleSpec),
    /// How many exceptions of each code there are, and in which stores.
    ExceptionsByCode(TitleSpec),
    /// What became of the rows that were read.
    RowFates(TitleSpec),
    /// The figures a manager asks for first, large, beside the month before.
    KeyFigures(StoreFiguresSpec),
    /// The figures that moved most between the month before and this one, among those that both hold.
    Movers(StoreFiguresSpec),
    /// Stores by figures, the darker the greater a figure is among the stores.
    Heat(StoreFiguresSpec),
    /// A ladder that pays, and who has reached which of its rows; nothing where the store pays by none.
    Ladder(LadderSpec),
    /// What the figures of the report mean: those that its sections name by `kpi:`.
    Kpis(TitleSpec),
}

/// A block that needs nothing but a title.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TitleSpec {
    /// Title, as printed.
    pub title: String,
    /// A sentence below it.
    #[serde(default)]
    pub note: Option<String>,
}

/// A figure of each store, month by month: a frame with one row for each store.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrendSpec {
    /// Title, as printed.
    pub title: String,
    /// A sentence below it.
    #[serde(default)]
    pub note: Option<String>,
    /// `pipeline.step`.
    pub frame: String,
    /// Column of the figure: a whole or decimal number.
    pub column: String,
    /// Column by which it is divided, for a share or a mean.
    #[serde(default)]
    pub by: Option<String>,
    /// How a value is written.
    #[serde(default)]
    pub format: Option<Format>,
    /// Its entry in the dictionary of figures.
    #[serde(default)]
    pub kpi: Option<String>,
}

/// A statement for each row of a published frame: how its amount came about, and how it was shared.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatementSpec {
    /// Title, as printed.
    pub title: String,
    /// A sentence below it.
    #[serde(default)]
    pub note: Option<String>,
    /// `pipeline.step`.
    pub frame: String,
    /// Columns that tell the statements of a store apart; the rows of `members` have them too.
    pub key: Vec<String>,
    /// Column that names a statement.
    pub name: String,
    /// The figures, in the order of their computation.
    pub figures: Vec<FigureSpec>,
    /// Who has what of it.
    pub members: TableSpec,
}

/// Figures of a person, from a row of a published frame.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FiguresSpec {
    /// Title, as printed.
    pub title: String,
    /// A sentence below it.
    #[serde(default)]
    pub note: Option<String>,
    /// `pipeline.step`, with a row for each store and person.
    pub frame: String,
    /// Whether a project that publishes no such frame has no such section.
    #[serde(default)]
    pub optional: bool,
    /// The figures, in the order of their computation.
    pub figures: Vec<FigureSpec>,
}

/// A figure of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FigureSpec {
    /// Column of the frame.
    pub column: String,
    /// Label; that of the column where absent.
    #[serde(default)]
    pub label: Option<String>,
    /// How the value is written; by type and unit where absent.
    #[serde(default)]
    pub format: Option<Format>,
    /// How it came about, other columns in braces: `{bottles} × {care_rate}`.
    #[serde(default)]
    pub how: Option<String>,
    /// Clause it follows.
    #[serde(default)]
    pub clause: Option<String>,
    /// Whether a 0 is left out, for what does not concern every row.
    #[serde(default)]
    pub hide_zero: bool,
    /// Whether it is a result that the rest leads to.
    #[serde(default)]
    pub result: bool,
}

impl FigureSpec {
    /// Columns that `how` names.
    pub(super) fn read_by_how(&self) -> impl Iterator<Item = &str> {
        self.how.iter().flat_map(|how| how.split('{').skip(1).filter_map(|part| part.split('}').next()))
    }
}

/// A table over a published frame, with the month before and a chart.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableSpec {
    /// Title, as printed.
    pub title: String,
    /// A sentence below it.
    #[serde(default)]
    pub note: Option<String>,
    /// `pipeline.step`.
    pub frame: String,
    /// Columns by which a row finds itself in the month before.
    pub key: Vec<String>,
    /// Column by which the rows are ordered and numbered, the greatest first.
    #[serde(default)]
    pub rank: Option<String>,
    /// Whether a store without rows has no such section, for figures that some stores do not keep.
    #[serde(default)]
    pub hide_empty: bool,
    /// Columns, from left to right.
    pub columns: Vec<ReportColumnSpec>,
    /// Columns that a phone shows, without the month before; all of them where none is named.
    #[serde(default)]
    pub phone: Vec<String>,
    /// Charts below it.
    #[serde(default)]
    pub charts: Vec<ChartSpec>,
    /// Whether only the charts are printed: the rows stand in another section.
    #[serde(default)]
    pub charts_only: bool,
    /// Definitions of the figures, printed below the table.
    #[serde(default)]
    pub definitions: Vec<DefinitionSpec>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportColumnSpec {
    /// Column of the frame.
    pub column: String,
    /// Heading; the label of the column where absent.
    #[serde(default)]
    pub label: Option<String>,
    /// How a value is written; by type and unit where absent.
    #[serde(default)]
    pub format: Option<Format>,
    /// Whether the month before stands beside it.
    #[serde(default)]
    pub before: bool,
    /// What the total row holds.
    #[serde(default)]
    pub total: Total,
    /// For `total: ratio`: the column whose total is divided, and the one it is divided by.
    #[serde(default)]
    pub total_of: Vec<String>,
    /// Its entry in the dictionary of figures.
    #[serde(default)]
    pub kpi: Option<String>,
    /// What the column must come to in each store, to the fen; the table has the key `store_id`.
    #[serde(default)]
    pub balances: Option<Balance>,
}

/// What a column is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Balance {
    /// The pay lines of the store.
    Pay,
    /// The net pay of the people whom the store pays out.
    Net,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Format {
    /// As it stands.
    Text,
    /// The name of the store whose id it is.
    Store,
    /// Thousands separators, two decimals.
    Money,
    /// In ten thousands, one decimal.
    TenThousands,
    /// Thousands separators, no decimals.
    Count,
    /// Thousands separators, two decimals.
    Decimal,
    /// A share in percent, two decimals.
    Percent,
    /// Thousands separators, the decimals that the number has, at least two; behind a `≈` where it has more than six.
    Fine,
}

/// What the total row of a column holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Total {
    /// Nothing.
    #[default]
    None,
    /// The sum of the rows.
    Sum,
    /// The quotient of the totals of two columns.
    Ratio,
}

/// A figure and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DefinitionSpec {
    /// The figure.
    pub term: String,
    /// How it is counted.
    pub text: String,
    /// Clause it follows; several with `、` between them.
    #[serde(default)]
    pub clause: Option<String>,
}

impl SectionSpec {
    /// Kind, as the file writes it and as templates ask for it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Total(_) => "total",
            Self::Lines(_) => "lines",
            Self::Net(_) => "net",
            Self::NetLines(_) => "net_lines",
            Self::Figures(_) => "figures",
            Self::Basis(_) => "basis",
            Self::NextRows(_) => "next_rows",
            Self::Sources(_) => "sources",
            Self::Scores(_) => "scores",
            Self::Notes(_) => "notes",
            Self::PayByLine(_) => "pay_by_line",
            Self::PayByPerson(_) => "pay_by_person",
            Self::PayByStore(_) => "pay_by_store",
            Self::Table(_) => "table",
            Self::Trend(_) => "trend",
            Self::Statement(_) => "statement",
            Self::Decisions(_) => "decisions",
            Self::Exceptions(_) => "exceptions",
            Self::ExceptionsByStore(_) => "exceptions_by_store",
            Self::ExceptionsByCode(_) => "exceptions_by_code",
            Self::RowFates(_) => "row_fates",
            Self::KeyFigures(_) => "key_figures",
            Self::Movers(_) => "movers",
            Self::Heat(_) => "heat",
            Self::Ladder(_) => "ladder",
            Self::Kpis(_) => "kpis",
        }
    }

    /// The entries of the dictionary of figures that it names.
    pub(super) fn kpis(&self) -> Vec<&str> {
        match self {
            Self::Table(table) => table.columns.iter().filter_map(|column| column.kpi.as_deref()).collect(),
            Self::Statement(statement) => {
                statement.members.columns.iter().filter_map(|column| column.kpi.as_deref()).collect()
            }
            Self::Trend(trend) => trend.kpi.as_deref().into_iter().collect(),
            Self::KeyFigures(spec) | Self::Movers(spec) | Self::Heat(spec) => {
                spec.figures.iter().filter_map(|figure| figure.kpi.as_deref()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Title and note.
    pub(super) fn heading(&self) -> (&str, &str) {
        match self {
            Self::Table(table) => (&table.title, table.note.as_deref().unwrap_or_default()),
            Self::Trend(trend) => (&trend.title, trend.note.as_deref().unwrap_or_default()),
            Self::Statement(statement) => (&statement.title, statement.note.as_deref().unwrap_or_default()),
            Self::Figures(figures) => (&figures.title, figures.note.as_deref().unwrap_or_default()),
            Self::KeyFigures(figures) | Self::Movers(figures) | Self::Heat(figures) => {
                (&figures.title, figures.note.as_deref().unwrap_or_default())
            }
            Self::Ladder(ladder) => (&ladder.title, ladder.note.as_deref().unwrap_or_default()),
            Self::Total(plain)
            | Self::Lines(plain)
            | Self::Net(plain)
            | Self::NetLines(plain)
            | Self::Basis(plain)
            | Self::NextRows(plain)
            | Self::Sources(plain)
            | Self::Scores(plain)
            | Self::Notes(plain)
            | Self::PayByLine(plain)
            | Self::PayByPerson(plain)
            | Self::PayByStore(plain)
            | Self::Decisions(plain)
            | Self::Exceptions(plain)
            | Self::ExceptionsByStore(plain)
            | Self::ExceptionsByCode(plain)
            | Self::RowFates(plain)
            | Self::Kpis(plain) => (&plain.title, plain.note.as_deref().unwrap_or_default()),
        }
    }
}
