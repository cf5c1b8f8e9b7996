//! Personal data and appeals: who appealed, what else they appealed about. Sealed on the way in, opened on the way out; phones and identity
//! numbers are found by a keyed digest of their tidied form.

use std::collections::BTreeMap;

use crate::columns::{ID_NUMBER, PHONE};
use crate::db::{Query, Row, Tuple, Tx, Value, all, query};
use crate::deed::Deed;
use crate::error::{Named, StoreError};
use crate::matters::NAMED;
use crate::model::{AppealRow, PersonRow, StoredTicket};
use crate::rows::{TICKET_COLUMNS, stored_ticket, time};
use crate::seal::{DataKey, Ring, Spot};
use crate::store::Store;

pub(crate) const INSERT: &str = "INSERT INTO person (jurisdiction, person, name, sex, organisation, phone, \
     contact_phone, email, address, id_number, external_id, phone_find, contact_phone_find, id_number_find) ";
pub(crate) const CHANGED: &str = " ON CONFLICT (jurisdiction, person) DO UPDATE SET name = excluded.name, \
     sex = excluded.sex, organisation = excluded.organisation, phone = excluded.phone, \
     contact_phone = excluded.contact_phone, email = excluded.email, address = excluded.address, \
     id_number = excluded.id_number, external_id = excluded.external_id, phone_find = excluded.phone_find, \
     contact_phone_find = excluded.contact_phone_find, id_number_find = excluded.id_number_find";

const APPEAL: &str = "SELECT ticket, appeal, person, channel, received_at, query_code, source, source_id FROM appeal";

/// A phone or an identity number as it is compared: full-width digits, blanks, dashes and the country's number put right.
pub(crate) fn tidy(typed: &str) -> String {
    let plain = typed.chars().filter_map(|c| match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')),
        '＋' => Some('+'),
        c if c.is_ascii_alphanumeric() || c == '+' => Some(c.to_ascii_uppercase()),
        _ => None,
    });
    let plain: String = plain.collect();
    let national = ["+86", "0086", "86"].iter().find_map(|country| plain.strip_prefix(country));
    let mobile = |n: &&str| n.len() == 11 && n.starts_with('1');
    national.filter(mobile).map_or_else(|| plain.clone(), str::to_owned)
}

/// A person of a row that is opened.
fn person(op: &'static str, jurisdiction: &str, ring: &Ring, row: &Row) -> Result<PersonRow, StoreError> {
    let key: String = row.get("person").op(op)?;
    let open = |column: &str| {
        let spot = Spot { jurisdiction, table: "person", row: &[&key], column };
        let stored: Option<String> = row.get(column).op(op)?;
        stored.map(|s| ring.open(&spot, &s)).transpose().map_err(|source| StoreError::Key { op, source })
    };
    Ok(PersonRow {
        name: open("name")?,
        sex: open("sex")?,
        organisation: open("organisation")?,
        phone: open("phone")?,
        contact_phone: open("contact_phone")?,
        email: open("email")?,
        address: open("address")?,
        id_number: open("id_number")?,
        external_id: open("external_id")?,
        person: key.clone(),
    })
}

/// An appeal of a row of [`APPEAL`].
fn appeal(op: &'static str, jurisdiction: &str, ring: &Ring, row: &Row) -> Result<(String, AppealRow), StoreError> {
    let (ticket, number): (String, String) = (row.get("ticket").op(op)?, row.get("appeal").op(op)?);
    let spot = Spot { jurisdiction, table: "appeal", row: &[&ticket, &number], column: "query_code" };
    let query_code = ring.open(&spot, &row.get::<String>("query_code").op(op)?);
    let query_code = query_code.map_err(|source| StoreError::Key { op, source })?;
    let appeal = AppealRow {
        appeal: number.clone(),
        person: row.get("person").op(op)?,
        channel: row.get("channel").op(op)?,
        received_at: time(row, "received_at").op(op)?,
        query_code,
        source: row.get("source").op(op)?,
        source_id: row.get("source_id").op(op)?,
    };
    Ok((ticket.clone(), appeal))
}

