//! Whatever byte of the file and whatever row of either database is changed: if a row that the journals prove reads otherwise than before,
//! `verify` says so.

use jiesu_server::{
    app::verify,
    evidence::{Daily, Evidence, SigningKey},
};
use jiesu_store::{Store, StoreError, StoreOptions};
use jiesu_testkit::Kind;
use serde_json::json;
use sqlx::{Connection, Row, SqliteConnection};

use super::{
    harness::{Centre, PLACE, instant},
    knowledge::{lamp, published},
    tamper::force,
};

/// What the journals prove: table, key, and columns (numbers end in `#`).
const PROVED: [(&str, &[&str], &[&str]); 9] = [
    ("journal", &["seq#"], &["seq#", "ticket", "version#", "at#", "actor", "kind", "payload", "hash"]),
    (
        "audit",
        &["seq#"],
        &["seq#", "at#", "who", "role", "kind", "subject", "outcome", "reason", "detail", "origin", "hash"],
    ),
    ("anchor", &["day"], &["day", "at#", "content"]),
    (
        "ticket",
        &["ticket"],
        &[
            "ticket",
            "version#",
            "state",
            "kind",
            "title",
            "channel",
            "urgent#",
            "confidential#",
            "lead",
            "place",
            "registered_at#",
            "next_due#",
            "next_due_clock",
            "next_due_unit",
            "next_due_article",
            "wake_at#",
            "overdue#",
            "supervised#",
            "provisional#",
            "updated_at#",
            "body",
        ],
    ),
    (
        "ticket_unit",
        &["ticket", "unit", "part"],
        &["ticket", "unit", "part", "state", "due_order#", "registered_at#", "kind"],
    ),
    ("appeal", &["ticket", "appeal"], &["ticket", "appeal", "channel", "received_at#"]),
    ("knowledge_journal", &["seq#"], &["seq#", "entry", "version#", "at#", "actor", "kind", "payload", "hash"]),
    (
        "knowledge",
        &["entry"],
        &[
            "entry",
            "version#",
            "unit",
            "section",
            "state",
            "title",
            "ticket",
            "review#",
            "published_at#",
            "renewed_at#",
            "wake_at#",
            "next_due#",
            "next_due_clock",
            "overdue#",
            "wrong#",
            "reported#",
            "found#",
            "updated_at#",
            "body",
        ],
    ),
    ("tally", &["day#", "unit", "kind", "state"], &["day#", "unit", "kind", "state", "tickets#"]),
];

/// Two tickets, two anchors, refused attempts: a row in every table above.
async fn centre() -> Centre {
    let c = Centre::at("2026-04-30 09:00").await;
    let key = SigningKey::make(&c.db.dir().join("anchor.key")).unwrap();
    c.app.keep_evidence(Evidence { key, folder: None });
    c.in_hand(json!({})).await;
    Daily::default().look(&c.app).await;
    c.app.clock.set(instant("2026-05-01 09:00"));
    let n = c.in_hand(json!({ "kind": "complaint" })).await;
    c.get("renshe", &format!("/api/v1/tickets/{n}")).await.problem(404);
    let ask = json!({ "do": "ask", "unit": "chengguan", "question": "路灯不亮找谁修" });
    c.post("knowledge-clerk", "/api/v1/knowledge", ask).await.ok();
    published(&c, lamp(json!({}))).await;
    c.app.audit_settled().await;
    Daily::default().look(&c.app).await;
    c
}

/// The same numbers from the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}

fn seed() -> u64 {
    let seed = std::env::var("FUZZ_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_260_430_u64);
    println!("FUZZ_SEED={seed}");
    seed.max(1)
}

/// Everything that is proved, as it reads in the tables themselves; `None` if it cannot be read.
async fn dump(file: &std::path::Path) -> Option<Vec<String>> {
    let url = format!("sqlite://{}?mode=ro", file.display());
    let mut conn = SqliteConnection::connect(&url).await.ok()?;
    let mut all = Vec::new();
    for (table, _, columns) in PROVED {
        let columns: Vec<String> = columns.iter().map(|c| format!("quote({})", c.trim_end_matches('#'))).collect();
        let sql = format!("SELECT {} FROM {table} NOT INDEXED", columns.join(" || '|' || "));
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut conn).await.ok()?;
        for row in rows {
            let bytes: Vec<u8> = row.try_get_unchecked(0).ok()?;
            all.push(format!("{table} {bytes:?}"));
        }
    }
    all.sort();
    Some(all)
}

