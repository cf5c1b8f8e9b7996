//! Hints on replies: sentences that somebody may look at before a reply goes out. They hinder nothing. Each kind can be switched off, and
//! what became of it is counted, without a text.

use std::{collections::BTreeSet, net::IpAddr};

use jiesu_domain::{
    Actor, Instant, access,
    calendar::Day,
    ticket::{Event, Reply, Ticket},
};
use jiesu_store::day;
use jiesu_text::reply::{Appeal, HintKind, hints};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{App, ExecuteError};

/// The kinds that are switched off, as JSON.
const OFF_SETTING: &str = "hints-off";
/// Characters of a reply that are looked at.
const LOOKED_AT: usize = 20_000;

/// What a hint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    Empty,
    OnlyPassedOn,
    ReturnReason,
    Unnamed,
    Number,
    Marks,
    Unrelated,
    Personal,
}

impl About {
    /// In the order in which they are listed.
    pub const ALL: [About; 8] = [
        About::Empty,
        About::OnlyPassedOn,
        About::ReturnReason,
        About::Unnamed,
        About::Number,
        About::Marks,
        About::Personal,
        About::Unrelated,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            About::Empty => "empty",
            About::OnlyPassedOn => "only-passed-on",
            About::ReturnReason => "return-reason",
            About::Unnamed => "unnamed",
            About::Number => "number",
            About::Marks => "marks",
            About::Unrelated => "unrelated",
            About::Personal => "personal",
        }
    }

    /// What to look at, for whoever reads the reply.
    pub const fn zh(self) -> &'static str {
        match self {
            About::Empty => "除了客套没有实际内容",
            About::OnlyPassedOn => "只说已转办，没有办理情况",
            About::ReturnReason => "像退单理由，不像答复",
            About::Unnamed => "依据没有写明名称、文号",
            About::Number => "文号写法不规范，应如“某府发〔2026〕3号”",
            About::Marks => "书名号不成对",
            About::Unrelated => "几乎没有提到诉求的内容",
            About::Personal => "可能含他人的个人信息",
        }
    }

    /// Hints of this kind that were right, of those that were read (docs/text.md).
    pub const fn measured(self) -> (u32, u32) {
        match self {
            About::Empty => (47, 50),
            About::OnlyPassedOn => (49, 50),
            About::ReturnReason => (21, 23),
            About::Unnamed => (46, 50),
            About::Number => (49, 50),
            About::Marks => (28, 28),
            About::Unrelated => (10, 18),
            About::Personal => (15, 15),
        }
    }
}

impl From<HintKind> for About {
    fn from(kind: HintKind) -> About {
        match kind {
            HintKind::Empty => About::Empty,
            HintKind::OnlyPassedOn => About::OnlyPassedOn,
            HintKind::ReturnReason => About::ReturnReason,
            HintKind::Unnamed => About::Unnamed,
            HintKind::Number => About::Number,
            HintKind::Marks => About::Marks,
            HintKind::Unrelated => About::Unrelated,
            HintKind::Personal => About::Personal,
        }
    }
}

/// What became of a reply that had a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was approved and sent with it.
    Stood,
    /// The draft was written anew, and the hint was gone.
    Rewritten,
    /// It was taken back after it had been approved.
    Reopened,
}

impl Outcome {
    pub const fn code(self) -> &'static str {
        match self {
            Outcome::Stood => "stood",
            Outcome::Rewritten => "rewritten",
            Outcome::Reopened => "reopened",
        }
    }
}

/// A sentence to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    pub about: About,
    /// Characters of the reply, from and without.
    pub from: usize,
    pub until: usize,
}

impl App {
    /// The kinds that are switched off. Until somebody decides, that is what was measured as right hardly more often than not.
    ///
    /// # Errors
    /// The store failed.
    pub async fn hints_off(&self) -> Result<BTreeSet<About>, ExecuteError> {
        Ok(self.off(OFF_SETTING).await?.unwrap_or_else(|| BTreeSet::from([About::Unrelated])))
    }

