//! Every code that contracts and readers report.

use crate::diag::Code;

// Findings in a dataset file.

/// A column or dataset name that expressions could not write.
pub const CONTRACT_NAME: Code =
    Code::new("contract-name", "a dataset or column name that an expression could not write, or that is reserved");
/// A source kind nobody reads.
pub const UNKNOWN_SOURCE_KIND: Code = Code::new("unknown-source-kind", "a source kind that no reader knows");
/// An option of a source that does not fit.
pub const SOURCE_OPTION: Code =
    Code::new("source-option", "an option of a source that is missing, unknown or does not fit its kind");
/// A path pattern that cannot name one file of one store.
pub const PATH_PATTERN: Code =
    Code::new("path-pattern", "a path pattern that leaves the data folder or does not tell the stores apart");
/// A column type nobody reads.
pub const UNKNOWN_COLUMN_TYPE: Code = Code::new("unknown-column-type", "a column type that no cell parser knows");
/// An option of a column that does not fit.
pub const COLUMN_OPTION: Code =
    Code::new("column-option", "an option of a dataset column that is missing or does not fit its type");
/// A role given to a column that the contract does not have.
pub const UNKNOWN_CONTRACT_COLUMN: Code =
    Code::new("unknown-contract-column", "a key, control, date or person column that the contract does not list");
/// A role given to a column that cannot play it.
pub const CONTRACT_ROLE: Code =
    Code::new("contract-role", "a column that cannot be the key, control, date or person column it is named as");
/// Two columns that would read the same header.
pub const HEADER_CLAIMED_TWICE: Code =
    Code::new("header-claimed-twice", "a header that two columns of one contract would read");
/// A share of bad rows that is no share.
pub const BAD_SHARE: Code = Code::new("bad-share", "a share of bad rows that is not a percentage from 0% to 100%");

// Faults of cells and rows.

/// An empty cell of a column that is not nullable.
pub const CELL_EMPTY: Code = Code::exception("cell-empty", "an empty cell where the contract wants a value");
/// Text that is no number.
pub const CELL_NUMBER: Code = Code::exception("cell-number", "a cell that is no number");
/// A comma that does not separate thousands.
pub const CELL_GROUPING: Code = Code::exception("cell-grouping", "a number whose commas do not separate thousands");
/// Too many decimals.
pub const CELL_DECIMALS: Code =
    Code::exception("cell-decimals", "a number with more decimals than the contract allows");
/// Too many digits.
pub const CELL_DIGITS: Code = Code::exception("cell-digits", "a number with more digits than the contract allows");
/// A number that its format shows rounded.
pub const CELL_SHOWN: Code = Code::exception("cell-shown", "a cell of a sheet that shows another number than it holds");
/// Text that is no day.
pub const CELL_DATE: Code = Code::exception("cell-date", "a cell that is no day of the calendar");
/// Text that is no moment.
pub const CELL_DATETIME: Code = Code::exception("cell-datetime", "a cell that is no day with a time of the day");
/// The serial number of 29 February 1900.
pub const CELL_SERIAL_60: Code =
    Code::exception("cell-serial-60", "the serial number of 29 February 1900, which never was");
/// Text that is neither yes nor no.
pub const CELL_BOOL: Code = Code::exception("cell-bool", "a cell that is neither yes nor no");
/// Text that is not among the allowed values.
pub const CELL_VALUE: Code = Code::exception("cell-value", "a cell whose text is not among the allowed values");
/// Text or a number that was damaged before it came here.
pub const CELL_LOST: Code =
    Code::exception("cell-lost", "a cell that lost characters or digits before it was exported");
/// An error value of a sheet.
pub const CELL_ERROR: Code = Code::exception("cell-error", "a cell of a sheet that holds an error");
/// A cell of a sheet of another kind.
pub const CELL_KIND: Code = Code::exception("cell-kind", "a cell of a sheet that holds another kind of value");
/// A row that is wider than its header.
pub const ROW_WIDTH: Code = Code::exception("row-width", "a row with more filled cells than the header has columns");
/// A row that ends before it starts.
pub const ROW_INTERVAL: Code = Code::exception("row-interval", "a row whose last day lies before its first");
/// Rows with one key and different content.
pub const ROW_CONFLICT: Code = Code::exception("row-conflict", "rows that have the same key and different content");

// Trouble with a file.

/// A file that is not there.
pub const FILE_MISSING: Code = Code::exception("file-missing", "an input file that is not there");
/// A file of a store that the contract does not list.
pub const FILE_NOT_EXPECTED: Code =
    Code::exception("file-not-expected", "a file of a store that its contract does not list");
/// Two files for one dataset and month.
pub const FILE_AMBIGUOUS: Code =
    Code::exception("file-ambiguous", "two files that match the path of one dataset and month");
/// A file that no reader can open.
pub const FILE_UNREADABLE: Code =
    Code::exception("file-unreadable", "a file that is not what its contract says, or is damaged");
