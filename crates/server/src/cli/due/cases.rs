//! A table of cases: each row is answered by itself, as it streams by.

use std::{
    error::Error,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use csv::ByteRecord;
use jiesu_domain::{Kind, describe};

use super::{Answer, DueArgs, Question, answer, moment};
use crate::{cli::terminal::unless_gone, law::Law};

/// What Excel wants before UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// How many rows there were, and how many of them could not be answered.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    rows: usize,
    bad: usize,
}

pub(super) fn run(law: &Law, args: &DueArgs, file: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let name = file.display();
    let input = File::open(file).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => format!("{name}：文件不存在"),
        io::ErrorKind::PermissionDenied => format!("{name}：没有读取权限"),
        _ => format!("{name}：读取失败（{e}）"),
    })?;
    let (input, bom) = without_bom(BufReader::new(input)).map_err(|e| format!("{name}：读取失败（{e}）"))?;
    let tally = match &args.out {
        None => to_screen(law, args, input),
        Some(out) => to_file(law, args, input, out, bom),
    };
    let tally = tally.map_err(|e| format!("{name}：{e}"))?;
    if let Some(out) = &args.out {
        eprintln!("共 {} 行，已写入 {}", tally.rows, out.display());
    }
    if tally.bad > 0 {
        eprintln!("共 {} 行，其中 {} 行算不出，原因见 basis 列", tally.rows, tally.bad);
    }
    Ok(ExitCode::from(u8::from(tally.bad > 0)))
}

fn to_screen(law: &Law, args: &DueArgs, input: impl Read) -> Result<Tally, Box<dyn Error>> {
    let mut tally = Tally::default();
    if let Err(e) = answer_all(law, args, input, io::stdout().lock(), &mut tally) {
        unless_gone(Err(*e.downcast::<io::Error>()?))?;
    }
    Ok(tally)
}

/// Beside the file first, then in its place: a failure leaves what was there, and the input may be the output.
fn to_file(law: &Law, args: &DueArgs, input: impl Read, out: &Path, bom: bool) -> Result<Tally, Box<dyn Error>> {
    let mut beside = out.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let mut tally = Tally::default();
    let written = (|| {
        let mut file = BufWriter::new(File::create(&beside).map_err(|e| cannot_write(out, &e))?);
        if bom {
            file.write_all(BOM)?;
        }
        answer_all(law, args, input, &mut file, &mut tally)?;
        file.flush()?;
        std::fs::rename(&beside, out).map_err(|e| cannot_write(out, &e).into())
    })();
    if written.is_err() {
        // Best effort: the error that matters is the one being returned.
        let _ = std::fs::remove_file(&beside);
    }
    written.map(|()| tally)
}

fn cannot_write(out: &Path, e: &io::Error) -> String {
    format!("写不进 {}（{e}）", out.display())
}

fn without_bom(mut input: impl Read) -> io::Result<(impl Read, bool)> {
    let mut head = Vec::with_capacity(BOM.len());
    input.by_ref().take(BOM.len() as u64).read_to_end(&mut head)?;
    let bom = head == BOM;
    if bom {
        head.clear();
    }
    Ok((io::Cursor::new(head).chain(input), bom))
}

fn answer_all(
    law: &Law,
    args: &DueArgs,
    input: impl Read,
    out: impl Write,
    tally: &mut Tally,
) -> Result<(), Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
    let mut header = reader.byte_headers().map_err(in_chinese)?.clone();
    let columns = Columns::of(&header)?;
    header.push_field(b"due");
    header.push_field(b"basis");
    writer.write_byte_record(&header).map_err(in_chinese)?;
    let mut row = ByteRecord::new();
    while reader.read_byte_record(&mut row).map_err(in_chinese)? {
        tally.rows += 1;
        let (due, basis) = match columns.answer(law, args, &row) {
            Ok(answer) => (describe::shanghai(answer.clock.due), basis(&answer)),
            Err(reason) => {
                tally.bad += 1;
                (String::new(), format!("有误：{reason}"))
            }
        };
        // Short and long rows are brought to the header's length, so that the two new columns stand under their names.
        for i in 0..columns.width {
            writer.write_field(row.get(i).unwrap_or_default()).map_err(in_chinese)?;
        }
        writer.write_record([due, basis]).map_err(in_chinese)?;
    }
    writer.flush()?;
    Ok(())
}