    /// Switches a kind on or off.
    ///
    /// # Errors
    /// The store failed.
    pub async fn switch_hints(&self, by: (&Actor, Option<IpAddr>), about: About, on: bool) -> Result<(), ExecuteError> {
        self.switch(by, OFF_SETTING, self.hints_off().await?, (about, on)).await?;
        Ok(())
    }

    /// What to look at in a reply to this ticket, for who may see it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn hints(&self, actor: &Actor, ticket: &Ticket, reply: &str) -> Result<Vec<Hint>, ExecuteError> {
        let off = self.hints_off().await?;
        let mut own = Vec::new();
        // The appellant may be named in the reply to them. Who may not know who that is must not learn it by trying names.
        if access::knows_appellant(actor, ticket) {
            let persons =
                self.store.persons_of_tickets(&self.jurisdiction, std::slice::from_ref(&ticket.number)).await?;
            let named = persons.into_values().flatten().flat_map(|p| [p.name, p.phone, p.contact_phone]);
            own.extend(named.flatten());
        }
        Ok(found(ticket, reply, &own, &off, self.clock.now()))
    }

    /// Counts what these events mean for the hints on the reply before and after them. That it could not be counted holds nobody up.
    pub(super) async fn count_hints(&self, before: &Ticket, events: &[Event], at: Instant) {
        if let Err(error) = self.try_count_hints(before, events, at).await {
            tracing::warn!(%error, "what became of hints could not be counted");
        }
    }

    async fn try_count_hints(&self, before: &Ticket, events: &[Event], at: Instant) -> Result<(), ExecuteError> {
        let Some(event) = events.iter().find(|e| of_reply(e)) else { return Ok(()) };
        let off = self.hints_off().await?;
        let had = match before.work().map(|w| &w.reply) {
            Some(Reply::Draft { text, .. } | Reply::Audited { text, .. }) => kinds(before, text, &off, at),
            _ => BTreeSet::new(),
        };
        let (kinds, outcome) = match event {
            Event::ReplyDrafted { text, .. } => {
                let now = kinds(before, text, &off, at);
                (had.difference(&now).copied().collect(), Outcome::Rewritten)
            }
            Event::ReplyAudited { text, .. } => (kinds(before, text, &off, at), Outcome::Stood),
            _ => (had, Outcome::Reopened),
        };
        let counted: Vec<(String, String)> =
            kinds.iter().map(|about| (about.code().to_owned(), outcome.code().to_owned())).collect();
        Ok(self.store.hints_count(&self.jurisdiction, day(at), &counted).await?)
    }
}

/// Whether an event changes the reply.
pub(super) fn of_reply(event: &Event) -> bool {
    matches!(event, Event::ReplyDrafted { .. } | Event::ReplyAudited { .. } | Event::ReplyReopened { .. })
}

/// What is counted does not know the appellant: all are counted alike.
fn kinds(ticket: &Ticket, reply: &str, off: &BTreeSet<About>, now: Instant) -> BTreeSet<About> {
    found(ticket, reply, &[], off, now).into_iter().map(|hint| hint.about).collect()
}

fn found(ticket: &Ticket, reply: &str, own: &[String], off: &BTreeSet<About>, now: Instant) -> Vec<Hint> {
    let reply: String = reply.chars().take(LOOKED_AT).collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let year = u32::try_from(Day::of(now).date().year()).unwrap_or_default();
    let appeal = Appeal { title: &ticket.title, detail: &ticket.content, own: &own, year };
    let characters = |byte: usize| reply[..byte].chars().count();
    let found = hints(appeal, &reply).into_iter();
    let found = found.map(|hint| Hint {
        about: hint.kind.into(),
        from: characters(hint.at.start),
        until: characters(hint.at.end),
    });
    let mut found: Vec<Hint> = found.filter(|hint| !off.contains(&hint.about)).collect();
    found.dedup();
    found
}
