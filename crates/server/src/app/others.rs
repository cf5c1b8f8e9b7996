//! What a command must know of other tickets: how those stand that it names.

use std::collections::BTreeMap;

use jiesu_domain::{
    Actor,
    ticket::{Command, Standing},
};

use super::{App, ExecuteError, number_joined};

/// How other tickets stand, by number. A number that is not in it is of no ticket that this person may name.
pub(super) type Standings = BTreeMap<String, Standing>;

/// The tickets that a command names besides its own.
pub(super) fn named(command: &Command) -> Vec<&str> {
    match command {
        Command::LinkEarlier { number, .. } | Command::JoinTo { number, .. } => vec![number.trim()],
        Command::AttachAppeal { from: Some(from), .. } => vec![number_joined(from)],
        _ => Vec::new(),
    }
}

impl App {
    /// How these tickets stand, as far as this actor sees them.
    pub(super) async fn standings(&self, numbers: &[&str], actor: &Actor) -> Result<Standings, ExecuteError> {
        let mut found = Standings::new();
        for number in numbers {
            match self.load(number, actor).await {
                Ok(ticket) => found.insert((*number).to_owned(), ticket.standing()),
                Err(ExecuteError::NotFound) => None,
                Err(error) => return Err(error),
            };
        }
        Ok(found)
    }
}
