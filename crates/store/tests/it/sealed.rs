//! What is personal is sealed wherever it stands; keys change while everybody works; what was erased cannot be read any more.

use std::time::Duration;

use jiesu_store::{AttachmentRow, Incoming, KeyError, NewEvent, PersonRow, Store, StoreError, StoreOptions};
use jiesu_testkit::{Kind, MASTER, TestDb, on_both};

use crate::fixture::{BJ, Fixture, appeal, at, done, fixture, message, new_job, next_job, number};

/// Everything that somebody might know of a person or have written; made up.
const SECRETS: [&str; 12] = [
    "测试人张三丰",
    "13900001234",
    "010-88886666",
    "测试有限公司",
    "zhangsanfeng@example.com",
    "测试路一号三单元",
    "11010519491231002X",
    "openid-of-nobody",
    "83746251",
    "张三丰的身份证.jpg",
    "楼上漏水三个月无人管",
    "不满意一直没修",
];

fn whole_person(key: &str) -> PersonRow {
    let of = |n: usize| Some(SECRETS[n].to_owned());
    PersonRow {
        person: key.into(),
        name: of(0),
        sex: Some("女".into()),
        organisation: of(3),
        phone: of(1),
        contact_phone: of(2),
        email: of(4),
        address: of(5),
        id_number: of(6),
        external_id: of(7),
    }
}

fn file() -> AttachmentRow {
    AttachmentRow {
        file: 1,
        content: "c1".into(),
        name: Some(SECRETS[9].into()),
        media: "image/jpeg".into(),
        size: 1,
        sm3: "0".repeat(64),
        account: "seat".into(),
        at: at(1),
        state: "clean".into(),
    }
}

/// A ticket with all of it: person, code, file, journal, body, message, and a message that came in.
async fn filled(f: &Fixture) -> String {
    let written = serde_json::json!({ "event": "registered", "content": SECRETS[10] }).to_string();
    let ticket = f
        .new_ticket(move |c| {
            c.persons = vec![whole_person("p1")];
            c.appeals = vec![appeal("1", "p1", SECRETS[8])];
            c.attachments = vec![file()];
            c.events = vec![NewEvent { kind: "registered".into(), payload: written.clone() }];
            c.body = written.clone();
            c.outbox = vec![jiesu_store::NewOutbox { payload: written, ..message(5) }];
        })
        .await;
    let incoming = Incoming {
        id: "m1".into(),
        at: at(6),
        ticket: Some(ticket.clone()),
        person: Some(whole_person("p2")),
        text: SECRETS[11].into(),
        outcome: "taken".into(),
    };
    let answer = jiesu_store::NewOutbox { payload: format!("{{\"said\":\"{}\"}}", SECRETS[11]), ..message(7) };
    assert!(f.store.incoming_put(BJ, &incoming, Some((&ticket, &answer))).await.unwrap());
    ticket
}

/// All of it as it is read.
async fn read(store: &Store, ticket: &str) -> String {
    let outbox = store.outbox(BJ, &Default::default(), None, 100).await.unwrap().items;
    let journal = store.journal(BJ, ticket).await.unwrap();
    let person = store.person(BJ, "p1").await.unwrap().unwrap();
    format!(
        "{} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {} {:?} {:?} {:?}",
        person.person,
        person.name,
        person.phone,
        person.contact_phone,
        (person.sex, person.organisation, person.external_id),
        (person.email, person.address, person.id_number),
        store.appeals(BJ, ticket).await.unwrap().iter().map(|a| a.query_code.clone()).collect::<Vec<_>>(),
        store.attachments(BJ, ticket).await.unwrap().iter().map(|a| a.name.clone()).collect::<Vec<_>>(),
        journal.iter().map(|e| e.payload.clone()).collect::<Vec<_>>(),
        store.ticket(BJ, ticket).await.unwrap().unwrap().body,
        outbox.iter().map(|o| o.payload.clone()).collect::<Vec<_>>(),
        store.tickets_by_phone(BJ, "139 0000 1234", 9).await.unwrap().len(),
        store.persons_by_id_number(BJ, SECRETS[6]).await.unwrap().len(),
    )
}