/// Writing errors keep their kind (a closed pipe is no error); the rest is told in Chinese.
fn in_chinese(e: csv::Error) -> Box<dyn Error> {
    let said = e.to_string();
    match e.into_kind() {
        csv::ErrorKind::Io(e) => Box::new(e),
        _ => format!("不是可读的 CSV（{said}）").into(),
    }
}

/// `第十四条;readings=from-dispatch,count-days`, with `;provisional` where it is.
fn basis(answer: &Answer<'_>) -> String {
    let basis = &answer.clock.basis;
    let mut s = if basis.article.is_empty() { "条文未规定".to_owned() } else { basis.article.clone() };
    if !basis.readings.is_empty() {
        s.push_str(";readings=");
        s.push_str(&basis.readings.join(","));
    }
    if answer.clock.provisional {
        s.push_str(";provisional");
    }
    s
}

/// Where the columns stand.
struct Columns {
    width: usize,
    rulebook: usize,
    kind: usize,
    from: usize,
    urgent: Option<usize>,
}

impl Columns {
    fn of(header: &ByteRecord) -> Result<Columns, String> {
        let names: Vec<String> =
            header.iter().map(|f| String::from_utf8_lossy(f).trim().to_ascii_lowercase()).collect();
        let find = |name: &str| {
            let mut places = names.iter().enumerate().filter(|(_, n)| *n == name).map(|(i, _)| i);
            match (places.next(), places.next()) {
                (_, Some(_)) => Err(format!("表头中有两个“{name}”列")),
                (place, None) => Ok(place),
            }
        };
        let missing = |name: &str| {
            let got =
                if names.is_empty() { "文件是空的".to_owned() } else { format!("表头为 {}", names.join(",")) };
            format!("表头缺少“{name}”列（{got}）；须有 rulebook、kind、from，可有 urgent，编码为 UTF-8")
        };
        let need = |name: &str| find(name)?.ok_or_else(|| missing(name));
        Ok(Columns {
            width: header.len(),
            rulebook: need("rulebook")?,
            kind: need("kind")?,
            from: need("from")?,
            urgent: find("urgent")?,
        })
    }

    fn answer<'l>(&self, law: &'l Law, args: &DueArgs, row: &ByteRecord) -> Result<Answer<'l>, String> {
        if row.len() != self.width {
            return Err(format!("本行有{}列，表头有{}列；内容中有逗号的须加引号", row.len(), self.width));
        }
        let rulebook = field(row, self.rulebook, "rulebook")?;
        let kind: Kind =
            field(row, self.kind, "kind")?.parse().map_err(|e: jiesu_domain::words::UnknownWord| e.to_string())?;
        let urgent = self.urgent.map_or(Ok(false), |i| yes(text(row, i)?))?;
        let from = moment::parse(field(row, self.from, "from")?)?;
        let question = Question {
            rulebook,
            kind,
            urgent,
            limit: args.limit,
            contacts: args.contacts,
            difficult: args.difficult,
            from,
        };
        answer(law, &question)
    }
}

fn text(row: &ByteRecord, i: usize) -> Result<&str, String> {
    std::str::from_utf8(row.get(i).unwrap_or_default())
        .map(str::trim)
        .map_err(|_| "不是 UTF-8 编码，请另存为 UTF-8".into())
}

fn field<'r>(row: &'r ByteRecord, i: usize, name: &str) -> Result<&'r str, String> {
    match text(row, i)? {
        "" => Err(format!("{name} 为空")),
        s => Ok(s),
    }
}

fn yes(s: &str) -> Result<bool, String> {
    match s.to_ascii_lowercase().as_str() {
        "true" | "1" | "是" => Ok(true),
        "false" | "0" | "否" | "" => Ok(false),
        _ => Err(format!("urgent 应为 true、false、1、0、是、否或空，不能是“{s}”")),
    }
}