/// Bytes that are no text in the encoding of the contract.
pub const FILE_ENCODING: Code = Code::exception("file-encoding", "a file that is not in the encoding of its contract");
/// A quote that is never closed.
pub const FILE_QUOTE: Code = Code::exception("file-quote", "a quote that is opened and never closed");
/// A sheet that the workbook does not have.
pub const SHEET_MISSING: Code = Code::exception("sheet-missing", "a sheet that the workbook does not have");
/// A sheet larger than any sheet is.
pub const SHEET_SIZE: Code =
    Code::exception("sheet-size", "a sheet with more columns or rows than a contract could mean");
/// Required headers that no row holds.
pub const HEADER_MISSING: Code = Code::exception("header-missing", "a header that no row of the file holds");
/// A column that is in the file twice.
pub const HEADER_TWICE: Code =
    Code::exception("header-twice", "two headers of a file that the contract reads as one column");
/// Headers that are not those of the month before.
pub const HEADER_DRIFT: Code = Code::exception("header-drift", "headers that were renamed, dropped or added");
/// A file of another month.
pub const WRONG_MONTH: Code = Code::exception("wrong-month", "a file whose rows belong to another month");
/// A file without rows.
pub const NO_ROWS: Code = Code::exception("no-rows", "a file without a single row of data");
/// A file much shorter than those before.
pub const FEW_ROWS: Code =
    Code::exception("few-rows", "a file with fewer rows than half the median of the months before");
/// A file that stood there the month before.
pub const SAME_AS_LAST_MONTH: Code =
    Code::exception("same-as-last-month", "a file that is byte for byte that of the month before");
/// A total row that the rows do not add up to.
pub const TOTAL_DIFFERS: Code =
    Code::exception("total-differs", "a total row that the rows of the file do not add up to");
/// A total row that is not there.
pub const TOTAL_MISSING: Code =
    Code::exception("total-missing", "a file without the total row that its contract names");
/// A total row that cannot be held against the rows.
pub const TOTAL_UNCHECKED: Code =
    Code::exception("total-unchecked", "a total row that unreadable amounts keep from being checked");
/// More bad rows than the contract bears.
pub const TOO_MANY_BAD_ROWS: Code =
    Code::exception("too-many-bad-rows", "a larger share of bad rows than the contract allows");
/// A row that broke its contract.
pub const BAD_ROW: Code = Code::exception("bad-row", "a row that broke its contract and was kept out");
/// A row that stood there already.
pub const ROW_DUPLICATE: Code = Code::exception("row-duplicate", "a row that stands in the file twice and counts once");
/// A row outside the period.
pub const ROW_OUT_OF_PERIOD: Code =
    Code::exception("row-out-of-period", "a row whose date lies outside the month of its file");
/// Text that would not look like what it is.
pub const HIDDEN_CHARACTER: Code =
    Code::exception("hidden-character", "a control or direction character that no reader would see");
/// Rows that got lost between the file and the frame.
pub const ROWS_DO_NOT_ADD_UP: Code =
    Code::exception("rows-do-not-add-up", "rows or amounts of a file that the fates do not account for");

/// Every code of this module.
pub const CODES: &[Code] = &[
    CONTRACT_NAME,
    UNKNOWN_SOURCE_KIND,
    SOURCE_OPTION,
    PATH_PATTERN,
    UNKNOWN_COLUMN_TYPE,
    COLUMN_OPTION,
    UNKNOWN_CONTRACT_COLUMN,
    CONTRACT_ROLE,
    HEADER_CLAIMED_TWICE,
    BAD_SHARE,
    CELL_EMPTY,
    CELL_NUMBER,
    CELL_GROUPING,
    CELL_DECIMALS,
    CELL_DIGITS,
    CELL_SHOWN,
    CELL_DATE,
    CELL_DATETIME,
    CELL_SERIAL_60,
    CELL_BOOL,
    CELL_VALUE,
    CELL_LOST,
    CELL_ERROR,
    CELL_KIND,
    ROW_WIDTH,
    ROW_INTERVAL,
    ROW_CONFLICT,
    FILE_MISSING,
    FILE_NOT_EXPECTED,
    FILE_AMBIGUOUS,
    FILE_UNREADABLE,
    FILE_ENCODING,
    FILE_QUOTE,
    SHEET_MISSING,
    SHEET_SIZE,
    HEADER_MISSING,
    HEADER_TWICE,
    HEADER_DRIFT,
    WRONG_MONTH,
    NO_ROWS,
    FEW_ROWS,
    SAME_AS_LAST_MONTH,
    TOTAL_DIFFERS,
    TOTAL_MISSING,
    TOTAL_UNCHECKED,
    TOO_MANY_BAD_ROWS,
    BAD_ROW,
    ROW_DUPLICATE,
    ROW_OUT_OF_PERIOD,
    HIDDEN_CHARACTER,
    ROWS_DO_NOT_ADD_UP,
];
