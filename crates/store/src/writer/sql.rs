//! The statements of a group commit, whatever the size of the group: one that reads; and for the writing one for each table on SQLite, one
//! for all of them on PostgreSQL. Every statement wakes the connection's thread or goes to the server and back. On SQLite only the texts that
//! come back are kept prepared; on PostgreSQL, where planning a long one costs more, rows go as an array for each column, and all come back.

use super::plan::{Known, Listed, Plan, Written};
use crate::attachments::sealed_name;
use crate::chain::GENESIS;
use crate::db::{Dialect, Query, Row, Tuple, Tx, query};
use crate::list::place_words;
use crate::model::AppealRow;
use crate::persons;
use crate::rows::{us, us_opt};
use crate::seal::Spot;

/// Jurisdiction and a name in it.
pub(super) type Key = (String, String);

/// Most rows in one statement: the widest has 24 columns, and SQLite takes 32766 variables.
const MOST_ROWS: usize = 1024;

/// Rows after which what was gathered is carried out.
const GATHERED: usize = 4 * MOST_ROWS;

/// What a group writes. SQLite runs one statement after the other, as it has nothing better and needs no round trip; PostgreSQL gets
/// them gathered into one (`WITH a AS (INSERT …), b AS (INSERT …) SELECT 1`). Its parts see the database as it was before it, so that no
/// two of them may touch the same row: [`Writing::done`] stands between those that do.
pub(crate) struct Writing<'t, 'c> {
    tx: &'t mut Tx<'c>,
    gathered: Option<Query>,
    parts: usize,
    rows: usize,
}

impl<'t, 'c> Writing<'t, 'c> {
    pub(crate) fn new(tx: &'t mut Tx<'c>) -> Self {
        Self { tx, gathered: None, parts: 0, rows: 0 }
    }

    /// `head VALUES … tail` for all rows.
    async fn values<T>(
        &mut self,
        head: &'static str,
        rows: &[T],
        tail: &str,
        bind: impl Fn(&mut Tuple<'_>, &T),
    ) -> Result<(), sqlx::Error> {
        for piece in rows.chunks(MOST_ROWS) {
            if self.tx.dialect() == Dialect::Sqlite {
                let mut query = query(head);
                query.push_values(piece, &bind).push(tail);
                query.kept(piece.len().is_power_of_two()).execute(&mut *self.tx).await?;
                continue;
            }
            let query = self.gathered.get_or_insert_with(|| query("WITH "));
            let before = if self.parts == 0 { "" } else { ", " };
            query.push(&format!("{before}p{} AS ({head}", self.parts)).push_columns(piece, &bind).push(tail).push(")");
            self.parts += 1;
            self.rows += piece.len();
            if self.rows >= GATHERED {
                self.done().await?;
            }
        }
        Ok(())
    }

    /// Whatever was gathered is carried out before what follows.
    pub(crate) async fn done(&mut self) -> Result<(), sqlx::Error> {
        (self.parts, self.rows) = (0, 0);
        let Some(mut query) = self.gathered.take() else { return Ok(()) };
        query.push(" SELECT 1");
        query.execute(&mut *self.tx).await.map(drop)
    }
}

/// From here to the commit nobody else appends to these chains. SQLite has given us its one lock already; PostgreSQL locks the
/// jurisdictions' rows, in one order, in a way that lets others refer to them.
pub(crate) async fn lock(tx: &mut Tx<'_>, jurisdictions: &[String]) -> Result<(), sqlx::Error> {
    if tx.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let mut query = query("SELECT jurisdiction FROM jurisdiction WHERE jurisdiction IN (");
    query.push_list(jurisdictions).push(") ORDER BY jurisdiction FOR NO KEY UPDATE");
    query.fetch_all(tx).await.map(drop)
}

/// What a group asks for before it decides.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) jurisdictions: Vec<String>,
    /// Jurisdiction, scope and key.
    pub(super) keys: Vec<(String, String, String)>,
    pub(super) tickets: Vec<Key>,
    pub(super) counters: Vec<Key>,
}

