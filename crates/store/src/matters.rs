//! What finding matters needs: tickets in the order of their registration, who appealed (as keyed numbers, never by name), what was found to
//! be hot, what somebody found not to be one matter, and what became of hints.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;

use crate::columns::{ID_NUMBER, PHONE};
use crate::db::{Row, all, query};
use crate::error::{Named, StoreError};
use crate::model::TicketWithBody;
use crate::persons::tidy;
use crate::rows::{flag, time, time_opt, us};
use crate::seal::{Ring, Spot};
use crate::store::Store;
use crate::tickets::{columns, with_body};

/// Tickets of one question at most: a value each.
pub(crate) const NAMED: usize = 500;
/// Rows of one insert at most, of four values.
const ROWS: usize = 1_000;

/// Who made an appeal, as numbers that stand for a phone or an identity number: whoever shares one is one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfAppellant {
    /// The ticket.
    pub ticket: String,
    /// The appeal's number in it.
    pub appeal: u32,
    /// When it was received.
    pub received_at: Timestamp,
    /// Never empty: who left no number is a person of their own.
    pub person: Vec<u64>,
}

/// A matter that moved people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotIssue {
    /// From 1.
    pub rank: i64,
    /// Whose title stands for it.
    pub ticket: String,
    /// In thousandths.
    pub heat: i64,
    /// Distinct appellants.
    pub persons: i64,
    /// How often they came.
    pub contacts: i64,
    /// All tickets, in the order of their numbers.
    pub tickets: Vec<String>,
    /// The first and the last contact.
    pub from: Timestamp,
    /// The last contact.
    pub until: Timestamp,
    /// The unit that governs the county, where it is known.
    pub county: Option<String>,
    /// The unit that governs the street or town.
    pub street: Option<String>,
    /// Contacts of each day of the span, the oldest first.
    pub trend: Vec<i64>,
}

/// When hot issues were looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HotRun {
    /// When somebody began.
    pub began_at: Timestamp,
    /// When they were found; `None`: never yet.
    pub made_at: Option<Timestamp>,
    /// Tickets that were compared.
    pub tickets: i64,
    /// There were more than are compared.
    pub left_out: bool,
}

/// What became of hints of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HintCount {
    /// The kind, in the caller's vocabulary.
    pub kind: String,
    /// What became of it.
    pub outcome: String,
    /// Replies.
    pub replies: i64,
}

/// Half of a digest: as good as the whole to tell people apart in memory, and never stored.
fn number(digest: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    digest.hash(&mut hasher);
    hasher.finish()
}

/// The numbers that stand for a phone and an identity number. By the oldest key: a newer one changes nothing in what is compared.
fn keys(ring: &Ring, phones: &[Option<&str>], id_number: Option<&str>) -> Vec<u64> {
    let of = |sort: &str, value: Option<&str>| {
        let tidied = value.map(tidy).filter(|v| !v.is_empty());
        tidied.map(|v| number(&ring.oldest().find(sort, &v)))
    };
    let mut keys: Vec<u64> = phones.iter().filter_map(|phone| of(PHONE, *phone)).collect();
    keys.extend(of(ID_NUMBER, id_number));
    keys.dedup();
    keys
}

fn of_appellant(op: &'static str, jurisdiction: &str, ring: &Ring, row: &Row) -> Result<OfAppellant, StoreError> {
    let key: String = row.get("person").op(op)?;
    let open = |column: &str| {
        let spot = Spot { jurisdiction, table: "person", row: &[&key], column };
        let stored: Option<String> = row.get(column).op(op)?;
        stored.map(|s| ring.open(&spot, &s)).transpose().map_err(|source| StoreError::Key { op, source })
    };
    let (phone, contact, id) = (open("phone")?, open("contact_phone")?, open("id_number")?);
    let mut person = keys(ring, &[phone.as_deref(), contact.as_deref()], id.as_deref());
    if person.is_empty() {
        person.push(number(&ring.oldest().find("person", &key)));
    }
    let appeal: String = row.get("appeal").op(op)?;
    Ok(OfAppellant {
        ticket: row.get("ticket").op(op)?,
        appeal: appeal.parse().unwrap_or_default(),
        received_at: time(row, "received_at").op(op)?,
        person,
    })
}

