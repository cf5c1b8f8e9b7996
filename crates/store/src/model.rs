//! The rows that go in and out, as plain data. The store knows no rule: every value here is decided by the caller.

use jiff::Timestamp;

/// A jurisdiction: the first column of every key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jurisdiction {
    /// Its key, e.g. `beijing`.
    pub jurisdiction: String,
    /// Its name as people read it.
    pub name: String,
    /// The jurisdiction above, if any.
    pub parent: Option<String>,
}

/// A unit (承办单位).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its key within the jurisdiction.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// Department, town, enterprise, …: the caller's vocabulary.
    pub kind: String,
    /// The unit above, in the same jurisdiction.
    pub parent: Option<String>,
    /// Inactive units keep their history and receive nothing.
    pub active: bool,
}

/// A person who signs in. What it is proven by stands apart ([`crate::Credential`]).
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its key within the jurisdiction.
    pub account: String,
    /// What is typed at the sign-in, unique within the jurisdiction.
    pub login: String,
    /// The name shown.
    pub name: String,
    /// The role, in the caller's vocabulary.
    pub role: String,
    /// The unit it works for; `None` for the centre.
    pub unit: Option<String>,
    /// An inactive account cannot sign in.
    pub active: bool,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("account", &self.account).field("role", &self.role).finish_non_exhaustive()
    }
}

/// The only place of personal data. `Debug` shows the key and nothing else.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PersonRow {
    /// Its key within the jurisdiction.
    pub person: String,
    /// Name.
    pub name: Option<String>,
    /// Sex, in the caller's vocabulary.
    pub sex: Option<String>,
    /// The company or body it speaks for.
    pub organisation: Option<String>,
    /// The number that called.
    pub phone: Option<String>,
    /// Where to reach it if that differs.
    pub contact_phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Postal or home address.
    pub address: Option<String>,
    /// Identity number (居民身份证号码).
    pub id_number: Option<String>,
    /// Identity at a channel, e.g. the WeChat openid.
    pub external_id: Option<String>,
}

impl std::fmt::Debug for PersonRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonRow").field("person", &self.person).finish_non_exhaustive()
    }
}

/// The columns of a ticket by which it is listed, sorted, counted and woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRow {
    /// State.
    pub state: String,
    /// Kind of appeal.
    pub kind: String,
    /// Title, without personal data.
    pub title: String,
    /// Where it came in.
    pub channel: String,
    /// Urgent.
    pub urgent: bool,
    /// The appellant asked for confidentiality.
    pub confidential: bool,
    /// The lead unit.
    pub lead: Option<String>,
    /// The place, in the caller's coding.
    pub place: Option<String>,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// The nearest due time of a running clock.
    pub next_due: Option<Timestamp>,
    /// Which clock that is.
    pub next_due_clock: Option<String>,
    /// Whose duty it is; `None` is the centre's.
    pub next_due_unit: Option<String>,
    /// The article it rests on, where one says it.
    pub next_due_article: Option<String>,
    /// When the worker must issue `TimePassed`.
    pub wake_at: Option<Timestamp>,
    /// Some clock has run out.
    pub overdue: bool,
    /// Under supervision.
    pub supervised: bool,
    /// Some limit rests on a calendar that was not complete.
    pub provisional: bool,
}

/// A ticket's row as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTicket {
    /// Its number.
    pub ticket: String,
    /// Version of its last journal entry; pass it back as `expected_version`.
    pub version: i64,
    /// Rowid in the full-text index.
    pub doc: i64,
    /// Time of its last journal entry.
    pub updated_at: Timestamp,
    /// The caller's columns.
    pub row: TicketRow,
}

/// A ticket with its folded aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketWithBody {
    /// The row.
    pub head: StoredTicket,
    /// JSON.
    pub body: String,
}

/// One appeal of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppealRow {
    /// Its key within the ticket.
    pub appeal: String,
    /// Who appeals.
    pub person: String,
    /// Where it came in.
    pub channel: String,
    /// When.
    pub received_at: Timestamp,
    /// What the citizen types beside the number to see the state.
    pub query_code: String,
    /// The platform it came from.
    pub source: Option<String>,
    /// Its number there.
    pub source_id: Option<String>,
}

/// A file of a ticket. `Debug` leaves its name out: people name files after themselves.
#[derive(Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// From 1 within the ticket, as the journal counts them.
    pub file: i64,
    /// Where the content is in the file store.
    pub content: String,
    /// As it was sent in; `None` once it is erased.
    pub name: Option<String>,
    /// Media type by the content.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// SM3 of the content.
    pub sm3: String,
    /// Who sent it in.
    pub account: String,
    /// When it was attached.
    pub at: Timestamp,
    /// What the virus scan says, in the caller's vocabulary.
    pub state: String,
}

impl std::fmt::Debug for AttachmentRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AttachmentRow").field("file", &self.file).field("state", &self.state).finish_non_exhaustive()
    }
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Position in the jurisdiction's chain, from 1.
    pub seq: i64,
    /// The ticket.
    pub ticket: String,
    /// Position in the ticket's history, from 1.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The kind of event.
    pub kind: String,
    /// JSON; `None` once the ticket was erased.
    pub payload: Option<String>,
    /// Its hash, over that of the entry before (see [`crate::chain`]).
    pub hash: String,
}

/// The parts a unit can have in a ticket, as stored in `ticket_unit.part`.
pub const PARTS: [&str; 4] = ["lead", "assist", "copy", "discipline"];
