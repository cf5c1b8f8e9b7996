//! Who appeals: the rows of an appeal and its person, and whether somebody has appealed here before.

use std::borrow::Cow;

use jiesu_domain::{
    persons,
    privacy::is_id_number,
    ticket::{Appeal, Command, Event, Ticket},
};
use jiesu_store::{AppealRow, PersonRow, StoreError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{App, files::NewFile, secrets};

/// Length of a query code.
const CODE_DIGITS: usize = 8;

/// Who appeals. Personal data: goes to the person table and nowhere else.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Appellant {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
    /// 18 characters after GB 11643-1999; only where the matter cannot be handled without it.
    #[serde(default)]
    pub id_number: Option<String>,
    /// Identity at the platform it came from.
    #[serde(skip)]
    pub external_id: Option<String>,
}

impl std::fmt::Debug for Appellant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Appellant(…)")
    }
}

impl Appellant {
    /// Whether the identity number, where there is one, can be one.
    pub fn id_number_is_sound(&self) -> bool {
        self.id_number.as_deref().map(str::trim).is_none_or(|n| n.is_empty() || is_id_number(&tidy_id_number(n)))
    }
}

/// An identity number as it is stored and compared: full-width characters and blanks put right, `X` as a capital.
pub fn tidy_id_number(typed: &str) -> String {
    jiesu_text::fold(typed.trim()).replace([' ', '-'], "").to_uppercase()
}

/// A phone as it is stored and compared: full-width digits, blanks and dashes put right.
pub fn tidy_phone(typed: &str) -> String {
    jiesu_text::fold(typed.trim()).replace([' ', '-'], "")
}

/// Who comes with a command that attaches an appeal.
pub(super) enum Brings<'a> {
    Nobody,
    Somebody(&'a Appellant),
    /// The appellant of another ticket, with the query code they hold.
    Known(&'a AppealRow),
    /// A file, not a person.
    File(&'a NewFile),
}

/// The rows that an appeal or a file adds. A person who is known already has one.
#[derive(Default)]
pub(super) struct AppealRows {
    pub appeal: Option<AppealRow>,
    pub person: Option<PersonRow>,
    pub file: Option<NewFile>,
}

impl Brings<'_> {
    /// Rows of the appeal that these events bring, and its query code.
    pub(super) fn rows(&self, events: &[Event]) -> (AppealRows, Option<String>) {
        if let Brings::File(row) = self {
            let no = events.iter().find_map(|e| if let Event::FileAttached(f) = e { Some(f.no) } else { None });
            let file = no.map(|no| NewFile { file: i64::from(no), ..(*row).clone() });
            return (AppealRows { file, ..AppealRows::default() }, None);
        }
        let appeal = events.iter().find_map(|e| match e {
            Event::Registered(r) => Some(&r.appeal),
            Event::AppealAttached { appeal } => Some(appeal),
            _ => None,
        });
        let Some(appeal) = appeal else { return (AppealRows::default(), None) };
        match self {
            Brings::Nobody | Brings::File(_) => (AppealRows::default(), None),
            Brings::Known(row) => {
                let appeal = AppealRow { appeal: appeal.no.to_string(), ..(*row).clone() };
                let code = appeal.query_code.clone();
                (AppealRows { appeal: Some(appeal), ..AppealRows::default() }, Some(code))
            }
            Brings::Somebody(appellant) => {
                let (row, person) = new_rows(appeal, appellant);
                let code = row.query_code.clone();
                (AppealRows { appeal: Some(row), person: Some(person), file: None }, Some(code))
            }
        }
    }
}

fn new_rows(appeal: &Appeal, appellant: &Appellant) -> (AppealRow, PersonRow) {
    let tidy = |s: &Option<String>| s.as_deref().map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned);
    let person = secrets::random_token()[..16].to_owned();
    let row = AppealRow {
        appeal: appeal.no.to_string(),
        person: person.clone(),
        channel: appeal.channel.code().into(),
        received_at: appeal.received_at,
        query_code: fresh_code(),
        source: None,
        source_id: None,
    };
    let person = PersonRow {
        person,
        name: tidy(&appellant.name),
        phone: tidy(&appellant.phone).map(|p| tidy_phone(&p)),
        email: tidy(&appellant.email),
        address: tidy(&appellant.address),
        id_number: tidy(&appellant.id_number).map(|n| tidy_id_number(&n)),
        external_id: tidy(&appellant.external_id),
        ..PersonRow::default()
    };
    (row, person)
}

pub(super) fn fresh_code() -> String {
    secrets::random_digits(CODE_DIGITS)
}

impl App {
    /// The same command, with the appeal that the same person made here before: persons are counted, not calls.
    pub(super) async fn persons_counted<'c>(
        &self,
        ticket: &Ticket,
        command: &'c Command,
        brings: &Brings<'_>,
    ) -> Result<Cow<'c, Command>, StoreError> {
        let Command::AttachAppeal { same_as: None, .. } = command else { return Ok(Cow::Borrowed(command)) };
        let Some(person) = self.who_comes(brings).await? else { return Ok(Cow::Borrowed(command)) };
        let mut with_same = command.clone();
        if let Command::AttachAppeal { same_as, .. } = &mut with_same {
            let appellants = self.store.appellants(&self.jurisdiction, std::slice::from_ref(&ticket.number)).await?;
            *same_as = appellants.iter().find(|a| persons::same(&a.person, &person)).map(|a| a.appeal);
        }
        Ok(Cow::Owned(with_same))
    }

    /// Who comes with the command, as far as they left a phone or an identity number.
    pub(super) async fn who_comes(&self, brings: &Brings<'_>) -> Result<Option<Vec<u64>>, StoreError> {
        let (phone, id_number) = match brings {
            Brings::Nobody | Brings::File(_) => return Ok(None),
            Brings::Somebody(appellant) => (appellant.phone.clone(), appellant.id_number.clone()),
            Brings::Known(row) => {
                let person = self.store.person(&self.jurisdiction, &row.person).await?;
                person.map(|p| (p.phone, p.id_number)).unwrap_or_default()
            }
        };
        let numbers = self.store.appellant(&self.jurisdiction, phone.as_deref(), id_number.as_deref()).await?;
        Ok(Some(numbers).filter(|numbers| !numbers.is_empty()))
    }
}