/// The values of [`INSERT`].
pub(crate) fn bind(row: &mut Tuple<'_>, jurisdiction: &str, key: &DataKey, p: &PersonRow) {
    row.bind(jurisdiction).bind(&p.person);
    let sealed = [
        ("name", &p.name),
        ("sex", &p.sex),
        ("organisation", &p.organisation),
        ("phone", &p.phone),
        ("contact_phone", &p.contact_phone),
        ("email", &p.email),
        ("address", &p.address),
        ("id_number", &p.id_number),
        ("external_id", &p.external_id),
    ];
    for (column, value) in sealed {
        let spot = Spot { jurisdiction, table: "person", row: &[&p.person], column };
        row.bind(value.as_ref().map(|value| key.seal(&spot, value)));
    }
    for (sort, value) in [(PHONE, &p.phone), (PHONE, &p.contact_phone), (ID_NUMBER, &p.id_number)] {
        row.bind(value.as_ref().map(|value| key.find(sort, &tidy(value))));
    }
}

/// Inserts or replaces a person.
pub(crate) async fn put_person(
    tx: &mut Tx<'_>,
    op: &'static str,
    jurisdiction: &str,
    ring: &Ring,
    p: &PersonRow,
) -> Result<(), StoreError> {
    let mut query = query(INSERT);
    query.push_values([p], |row, p| bind(row, jurisdiction, ring.newest(), p));
    query.push(CHANGED);
    query.execute(tx).await.op(op)?;
    Ok(())
}

/// `SELECT columns FROM person p WHERE …` for whoever has this number.
fn whose(columns: &str, jurisdiction: &str, ring: &Ring, phone: &str) -> Query {
    let digests: Vec<Value> = ring.finds(PHONE, &tidy(phone)).into_iter().map(Value::from).collect();
    let mut query = query(format!("SELECT {columns} FROM person p WHERE p.jurisdiction = "));
    query.push_bind(jurisdiction).push(" AND (p.phone_find IN (").push_list(digests.clone());
    query.push(") OR p.contact_phone_find IN (").push_list(digests).push("))");
    query
}