/// Everything asked for, in one statement: last `seq` and `hash` of each jurisdiction that exists, what the idempotency keys already
/// stand for, how the tickets stand, the counters. Read every time: another process may have written. Lists are padded with their last
/// item to a power of two, so that texts come back.
pub(super) async fn known(tx: &mut Tx<'_>, asked: Asked) -> Result<Known, sqlx::Error> {
    let mut known = Known::nothing(tx.dialect());
    // An answer to a short message takes a number of the outbox without the chain's lock.
    let hold = tx.dialect().pick("", " FOR UPDATE");
    // One statement, but for the largest groups.
    let mut asked = Some(asked);
    while let Some(mut now) = asked.take() {
        let mut rest = Asked { keys: cut(&mut now.keys), tickets: cut(&mut now.tickets), ..Asked::default() };
        rest.counters = cut(&mut now.counters);
        rest.jurisdictions = cut(&mut now.jurisdictions);
        for row in question(now, hold).fetch_all(&mut *tx).await? {
            answer(&mut known, &row)?;
        }
        asked = Some(rest).filter(|rest| !rest.is_empty());
    }
    Ok(known)
}

impl Asked {
    fn is_empty(&self) -> bool {
        self.jurisdictions.is_empty() && self.keys.is_empty() && self.tickets.is_empty() && self.counters.is_empty()
    }
}

fn cut<T>(list: &mut Vec<T>) -> Vec<T> {
    list.split_off(list.len().min(MOST_ROWS))
}

/// A row says in `what` which of the four it is of; a, b, c, d and n, m, o, p mean something else in each.
fn question(asked: Asked, hold: &str) -> Query {
    let mut query =
        query("WITH held AS (SELECT jurisdiction, name, value FROM counter WHERE (jurisdiction, name) IN (");
    query.push_values(&padded(asked.counters), pair).push(")").push(hold);
    query.push(
        ") SELECT 'head' AS what, x.jurisdiction, j.hash AS a, CAST(NULL AS TEXT) AS b, CAST(NULL AS TEXT) AS c, \
         CAST(NULL AS TEXT) AS d, j.seq AS n, \
         (SELECT MAX(k.version) FROM data_key k WHERE k.jurisdiction = x.jurisdiction) AS m, \
         CAST(NULL AS BIGINT) AS o, CAST(NULL AS BIGINT) AS p \
         FROM jurisdiction x LEFT JOIN journal j ON j.jurisdiction = x.jurisdiction \
           AND j.seq = (SELECT MAX(k.seq) FROM journal k WHERE k.jurisdiction = x.jurisdiction) \
         WHERE x.jurisdiction IN (",
    );
    query.push_list(padded(asked.jurisdictions));
    query.push(") UNION ALL SELECT 'counter', jurisdiction, name, NULL, NULL, NULL, value, NULL, NULL, NULL FROM held");
    if !asked.keys.is_empty() {
        query.push(
            " UNION ALL SELECT 'key', jurisdiction, scope, key, ticket, NULL, version, NULL, NULL, NULL FROM idempotency \
             WHERE (jurisdiction, scope, key) IN (",
        );
        query.push_values(&padded(asked.keys), |row, (jurisdiction, scope, key)| {
            row.bind(jurisdiction).bind(scope).bind(key);
        });
        query.push(")");
    }
    if !asked.tickets.is_empty() {
        let tickets = padded(asked.tickets);
        query.push(
            " UNION ALL SELECT 'ticket', jurisdiction, ticket, state, kind, secret, version, doc, registered_at, due_order FROM ticket \
             WHERE (jurisdiction, ticket) IN (",
        );
        query.push_values(&tickets, pair);
        query.push(
            ") UNION ALL SELECT 'part', jurisdiction, ticket, unit, part, NULL, NULL, NULL, NULL, NULL FROM ticket_unit \
             WHERE (jurisdiction, ticket) IN (",
        );
        query.push_values(&tickets, pair).push(")");
    }
    query
}

