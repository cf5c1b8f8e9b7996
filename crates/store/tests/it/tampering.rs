//! The chain finds every kind of change that somebody with the file can make without computing all hashes again.

use jiesu_store::chain::{GENESIS, Link};
use jiesu_store::{ChainReport, Fault};

use jiesu_testkit::{Kind, on_both};

use crate::fixture::{BJ, Fixture, fixture, number};

/// Three tickets: 1 with versions 1–3 (seq 1, 4, 5), 2 with 1–2 (seq 2, 6), 3 with 1 (seq 3).
async fn filled(kind: Kind) -> Fixture {
    let f = fixture(kind).await;
    for _ in 0..3 {
        f.new_ticket(|_| {}).await;
    }
    f.next(&number(1), 1, |_| {}).await;
    f.next(&number(1), 2, |_| {}).await;
    f.next(&number(2), 1, |_| {}).await;
    f
}

async fn verify(f: &Fixture) -> ChainReport {
    f.store.verify_chain(BJ, |_, _| {}).await.unwrap()
}

/// The first fault after a change made with the triggers dropped and the foreign keys off.
async fn fault(kind: Kind, sql: &str) -> Fault {
    let f = filled(kind).await;
    f.tamper(&format!("{}; {sql}", unguarded(kind))).await;
    verify(&f).await.fault.unwrap_or_else(|| panic!("not found: {sql}"))
}

/// What an intruder with all rights does first.
fn unguarded(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => {
            "PRAGMA foreign_keys = OFF; DROP TRIGGER IF EXISTS journal_no_update; DROP TRIGGER IF EXISTS journal_no_delete; \
             DROP TRIGGER IF EXISTS journal_no_replace"
        }
        Kind::Postgres => "SET session_replication_role = replica",
    }
}

async fn an_untouched_chain_is_right_and_reports_its_head(kind: Kind) {
    let f = filled(kind).await;
    let mut seen = Vec::new();
    let report = f.store.verify_chain(BJ, |done, total| seen.push((done, total))).await.unwrap();
    let last = f.store.journal_after(BJ, 5, 10).await.unwrap();
    assert_eq!(report, ChainReport { entries: 6, head: last[0].hash.clone(), fault: None });
    assert_eq!(seen, [(6, 6)]);
    let empty = f.store.verify_chain("sh", |_, _| {}).await.unwrap();
    assert_eq!(empty, ChainReport { entries: 0, head: GENESIS.into(), fault: None });
}

/// As an outsider would, from the rows alone.
async fn the_chain_can_be_computed_from_the_documentation(kind: Kind) {
    let f = filled(kind).await;
    let mut before = GENESIS.to_owned();
    for row in f.db.rows("SELECT seq, ticket, version, at, actor, kind, payload, hash FROM journal ORDER BY seq").await
    {
        let e: Vec<&str> = row.split('|').collect();
        let [seq, ticket, version, at, actor, kind, payload, hash] = e[..] else { panic!("{row}") };
        let number = |n: &str| n.parse::<i64>().unwrap();
        let link = Link {
            prev: &before,
            jurisdiction: BJ,
            seq: number(seq),
            ticket,
            version: number(version),
            at: number(at),
            actor,
            kind,
            payload,
        };
        assert_eq!(hash, link.hash());
        before = hash.to_owned();
    }
}

async fn a_change_in_any_column_is_found_at_its_entry(kind: Kind) {
    for change in [
        "ticket = '20260430-00009'",
        "version = 7",
        "at = at + 1",
        "actor = 'seat-2'",
        "kind = 'Noted'",
        "payload = '{\"n\":2}'",
        "payload = '{\"n\": 1}'",
        "hash = 'g' || substr(hash, 2)",
        "hash = upper(hash)",
    ] {
        let found = fault(kind, &format!("UPDATE journal SET {change} WHERE jurisdiction = 'bj' AND seq = 4")).await;
        assert_eq!(found.seq, 4, "{change}: {found:?}");
    }
    // PostgreSQL itself refuses what is not of the column's type.
    for change in ["payload = CAST(x'ff' AS TEXT)", "payload = x'7b7d'", "at = 'yesterday'"] {
        if kind == Kind::Sqlite {
            let found =
                fault(kind, &format!("UPDATE journal SET {change} WHERE jurisdiction = 'bj' AND seq = 4")).await;
            assert_eq!(found.seq, 4, "{change}: {found:?}");
        }
    }
}

async fn every_flipped_bit_of_a_payload_is_found(kind: Kind) {
    let f = filled(kind).await;
    let change = async |set: &str| {
        f.tamper(&format!("{}; UPDATE journal SET {set} WHERE jurisdiction = 'bj' AND seq = 3", unguarded(kind))).await;
    };
    let stored = f.db.rows("SELECT payload FROM journal WHERE jurisdiction = 'bj' AND seq = 3").await.remove(0);
    let payload = stored.as_bytes();
    for bit in 0..payload.len() * 8 {
        let mut flipped = payload.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let hex: String = flipped.iter().map(|b| format!("{b:02x}")).collect();
        let text = match kind {
            Kind::Sqlite => format!("CAST(x'{hex}' AS TEXT)"),
            // Half a character is not a text there, and a NUL is none.
            Kind::Postgres if flipped.iter().any(|b| !(1..0x80).contains(b)) => continue,
            Kind::Postgres => format!("convert_from('\\x{hex}', 'UTF8')"),
        };
        change(&format!("payload = {text}")).await;
        assert_eq!(verify(&f).await.fault.map(|f| f.seq), Some(3), "bit {bit}");
    }
    change(&format!("payload = '{stored}'")).await;
    assert_eq!(verify(&f).await.fault, None, "restored");
}

