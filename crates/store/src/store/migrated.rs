//! A database that went through every version with a centre in it is the one that a new centre gets.
#![allow(clippy::unwrap_used)] // a test says what it expects by failing

use jiesu_testkit::{Kind, TestDb, on_both};

use super::{MIGRATIONS, Store, StoreOptions};

/// How many steps the first schema had: tables, and what each database has of its own.
const FIRST: usize = 2;

/// A centre as the first schema held it: a row in every table, a ticket with its two units, and what later steps count.
const CENTRE: &str = "
INSERT INTO jurisdiction VALUES ('bj', '北京市', NULL);
INSERT INTO unit VALUES ('bj', 'a', '甲局', 'department', NULL, 1);
INSERT INTO account VALUES ('bj', 'seat', 'seat', '座席', 'seat', NULL, 'x', 1);
INSERT INTO session VALUES ('bj', 't', 'seat', 1, 1, 2);
INSERT INTO person (jurisdiction, person, phone) VALUES ('bj', 'p', '13900001234');
INSERT INTO journal VALUES ('bj', 1, 'BJ-1', 1, 1, 'seat', 'registered', '{}', '0', 'h');
INSERT INTO ticket (jurisdiction, ticket, version, state, kind, title, channel, urgent, confidential, lead, registered_at,
    overdue, supervised, provisional, updated_at, doc, body)
  VALUES ('bj', 'BJ-1', 1, 'in-hand', 'help', '路灯不亮', 'phone', 0, 0, 'a', 57600000000, 0, 0, 0, 1, 1, '{}'),
    ('bj', 'BJ-2', 1, 'registered', 'help', '路灯不亮', 'phone', 0, 0, NULL, 57599999999, 0, 0, 0, 1, 2, '{}');
INSERT INTO ticket_unit VALUES ('bj', 'BJ-1', 'a', 'lead'), ('bj', 'BJ-1', 'b', 'copy');
INSERT INTO clock VALUES ('bj', 'BJ-1', '1', 'handle', 'a', 9, 'running', 0);
INSERT INTO appeal (jurisdiction, ticket, appeal, person, channel, received_at, query_code)
  VALUES ('bj', 'BJ-1', '1', 'p', 'phone', 1, '123456');
INSERT INTO outbox (jurisdiction, id, ticket, kind, payload, state, next_at) VALUES ('bj', 1, 'BJ-1', 'k', '{}', 'pending', 1);
INSERT INTO idempotency VALUES ('bj', 'seat', 'key-0001', 'BJ-1', 1, 1);
INSERT INTO counter VALUES ('bj', 'number:20260430', 1), ('', 'doc', 2);
INSERT INTO access_log VALUES ('bj', 7, 1, 'seat', 'BJ-1', 'appellant:1', '核实');
INSERT INTO setting VALUES ('bj', 'calendar', 'v1');";

/// Everything that the catalogue of a database knows: tables and columns, keys and checks, indexes, triggers.
const SCHEMA: [&str; 2] = [
    "SELECT type, name, tbl_name, COALESCE(sql, '') FROM sqlite_master WHERE name NOT LIKE '%sqlx%' ORDER BY 1, 2",
    "SELECT 'column', table_name || '.' || column_name, ordinal_position::text, data_type || ' ' || is_nullable || ' ' ||
       COALESCE(column_default, '') || ' ' || COALESCE(generation_expression, '')
     FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE '%sqlx%' UNION ALL
     SELECT 'index', indexname, tablename, REPLACE(indexdef, current_schema() || '.', '')
     FROM pg_indexes WHERE schemaname = current_schema() AND tablename NOT LIKE '%sqlx%' UNION ALL
     SELECT 'constraint', conname, conrelid::regclass::text, pg_get_constraintdef(oid)
     FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND conname NOT LIKE '%sqlx%' UNION ALL
     SELECT 'trigger', tgname, tgrelid::regclass::text, REPLACE(pg_get_triggerdef(t.oid), current_schema() || '.', '')
     FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace
     UNION ALL SELECT 'function', proname, '', prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
     ORDER BY 1, 2, 3",
];

async fn migrated_equals_fresh(kind: Kind) {
    let (db, fresh) = (TestDb::new(kind).await, TestDb::new(kind).await);
    let open =
        async |db: &TestDb| Store::open(db.location(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
    let store = open(&db).await;
    for steps in FIRST..=MIGRATIONS.len() {
        store.migrate_by(&MIGRATIONS[..steps]).await.unwrap();
        if steps == FIRST {
            db.run(CENTRE).await.unwrap();
        }
    }
    // What was plain is sealed by the time anybody works on it.
    store.migrate().await.unwrap();
    assert_eq!(store.person("bj", "p").await.unwrap().unwrap().phone.as_deref(), Some("13900001234"));
    assert_eq!(store.persons_by_phone("bj", "+86 139-0000-1234").await.unwrap().len(), 1);
    assert!(store.appeal_by_code("bj", "BJ-1", "123456").await.unwrap().is_some());
    assert_eq!(store.ticket("bj", "BJ-1").await.unwrap().unwrap().body, "{}", "as it was");
    assert_eq!(db.rows("SELECT COUNT(*) FROM person WHERE phone LIKE '%1390000%' OR phone IS NULL").await, ["0"]);
    let new = open(&fresh).await;
    new.migrate().await.unwrap();
    let schema = SCHEMA[kind as usize];
    let (there, wanted) = (db.rows(schema).await, fresh.rows(schema).await);
    assert!(wanted.len() > 30, "{wanted:?}");
    assert_eq!(there, wanted);

    // What stood there stands there, and what is derived of it is there too.
    assert_eq!(db.rows("SELECT unit, part FROM ticket_unit ORDER BY unit").await, ["a|lead", "b|copy"]);
    assert_eq!(
        db.rows("SELECT seq, at, who, kind, subject, reason, detail FROM audit").await,
        ["1|1|seat|revealed|BJ-1|核实|{\"what\":\"appellant:1\"}"],
        "who opened what stands in the audit journal"
    );
    // The first second of 2 January 1970 in China, and the last before it.
    let cells = "SELECT day, unit, kind, state, tickets FROM tally ORDER BY day";
    assert_eq!(db.rows(cells).await, ["0||help|registered|1", "1|a|help|in-hand|1"]);
    assert_eq!(store.tally_faults("bj").await.unwrap(), []);
    for table in crate::schema::TABLES.iter().filter(|t| CENTRE.contains(&format!("INTO {} ", t.name))) {
        let rows = db.rows(&format!("SELECT COUNT(*) FROM {}", table.name)).await;
        assert_ne!(rows, ["0"], "{} lost its rows", table.name);
    }
}

on_both! { migrated_equals_fresh }
