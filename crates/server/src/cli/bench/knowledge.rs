//! How often the right entry is among the first three: questions with their true replies as entries, against plain search in the same run.

use std::{collections::BTreeSet, error::Error, path::Path, time::Instant};

use jiesu_text::{
    ranked::Ranked,
    search::{Words, index_terms},
};

use crate::import::{Row, Table};

/// Places that count.
const FIRST: usize = 3;
/// A seat has typed so many characters of what the caller says.
const TYPED: usize = 30;

/// A question with its reply.
struct Pair {
    title: String,
    detail: String,
    reply: String,
}

/// Prints the figures of a table with the columns 留言主题, 留言详情 and 答复意见.
pub(super) fn run(messages: &Path) -> Result<(), Box<dyn Error>> {
    let pairs = pairs(messages)?;
    println!("知识检索：{} 对问答，每条答复作为一个条目", pairs.len());
    let whole = |p: &Pair| format!("{} {}", p.title, p.detail);
    let typed = |p: &Pair| p.detail.chars().take(TYPED).collect::<String>();
    // Nothing but the reply: what it has in common with the question it shares by itself.
    let bare = indexed(&pairs, |_| "");
    // As an entry stands in the knowledge base: with the question as its title.
    let titled = indexed(&pairs, |p| &p.title);
    ranked("条目只有答复，查主题", &pairs, &bare, |p| p.title.clone());
    ranked("条目只有答复，查主题和详情", &pairs, &bare, whole);
    ranked(&format!("条目有主题和答复，查详情前{TYPED}字"), &pairs, &titled, typed);
    ranked("条目有主题和答复，查详情", &pairs, &titled, |p| p.detail.clone());
    let words: Vec<BTreeSet<String>> = pairs.iter().map(|p| index_terms(&p.reply)).collect();
    plain("条目只有答复，查主题：须含所有的词，依次序", &pairs, &words, true);
    plain("条目只有答复，查主题：按相同的词数", &pairs, &words, false);
    Ok(())
}

fn pairs(messages: &Path) -> Result<Vec<Pair>, Box<dyn Error>> {
    let table = Table::open(messages, None)?;
    let at = |name: &str| table.columns.iter().position(|c| c == name).ok_or_else(|| format!("表中没有“{name}”一栏"));
    let (title, detail, reply) = (at("留言主题")?, at("留言详情")?, at("答复意见")?);
    let text = |row: &Row, place: usize| row.cells.get(place).map(|c| c.text().trim().to_owned()).unwrap_or_default();
    let pair = |row: Row| Pair { title: text(&row, title), detail: text(&row, detail), reply: text(&row, reply) };
    Ok(table.rows.filter_map(Result::ok).map(pair).collect())
}

fn key(place: usize) -> String {
    format!("{place:06}")
}

fn indexed(pairs: &[Pair], title: impl Fn(&Pair) -> &str) -> Ranked {
    let mut index = Ranked::default();
    for (place, pair) in pairs.iter().enumerate() {
        index.put(&key(place), title(pair), &pair.reply);
    }
    index
}

/// Two units may have given the same reply word for word: either of them is right.
fn right(pairs: &[Pair], found: usize, wanted: usize) -> bool {
    found == wanted || pairs[found].reply == pairs[wanted].reply
}

fn ranked(what: &str, pairs: &[Pair], index: &Ranked, query: impl Fn(&Pair) -> String) {
    let (mut first, mut among) = (0, 0);
    let started = Instant::now();
    for (place, pair) in pairs.iter().enumerate() {
        let hits = index.search(&query(pair), FIRST, |_| true);
        let at = hits.iter().position(|hit| hit.key.parse().is_ok_and(|found| right(pairs, found, place)));
        first += usize::from(at == Some(0));
        among += usize::from(at.is_some());
    }
    let each = started.elapsed().as_secs_f64() * 1e3 / pairs.len().max(1) as f64;
    println!("  {what}：第1条 {}，前{FIRST}条 {}，每次 {each:.2} ms", share(first, pairs), share(among, pairs));
}

/// Search as it is over tickets: every term must be there, and what is found stands in its order; or, kinder, by how many terms are there.
fn plain(what: &str, pairs: &[Pair], words: &[BTreeSet<String>], all: bool) {
    let mut among = 0;
    let started = Instant::now();
    for (place, pair) in pairs.iter().enumerate() {
        let terms = Words::of(&pair.title).terms();
        let has = |words: &BTreeSet<String>| terms.iter().filter(|t| words.contains(*t)).count();
        let counted = words.iter().enumerate().map(|(found, words)| (has(words), found));
        let mut found: Vec<(usize, usize)> =
            counted.filter(|(n, _)| if all { *n == terms.len() } else { *n > 0 }).collect();
        found.sort_by_key(|(n, found)| (std::cmp::Reverse(*n), *found));
        among += usize::from(found.iter().take(FIRST).any(|(_, found)| right(pairs, *found, place)));
    }
    let each = started.elapsed().as_secs_f64() * 1e3 / pairs.len().max(1) as f64;
    println!("  {what}：前{FIRST}条 {}，每次 {each:.2} ms", share(among, pairs));
}

fn share(n: usize, pairs: &[Pair]) -> String {
    format!("{:.1}%", n as f64 * 100.0 / pairs.len().max(1) as f64)
}
