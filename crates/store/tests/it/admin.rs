//! Accounts, units, settings.

use jiesu_store::{Account, StoreError, Unit};

use jiesu_testkit::{Kind, TestDb, on_both};

use crate::fixture::{BJ, at, fixture};

fn account(key: &str, login: &str) -> Account {
    Account {
        account: key.into(),
        login: login.into(),
        name: "王芳".into(),
        role: "seat".into(),
        unit: None,
        active: true,
    }
}

async fn accounts(kind: Kind) {
    let f = fixture(kind).await;
    let wang = account("a1", "wang");
    f.store.account_put(BJ, &wang).await.unwrap();
    f.store.account_put(BJ, &account("a2", "li")).await.unwrap();
    let taken = f.store.account_put(BJ, &account("a3", "wang")).await;
    assert!(matches!(taken, Err(StoreError::Constraint { .. })));
    f.store.account_put("sh", &account("a1", "wang")).await.unwrap();
    assert_eq!(f.store.account_by_login(BJ, "wang").await.unwrap(), Some(wang.clone()));
    assert_eq!(f.store.accounts(BJ).await.unwrap().len(), 2);
    f.store.password_put(BJ, "a2", "$argon2id$x", at(1), false, 5).await.unwrap();
    assert!(f.store.account_delete(BJ, "a2").await.unwrap());
    assert_eq!(f.store.account(BJ, "a2").await.unwrap(), None);
    assert!(!f.store.account_delete(BJ, "a2").await.unwrap());
}

async fn units_settings_and_jurisdictions(kind: Kind) {
    let f = fixture(kind).await;
    let unit = |key: &str, parent: Option<&str>| Unit {
        unit: key.into(),
        name: key.into(),
        kind: "department".into(),
        parent: parent.map(str::to_owned),
        active: true,
    };
    let units = [unit("street", Some("district")), unit("district", None)];
    f.store.units_put(BJ, &units).await.unwrap();
    f.store.units_put(BJ, &[]).await.unwrap();
    let closed = Unit { active: false, ..unit("street", None) };
    f.store.units_put(BJ, std::slice::from_ref(&closed)).await.unwrap();
    assert_eq!(f.store.units(BJ).await.unwrap(), [unit("district", None), closed]);
    assert!(f.store.units("sh").await.unwrap().is_empty());
    let many: Vec<Unit> = (0..5_001).map(|n| unit(&format!("u{n}"), None)).collect();
    assert!(matches!(f.store.units_put("sh", &many).await, Err(StoreError::Invalid { .. })));
    f.store.units_put("sh", &many[..5_000]).await.unwrap();
    assert_eq!(f.store.units("sh").await.unwrap().len(), 5_000);

    f.store.setting_put(BJ, "theme", "dark").await.unwrap();
    f.store.setting_put(BJ, "theme", "light").await.unwrap();
    assert_eq!(f.store.setting(BJ, "theme").await.unwrap().as_deref(), Some("light"));
    assert_eq!(f.store.setting("sh", "theme").await.unwrap(), None);
    assert_eq!(f.store.settings(BJ).await.unwrap(), [("theme".into(), "light".into())]);
    assert_eq!(f.store.jurisdictions().await.unwrap().len(), 2);
    let nowhere = f.store.setting_put("nowhere", "a", "b").await;
    assert!(matches!(nowhere, Err(StoreError::Constraint { .. })));
}

/// Two processes that open a new database at the same moment.
async fn a_new_database_may_be_migrated_twice_at_once(kind: Kind) {
    for _ in 0..5 {
        let db = TestDb::new(kind).await;
        let location = db.location().to_owned();
        let open = |location: String| async move {
            let store = jiesu_store::Store::open(&location, jiesu_store::StoreOptions::with_key(jiesu_testkit::MASTER))
                .await
                .unwrap();
            store.migrate().await.unwrap();
            store.schema_version().await.unwrap()
        };
        let (a, b) = (tokio::spawn(open(location.clone())), tokio::spawn(open(location)));
        assert_eq!(a.await.unwrap(), b.await.unwrap());
    }
}

on_both! {
    accounts,
    units_settings_and_jurisdictions,
    a_new_database_may_be_migrated_twice_at_once,
}
