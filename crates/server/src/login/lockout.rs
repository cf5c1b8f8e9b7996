//! Against guessing, counted in the database so that all processes know: how often somebody may be wrong about a log-in name, a second
//! factor, a ticket's number, or from one address, and how often a code goes to a phone. A name that nobody has is shut like one that somebody has.

use std::net::IpAddr;

use jiesu_domain::Instant;
use jiesu_store::{Bearing, StoreError};
use jiff::SignedDuration;

use super::policy::Policy;
use crate::{app::App, rate::counted};

const QUARTER: SignedDuration = SignedDuration::from_mins(15);

/// Wrong log-ins, or wrong query codes, from one address: many people may share one, a guesser needs many more.
pub const BY_ADDRESS: Bearing = Bearing { most: 60, shut: QUARTER };
/// Wrong query codes for one ticket.
pub const BY_NUMBER: Bearing = Bearing { most: 5, shut: QUARTER };

/// What failures are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// What was typed as a log-in name, whether anybody has it or not.
    Login(&'a str),
    /// An account whose password was right.
    SecondFactor(&'a str),
    /// The number of a ticket that somebody asks about with a query code.
    Number(&'a str),
    /// An address that logs in, and one that asks with query codes.
    LoginFrom(IpAddr),
    NumberFrom(IpAddr),
    /// A phone to which a code goes: once a moment, and how often in all.
    CodeTo(&'a str),
    CodesTo(&'a str),
}

impl Key<'_> {
    /// `None`: not counted, as many share it.
    fn text(self) -> Option<String> {
        Some(match self {
            Key::Login(login) => format!("login {}", login.to_lowercase()),
            Key::SecondFactor(account) => format!("second {account}"),
            Key::Number(number) => format!("number {number}"),
            Key::CodeTo(phone) => format!("code to {phone}"),
            Key::CodesTo(phone) => format!("codes to {phone}"),
            Key::LoginFrom(ip) => format!("login from {}", counted(ip)?),
            Key::NumberFrom(ip) => format!("number from {}", counted(ip)?),
        })
    }
}

impl Policy {
    /// As it is stored.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What a log-in name bears.
    pub fn bearing(&self) -> Bearing {
        Bearing { most: self.failures, shut: SignedDuration::from_mins(self.shut_minutes.into()) }
    }
}

impl App {
    /// Takes an attempt for a key, before it is known how it ends. `Err(minutes)`: shut for so long. `Ok(left)`: so many are left
    /// after this one.
    ///
    /// # Errors
    /// The store failed.
    pub async fn attempt(&self, key: Key<'_>, bearing: Bearing) -> Result<Result<i64, i64>, StoreError> {
        let Some(text) = key.text() else { return Ok(Ok(i64::MAX)) };
        let (now, mark) = (self.clock.wall(), self.seal().mark(&text));
        let taken = self.store.attempt(&self.jurisdiction, &mark, now, bearing).await?;
        Ok(taken.map_err(|until| minutes(now, until)))
    }

    /// An attempt was right: forgets the failures of a key, of an address only this one.
    ///
    /// # Errors
    /// The store failed.
    pub async fn attempt_was_right(&self, key: Key<'_>) -> Result<bool, StoreError> {
        let Some(text) = key.text() else { return Ok(false) };
        let all = !matches!(key, Key::LoginFrom(_) | Key::NumberFrom(_));
        self.store.attempt_forget(&self.jurisdiction, &self.seal().mark(&text), all).await
    }

    /// How a key that may be shut is named in the store's list of those.
    pub fn attempt_key(&self, key: Key<'_>) -> String {
        key.text().map_or_else(String::new, |text| self.seal().mark(&text))
    }
}

/// Microseconds.
const MINUTE: i64 = 60_000_000;

/// Until it opens, rounded up.
fn minutes(now: Instant, until: Instant) -> i64 {
    let left = until.as_microsecond() - now.as_microsecond();
    (left + MINUTE - 1).div_euclid(MINUTE).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_that_has_begun_is_said_whole() {
        let at = |second: i64| Instant::from_second(second).unwrap();
        for (left, said) in [(0, 1), (1, 1), (60, 1), (61, 2), (900, 15), (901, 16)] {
            assert_eq!(minutes(at(1000), at(1000 + left)), said, "{left} seconds");
        }
    }
}
