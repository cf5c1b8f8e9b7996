//! The two roles of a PostgreSQL database: one owns the tables and changes them (`jiesu migrate`), the other one works (`jiesu serve`) and
//! cannot change or take out an entry of either journal, whatever runs in it. A file has no roles: there the triggers, the chain and the
//! anchors have to do.

use crate::db::{Dialect, all, query};
use crate::error::{Named, StoreError};
use crate::schema::TABLES;
use crate::store::Store;

/// Entries are added here, never changed.
const ADDED: [&str; 3] = ["journal", "audit", "anchor"];
/// Written by the owner alone.
const READ: [&str; 2] = ["audit_pruned", "_sqlx_migrations"];
/// Kept beside the tables that a copy carries over.
const DERIVED: [&str; 2] = ["tally", "ticket_terms"];

impl Store {
    /// Whether the database itself keeps this process from changing entries; `None` where it has no roles.
    pub async fn entries_are_kept(&self) -> Result<Option<bool>, StoreError> {
        const OP: &str = "entries_are_kept";
        if self.dialect() == Dialect::Sqlite {
            return Ok(None);
        }
        // Who owns a table, or may act as its owner, may do everything to it.
        let open: i64 = query(
            "SELECT COUNT(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
             AND relname IN ('journal', 'audit', 'anchor', 'audit_pruned') \
             AND (pg_has_role(relowner, 'MEMBER') OR has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER'))",
        )
        .scalar(self.read())
        .await
        .op(OP)?;
        Ok(Some(open == 0))
    }

    /// Whether this process may change the tables themselves: on PostgreSQL only as their owner, or before there are any.
    pub(crate) async fn owns(&self) -> Result<bool, StoreError> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(true);
        }
        let foreign: i64 = query(
            "SELECT COUNT(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = '_sqlx_migrations' \
             AND NOT pg_has_role(relowner, 'MEMBER')",
        )
        .scalar(self.read())
        .await
        .op("owns")?;
        Ok(foreign == 0)
    }

    /// Grants a role what the application needs and no more, and so does anew to every role that was granted it before: tables may have come.
    /// To be called by the owner, after [`Store::migrate`]. Returns the roles.
    ///
    /// # Errors
    /// `Invalid` if there is no such role, or it could change entries all the same: a superuser, or a member of the owner's role.
    pub async fn grant_application(&self, role: Option<&str>) -> Result<Vec<String>, StoreError> {
        const OP: &str = "grant_application";
        if self.dialect() == Dialect::Sqlite {
            return match role {
                Some(_) => Err(StoreError::invalid(OP, "a file has no roles")),
                None => Ok(Vec::new()),
            };
        }
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        let granted = query(
            "SELECT DISTINCT a.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) a \
             WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = 'journal' AND a.privilege_type = 'INSERT' \
             AND a.grantee NOT IN (0, c.relowner)",
        );
        let mut roles: Vec<String> = all(&granted.fetch_all(&mut tx).await.op(OP)?, |row| row.at(0)).op(OP)?;
        if let Some(role) = role {
            let quoted = query(
                "SELECT quote_ident(rolname) FROM pg_roles WHERE rolname = $1 AND NOT rolsuper \
                 AND NOT pg_has_role(oid, current_user::regrole, 'MEMBER')",
            );
            let quoted: Option<String> = quoted.bind(role).scalar_optional(&mut tx).await.op(OP)?;
            let wrong = || StoreError::invalid(OP, "no such role, or one that could change entries all the same");
            roles.push(quoted.ok_or_else(wrong)?);
        }
        roles.sort();
        roles.dedup();
        let schema: String = query("SELECT quote_ident(current_schema())").scalar(&mut tx).await.op(OP)?;
        for role in &roles {
            for sql in grants(&schema, role) {
                query(sql).once().execute(&mut tx).await.op(OP)?;
            }
        }
        tx.commit().await.op(OP)?;
        Ok(roles)
    }
}

/// What a role gets; both names are quoted already.
fn grants(schema: &str, role: &str) -> Vec<String> {
    let rows = TABLES.iter().map(|t| t.name).chain(DERIVED);
    let changed = rows.filter(|name| !ADDED.contains(name) && !READ.contains(name)).collect::<Vec<_>>().join(", ");
    vec![
        format!("REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}"),
        format!("REVOKE CREATE ON SCHEMA {schema} FROM {role}"),
        format!("GRANT USAGE ON SCHEMA {schema} TO {role}"),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {changed} TO {role}"),
        format!("GRANT SELECT, INSERT ON {} TO {role}", ADDED.join(", ")),
        format!("GRANT SELECT ON {} TO {role}", READ.join(", ")),
    ]
}
