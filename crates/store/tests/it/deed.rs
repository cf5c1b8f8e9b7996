//! Deeds: what is done and its entry, both or neither; and what people are told of their accounts.

use std::time::Duration;

use jiesu_store::{Account, AfterFailure, NewAudit, OutboxLease};
use jiesu_testkit::{Kind, on_both};

use crate::fixture::{BJ, Fixture, at, fixture};

const PHONE: &str = "13900001234";

fn said(kind: &str) -> NewAudit {
    let text = String::new;
    let (kind, outcome, detail) = (kind.into(), "done".into(), "{}".into());
    NewAudit {
        at: at(1),
        who: "s1".into(),
        role: text(),
        kind,
        subject: text(),
        outcome,
        reason: text(),
        detail,
        origin: text(),
    }
}

async fn with_wang(kind: Kind) -> Fixture {
    let f = fixture(kind).await;
    let (account, login, name, role) = ("a1".into(), "wang".into(), "王芳".into(), "seat".into());
    f.store.account_put(BJ, &Account { account, login, name, role, unit: None, active: true }).await.unwrap();
    f
}

async fn entries(f: &Fixture) -> Vec<String> {
    f.store.audit_after(BJ, 0, 100).await.unwrap().into_iter().map(|e| e.entry.kind).collect()
}

async fn both_stand_or_neither(kind: Kind) {
    let f = with_wang(kind).await;
    let mut deed = f.store.deed(BJ).await.unwrap();
    deed.setting_put("a", "1").await.unwrap();
    assert_eq!(deed.done(&said("one")).await.unwrap(), 1);
    // Begun, and given up: by an error further on, by a request whose client is gone.
    let mut deed = f.store.deed(BJ).await.unwrap();
    deed.setting_put("a", "2").await.unwrap();
    deed.phone_put("a1", Some(PHONE)).await.unwrap();
    drop(deed);
    assert_eq!(f.store.setting(BJ, "a").await.unwrap().as_deref(), Some("1"));
    assert!(f.store.account_phones(BJ, None).await.unwrap().is_empty());
    // Whoever writes next is held up by nothing of it, in either way of writing.
    f.store.setting_put(BJ, "a", "3").await.unwrap();
    let mut deed = f.store.deed(BJ).await.unwrap();
    deed.setting_put("a", "4").await.unwrap();
    assert_eq!(deed.done(&said("two")).await.unwrap(), 2);
    assert_eq!(
        (f.store.setting(BJ, "a").await.unwrap().as_deref(), entries(&f).await),
        (Some("4"), vec!["one".into(), "two".into()])
    );
    assert_eq!(f.store.verify_audit(BJ, |_, _| {}).await.unwrap().fault, None);
}
on_both!(both_stand_or_neither);

/// A deed that goes on while others want to write: they wait, in turn, and nothing is lost.
async fn others_wait_for_a_deed(kind: Kind) {
    let f = with_wang(kind).await;
    let mut deed = f.store.deed(BJ).await.unwrap();
    deed.setting_put("a", "deed").await.unwrap();
    let others: Vec<_> = (0..8)
        .map(|n| {
            let store = f.store.clone();
            tokio::spawn(async move {
                let mut own = store.deed(BJ).await.unwrap();
                own.setting_put(&format!("n{n}"), "x").await.unwrap();
                if n % 2 == 0 {
                    own.done(&said("other")).await.unwrap();
                }
            })
        })
        .collect();
    tokio::task::yield_now().await;
    deed.done(&said("first")).await.unwrap();
    for other in others {
        tokio::time::timeout(Duration::from_secs(60), other).await.expect("nobody waits for ever").unwrap();
    }
    assert_eq!(entries(&f).await.iter().filter(|kind| *kind == "other").count(), 4);
    assert_eq!(f.store.settings(BJ).await.unwrap().iter().filter(|(name, _)| name.starts_with('n')).count(), 4);
}
on_both!(others_wait_for_a_deed);

fn lease(now: i64) -> OutboxLease {
    OutboxLease { from: at(now), until: at(now + 10) }
}

