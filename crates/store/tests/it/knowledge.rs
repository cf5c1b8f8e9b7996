//! The knowledge base: entries with a chained journal, lists, uses, samples.

use jiesu_store::{
    KnowledgeCommit, KnowledgeFileRow, KnowledgeFilter, KnowledgeRow, KnowledgeSort, NamedBy, NamedFiles, NewAudit,
    NewEvent, Sample, Saved, Store, Uses, day,
};
use jiesu_testkit::{Kind, on_both};
use tokio::task::JoinSet;

use crate::fixture::{BJ, at, fixture};

fn row(unit: Option<&str>, state: &str) -> KnowledgeRow {
    KnowledgeRow {
        unit: unit.map(str::to_owned),
        section: "daily".into(),
        state: state.into(),
        title: "怎样参保？".into(),
        ticket: None,
        review: state == "review",
        published_at: (state == "published").then(|| at(10)),
        renewed_at: (state == "published").then(|| at(10)),
        wake_at: None,
        next_due: None,
        next_due_clock: None,
        overdue: false,
        wrong: false,
        reported: false,
        found: 0,
        said: " 怎样参保 ".into(),
    }
}

fn commit(entry: Option<(&str, i64)>, n: i64, row: KnowledgeRow) -> KnowledgeCommit {
    KnowledgeCommit {
        entry: entry.map(|(entry, version)| (entry.to_owned(), version)),
        at: at(n),
        actor: "clerk".into(),
        events: vec![NewEvent { kind: "submitted".into(), payload: format!("{{\"n\":{n}}}") }],
        row,
        body: "{}".into(),
        audit: None,
        mark: None,
        files: None,
    }
}

async fn new(store: &Store, n: i64, row: KnowledgeRow) -> String {
    match store.knowledge_save(BJ, commit(None, n, row)).await.unwrap() {
        Saved::Done { entry, version: 1 } => entry,
        other => panic!("{other:?}"),
    }
}

fn audited(subject: &str, detail: &str) -> NewAudit {
    NewAudit {
        at: at(1),
        who: "clerk".into(),
        role: "knowledge-clerk".into(),
        kind: "knowledge-changed".into(),
        subject: subject.into(),
        outcome: "done".into(),
        reason: String::new(),
        detail: detail.into(),
        origin: String::new(),
    }
}

async fn an_entry_is_written_with_its_journal(kind: Kind) {
    let f = fixture(kind).await;
    let first = new(&f.store, 1, row(Some("a"), "review")).await;
    assert_eq!(first, "K-000001");
    assert_eq!(new(&f.store, 2, row(None, "asked")).await, "K-000002");
    let mut next = commit(Some((&first, 1)), 3, row(Some("a"), "published"));
    next.audit = Some(Box::new(|entry, head| audited(entry, &format!("{}:{}", head.seq, head.hash.len()))));
    assert_eq!(f.store.knowledge_save(BJ, next).await.unwrap(), Saved::Done { entry: first.clone(), version: 2 });
    let stale = f.store.knowledge_save(BJ, commit(Some((&first, 1)), 4, row(Some("a"), "published"))).await.unwrap();
    assert_eq!(stale, Saved::Conflict { current: 2 });
    let none = f.store.knowledge_save(BJ, commit(Some(("K-9", 1)), 4, row(None, "asked"))).await.unwrap();
    assert_eq!(none, Saved::Missing);
    let stored = f.store.knowledge(BJ, &first).await.unwrap().unwrap();
    assert_eq!((stored.version, &stored.row), (2, &row(Some("a"), "published")));
    assert_eq!(f.store.knowledge(BJ, "K-000002").await.unwrap().unwrap().row.unit, None);
    assert_eq!(f.store.knowledge("sh", &first).await.unwrap(), None);
    let events = f.store.knowledge_events(BJ, &first).await.unwrap();
    assert_eq!(events.iter().map(|e| (e.version, e.at)).collect::<Vec<_>>(), [(1, at(1)), (2, at(3))]);
    let told = f.store.audit_after(BJ, 0, 10).await.unwrap();
    assert_eq!(told.iter().map(|e| (&*e.entry.subject, &*e.entry.detail)).collect::<Vec<_>>(), [("K-000001", "3:64")]);
    assert_eq!(f.store.knowledge_head(BJ).await.unwrap(), 3);
    let changed = f.store.knowledge_changed(BJ, (1, 3), None, 10).await.unwrap();
    assert_eq!(changed.iter().map(|e| &*e.entry).collect::<Vec<_>>(), ["K-000001", "K-000002"]);
    let rest = f.store.knowledge_changed(BJ, (1, 3), Some("K-000001"), 10).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert!(f.store.knowledge_changed(BJ, (3, 3), None, 10).await.unwrap().is_empty());
}

