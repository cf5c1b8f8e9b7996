//! What units have named, who holds and held which post, and what went over from one holder to the next.

use jiff::Timestamp;

use crate::admin::next_number;
use crate::db::{Row, Tx, all, query};
use crate::deed::Deed;
use crate::error::{Named, StoreError};
use crate::follow::{ORGANISATION, organised};
use crate::model::Unit;
use crate::rows::{time, time_opt, us};
use crate::store::Store;

/// What a unit has named besides its people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitDuties {
    /// The unit.
    pub unit: String,
    /// The office that answers.
    pub office: Option<String>,
    /// Account of its knowledge clerk.
    pub clerk: Option<String>,
    /// Answered round the clock.
    pub duty_phone: Option<String>,
    /// Code of its administrative division.
    pub division: Option<String>,
}

/// A post that somebody holds or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPost {
    /// Whose.
    pub account: String,
    /// The role, in the caller's vocabulary.
    pub role: String,
    /// The unit; `None` for the centre.
    pub unit: Option<String>,
    /// Sort of a seat, in the caller's vocabulary.
    pub seat: Option<String>,
    /// Since when; the epoch where nobody wrote it down.
    pub from: Timestamp,
    /// Until when; `None`: still.
    pub until: Option<Timestamp>,
    /// Account of who gave it.
    pub given_by: String,
    /// Account of who ended it.
    pub ended_by: Option<String>,
}

/// What becomes of a post that is to be ended, or an account that is to be shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It is done.
    Done,
    /// There is nothing to end.
    Nothing,
    /// It is the last one of its role in use, and the caller said that one must be left.
    Last,
}

/// What went over when a post ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// From 1, without a gap.
    pub handover: i64,
    /// The unit whose work it is.
    pub unit: String,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// When.
    pub at: Timestamp,
    /// By whose hand.
    pub given_by: String,
    /// Numbers of the tickets.
    pub tickets: Vec<String>,
}

fn duties(row: &Row) -> Result<UnitDuties, sqlx::Error> {
    Ok(UnitDuties {
        unit: row.get("unit")?,
        office: row.get("office")?,
        clerk: row.get("clerk")?,
        duty_phone: row.get("duty_phone")?,
        division: row.get("division")?,
    })
}

fn held(row: &Row) -> Result<HeldPost, sqlx::Error> {
    Ok(HeldPost {
        account: row.get("account")?,
        role: row.get("role")?,
        unit: row.get("unit")?,
        seat: row.get("seat")?,
        from: time(row, "from_at")?,
        until: time_opt(row, "until_at")?,
        given_by: row.get("given_by")?,
        ended_by: row.get("ended_by")?,
    })
}

fn handover(row: &Row) -> Result<Handover, sqlx::Error> {
    let tickets: String = row.get("tickets")?;
    Ok(Handover {
        handover: row.get("handover")?,
        unit: row.get("unit")?,
        from: row.get("from_account")?,
        to: row.get("to_account")?,
        at: time(row, "at")?,
        given_by: row.get("given_by")?,
        tickets: serde_json::from_str(&tickets).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
    })
}

/// Whether somebody else in use has the role of this account. The caller has the lock of the organisation.
async fn others(tx: &mut Tx<'_>, jurisdiction: &str, account: &str, role: &str) -> Result<bool, sqlx::Error> {
    let others: i64 =
        query("SELECT COUNT(*) FROM account WHERE jurisdiction = $1 AND role = $2 AND active = 1 AND account <> $3")
            .bind(jurisdiction)
            .bind(role)
            .bind(account)
            .scalar(tx)
            .await?;
    Ok(others > 0)
}

impl Store {
    /// What every unit has named, by unit.
    pub async fn unit_duties(&self, jurisdiction: &str) -> Result<Vec<UnitDuties>, StoreError> {
        const OP: &str = "unit_duties";
        let rows =
            query("SELECT unit, office, clerk, duty_phone, division FROM unit WHERE jurisdiction = $1 ORDER BY unit")
                .bind(jurisdiction)
                .fetch_all(self.read())
                .await
                .op(OP)?;
        all(&rows, duties).op(OP)
    }

    /// Posts that are held now, by account; with `account` all that it holds and held, the last first.
    pub async fn posts(&self, jurisdiction: &str, account: Option<&str>) -> Result<Vec<HeldPost>, StoreError> {
        const OP: &str = "posts";
        let mut query = query("SELECT * FROM post WHERE jurisdiction = ");
        query.push_bind(jurisdiction);
        match account {
            Some(account) => query.push(" AND account = ").push_bind(account).push(" ORDER BY post DESC"),
            None => query.push(" AND until_at IS NULL ORDER BY account"),
        };
        let rows = query.fetch_all(self.read()).await.op(OP)?;
        all(&rows, held).op(OP)
    }

