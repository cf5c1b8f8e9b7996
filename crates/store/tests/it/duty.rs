//! Rosters and presence.

use jiesu_testkit::{Kind, on_both};

use crate::fixture::{BJ, at, fixture};

async fn a_shift_has_the_people_that_were_last_put_down(kind: Kind) {
    let f = fixture(kind).await;
    for account in ["a", "b"] {
        f.store.account_new(BJ, account, account).await.unwrap();
    }
    let put = async |day: i32, shift: &str, accounts: &[&str]| {
        let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
        f.store.roster_put(BJ, day, shift, &accounts).await
    };
    put(10, "early", &["a", "b"]).await.unwrap();
    put(10, "late", &["a"]).await.unwrap();
    put(11, "early", &["b"]).await.unwrap();
    put(10, "early", &["b"]).await.unwrap();
    assert!(put(10, "early", &["nobody"]).await.is_err());
    let read = async |from, to| {
        let all = f.store.roster(BJ, from, to).await.unwrap();
        all.iter().map(|o| format!("{} {} {}", o.day, o.shift, o.account)).collect::<Vec<_>>()
    };
    assert_eq!(read(10, 10).await, ["10 early b", "10 late a"], "what failed changed nothing");
    assert_eq!(read(9, 11).await.len(), 3);
    put(10, "early", &[]).await.unwrap();
    assert_eq!(read(10, 10).await, ["10 late a"]);
    assert!(f.store.roster("sh", 9, 11).await.unwrap().is_empty());
}

async fn one_state_holds_at_a_time(kind: Kind) {
    let f = fixture(kind).await;
    f.store.account_new(BJ, "a", "a").await.unwrap();
    for (state, when, changed) in
        [("present", 1, true), ("present", 2, false), ("break", 3, true), ("off", 3, true), ("present", 9, true)]
    {
        assert_eq!(f.store.presence_put(BJ, "a", state, at(when)).await.unwrap(), changed, "{state} at {when}");
    }
    let now = f.store.presences(BJ).await.unwrap();
    assert_eq!((now.len(), now[0].state.as_str(), now[0].from, now[0].until), (1, "present", at(9), None));
    let past = f.store.stays(BJ, at(1), at(9)).await.unwrap();
    let told: Vec<_> = past.iter().map(|s| (s.state.as_str(), s.from, s.until)).collect();
    assert_eq!(told, [("present", at(1), Some(at(3))), ("off", at(3), Some(at(9)))], "of two at once the later holds");
}

on_both! { a_shift_has_the_people_that_were_last_put_down, one_state_holds_at_a_time }
