//! A ticket joins another one: its appellants are hung on that one first and it ends afterwards, so that nobody is lost whatever
//! happens in between. What was begun is written down, and a retry or the worker completes it.

use jiesu_domain::{
    Actor,
    ticket::{Appeal, Command, Stage, Ticket, decide},
};
use jiesu_store::AppealRow;
use serde::{Deserialize, Serialize};

use super::{
    App, ExecuteError, Executed,
    appeals::{Brings, fresh_code},
};

/// Settings under this name are joinings that were begun: `joining:<number>`.
const BEGUN: &str = "joining:";

/// A joining as it was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Join {
    pub actor: Actor,
    /// Number of the ticket that goes on.
    pub to: String,
    pub reason: String,
}

impl Join {
    fn command(&self) -> Command {
        Command::JoinTo { number: self.to.clone(), reason: self.reason.clone() }
    }
}

/// How an appeal names where it came from: each appeal of a joined ticket comes once.
pub fn joined_from(number: &str, appeal: u32) -> String {
    format!("{number}#{appeal}")
}

/// The ticket of [`joined_from`].
pub fn number_joined(from: &str) -> &str {
    from.split_once('#').map_or(from, |(number, _)| number)
}

impl App {
    /// Joins a ticket to another one.
    ///
    /// # Errors
    /// As [`App::execute`]. Where the other ticket ended meanwhile, appellants already taken there stay on both.
    pub(super) async fn join(
        &self,
        number: &str,
        join: &Join,
        expected: Option<i64>,
        idempotency: Option<String>,
    ) -> Result<Executed, ExecuteError> {
        let ticket = self.load(number, &join.actor).await?;
        let version = i64::from(ticket.version);
        let sound = expected.is_none_or(|e| e == version) && self.may_join(&ticket, join).await?;
        // A key that stands for something already done is answered from that, before any appellant is taken anywhere.
        let used = match &idempotency {
            Some(key) => self.store.idempotent(&self.jurisdiction, &join.actor.id, key).await?.is_some(),
            None => false,
        };
        if used || !sound {
            // Refused in the words of the ticket itself, or the echo of a click that was carried out.
            return self.carry_out(&join.actor, number, &join.command(), expected, idempotency, Brings::Nobody).await;
        }
        self.begin_join(number, join).await?;
        self.end_join(number, join, expected, idempotency).await
    }

    /// Whether the joining itself would be carried out now.
    async fn may_join(&self, ticket: &Ticket, join: &Join) -> Result<bool, ExecuteError> {
        let standing = self.standings(&[join.to.as_str()], &join.actor).await?;
        let units = self.units();
        let ctx = self.ctx(Some(ticket), &units, Some(&standing), &join.actor, self.clock.now());
        Ok(decide(ticket, &join.command(), &ctx).is_ok())
    }

    /// The first half: written down, and every appellant who still wants to know hung on the other ticket.
    ///
    /// # Errors
    /// The other ticket takes no appeals any more, or the store failed.
    pub async fn begin_join(&self, number: &str, join: &Join) -> Result<(), ExecuteError> {
        let begun = serde_json::to_string(join).expect("plain data");
        self.store.setting_put(&self.jurisdiction, &format!("{BEGUN}{number}"), &begun).await?;
        let ticket = self.load(number, &join.actor).await?;
        let rows = self.store.appeals(&self.jurisdiction, number).await?;
        for appeal in ticket.standing_appeals() {
            let row = rows.iter().find(|r| r.appeal == appeal.no.to_string());
            if let Err(error) = self.hang(number, appeal, row, join).await {
                self.forget_join(number).await?;
                return Err(error);
            }
        }
        Ok(())
    }