/// A row of a dump as it can be read.
fn shown(row: &str) -> String {
    let (table, bytes) = row.split_once(" [").unwrap();
    let bytes: Vec<u8> = bytes.trim_end_matches(']').split(", ").map(|b| b.parse().unwrap()).collect();
    format!("{table}: {}", String::from_utf8_lossy(&bytes))
}

async fn found(store: &Store) -> bool {
    match verify(store, PLACE, |_, _| {}).await {
        Ok(report) => !report.holds(),
        Err(_) => true,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_flipped_byte_of_the_file_that_changes_a_row_is_found() {
    if Kind::chosen() == Kind::Postgres {
        return; // a server's files are its own
    }
    let c = centre().await;
    let whole = c.db.dir().join("whole.db");
    c.db.run(&format!("VACUUM INTO '{}'", whole.display())).await.unwrap();
    let (bytes, expected) = (std::fs::read(&whole).unwrap(), dump(&whole).await.unwrap());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jiesu.db");
    let (mut chance, mut hits) = (Chance(seed()), 0);
    for trial in 0..800 {
        let (at, by) = (chance.below(bytes.len()), u8::try_from(1 + chance.below(255)).unwrap());
        let mut flipped = bytes.clone();
        if trial > 0 {
            flipped[at] ^= by;
        }
        for beside in ["jiesu.db-wal", "jiesu.db-shm"] {
            let _ = std::fs::remove_file(dir.path().join(beside));
        }
        std::fs::write(&file, flipped).unwrap();
        let now = dump(&file).await;
        let changed = now.as_ref().is_none_or(|now| *now != expected);
        let opened =
            Store::open_read_only(dir.path().to_str().unwrap(), StoreOptions::with_key(jiesu_testkit::MASTER)).await;
        let said = match &opened {
            Ok(store) => found(store).await,
            Err(_) => true,
        };
        if let Ok(store) = opened {
            let _ = store.close().await;
        }
        assert!(trial > 0 || !(changed || said), "untouched, and nothing is found");
        let differs = || now.iter().flatten().find(|row| !expected.contains(row)).map(|row| shown(row));
        assert!(said || !changed, "byte {at} changed by {by:#x} was not found: {:?}", differs());
        hits += usize::from(changed);
    }
    assert!(hits > 30, "only {hits} changes met a row: this proves little");
}

/// A column's type that is no text made the driver panic and `verify` wait for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_is_no_text_is_damage() {
    if Kind::chosen() == Kind::Postgres {
        return; // a server's files are its own
    }
    let c = centre().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jiesu.db");
    c.db.run(&format!("VACUUM INTO '{}'", file.display())).await.unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let word = b"kind TEXT NOT NULL";
    let places: Vec<usize> = (0..bytes.len() - word.len()).filter(|at| bytes[*at..].starts_with(word)).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| bytes[at + 5] = 0xff);
    std::fs::write(&file, bytes).unwrap();
    let options = StoreOptions::with_key(jiesu_testkit::MASTER);
    let refused = Store::open_read_only(dir.path().to_str().unwrap(), options).await.unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused}");
}

