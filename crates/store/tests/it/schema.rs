//! The schema itself: migrations, keys, triggers.

use jiesu_store::{Store, StoreError, StoreOptions};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use crate::fixture::{BJ, Fixture, fixture, number};

/// Our tables: without SQLite's, sqlx's and the shadow tables of the full-text index.
async fn tables(raw: &mut SqliteConnection) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
         AND name NOT LIKE '%sqlx%' AND name NOT LIKE 'ticket_terms%' ORDER BY name",
    )
    .fetch_all(raw)
    .await
    .unwrap()
}

#[tokio::test]
async fn migrating_is_idempotent_and_knows_its_version() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().to_str().unwrap(), StoreOptions::default()).await.unwrap();
    assert_eq!(store.schema_version().await.unwrap(), 0);
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.schema_version().await.unwrap(), 4);
    let f = Fixture { store, dir };
    f.tamper("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1").await;
    assert!(matches!(f.store.migrate().await, Err(StoreError::Migrate { .. })), "an edited migration is noticed");
}

#[tokio::test]
async fn every_key_begins_with_the_jurisdiction() {
    let f = fixture().await;
    let mut raw = f.raw().await;
    let tables = tables(&mut raw).await;
    assert_eq!(tables.len(), 16, "{tables:?}");
    for table in &tables {
        let indexes: Vec<(String, String)> =
            sqlx::query_as(AssertSqlSafe(format!("SELECT name, origin FROM pragma_index_list('{table}')")))
                .fetch_all(&mut raw)
                .await
                .unwrap();
        assert!(indexes.iter().any(|(_, origin)| origin == "pk"), "{table} has a primary key");
        for (index, _) in &indexes {
            let first: String = sqlx::query_scalar(AssertSqlSafe(format!(
                "SELECT name FROM pragma_index_info('{index}') WHERE seqno = 0"
            )))
            .fetch_one(&mut raw)
            .await
            .unwrap();
            assert_eq!(first, "jurisdiction", "{table}.{index}");
        }
        let foreign: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT \"from\", \"to\" FROM pragma_foreign_key_list('{table}') WHERE seq = 0"
        )))
        .fetch_all(&mut raw)
        .await
        .unwrap();
        for key in foreign {
            assert_eq!(key, ("jurisdiction".into(), "jurisdiction".into()), "{table}");
        }
    }
}

#[tokio::test]
async fn the_shared_part_of_the_schema_speaks_no_dialect() {
    let sql = [
        include_str!("../../migrations/0001_schema.sql"),
        include_str!("../../migrations/0003_parts.sql"),
        include_str!("../../migrations/0004_inbox.sql"),
    ];
    let sql = sql.concat().to_uppercase();
    for word in ["AUTOINCREMENT", "ROWID,", "STRICT", "PRAGMA", "VIRTUAL", "RAISE", "STRFTIME", "DATETIME", "IFNULL"] {
        assert!(!sql.contains(word), "{word}");
    }
}

#[tokio::test]
async fn the_journal_refuses_update_and_delete() {
    let f = fixture().await;
    f.new_ticket(|_| {}).await;
    let mut raw = f.raw().await;
    for sql in [
        "UPDATE journal SET actor = 'x'",
        "DELETE FROM journal",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal",
    ] {
        let refused = sqlx::query(sql).execute(&mut raw).await;
        assert!(refused.unwrap_err().to_string().contains("append only"), "{sql}");
    }
    assert_eq!(f.store.journal(BJ, &number(1)).await.unwrap().len(), 1);
    assert_eq!(f.store.verify_chain(BJ, |_, _| {}).await.unwrap().fault, None);
}

#[tokio::test]
async fn pragmas_are_as_promised() {
    let f = fixture().await;
    let mut raw = f.raw().await;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut raw).await.unwrap();
    assert_eq!(mode, "wal");
    let account = jiesu_store::Session {
        token_hash: "t".into(),
        account: "nobody".into(),
        created_at: crate::fixture::at(0),
        seen_at: crate::fixture::at(0),
        expires_at: crate::fixture::at(1),
    };
    let refused = f.store.session_put(BJ, &account).await;
    assert!(matches!(refused, Err(StoreError::Constraint { .. })), "foreign keys are on");
}