    /// Writes a handover down; returns its number.
    pub async fn handover_put(&self, jurisdiction: &str, h: &Handover) -> Result<i64, StoreError> {
        const OP: &str = "handover_put";
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        let number = next_number(&mut tx, jurisdiction, "handover").await.op(OP)?;
        query(
            "INSERT INTO handover (jurisdiction, handover, unit, from_account, to_account, at, given_by, tickets) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(jurisdiction)
        .bind(number)
        .bind(&h.unit)
        .bind(&h.from)
        .bind(&h.to)
        .bind(us(h.at))
        .bind(&h.given_by)
        .bind(serde_json::to_string(&h.tickets).expect("a list of numbers"))
        .execute(&mut tx)
        .await
        .op(OP)?;
        tx.commit().await.op(OP)?;
        Ok(number)
    }

    /// The last hundred handovers, of these units if given, the newest first.
    pub async fn handovers(&self, jurisdiction: &str, units: Option<&[String]>) -> Result<Vec<Handover>, StoreError> {
        const OP: &str = "handovers";
        let mut query = query("SELECT * FROM handover WHERE jurisdiction = ");
        query.push_bind(jurisdiction);
        match units {
            Some([]) => return Ok(Vec::new()),
            Some(units) => {
                query.push(" AND unit IN (").push_list(units.iter().map(String::as_str)).push(")");
            }
            None => {}
        }
        query.push(" ORDER BY handover DESC LIMIT 100");
        let rows = query.once().fetch_all(self.read()).await.op(OP)?;
        all(&rows, handover).op(OP)
    }
}

impl Deed {
    /// Inserts or replaces units with what they have named, all or none.
    pub async fn units_named(&mut self, units: &[(Unit, UnitDuties)]) -> Result<(), StoreError> {
        const OP: &str = "units_named";
        let (tx, jurisdiction) = self.at();
        next_number(&mut *tx, jurisdiction, ORGANISATION).await.op(OP)?;
        for (u, d) in units {
            query(
                "INSERT INTO unit (jurisdiction, unit, name, kind, parent, active, office, clerk, duty_phone, division) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (jurisdiction, unit) DO UPDATE SET \
                 name = excluded.name, kind = excluded.kind, parent = excluded.parent, active = excluded.active, \
                 office = excluded.office, clerk = excluded.clerk, duty_phone = excluded.duty_phone, \
                 division = excluded.division",
            )
            .bind(jurisdiction)
            .bind(&u.unit)
            .bind(&u.name)
            .bind(&u.kind)
            .bind(&u.parent)
            .bind(u.active)
            .bind(&d.office)
            .bind(&d.clerk)
            .bind(&d.duty_phone)
            .bind(&d.division)
            .execute(&mut *tx)
            .await
            .op(OP)?;
        }
        Ok(())
    }

    /// Makes an account without a role: it can do nothing until a post is given. `false` if the key or the login is another's.
    pub async fn account_new(&mut self, login: &str, name: &str) -> Result<bool, StoreError> {
        const OP: &str = "account_new";
        let (tx, jurisdiction) = self.at();
        let insert = query(
            "INSERT INTO account (jurisdiction, account, login, name, role, active) \
             SELECT $1, $2, $2, $3, '', 1 WHERE NOT EXISTS (SELECT 1 FROM account \
             WHERE jurisdiction = $1 AND (account = $2 OR login = $2)) ON CONFLICT DO NOTHING",
        )
        .bind(jurisdiction)
        .bind(login)
        .bind(name);
        Ok(organised(tx, OP, jurisdiction, insert).await? == 1)
    }

    /// Renames an account, and opens or shuts it; sessions of one that is shut are over. One of the role `keep` must be left in use.
    pub async fn account_change(
        &mut self,
        account: &str,
        name: &str,
        active: bool,
        keep: &str,
    ) -> Result<Ended, StoreError> {
        const OP: &str = "account_change";
        let (tx, jurisdiction) = self.at();
        next_number(&mut *tx, jurisdiction, ORGANISATION).await.op(OP)?;
        let Some(role) = role_of(&mut *tx, jurisdiction, account).await.op(OP)? else { return Ok(Ended::Nothing) };
        if !active && role == keep && !others(&mut *tx, jurisdiction, account, &role).await.op(OP)? {
            return Ok(Ended::Last);
        }
        query("UPDATE account SET name = $3, active = $4 WHERE jurisdiction = $1 AND account = $2")
            .bind(jurisdiction)
            .bind(account)
            .bind(name)
            .bind(active)
            .execute(&mut *tx)
            .await
            .op(OP)?;
        if !active {
            out(&mut *tx, jurisdiction, account).await.op(OP)?;
        }
        Ok(Ended::Done)
    }