const TABLES: [&str; 2] = [
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlx%' ORDER BY name",
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE '%sqlx%' ORDER BY 1",
];

/// Every column of every table as text.
async fn dump(db: &TestDb) -> String {
    let mut all = String::new();
    for table in db.rows(TABLES[db.kind as usize]).await {
        let sql = match db.kind {
            Kind::Sqlite if table.starts_with("ticket_terms") => continue, // its bytes are looked at with the file's
            Kind::Sqlite => format!("SELECT * FROM {table}"),
            Kind::Postgres => format!("SELECT CAST(ROW(x.*) AS TEXT) FROM {table} x"),
        };
        all += &db.rows(&sql).await.join("\n");
    }
    all
}

async fn nothing_personal_stands_in_any_column_nor_in_the_file(kind: Kind) {
    let f = fixture(kind).await;
    let ticket = filled(&f).await;
    let (rows, as_read) = (dump(&f.db).await, read(&f.store, &ticket).await);
    for secret in SECRETS {
        assert!(!rows.contains(secret), "{secret} stands in a row");
    }
    for secret in &SECRETS[..11] {
        assert!(as_read.contains(secret), "{secret} is read: {as_read}");
    }
    f.store.close().await.unwrap();
    if kind == Kind::Sqlite {
        let mut bytes = Vec::new();
        for file in std::fs::read_dir(f.db.dir()).unwrap() {
            bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
        }
        for secret in SECRETS {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret} stands in the file");
        }
    }
}

async fn a_value_that_was_moved_or_changed_does_not_open(kind: Kind) {
    for change in [
        "UPDATE person SET name = (SELECT p.name FROM person p WHERE p.person = 'p2') WHERE person = 'p1'",
        "UPDATE person SET phone = contact_phone WHERE person = 'p1'",
        "UPDATE person SET name = '测试' WHERE person = 'p1'",
        "UPDATE person SET name = REPLACE(name, '1.', '2.') WHERE person = 'p1'",
    ] {
        let f = fixture(kind).await;
        filled(&f).await;
        f.tamper(change).await;
        let refused = f.store.person(BJ, "p1").await.unwrap_err();
        assert!(matches!(refused, StoreError::Key { .. }), "{change}: {refused:?}");
        for secret in SECRETS {
            assert!(!format!("{refused} {refused:?}").contains(secret));
        }
    }
    let f = fixture(kind).await;
    let (one, two) = (filled(&f).await, f.new_ticket(|_| {}).await);
    f.tamper(&format!(
        "UPDATE ticket SET body = (SELECT t.body FROM ticket t WHERE t.ticket = '{one}') WHERE ticket = '{two}'"
    ))
    .await;
    let moved = f.store.ticket(BJ, &two).await.unwrap_err();
    assert!(matches!(moved, StoreError::Key { source: KeyError::Damaged, .. }), "{moved:?}");
    f.tamper(&format!(
        "UPDATE ticket SET secret = (SELECT t.secret FROM ticket t WHERE t.ticket = '{one}') WHERE ticket = '{two}'"
    ))
    .await;
    assert!(f.store.ticket(BJ, &two).await.is_err(), "nor with the key that belongs to it");
}

async fn without_the_master_key_nothing_is_read_or_written(kind: Kind) {
    let f = fixture(kind).await;
    let ticket = filled(&f).await;
    let before = dump(&f.db).await;
    for options in [StoreOptions::default(), StoreOptions::with_key([9; 16])] {
        let other = Store::open(f.db.location(), options).await.unwrap();
        assert!(matches!(other.unlock().await, Err(StoreError::Key { .. })));
        assert!(matches!(other.person(BJ, "p1").await, Err(StoreError::Key { .. })));
        assert!(matches!(other.ticket(BJ, &ticket).await, Err(StoreError::Key { .. })));
        let refused = other.append(new_job(BJ, |_| {})).await;
        assert!(matches!(refused, Err(StoreError::Key { .. })), "{refused:?}");
        assert!(matches!(other.person_put(BJ, &whole_person("p3")).await, Err(StoreError::Key { .. })));
        assert_eq!(other.verify_chain(BJ, |_, _| {}).await.unwrap().fault, None, "the chain is checked without keys");
        other.close().await.unwrap();
    }
    assert_eq!(dump(&f.db).await, before);
}