fn padded<T: Clone>(mut list: Vec<T>) -> Vec<T> {
    if let Some(last) = list.last().cloned() {
        list.resize(list.len().next_power_of_two(), last);
    }
    list
}

fn answer(known: &mut Known, row: &Row) -> Result<(), sqlx::Error> {
    let what: String = row.at(0)?;
    let jurisdiction: String = row.at(1)?;
    let text = |place: usize| row.at::<Option<String>>(1 + place).map(Option::unwrap_or_default);
    let number = |place: usize| row.at::<Option<i64>>(5 + place).map(Option::unwrap_or_default);
    match what.as_str() {
        "head" => {
            let hash: Option<String> = row.at(2)?;
            if let Some(newest) = row.at::<Option<i64>>(7)? {
                known.newest.insert(jurisdiction.clone(), newest);
            }
            known.heads.insert(jurisdiction, (number(1)?, hash.unwrap_or_else(|| GENESIS.into())));
        }
        "counter" => {
            known.counters.insert((jurisdiction, text(1)?), (number(1)?, false));
        }
        "key" => {
            known.keys.insert((jurisdiction, text(1)?, text(2)?), (text(3)?, number(1)?));
        }
        "ticket" => {
            let stands = known.tickets.entry((jurisdiction, text(1)?)).or_default();
            (stands.version, stands.doc) = (number(1)?, number(2)?);
            stands.secret = row.at(5)?;
            stands.listed =
                Listed { state: text(2)?, kind: text(3)?, registered_at: number(3)?, due_order: number(4)? };
        }
        _ => {
            known.tickets.entry((jurisdiction, text(1)?)).or_default().parts.insert((text(2)?, text(3)?));
        }
    }
    Ok(())
}

fn pair(row: &mut Tuple<'_>, key: &Key) {
    row.bind(&key.0).bind(&key.1);
}

/// Writes a plan. Parents before children, as the foreign keys ask.
pub(super) async fn write(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), sqlx::Error> {
    let mut to = Writing::new(tx);
    journal(&mut to, plan).await?;
    ticket_rows(&mut to, plan).await?;
    parts(&mut to, plan).await?;
    terms(&mut to, plan).await?;
    people(&mut to, plan).await?;
    attachments(&mut to, plan).await?;
    messages(&mut to, plan).await?;
    forgotten(&mut to, plan).await?;
    let counters = plan.counters();
    const COUNTER: &str = "INSERT INTO counter (jurisdiction, name, value) ";
    const MOVED: &str = " ON CONFLICT (jurisdiction, name) DO UPDATE SET value = excluded.value";
    to.values(COUNTER, &counters, MOVED, |row, (key, value)| {
        row.bind(&key.0).bind(&key.1).bind(*value);
    })
    .await?;
    to.done().await
}

async fn journal(to: &mut Writing<'_, '_>, plan: &Plan) -> Result<(), sqlx::Error> {
    const SQL: &str = "INSERT INTO journal (jurisdiction, seq, ticket, version, at, actor, kind, payload, hash) ";
    to.values(SQL, &plan.journal, "", |row, e| {
        row.bind(&e.jurisdiction)
            .bind(e.seq)
            .bind(&e.ticket)
            .bind(e.version)
            .bind(e.at)
            .bind(&e.actor)
            .bind(&e.kind)
            .bind(&e.payload)
            .bind(&e.hash);
    })
    .await?;
    const KEYS: &str = "INSERT INTO idempotency (jurisdiction, scope, key, ticket, version, at) ";
    to.values(KEYS, &plan.keys, "", |row, (jurisdiction, scope, key, ticket, version, at)| {
        row.bind(jurisdiction).bind(scope).bind(key).bind(ticket).bind(*version).bind(*at);
    })
    .await
}

