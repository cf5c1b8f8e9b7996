//! Searches over made up tickets, on both databases: from the index to the marked snippets, against `LIKE`, pg_trgm and the raw limit, the same
//! queries in the same run.

mod against;
mod fill;
mod texts;

use std::{
    path::Path,
    time::{Duration, Instant as Stopwatch},
};

use jiesu_domain::ticket::Ticket;
use jiesu_store::{ListFilter, Sort, Store, StoreOptions, TicketWithBody};
use jiesu_text::search::Words;

use super::{
    Anything, Numbers,
    commands::{Folder, PLACE},
    decisions, grouped, postgres,
    server::{KEY, Times},
};
use crate::{app::standing, law::Law, view};
use against::Plain;
use texts::Language;

/// Queries of each kind; of the yardsticks, which may look through every text, fewer.
const QUERIES: usize = 200;
const OF_YARDSTICKS: usize = 5;
/// Rows of a page.
const PAGE: u32 = 50;

pub(super) async fn run(law: &Law, beside: &Path, documents: u64, url: Option<&str>) -> Result<(), Anything> {
    let base = decisions::archived(law).map_err(|e| e.to_string())?;
    let language = Language::new();
    let kinds = kinds(&language, documents);
    println!(
        "检索 search：{} 件工单（编造的标题、内容和答复），每类查询{QUERIES}次，每页{PAGE}件",
        grouped(documents as f64)
    );
    {
        let folder = Folder::new(beside)?;
        let store = Store::open(&folder.0.to_string_lossy(), StoreOptions::with_key(KEY)).await?;
        let plain = Plain::sqlite(&folder.0);
        on("SQLite", &store, plain, &base, &language, &kinds, documents).await?;
        store.close().await?;
    }
    if let Some(url) = url {
        let there = postgres::fresh_schema(url).await?;
        let store = Store::open(&there, StoreOptions::with_key(KEY)).await?;
        let done = on("PostgreSQL", &store, Plain::postgres(&there), &base, &language, &kinds, documents).await;
        store.close().await?;
        postgres::drop_schema(url).await?;
        done?;
    }
    Ok(())
}

async fn on(
    name: &str,
    store: &Store,
    plain: impl Future<Output = Result<Plain, Anything>>,
    base: &Ticket,
    language: &Language,
    kinds: &[Kind],
    documents: u64,
) -> Result<(), Anything> {
    store.migrate().await?;
    let mut plain = plain.await?;
    // Built at the end, as after a restore: word by word it grows slowly, over years in a centre.
    let index = plain.drop_index().await?;
    let began = Stopwatch::now();
    fill::fill(store, documents, base, |written| {
        if written % 100_000 == 0 {
            eprintln!("  {name}：已写入 {} 件", grouped(written as f64));
        }
    })
    .await?;
    if let Some(index) = index {
        plain.run(&index).await?;
    }
    let filled = began.elapsed();
    if let Plain::Postgres(_) = plain {
        plain.run("VACUUM ANALYZE ticket_terms").await?;
        plain.run("VACUUM ANALYZE ticket").await?;
    }
    println!("  {name}：写入工单和索引 {:.0} 秒；索引 {}", filled.as_secs_f64(), plain.size().await?);
    let mut all = Times::default();
    for kind in kinds {
        let mut times = asked(store, kind).await?;
        println!("    {}：{times}", kind.name);
        all.extend(std::mem::take(&mut times));
    }
    println!("    以上各类合计：{all}；最长 {:.2} 毫秒", all.share(1.0));
    let numbers: Vec<String> = {
        let page = store.tickets(PLACE, &ListFilter::default(), Sort::Newest, None, 100).await?;
        page.items.into_iter().map(|ticket| ticket.ticket).collect()
    };
    println!("    对照：按主键直接读{PAGE}行 {}", plain.raw(&numbers).await?);
    plain.fill(language, documents).await?;
    against(&mut plain, "LIKE", kinds).await?;
    if let Plain::Postgres(_) = plain {
        trigrams(&mut plain, kinds).await?;
    }
    Ok(())
}

/// pg_trgm over the same texts, if the database has it.
async fn trigrams(plain: &mut Plain, kinds: &[Kind]) -> Result<(), Anything> {
    if plain.number("SELECT COUNT(*) FROM pg_available_extensions WHERE name = 'pg_trgm'").await? == 0 {
        println!("    对照：这个 PostgreSQL 没有装 pg_trgm");
        return Ok(());
    }
    plain.run("CREATE EXTENSION IF NOT EXISTS pg_trgm").await?;
    // Where the database had it before, it stands in another schema than ours.
    plain.run("SELECT set_config('search_path', current_setting('search_path') || ', public', false)").await?;
    let sees = plain.number("SELECT CARDINALITY(show_trgm('小区停水'))").await? > 0;
    let began = Stopwatch::now();
    plain.run("CREATE INDEX plain_trgm ON plain USING GIN (text gin_trgm_ops); ANALYZE plain").await?;
    let took = began.elapsed().as_secs_f64();
    let size = plain.number("SELECT pg_relation_size('plain_trgm')").await? as f64 / 1e6;
    let note = if sees { "" } else { "；这个库的字符分类不认汉字，索引里没有汉字" };
    println!("    对照：pg_trgm 建索引 {took:.0} 秒，{} MB{note}", grouped(size));
    against(plain, "pg_trgm", kinds).await
}

