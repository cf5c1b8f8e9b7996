//! On PostgreSQL the role that works cannot change or take out an entry: real roles, real refusals.

use jiesu_store::{Outcome, Store, StoreError, StoreOptions};
use jiesu_testkit::{Kind, TestDb};

use crate::audit::audited;
use crate::fixture::{BJ, jurisdictions, new_job, next_job, number};

/// A database whose tables belong to one role and are worked on by another: its address as superuser, owner and application.
struct Roles {
    db: TestDb,
    owner: String,
    application: String,
    /// The application's name.
    role: String,
}

async fn roles() -> Roles {
    let db = TestDb::new(Kind::Postgres).await;
    let schema = db.location().rsplit_once("%3D").unwrap().1.to_owned();
    let (owner, role) = (format!("owner_{schema}"), format!("application_{schema}"));
    // A process number may have been used before, and roles belong to the whole cluster.
    db.run(&format!(
        "DO $$ BEGIN CREATE ROLE {owner} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
         DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
         ALTER SCHEMA {schema} OWNER TO {owner}"
    ))
    .await
    .unwrap();
    let as_role = |role: &str| db.location().replacen("jiesu@", &format!("{role}@"), 1);
    Roles { owner: as_role(&owner), application: as_role(&role), role, db }
}

async fn open(location: &str) -> Store {
    Store::open(location, StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_application_works_and_cannot_change_an_entry() {
    let roles = roles().await;
    let owner = open(&roles.owner).await;
    owner.migrate().await.unwrap();
    jurisdictions(&owner).await;
    assert_eq!(owner.entries_are_kept().await.unwrap(), Some(false), "its owner could change them");
    let application = vec![roles.role.clone()];
    assert_eq!(owner.grant_application(Some(&roles.role)).await.unwrap(), application);
    assert_eq!(owner.grant_application(None).await.unwrap(), application, "granted once, granted anew");

    let store = open(&roles.application).await;
    store.migrate().await.unwrap();
    assert_eq!(store.entries_are_kept().await.unwrap(), Some(true));
    assert!(matches!(store.append(new_job(BJ, |_| {})).await.unwrap(), Outcome::Done { .. }));
    assert!(matches!(store.append(next_job(&number(1), 1, |_| {})).await.unwrap(), Outcome::Done { .. }));
    store.audit_append(BJ, &[audited(1, "a"), audited(2, "a")]).await.unwrap();
    let anchored = store.anchor_make(BJ, "2026-11-22", &audited(3, "system"), |_, _| "text".into()).await.unwrap();
    assert!(anchored.is_some());

    let application = TestDb::at(&roles.application);
    for sql in tries(&roles) {
        let refused = application.run(&sql).await.expect_err(&sql);
        let state = refused.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
        // insufficient_privilege
        assert_eq!(state, "42501", "{sql}: {refused}");
    }
    for report in [store.verify_chain(BJ, |_, _| {}).await.unwrap(), store.verify_audit(BJ, |_, _| {}).await.unwrap()] {
        assert_eq!(report.fault, None);
        assert!(report.entries >= 2);
    }
}

/// Everything by which somebody who has the application's role might get at an entry.
fn tries(roles: &Roles) -> Vec<String> {
    let owner = roles.owner.split_once("://").unwrap().1.split_once('@').unwrap().0;
    let mut tries: Vec<String> = ["SET session_replication_role = replica", "CREATE TABLE mine (a BIGINT)"]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("SET ROLE {owner}"), format!("GRANT {owner} TO {}", roles.role)])
        .chain(["journal_is_append_only", "is_kept", "audit_is_kept"].map(|function| {
            format!(
                "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS \
                 'BEGIN RETURN NEW; END'"
            )
        }))
        .collect();
    for table in ["journal", "audit", "audit_pruned", "anchor"] {
        let trigger = if table == "audit" { "audit_no_update" } else { &format!("{table}_no_change") };
        tries.extend([
            format!("UPDATE {table} SET at = at + 1"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table}"),
            format!("DROP TABLE {table}"),
            format!("DROP TRIGGER {trigger} ON {table}"),
            format!("ALTER TABLE {table} DISABLE TRIGGER {trigger}"),
            format!("ALTER TABLE {table} DISABLE TRIGGER ALL"),
            format!("ALTER TABLE {table} ADD COLUMN more TEXT"),
            format!("ALTER TABLE {table} OWNER TO {}", roles.role),
            format!("CREATE RULE r AS ON INSERT TO {table} DO INSTEAD NOTHING"),
            format!("GRANT UPDATE ON {table} TO {}", roles.role),
            format!("MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE"),
        ]);
    }
    tries.push("INSERT INTO audit_pruned SELECT jurisdiction, seq, at, hash, '' FROM audit".into());
    tries.push("UPDATE _sqlx_migrations SET version = version + 1".into());
    // PostgreSQL lets nobody grant what they do not have, but only warns of it.
    tries.retain(|sql| !sql.starts_with("GRANT UPDATE"));
    tries
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_application_does_not_change_the_tables() {
    let roles = roles().await;
    let owner = open(&roles.owner).await;
    owner.migrate().await.unwrap();
    owner.grant_application(Some(&roles.role)).await.unwrap();
    roles.db.run("DELETE FROM _sqlx_migrations WHERE version = 19").await.unwrap();
    let store = open(&roles.application).await;
    let told = store.migrate().await;
    assert!(matches!(told, Err(StoreError::NotOwner { version: 14.., .. })), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_could_change_entries_all_the_same_is_not_granted() {
    let roles = roles().await;
    let owner = open(&roles.owner).await;
    owner.migrate().await.unwrap();
    let name = roles.owner.split_once("://").unwrap().1.split_once('@').unwrap().0.to_owned();
    for role in ["jiesu", "nobody\"; DROP TABLE audit; --", &name] {
        let refused = owner.grant_application(Some(role)).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{role}: {refused:?}");
    }
    let alone = open(roles.db.location()).await;
    assert_eq!(alone.entries_are_kept().await.unwrap(), Some(false), "a superuser could");
}