async fn a_removed_entry_is_found(kind: Kind) {
    for seq in 1..=6 {
        let found = fault(kind, &format!("DELETE FROM journal WHERE seq = {seq}")).await;
        let expected = if seq == 6 { 5 } else { seq }; // the end: found by the ticket's row
        assert_eq!(found.seq, expected, "{found:?}");
    }
    let all = fault(kind, "DELETE FROM journal").await;
    assert_eq!(all.seq, 0, "{all:?}");
}

async fn a_removed_entry_with_the_rest_renumbered_is_found(kind: Kind) {
    let found = fault(kind, "DELETE FROM journal WHERE seq = 3; UPDATE journal SET seq = seq - 1 WHERE seq > 3").await;
    assert_eq!(found.seq, 3, "{found:?}");
}

async fn an_inserted_entry_is_found(kind: Kind) {
    let copy = "INSERT INTO journal SELECT jurisdiction, 7, ticket, 9, at, actor, kind, payload, hash FROM journal WHERE seq = 6";
    assert_eq!(fault(kind, copy).await.seq, 7);
    let before = "INSERT INTO journal SELECT jurisdiction, -5, ticket, 9, at, actor, kind, payload, hash FROM journal WHERE seq = 6";
    assert_eq!(fault(kind, before).await.seq, 1);
    let odd = "INSERT INTO journal SELECT jurisdiction, 'z', ticket, 9, at, actor, kind, payload, hash FROM journal WHERE seq = 6";
    if kind == Kind::Sqlite {
        assert_eq!(fault(kind, odd).await.seq, 7);
    }
}

async fn a_well_chained_entry_at_the_end_is_found_by_the_ticket_row(kind: Kind) {
    let f = filled(kind).await;
    let head = verify(&f).await.head;
    let (three, four) = (number(3), number(4));
    for (ticket, version) in [(&three, 2), (&four, 1), (&three, 3)] {
        let link = Link {
            prev: &head,
            jurisdiction: BJ,
            seq: 7,
            ticket,
            version,
            at: 0,
            actor: "x",
            kind: "y",
            payload: "{}",
        };
        f.tamper(&format!(
            "{}; DELETE FROM journal WHERE seq = 7; INSERT INTO journal VALUES ('bj', 7, '{ticket}', {version}, 0, 'x', 'y', '{{}}', '{}')",
            unguarded(kind),
            link.hash()
        ))
        .await;
        let found = verify(&f).await.fault.unwrap();
        assert_eq!(found.seq, 7);
        assert_eq!(found.what.contains("from version 1 to 3"), version == 3, "{found:?}");
    }
}

async fn swapped_entries_are_found(kind: Kind) {
    let swap = "UPDATE journal SET seq = 99 WHERE seq = 2; UPDATE journal SET seq = 2 WHERE seq = 5; \
                UPDATE journal SET seq = 5 WHERE seq = 99";
    assert_eq!(fault(kind, swap).await.seq, 2);
}

async fn an_entry_moved_to_another_jurisdiction_is_found(kind: Kind) {
    assert_eq!(fault(kind, "UPDATE journal SET jurisdiction = 'sh' WHERE seq = 2").await.seq, 2);
    let f = filled(kind).await;
    f.tamper(&format!("{}; UPDATE journal SET jurisdiction = 'sh' WHERE seq = 1", unguarded(kind))).await;
    assert_eq!(f.store.verify_chain("sh", |_, _| {}).await.unwrap().fault.unwrap().seq, 1);
}

async fn an_older_ticket_row_is_found(kind: Kind) {
    let found = fault(kind, "UPDATE ticket SET version = 2 WHERE ticket = '20260430-00001'").await;
    assert!(found.what.contains("version 2, its journal ends at 3"), "{found:?}");
    let orphan = fault(kind, "DELETE FROM ticket WHERE ticket = '20260430-00001'").await;
    assert!(orphan.what.contains("no row"), "{orphan:?}");
}

on_both! {
    an_untouched_chain_is_right_and_reports_its_head,
    the_chain_can_be_computed_from_the_documentation,
    a_change_in_any_column_is_found_at_its_entry,
    every_flipped_bit_of_a_payload_is_found,
    a_removed_entry_is_found,
    a_removed_entry_with_the_rest_renumbered_is_found,
    an_inserted_entry_is_found,
    a_well_chained_entry_at_the_end_is_found_by_the_ticket_row,
    swapped_entries_are_found,
    an_entry_moved_to_another_jurisdiction_is_found,
    an_older_ticket_row_is_found,
}