fn issue(row: &Row) -> Result<HotIssue, sqlx::Error> {
    let trend: String = row.get("trend")?;
    Ok(HotIssue {
        rank: row.get("rank")?,
        ticket: row.get("ticket")?,
        heat: row.get("heat")?,
        persons: row.get("persons")?,
        contacts: row.get("contacts")?,
        tickets: Vec::new(),
        from: time(row, "from_at")?,
        until: time(row, "until_at")?,
        county: row.get("county")?,
        street: row.get("street")?,
        trend: trend.split(',').filter_map(|n| n.parse().ok()).collect(),
    })
}

impl Store {
    /// The position in the journal behind which about `most` tickets were registered: the newest.
    pub async fn begun_before_newest(&self, jurisdiction: &str, most: u32) -> Result<i64, StoreError> {
        const OP: &str = "begun_before_newest";
        let row = query(
            "SELECT j.seq FROM journal j WHERE j.jurisdiction = $1 AND j.version = 1 AND j.ticket = (SELECT t.ticket FROM ticket t \
             WHERE t.jurisdiction = $1 ORDER BY t.registered_at DESC, t.ticket DESC LIMIT 1 OFFSET $2)",
        )
        .bind(jurisdiction)
        .bind(i64::from(most))
        .fetch_optional(self.read())
        .await
        .op(OP)?;
        row.map_or(Ok(0), |row| row.at(0)).op(OP)
    }