async fn ticket_rows(to: &mut Writing<'_, '_>, plan: &Plan) -> Result<(), sqlx::Error> {
    const SQL: &str = "INSERT INTO ticket (jurisdiction, ticket, version, state, kind, title, channel, urgent, \
         confidential, lead, place, registered_at, next_due, next_due_clock, next_due_unit, next_due_article, wake_at, overdue, supervised, provisional, \
         updated_at, doc, body, secret) ";
    const CHANGED: &str = " ON CONFLICT (jurisdiction, ticket) DO UPDATE SET version = excluded.version, \
         state = excluded.state, kind = excluded.kind, title = excluded.title, channel = excluded.channel, \
         urgent = excluded.urgent, confidential = excluded.confidential, lead = excluded.lead, place = excluded.place, \
         registered_at = excluded.registered_at, next_due = excluded.next_due, \
         next_due_clock = excluded.next_due_clock, next_due_unit = excluded.next_due_unit, \
         next_due_article = excluded.next_due_article, wake_at = excluded.wake_at, overdue = excluded.overdue, \
         supervised = excluded.supervised, provisional = excluded.provisional, \
         updated_at = excluded.updated_at, body = excluded.body, secret = COALESCE(excluded.secret, ticket.secret)";
    to.values(SQL, &plan.tickets, CHANGED, ticket_row).await
}

fn ticket_row(values: &mut Tuple<'_>, written: &Written) {
    let (commit, row) = (&written.commit, &written.commit.row);
    values
        .bind(&written.jurisdiction)
        .bind(&commit.ticket)
        .bind(written.version)
        .bind(&row.state)
        .bind(&row.kind)
        .bind(&row.title)
        .bind(&row.channel)
        .bind(row.urgent)
        .bind(row.confidential)
        .bind(&row.lead)
        .bind(&row.place)
        .bind(us(row.registered_at))
        .bind(us_opt(row.next_due))
        .bind(&row.next_due_clock)
        .bind(&row.next_due_unit)
        .bind(&row.next_due_article)
        .bind(us_opt(row.wake_at))
        .bind(row.overdue)
        .bind(row.supervised)
        .bind(row.provisional)
        .bind(us(commit.at))
        .bind(written.doc);
    let spot = Spot { jurisdiction: &written.jurisdiction, table: "ticket", row: &[&commit.ticket], column: "body" };
    match &written.key {
        Some(key) => values.bind(key.seal(&spot, &commit.body)),
        None => values.bind(&commit.body),
    };
    values.bind(&written.secret);
}

/// What else was known of tickets that are erased.
async fn forgotten(to: &mut Writing<'_, '_>, plan: &Plan) -> Result<(), sqlx::Error> {
    let gone: Vec<&Written> = plan.tickets.iter().filter(|w| w.commit.forget).collect();
    if gone.is_empty() {
        return Ok(());
    }
    // What came in the same group stands before it is forgotten.
    to.done().await?;
    // Who appealed goes too, unless another ticket of theirs is still there.
    const PERSONS: &str = "UPDATE person SET name = NULL, sex = NULL, organisation = NULL, phone = NULL, contact_phone = NULL, \
         email = NULL, address = NULL, id_number = NULL, external_id = NULL, phone_find = NULL, contact_phone_find = NULL, \
         id_number_find = NULL WHERE (jurisdiction, person) IN \
         (SELECT a.jurisdiction, a.person FROM appeal a WHERE (a.jurisdiction, a.ticket) IN (";
    const STANDING: &str = ")) AND NOT EXISTS (SELECT 1 FROM appeal o JOIN ticket t ON t.jurisdiction = o.jurisdiction \
         AND t.ticket = o.ticket WHERE o.jurisdiction = person.jurisdiction AND o.person = person.person \
         AND t.secret IS DISTINCT FROM '')";
    to.values(PERSONS, &gone, STANDING, |row, w| {
        row.bind(&w.jurisdiction).bind(&w.commit.ticket);
    })
    .await?;
    for what in [
        "UPDATE attachment SET name = NULL WHERE (jurisdiction, ticket) IN (",
        "UPDATE inbox SET text = '' WHERE (jurisdiction, ticket) IN (",
        "UPDATE outbox SET payload = '{}' WHERE (jurisdiction, ticket) IN (",
    ] {
        to.values(what, &gone, ")", |row, w| {
            row.bind(&w.jurisdiction).bind(&w.commit.ticket);
        })
        .await?;
    }
    Ok(())
}

