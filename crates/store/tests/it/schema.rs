//! The schema itself: migrations, keys, triggers.

use std::path::Path;

use jiesu_store::{Store, StoreError, StoreOptions};
use jiesu_testkit::{Kind, TestDb, on_both};

use crate::fixture::{BJ, fixture, number, open};

/// Our tables: without SQLite's, sqlx's and the shadow tables of the full-text index.
const TABLES: [&str; 2] = [
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%sqlx%' \
     AND name NOT LIKE 'ticket_terms%' ORDER BY name",
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE '%sqlx%' ORDER BY 1",
];

/// Table and first column of every primary key, unique key and foreign key, and for these the column that it points to.
const KEYS: [&str; 2] = [
    "SELECT m.name, i.origin, c.name, '' FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c \
     WHERE m.type = 'table' AND i.\"unique\" = 1 AND c.seqno = 0 UNION ALL \
     SELECT m.name, 'f', k.\"from\", k.\"to\" FROM sqlite_master m, pragma_foreign_key_list(m.name) k \
     WHERE m.type = 'table' AND k.seq = 0",
    "SELECT t.relname, CASE WHEN i.indisprimary THEN 'pk' ELSE 'u' END, a.attname, '' FROM pg_index i \
     JOIN pg_class t ON t.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0] \
     WHERE i.indisunique AND t.relnamespace = current_schema()::regnamespace UNION ALL \
     SELECT t.relname, 'f', a.attname, b.attname FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid \
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] \
     JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1] \
     WHERE k.contype = 'f' AND t.relnamespace = current_schema()::regnamespace",
];

async fn migrating_is_idempotent_and_knows_its_version(kind: Kind) {
    let db = TestDb::new(kind).await;
    let store = open(&db).await;
    assert_eq!(store.schema_version().await.unwrap(), 0);
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.schema_version().await.unwrap(), Store::SCHEMA);
    let zero = if kind == Kind::Sqlite { "x'00'" } else { "'\\x00'" };
    db.run(&format!("UPDATE _sqlx_migrations SET checksum = {zero} WHERE version = 1")).await.unwrap();
    assert!(matches!(store.migrate().await, Err(StoreError::Migrate { .. })), "an edited migration is noticed");
}

async fn every_key_begins_with_the_jurisdiction(kind: Kind) {
    let f = fixture(kind).await;
    let tables = f.db.rows(TABLES[kind as usize]).await;
    assert_eq!(tables.len(), if kind == Kind::Sqlite { 47 } else { 48 }, "{tables:?}");
    let keys = f.db.rows(KEYS[kind as usize]).await;
    for table in &tables {
        assert!(keys.iter().any(|k| k.starts_with(&format!("{table}|pk|"))), "{table} has a primary key");
    }
    for key in keys.iter().filter(|k| !k.contains("sqlx") && !k.contains("ticket_terms_")) {
        assert!(key.ends_with("|jurisdiction|") || key.ends_with("|f|jurisdiction|jurisdiction"), "{key}");
    }
}

#[tokio::test]
async fn the_shared_part_of_the_schema_speaks_no_dialect() {
    let sql = [
        include_str!("../../migrations/0001_schema.sql"),
        include_str!("../../migrations/0003_parts.sql"),
        include_str!("../../migrations/0004_inbox.sql"),
        include_str!("../../migrations/0005_access_counter.sql"),
        include_str!("../../migrations/0006_tally.sql"),
        include_str!("../../migrations/0007_lease.sql"),
        include_str!("../../migrations/0008_attachment.sql"),
        include_str!("../../migrations/0009_no_lease.sql"),
        include_str!("../../migrations/0010_lean.sql"),
        include_str!("../../migrations/0012_ranges.sql"),
        include_str!("../../migrations/0013_kinds.sql"),
        include_str!("../../migrations/0015_log_in.sql"),
        include_str!("../../migrations/0016_sealed.sql"),
        include_str!("../../migrations/0017_organisation.sql"),
        include_str!("../../migrations/0019_no_access_log.sql"),
        include_str!("../../migrations/0022_duty.sql"),
        include_str!("../../migrations/0023_learned.sql"),
        include_str!("../../migrations/0026_told.sql"),
        include_str!("../../migrations/0027_knowledge.sql"),
    ];
    let sql = sql.concat().to_uppercase();
    for word in [
        "AUTOINCREMENT",
        "ROWID,",
        "STRICT",
        "PRAGMA",
        "VIRTUAL",
        "RAISE",
        "STRFTIME",
        "DATETIME",
        "IFNULL",
        "JSONB",
        "SERIAL",
        "$$",
    ] {
        assert!(!sql.contains(word), "{word}");
    }
}