    /// Tickets that were registered after one position of the journal up to and with another, oldest first, each with its position; at
    /// most `limit`.
    pub async fn tickets_begun(
        &self,
        jurisdiction: &str,
        (after, to): (i64, i64),
        limit: u32,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        const OP: &str = "tickets_begun";
        let rows = query(
            "SELECT seq, ticket FROM journal WHERE jurisdiction = $1 AND seq > $2 AND seq <= $3 AND version = 1 ORDER BY seq LIMIT $4",
        )
        .bind(jurisdiction)
        .bind(after)
        .bind(to)
        .bind(i64::from(limit))
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, |row| Ok((row.at(0)?, row.at(1)?))).op(OP)
    }

    /// These tickets with their bodies, in the order of their numbers, as far as they are there.
    pub async fn tickets_named(
        &self,
        jurisdiction: &str,
        tickets: &[String],
    ) -> Result<Vec<TicketWithBody>, StoreError> {
        const OP: &str = "tickets_named";
        let mut found = Vec::with_capacity(tickets.len());
        for some in tickets.chunks(NAMED) {
            let mut query = query(format!("SELECT {} FROM ticket t WHERE t.jurisdiction = ", columns()));
            query.push_bind(jurisdiction).push(" AND t.ticket IN (").push_list(some.iter().cloned());
            query.push(") ORDER BY t.ticket");
            let rows = query.once().fetch_all(self.read()).await.op(OP)?;
            found.extend(self.rows_of(jurisdiction, &rows, with_body).await?);
        }
        Ok(found)
    }

    /// Tickets registered since a time, newest first, behind the one that is named, at most `limit`.
    pub async fn tickets_registered_since(
        &self,
        jurisdiction: &str,
        since: Timestamp,
        behind: Option<&(Timestamp, String)>,
        limit: u32,
    ) -> Result<Vec<TicketWithBody>, StoreError> {
        const OP: &str = "tickets_registered_since";
        let mut query = query(format!("SELECT {} FROM ticket t WHERE t.jurisdiction = ", columns()));
        query.push_bind(jurisdiction).push(" AND t.registered_at >= ").push_bind(us(since));
        if let Some((at, number)) = behind {
            query
                .push(" AND (t.registered_at, t.ticket) < (")
                .push_bind(us(*at))
                .push(", ")
                .push_bind(number)
                .push(")");
        }
        query.push(" ORDER BY t.registered_at DESC, t.ticket DESC LIMIT ").push_bind(i64::from(limit));
        let rows = query.once().fetch_all(self.read()).await.op(OP)?;
        self.rows_of(jurisdiction, &rows, with_body).await
    }

    /// Who made the appeals of these tickets, as numbers: by ticket and appeal.
    pub async fn appellants(&self, jurisdiction: &str, tickets: &[String]) -> Result<Vec<OfAppellant>, StoreError> {
        const OP: &str = "appellants";
        let mut found = Vec::new();
        for some in tickets.chunks(NAMED) {
            let mut query = query(
                "SELECT a.ticket, a.appeal, a.received_at, a.person, p.phone, p.contact_phone, p.id_number FROM appeal a \
                 JOIN person p ON p.jurisdiction = a.jurisdiction AND p.person = a.person WHERE a.jurisdiction = ",
            );
            query.push_bind(jurisdiction).push(" AND a.ticket IN (").push_list(some.iter().cloned()).push(")");
            let rows = query.once().fetch_all(self.read()).await.op(OP)?;
            let read = |ring: &Ring| {
                rows.iter().map(|row| of_appellant(OP, jurisdiction, ring, row)).collect::<Result<Vec<_>, _>>()
            };
            found.extend(self.opening(OP, jurisdiction, read).await?);
        }
        found.sort_by(|a: &OfAppellant, b| (&a.ticket, a.appeal).cmp(&(&b.ticket, b.appeal)));
        Ok(found)
    }

    /// The numbers of somebody who is only about to appeal, as [`Store::appellants`] gives them.
    pub async fn appellant(
        &self,
        jurisdiction: &str,
        phone: Option<&str>,
        id_number: Option<&str>,
    ) -> Result<Vec<u64>, StoreError> {
        self.opening("appellant", jurisdiction, |ring| Ok(keys(ring, &[phone], id_number))).await
    }

    /// Takes the turn to look for hot issues, if nobody did so since `since` (or later than `now`, as a clock was put back).
    pub async fn hot_begin(&self, jurisdiction: &str, now: Timestamp, since: Timestamp) -> Result<bool, StoreError> {
        const OP: &str = "hot_begin";
        let taken = query(
            "INSERT INTO hot_run (jurisdiction, began_at, tickets, left_out) VALUES ($1, $2, 0, 0) \
             ON CONFLICT (jurisdiction) DO UPDATE SET began_at = excluded.began_at \
             WHERE hot_run.began_at <= $3 OR hot_run.began_at > $2",
        );
        let taken = taken.bind(jurisdiction).bind(us(now)).bind(us(since));
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        let rows = taken.execute(&mut tx).await.op(OP)?;
        tx.commit().await.op(OP)?;
        Ok(rows > 0)
    }

    /// When they were looked for last.
    pub async fn hot_run(&self, jurisdiction: &str) -> Result<Option<HotRun>, StoreError> {
        const OP: &str = "hot_run";
        let row = query("SELECT * FROM hot_run WHERE jurisdiction = $1")
            .bind(jurisdiction)
            .fetch_optional(self.read())
            .await
            .op(OP)?;
        let read = |row: Row| {
            Ok(HotRun {
                began_at: time(&row, "began_at")?,
                made_at: time_opt(&row, "made_at")?,
                tickets: row.get("tickets")?,
                left_out: flag(&row, "left_out")?,
            })
        };
        row.map(read).transpose().op(OP)
    }

    /// Puts what was found in the place of what was there: the issues of each span of days.
    pub async fn hot_put(
        &self,
        jurisdiction: &str,
        made_at: Timestamp,
        (tickets, left_out): (i64, bool),
        spans: &[(i64, Vec<HotIssue>)],
    ) -> Result<(), StoreError> {
        const OP: &str = "hot_put";
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        for table in ["hot_issue", "hot_ticket"] {
            let sql = format!("DELETE FROM {table} WHERE jurisdiction = $1");
            query(sql).bind(jurisdiction).execute(&mut tx).await.op(OP)?;
        }
        for (days, issues) in spans {
            for some in issues.chunks(ROWS) {
                let mut query = query(
                    "INSERT INTO hot_issue (jurisdiction, days, rank, ticket, heat, persons, contacts, tickets, from_at, \
                     until_at, county, street, trend) ",
                );
                query.push_values(some, |row, i| {
                    let trend: Vec<String> = i.trend.iter().map(i64::to_string).collect();
                    row.bind(jurisdiction).bind(*days).bind(i.rank).bind(&i.ticket).bind(i.heat).bind(i.persons);
                    row.bind(i.contacts).bind(i.tickets.len() as i64).bind(us(i.from)).bind(us(i.until));
                    row.bind(i.county.clone()).bind(i.street.clone()).bind(trend.join(","));
                });
                query.once().execute(&mut tx).await.op(OP)?;
            }
            let of: Vec<(i64, &String)> = issues.iter().flat_map(|i| i.tickets.iter().map(|t| (i.rank, t))).collect();
            for some in of.chunks(ROWS) {
                let mut query = query("INSERT INTO hot_ticket (jurisdiction, days, rank, ticket) ");
                query.push_values(some, |row, (rank, ticket)| {
                    row.bind(jurisdiction).bind(*days).bind(*rank).bind(*ticket);
                });
                query.once().execute(&mut tx).await.op(OP)?;
            }
        }
        query("UPDATE hot_run SET made_at = $2, tickets = $3, left_out = $4 WHERE jurisdiction = $1")
            .bind(jurisdiction)
            .bind(us(made_at))
            .bind(tickets)
            .bind(i64::from(left_out))
            .execute(&mut tx)
            .await
            .op(OP)?;
        tx.commit().await.op(OP)
    }

    /// The hot issues of a span of days with their tickets, the hottest first.
    pub async fn hot_issues(&self, jurisdiction: &str, days: i64) -> Result<Vec<HotIssue>, StoreError> {
        const OP: &str = "hot_issues";
        let rows = query("SELECT * FROM hot_issue WHERE jurisdiction = $1 AND days = $2 ORDER BY rank")
            .bind(jurisdiction)
            .bind(days)
            .fetch_all(self.read())
            .await
            .op(OP)?;
        let mut issues: Vec<HotIssue> = all(&rows, issue).op(OP)?;
        let rows =
            query("SELECT rank, ticket FROM hot_ticket WHERE jurisdiction = $1 AND days = $2 ORDER BY rank, ticket")
                .bind(jurisdiction)
                .bind(days)
                .fetch_all(self.read())
                .await
                .op(OP)?;
        let of: Vec<(i64, String)> = all(&rows, |row| Ok((row.at(0)?, row.at(1)?))).op(OP)?;
        for (rank, ticket) in of {
            if let Ok(place) = issues.binary_search_by_key(&rank, |i| i.rank) {
                issues[place].tickets.push(ticket);
            }
        }
        Ok(issues)
    }

    /// Writes down that two tickets are not one matter. `false`: somebody has said so before.
    pub async fn not_one_matter_put(
        &self,
        jurisdiction: &str,
        (one, two): (&str, &str),
        at: Timestamp,
        account: &str,
    ) -> Result<bool, StoreError> {
        const OP: &str = "not_one_matter_put";
        let put = query(
            "INSERT INTO not_one_matter (jurisdiction, ticket, other, at, account) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        );
        let put = put.bind(jurisdiction).bind(one.min(two)).bind(one.max(two)).bind(us(at)).bind(account);
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        let rows = put.execute(&mut tx).await.op(OP)?;
        tx.commit().await.op(OP)?;
        Ok(rows > 0)
    }

    /// Tickets that are not one matter with this one.
    pub async fn not_one_matter(&self, jurisdiction: &str, ticket: &str) -> Result<Vec<String>, StoreError> {
        const OP: &str = "not_one_matter";
        let rows = query(
            "SELECT other FROM not_one_matter WHERE jurisdiction = $1 AND ticket = $2 UNION \
             SELECT ticket FROM not_one_matter WHERE jurisdiction = $1 AND other = $2 ORDER BY 1",
        )
        .bind(jurisdiction)
        .bind(ticket)
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, |row| row.at(0)).op(OP)
    }

    /// Counts one reply more for each kind and outcome.
    pub async fn hints_count(
        &self,
        jurisdiction: &str,
        day: i64,
        counted: &[(String, String)],
    ) -> Result<(), StoreError> {
        const OP: &str = "hints_count";
        if counted.is_empty() {
            return Ok(());
        }
        let mut write = self.write(OP).await?;
        let mut tx = write.begin().await.op(OP)?;
        let mut query = query("INSERT INTO hint_tally (jurisdiction, day, kind, outcome, replies) ");
        query.push_values(counted, |row, (kind, outcome)| {
            row.bind(jurisdiction).bind(day).bind(kind).bind(outcome).bind(1);
        });
        query.push(" ON CONFLICT (jurisdiction, day, kind, outcome) DO UPDATE SET replies = hint_tally.replies + 1");
        query.once().execute(&mut tx).await.op(OP)?;
        tx.commit().await.op(OP)
    }

    /// What became of hints from one day on, up to and with another: by kind and outcome.
    pub async fn hints_counted(&self, jurisdiction: &str, from: i64, to: i64) -> Result<Vec<HintCount>, StoreError> {
        const OP: &str = "hints_counted";
        let rows = query(
            "SELECT kind, outcome, CAST(SUM(replies) AS BIGINT) FROM hint_tally \
             WHERE jurisdiction = $1 AND day >= $2 AND day <= $3 GROUP BY 1, 2 ORDER BY 1, 2",
        )
        .bind(jurisdiction)
        .bind(from)
        .bind(to)
        .fetch_all(self.read())
        .await
        .op(OP)?;
        all(&rows, |row| Ok(HintCount { kind: row.at(0)?, outcome: row.at(1)?, replies: row.at(2)? })).op(OP)
    }
}