/// Several processes at once: no position is given twice, and the chain is whole; one changed byte is found.
async fn its_chain_is_whole_and_any_change_of_it_is_found(kind: Kind) {
    let f = fixture(kind).await;
    let mut tasks = JoinSet::new();
    for process in 0..4 {
        let store = f.open().await;
        tasks.spawn(async move {
            for n in 0..10 {
                new(&store, process * 10 + n, row(Some("a"), "review")).await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let report = f.store.verify_knowledge(BJ).await.unwrap();
    assert_eq!((report.entries, report.fault), (40, None));
    assert!(f.db.run("UPDATE knowledge_journal SET payload = '{}' WHERE seq = 7").await.is_err(), "append only");
    assert!(f.db.run("DELETE FROM knowledge_journal WHERE seq = 7").await.is_err(), "append only");
    f.db.run("UPDATE knowledge SET version = 2 WHERE entry = 'K-000003'").await.unwrap();
    let report = f.store.verify_knowledge(BJ).await.unwrap();
    assert!(report.fault.unwrap().what.contains("K-000003"));
}

async fn lists_show_what_is_asked_for_page_by_page(kind: Kind) {
    let f = fixture(kind).await;
    let due = |n: i64, row: KnowledgeRow| KnowledgeRow {
        next_due: Some(at(n)),
        next_due_clock: Some("question".into()),
        wake_at: Some(at(n)),
        ..row
    };
    new(&f.store, 1, KnowledgeRow { reported: true, ..row(Some("a"), "published") }).await;
    new(&f.store, 2, due(50, row(Some("a"), "asked"))).await;
    new(&f.store, 3, KnowledgeRow { overdue: true, found: 2, ..due(40, row(Some("b"), "asked")) }).await;
    new(&f.store, 4, KnowledgeRow { ticket: Some("BJ-1".into()), ..row(Some("b"), "owed") }).await;
    new(&f.store, 5, KnowledgeRow { wrong: true, ..row(None, "published") }).await;
    let list = async |filter: KnowledgeFilter| {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page = f.store.knowledge_list(BJ, &filter, cursor.as_deref(), 2).await.unwrap();
            found.extend(page.items.iter().map(|e| e.entry.trim_start_matches("K-00000").to_owned()));
            cursor = page.next;
            if cursor.is_none() {
                assert_eq!(f.store.knowledge_count(BJ, &filter).await.unwrap() as usize, found.len());
                return found.concat();
            }
        }
    };
    let all = KnowledgeFilter::default;
    assert_eq!(list(all()).await, "54321");
    assert_eq!(list(KnowledgeFilter { units: Some(vec!["a".into(), String::new()]), ..all() }).await, "521");
    assert_eq!(list(KnowledgeFilter { units: Some(vec![]), ..all() }).await, "");
    assert_eq!(list(KnowledgeFilter { states: vec!["asked".into()], ..all() }).await, "32");
    assert_eq!(list(KnowledgeFilter { overdue: true, ..all() }).await, "3");
    assert_eq!(list(KnowledgeFilter { wrong: true, ..all() }).await, "5");
    assert_eq!(list(KnowledgeFilter { reported: true, ..all() }).await, "1");
    assert_eq!(list(KnowledgeFilter { ticket: Some("BJ-1".into()), ..all() }).await, "4");
    assert_eq!(list(KnowledgeFilter { stale_before: Some(at(10)), ..all() }).await, "", "not before this second");
    assert_eq!(list(KnowledgeFilter { stale_before: Some(at(11)), ..all() }).await, "51");
    let by_due =
        f.store.knowledge_list(BJ, &KnowledgeFilter { owed: true, sort: KnowledgeSort::Due, ..all() }, None, 9).await;
    let by_due: Vec<String> = by_due.unwrap().items.into_iter().map(|e| e.entry).collect();
    assert_eq!(by_due, ["K-000003", "K-000002"]);
    f.store.knowledge_used(BJ, "K-000001", at(20), "opened").await.unwrap();
    assert_eq!(list(KnowledgeFilter { unused_before: Some(at(11)), ..all() }).await, "5");
    let woken = f.store.knowledge_to_wake(BJ, at(40), 10).await.unwrap();
    assert_eq!(woken.iter().map(|e| &*e.entry).collect::<Vec<_>>(), ["K-000003"]);
    assert_eq!(f.store.knowledge_next_wakeup(BJ).await.unwrap(), Some(at(40)));
    let units = f.store.knowledge_by_unit(BJ, at(11), at(11)).await.unwrap();
    let short: Vec<_> =
        units.iter().map(|u| (u.unit.as_deref(), u.published, u.stale, u.unused, u.owed, u.overdue, u.found)).collect();
    assert_eq!(short, [(None, 1, 1, 1, 0, 0, 0), (Some("a"), 1, 1, 0, 1, 0, 0), (Some("b"), 0, 0, 0, 1, 1, 2)]);
}

async fn uses_are_counted_by_day(kind: Kind) {
    let f = fixture(kind).await;
    let entry = new(&f.store, 1, row(Some("a"), "published")).await;
    for (n, sort) in [(5, "opened"), (6, "opened"), (90_000, "cited")] {
        f.store.knowledge_used(BJ, &entry, at(n), sort).await.unwrap();
    }
    f.store.knowledge_used(BJ, "K-9", at(5), "opened").await.unwrap();
    let of = |sort: &str, uses| Uses { sort: sort.into(), uses };
    let days = (day(at(0)), day(at(90_000)) + 1);
    assert_eq!(f.store.knowledge_uses(BJ, Some(&entry), days).await.unwrap(), [of("cited", 1), of("opened", 2)]);
    assert_eq!(f.store.knowledge_uses(BJ, None, (days.0, days.0 + 1)).await.unwrap(), [of("opened", 2)]);
}

async fn a_sample_is_marked_once_each(kind: Kind) {
    let f = fixture(kind).await;
    for n in 1..=3 {
        new(&f.store, n, row(Some("a"), "published")).await;
    }
    let published = f.store.knowledge_published(BJ, Some("a")).await.unwrap();
    assert_eq!(published.len(), 3);
    let sample = Sample {
        sample: 0,
        at: at(4),
        account: "clerk".into(),
        word: "2026-05".into(),
        entries: 3,
        drawn: 0,
        marked: 0,
        right: 0,
    };
    let drawn = [("K-000001".to_owned(), 1), ("K-000003".to_owned(), 1)];
    let number = f.store.knowledge_sample_new(BJ, &sample, &drawn, &audited("抽查", "{}")).await.unwrap();
    assert_eq!(number, 1);
    let marked = |entry: &'static str, version, correct| KnowledgeCommit {
        mark: Some((1, correct)),
        ..commit(Some((entry, version)), 5, row(Some("a"), "published"))
    };
    let done = f.store.knowledge_save(BJ, marked("K-000001", 1, true)).await.unwrap();
    assert_eq!(done, Saved::Done { entry: "K-000001".into(), version: 2 });
    for again in [marked("K-000001", 2, false), marked("K-000002", 1, true)] {
        assert_eq!(f.store.knowledge_save(BJ, again).await.unwrap(), Saved::Missing);
    }
    assert_eq!(f.store.knowledge(BJ, "K-000002").await.unwrap().unwrap().version, 1, "nothing of it was written");
    f.store.knowledge_save(BJ, marked("K-000003", 1, false)).await.unwrap();
    let samples = f.store.knowledge_samples(BJ).await.unwrap();
    assert_eq!(samples, [Sample { sample: 1, drawn: 2, marked: 2, right: 1, ..sample }]);
    let marks = f.store.knowledge_marks(BJ, 1).await.unwrap();
    let short: Vec<_> = marks.iter().map(|m| (&*m.entry, m.correct, m.account.as_deref())).collect();
    assert_eq!(short, [("K-000001", Some(true), Some("clerk")), ("K-000003", Some(false), Some("clerk"))]);
}

/// What names a file is written with the change; what nobody names can be removed, and nothing else can name it then.
async fn files_are_named_by_versions(kind: Kind) {
    let f = fixture(kind).await;
    let file = |content: &str, account: &str| KnowledgeFileRow {
        content: content.into(),
        entry: None,
        name: "登记表.docx".into(),
        media: "application/pdf".into(),
        size: 3,
        sm3: "ab".repeat(32),
        account: account.into(),
        at: at(1),
        state: "waiting".into(),
        by: NamedBy::Nothing,
    };
    for (content, account) in [("a", "clerk"), ("b", "clerk"), ("c", "clerk"), ("d", "other")] {
        assert!(f.store.knowledge_file_new(BJ, &file(content, account)).await.unwrap());
    }
    assert!(!f.store.knowledge_file_new(BJ, &file("a", "other")).await.unwrap(), "it is there");
    assert_eq!(f.store.knowledge_file(BJ, "a").await.unwrap(), Some(file("a", "clerk")));
    assert_eq!(f.store.knowledge_file("sh", "a").await.unwrap(), None, "of another place");
    assert_eq!(f.store.knowledge_files_loose(BJ, "clerk").await.unwrap(), 3);
    let names = |of: &[&str]| of.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
    let naming = |entry: Option<(&str, i64)>, n, pending: &[&str], published: &[&str]| {
        let files = Some(NamedFiles { pending: names(pending), published: names(published) });
        KnowledgeCommit { files, ..commit(entry, n, row(Some("a"), "review")) }
    };
    let others = f.store.knowledge_save(BJ, naming(None, 2, &["a", "d"], &[])).await.unwrap();
    assert_eq!(others, Saved::NoFile);
    assert_eq!(f.store.knowledge_file(BJ, "a").await.unwrap().unwrap().entry, None, "all or none");
    let entry = match f.store.knowledge_save(BJ, naming(None, 2, &["a", "b"], &[])).await.unwrap() {
        Saved::Done { entry, .. } => entry,
        other => panic!("{other:?}"),
    };
    let by = async || {
        let all = f.store.knowledge_files(BJ, &entry).await.unwrap();
        all.into_iter().map(|row| (row.content, row.by)).collect::<Vec<_>>()
    };
    assert_eq!(by().await, [("a".to_owned(), NamedBy::Pending), ("b".to_owned(), NamedBy::Pending)]);
    f.store.knowledge_save(BJ, naming(Some((&entry, 1)), 3, &[], &["a"])).await.unwrap();
    assert_eq!(by().await, [("a".to_owned(), NamedBy::Published), ("b".to_owned(), NamedBy::Nothing)]);
    // A published one that what is said next has not stays.
    f.store.knowledge_save(BJ, naming(Some((&entry, 2)), 4, &["c"], &[])).await.unwrap();
    assert_eq!(by().await[0], ("a".to_owned(), NamedBy::Published));
    assert_eq!(by().await[2], ("c".to_owned(), NamedBy::Pending));
    let another = f.store.knowledge_save(BJ, naming(None, 5, &["b"], &[])).await.unwrap();
    assert_eq!(another, Saved::NoFile, "it is the first entry's");
    assert_eq!(f.store.knowledge_files_to_remove(BJ, at(2), 9).await.unwrap(), ["d"], "b since the third");
    assert_eq!(f.store.knowledge_files_to_remove(BJ, at(3), 9).await.unwrap(), ["d", "b"], "told until it is gone");
    let late = f.store.knowledge_save(BJ, naming(Some((&entry, 3)), 6, &["b", "c"], &[])).await.unwrap();
    assert_eq!(late, Saved::NoFile, "it is being removed");
    f.store.knowledge_file_gone(BJ, "b").await.unwrap();
    f.store.knowledge_file_gone(BJ, "a").await.unwrap();
    assert_eq!(by().await.len(), 2, "what is named is not gone");
    let waiting = f.store.knowledge_files_stream(BJ, Some("waiting"), "a", 9).await.unwrap();
    assert_eq!(waiting.iter().map(|row| &*row.content).collect::<Vec<_>>(), ["c"]);
    assert!(f.store.knowledge_file_state(BJ, "c", "waiting", "clean").await.unwrap());
    assert!(!f.store.knowledge_file_state(BJ, "c", "waiting", "infected").await.unwrap());
}

async fn lists_are_searched_word_by_word(kind: Kind) {
    let f = fixture(kind).await;
    let said = |said: &str| KnowledgeRow { said: said.into(), ..row(Some("a"), "published") };
    let lamp = new(&f.store, 1, said(" 路灯不亮找谁 灯杆 abc ")).await;
    let other = new(&f.store, 2, said(" 井盖丢了找谁 ")).await;
    let list = async |words: &[&str]| {
        let words = words.iter().map(|w| (*w).to_owned()).collect();
        let filter = KnowledgeFilter { words, ..KnowledgeFilter::default() };
        let page = f.store.knowledge_list(BJ, &filter, None, 9).await.unwrap();
        assert_eq!(f.store.knowledge_count(BJ, &filter).await.unwrap(), page.items.len() as i64);
        page.items.into_iter().map(|e| e.entry).collect::<Vec<_>>()
    };
    assert_eq!(list(&["找谁"]).await, [other.clone(), lamp.clone()]);
    assert_eq!(list(&["找谁", "灯杆"]).await, std::slice::from_ref(&lamp));
    assert_eq!(list(&["灯不", "bc"]).await, std::slice::from_ref(&lamp));
    assert!(list(&["亮找谁灯"]).await.is_empty(), "words do not run on over a blank");
    assert_eq!(list(&["000002"]).await, std::slice::from_ref(&other));
    f.db.run("UPDATE knowledge SET said = ''").await.unwrap();
    assert_eq!(f.store.knowledge_unsaid(BJ, 9).await.unwrap().len(), 2);
    f.store.knowledge_say(BJ, (&other, 1), " 新 ").await.unwrap();
    f.store.knowledge_say(BJ, (&lamp, 9), " 新 ").await.unwrap();
    assert_eq!(list(&["新"]).await, [other], "of another version it is not written");
}

on_both! {
    files_are_named_by_versions,
    lists_are_searched_word_by_word,
    an_entry_is_written_with_its_journal,
    its_chain_is_whole_and_any_change_of_it_is_found,
    lists_show_what_is_asked_for_page_by_page,
    uses_are_counted_by_day,
    a_sample_is_marked_once_each,
}
