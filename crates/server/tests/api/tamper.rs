//! Ways to change a database behind the program's back, as somebody with all rights to it would.

use jiesu_store::{
    Store,
    chain::{GENESIS, Link},
};
use jiesu_testkit::{Kind, TestDb};

use super::harness::PLACE;

/// Tables whose triggers and keys are in the way.
const GUARDED: [&str; 4] = ["journal", "audit", "audit_pruned", "anchor"];

/// What goes before a statement that no trigger and no key is to stop.
pub fn unguarded(kind: Kind) -> String {
    if kind == Kind::Postgres {
        return "SET session_replication_role = replica".into();
    }
    let triggers = GUARDED.iter().flat_map(|t| ["update", "delete", "replace"].map(|what| format!("{t}_no_{what}")));
    triggers.fold("PRAGMA foreign_keys = OFF".into(), |sql, trigger| format!("{sql}; DROP TRIGGER IF EXISTS {trigger}"))
}

/// Runs statements unguarded.
pub async fn force(db: &TestDb, sql: &str) {
    db.run(&format!("{}; {sql}", unguarded(db.kind))).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

/// Computes the hashes of both chains again and writes them, so that each is whole in itself.
pub async fn recomputed(db: &TestDb, store: &Store) {
    let mut prev = GENESIS.to_owned();
    // The chain is over what is stored, which is sealed.
    let stored = db.rows(&format!("SELECT payload FROM journal WHERE jurisdiction = '{PLACE}' ORDER BY seq")).await;
    for (e, payload) in store.journal_after(PLACE, 0, 100_000).await.unwrap().iter().zip(&stored) {
        let at = e.at.as_microsecond();
        let (ticket, actor, kind) = (&e.ticket, &e.actor, &e.kind);
        let link =
            Link { prev: &prev, jurisdiction: PLACE, seq: e.seq, ticket, version: e.version, at, actor, kind, payload };
        let hash = link.hash();
        if hash != e.hash {
            force(db, &format!("UPDATE journal SET hash = '{hash}' WHERE seq = {}", e.seq)).await;
        }
        prev = hash;
    }
    let mut prev = GENESIS.to_owned();
    for e in store.audit_after(PLACE, 0, 100_000).await.unwrap() {
        let hash = e.link(PLACE, &prev).hash();
        if hash != e.hash {
            force(db, &format!("UPDATE audit SET hash = '{hash}' WHERE seq = {}", e.seq)).await;
        }
        prev = hash;
    }
}

/// Takes a ticket out of every table, and counts anew: as if it had never come.
pub async fn without_ticket(db: &TestDb, number: &str) {
    let mut sql = String::new();
    for table in ["outbox", "ticket_unit", "attachment", "appeal", "idempotency", "ticket", "journal"] {
        sql += &format!("DELETE FROM {table} WHERE ticket = '{number}'; ");
    }
    if db.kind == Kind::Postgres {
        sql += &format!("DELETE FROM ticket_terms WHERE ticket = '{number}'; ");
    }
    sql += "DELETE FROM tally; INSERT INTO tally (jurisdiction, day, unit, kind, state, tickets) \
            SELECT jurisdiction, (registered_at + 28800000000) / 86400000000, COALESCE(lead, ''), kind, state, COUNT(*) \
            FROM ticket GROUP BY 1, 2, 3, 4, 5";
    force(db, &sql).await;
}