/// Units with what their lists are sorted and picked by: only those that changed. What goes and what comes are never the same row.
async fn parts(to: &mut Writing<'_, '_>, plan: &Plan) -> Result<(), sqlx::Error> {
    let mut gone = Vec::new();
    let mut come = Vec::new();
    for w in &plan.tickets {
        let (listed, had) = (Listed::of(&w.commit.row), w.before.as_ref());
        let same = had.is_some_and(|had| had.listed == listed);
        let news = |unit: &&(String, String)| !(same && had.is_some_and(|had| had.parts.contains(*unit)));
        come.extend(w.commit.units.iter().filter(news).map(|unit| (w, unit, listed.clone())));
        let left = had.into_iter().flat_map(|had| &had.parts).filter(|unit| !w.commit.units.contains(unit));
        gone.extend(left.map(|unit| (w, unit)));
    }
    const GONE: &str = "DELETE FROM ticket_unit WHERE (jurisdiction, ticket, unit, part) IN (";
    to.values(GONE, &gone, ")", |row, (w, (unit, part))| {
        row.bind(&w.jurisdiction).bind(&w.commit.ticket).bind(unit).bind(part);
    })
    .await?;
    const COME: &str =
        "INSERT INTO ticket_unit (jurisdiction, ticket, unit, part, state, due_order, registered_at, kind) ";
    const CHANGED: &str = " ON CONFLICT (jurisdiction, ticket, unit, part) DO UPDATE SET state = excluded.state, \
         due_order = excluded.due_order, registered_at = excluded.registered_at, kind = excluded.kind";
    to.values(COME, &come, CHANGED, |row, (w, (unit, part), listed)| {
        row.bind(&w.jurisdiction).bind(&w.commit.ticket).bind(unit).bind(part);
        row.bind(&listed.state).bind(listed.due_order).bind(listed.registered_at).bind(&listed.kind);
    })
    .await
}

async fn terms(to: &mut Writing<'_, '_>, plan: &Plan) -> Result<(), sqlx::Error> {
    let changed: Vec<&Written> = plan.tickets.iter().filter(|w| w.terms.is_some()).collect();
    let old: Vec<i64> = changed.iter().filter(|w| w.before.is_some()).map(|w| w.doc).collect();
    forget_terms(to, &old).await?;
    let new = |w: &Written| {
        let units = w.commit.units.iter().map(|(unit, _)| unit.as_str());
        let row = &w.commit.row;
        let place = place_words(us(row.registered_at), row.next_due.is_some(), units);
        let terms = w.terms.clone().unwrap_or_default() + &place;
        (w.jurisdiction.clone(), w.commit.ticket.clone(), w.doc, terms)
    };
    write_terms(to, &changed.into_iter().map(new).collect::<Vec<_>>()).await
}

/// Takes the terms of tickets out of a full-text table that would otherwise have them twice.
pub(crate) async fn forget_terms(to: &mut Writing<'_, '_>, docs: &[i64]) -> Result<(), sqlx::Error> {
    if to.tx.dialect() == Dialect::Postgres {
        return Ok(());
    }
    to.values("DELETE FROM ticket_terms WHERE rowid IN (", docs, ")", |row, doc| {
        row.bind(*doc);
    })
    .await
}

