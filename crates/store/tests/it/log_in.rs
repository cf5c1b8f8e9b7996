//! What accounts are proven by, sessions, failures, keys of platforms.

use std::sync::Arc;

use jiesu_store::{Account, ApiKey, Bearing, Identity, Session, Store, StoreError};
use jiesu_testkit::{Kind, on_both};
use jiff::SignedDuration;

use crate::fixture::{BJ, Fixture, at, fixture};

const BEARING: Bearing = Bearing { most: 3, shut: SignedDuration::from_secs(100) };

async fn with_wang(kind: Kind) -> Fixture {
    let f = fixture(kind).await;
    let wang = Account {
        account: "a1".into(),
        login: "wang".into(),
        name: "王芳".into(),
        role: "seat".into(),
        unit: None,
        active: true,
    };
    f.store.account_put(BJ, &wang).await.unwrap();
    f
}

fn session(token: &str, created: i64) -> Session {
    Session { idle: SignedDuration::from_secs(50), ..Session::open(token.into(), "a1".into(), at(created), 1) }
}

async fn a_password_is_kept_apart_and_its_past_is_bounded(kind: Kind) {
    let f = with_wang(kind).await;
    let (wang, none) = f.store.log_in(BJ, "wang").await.unwrap().unwrap();
    assert_eq!(none, None, "nobody can log in to an account without a password");
    assert!(f.store.log_in("sh", "wang").await.unwrap().is_none());
    for n in 1..=5 {
        f.store.password_put(BJ, "a1", &format!("$hash{n}"), at(n), n == 5, 3).await.unwrap();
    }
    let (found, credential) = f.store.log_in(BJ, "wang").await.unwrap().unwrap();
    let credential = credential.unwrap();
    assert_eq!((found, credential.password_hash.as_str(), credential.password_once), (wang, "$hash5", true));
    assert_eq!(credential.password_at, at(5));
    assert!(!format!("{credential:?}").contains("hash5"));
    assert_eq!(f.store.passwords_past(BJ, "a1").await.unwrap(), ["$hash4", "$hash3", "$hash2"]);
    assert!(f.store.password_rehash(BJ, "a1", "$hash5", "$anew").await.unwrap());
    assert!(!f.store.password_rehash(BJ, "a1", "$hash5", "$late").await.unwrap(), "it was changed meanwhile");
    assert_eq!(f.store.credential(BJ, "a1").await.unwrap().unwrap().password_hash, "$anew");
    let standing = &f.store.standings(BJ, at(9)).await.unwrap()[0];
    assert_eq!((standing.password_at, standing.password_once, standing.second_factor), (Some(at(5)), true, false));
}

async fn a_second_factor_counts_when_confirmed_and_each_step_once(kind: Kind) {
    let f = with_wang(kind).await;
    assert!(!f.store.totp_offer(BJ, "a1", "one").await.unwrap(), "without a password there is nothing to add to");
    f.store.password_put(BJ, "a1", "$hash", at(1), false, 5).await.unwrap();
    let now = async || f.store.credential(BJ, "a1").await.unwrap().unwrap();
    assert!(f.store.totp_offer(BJ, "a1", "one").await.unwrap());
    let first = now().await;
    assert!(f.store.totp_offer(BJ, "a1", "the second").await.unwrap());
    let second = now().await;
    assert_eq!(f.store.totp_new(BJ, "a1", &second).await.unwrap().as_deref(), Some("the second"));
    let codes = ["c1".to_owned(), "c2".to_owned()];
    assert!(!f.store.totp_confirm(BJ, "a1", &first, 7, &codes).await.unwrap(), "another was offered since");
    assert_eq!(now().await.totp, None);
    assert!(f.store.totp_confirm(BJ, "a1", &second, 7, &codes).await.unwrap());
    let confirmed = now().await;
    assert_eq!(f.store.totp(BJ, "a1", &confirmed).await.unwrap().as_deref(), Some("the second"));
    assert!(!confirmed.totp.unwrap().contains("the second") && confirmed.totp_new.is_none());
    // Keys that are replaced take it along.
    f.store.rotate(BJ).await.unwrap();
    f.store.reseal_all(BJ, std::time::Duration::ZERO).await.unwrap();
    let moved = now().await;
    assert!(moved.totp.as_deref().unwrap().starts_with("2."));
    assert_eq!(f.store.totp(BJ, "a1", &moved).await.unwrap().as_deref(), Some("the second"));
    assert!(f.store.totp(BJ, "a2", &moved).await.is_err(), "another's does not open");
    let used = [7, 6, 8, 8, 9].map(|step| (f.store.clone(), step));
    let mut took = Vec::new();
    for (store, step) in used {
        took.push(store.totp_use(BJ, "a1", step).await.unwrap());
    }
    assert_eq!(took, [false, false, true, false, true]);
    assert!(f.store.recovery_use(BJ, "a1", "c1").await.unwrap());
    assert!(!f.store.recovery_use(BJ, "a1", "c1").await.unwrap());
    assert_eq!(f.store.recovery_left(BJ, "a1").await.unwrap(), 1);
    assert!(f.store.totp_clear(BJ, "a1").await.unwrap());
    assert_eq!(f.store.recovery_left(BJ, "a1").await.unwrap(), 0);
    assert!(!f.store.totp_clear(BJ, "a1").await.unwrap());
}

