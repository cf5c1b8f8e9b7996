//! The same on PostgreSQL, against pgbench: 32 clients that run the same statements, each in a transaction of its own.
//!
//! pgbench has it easier: it asks nothing (no head of the chain, no version, no counter), takes numbers from a sequence instead of a locked
//! row, and computes no hash. It writes the rows that a command writes.

use std::{path::PathBuf, process::Stdio, time::Duration};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::process::Command;

use super::{
    Anything,
    commands::{CLIENTS, PAYLOAD, ROUNDS, WAYS, middle, prepare, through_store},
    grouped,
};

const SCHEMA: &str = "jiesu_bench";

pub(super) async fn run(url: &str, time: Duration) -> Result<(), Anything> {
    let mut rates = [const { Vec::new() }; WAYS.len()];
    let mut bare = Vec::new();
    let share = time / (ROUNDS * (WAYS.len() as u32 + 1));
    for _ in 0..ROUNDS {
        let there = fresh_schema(url).await?;
        let (numbers, store) = prepare(&there).await?;
        for (way, rates) in WAYS.iter().zip(&mut rates) {
            rates.push(through_store(&store, &numbers, *way, share).await?);
        }
        store.close().await?;
        sql(&there, "CREATE SEQUENCE steps START 10000000").await?;
        bare.push(pgbench(url, numbers.len(), share).await?);
    }
    drop_schema(url).await?;
    let [together, loading, alone] = rates.map(middle);
    let bare = middle(bare);
    println!(
        "持久写入 PostgreSQL：每秒 {} 条（{CLIENTS}个客户端；连同先读出工单 {}）、{} 条（1个客户端）；\
         pgbench {CLIENTS}个客户端执行同样的写入每秒 {} 次；为它的 {:.2} 倍（{ROUNDS}轮的中位数）",
        grouped(together),
        grouped(loading),
        grouped(alone),
        grouped(bare),
        together / bare,
    );
    Ok(())
}

/// Address of an empty schema of our own.
pub(super) async fn fresh_schema(url: &str) -> Result<String, Anything> {
    sql(url, &format!("DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")).await?;
    Ok(in_schema(url))
}

/// The address, led to the bench's own schema.
fn in_schema(url: &str) -> String {
    format!("{url}{}options=-csearch_path%3D{SCHEMA}", if url.contains('?') { '&' } else { '?' })
}

pub(super) async fn drop_schema(url: &str) -> Result<(), Anything> {
    sql(url, &format!("DROP SCHEMA {SCHEMA} CASCADE")).await
}

/// Lets PostgreSQL look at the schema's tables, as it does by itself within a minute: plans that were made while they were empty read whole
/// indices until then.
pub(super) async fn look_at_tables(there: &str) -> Result<(), Anything> {
    let each = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()";
    let text = "DO $$ DECLARE t text; BEGIN FOR t IN EACH LOOP EXECUTE 'ANALYZE ' || quote_ident(t); END LOOP; END $$";
    sql(there, &text.replace("EACH", each)).await
}

async fn sql(url: &str, text: &str) -> Result<(), Anything> {
    let mut conn = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&mut conn).await?;
    conn.close().await?;
    Ok(())
}

/// Transactions a second.
async fn pgbench(url: &str, tickets: usize, time: Duration) -> Result<f64, Anything> {
    let script = std::env::temp_dir().join(format!("jiesu-pgbench-{}.sql", std::process::id()));
    std::fs::write(&script, statements(tickets))?;
    let done = Command::new(program())
        .args(["-n", "-M", "prepared", "-j", "2", "-c", &CLIENTS.to_string()])
        .args(["-T", &time.as_secs().max(1).to_string(), "-f"])
        .arg(&script)
        .arg(url)
        .env("PGOPTIONS", format!("-csearch_path={SCHEMA}"))
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|e| format!("运行不了 pgbench（{e}）；请安装 PostgreSQL"))?;
    std::fs::remove_file(&script)?;
    let said = String::from_utf8_lossy(&done.stdout);
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok());
    tps.ok_or_else(|| format!("pgbench 没有给出结果：{}", String::from_utf8_lossy(&done.stderr)).into())
}

/// Debian keeps it out of the path.
fn program() -> PathBuf {
    let newest = std::fs::read_dir("/usr/lib/postgresql").ok().and_then(|all| all.flatten().map(|v| v.path()).max());
    newest.map(|v| v.join("bin/pgbench")).filter(|p| p.exists()).unwrap_or_else(|| "pgbench".into())
}

/// What a command writes: the same rows, the same columns.
fn statements(tickets: usize) -> String {
    // pgbench takes `:true` for a variable of its own, in strings too.
    let payload = PAYLOAD.replace("\":", "\": ");
    let body = format!("{{\"history\": [{}]}}", [payload.as_str(); 8].join(","));
    let hash = "0".repeat(64);
    format!(
        "\\set n random(1, {tickets})
BEGIN;
INSERT INTO journal (jurisdiction, seq, ticket, version, at, actor, kind, payload, hash) VALUES \
 ('bench', nextval('steps'), 'XX-20260309-' || lpad(:n::text, 6, '0'), nextval('steps'), 1773000000000000, 'handler-7', \
 'contact-recorded', '{payload}', '{hash}');
UPDATE ticket SET version = version + 1, state = 'in-hand', kind = 'complaint', title = '小区连续三日停水', channel = 'phone', \
 urgent = 0, confidential = 0, lead = 'shuiwu', place = '某小区', next_due = 1773000000000000, next_due_clock = 'handle', \
 next_due_unit = 'shuiwu', next_due_article = '第十四条', wake_at = 1773000000000000, overdue = 0, supervised = 0, provisional = 0, \
 updated_at = 1773000000000000, body = '{body}' \
 WHERE jurisdiction = 'bench' AND ticket = 'XX-20260309-' || lpad(:n::text, 6, '0');
INSERT INTO outbox (jurisdiction, id, ticket, appeal, kind, payload, state, next_at) VALUES \
 ('bench', nextval('steps'), 'XX-20260309-' || lpad(:n::text, 6, '0'), NULL, 'progress', '{{}}', 'pending', 1773000000000000);
COMMIT;
"
    )
}