    /// One appellant, once.
    async fn hang(
        &self,
        number: &str,
        appeal: &Appeal,
        row: Option<&AppealRow>,
        join: &Join,
    ) -> Result<(), ExecuteError> {
        let from = Some(joined_from(number, appeal.no));
        if self.hangs(join, from.as_deref()).await? {
            return Ok(());
        }
        let (channel, follow_up_by) = (appeal.channel, appeal.follow_up_by);
        let attach = Command::AttachAppeal { channel, follow_up_by, note: None, same_as: None, from: from.clone() };
        let row = match row {
            Some(row) => Some(self.row_there(row, &join.to).await?),
            None => None,
        };
        let brings = row.as_ref().map_or(Brings::Nobody, Brings::Known);
        match self.carry_out(&join.actor, &join.to, &attach, None, None, brings).await {
            // The worker and a retry may both be at it.
            Err(ExecuteError::Refused(_)) if self.hangs(join, from.as_deref()).await? => Ok(()),
            done => done.map(|_| ()),
        }
    }

    /// Whether the appeal is on the ticket that goes on.
    async fn hangs(&self, join: &Join, from: Option<&str>) -> Result<bool, ExecuteError> {
        Ok(self.load(&join.to, &join.actor).await?.appeals.iter().any(|a| a.from.as_deref() == from))
    }

    /// The same person with the code they hold; should somebody there hold the same code, a new one tells the two apart.
    async fn row_there(&self, row: &AppealRow, to: &str) -> Result<AppealRow, ExecuteError> {
        let taken = self.store.appeal_by_code(&self.jurisdiction, to, &row.query_code).await?.is_some();
        let query_code = if taken { fresh_code() } else { row.query_code.clone() };
        Ok(AppealRow { query_code, source: None, source_id: None, ..row.clone() })
    }

    /// The second half: the ticket ends.
    async fn end_join(
        &self,
        number: &str,
        join: &Join,
        expected: Option<i64>,
        idempotency: Option<String>,
    ) -> Result<Executed, ExecuteError> {
        let done = self.carry_out(&join.actor, number, &join.command(), expected, idempotency, Brings::Nobody).await;
        match done {
            Err(ExecuteError::Conflict { .. } | ExecuteError::Store(_)) => done,
            Err(error) => {
                self.forget_join(number).await?;
                self.joined_already(number, join).await?.ok_or(error)
            }
            Ok(done) => {
                self.forget_join(number).await?;
                Ok(done)
            }
        }
    }

    /// What was begun here and completed by the worker is done, not refused.
    async fn joined_already(&self, number: &str, join: &Join) -> Result<Option<Executed>, ExecuteError> {
        let ticket = self.load(number, &join.actor).await?;
        let there = self.load(&join.to, &join.actor).await;
        let ours = matches!(&ticket.stage, Stage::Joined { number } if *number == join.to)
            && there.is_ok_and(|t| t.appeals.iter().any(|a| a.from.as_deref().map(number_joined) == Some(number)));
        let version = i64::from(ticket.version);
        Ok(ours.then_some(Executed { ticket: ticket.number, version, replayed: true, query_code: None }))
    }

    async fn forget_join(&self, number: &str) -> Result<(), ExecuteError> {
        Ok(self.store.setting_delete(&self.jurisdiction, &format!("{BEGUN}{number}")).await?)
    }

    /// Completes joinings that were begun and not ended: the process died in between.
    ///
    /// # Errors
    /// The store failed.
    pub async fn complete_joins(&self) -> Result<(), ExecuteError> {
        for (name, value) in self.store.settings(&self.jurisdiction).await? {
            let Some(number) = name.strip_prefix(BEGUN) else { continue };
            let Ok(join) = serde_json::from_str::<Join>(&value) else {
                tracing::error!(ticket = number, "a joining that was begun cannot be read");
                continue;
            };
            match self.complete_join(number, &join).await {
                Ok(()) => tracing::info!(ticket = number, "completed a joining"),
                Err(error @ ExecuteError::Store(_)) => return Err(error),
                Err(error) => {
                    tracing::error!(ticket = number, %error, "cannot complete a joining");
                    self.forget_join(number).await?;
                }
            }
        }
        Ok(())
    }

    async fn complete_join(&self, number: &str, join: &Join) -> Result<(), ExecuteError> {
        let ticket = self.load(number, &join.actor).await?;
        if self.may_join(&ticket, join).await? {
            self.begin_join(number, join).await?;
        }
        self.end_join(number, join, None, None).await.map(|_| ())
    }
}