async fn against(plain: &mut Plain, name: &str, kinds: &[Kind]) -> Result<(), Anything> {
    // One filter, sort and place in the list is enough to hold against.
    for kind in kinds.iter().filter(|kind| kind.plain) {
        let queries = &kind.queries[..OF_YARDSTICKS.min(kind.queries.len())];
        println!("    对照 {name}，{}：{}", kind.name, plain.like(queries).await?);
    }
    Ok(())
}

/// A kind of query.
struct Kind {
    name: &'static str,
    queries: Vec<String>,
    sort: Sort,
    unit: Option<String>,
    /// From anywhere in the list, not from its beginning.
    deep: bool,
    plain: bool,
}

fn kinds(language: &Language, documents: u64) -> Vec<Kind> {
    let mut numbers = Numbers(11);
    let text = |no: u64| {
        let texts = language.texts(no);
        [texts.title, texts.content, texts.reply].join("\n")
    };
    let mut of = |length: usize| -> Vec<String> {
        let piece = |n: &mut Numbers| loop {
            let text: Vec<char> = text(n.below(documents)).chars().collect();
            let start = n.below(text.len().saturating_sub(length).max(1) as u64) as usize;
            let piece: String = text[start..text.len().min(start + length)].iter().collect();
            if piece.chars().all(char::is_alphanumeric) && piece.chars().count() == length {
                return piece;
            }
        };
        (0..QUERIES).map(|_| piece(&mut numbers)).collect()
    };
    let said = |words: &[&str]| (0..QUERIES).map(|n| words[n % words.len()].to_owned()).collect::<Vec<_>>();
    let pairs =
        |a: Vec<String>, b: Vec<String>| a.into_iter().zip(b).map(|(a, b)| format!("{a} {b}")).collect::<Vec<_>>();
    let kind = |name, queries| Kind { name, queries, sort: Sort::Newest, unit: None, deep: false, plain: true };
    let varied = |kind: Kind| Kind { plain: false, ..kind };
    vec![
        kind("最常见的字", said(&["的", "水", "不", "小", "区", "在", "有", "1"])),
        kind("任意一个字", of(1)),
        kind("任意两个字", of(2)),
        kind("任意三个字", of(3)),
        kind("任意六个字", of(6)),
        kind("常见的词", said(&["小区", "停水", "物业", "噪音", "路灯", "拖欠工资", "电动车"])),
        kind("两个词，多半不在一处", pairs(of(2), of(2))),
        kind("两个常见的词", pairs(said(&["小区", "停水", "物业"]), said(&["噪音", "路灯", "医保", "狗"]))),
        kind("两个常见的字", pairs(said(&["的", "水", "不"]), said(&["区", "在", "灯", "狗", "8"]))),
        kind("没有的词", said(&["龘靐", "鱻麤齉", "停水龘", "xyzzy", "9999999"])),
        varied(Kind { deep: true, ..kind("任意两个字，深处", of(2)) }),
        varied(Kind { unit: Some("u59".into()), ..kind("任意两个字，最忙的单位内", of(2)) }),
        varied(Kind {
            unit: Some("u3".into()), ..kind("最常见的字，较闲的单位内", said(&["的", "水", "1"]))
        }),
        varied(Kind { sort: Sort::Best, ..kind("任意两个字，标题有的在前", of(2)) }),
        varied(Kind {
            sort: Sort::Best, ..kind("最常见的字，标题有的在前", said(&["的", "水", "不", "1"]))
        }),
        varied(Kind { sort: Sort::MostUrgent, ..kind("任意两个字，最急的在前", of(2)) }),
        varied(Kind {
            sort: Sort::MostUrgent, ..kind("最常见的字，最急的在前", said(&["的", "水", "不", "1"]))
        }),
    ]
}

/// Each query once, to the marked snippets; some before to warm up.
async fn asked(store: &Store, kind: &Kind) -> Result<Times, Anything> {
    let mut times = Times::default();
    let mut numbers = Numbers(5);
    for query in kind.queries.iter().rev().take(QUERIES / 10) {
        one(store, kind, query, None).await?;
    }
    for query in &kind.queries {
        let back = Duration::from_secs(numbers.below(700) * 86_400);
        let at = fill::last() - back;
        let cursor = kind.deep.then(|| Sort::Newest.cursor(at.as_microsecond(), ""));
        times.push(one(store, kind, query, cursor).await?);
    }
    Ok(times)
}

async fn one(store: &Store, kind: &Kind, query: &str, cursor: Option<String>) -> Result<Duration, Anything> {
    let began = Stopwatch::now();
    let words = Words::of(query);
    let filter = ListFilter {
        terms: words.terms().into_iter().collect(),
        units: kind.unit.clone().map(|unit| vec![unit]),
        ..ListFilter::default()
    };
    let filter = standing::narrowed(filter);
    let look = |ticket: &TicketWithBody| view::found(&words, ticket);
    store.search(PLACE, &filter, kind.sort, cursor.as_deref(), PAGE, look).await?;
    Ok(began.elapsed())
}