async fn sessions_end_one_by_one_all_at_once_and_the_oldest_first(kind: Kind) {
    let f = with_wang(kind).await;
    let first = session("t1-0123456789abcdef", 10);
    f.store.session_put(BJ, &first, 2).await.unwrap();
    let read = f.store.session(BJ, &first.token_hash, at(20)).await.unwrap().unwrap();
    assert_eq!((read.session, read.account.login.as_str()), (first.clone(), "wang"));
    assert!(f.store.session("sh", &first.token_hash, at(20)).await.unwrap().is_none());
    assert!(f.store.session(BJ, &first.token_hash, at(3610)).await.unwrap().is_none(), "an hour is over");
    for (n, token) in ["t2-0123456789abcdef", "t3-0123456789abcdef"].into_iter().enumerate() {
        f.store.session_put(BJ, &session(token, 11 + n as i64), 2).await.unwrap();
    }
    let left: Vec<String> =
        f.store.sessions(BJ, "a1", at(20)).await.unwrap().into_iter().map(|s| s.token_hash).collect();
    assert_eq!(left, ["t3-0123456789abcdef", "t2-0123456789abcdef"], "the oldest gave way");
    assert!(f.store.session_touch(BJ, &left[1], at(50), at(200)).await.unwrap());
    assert!(!f.store.session_revoke(BJ, "a2", "t2-0123456789abc").await.unwrap(), "another's");
    assert!(f.store.session_revoke(BJ, "a1", "t2-0123456789abc").await.unwrap());
    assert!(!f.store.session_revoke(BJ, "a1", "t2-0123456789abc").await.unwrap());
    f.store.session_put(BJ, &session("t4", 12), 2).await.unwrap();
    assert_eq!(f.store.sessions_end(BJ, "a1").await.unwrap(), 2);
    f.store.session_put(BJ, &session("t5", 12), 2).await.unwrap();
    assert_eq!(f.store.sessions_purge(BJ, at(3611)).await.unwrap(), 0);
    assert_eq!(f.store.sessions_purge(BJ, at(3612)).await.unwrap(), 1);
    f.store.session_put(BJ, &session("t6", 12), 2).await.unwrap();
    let (wang, _) = f.store.log_in(BJ, "wang").await.unwrap().unwrap();
    f.store.account_put(BJ, &Account { active: false, ..wang }).await.unwrap();
    assert!(f.store.session(BJ, "t6", at(20)).await.unwrap().is_none(), "an inactive account is signed out");
    assert!(f.store.session_delete(BJ, "t6").await.unwrap());
    assert!(!f.store.session_delete(BJ, "t6").await.unwrap());
}

async fn failures_shut_a_key_for_a_while(kind: Kind) {
    let f = fixture(kind).await;
    let attempt = |key: &'static str, second: i64| {
        let store = f.store.clone();
        async move { store.attempt(BJ, key, at(second), BEARING).await.unwrap() }
    };
    for left in [2, 1, 0] {
        assert_eq!(attempt("a", 1000).await, Ok(left));
    }
    assert_eq!(attempt("a", 1050).await, Err(at(1100)));
    assert_eq!(attempt("a", 1099).await, Err(at(1100)), "asking does not make it longer");
    assert_eq!(attempt("b", 1050).await, Ok(2));
    let shut = f.store.attempts_shut(BJ, at(1099), BEARING).await.unwrap();
    assert_eq!(shut, [("a".to_owned(), at(1100))]);
    assert_eq!(attempt("a", 1100).await, Ok(2), "it opens, and counts from the start");
    assert!(f.store.attempts_shut(BJ, at(1100), BEARING).await.unwrap().is_empty());
    // One that was right is given back; all of them are forgotten.
    assert_eq!(attempt("a", 1101).await, Ok(1));
    assert!(f.store.attempt_forget(BJ, "a", false).await.unwrap());
    assert_eq!(attempt("a", 1102).await, Ok(1));
    assert!(f.store.attempt_forget(BJ, "a", true).await.unwrap());
    assert!(!f.store.attempt_forget(BJ, "a", true).await.unwrap());
    assert_eq!(attempt("a", 1103).await, Ok(2));
    // A clock that was put back by much shuts nobody out for as long.
    for _ in 0..3 {
        let _ = attempt("c", 900_000).await;
    }
    assert_eq!(attempt("c", 1000).await, Ok(2));
    assert_eq!(f.store.attempts_purge(BJ, at(1103)).await.unwrap(), 2, "b and c");
}