/// Writers are at work while the key is replaced and rows are sealed anew by two processes, one of which ends in the middle.
async fn keys_are_rotated_under_writers(kind: Kind) {
    let f = fixture(kind).await;
    let mut tickets = vec![filled(&f).await];
    for n in 0..150 {
        tickets.push(f.new_ticket(move |c| c.persons = vec![whole_person(&format!("q{n}"))]).await);
    }
    let other = f.open().await;
    let writing = tokio::spawn({
        let (store, tickets) = (other.clone(), tickets.clone());
        async move {
            for (n, ticket) in tickets.iter().enumerate() {
                done(store.append(next_job(ticket, 1, |_| {})).await);
                done(store.append(new_job(BJ, move |c| c.persons = vec![whole_person(&format!("w{n}"))])).await);
                store.person_put(BJ, &whole_person(&format!("q{n}"))).await.unwrap();
            }
        }
    });
    assert_eq!(f.store.rotate(BJ).await.unwrap(), 2);
    assert!(f.store.rotate(BJ).await.is_err(), "one after the other");
    // In the middle of a table.
    while f.store.resealing(BJ).await.unwrap().unwrap().rows < 100 {
        assert!(f.store.reseal(BJ, 20).await.unwrap());
    }
    f.store.close().await.unwrap();
    // Another process goes on where that one ended.
    let third = f.open().await;
    assert!(third.resealing(BJ).await.unwrap().unwrap().rows < 300);
    third.reseal_all(BJ, Duration::from_millis(1)).await.unwrap();
    writing.await.unwrap();
    let left = "SELECT COUNT(*) FROM person WHERE name LIKE '1.%'";
    assert_eq!(f.db.rows(left).await, ["0"], "nothing is left under the old key, whoever wrote it when");
    for (table, column) in [("ticket", "secret"), ("appeal", "query_code"), ("attachment", "name"), ("inbox", "text")] {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} NOT LIKE '2.%'");
        assert_eq!(f.db.rows(&sql).await, ["0"], "{table}.{column}");
    }
    let keys = third.keys(BJ).await.unwrap();
    assert_eq!(keys.iter().map(|k| (k.version, k.retired_at.is_some())).collect::<Vec<_>>(), [(1, true), (2, false)]);
    for store in [&third, &other] {
        let all = read(store, &tickets[0]).await;
        for secret in &SECRETS[..11] {
            assert!(all.contains(secret), "{secret}: {all}");
        }
        assert_eq!(store.persons_by_phone(BJ, SECRETS[1]).await.unwrap().len(), 100, "at most; all are found");
    }
    assert_eq!(third.verify_chain(BJ, |_, _| {}).await.unwrap().fault, None);
    assert_eq!(third.rotate(BJ).await.unwrap(), 3, "and again");
}

/// A new master key: the same data keys, and the old one opens nothing any more.
async fn data_keys_go_under_a_new_master_key(kind: Kind) {
    let f = fixture(kind).await;
    let ticket = filled(&f).await;
    let as_read = read(&f.store, &ticket).await;
    let new = [42; 16];
    let both = std::sync::Arc::new(jiesu_store::LocalKeys::new(&[new, MASTER]));
    let options = StoreOptions { master: Some(both), ..StoreOptions::default() };
    let store = Store::open(f.db.location(), options).await.unwrap();
    assert_eq!(store.rewrap().await.unwrap(), 2, "both jurisdictions");
    assert_eq!(store.rewrap().await.unwrap(), 0, "and once more does nothing");
    // A process that runs goes on with what it knows; one that starts needs the new one.
    done(f.store.append(new_job(BJ, |_| {})).await);
    let old = Store::open(f.db.location(), StoreOptions::with_key(MASTER)).await.unwrap();
    assert!(matches!(old.unlock().await, Err(StoreError::Key { source: KeyError::OtherMaster { .. }, .. })));
    let alone = Store::open(f.db.location(), StoreOptions::with_key(new)).await.unwrap();
    alone.unlock().await.unwrap();
    assert_eq!(read(&alone, &ticket).await, as_read);
}

