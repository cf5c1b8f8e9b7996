//! `jiesu text propose`: what is read out of messages without a model (place, urgency, secrecy, kind), counted and shown, so that it can be
//! judged by hand or held against what somebody wrote beside them.

use std::{
    collections::{BTreeMap, HashSet},
    error::Error,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use clap::{Args, ValueEnum};
use jiesu_text::propose::{self, Division, Gazetteer, Sign};

use super::table::{Names, read};
use crate::cli::terminal::unless_gone;

const TITLE: Names = &["title", "标题", "主题", "留言主题"];
const CONTENT: Names = &["content", "detail", "内容", "详情", "留言详情"];
const CODE: Names = &["code", "代码"];
const NAME: Names = &["name", "名称"];
/// Lengths of division codes above a division's own, the nearest first.
const ABOVE: [usize; 3] = [6, 4, 2];

#[derive(Debug, Args)]
#[command(after_help = "\
例：
  jiesu text propose --messages 留言.jsonl --divisions 区划.csv
  jiesu text propose --messages 留言.jsonl --show urgent --most 50          # 列出，供人逐条核对
  jiesu text propose --messages 留言.jsonl --kinds sort_id 4774=consultation,4775=complaint
  jiesu text propose --messages 留言.jsonl --divisions 县区.csv,街道.csv --under 51 --places assign_organization_name

留言有 title（标题）、content 或 detail（内容）两列；区划有 code（代码）、name（名称）两列，上下级按代码的前几位。")]
pub struct ProposeArgs {
    /// 留言，.jsonl、.csv 或 .xlsx
    #[arg(long, value_name = "文件", required = true, value_delimiter = ',')]
    messages: Vec<PathBuf>,
    /// 行政区划名录
    #[arg(long, value_name = "文件", value_delimiter = ',')]
    divisions: Vec<PathBuf>,
    /// 只用代码以此开头的区划
    #[arg(long, value_name = "代码", default_value = "")]
    under: String,
    /// 列出这一项的结果
    #[arg(long, value_name = "项目")]
    show: Option<Shown>,
    /// 最多列出几条，均匀抽取
    #[arg(long, value_name = "条数", default_value_t = 50)]
    most: usize,
    /// 与这一列所写的类别比对：列名，再写各值对应的类别编号
    #[arg(long, num_args = 2, value_names = ["列", "值=类别,…"])]
    kinds: Vec<String>,
    /// 与这一列所写的地方比对（只看其中认得的区划）
    #[arg(long, value_name = "列", requires = "divisions")]
    places: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Shown {
    Place,
    Urgent,
    Confidential,
    Kind,
}

struct Message {
    title: String,
    content: String,
    kind: Option<String>,
    place: Option<String>,
}

/// Something read out of a message: as one line, without more of the message than it rests on.
struct Read {
    said: String,
    words: Vec<String>,
    message: usize,
}

#[derive(Default)]
struct Compared {
    right: u64,
    of: u64,
}

impl Compared {
    fn count(&mut self, right: bool) {
        self.of += 1;
        self.right += u64::from(right);
    }
}

/// Runs it.
///
/// # Errors
/// What the user should read.
pub fn run(args: &ProposeArgs) -> Result<ExitCode, Box<dyn Error>> {
    let gazetteer = divisions(&args.divisions, &args.under)?;
    let messages = messages(args)?;
    let begun = Instant::now();
    let mut read: BTreeMap<Shown, Vec<Read>> = BTreeMap::new();
    let (mut kinds, mut places) = (BTreeMap::<String, Compared>::new(), Compared::default());
    for (no, message) in messages.iter().enumerate() {
        let texts = [message.title.as_str(), message.content.as_str()];
        let of = |signs: &dyn Fn(&str) -> Vec<Sign>| -> Option<Read> {
            let found: Vec<(&str, Sign)> =
                texts.iter().flat_map(|t| signs(t).into_iter().map(move |s| (*t, s))).collect();
            let mut names: Vec<&str> = found.iter().map(|(_, s)| s.name).collect();
            names.dedup();
            let words = found.iter().flat_map(|(t, s)| s.spans.iter().map(move |span| span.of(t))).collect();
            (!found.is_empty()).then(|| Read { said: names.join("、"), words, message: no })
        };
        let mut keep = |what: Shown, found: Option<Read>| read.entry(what).or_default().extend(found);
        keep(Shown::Urgent, of(&propose::urgent));
        keep(Shown::Confidential, of(&propose::confidential));
        let kind = texts.iter().find_map(|t| propose::kind(t).map(|s| (*t, s)));
        if let (Some((_, sign)), Some(truth)) = (&kind, &message.kind) {
            kinds.entry(sign.code.to_owned()).or_default().count(sign.code == truth);
        }
        keep(
            Shown::Kind,
            kind.map(|(t, s)| {
                let words = s.spans.iter().map(|span| span.of(t)).collect();
                Read { said: s.name.to_owned(), words, message: no }
            }),
        );
        let place = texts.iter().find_map(|t| gazetteer.find(t).map(|found| (*t, found)));
        let truth = message.place.as_deref().and_then(|place| gazetteer.find(place));
        if let (Some((_, found)), Some(truth)) = (&place, truth) {
            places.count(found.names.starts_with(&truth.names) || truth.names.starts_with(&found.names));
        }
        keep(
            Shown::Place,
            place.map(|(t, found)| {
                let words = found.spans.iter().map(|span| span.of(t)).collect();
                Read { said: format!("{}|{}", found.names.concat(), found.rest), words, message: no }
            }),
        );
    }
    let took = begun.elapsed();
    let mut out = io::stdout().lock();
    unless_gone(write(&mut out, args, &messages, &read))?;
    let micros = took.as_secs_f64() * 1e6 / messages.len().max(1) as f64;
    unless_gone(writeln!(out, "每件 {micros:.0} 微秒，区划 {} 个", gazetteer.len()))?;
    for (code, Compared { right, of }) in &kinds {
        unless_gone(writeln!(out, "类别 {code}：{right}/{of} 与所写的相同（{:.1}%）", percent(*right, *of)))?;
    }
    if places.of > 0 {
        let Compared { right, of } = places;
        unless_gone(writeln!(out, "地点：{right}/{of} 与所写的区划相合（{:.1}%）", percent(right, of)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn percent(part: u64, of: u64) -> f64 {
    100.0 * part as f64 / of.max(1) as f64
}

fn messages(args: &ProposeArgs) -> Result<Vec<Message>, Box<dyn Error>> {
    let (kind_column, known) = match args.kinds.as_slice() {
        [column, pairs] => {
            let pairs = pairs.split(',').filter_map(|pair| pair.split_once('='));
            (Some(column.clone()), pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).collect())
        }
        _ => (None, BTreeMap::new()),
    };
    let mut all = Vec::new();
    for path in &args.messages {
        let texts = read(path, [TITLE, CONTENT])?;
        let column = |name: Option<&str>| -> Result<Option<Vec<String>>, String> {
            let Some(name) = name else { return Ok(None) };
            let rows = super::table::column(path, name)?;
            Ok(Some(rows.into_iter().map(|cell| cell.text()).collect()))
        };
        let kinds = column(kind_column.as_deref())?;
        let places = column(args.places.as_deref())?;
        for (no, [title, content]) in texts.into_iter().enumerate() {
            let of = |column: &Option<Vec<String>>| column.as_ref().and_then(|rows| rows.get(no).cloned());
            let kind = of(&kinds).and_then(|value| known.get(value.trim()).cloned());
            all.push(Message { title: title.text(), content: content.text(), kind, place: of(&places) });
        }
    }
    Ok(all)
}

/// Divisions of all files; one lies in the longest beginning of its code that is there.
fn divisions(files: &[PathBuf], under: &str) -> Result<Gazetteer, String> {
    let mut all: Vec<(String, String)> = Vec::new();
    for file in files {
        all.extend(read(file as &Path, [CODE, NAME])?.into_iter().map(|[code, name]| (code.text(), name.text())));
    }
    all.retain(|(code, _)| code.starts_with(under));
    let codes: HashSet<&str> = all.iter().map(|(code, _)| code.as_str()).collect();
    let above = |code: &str| {
        let shorter = ABOVE.iter().filter(|n| **n < code.len()).filter_map(|n| code.get(..*n));
        shorter.into_iter().find(|c| codes.contains(c)).map(str::to_owned)
    };
    let division = |(code, name): &(String, String)| Division {
        key: code.clone(),
        name: name.clone(),
        above: above(code),
        aliases: Vec::new(),
    };
    Ok(Gazetteer::new(all.iter().map(division).collect()))
}

fn write(
    out: &mut impl Write,
    args: &ProposeArgs,
    messages: &[Message],
    read: &BTreeMap<Shown, Vec<Read>>,
) -> io::Result<()> {
    if let Some(found) = args.show.and_then(|show| read.get(&show)) {
        let step = found.len().div_ceil(args.most.max(1)).max(1);
        for (n, Read { said, words, message }) in found.iter().step_by(step).enumerate() {
            let Message { title, content, .. } = &messages[*message];
            let beginning: String = content.chars().filter(|c| !c.is_whitespace()).take(160).collect();
            writeln!(out, "{:>3}. [{said}]（{}）{title}｜{beginning}", n + 1, words.join("，"))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{} 件留言", messages.len())?;
    for (what, found) in read {
        let name = match what {
            Shown::Place => "地点",
            Shown::Urgent => "紧急",
            Shown::Confidential => "保密",
            Shown::Kind => "类别",
        };
        writeln!(out, "{name}：{} 件（{:.1}%）", found.len(), percent(found.len() as u64, messages.len() as u64))?;
    }
    Ok(())
}