/// `SELECT columns FROM person p WHERE …` for whoever has this identity number.
fn shown(columns: &str, jurisdiction: &str, ring: &Ring, number: &str) -> Query {
    let mut query = query(format!("SELECT {columns} FROM person p WHERE p.jurisdiction = "));
    query.push_bind(jurisdiction).push(" AND p.id_number_find IN (");
    query.push_list(ring.finds(ID_NUMBER, &tidy(number))).push(")");
    query
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
        let Some(row) = row else { return Ok(None) };
        self.opening(OP, jurisdiction, |ring| person(OP, jurisdiction, ring, &row)).await.map(Some)
    }

    /// Persons with exactly this number as calling or as contact number, by key, at most 100.
    pub async fn persons_by_phone(&self, jurisdiction: &str, phone: &str) -> Result<Vec<PersonRow>, StoreError> {
        const OP: &str = "persons_by_phone";
        let ring = self.fresh_ring(OP, jurisdiction).await?;
        let mut query = whose("p.*", jurisdiction, &ring, phone);
        query.push(" ORDER BY p.person LIMIT 100");
        self.persons_of(OP, jurisdiction, query).await
    }

    /// Persons with exactly this identity number, by key, at most 100.
    pub async fn persons_by_id_number(&self, jurisdiction: &str, number: &str) -> Result<Vec<PersonRow>, StoreError> {
        const OP: &str = "persons_by_id_number";
        let ring = self.fresh_ring(OP, jurisdiction).await?;
        let mut query = shown("p.*", jurisdiction, &ring, number);
        query.push(" ORDER BY p.person LIMIT 100");
        self.persons_of(OP, jurisdiction, query).await
    }

    /// Who made the appeals of these tickets, by ticket: each once, in the order in which they first came.
    pub async fn persons_of_tickets(
        &self,
        jurisdiction: &str,
        tickets: &[String],
    ) -> Result<BTreeMap<String, Vec<PersonRow>>, StoreError> {
        const OP: &str = "persons_of_tickets";
        let mut found: BTreeMap<String, Vec<PersonRow>> = BTreeMap::new();
        for some in tickets.chunks(NAMED) {
            let mut query = query(
                "SELECT p.*, a.ticket FROM appeal a \
                 JOIN person p ON p.jurisdiction = a.jurisdiction AND p.person = a.person WHERE a.jurisdiction = ",
            );
            query.push_bind(jurisdiction).push(" AND a.ticket IN (").push_list(some.iter().cloned());
            query.push(") ORDER BY a.ticket, a.received_at, a.appeal");
            let rows = query.once().fetch_all(self.read()).await.op(OP)?;
            if rows.is_empty() {
                continue;
            }
            let read = |ring: &Ring| {
                let whose = |row: &Row| Ok((row.get::<String>("ticket").op(OP)?, person(OP, jurisdiction, ring, row)?));
                rows.iter().map(whose).collect::<Result<Vec<_>, StoreError>>()
            };
            for (ticket, person) in self.opening(OP, jurisdiction, read).await? {
                let of = found.entry(ticket).or_default();
                if of.iter().all(|known| known.person != person.person) {
                    of.push(person);
                }
            }
        }
        Ok(found)
    }

    async fn persons_of(
        &self,
        op: &'static str,
        jurisdiction: &str,
        query: Query,
    ) -> Result<Vec<PersonRow>, StoreError> {
        let rows = query.fetch_all(self.read()).await.op(op)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let read = |ring: &Ring| rows.iter().map(|row| person(op, jurisdiction, ring, row)).collect();
        self.opening(op, jurisdiction, read).await
    }

    /// The tickets of whoever has this number, newest first: what the seat sees when the phone rings. `limit` ≤ 100.
    pub async fn tickets_by_phone(
        &self,
        jurisdiction: &str,
        phone: &str,
        limit: u32,
    ) -> Result<Vec<StoredTicket>, StoreError> {
        const OP: &str = "tickets_by_phone";
        let ring = self.fresh_ring(OP, jurisdiction).await?;
        self.tickets_of(OP, jurisdiction, whose("p.person", jurisdiction, &ring, phone), limit).await
    }

    /// The tickets of whoever has this identity number, newest first. `limit` ≤ 100.
    pub async fn tickets_by_id_number(
        &self,
        jurisdiction: &str,
        number: &str,
        limit: u32,
    ) -> Result<Vec<StoredTicket>, StoreError> {
        const OP: &str = "tickets_by_id_number";
        let ring = self.fresh_ring(OP, jurisdiction).await?;
        self.tickets_of(OP, jurisdiction, shown("p.person", jurisdiction, &ring, number), limit).await
    }

    /// The tickets of the persons that `whose` selects.
    async fn tickets_of(
        &self,
        op: &'static str,
        jurisdiction: &str,
        whose: Query,
        limit: u32,
    ) -> Result<Vec<StoredTicket>, StoreError> {
        let mut query = query(format!("SELECT {TICKET_COLUMNS} FROM ticket t WHERE t.jurisdiction = "));
        query.push_bind(jurisdiction).push(" AND t.ticket IN (SELECT a.ticket FROM appeal a WHERE a.jurisdiction = ");
        query.push_bind(jurisdiction).push(" AND a.person IN (");
        query.append(whose).push(")) ORDER BY t.registered_at DESC, t.ticket DESC LIMIT ");
        query.push_bind(i64::from(limit.min(100)));
        let rows = query.fetch_all(self.read()).await.op(op)?;
        all(&rows, stored_ticket).op(op)
    }

    /// The appeals of whoever has this number, with their tickets, newest first, at most 100: a short message came from it.
    pub async fn appeals_by_phone(
        &self,
        jurisdiction: &str,
        phone: &str,
    ) -> Result<Vec<(String, AppealRow)>, StoreError> {
        const OP: &str = "appeals_by_phone";
        let ring = self.fresh_ring(OP, jurisdiction).await?;
        let mut query = query(APPEAL);
        query.push(" WHERE jurisdiction = ").push_bind(jurisdiction).push(" AND person IN (");
        query.append(whose("p.person", jurisdiction, &ring, phone));
        query.push(") ORDER BY received_at DESC, ticket DESC, appeal LIMIT 100");
        self.appeals_of(OP, jurisdiction, query).await
    }

    async fn appeals_of(
        &self,
        op: &'static str,
        jurisdiction: &str,
        query: Query,
    ) -> Result<Vec<(String, AppealRow)>, StoreError> {
        let rows = query.fetch_all(self.read()).await.op(op)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let read = |ring: &Ring| rows.iter().map(|row| appeal(op, jurisdiction, ring, row)).collect();
        self.opening(op, jurisdiction, read).await
    }

    /// The appeals of a ticket, oldest first.
    pub async fn appeals(&self, jurisdiction: &str, ticket: &str) -> Result<Vec<AppealRow>, StoreError> {
        let sql = format!("{APPEAL} WHERE jurisdiction = $1 AND ticket = $2 ORDER BY received_at, appeal");
        let query = query(sql).bind(jurisdiction).bind(ticket);
        Ok(self.appeals_of("appeals", jurisdiction, query).await?.into_iter().map(|(_, appeal)| appeal).collect())
    }

    /// The appeal that a citizen asks for with number and query code. `None` says nothing about which one was wrong.
    pub async fn appeal_by_code(
        &self,
        jurisdiction: &str,
        ticket: &str,
        query_code: &str,
    ) -> Result<Option<AppealRow>, StoreError> {
        let mut appeals = self.appeals(jurisdiction, ticket).await?;
        // Each is looked at to its end: the time tells nothing of how much was right.
        appeals.retain(|a| alike(&a.query_code, query_code));
        Ok(appeals.into_iter().min_by(|a, b| a.appeal.cmp(&b.appeal)))
    }

    /// The ticket and appeal that stand for another platform's number.
    pub async fn appeal_by_source(
        &self,
        jurisdiction: &str,
        source: &str,
        source_id: &str,
    ) -> Result<Option<(String, AppealRow)>, StoreError> {
        let sql =
            format!("{APPEAL} WHERE jurisdiction = $1 AND source = $2 AND source_id = $3 ORDER BY received_at LIMIT 1");
        let query = query(sql).bind(jurisdiction).bind(source).bind(source_id);
        Ok(self.appeals_of("appeal_by_source", jurisdiction, query).await?.into_iter().next())
    }
}

