//! How quickly a centre that is there is verified: entries of the journals a second, the whole of `jiesu verify` (its chains, anchors, the tickets
//! folded anew, on SQLite the file's indices), and in the same run what its parts take, the file's own check (`PRAGMA integrity_check`) among them.

use std::time::Instant as Stopwatch;

use super::{Anything, grouped};
use crate::{app, cli::online::open_to_read, config::Settings};

pub(super) async fn run(settings: &Settings, place: &str) -> Result<(), Anything> {
    let store = open_to_read(settings).await.map_err(|e| e.to_string())?;
    let store = store.ok_or("没有数据库：请用 --data 或 --database 指明，可先运行 jiesu demo --tickets")?;
    let silent = |_, _| {};
    let began = Stopwatch::now();
    let chain = store.verify_chain(place, silent).await?;
    let chained = began.elapsed().as_secs_f64();
    let began = Stopwatch::now();
    let audit = store.verify_audit(place, silent).await?;
    let audited = began.elapsed().as_secs_f64();
    let began = Stopwatch::now();
    store.verify_indices().await?;
    let indices = began.elapsed().as_secs_f64();
    let began = Stopwatch::now();
    let report = app::verify(&store, place, silent).await?;
    let whole = began.elapsed().as_secs_f64();
    store.close().await?;
    let rate = |entries: u64, seconds: f64| grouped(entries as f64 / seconds.max(1e-9));
    println!(
        "核对 verify：{}（{}件工单）",
        if settings.database.is_some() { "PostgreSQL" } else { "SQLite" },
        grouped(report.tickets as f64)
    );
    println!(
        "  只核对工单日志链：{}条，{chained:.2}秒，每秒 {} 条",
        grouped(chain.entries as f64),
        rate(chain.entries, chained)
    );
    println!(
        "  只核对审计日志链：{}条，{audited:.2}秒，每秒 {} 条",
        grouped(audit.entries as f64),
        rate(audit.entries, audited)
    );
    if settings.database.is_none() {
        println!("  只核对数据文件与索引（PRAGMA integrity_check）：{indices:.2}秒");
    }
    println!(
        "  全部（jiesu verify，不读附件）：{whole:.2}秒，每秒 {} 条；其中不计数据文件与索引：{:.2}秒，每秒 {} 条",
        rate(report.chain.entries + report.audit.entries, whole),
        (whole - indices).max(0.0),
        rate(report.chain.entries + report.audit.entries, whole - indices)
    );
    if !report.holds() {
        return Err("核对发现不一致，数字没有意义；请运行 jiesu verify".into());
    }
    Ok(())
}