/// One change to one row, by somebody with all rights, and how it is undone.
fn change(chance: &mut Chance, rows: &[(usize, Vec<String>)]) -> (String, String, String) {
    let (table, row) = &rows[chance.below(rows.len())];
    let (name, key, columns) = PROVED[*table];
    let literal = |place: usize| {
        let (value, number) = (&row[place], columns[place].ends_with('#'));
        match value.as_str() {
            "\u{0}" => "NULL".to_owned(),
            value if number => value.to_owned(),
            value => format!("'{}'", value.replace('\'', "''")),
        }
    };
    let is = |place: usize| format!("{} = {}", columns[place].trim_end_matches('#'), literal(place));
    let this = key.iter().map(|k| is(columns.iter().position(|c| c == k).unwrap())).collect::<Vec<_>>().join(" AND ");
    let place = chance.below(columns.len());
    let column = columns[place].trim_end_matches('#');
    let other = match (columns[place].ends_with('#'), row[place].as_str()) {
        (true, "\u{0}") => "7".to_owned(),
        (true, "0" | "1")
            if ["urgent", "confidential", "overdue", "supervised", "provisional", "review", "wrong", "reported"]
                .contains(&column) =>
        {
            format!("1 - {column}")
        }
        (true, _) => format!("{column} + {}", 1 + chance.below(1000)),
        (false, "\u{0}") => "'x'".to_owned(),
        (false, _) if column == "part" => "CASE part WHEN 'lead' THEN 'assist' ELSE 'lead' END".to_owned(),
        (false, _) => ["column || ' '", "upper(column) || 'X'", "substr(column, 2) || 'z'"][chance.below(3)]
            .replace("column", column),
    };
    let changed = format!("UPDATE {name} SET {column} = {other} WHERE {this}");
    // Where the key itself was changed, the row is found again by everything else.
    let all: Vec<String> = (0..columns.len()).filter(|p| *p != place && row[*p] != "\u{0}").map(is).collect();
    let undone = format!("UPDATE {name} SET {column} = {} WHERE {}", literal(place), all.join(" AND "));
    (format!("{name}.{column}"), changed, undone)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_changed_row_is_found_on_both_databases() {
    let c = centre().await;
    let mut rows = Vec::new();
    for (place, (table, _, columns)) in PROVED.iter().enumerate() {
        for at in 0.. {
            let column = |c: &str| format!("COALESCE(CAST({} AS TEXT), '\u{1}')", c.trim_end_matches('#'));
            let list = columns.iter().map(|c| column(c)).collect::<Vec<_>>().join(" || '\u{2}' || ");
            let order = columns[0].trim_end_matches('#');
            let found = c.db.rows(&format!("SELECT {list} FROM {table} ORDER BY {order}, 1 LIMIT 1 OFFSET {at}")).await;
            let Some(row) = found.first() else { break };
            rows.push((place, row.split('\u{2}').map(|v| v.replace('\u{1}', "\u{0}")).collect()));
        }
        assert!(rows.iter().any(|(p, _)| *p == place), "{table} is empty");
    }
    assert!(!found(&c.app.store).await);
    let mut chance = Chance(seed());
    for _ in 0..120 {
        let (what, changed, undone) = change(&mut chance, &rows);
        force(&c.db, &changed).await;
        assert!(found(&c.app.store).await, "{what} was not found: {changed}");
        force(&c.db, &undone).await;
        assert!(!found(&c.app.store).await, "not undone: {undone}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_doubled_or_swapped_row_is_found_on_both_databases() {
    let tries = [
        "DELETE FROM audit WHERE seq = 1",
        "DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)",
        "DELETE FROM audit",
        "INSERT INTO audit SELECT jurisdiction, seq + 1, at, who, role, kind, subject, outcome, reason, detail, origin, hash \
         FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)",
        "INSERT INTO audit SELECT jurisdiction, -seq, at, who, role, kind, subject, outcome, reason, detail, origin, hash \
         FROM audit WHERE seq = 1",
        "UPDATE audit SET seq = 99 WHERE seq = 1; UPDATE audit SET seq = 1 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 99",
        "DELETE FROM anchor WHERE day = '2026-04-30'",
        "UPDATE anchor SET day = 'x' WHERE day = '2026-04-30'; UPDATE anchor SET day = '2026-04-30' WHERE day = '2026-05-01'; \
         UPDATE anchor SET day = '2026-05-01' WHERE day = 'x'",
        "DELETE FROM appeal WHERE appeal = '1'",
        "DELETE FROM ticket_unit",
        "DELETE FROM knowledge_journal WHERE seq = 1",
        "DELETE FROM knowledge_journal WHERE seq = (SELECT MAX(seq) FROM knowledge_journal)",
        "DELETE FROM knowledge WHERE entry = 'K-000001'",
        "INSERT INTO audit_pruned VALUES ('shangrao', 1, 1, 'x', 'y')",
    ];
    for sql in tries {
        let c = centre().await;
        assert!(!found(&c.app.store).await);
        force(&c.db, sql).await;
        assert!(found(&c.app.store).await, "not found: {sql}");
    }
}
