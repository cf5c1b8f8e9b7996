//! What accounts are proven by: passwords as hashes, sealed second factors, recovery codes as digests.

use jiff::Timestamp;

use crate::accounts::account;
use crate::db::{Row, Tx, all, query};
use crate::deed::Deed;
use crate::error::{Named, StoreError};
use crate::model::Account;
use crate::rows::{flag, time, us};
use crate::seal::Spot;
use crate::store::Store;

/// What an account is proven by. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// A PHC string.
    pub password_hash: String,
    /// When the password was set.
    pub password_at: Timestamp,
    /// Somebody else knows it: to be changed at the next log-in.
    pub password_once: bool,
    /// The secret of the second factor as it is stored: [`Store::totp`] opens it.
    pub totp: Option<String>,
    /// A secret that was shown and not confirmed yet, as it is stored: [`Store::totp_new`] opens it.
    pub totp_new: Option<String>,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").field("password_at", &self.password_at).finish_non_exhaustive()
    }
}

/// How an account stands, for who looks after log-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whose.
    pub account: Account,
    /// When the password was set; `None`: there is none.
    pub password_at: Option<Timestamp>,
    /// To be changed at the next log-in.
    pub password_once: bool,
    /// A second factor is set.
    pub second_factor: bool,
    /// Sessions that have not expired.
    pub sessions: i64,
}

fn credential(row: &Row) -> Result<Credential, sqlx::Error> {
    Ok(Credential {
        password_hash: row.get("password_hash")?,
        password_at: time(row, "password_at")?,
        password_once: flag(row, "password_once")?,
        totp: row.get("totp")?,
        totp_new: row.get("totp_new")?,
    })
}

fn with_account(row: &Row) -> Result<(Account, Option<Credential>), sqlx::Error> {
    let has = row.get::<Option<String>>("password_hash")?.is_some();
    Ok((account(row)?, has.then(|| credential(row)).transpose()?))
}

fn standing(row: &Row) -> Result<Standing, sqlx::Error> {
    let (account, credential) = with_account(row)?;
    Ok(Standing {
        account,
        password_at: credential.as_ref().map(|c| c.password_at),
        password_once: credential.as_ref().is_none_or(|c| c.password_once),
        second_factor: credential.is_some_and(|c| c.totp.is_some()),
        sessions: row.get("sessions")?,
    })
}

const WITH_ACCOUNT: &str = "SELECT a.*, c.password_hash, c.password_at, c.password_once, c.totp, c.totp_new FROM account a \
     LEFT JOIN credential c ON c.jurisdiction = a.jurisdiction AND c.account = a.account WHERE a.jurisdiction = $1";

impl Store {
    /// An account, active or not, with what proves it, by what is typed at the log-in: one statement, whether there is one or not.
    pub async fn log_in(
        &self,
        jurisdiction: &str,
        login: &str,
    ) -> Result<Option<(Account, Option<Credential>)>, StoreError> {
        const OP: &str = "log_in";
        let sql = format!("{WITH_ACCOUNT} AND a.login = $2");
        let row = query(sql).bind(jurisdiction).bind(login).fetch_optional(self.read()).await.op(OP)?;
        row.as_ref().map(with_account).transpose().op(OP)
    }

    /// What proves an account; `None`: nothing does, nobody can log in to it.
    pub async fn credential(&self, jurisdiction: &str, account: &str) -> Result<Option<Credential>, StoreError> {
        const OP: &str = "credential";
        let sql = format!("{WITH_ACCOUNT} AND a.account = $2 AND c.account IS NOT NULL");
        let row = query(sql).bind(jurisdiction).bind(account).fetch_optional(self.read()).await.op(OP)?;
        row.as_ref().map(credential).transpose().op(OP)
    }