/// The terms of tickets, by jurisdiction, ticket and `doc`: a full-text table that knows a ticket by its `doc` and has none for it yet,
/// or lexemes beside the ticket's key.
pub(crate) async fn write_terms(
    to: &mut Writing<'_, '_>,
    terms: &[(String, String, i64, String)],
) -> Result<(), sqlx::Error> {
    if to.tx.dialect() == Dialect::Sqlite {
        return to
            .values("INSERT INTO ticket_terms (rowid, terms) ", terms, "", |row, (_, _, doc, terms)| {
                row.bind(*doc).bind(terms);
            })
            .await;
    }
    const SQL: &str = "INSERT INTO ticket_terms (jurisdiction, ticket, terms) \
         SELECT v.jurisdiction, v.ticket, array_to_tsvector(array_remove(string_to_array(v.terms, ' '), '')) FROM (";
    const CHANGED: &str = ") AS v (jurisdiction, ticket, terms) \
         ON CONFLICT (jurisdiction, ticket) DO UPDATE SET terms = excluded.terms";
    to.values(SQL, terms, CHANGED, |row, (jurisdiction, ticket, _, terms)| {
        row.bind(jurisdiction).bind(ticket).bind(terms);
    })
    .await
}

async fn people(to: &mut Writing<'_, '_>, plan: &Plan) -> Result<(), sqlx::Error> {
    let persons: Vec<_> = plan.persons.iter().collect();
    to.values(persons::INSERT, &persons, persons::CHANGED, |row, ((jurisdiction, _), p)| {
        persons::bind(row, jurisdiction, plan.data_key(jurisdiction), p);
    })
    .await?;
    const APPEAL: &str = "INSERT INTO appeal (jurisdiction, ticket, appeal, person, channel, received_at, query_code, \
         source, source_id) ";
    to.values(APPEAL, &plan.appeals, "", |row, (jurisdiction, ticket, a)| {
        row.bind(jurisdiction)
            .bind(ticket)
            .bind(&a.appeal)
            .bind(&a.person)
            .bind(&a.channel)
            .bind(us(a.received_at))
            .bind(sealed_code(plan, jurisdiction, ticket, a))
            .bind(&a.source)
            .bind(&a.source_id);
    })
    .await
}

fn sealed_code(plan: &Plan, jurisdiction: &str, ticket: &str, a: &AppealRow) -> String {
    let spot = Spot { jurisdiction, table: "appeal", row: &[ticket, &a.appeal], column: "query_code" };
    plan.data_key(jurisdiction).seal(&spot, &a.query_code)
}

async fn attachments(to: &mut Writing<'_, '_>, plan: &Plan) -> Result<(), sqlx::Error> {
    const SQL: &str =
        "INSERT INTO attachment (jurisdiction, ticket, file, content, name, media, size, sm3, account, at, state) ";
    to.values(SQL, &plan.attachments, "", |row, (jurisdiction, ticket, a)| {
        row.bind(jurisdiction)
            .bind(ticket)
            .bind(a.file)
            .bind(&a.content)
            .bind(sealed_name(jurisdiction, ticket, plan.data_key(jurisdiction), a))
            .bind(&a.media)
            .bind(a.size)
            .bind(&a.sm3)
            .bind(&a.account)
            .bind(us(a.at))
            .bind(&a.state);
    })
    .await
}

async fn messages(to: &mut Writing<'_, '_>, plan: &Plan) -> Result<(), sqlx::Error> {
    const SQL: &str = "INSERT INTO outbox (jurisdiction, id, ticket, appeal, kind, payload, state, attempts, next_at, \
         done_at, result) ";
    to.values(SQL, &plan.outbox, "", |row, letter| {
        let (new, sent) = (&letter.new, letter.sent.as_ref());
        row.bind(&letter.jurisdiction)
            .bind(letter.id)
            .bind(&letter.ticket)
            .bind(&new.appeal)
            .bind(&new.kind)
            .bind(&new.payload)
            .bind(if sent.is_some() { "sent" } else { "pending" })
            .bind(sent.is_some())
            .bind(us(new.next_at))
            .bind(us_opt(sent.map(|s| s.at)))
            .bind(sent.map(|s| s.result.as_str()));
    })
    .await
}
