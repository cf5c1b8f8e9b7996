//! The sheet of the shipped rulebook, as rows, as a page and as a Word document.

use std::io::{Cursor, Read};

use jiesu_domain::{Kind, clock::ClockKind, rulebook::Subject};
use quick_xml::{Reader, events::Event};

use super::*;
use crate::law::Law;

const SHANGRAO: &str = include_str!("../../../../rulebooks/shangrao.toml");

/// The shipped rulebook without entries of its own, its text with the given ones behind it.
fn sheet(more: &str) -> (Rulebook, Sheet) {
    let law = Law::load(None).unwrap();
    let book = Rulebook::parse("shangrao.toml", SHANGRAO).unwrap();
    let own = SHANGRAO.split("\n[[not_encoded]]").next().unwrap();
    let sheet = Sheet::of(&book, &format!("{own}\n{more}"), law.calendar()).unwrap();
    (book, sheet)
}

const ENTRIES: &str = "[[not_encoded]]\narticle = \"第三十条\"\nreason = \"问责<形式>\"\n\
                       [[not_encoded]]\narticle = \"第一条\"\nreason = \"宗旨\"\n";

fn row<'s>(sheet: &'s Sheet, id: &str) -> &'s Row {
    sheet.rules.iter().find(|r| r.id == id).unwrap()
}

#[test]
fn every_rule_of_the_file_has_a_row_in_the_order_of_the_articles() {
    let (book, sheet) = sheet(ENTRIES);
    let file: Table = toml::from_str(SHANGRAO).unwrap();
    let rules = file.iter().filter(|(k, _)| !["rulebook", "assume", "not_encoded"].contains(&k.as_str()));
    let wanted: usize = rules.map(|(_, v)| v.as_array().map_or(1, Vec::len)).sum();
    assert_eq!(sheet.rules.len(), wanted);

    let orders: Vec<_> = sheet.rules.iter().map(|r| source::order(&r.article)).collect();
    let cited: Vec<_> = orders.iter().flatten().collect();
    assert!(cited.is_sorted(), "{cited:?}");
    assert!(orders.iter().skip_while(|o| o.is_some()).all(Option::is_none), "what the text does not say stands last");
    assert!(sheet.rules.iter().any(|r| r.article == NOT_SAID && r.rule == "工作日的计算"));

    let listed: Vec<(&str, &str)> = sheet.not_encoded.iter().map(|n| (n.article.as_str(), n.reason.as_str())).collect();
    assert_eq!(listed, [("第一条", "宗旨"), ("第三十条", "问责<形式>")]);
    let head: Vec<&str> = sheet.head.iter().map(|h| h.value.as_str()).collect();
    assert_eq!(head[..2], ["上饶市", "征求意见稿"]);
    assert!(head[2].starts_with("shangrao 第") && head.contains(&"2022年1月1日"), "{head:?}");
    assert!(sheet.title.contains(&book.rulebook.name));
}

#[test]
fn examples_are_counted_by_the_calendar() {
    let (_, sheet) = sheet("");
    let sign = row(&sheet, "sign");
    let wanted = [
        "自4月30日派发，次日起算，劳动节放假不计，第1个工作日为5月6日24时；依据第十四条",
        "自9月30日派发，次日起算，国庆节放假不计，第1个工作日为10月8日24时；依据第十四条",
    ];
    assert_eq!(sign.examples, wanted);
    let handle = row(&sheet, "handle");
    assert_eq!(handle.examples.len(), 6, "three limits, two starts");
    assert!(
        handle.examples[4].starts_with(
            "投诉、举报：自4月30日派发，次日起算，劳动节放假不计、5月9日补班计入，第10个工作日为5月18日24时"
        )
    );
    assert!(row(&sheet, "handle-difficult").examples.last().unwrap().contains("第2次反映不适用，第3次起适用"));

    let of = |rule: &str| &sheet.rules.iter().find(|r| r.rule == rule).unwrap().examples;
    assert_eq!(
        of("延期")[0],
        "咨询类4月30日派发，原到期5月7日24时；延期2个工作日，至5月9日24时",
        "9 May is a make-up day"
    );
    assert_eq!(
        of("退单")[0],
        "2026年4月30日 09:00开始计算的，5月6日24时以前可以申请；5月6日24时起申请的，不予受理，热线中心说明理由后可以开放"
    );
    assert_eq!(of("重办"), &["第1次不满意只发回重办；第2次不满意起重办并列入督办台账"]);
    assert_eq!(of("工作日的计算")[1], "2026年9月30日 09:00起算：1个工作日至10月8日24时，2个工作日至10月9日24时");
    for message in sheet.rules.iter().filter(|r| r.rule.starts_with("短信")) {
        assert!(!message.examples[0].contains(['{', '}']), "a placeholder without a sample: {:?}", message.examples);
    }
}

