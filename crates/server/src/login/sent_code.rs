//! A code by text message, for what a citizen cannot take back: the number and the query code stand on paper and in old messages, the phone
//! is in the hand of who appealed. Asked for before an appeal is withdrawn; reading and rating stay with number and query code.

use jiesu_domain::Instant;
use jiesu_store::{Bearing, NewOutbox, StoreError};
use jiff::SignedDuration;

use super::lockout::Key;
use crate::app::{App, random_digits};

/// The kind of the message.
pub const ONE_TIME: &str = "one-time-code";
const DIGITS: usize = 6;
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(5);
const TRIES: u32 = 5;
/// To one phone, whatever it is for.
const A_MINUTE: Bearing = Bearing { most: 1, shut: SignedDuration::from_secs(60) };
const A_DAY: Bearing = Bearing { most: 5, shut: SignedDuration::from_hours(24) };

impl App {
    /// Sends a code to the phone of an appeal. `Err(minutes)`: one went there just now, or enough today.
    ///
    /// # Errors
    /// The store failed.
    pub async fn send_code(&self, ticket: &str, appeal: u32, phone: &str) -> Result<Result<(), i64>, StoreError> {
        for (key, bearing) in [(Key::CodeTo(phone), A_MINUTE), (Key::CodesTo(phone), A_DAY)] {
            if let Err(minutes) = self.attempt(key, bearing).await? {
                return Ok(Err(minutes));
            }
        }
        let code = random_digits(DIGITS);
        let payload = serde_json::json!({ "sealed": self.seal().seal(&sealed_for(ticket), code.as_bytes()) });
        let message = NewOutbox {
            appeal: Some(appeal.to_string()),
            kind: ONE_TIME.into(),
            payload: payload.to_string(),
            next_at: self.clock.now(),
        };
        let (purpose, hash) = self.marks_of(ticket, appeal, &code);
        let until: Instant = self.clock.wall().checked_add(GOOD_FOR).unwrap_or(self.clock.wall());
        self.store.sent_code_put(&self.jurisdiction, &purpose, &hash, until, (ticket, &message)).await?;
        Ok(Ok(()))
    }

    /// Whether this is the code that went out for this appeal; it is used up by that.
    ///
    /// # Errors
    /// The store failed.
    pub async fn code_holds(&self, ticket: &str, appeal: u32, typed: &str) -> Result<bool, StoreError> {
        let typed: String = jiesu_text::fold(typed).chars().filter(char::is_ascii_digit).collect();
        let (purpose, hash) = self.marks_of(ticket, appeal, &typed);
        self.store.sent_code_try(&self.jurisdiction, &purpose, &hash, self.clock.wall(), TRIES).await
    }

    /// The code in a message's payload, for the moment it is sent in.
    pub(crate) fn code_in(&self, ticket: &str, sealed: &str) -> Option<String> {
        String::from_utf8(self.seal().open(&sealed_for(ticket), sealed)?).ok()
    }

    /// What it is good for, and the code itself, as they are kept.
    fn marks_of(&self, ticket: &str, appeal: u32, code: &str) -> (String, String) {
        let purpose = format!("withdraw {ticket} {appeal}");
        (self.seal().mark(&purpose), self.seal().mark(&format!("{purpose} {code}")))
    }
}

fn sealed_for(ticket: &str) -> String {
    format!("{ONE_TIME}/{ticket}")
}