impl Deed {
    /// Inserts or replaces a person outside any command on a ticket: a correction, or an erasure (all fields `None`).
    pub async fn person_put(&mut self, p: &PersonRow) -> Result<(), StoreError> {
        const OP: &str = "person_put";
        let rings = self.rings.clone();
        let (tx, jurisdiction) = self.at();
        let ring = rings.for_writing(&mut *tx, OP, jurisdiction).await?;
        put_person(&mut *tx, OP, jurisdiction, &ring, p).await?;
        Ok(())
    }
}

/// Equal, told in a time that does not depend on where they differ.
fn alike(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_people_write_them() {
        for typed in [
            "13800000000",
            "138 0000 0000",
            "138-0000-0000",
            "+86 13800000000",
            "008613800000000",
            "１３８００００００００",
        ] {
            assert_eq!(tidy(typed), "13800000000", "{typed}");
        }
        assert_eq!(tidy("0793-8220000"), "07938220000");
        assert_eq!(tidy("86000000"), "86000000", "a local number that begins like the country's");
        assert_eq!(tidy("11010119900307123x"), "11010119900307123X");
    }

    #[test]
    fn codes_are_alike_or_not() {
        assert!(alike("12345678", "12345678"));
        for other in ["", "1234567", "12345679", "02345678", "123456789"] {
            assert!(!alike("12345678", other), "{other}");
        }
    }
}
