//! Personal data and appeals: who appealed, what else they appealed about.

use crate::error::{Named, StoreError};
use crate::model::{AppealRow, PersonRow, StoredTicket};
use crate::rows::{TICKET_COLUMNS, all, appeal, stored_ticket};
use crate::store::Store;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite};

pub(crate) const INSERT: &str = "INSERT INTO person (jurisdiction, person, name, sex, organisation, phone, \
     contact_phone, email, address, external_id) ";
pub(crate) const CHANGED: &str = " ON CONFLICT (jurisdiction, person) DO UPDATE SET name = excluded.name, \
     sex = excluded.sex, organisation = excluded.organisation, phone = excluded.phone, \
     contact_phone = excluded.contact_phone, email = excluded.email, address = excluded.address, \
     external_id = excluded.external_id";

const APPEAL: &str = "SELECT ticket, appeal, person, channel, received_at, query_code, source, source_id FROM appeal";

fn person(row: &SqliteRow) -> Result<PersonRow, sqlx::Error> {
    Ok(PersonRow {
        person: row.try_get("person")?,
        name: row.try_get("name")?,
        sex: row.try_get("sex")?,
        organisation: row.try_get("organisation")?,
        phone: row.try_get("phone")?,
        contact_phone: row.try_get("contact_phone")?,
        email: row.try_get("email")?,
        address: row.try_get("address")?,
        external_id: row.try_get("external_id")?,
    })
}

/// Inserts or replaces a person.
pub(crate) async fn put_person(
    conn: &mut SqliteConnection,
    jurisdiction: &str,
    p: &PersonRow,
) -> Result<(), sqlx::Error> {
    let mut query = QueryBuilder::<Sqlite>::new(INSERT);
    query.push_values([p], |mut row, p| {
        row.push_bind(jurisdiction.to_owned())
            .push_bind(p.person.clone())
            .push_bind(p.name.clone())
            .push_bind(p.sex.clone())
            .push_bind(p.organisation.clone())
            .push_bind(p.phone.clone())
            .push_bind(p.contact_phone.clone())
            .push_bind(p.email.clone())
            .push_bind(p.address.clone())
            .push_bind(p.external_id.clone());
    });
    query.push(CHANGED);
    query.build().execute(conn).await?;
    Ok(())
}

impl Store {
    /// A person by key.
    pub async fn person(&self, jurisdiction: &str, key: &str) -> Result<Option<PersonRow>, StoreError> {
        const OP: &str = "person";
        let row = sqlx::query("SELECT * FROM person WHERE jurisdiction = $1 AND person = $2")
            .bind(jurisdiction.to_owned())
            .bind(key.to_owned())
            .fetch_optional(self.read())
            .await
            .op(OP)?;
        row.as_ref().map(person).transpose().op(OP)
    }

    /// Inserts or replaces a person outside any command on a ticket: a correction, or an erasure (all fields `None`).
    pub async fn person_put(&self, jurisdiction: &str, p: &PersonRow) -> Result<(), StoreError> {
        const OP: &str = "person_put";
        put_person(&mut *self.write(OP).await?, jurisdiction, p).await.op(OP)
    }

    /// Persons with exactly this number as calling or as contact number, by key, at most 100.
    pub async fn persons_by_phone(&self, jurisdiction: &str, phone: &str) -> Result<Vec<PersonRow>, StoreError> {
        const OP: &str = "persons_by_phone";
        let rows = sqlx::query(
            "SELECT * FROM person WHERE jurisdiction = $1 AND (phone = $2 OR contact_phone = $2) \
             ORDER BY person LIMIT 100",
        )
        .bind(jurisdiction.to_owned())
        .bind(phone.to_owned())
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, person).op(OP)
    }

    /// The tickets of whoever has this number, newest first: what the seat sees when the phone rings. `limit` ≤ 100.
    pub async fn tickets_by_phone(
        &self,
        jurisdiction: &str,
        phone: &str,
        limit: u32,
    ) -> Result<Vec<StoredTicket>, StoreError> {
        const OP: &str = "tickets_by_phone";
        let sql = format!(
            "SELECT {TICKET_COLUMNS} FROM ticket t WHERE t.jurisdiction = $1 AND t.ticket IN \
             (SELECT a.ticket FROM person p JOIN appeal a ON a.jurisdiction = p.jurisdiction AND a.person = p.person \
              WHERE p.jurisdiction = $1 AND (p.phone = $2 OR p.contact_phone = $2)) \
             ORDER BY t.registered_at DESC, t.ticket DESC LIMIT $3"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(jurisdiction.to_owned())
            .bind(phone.to_owned())
            .bind(i64::from(limit.min(100)))
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, stored_ticket).op(OP)
    }

    /// The appeals of whoever has this number, with their tickets, newest first, at most 100: a short message came from it.
    pub async fn appeals_by_phone(
        &self,
        jurisdiction: &str,
        phone: &str,
    ) -> Result<Vec<(String, AppealRow)>, StoreError> {
        const OP: &str = "appeals_by_phone";
        let sql = format!(
            "{APPEAL} WHERE jurisdiction = $1 AND person IN (SELECT p.person FROM person p WHERE p.jurisdiction = $1 \
             AND (p.phone = $2 OR p.contact_phone = $2)) ORDER BY received_at DESC, ticket DESC, appeal LIMIT 100"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(jurisdiction.to_owned())
            .bind(phone.to_owned())
            .fetch_all(self.read())
            .await
            .op(OP)?;
        rows.iter().map(|row| Ok((row.try_get("ticket")?, appeal(row)?))).collect::<Result<_, sqlx::Error>>().op(OP)
    }

    /// The appeals of a ticket, oldest first.
    pub async fn appeals(&self, jurisdiction: &str, ticket: &str) -> Result<Vec<AppealRow>, StoreError> {
        const OP: &str = "appeals";
        let sql = format!("{APPEAL} WHERE jurisdiction = $1 AND ticket = $2 ORDER BY received_at, appeal");
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(jurisdiction.to_owned())
            .bind(ticket.to_owned())
            .fetch_all(self.read())
            .await
            .op(OP)?;
        all(&rows, appeal).op(OP)
    }

    /// The appeal that a citizen asks for with number and query code. `None` says nothing about which one was wrong.
    pub async fn appeal_by_code(
        &self,
        jurisdiction: &str,
        ticket: &str,
        query_code: &str,
    ) -> Result<Option<AppealRow>, StoreError> {
        const OP: &str = "appeal_by_code";
        let sql =
            format!("{APPEAL} WHERE jurisdiction = $1 AND ticket = $2 AND query_code = $3 ORDER BY appeal LIMIT 1");
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(jurisdiction.to_owned())
            .bind(ticket.to_owned())
            .bind(query_code.to_owned())
            .fetch_optional(self.read())
            .await
            .op(OP)?;
        row.as_ref().map(appeal).transpose().op(OP)
    }

    /// The ticket and appeal that stand for another platform's number.
    pub async fn appeal_by_source(
        &self,
        jurisdiction: &str,
        source: &str,
        source_id: &str,
    ) -> Result<Option<(String, AppealRow)>, StoreError> {
        const OP: &str = "appeal_by_source";
        let sql =
            format!("{APPEAL} WHERE jurisdiction = $1 AND source = $2 AND source_id = $3 ORDER BY received_at LIMIT 1");
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(jurisdiction.to_owned())
            .bind(source.to_owned())
            .bind(source_id.to_owned())
            .fetch_optional(self.read())
            .await
            .op(OP)?;
        row.as_ref().map(|row| Ok((row.try_get("ticket")?, appeal(row)?))).transpose().op(OP)
    }
}