    /// How all accounts stand at `now`, by login.
    pub async fn standings(&self, jurisdiction: &str, now: Timestamp) -> Result<Vec<Standing>, StoreError> {
        const OP: &str = "standings";
        let rows = query(
            "SELECT a.*, c.password_hash, c.password_at, c.password_once, c.totp, c.totp_new, (SELECT COUNT(*) FROM session s \
             WHERE s.jurisdiction = a.jurisdiction AND s.account = a.account AND s.expires_at > $1 AND s.stage = 'open') \
             AS sessions FROM account a LEFT JOIN credential c ON c.jurisdiction = a.jurisdiction AND c.account = a.account \
             WHERE a.jurisdiction = $2 ORDER BY a.login",
        )
        .bind(us(now))
        .bind(jurisdiction)
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, standing).op(OP)
    }

    /// The same password under another hash. `false` if it was changed since it was read.
    pub async fn password_rehash(
        &self,
        jurisdiction: &str,
        account: &str,
        before: &str,
        hash: &str,
    ) -> Result<bool, StoreError> {
        const OP: &str = "password_rehash";
        let query = query(
            "UPDATE credential SET password_hash = $1 WHERE jurisdiction = $2 AND account = $3 AND password_hash = $4",
        );
        let query = query.bind(hash).bind(jurisdiction).bind(account).bind(before);
        Ok(query.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }

    /// Hashes of the past passwords, newest first.
    pub async fn passwords_past(&self, jurisdiction: &str, account: &str) -> Result<Vec<String>, StoreError> {
        const OP: &str = "passwords_past";
        let rows =
            query("SELECT password_hash FROM password_past WHERE jurisdiction = $1 AND account = $2 ORDER BY at DESC")
                .bind(jurisdiction)
                .bind(account)
                .fetch_all(self.read())
                .await
                .op(OP)?;
        all(&rows, |row| row.at(0)).op(OP)
    }

    /// The secret of the second factor; `None`: there is none.
    ///
    /// # Errors
    /// It does not open.
    pub async fn totp(
        &self,
        jurisdiction: &str,
        account: &str,
        credential: &Credential,
    ) -> Result<Option<String>, StoreError> {
        let Some(sealed) = &credential.totp else { return Ok(None) };
        self.unseal(jurisdiction, ("credential", &[account], "totp"), sealed).await.map(Some)
    }

    /// The secret that was offered and waits for its first code.
    ///
    /// # Errors
    /// It does not open.
    pub async fn totp_new(
        &self,
        jurisdiction: &str,
        account: &str,
        credential: &Credential,
    ) -> Result<Option<String>, StoreError> {
        let Some(sealed) = &credential.totp_new else { return Ok(None) };
        self.unseal(jurisdiction, ("credential", &[account], "totp_new"), sealed).await.map(Some)
    }

    /// Keeps a secret, sealed, until it is confirmed.
    pub async fn totp_offer(&self, jurisdiction: &str, account: &str, secret: &str) -> Result<bool, StoreError> {
        const OP: &str = "totp_offer";
        let sealed = self.seal(jurisdiction, ("credential", &[account], "totp_new"), secret).await?;
        let query = query("UPDATE credential SET totp_new = $1 WHERE jurisdiction = $2 AND account = $3")
            .bind(sealed)
            .bind(jurisdiction)
            .bind(account);
        Ok(query.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }

    /// Notes that a step's code was used; `false` if that or a later one was used before.
    pub async fn totp_use(&self, jurisdiction: &str, account: &str, step: i64) -> Result<bool, StoreError> {
        const OP: &str = "totp_use";
        let query =
            query("UPDATE credential SET totp_step = $1 WHERE jurisdiction = $2 AND account = $3 AND totp_step < $1");
        let query = query.bind(step).bind(jurisdiction).bind(account);
        Ok(query.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }

    /// Uses a recovery code up; `false` if there is no such code any more.
    pub async fn recovery_use(&self, jurisdiction: &str, account: &str, hash: &str) -> Result<bool, StoreError> {
        const OP: &str = "recovery_use";
        let query = query("DELETE FROM recovery_code WHERE jurisdiction = $1 AND account = $2 AND code_hash = $3");
        let query = query.bind(jurisdiction).bind(account).bind(hash);
        Ok(query.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }

    /// How many recovery codes are left.
    pub async fn recovery_left(&self, jurisdiction: &str, account: &str) -> Result<i64, StoreError> {
        query("SELECT COUNT(*) FROM recovery_code WHERE jurisdiction = $1 AND account = $2")
            .bind(jurisdiction)
            .bind(account)
            .scalar(self.read())
            .await
            .op("recovery_left")
    }

    /// Removes everything that proves an account.
    pub(crate) async fn credential_delete(&self, jurisdiction: &str, account: &str) -> Result<(), StoreError> {
        const OP: &str = "credential_delete";
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        for table in ["identity", "recovery_code", "password_past", "credential", "notice", "account_phone"] {
            let query = query(format!("DELETE FROM {table} WHERE jurisdiction = $1 AND account = $2"));
            query.bind(jurisdiction).bind(account).execute(&mut tx).await.op(OP)?;
        }
        tx.commit().await.op(OP)
    }
}

impl Deed {
    /// Sets a password. The one before is kept among the past ones, of which the `past` newest stay.
    pub async fn password_put(
        &mut self,
        account: &str,
        hash: &str,
        at: Timestamp,
        once: bool,
        past: u32,
    ) -> Result<(), StoreError> {
        const OP: &str = "password_put";
        let (tx, jurisdiction) = self.at();
        keep_past(&mut *tx, jurisdiction, account, at, past).await.op(OP)?;
        query(
            "INSERT INTO credential (jurisdiction, account, password_hash, password_at, password_once) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (jurisdiction, account) DO UPDATE SET \
             password_hash = excluded.password_hash, password_at = excluded.password_at, password_once = excluded.password_once",
        )
        .bind(jurisdiction)
        .bind(account)
        .bind(hash)
        .bind(us(at))
        .bind(once)
        .execute(&mut *tx)
        .await
        .op(OP)?;
        Ok(())
    }

    /// The secret that stood offered in `seen` becomes the second factor, with new recovery codes; `false` if another one was offered
    /// since.
    pub async fn totp_confirm(
        &mut self,
        account: &str,
        seen: &Credential,
        step: i64,
        recovery: &[String],
    ) -> Result<bool, StoreError> {
        const OP: &str = "totp_confirm";
        let Some(offered) = &seen.totp_new else { return Ok(false) };
        let rings = self.rings.clone();
        let (tx, jurisdiction) = self.at();
        let ring = rings.for_writing(&mut *tx, OP, jurisdiction).await?;
        let row = &[account];
        let spot = |column| Spot { jurisdiction, table: "credential", row, column };
        let secret = ring.open(&spot("totp_new"), offered).map_err(|source| StoreError::Key { op: OP, source })?;
        let sealed = ring.newest().seal(&spot("totp"), &secret);
        let set = query(
            "UPDATE credential SET totp = $1, totp_new = NULL, totp_step = $2 \
             WHERE jurisdiction = $3 AND account = $4 AND totp_new = $5",
        );
        let set = set.bind(sealed).bind(step).bind(jurisdiction).bind(account).bind(seen.totp_new.as_deref());
        if set.execute(&mut *tx).await.op(OP)? == 0 {
            return Ok(false);
        }
        recovery_clear(&mut *tx, jurisdiction, account).await.op(OP)?;
        let mut query = query("INSERT INTO recovery_code (jurisdiction, account, code_hash) ");
        query.push_values(recovery, |row, hash| {
            row.bind(jurisdiction).bind(account).bind(hash);
        });
        query.execute(&mut *tx).await.op(OP)?;
        Ok(true)
    }

    /// Takes the second factor away, recovery codes with it; `false` if there was none.
    pub async fn totp_clear(&mut self, account: &str) -> Result<bool, StoreError> {
        const OP: &str = "totp_clear";
        let (tx, jurisdiction) = self.at();
        recovery_clear(&mut *tx, jurisdiction, account).await.op(OP)?;
        let query = query(
            "UPDATE credential SET totp = NULL, totp_new = NULL \
             WHERE jurisdiction = $1 AND account = $2 AND (totp IS NOT NULL OR totp_new IS NOT NULL)",
        );
        let cleared = query.bind(jurisdiction).bind(account).execute(&mut *tx).await.op(OP)?;
        Ok(cleared == 1)
    }
}

async fn keep_past(
    tx: &mut Tx<'_>,
    jurisdiction: &str,
    account: &str,
    at: Timestamp,
    past: u32,
) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO password_past (jurisdiction, account, at, password_hash) \
         SELECT jurisdiction, account, CAST($1 AS BIGINT), password_hash FROM credential WHERE jurisdiction = $2 AND account = $3 \
         ON CONFLICT (jurisdiction, account, at) DO UPDATE SET password_hash = excluded.password_hash",
    )
    .bind(us(at))
    .bind(jurisdiction)
    .bind(account)
    .execute(&mut *tx)
    .await?;
    query(
        "DELETE FROM password_past WHERE jurisdiction = $1 AND account = $2 AND at NOT IN (SELECT at FROM password_past \
         WHERE jurisdiction = $1 AND account = $2 ORDER BY at DESC LIMIT $3)",
    )
    .bind(jurisdiction)
    .bind(account)
    .bind(i64::from(past))
    .execute(tx)
    .await
    .map(drop)
}

async fn recovery_clear(tx: &mut Tx<'_>, jurisdiction: &str, account: &str) -> Result<(), sqlx::Error> {
    query("DELETE FROM recovery_code WHERE jurisdiction = $1 AND account = $2")
        .bind(jurisdiction)
        .bind(account)
        .execute(tx)
        .await
        .map(drop)
}
