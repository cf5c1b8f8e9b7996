//! An appeal by its number and query code: the only key a citizen has.

use axum::{Extension, extract::ConnectInfo, http::StatusCode};
use jiesu_domain::{
    Actor,
    ticket::{Stage, Ticket},
};
use jiesu_store::StoreError;
use serde::Deserialize;

use super::page::Failure;
use crate::{
    app::{App, ExecuteError, is_ticket_number, joined_from, tidy_number},
    login::{BY_ADDRESS, BY_NUMBER, Key as Guess},
    serve::Peer,
};

/// Longer than any number we give: what is counted is kept.
const NUMBER_MOST: usize = 40;
/// Tickets that were joined one to the other in a row.
const JOININGS_MOST: usize = 20;
/// Said of an unknown number and of a wrong code alike: which of the two it was is nobody's business.
pub(super) const WRONG: &str = "编号或查询码不对，请对照登记时记下的编号和8位查询码，再输入一次";

/// Where the request came from, if the server was told.
pub(super) type From = Option<Extension<ConnectInfo<Peer>>>;

/// Number and code as typed.
#[derive(Default, Deserialize)]
pub(super) struct Key {
    #[serde(default)]
    pub number: String,
    #[serde(default)]
    pub code: String,
}

/// A ticket and which of its appeals is asked about.
pub(super) struct Mine {
    pub ticket: Ticket,
    pub appeal: u32,
    pub code: String,
    /// The ticket and appeal that the number and code were given for, where that was joined to this one later.
    pub before: Option<Box<(Ticket, u32)>>,
}

impl Mine {
    /// The ticket and appeal whose number they hold.
    pub fn held(&self) -> (&Ticket, u32) {
        self.before.as_deref().map_or((&self.ticket, self.appeal), |(ticket, appeal)| (ticket, *appeal))
    }
}

/// Why there is no answer.
pub(super) enum Missing {
    Wrong,
    Failed(Failure),
}

impl<E: Into<Failure>> std::convert::From<E> for Missing {
    fn from(error: E) -> Missing {
        Missing::Failed(error.into())
    }
}

/// Finds an appeal. Wrong keys are counted by number and by address, and shut for a while.
pub(super) async fn find(app: &App, key: &Key, from: &From) -> Result<Mine, Missing> {
    let number = tidy_number(&key.number);
    let address = from.as_ref().map(|Extension(ConnectInfo(Peer(a)))| (Guess::NumberFrom(a.ip()), BY_ADDRESS));
    // What cannot be a number has no code to guess.
    let by_number = possible(&number).then_some((Guess::Number(&number), BY_NUMBER));
    let guesses: Vec<_> = address.into_iter().chain(by_number).collect();
    for (guess, bearing) in &guesses {
        let counted = match app.attempt(*guess, *bearing).await {
            // Citizens go on reading where nothing can be written; how often an address asks is still bounded.
            Err(StoreError::ReadOnly { .. } | StoreError::Full { .. }) => Ok(0),
            counted => counted?,
        };
        if let Err(minutes) = counted {
            let detail = format!("输错的次数太多，为保护您的信息，请{minutes}分钟后再试；着急可以拨打12345查询");
            return Err(Failure::new(StatusCode::TOO_MANY_REQUESTS, "暂时不能查询", detail).into());
        }
    }
    let found = look(app, &number, &tidy_code(&key.code)).await?;
    if found.is_some() {
        for (guess, _) in guesses {
            if let Err(error) = app.attempt_was_right(guess).await {
                tracing::warn!(%error, "that a query code was right could not be written down");
            }
        }
    }
    found.ok_or(Missing::Wrong)
}

async fn look(app: &App, number: &str, code: &str) -> Result<Option<Mine>, ExecuteError> {
    if !possible(number) || code.is_empty() {
        return Ok(None);
    }
    // The code first: a number that is nobody's and one with another code take the same question, and as long.
    let row = app.store.appeal_by_code(&app.jurisdiction, number, code).await?;
    let Some(appeal) = row.and_then(|row| row.appeal.parse().ok()) else { return Ok(None) };
    let ticket = match app.load(number, &Actor::citizen()).await {
        Ok(ticket) => ticket,
        Err(ExecuteError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mine = Mine { ticket, appeal, code: code.to_owned(), before: None };
    followed(app, mine).await.map(Some)
}

/// Along the joinings: the progress is that of the ticket where the appeal hangs now.
async fn followed(app: &App, mut mine: Mine) -> Result<Mine, ExecuteError> {
    for _ in 0..JOININGS_MOST {
        let Stage::Joined { number } = mine.ticket.stage_in_archive() else { break };
        let next = match app.load(number, &Actor::citizen()).await {
            Ok(next) => next,
            Err(ExecuteError::NotFound) => break,
            Err(error) => return Err(error),
        };
        let from = joined_from(&mine.ticket.number, mine.appeal);
        let Some(appeal) = next.appeals.iter().find(|a| a.from.as_ref() == Some(&from)).map(|a| a.no) else { break };
        let before = mine.before.or_else(|| Some(Box::new((mine.ticket, mine.appeal))));
        mine = Mine { ticket: next, appeal, before, code: mine.code };
    }
    Ok(mine)
}

fn possible(number: &str) -> bool {
    number.len() <= NUMBER_MOST && is_ticket_number(number)
}

/// A code as people type it: full-width digits and blanks are put right.
fn tidy_code(typed: &str) -> String {
    jiesu_text::fold(typed).chars().filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_tidied() {
        assert_eq!(tidy_code(" １２３４ 5678 "), "12345678");
        assert_eq!(tidy_code("　"), "");
    }
}