/// Two processes, many guesses at one moment: no more than the key bears are let through.
async fn many_guesses_at_once_get_no_further(kind: Kind) {
    let f = fixture(kind).await;
    let other = crate::fixture::open(&f.db).await;
    let stores: Arc<[Store]> = Arc::new([f.store.clone(), other]);
    let guesses: Vec<_> = (0..40)
        .map(|n| {
            let stores = stores.clone();
            tokio::spawn(async move { stores[n % 2].attempt(BJ, "a", at(1000), BEARING).await.unwrap().is_ok() })
        })
        .collect();
    let mut through = 0;
    for guess in guesses {
        through += u32::from(guess.await.unwrap());
    }
    assert_eq!(through, BEARING.most);
}

async fn keys_end_and_say_when_they_were_used(kind: Kind) {
    let f = fixture(kind).await;
    let key = ApiKey {
        key_id: "0a1b2c3d".into(),
        key_hash: "digest".into(),
        name: "省平台".into(),
        scopes: vec!["register".into(), "take-back".into()],
        rate: 60,
        created_at: at(10),
        created_by: "admin".into(),
        expires_at: at(100),
        used_at: None,
    };
    f.store.api_key_put(BJ, &key).await.unwrap();
    assert_eq!(f.store.api_key(BJ, "digest", at(99)).await.unwrap(), Some(key.clone()));
    assert!(f.store.api_key(BJ, "digest", at(100)).await.unwrap().is_none());
    assert!(f.store.api_key("sh", "digest", at(20)).await.unwrap().is_none());
    f.store.api_key_touch(BJ, "0a1b2c3d", at(30)).await.unwrap();
    assert!(f.store.api_key_end(BJ, "0a1b2c3d", at(40)).await.unwrap());
    assert!(!f.store.api_key_end(BJ, "0a1b2c3d", at(50)).await.unwrap(), "never later than it would end anyway");
    assert!(f.store.api_key(BJ, "digest", at(40)).await.unwrap().is_none());
    let listed = &f.store.api_keys(BJ).await.unwrap()[0];
    assert_eq!((listed.used_at, listed.expires_at), (Some(at(30)), at(40)));
    assert!(!format!("{key:?}").contains("digest"));
}

async fn a_subject_is_linked_to_one_account(kind: Kind) {
    let f = with_wang(kind).await;
    let li = Account { account: "a2".into(), login: "li".into(), ..f.store.account(BJ, "a1").await.unwrap().unwrap() };
    f.store.account_put(BJ, &li).await.unwrap();
    let link = |subject: &str, account: &str| Identity {
        issuer: "https://id.example".into(),
        subject: subject.into(),
        account: account.into(),
    };
    f.store.identity_put(BJ, &link("u-1", "a1"), at(1), "admin").await.unwrap();
    let taken = f.store.identity_put(BJ, &link("u-1", "a2"), at(1), "admin").await;
    assert!(matches!(taken, Err(StoreError::Constraint { .. })), "{taken:?}");
    f.store.identity_put(BJ, &link("u-2", "a1"), at(1), "admin").await.unwrap();
    assert_eq!(f.store.identities(BJ).await.unwrap(), [link("u-2", "a1")], "one at each service");
    let found = async |issuer: &str, subject: &str| f.store.account_by_identity(BJ, issuer, subject).await.unwrap();
    assert_eq!(found("https://id.example", "u-2").await.unwrap().account, "a1");
    assert!(found("https://id.example", "u-1").await.is_none());
    assert!(found("https://other.example", "u-2").await.is_none());
    assert!(f.store.identity_delete(BJ, "a1").await.unwrap());
    assert!(!f.store.identity_delete(BJ, "a1").await.unwrap());
}

on_both! {
    a_password_is_kept_apart_and_its_past_is_bounded,
    a_second_factor_counts_when_confirmed_and_each_step_once,
    sessions_end_one_by_one_all_at_once_and_the_oldest_first,
    failures_shut_a_key_for_a_while,
    many_guesses_at_once_get_no_further,
    keys_end_and_say_when_they_were_used,
    a_subject_is_linked_to_one_account,
}
