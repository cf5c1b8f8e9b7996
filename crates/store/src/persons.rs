//! Personal data and appeals: who appealed, what else they appealed about.

use crate::db::{On, Row, Tuple, all, query};
use crate::error::{Named, StoreError};
use crate::model::{AppealRow, PersonRow, StoredTicket};
use crate::rows::{TICKET_COLUMNS, appeal, stored_ticket};
use crate::store::Store;

pub(crate) const INSERT: &str = "INSERT INTO person (jurisdiction, person, name, sex, organisation, phone, \
     contact_phone, email, address, external_id) ";
pub(crate) const CHANGED: &str = " ON CONFLICT (jurisdiction, person) DO UPDATE SET name = excluded.name, \
     sex = excluded.sex, organisation = excluded.organisation, phone = excluded.phone, \
     contact_phone = excluded.contact_phone, email = excluded.email, address = excluded.address, \
     external_id = excluded.external_id";

const APPEAL: &str = "SELECT ticket, appeal, person, channel, received_at, query_code, source, source_id FROM appeal";

fn person(row: &Row) -> Result<PersonRow, sqlx::Error> {
    Ok(PersonRow {
        person: row.get("person")?,
        name: row.get("name")?,
        sex: row.get("sex")?,
        organisation: row.get("organisation")?,
        phone: row.get("phone")?,
        contact_phone: row.get("contact_phone")?,
        email: row.get("email")?,
        address: row.get("address")?,
        external_id: row.get("external_id")?,
    })
}

/// Inserts or replaces a person.
/// The values of [`INSERT`].
pub(crate) fn bind(row: &mut Tuple<'_>, jurisdiction: &str, p: &PersonRow) {
    row.bind(jurisdiction)
        .bind(&p.person)
        .bind(&p.name)
        .bind(&p.sex)
        .bind(&p.organisation)
        .bind(&p.phone)
        .bind(&p.contact_phone)
        .bind(&p.email)
        .bind(&p.address)
        .bind(&p.external_id);
}

pub(crate) async fn put_person<'c>(
    on: impl Into<On<'c>>,
    jurisdiction: &str,
    p: &PersonRow,
) -> Result<(), sqlx::Error> {
    let mut query = query(INSERT);
    query.push_values([p], |row, p| bind(row, jurisdiction, p));
    query.push(CHANGED);
    query.execute(on).await?;
    Ok(())
}

impl Store {
    /// A person by key.
    pub async fn person(&self, jurisdiction: &str, key: &str) -> Result<Option<PersonRow>, StoreError> {
        const OP: &str = "person";
        let row = query("SELECT * FROM person WHERE jurisdiction = $1 AND person = $2")
            .bind(jurisdiction)
            .bind(key)
            .fetch_optional(self.read())
            .await
            .op(OP)?;
        row.as_ref().map(person).transpose().op(OP)
    }

    /// Inserts or replaces a person outside any command on a ticket: a correction, or an erasure (all fields `None`).
    pub async fn person_put(&self, jurisdiction: &str, p: &PersonRow) -> Result<(), StoreError> {
        const OP: &str = "person_put";
        let mut write = self.write(OP).await?;
        put_person(&mut write, jurisdiction, p).await.op(OP)
    }

    /// Persons with exactly this number as calling or as contact number, by key, at most 100.
    pub async fn persons_by_phone(&self, jurisdiction: &str, phone: &str) -> Result<Vec<PersonRow>, StoreError> {
        const OP: &str = "persons_by_phone";
        let rows = query(
            "SELECT * FROM person WHERE jurisdiction = $1 AND (phone = $2 OR contact_phone = $2) \
             ORDER BY person LIMIT 100",
        )
        .bind(jurisdiction)
        .bind(phone)
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
        let rows = query(sql)
            .bind(jurisdiction)
            .bind(phone)
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
        let rows = query(sql).bind(jurisdiction).bind(phone).fetch_all(self.read()).await.op(OP)?;
        rows.iter().map(|row| Ok((row.get("ticket")?, appeal(row)?))).collect::<Result<_, sqlx::Error>>().op(OP)
    }

    /// The appeals of a ticket, oldest first.
    pub async fn appeals(&self, jurisdiction: &str, ticket: &str) -> Result<Vec<AppealRow>, StoreError> {
        const OP: &str = "appeals";
        let sql = format!("{APPEAL} WHERE jurisdiction = $1 AND ticket = $2 ORDER BY received_at, appeal");
        let rows = query(sql).bind(jurisdiction).bind(ticket).fetch_all(self.read()).await.op(OP)?;
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
        let row =
            query(sql).bind(jurisdiction).bind(ticket).bind(query_code).fetch_optional(self.read()).await.op(OP)?;
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
        let row =
            query(sql).bind(jurisdiction).bind(source).bind(source_id).fetch_optional(self.read()).await.op(OP)?;
        row.as_ref().map(|row| Ok((row.get("ticket")?, appeal(row)?))).transpose().op(OP)
    }
}