async fn what_was_said_before_goes_to_the_number_of_then(kind: Kind) {
    let f = with_wang(kind).await;
    let tell = async |what: &str, most: i64| {
        let mut deed = f.store.deed(BJ).await.unwrap();
        let told = deed.tell("a1", (what, "{}"), (at(100), at(5)), (most, at(50))).await.unwrap();
        deed.commit().await.unwrap();
        told
    };
    assert!(!tell("locked", 9).await, "no number, no message");
    f.store.phone_put(BJ, "a1", Some(PHONE)).await.unwrap();
    assert!(tell("locked", 2).await && tell("locked", 2).await);
    assert!(!tell("locked", 2).await, "twice is enough");
    assert!(tell("other", 2).await, "of another kind it is the first");
    f.store.phone_put(BJ, "a1", Some("13900005678")).await.unwrap();
    assert!(f.store.notice_lease(BJ, at(4), lease(4), 10).await.unwrap().is_empty(), "not before its time");
    let leased = f.store.notice_lease(BJ, at(5), lease(5), 2).await.unwrap();
    assert_eq!(leased.iter().map(|n| (n.phone.as_deref(), n.attempts)).collect::<Vec<_>>(), [(Some(PHONE), 1); 2]);
    assert_eq!(f.store.notice_lease(BJ, at(6), lease(6), 9).await.unwrap().len(), 1, "the others are taken");
    let (first, second) = (&leased[0], &leased[1]);
    assert!(f.store.notice_sent(BJ, first.id, 1, at(7), Some("vendor-1")).await.unwrap());
    assert!(!f.store.notice_sent(BJ, first.id, 1, at(7), None).await.unwrap(), "once");
    let retry = AfterFailure::RetryAt(at(90));
    assert!(f.store.notice_failed(BJ, second.id, 1, at(7), "no route", retry).await.unwrap());
    assert!(f.store.notice_lease(BJ, at(89), lease(89), 1).await.unwrap().iter().all(|n| n.id != second.id));
    let again = f.store.notice_lease(BJ, at(90), lease(100), 10).await.unwrap();
    assert!(again.iter().any(|n| n.id == second.id && n.attempts == 2 && n.phone.as_deref() == Some(PHONE)));
    let all = f.store.notices(BJ, "a1").await.unwrap();
    assert_eq!(all.iter().map(|n| n.phone.is_some()).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(f.store.notices_purge(BJ, at(100)).await.unwrap(), 0);
    assert_eq!(f.store.notices_purge(BJ, at(101)).await.unwrap(), 3);
}
on_both!(what_was_said_before_goes_to_the_number_of_then);

async fn numbers_are_sealed_and_sealed_anew(kind: Kind) {
    let f = with_wang(kind).await;
    f.store.phone_put(BJ, "a1", Some(PHONE)).await.unwrap();
    let mut deed = f.store.deed(BJ).await.unwrap();
    deed.tell("a1", ("locked", "{}"), (at(100), at(5)), (9, at(50))).await.unwrap();
    deed.commit().await.unwrap();
    let stored = async || {
        let sql = "SELECT phone FROM account_phone UNION ALL SELECT phone FROM notice";
        f.db.rows(sql).await
    };
    let before = stored().await;
    assert!(
        before.len() == 2 && before.iter().all(|text| text.starts_with("1.") && !text.contains(PHONE)),
        "{before:?}"
    );
    f.store.rotate(BJ).await.unwrap();
    f.store.reseal_all(BJ, Duration::ZERO).await.unwrap();
    assert!(stored().await.iter().all(|text| text.starts_with("2.")), "{:?}", stored().await);
    assert_eq!(f.store.account_phones(BJ, None).await.unwrap()["a1"], PHONE);
    assert_eq!(f.store.notices(BJ, "a1").await.unwrap()[0].phone.as_deref(), Some(PHONE));
    // An account that goes takes them along.
    assert!(f.store.account_delete(BJ, "a1").await.unwrap());
    assert!(stored().await.is_empty());
}
on_both!(numbers_are_sealed_and_sealed_anew);
