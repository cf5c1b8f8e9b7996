//! What is kept on a ticket beside its clocks, each entry with its ground in one sentence: supervision, conduct, exclusions.

use jiesu_domain::{
    Basis, Rulebook, explain,
    ticket::{Conduct, Ctx, Exclusion, LedgerEntry, Ticket},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::viewer::Viewer;
use crate::app::App;

/// An entry of the supervision ledger.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerView {
    #[serde(flatten)]
    pub entry: LedgerEntry,
    /// Whom, for what, how it stands and on what ground, in one sentence.
    pub why: String,
}

/// Conduct for which somebody may be held to account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConductView {
    #[serde(flatten)]
    pub conduct: Conduct,
    /// Who, what shows it, how it stands and on what ground, in one sentence.
    pub why: String,
}

/// An application to leave the ticket out of an assessment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExclusionView {
    #[serde(flatten)]
    pub exclusion: Exclusion,
    /// Who asks, for what reason, how it stands and on what ground, in one sentence.
    pub why: String,
}

/// Explains the entries of one ticket in the words of the rulebook that each rests on.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    pub app: &'a App,
    pub ctx: &'a Ctx<'a>,
    pub viewer: &'a Viewer,
}

impl Entries<'_> {
    pub fn supervision(&self, ticket: &Ticket) -> Vec<LedgerView> {
        let view = |entry: &LedgerEntry| LedgerView {
            why: explain::supervision(entry, self.unit(entry.unit.as_deref()), self.book(&entry.basis)),
            entry: entry.clone(),
        };
        ticket.supervision.iter().map(view).collect()
    }

    pub fn conducts(&self, ticket: &Ticket) -> Vec<ConductView> {
        let view = |conduct: &Conduct| ConductView {
            why: explain::conduct(conduct, self.unit(conduct.unit.as_deref()), self.book(&conduct.basis)),
            conduct: conduct.clone(),
        };
        ticket.conducts.iter().filter(|c| self.viewer.conduct(c)).map(view).collect()
    }

    pub fn exclusions(&self, ticket: &Ticket) -> Vec<ExclusionView> {
        let view = |exclusion: &Exclusion| ExclusionView {
            why: explain::exclusion(exclusion, self.unit(Some(&exclusion.unit)), self.book(&exclusion.basis)),
            exclusion: exclusion.clone(),
        };
        ticket.exclusions.iter().filter(|e| self.viewer.exclusion(e)).map(view).collect()
    }

    /// What concerns no unit names none: the sentence reads without a subject.
    fn unit<'s>(&'s self, id: Option<&'s str>) -> &'s str {
        id.map_or("", |id| self.ctx.unit_name(id))
    }

    /// The version that the entry was decided under: its readings may be worded otherwise by now.
    fn book(&self, basis: &Basis) -> &Rulebook {
        self.app.rulebook_behind(basis).unwrap_or(self.ctx.rulebook)
    }
}
