//! Tables as they come: a workbook, CSV, or one JSON object a line. Each is walked once before anything is written, so that what is wrong
//! with the whole of it (no such column, not UTF-8) is said first; rows that are wrong by themselves come out as such.

mod csv;
mod jsonl;
mod xlsx;

use std::{
    fs::File,
    io::{self, BufReader, ErrorKind, Read, Seek},
    path::Path,
};

use jiff::civil::DateTime;

pub(crate) use xlsx::Book;

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    /// A date of a workbook; no zone.
    Moment(DateTime),
}

impl Cell {
    /// As text; numbers without a fraction as people write them.
    pub fn text(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Number(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
            Cell::Number(n) => n.to_string(),
            Cell::Moment(at) => at.to_string(),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Cell::Empty) || matches!(self, Cell::Text(text) if text.trim().is_empty())
    }
}

/// One row; cells in the order of the table's columns, perhaps fewer.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where a person finds it: the row that a table program shows, the line of a JSON file.
    pub number: u64,
    pub cells: Vec<Cell>,
}

/// A row, or why it cannot be read.
pub type Read1 = Result<Row, Unreadable>;

/// What was read instead of a row; in Chinese, and without a word of the row.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("第{number}行：{reason}")]
    Row { number: u64, reason: String },
    /// The file, from here on.
    #[error("{0}")]
    File(String),
}

/// An opened table. Its rows are read as they are asked for.
pub struct Table {
    pub columns: Vec<String>,
    /// How many rows will come.
    pub length: u64,
    pub rows: Box<dyn Iterator<Item = Read1> + Send>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("columns", &self.columns).field("length", &self.length).finish_non_exhaustive()
    }
}

/// A table that cannot be opened; in Chinese.
#[derive(Debug, thiserror::Error)]
#[error("{file}：{what}")]
pub struct ReadError {
    file: String,
    what: String,
}

impl Table {
    /// Opens a table by the ending of its name.
    ///
    /// # Errors
    /// It is not there, of no kind we read, not UTF-8, or broken from its head on.
    pub fn open(path: &Path, sheet: Option<&str>) -> Result<Table, ReadError> {
        let ending = path.extension().and_then(|e| e.to_str()).map(str::to_lowercase);
        let table = match ending.as_deref() {
            Some("xlsx") => xlsx::open(path, sheet),
            Some("csv") => csv::open(path),
            Some("jsonl" | "ndjson") => jsonl::open(path),
            _ => Err("不认识的文件类型；可导入 .xlsx、.csv、.jsonl".into()),
        };
        table.map_err(|what| ReadError { file: path.display().to_string(), what })
    }
}

/// Opens a text file behind its byte order mark, if it has one.
fn text_file(path: &Path) -> Result<BufReader<File>, String> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(|e| in_chinese(&e))?);
    let mut head = [0; 3];
    let marked = file.read_exact(&mut head).is_ok() && head == *b"\xef\xbb\xbf";
    if !marked {
        file.rewind().map_err(|e| in_chinese(&e))?;
    }
    Ok(file)
}

/// Chinese tables that are not UTF-8 are GB18030 nearly always; Excel writes them so.
fn not_utf8(path: &Path) -> String {
    let name = path.display();
    format!(
        "不是 UTF-8 编码（多半是 GB18030/GBK）；请先转换：iconv -f GB18030 -t UTF-8 {name} > 新文件，或在 Excel 中另存为“CSV UTF-8”"
    )
}

fn in_chinese(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "文件不存在".into(),
        ErrorKind::PermissionDenied => "没有读取权限".into(),
        _ => format!("读取失败（{error}）"),
    }
}
