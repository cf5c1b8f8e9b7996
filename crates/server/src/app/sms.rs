//! A short message that came in: taken as the rating of the one ticket that waits for it, and never guessed.

use std::collections::BTreeMap;

use jiesu_domain::{
    Actor,
    ticket::{Command, Event, decide},
};
use jiesu_store::{Incoming, NewOutbox, PersonRow};

use super::{App, ExecuteError, secrets, tidy_phone};

/// Who acts in the journal when a message is taken as a rating.
pub(super) const ACTOR: &str = "sms";
/// The message that asks which ticket is meant; the program's own, no rulebook has it.
pub const WHICH: &str = "which-ticket";
/// Characters of a message that are read; no rating is longer.
const TEXT_MOST: usize = 500;
/// Tickets that the question names at most.
const NAMED_MOST: usize = 5;

/// A message as the gateway brings it.
pub struct Message<'a> {
    pub from: &'a str,
    pub text: &'a str,
    /// The gateway's id: a message that is brought twice counts once.
    pub id: &'a str,
}

impl std::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message(…)")
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It went to a ticket, whose law says what it counts for.
    Taken,
    /// Several tickets wait for a rating: the sender was asked which is meant.
    AskedWhich,
    /// No ticket waits for anything from this number; kept for a person to look at.
    Unmatched,
}

impl Heard {
    pub const fn code(self) -> &'static str {
        match self {
            Heard::Taken => "taken",
            Heard::AskedWhich => "asked-which",
            Heard::Unmatched => "unmatched",
        }
    }

    fn of(code: &str) -> Heard {
        [Heard::Taken, Heard::AskedWhich].into_iter().find(|h| h.code() == code).unwrap_or(Heard::Unmatched)
    }
}

/// Appeals of the sender that a message could be about, by ticket.
#[derive(Default)]
struct Candidates {
    /// The rating would count.
    waiting: BTreeMap<String, Vec<u32>>,
    /// Rated before: it would be kept beside the first.
    rated: BTreeMap<String, Vec<u32>>,
}

impl Candidates {
    /// The ticket that is meant, if there is no doubt: the one that the text names, else the only one that waits, else the only one
    /// that was rated before.
    fn meant(&self, text: &str) -> Option<(&String, &Vec<u32>, String)> {
        let bare = bare(text);
        let all = || self.waiting.iter().chain(&self.rated);
        if let Some((number, appeals)) = all().find(|(number, _)| bare.contains(&self::bare(number))) {
            return Some((number, appeals, without(text, number)));
        }
        let only = if self.waiting.is_empty() { &self.rated } else { &self.waiting };
        if only.len() != 1 {
            return None;
        }
        only.iter().next().map(|(number, appeals)| (number, appeals, text.to_owned()))
    }
}