    /// Gives a post to an account that has none; `false` if it has one, is shut or is not there. Its sessions are over: a new role begins
    /// with a new log-in.
    pub async fn post_give(&mut self, p: &HeldPost) -> Result<bool, StoreError> {
        const OP: &str = "post_give";
        let (tx, jurisdiction) = self.at();
        next_number(&mut *tx, jurisdiction, ORGANISATION).await.op(OP)?;
        let given = query(
            "UPDATE account SET role = $3, unit = $4 WHERE jurisdiction = $1 AND account = $2 AND role = '' AND active = 1",
        )
        .bind(jurisdiction)
        .bind(&p.account)
        .bind(&p.role)
        .bind(&p.unit)
        .execute(&mut *tx)
        .await
        .op(OP)?;
        if given == 0 {
            return Ok(false);
        }
        held_from(&mut *tx, jurisdiction, p).await.op(OP)?;
        out(&mut *tx, jurisdiction, &p.account).await.op(OP)?;
        Ok(true)
    }

    /// Writes down that an account holds its role since a time, where it was given beside this ([`Store::account_put`]). What it held before
    /// ends then.
    pub async fn post_known(&mut self, p: &HeldPost) -> Result<(), StoreError> {
        const OP: &str = "post_known";
        let (tx, jurisdiction) = self.at();
        end_held(&mut *tx, jurisdiction, &p.account, p.from, &p.given_by).await.op(OP)?;
        held_from(&mut *tx, jurisdiction, p).await.op(OP)?;
        Ok(())
    }

    /// Ends the post of an account: it can do nothing from here on, and its sessions are over. One of the role `keep` must be left in use.
    pub async fn post_end(&mut self, account: &str, at: Timestamp, by: &str, keep: &str) -> Result<Ended, StoreError> {
        const OP: &str = "post_end";
        let (tx, jurisdiction) = self.at();
        next_number(&mut *tx, jurisdiction, ORGANISATION).await.op(OP)?;
        let role = role_of(&mut *tx, jurisdiction, account).await.op(OP)?.filter(|role| !role.is_empty());
        let Some(role) = role else { return Ok(Ended::Nothing) };
        if role == keep && !others(&mut *tx, jurisdiction, account, &role).await.op(OP)? {
            return Ok(Ended::Last);
        }
        end_held(&mut *tx, jurisdiction, account, at, by).await.op(OP)?;
        query("UPDATE account SET role = '', unit = NULL WHERE jurisdiction = $1 AND account = $2")
            .bind(jurisdiction)
            .bind(account)
            .execute(&mut *tx)
            .await
            .op(OP)?;
        out(&mut *tx, jurisdiction, account).await.op(OP)?;
        Ok(Ended::Done)
    }
}

async fn role_of(tx: &mut Tx<'_>, jurisdiction: &str, account: &str) -> Result<Option<String>, sqlx::Error> {
    query("SELECT role FROM account WHERE jurisdiction = $1 AND account = $2")
        .bind(jurisdiction)
        .bind(account)
        .scalar_optional(tx)
        .await
}

async fn held_from(tx: &mut Tx<'_>, jurisdiction: &str, p: &HeldPost) -> Result<(), sqlx::Error> {
    let number = next_number(tx, jurisdiction, "post").await?;
    query(
        "INSERT INTO post (jurisdiction, post, account, role, unit, seat, from_at, given_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(jurisdiction)
    .bind(number)
    .bind(&p.account)
    .bind(&p.role)
    .bind(&p.unit)
    .bind(&p.seat)
    .bind(us(p.from))
    .bind(&p.given_by)
    .execute(tx)
    .await
    .map(drop)
}

async fn end_held(
    tx: &mut Tx<'_>,
    jurisdiction: &str,
    account: &str,
    at: Timestamp,
    by: &str,
) -> Result<(), sqlx::Error> {
    query("UPDATE post SET until_at = $3, ended_by = $4 WHERE jurisdiction = $1 AND account = $2 AND until_at IS NULL")
        .bind(jurisdiction)
        .bind(account)
        .bind(us(at))
        .bind(by)
        .execute(tx)
        .await
        .map(drop)
}

/// Ends the sessions of an account.
async fn out(tx: &mut Tx<'_>, jurisdiction: &str, account: &str) -> Result<(), sqlx::Error> {
    let query = query("DELETE FROM session WHERE jurisdiction = $1 AND account = $2").bind(jurisdiction).bind(account);
    query.execute(tx).await.map(drop)
}
