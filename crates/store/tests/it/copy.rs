//! A copy is the same centre: every row, the chain, the search, and it goes on where the other stood.

use jiesu_store::{Account, ListFilter, Session, Sort, Store, StoreError};
use jiesu_testkit::{Kind, TestDb};

use crate::audit::audited;
use crate::fixture::{BJ, Fixture, appeal, at, done, fixture, message, new_job, number, open, person};

/// Tables and the columns to compare: all but those that each database counts for itself.
const TABLES: [&str; 17] = [
    "jurisdiction",
    "unit",
    "account",
    "session",
    "person",
    "journal",
    "ticket_unit",
    "appeal",
    "outbox",
    "inbox",
    "idempotency",
    "audit",
    "audit_pruned",
    "anchor",
    "setting",
    "tally",
    "counter",
];

async fn filled(kind: Kind) -> Fixture {
    let f = fixture(kind).await;
    for n in 0..1_200_i64 {
        if n == 700 {
            done(f.store.append(new_job("sh", |c| c.terms = Some("停水".into()))).await);
        }
        if n % 400 == 0 {
            let mut job = new_job(BJ, move |c| {
                c.persons = vec![person(&format!("p{n}"), "13800000000")];
                c.appeals = vec![appeal("1", &format!("p{n}"), "123456")];
                c.units = vec![("a".into(), "lead".into())];
                c.outbox = vec![message(n)];
                c.row.next_due = Some(at(n));
                c.terms = Some("暖气 不热".into());
            });
            job.idempotency = Some(("web".into(), n.to_string()));
            done(f.store.append(job).await);
        } else {
            let store = f.store.clone();
            done(store.append(new_job(BJ, |_| {})).await);
        }
    }
    let account = Account {
        account: "s1".into(),
        login: "s1".into(),
        name: "张".into(),
        role: "seat".into(),
        unit: None,
        active: true,
    };
    f.store.account_put(BJ, &account).await.unwrap();
    f.store.password_put(BJ, "s1", "$argon2id$first", at(1), true, 5).await.unwrap();
    f.store.password_put(BJ, "s1", "$argon2id$second", at(2), false, 5).await.unwrap();
    f.store.session_put(BJ, &Session::open("t".into(), "s1".into(), at(1), 1), 5).await.unwrap();
    f.store.audit_append(BJ, &[audited(1, "s1"), audited(2, "s1")]).await.unwrap();
    f.store.setting_put(BJ, "empty", "").await.unwrap();
    f
}

/// A stand-in for what the server makes of a ticket's body.
fn terms(_: &str) -> Option<String> {
    Some("暖气 不热".into())
}

async fn rows(db: &TestDb) -> Vec<(&'static str, Vec<String>)> {
    let mut all = Vec::new();
    for table in TABLES {
        let which = if table == "counter" { "WHERE name <> 'doc'" } else { "" };
        let mut rows = db.rows(&format!("SELECT * FROM {table} {which}")).await;
        rows.sort();
        all.push((table, rows));
    }
    let columns = "jurisdiction, ticket, version, state, title, urgent, next_due, due_order, updated_at, body";
    all.push(("ticket", db.rows(&format!("SELECT {columns} FROM ticket ORDER BY jurisdiction, ticket")).await));
    all
}

async fn copied(from: Kind, to: Kind) {
    let f = filled(from).await;
    let db = TestDb::new(to).await;
    let store = open(&db).await;
    store.migrate().await.unwrap();
    let copied = f.store.copy_to(&store, &terms, |_, _| {}).await.unwrap();
    assert_eq!((copied.rows["ticket"], copied.rows["journal"], copied.rows["person"]), (1_201, 1_201, 3));
    for (mine, theirs) in rows(&f.db).await.into_iter().zip(rows(&db).await) {
        assert!(mine == theirs, "{}: {} and {} rows", mine.0, mine.1.len(), theirs.1.len());
    }
    for place in [BJ, "sh"] {
        let (here, there) = (
            f.store.verify_chain(place, |_, _| {}).await.unwrap(),
            store.verify_chain(place, |_, _| {}).await.unwrap(),
        );
        assert_eq!(here, there);
        assert_eq!(there.fault, None);
        assert_eq!(store.tally_faults(place).await.unwrap(), []);
    }
    if to == Kind::Postgres {
        // It plans by what there is, from the first question on.
        let known = "SELECT reltuples::BIGINT::TEXT FROM pg_class WHERE oid = 'journal'::regclass";
        assert_eq!(db.rows(known).await, ["1201"]);
    }
    goes_on(&store).await;
    let again = f.store.copy_to(&store, &terms, |_, _| {}).await;
    assert!(matches!(again, Err(StoreError::Invalid { .. })), "{again:?}");
}

/// Numbers, search and idempotency continue.
async fn goes_on(store: &Store) {
    let word = ListFilter { terms: vec!["暖气".into()], ..ListFilter::default() };
    assert_eq!(store.tickets(BJ, &word, Sort::Newest, None, 100).await.unwrap().items.len(), 100);
    assert_eq!(done(store.append(new_job(BJ, |c| c.terms = Some("路灯".into()))).await).0, number(1_201));
    assert_eq!(done(store.append(new_job("sh", |c| c.terms = Some("路灯".into()))).await).0, number(2));
    let lamp = ListFilter { terms: vec!["路灯".into()], ..ListFilter::default() };
    assert_eq!(store.tickets(BJ, &lamp, Sort::Newest, None, 100).await.unwrap().items.len(), 1);
    assert_eq!(store.idempotent(BJ, "web", "400").await.unwrap().unwrap().0, number(401));
}

#[tokio::test]
async fn from_a_file_to_a_server() {
    copied(Kind::Sqlite, Kind::Postgres).await;
}

#[tokio::test]
async fn from_a_server_to_a_file() {
    copied(Kind::Postgres, Kind::Sqlite).await;
}

#[tokio::test]
async fn from_a_file_to_a_file() {
    copied(Kind::Sqlite, Kind::Sqlite).await;
}

/// The last table fails; nothing of the others is there.
#[tokio::test]
async fn half_a_copy_is_none() {
    let f = filled(Kind::Sqlite).await;
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let db = TestDb::new(kind).await;
        let store = open(&db).await;
        store.migrate().await.unwrap();
        db.run("DROP TABLE tally").await.unwrap();
        f.store.copy_to(&store, &terms, |_, _| {}).await.unwrap_err();
        assert_eq!(db.rows("SELECT COUNT(*) FROM journal").await, ["0"]);
        assert_eq!(db.rows("SELECT COUNT(*) FROM jurisdiction").await, ["0"]);
    }
}
