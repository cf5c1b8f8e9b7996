//! What a command must know of other tickets: how those stand that it names.

use std::collections::BTreeMap;

use jiesu_domain::{
    Actor, persons,
    ticket::{Command, Standing, Ticket},
};

use super::{App, ExecuteError, appeals::Brings, number_joined};

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

    /// Counts the persons on the tickets that were confirmed to be this matter, where a command makes the rulebook ask how many there are:
    /// each person once over all of them, by phone or identity number.
    pub(super) async fn count_others(
        &self,
        ticket: &Ticket,
        command: &Command,
        brings: &Brings<'_>,
        known: &mut Standings,
    ) -> Result<(), ExecuteError> {
        let linked = match command {
            Command::LinkEarlier { number, .. } => Some(number.trim().to_owned()),
            Command::AttachAppeal { .. } | Command::Dispatch(_) | Command::ProposeSupervision { .. } => None,
            _ => return Ok(()),
        };
        let mut named = ticket.earlier.clone();
        named.extend(linked.filter(|number| known.contains_key(number)));
        if named.is_empty() {
            return Ok(());
        }
        let missing: Vec<&str> = named.iter().map(String::as_str).filter(|n| !known.contains_key(*n)).collect();
        known.extend(self.standings(&missing, &Actor::system()).await?);
        let numbers: Vec<String> = named.iter().chain([&ticket.number]).cloned().collect();
        let appellants = self.store.appellants(&self.jurisdiction, &numbers).await?;
        let of = |number: &str| {
            appellants.iter().filter(|a| a.ticket == number).map(|a| a.person.clone()).collect::<Vec<_>>()
        };
        let mut persons = of(&ticket.number);
        persons.extend(self.who_comes(brings).await?);
        let count = |persons: &[Vec<u64>]| persons::distinct(persons.iter().map(Vec::as_slice));
        let mut before = count(&persons);
        for number in &named {
            persons.extend(of(number));
            let now = count(&persons);
            if let Some(standing) = known.get_mut(number) {
                standing.others = now.saturating_sub(before) as u32;
            }
            before = now;
        }
        Ok(())
    }
}