/// The places where one text of SQL does not do for both databases. Each is explained in the head of the crate.
#[test]
fn the_exceptions_are_counted() {
    let mut places = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()) {
            if file.is_dir() {
                folders.push(file);
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let asks = text.lines().filter(|l| l.contains("dialect().pick(") || l.contains("match dialect"));
            let asks = asks.chain(text.lines().filter(|l| l.contains("dialect") && l.contains("== Dialect::")));
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            places.extend(asks.map(|_| name.clone()));
        }
    }
    places.sort();
    let counted = [
        "fill.rs",
        "list.rs",
        "outbox.rs",
        "plan.rs",
        "reindex.rs",
        "reindex.rs",
        "ring.rs",
        "roles.rs",
        "roles.rs",
        "roles.rs",
        "rotate.rs",
        "sql.rs",
        "sql.rs",
        "sql.rs",
        "sql.rs",
        "sql.rs",
        "store.rs",
        "terms.rs",
        "verify.rs",
    ];
    assert_eq!(places, counted, "explain it in the head of the crate, and count it here");
}

async fn the_journal_refuses_update_and_delete(kind: Kind) {
    let f = fixture(kind).await;
    f.new_ticket(|_| {}).await;
    let last = match kind {
        Kind::Sqlite => "INSERT OR REPLACE INTO journal SELECT * FROM journal",
        Kind::Postgres => "TRUNCATE journal",
    };
    for sql in ["UPDATE journal SET actor = 'x'", "DELETE FROM journal", last] {
        let refused = f.db.run(sql).await.unwrap_err();
        assert!(refused.to_string().contains("append only"), "{sql}: {refused}");
    }
    assert_eq!(f.store.journal(BJ, &number(1)).await.unwrap().len(), 1);
    assert_eq!(f.store.verify_chain(BJ, |_, _| {}).await.unwrap().fault, None);
}

#[tokio::test]
async fn a_file_has_a_write_ahead_log() {
    let f = fixture(Kind::Sqlite).await;
    assert_eq!(f.db.rows("PRAGMA journal_mode").await, ["wal"]);
}

async fn what_belongs_to_nothing_is_refused(kind: Kind) {
    let session = jiesu_store::Session::open("t".into(), "nobody".into(), crate::fixture::at(0), 1);
    let refused = fixture(kind).await.store.session_put(BJ, &session, 5).await;
    assert!(matches!(refused, Err(StoreError::Constraint { .. })), "{refused:?}");
}

#[tokio::test]
async fn an_address_that_cannot_be_is_refused_without_repeating_it() {
    for location in ["mysql://jiesu:geheim@localhost/x", "postgres://jiesu:geheim@localhost:notaport/x"] {
        let refused = Store::open(location, StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Invalid { .. }), "{refused:?}");
        assert!(!format!("{refused} {refused:?}").contains("geheim"));
        assert!(!std::path::Path::new(location).exists(), "a folder was left behind");
    }
    let nobody = "postgres://jiesu:geheim@127.0.0.1:1/x";
    let refused = Store::open(nobody, StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable { .. }), "{refused:?}");
    assert!(!format!("{refused} {refused:?}").contains("geheim"));
}

on_both! {
    migrating_is_idempotent_and_knows_its_version,
    every_key_begins_with_the_jurisdiction,
    the_journal_refuses_update_and_delete,
    what_belongs_to_nothing_is_refused,
}