/// Letters and digits only, as both sides are compared.
fn bare(text: &str) -> String {
    jiesu_text::fold(text).to_uppercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What is left of a message when the ticket's number is taken out of it.
fn without(text: &str, number: &str) -> String {
    bare(text).replacen(&bare(number), "", 1)
}

/// A number as gateways write it, without the country.
fn sender(from: &str) -> String {
    let phone = tidy_phone(from);
    let national =
        phone.strip_prefix("+86").or_else(|| phone.strip_prefix("0086")).or_else(|| phone.strip_prefix("86"));
    let mobile = |n: &&str| n.len() == 11 && n.starts_with('1') && n.bytes().all(|b| b.is_ascii_digit());
    national.filter(mobile).map_or_else(|| phone.clone(), str::to_owned)
}

impl App {
    /// Takes a message, once for each id.
    ///
    /// # Errors
    /// The store failed, or a ticket could not be written; the gateway brings it again.
    pub async fn hear(&self, message: &Message<'_>) -> Result<Heard, ExecuteError> {
        if let Some(outcome) = self.store.incoming(&self.jurisdiction, message.id).await? {
            return Ok(Heard::of(&outcome));
        }
        let (phone, text) = (sender(message.from), cut(message.text));
        let candidates = self.candidates(&phone).await?;
        if let Some((number, appeals, said)) = candidates.meant(&text) {
            for appeal in appeals {
                self.rate_by_text(number, *appeal, &said, message.id).await?;
            }
            return self.keep(message, &text, Heard::Taken, Some(number), None).await;
        }
        let newest = candidates.waiting.iter().next_back();
        if let Some((number, appeals)) = newest {
            let appeal = appeals.first().map(u32::to_string);
            let named: Vec<&str> = candidates.waiting.keys().rev().take(NAMED_MOST).map(String::as_str).collect();
            let payload = serde_json::json!({ "numbers": named.join("、"), "number": named[0] }).to_string();
            let ask = NewOutbox { appeal, kind: WHICH.into(), payload, next_at: self.clock.now() };
            return self.keep(message, &text, Heard::AskedWhich, Some(number), Some(&ask)).await;
        }
        self.keep_of(message, &text, &phone).await
    }

    async fn rate_by_text(&self, number: &str, appeal: u32, said: &str, id: &str) -> Result<(), ExecuteError> {
        // A text that is nothing but the number still asks to be answered.
        let text = if said.trim().is_empty() { "（空）".to_owned() } else { said.to_owned() };
        let command = Command::RateByText { appeal: Some(appeal), text };
        let key = Some(format!("{id}/{appeal}"));
        self.execute(&by_sms(), number, &command, None, key, None).await.map(|_| ())
    }

    /// The sender's appeals that a rating by text could be about.
    async fn candidates(&self, phone: &str) -> Result<Candidates, ExecuteError> {
        let mut found = Candidates::default();
        if phone.is_empty() {
            return Ok(found);
        }
        let (units, actor) = (self.units(), by_sms());
        for (number, row) in self.store.appeals_by_phone(&self.jurisdiction, phone).await? {
            let Ok(appeal) = row.appeal.parse::<u32>() else { continue };
            let ticket = self.load(&number, &actor).await?;
            let ctx = self.ctx(Some(&ticket), &units, None, &actor, self.clock.now());
            // What would come of a plain answer says what the ticket waits for.
            let plain = Command::RateByText { appeal: Some(appeal), text: "1".into() };
            let Ok(events) = decide(&ticket, &plain, &ctx) else { continue };
            let counts = events.iter().any(|e| matches!(e, Event::Rated { .. }));
            let list = if counts { &mut found.waiting } else { &mut found.rated };
            list.entry(number).or_default().push(appeal);
        }
        Ok(found)
    }

    async fn keep(
        &self,
        message: &Message<'_>,
        text: &str,
        heard: Heard,
        ticket: Option<&String>,
        ask: Option<&NewOutbox>,
    ) -> Result<Heard, ExecuteError> {
        let kept = Incoming {
            id: message.id.to_owned(),
            at: self.clock.now(),
            ticket: ticket.cloned(),
            person: None,
            text: text.to_owned(),
            outcome: heard.code().to_owned(),
        };
        let answer = ticket.map(String::as_str).zip(ask);
        self.store.incoming_put(&self.jurisdiction, &kept, answer).await?;
        Ok(heard)
    }

    /// Nobody's message: who sent it is personal data and goes where that belongs.
    async fn keep_of(&self, message: &Message<'_>, text: &str, phone: &str) -> Result<Heard, ExecuteError> {
        let person = PersonRow {
            person: secrets::random_token()[..16].to_owned(),
            phone: Some(phone.to_owned()).filter(|p| !p.is_empty()),
            ..PersonRow::default()
        };
        let kept = Incoming {
            id: message.id.to_owned(),
            at: self.clock.now(),
            ticket: None,
            person: Some(person),
            text: text.to_owned(),
            outcome: Heard::Unmatched.code().to_owned(),
        };
        self.store.incoming_put(&self.jurisdiction, &kept, None).await?;
        Ok(Heard::Unmatched)
    }
}

fn by_sms() -> Actor {
    Actor { id: ACTOR.into(), ..Actor::system() }
}

fn cut(text: &str) -> String {
    text.trim().chars().take(TEXT_MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_written_in_many_ways() {
        for from in ["13900001234", "+8613900001234", "8613900001234", "0086 139-0000-1234"] {
            assert_eq!(sender(from), "13900001234", "{from}");
        }
        assert_eq!(sender("86123"), "86123", "not a mobile number of ours");
    }

    #[test]
    fn a_number_in_the_text_says_which_ticket() {
        let one = |n: &str| (n.to_owned(), vec![1]);
        let waiting = BTreeMap::from([one("SR-20260430-000001-4"), one("SR-20260430-000002-2")]);
        let candidates = Candidates { waiting, rated: BTreeMap::from([one("SR-20260101-000001-1")]) };
        for text in ["SR-20260430-000002-2 1", "sr２０２６０４３０－０００００２－２，1", "1 SR-20260430-000002-2"]
        {
            let (number, _, said) = candidates.meant(text).unwrap();
            assert_eq!((number.as_str(), said.as_str()), ("SR-20260430-000002-2", "1"), "{text}");
        }
        assert!(candidates.meant("1").is_none(), "never guessed");
        assert!(candidates.meant("SR-20260430-000009-9 1").is_none());
    }
}
