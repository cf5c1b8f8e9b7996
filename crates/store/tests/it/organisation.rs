//! What units have named, who holds which post, and what went over.

use jiesu_store::{Account, Ended, Handover, HeldPost, Store, Unit, UnitDuties};
use jiesu_testkit::{Kind, on_both};

use crate::fixture::{BJ, at, fixture};

const KEEP: &str = "keeper";

fn post(account: &str, role: &str) -> HeldPost {
    HeldPost {
        account: account.into(),
        role: role.into(),
        unit: None,
        seat: None,
        from: at(1),
        until: None,
        given_by: "somebody".into(),
        ended_by: None,
    }
}

async fn with(store: &Store, names: &[&str]) {
    for name in names {
        assert!(store.account_new(BJ, name, name).await.unwrap(), "{name}");
    }
}

async fn an_account_has_no_role_until_a_post_is_given(kind: Kind) {
    let f = fixture(kind).await;
    with(&f.store, &["a"]).await;
    assert!(!f.store.account_new(BJ, "a", "again").await.unwrap(), "the log-in is taken");
    let role = async || f.store.account(BJ, "a").await.unwrap().unwrap().role;
    assert_eq!(role().await, "");
    assert!(f.store.post_give(BJ, &post("a", "clerk")).await.unwrap());
    assert_eq!(role().await, "clerk");
    assert!(!f.store.post_give(BJ, &post("a", "keeper")).await.unwrap(), "it has one");
    assert!(!f.store.post_give(BJ, &post("nobody", "clerk")).await.unwrap());
    assert_eq!(f.store.post_end(BJ, "a", at(5), "b", KEEP).await.unwrap(), Ended::Done);
    assert_eq!(f.store.post_end(BJ, "a", at(6), "b", KEEP).await.unwrap(), Ended::Nothing);
    assert_eq!(role().await, "");
    assert!(f.store.post_give(BJ, &post("a", "other")).await.unwrap());
    let held = f.store.posts(BJ, Some("a")).await.unwrap();
    let told: Vec<(&str, bool)> = held.iter().map(|p| (p.role.as_str(), p.until.is_some())).collect();
    assert_eq!(told, [("other", false), ("clerk", true)]);
    assert_eq!((held[1].until, held[1].ended_by.as_deref()), (Some(at(5)), Some("b")));
    assert_eq!(f.store.posts(BJ, None).await.unwrap().len(), 1, "held now");
}

async fn one_of_the_role_that_must_stay_stays(kind: Kind) {
    let f = fixture(kind).await;
    with(&f.store, &["a", "b"]).await;
    for account in ["a", "b"] {
        f.store.post_give(BJ, &post(account, KEEP)).await.unwrap();
    }
    // Two who each take the other's at once: one of them stays, whoever is first.
    let (one, two) =
        tokio::join!(f.store.post_end(BJ, "a", at(2), "b", KEEP), f.store.account_change(BJ, "b", "b", false, KEEP));
    let mut both = [one.unwrap(), two.unwrap()];
    both.sort_by_key(|e| *e == Ended::Last);
    assert_eq!(both, [Ended::Done, Ended::Last]);
    let left = f.store.accounts(BJ).await.unwrap().into_iter().filter(|a| a.active && a.role == KEEP).count();
    assert_eq!(left, 1);
}

async fn a_role_given_beside_posts_is_written_down(kind: Kind) {
    let f = fixture(kind).await;
    let account = Account {
        account: "old".into(),
        login: "old".into(),
        name: "old".into(),
        role: "clerk".into(),
        unit: None,
        active: true,
    };
    f.store.account_put(BJ, &account).await.unwrap();
    // Nobody wrote it down: it can be ended all the same.
    assert_eq!(f.store.post_end(BJ, "old", at(3), "b", KEEP).await.unwrap(), Ended::Done);
    f.store.account_put(BJ, &account).await.unwrap();
    for role in ["clerk", "other"] {
        f.store.post_known(BJ, &HeldPost { from: at(4), ..post("old", role) }).await.unwrap();
    }
    let held = f.store.posts(BJ, Some("old")).await.unwrap();
    assert_eq!(held.iter().filter(|p| p.until.is_none()).count(), 1, "{held:?}");
}

async fn units_keep_what_they_named_and_sheets_are_kept(kind: Kind) {
    let f = fixture(kind).await;
    let unit = |id: &str| Unit { unit: id.into(), name: id.into(), kind: "k".into(), parent: None, active: true };
    let duties = |id: &str| UnitDuties { unit: id.into(), office: Some("办公室".into()), ..UnitDuties::default() };
    f.store.units_named(BJ, &[(unit("u1"), duties("u1")), (unit("u2"), UnitDuties::default())]).await.unwrap();
    // What seeds units knows nothing of this.
    f.store.units_put(BJ, &[unit("u1")]).await.unwrap();
    let named = f.store.unit_duties(BJ).await.unwrap();
    assert_eq!(named.iter().find(|d| d.unit == "u1").unwrap().office.as_deref(), Some("办公室"));
    let sheet = |unit: &str| Handover {
        handover: 0,
        unit: unit.into(),
        from: "a".into(),
        to: "b".into(),
        at: at(9),
        given_by: "c".into(),
        tickets: vec!["BJ-1".into(), "BJ-2".into()],
    };
    assert_eq!(f.store.handover_put(BJ, &sheet("u1")).await.unwrap(), 1);
    assert_eq!(f.store.handover_put(BJ, &sheet("u2")).await.unwrap(), 2);
    let of = async |units: Option<&[String]>| {
        f.store.handovers(BJ, units).await.unwrap().iter().map(|h| h.handover).collect::<Vec<_>>()
    };
    assert_eq!(of(None).await, [2, 1]);
    assert_eq!(of(Some(&["u1".into()])).await, [1]);
    assert_eq!(of(Some(&[])).await, [0_i64; 0]);
    assert_eq!(f.store.handovers(BJ, None).await.unwrap()[1], Handover { handover: 1, ..sheet("u1") });
}

on_both! {
    an_account_has_no_role_until_a_post_is_given,
    one_of_the_role_that_must_stay_stays,
    a_role_given_beside_posts_is_written_down,
    units_keep_what_they_named_and_sheets_are_kept
}
