//! Tickets, appeals and persons, read back as they were written; the worker's lists.

use jiesu_store::{AppealRow, NewEvent, PersonRow, Store, StoreError, StoreOptions, TicketWithBody};

use jiesu_testkit::{Kind, on_both};

use crate::fixture::{BJ, appeal, at, fixture, number, person};

async fn a_ticket_reads_back_as_it_was_written(kind: Kind) {
    let f = fixture(kind).await;
    let mut row = crate::fixture::row(1_234, Some(9_000));
    row.urgent = true;
    row.place = Some("110105".into());
    row.wake_at = Some(at(8_000));
    let written = row.clone();
    let ticket = f
        .new_ticket(move |c| {
            c.row = written;
            c.body = r#"{"text":"停水\u0000"}"#.into();
            c.events.push(NewEvent { kind: "dispatched".into(), payload: "[]".into() });
        })
        .await;
    let read = f.store.ticket(BJ, &ticket).await.unwrap().unwrap();
    assert_eq!((read.head.row, read.head.version, read.head.updated_at), (row, 2, at(1_000)));
    assert_eq!(read.body, r#"{"text":"停水\u0000"}"#);
    let journal = f.store.journal(BJ, &ticket).await.unwrap();
    assert_eq!(
        journal.iter().map(|e| (e.version, e.kind.as_str())).collect::<Vec<_>>(),
        [(1, "noted"), (2, "dispatched")]
    );
    assert_eq!(f.store.ticket("sh", &ticket).await.unwrap(), None, "another jurisdiction");
    f.next(&ticket, 2, |_| {}).await;
    assert_eq!(f.store.ticket(BJ, &ticket).await.unwrap().unwrap().head.doc, read.head.doc);
}

async fn the_caller_s_history_is_there(kind: Kind) {
    let f = fixture(kind).await;
    for (n, phone) in [(1, "13800000001"), (2, "13800000001"), (3, "13900000000")] {
        f.new_ticket(move |c| {
            c.row.registered_at = at(n);
            c.persons = vec![person(&format!("p{n}"), phone)];
            c.appeals = vec![appeal("a1", &format!("p{n}"), "code")];
        })
        .await;
    }
    let theirs = PersonRow { contact_phone: Some("13800000001".into()), ..person("p3", "13900000000") };
    f.store.person_put(BJ, &theirs).await.unwrap();
    assert_eq!(f.store.person(BJ, "p3").await.unwrap(), Some(theirs.clone()));
    assert_eq!(format!("{theirs:?}"), "PersonRow { person: \"p3\", .. }", "no personal data in logs");
    let found = f.store.persons_by_phone(BJ, "13800000001").await.unwrap();
    assert_eq!(found.iter().map(|p| p.person.as_str()).collect::<Vec<_>>(), ["p1", "p2", "p3"]);
    let tickets = |limit| f.store.tickets_by_phone(BJ, "13800000001", limit);
    let newest: Vec<String> = tickets(100).await.unwrap().into_iter().map(|t| t.ticket).collect();
    assert_eq!(newest, [number(3), number(2), number(1)]);
    assert_eq!(tickets(2).await.unwrap().len(), 2);
    assert!(f.store.tickets_by_phone("sh", "13800000001", 9).await.unwrap().is_empty());
    let erased = PersonRow { person: "p3".into(), ..PersonRow::default() };
    f.store.person_put(BJ, &erased).await.unwrap();
    assert_eq!(f.store.person(BJ, "p3").await.unwrap(), Some(erased));
    assert_eq!(tickets(100).await.unwrap().len(), 2);
}

async fn appeals_are_found_by_code_and_by_source(kind: Kind) {
    let f = fixture(kind).await;
    let foreign =
        AppealRow { source: Some("12315".into()), source_id: Some("X-1".into()), ..appeal("a2", "p", "222222") };
    let second = foreign.clone();
    let ticket = f
        .new_ticket(move |c| {
            c.persons = vec![person("p", "1")];
            c.appeals = vec![appeal("a1", "p", "111111"), second];
        })
        .await;
    assert_eq!(f.store.appeals(BJ, &ticket).await.unwrap(), [appeal("a1", "p", "111111"), foreign.clone()]);
    assert_eq!(f.store.appeal_by_code(BJ, &ticket, "222222").await.unwrap(), Some(foreign.clone()));
    for (j, t, code) in [(BJ, ticket.as_str(), "333333"), (BJ, "other", "111111"), ("sh", ticket.as_str(), "111111")] {
        assert_eq!(f.store.appeal_by_code(j, t, code).await.unwrap(), None);
    }
    assert_eq!(f.store.appeal_by_source(BJ, "12315", "X-1").await.unwrap(), Some((ticket, foreign)));
    assert_eq!(f.store.appeal_by_source(BJ, "12315", "X-2").await.unwrap(), None);
}

async fn the_worker_finds_what_waits_for_it(kind: Kind) {
    let f = fixture(kind).await;
    for (n, wake) in [(1, Some(30)), (2, Some(10)), (3, None), (4, Some(31))] {
        f.new_ticket(move |c| {
            assert_eq!(c.ticket, number(n));
            c.row.wake_at = wake.map(at);
        })
        .await;
    }
    let tickets = |list: Vec<jiesu_store::StoredTicket>| list.into_iter().map(|t| t.ticket).collect::<Vec<_>>();
    assert_eq!(tickets(f.store.tickets_to_wake(BJ, at(30), None, 10).await.unwrap()), [number(2), number(1)]);
    let first = f.store.tickets_to_wake(BJ, at(30), None, 1).await.unwrap();
    assert_eq!(tickets(first.clone()), [number(2)]);
    assert_eq!(tickets(f.store.tickets_to_wake(BJ, at(30), first.first(), 10).await.unwrap()), [number(1)]);
}

async fn streams_pass_each_row_once(kind: Kind) {
    let f = fixture(kind).await;
    for _ in 0..11 {
        f.new_ticket(|_| {}).await;
    }
    let (mut after, mut seen) = (None::<String>, Vec::new());
    loop {
        let chunk = f.store.tickets_stream(BJ, after.as_deref(), 4).await.unwrap();
        let Some(last) = chunk.last() else { break };
        after = Some(last.head.ticket.clone());
        seen.extend(chunk.into_iter().map(|t| t.head.ticket));
    }
    assert_eq!(seen, (1..=11).map(number).collect::<Vec<_>>());
    let seqs: Vec<i64> = f.store.journal_after(BJ, 3, 5).await.unwrap().iter().map(|e| e.seq).collect();
    assert_eq!(seqs, [4, 5, 6, 7, 8]);
}

/// Opened to look at it, a database gives what it holds and takes nothing.
async fn a_database_opened_to_read_is_not_written(kind: Kind) {
    let f = fixture(kind).await;
    let open = f.new_ticket(|_| {}).await;
    let put_away = f.new_ticket(|c| c.row.state = "archived".into()).await;
    let dir = f.db.location().to_owned();
    // Beside a process that has it open.
    let beside = Store::open_read_only(&dir, StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
    let numbers = |list: Vec<TicketWithBody>| list.into_iter().map(|t| t.head.ticket).collect::<Vec<_>>();
    let all = numbers(beside.tickets_stream(BJ, None, 10).await.unwrap());
    assert_eq!(all, [open.clone(), put_away.clone()]);
    let without = |after: Option<String>| {
        let beside = beside.clone();
        async move { numbers(beside.tickets_stream_without(BJ, "archived", after.as_deref(), 1).await.unwrap()) }
    };
    assert_eq!(without(None).await, std::slice::from_ref(&open));
    assert!(without(Some(open)).await.is_empty());
    assert_eq!(beside.schema_version().await.unwrap(), Store::SCHEMA);
    assert!(matches!(beside.setting_put(BJ, "x", "y").await, Err(StoreError::Closed { .. })));
    assert!(matches!(beside.migrate().await, Err(StoreError::Closed { .. })));
    beside.close().await.unwrap();
    f.store.close().await.unwrap();

    if kind == Kind::Postgres {
        return;
    }
    let file = || std::fs::read(f.db.file()).unwrap();
    let before = file();
    let alone = Store::open_read_only(&dir, StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
    assert_eq!(numbers(alone.tickets_stream(BJ, None, 10).await.unwrap()).len(), 2);
    alone.close().await.unwrap();
    assert!(before == file());

    let none = f.db.dir().join("none");
    assert!(
        Store::open_read_only(none.to_str().unwrap(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.is_err()
    );
    assert!(!none.exists());
}

on_both! {
    a_ticket_reads_back_as_it_was_written,
    the_caller_s_history_is_there,
    appeals_are_found_by_code_and_by_source,
    the_worker_finds_what_waits_for_it,
    streams_pass_each_row_once,
    a_database_opened_to_read_is_not_written,
}