/// The key goes, and with it everything; what is left is the last event and what the caller leaves in the row.
async fn what_was_erased_cannot_be_read_and_the_chain_is_whole(kind: Kind) {
    let f = fixture(kind).await;
    let ticket = filled(&f).await;
    let other = f.new_ticket(|c| c.terms = Some("漏水".into())).await;
    let head = f.store.verify_chain(BJ, |_, _| {}).await.unwrap();
    f.next(&ticket, 1, |c| {
        c.events = vec![NewEvent { kind: "erased".into(), payload: r#"{"event":"erased"}"#.into() }];
        c.body = r#"{"left":1}"#.into();
        c.terms = Some(String::new());
        c.forget = true;
    })
    .await;
    let journal = f.store.journal(BJ, &ticket).await.unwrap();
    let payloads: Vec<Option<&str>> = journal.iter().map(|e| e.payload.as_deref()).collect();
    assert_eq!(payloads, [None, Some(r#"{"event":"erased"}"#)]);
    assert_eq!(f.store.ticket(BJ, &ticket).await.unwrap().unwrap().body, r#"{"left":1}"#);
    assert_eq!(f.db.rows(&format!("SELECT secret FROM ticket WHERE ticket = '{ticket}'")).await, [""]);
    assert_eq!(f.store.attachments(BJ, &ticket).await.unwrap()[0].name, None);
    assert!(f.store.outbox(BJ, &Default::default(), None, 9).await.unwrap().items.iter().all(|m| m.payload == "{}"));
    assert_eq!(f.db.rows("SELECT text FROM inbox").await, [""]);
    assert_eq!(
        f.store.person(BJ, "p1").await.unwrap(),
        Some(PersonRow { person: "p1".into(), ..PersonRow::default() })
    );
    // The key of another ticket, or an older copy of this one's row, brings nothing back by itself.
    assert_eq!(f.store.journal(BJ, &other).await.unwrap()[0].payload.as_deref(), Some(r#"{"n":1}"#));
    let after = f.store.verify_chain(BJ, |_, _| {}).await.unwrap();
    assert_eq!((after.entries, after.fault), (head.entries + 1, None));
    // Whatever still happens to it stays readable: there is no key to seal it by.
    f.next(&ticket, 2, |_| {}).await;
    assert_eq!(f.store.journal(BJ, &ticket).await.unwrap()[2].payload.as_deref(), Some(r#"{"n":1}"#));
    // Sealing anew passes by it.
    f.store.rotate(BJ).await.unwrap();
    f.store.reseal_all(BJ, Duration::ZERO).await.unwrap();
    assert_eq!(f.store.journal(BJ, &ticket).await.unwrap()[0].payload, None);
    assert_eq!(number(1), ticket);
}

async fn a_value_of_ones_own_is_sealed_for_its_place(kind: Kind) {
    let f = fixture(kind).await;
    let place = ("account", &["s1"][..], "totp");
    let sealed = f.store.seal(BJ, place, "JBSWY3DPEHPK3PXP").await.unwrap();
    assert!(!sealed.contains("JBSWY3DPEHPK3PXP"));
    assert_eq!(f.store.unseal(BJ, place, &sealed).await.unwrap(), "JBSWY3DPEHPK3PXP");
    for elsewhere in [("account", &["s2"][..], "totp"), ("account", &["s1"][..], "name")] {
        assert!(f.store.unseal(BJ, elsewhere, &sealed).await.is_err());
    }
    assert!(f.store.unseal("sh", place, &sealed).await.is_err());
}

on_both! {
    nothing_personal_stands_in_any_column_nor_in_the_file,
    a_value_that_was_moved_or_changed_does_not_open,
    without_the_master_key_nothing_is_read_or_written,
    keys_are_rotated_under_writers,
    data_keys_go_under_a_new_master_key,
    what_was_erased_cannot_be_read_and_the_chain_is_whole,
    a_value_of_ones_own_is_sealed_for_its_place,
}