/// The last second in time and the first late one, of every limit of the file.
#[test]
fn boundaries_stand_one_second_apart() {
    let (book, sheet) = sheet("");
    let rows: usize = book.limit.iter().map(|l| examples::amounts(l).len() * 2).sum();
    assert_eq!(sheet.boundaries.len(), rows);
    let hours = sheet.boundaries.iter().find(|b| b.id == "referral").unwrap();
    assert_eq!(
        (hours.last_in_time.as_str(), hours.first_late.as_str()),
        ("2026年4月30日 10:59:59", "2026年4月30日 11:00:00")
    );
    let days = sheet.boundaries.iter().find(|b| b.id == "handle-difficult").unwrap();
    assert_eq!(
        (days.last_in_time.as_str(), days.first_late.as_str()),
        ("2026年5月25日 23:59:59", "2026年5月26日 00:00:00")
    );

    // The same clock as a ticket's own.
    let law = Law::load(None).unwrap();
    let subject = Subject { kind: Some(Kind::Complaint), contacts: 1, ..Subject::default() };
    let (rule, amount) = book.limit(ClockKind::Handle, &subject).unwrap();
    let clock = Desk { book: &book, cal: law.calendar() }.clock(rule, amount, STARTS[0]).unwrap();
    assert!(clock.passed(clock.due) && !clock.passed(Instant::from_second(clock.due.as_second() - 1).unwrap()));
}

#[test]
fn readings_say_whether_they_are_only_defaults() {
    let (book, sheet) = sheet("");
    let shown: std::collections::BTreeMap<&str, bool> =
        sheet.rules.iter().flat_map(|r| &r.readings).map(|r| (r.question.as_str(), r.default)).collect();
    for reading in &book.assume {
        assert_eq!(shown.get(reading.question.as_str()), Some(&reading.default), "{}", reading.id);
    }
    let page = html(&sheet).unwrap();
    let defaults = sheet.rules.iter().flat_map(|r| &r.readings).filter(|r| r.default).count();
    assert_eq!(page.matches("默认值，非条文").count(), defaults);
}

#[test]
fn the_page_stands_alone() {
    let (_, sheet) = sheet(ENTRIES);
    let page = html(&sheet).unwrap();
    for foreign in ["<script", "http:", "https:", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("size: A4 landscape"));
    assert!(page.contains("问责&#60;形式&#62;"), "text is never markup");
    assert_eq!(page.matches("<tr>").count(), 3 + sheet.rules.len() + 2 + sheet.boundaries.len());
    assert!(!page.contains("没有列出"));
    assert!(html(&self::sheet("").1).unwrap().contains("没有列出"));
}

/// Rows of each table of a document, as the texts of their cells.
fn tables(xml: &str) -> Vec<Vec<Vec<String>>> {
    let mut reader = Reader::from_str(xml);
    let mut tables: Vec<Vec<Vec<String>>> = Vec::new();
    let (mut in_cell, mut depth) = (false, 0);
    loop {
        // The reader holds every end against its beginning.
        let event = reader.read_event().unwrap();
        depth += i32::from(matches!(event, Event::Start(_))) - i32::from(matches!(event, Event::End(_)));
        match event {
            Event::Eof => {
                assert_eq!(depth, 0, "everything is closed");
                return tables;
            }
            Event::Start(e) => match e.name().as_ref() {
                b"w:tbl" => tables.push(Vec::new()),
                b"w:tr" => tables.last_mut().unwrap().push(Vec::new()),
                b"w:tc" => {
                    tables.last_mut().unwrap().last_mut().unwrap().push(String::new());
                    in_cell = true;
                }
                _ => {}
            },
            Event::End(e) if e.name().as_ref() == b"w:tc" => in_cell = false,
            Event::Text(text) if in_cell => {
                let cell = tables.last_mut().unwrap().last_mut().unwrap().last_mut().unwrap();
                cell.push_str(&text.decode().unwrap());
            }
            _ => {}
        }
    }
}

#[test]
fn the_document_holds_the_same_tables() {
    let (_, sheet) = sheet(ENTRIES);
    let bytes = docx(&sheet).unwrap();
    assert_eq!(bytes, docx(&sheet).unwrap(), "the same file gives the same document");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| {
        let mut xml = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut xml).unwrap();
        xml
    };
    let document = part("word/document.xml");
    let tables = tables(&document);
    let rows: Vec<usize> = tables.iter().map(Vec::len).collect();
    assert_eq!(rows, [sheet.rules.len() + 1, sheet.not_encoded.len() + 1, sheet.boundaries.len() + 1]);
    assert_eq!(tables[0][0], ["条", "规则", "参数", "算例", "我们的理解"]);
    for (cells, row) in tables[0][1..].iter().zip(&sheet.rules) {
        assert_eq!((cells[0].as_str(), cells.len()), (row.article.as_str(), 5));
        assert!(
            cells[1].starts_with(&row.rule) && row.examples.iter().all(|e| cells[3].contains(e.as_str())),
            "{cells:?}"
        );
    }
    assert_eq!(tables[1][1], ["第一条", "宗旨"]);
    assert_eq!(document.matches("<w:tblHeader />").count(), 3, "headings repeat on every page");
    assert!(document.contains("w:orient=\"landscape\"") && document.contains("w:w=\"16838\""));
    assert!(part("word/styles.xml").contains("w:eastAsia=\"宋体\""));
    assert!(part("docProps/core.xml").contains("2026-"), "not of 1970");
}
