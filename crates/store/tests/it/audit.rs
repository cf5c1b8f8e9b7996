//! The audit journal: in order, chained, gap-free whoever writes, and never changed.

use jiesu_store::chain::GENESIS;
use jiesu_store::{AuditFilter, NewAudit, StoreError};
use jiesu_testkit::{Kind, on_both};
use tokio::task::JoinSet;

use crate::fixture::{BJ, at, fixture};

/// An entry of somebody.
pub fn audited(n: i64, who: &str) -> NewAudit {
    NewAudit {
        at: at(n),
        who: who.into(),
        role: "seat".into(),
        kind: if n % 2 == 0 { "log-in" } else { "exported" }.into(),
        subject: format!("s{n}"),
        outcome: "done".into(),
        reason: "核实".into(),
        detail: format!("{{\"n\":{n}}}"),
        origin: "192.0.2.7".into(),
    }
}

async fn entries_are_chained_and_found_by_what_is_asked(kind: Kind) {
    let f = fixture(kind).await;
    for n in 1..=5 {
        let who = if n % 2 == 0 { "even" } else { "odd" };
        assert_eq!(f.store.audit_append(BJ, &[audited(n, who)]).await.unwrap(), n);
    }
    assert_eq!(f.store.audit_append(BJ, &[audited(6, "even"), audited(7, "odd")]).await.unwrap(), 7);
    assert_eq!(f.store.audit_append("sh", &[audited(1, "odd")]).await.unwrap(), 1, "a chain of its own");
    assert!(matches!(f.store.audit_append(BJ, &[]).await, Err(StoreError::Invalid { .. })));
    let mut before = GENESIS.to_owned();
    for (n, e) in (1..).zip(f.store.audit_after(BJ, 0, 100).await.unwrap()) {
        assert_eq!((e.seq, &e.entry), (n, &audited(n, if n % 2 == 0 { "even" } else { "odd" })));
        assert_eq!(e.hash, e.link(BJ, &before).hash());
        before = e.hash;
    }
    let find = async |filter: AuditFilter, cursor: Option<&str>| f.store.audit(BJ, &filter, cursor, 3).await.unwrap();
    let seqs = |page: &jiesu_store::Page<jiesu_store::AuditEntry>| page.items.iter().map(|e| e.seq).collect::<Vec<_>>();
    let first = find(AuditFilter::default(), None).await;
    assert_eq!(seqs(&first), [7, 6, 5]);
    assert_eq!(seqs(&find(AuditFilter::default(), first.next.as_deref()).await), [4, 3, 2]);
    let who = AuditFilter { who: Some("even".into()), ..AuditFilter::default() };
    assert_eq!(seqs(&find(who, None).await), [6, 4, 2]);
    let when = AuditFilter { from: Some(at(2)), to: Some(at(4)), ..AuditFilter::default() };
    assert_eq!(seqs(&find(when, None).await), [3, 2]);
    let what = AuditFilter { kind: Some("log-in".into()), subject: Some("s4".into()), ..AuditFilter::default() };
    assert_eq!(seqs(&find(what, None).await), [4]);
}

/// Several processes on one database.
async fn no_position_is_left_out_or_given_twice(kind: Kind) {
    let f = fixture(kind).await;
    let mut tasks = JoinSet::new();
    for process in 0..4 {
        let store = f.open().await;
        for n in 0..20 {
            let store = store.clone();
            tasks.spawn(async move {
                let entry = audited(n, &process.to_string());
                while let Err(error) = store.audit_append(BJ, std::slice::from_ref(&entry)).await {
                    assert!(matches!(error, StoreError::Busy { .. }), "{error}");
                }
            });
        }
    }
    tasks.join_all().await;
    let mut before = GENESIS.to_owned();
    let all = f.store.audit_after(BJ, 0, 1000).await.unwrap();
    assert_eq!(all.iter().map(|e| e.seq).collect::<Vec<_>>(), (1..=80).collect::<Vec<_>>());
    for e in all {
        assert_eq!(e.hash, e.link(BJ, &before).hash(), "{}", e.seq);
        before = e.hash;
    }
}

async fn no_entry_can_be_changed_or_taken_out(kind: Kind) {
    let f = fixture(kind).await;
    f.store.audit_append(BJ, &[audited(1, "a"), audited(2, "a")]).await.unwrap();
    let all = f.store.audit_after(BJ, 0, 10).await.unwrap();
    let hash = &all[1].hash;
    f.db.run("INSERT INTO anchor VALUES ('bj', '2026-11-22', 1, 'x')").await.unwrap();
    f.db.run(&format!("INSERT INTO audit_pruned VALUES ('sh', 2, 1, '{hash}', 'y')")).await.unwrap();
    let mut tries = Vec::new();
    for table in ["audit", "audit_pruned", "anchor"] {
        tries.push(format!("UPDATE {table} SET at = at + 1"));
        tries.push(format!("DELETE FROM {table}"));
        match kind {
            Kind::Sqlite => tries.push(format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}")),
            Kind::Postgres => tries.push(format!("TRUNCATE {table}")),
        }
    }
    for sql in tries {
        let refused = f.db.run(&sql).await.expect_err(&sql);
        assert!(
            refused.to_string().contains("append only")
                || refused.to_string().contains("kept")
                || refused.to_string().contains("stays written"),
            "{sql}: {refused}"
        );
    }
    assert_eq!(f.store.audit_after(BJ, 0, 10).await.unwrap(), all);
}

on_both! {
    entries_are_chained_and_found_by_what_is_asked,
    no_position_is_left_out_or_given_twice,
    no_entry_can_be_changed_or_taken_out,
}
