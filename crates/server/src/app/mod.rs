//! The application: store, law, clock and units of one jurisdiction, and the one door for writes.

mod access_review;
mod appeals;
mod audit;
mod duty;
mod erasing;
mod execute;
mod file_check;
mod file_watch;
mod files;
pub mod hints;
pub mod hot;
mod joining;
pub mod knowledge;
mod knowledge_check;
mod knowledge_files;
pub mod matters;
mod number;
mod organisation;
mod others;
mod places;
pub(crate) mod project;
pub mod proposals;
mod retention;
mod secrets;
mod sms;
pub(crate) mod standing;
mod switched;
mod told;
mod verify;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use jiesu_domain::{
    Actor, Basis, Catalogue, Instant, Rulebook,
    calendar::Day,
    ticket::{Ctx, Standing, Ticket, UnitInfo, Units},
};
use jiesu_store::{Jurisdiction, Marks, Store, StoreError, Unit};

use crate::{
    clock::Clock,
    evidence::Evidence,
    files::Files,
    law::Law,
    limits::Limits,
    live::Live,
    login::{Hashing, Oidc, Seal},
    rate::Rates,
};

pub use access_review::Access;
pub use appeals::{Appellant, tidy_id_number, tidy_phone};
pub use audit::{Act, Who};
pub use duty::Worked;
pub use erasing::{ASKED_DAYS, Asked, Wanted as ToErase};
pub use execute::{ExecuteError, Executed, NewTicket};
pub use file_check::{FilesReport, check_files};
pub use file_watch::watch_files;
pub use files::{Content, FileError, Wanted, checked_name, plain_name};
pub use joining::{Join, joined_from, number_joined};
pub use knowledge_files::EntryFile;
pub use number::{is_ticket_number, ticket_number, tidy_number};
pub use organisation::Changing;
pub(crate) use organisation::unit_rows;
pub(crate) use project::row as ticket_row;
pub use project::terms_of_body;
pub(crate) use project::{all_terms, said};
pub use retention::Retention;
pub use secrets::{digest, random_digits, random_token};
pub(crate) use secrets::{hex, random_below, random_bytes, unhex};
pub use sms::{Heard, Message, WHICH};
pub use told::{Told, mobile, told_text};
pub use verify::{VerifyReport, verify};

/// Everything a request or a timer needs. One per process, shared.
#[derive(Debug)]
pub struct App {
    pub store: Store,
    pub law: Law,
    pub clock: Clock,
    /// Key of the jurisdiction; also the id of its rulebook.
    pub jurisdiction: String,
    pub rates: Rates,
    pub hashing: Hashing,
    seal: Seal,
    /// Browsers come by TLS, ours or a proxy's.
    https: OnceLock<()>,
    oidc: OnceLock<Arc<Oidc>>,
    files: OnceLock<Files>,
    limits: OnceLock<Limits>,
    evidence: OnceLock<Evidence>,
    /// What was refused, on its way into the audit journal.
    refusals: audit::Refusals,
    /// The knowledge base as it is searched.
    shelf: knowledge::Shelf,
    /// What is proposed for appeals, and what came of it.
    proposals: proposals::Proposals,
    /// Earlier tickets, by what they say.
    matters: matters::Matters,
    /// Held while hot issues are looked for, or learning goes on: each takes tens of megabytes, and neither is in a hurry.
    big_work: tokio::sync::Mutex<()>,
    /// Who wants to hear what changes.
    pub live: Live,
    /// How far things had gone before units and names were read.
    pub opened_at: Marks,
    units: RwLock<Arc<Units>>,
    /// Account id → name, for time lines.
    names: RwLock<Arc<BTreeMap<String, String>>>,
}

/// The centre cannot open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    NoRulebook(String),
    #[error(
        "数据库没有生成完：上次 jiesu demo --tickets 中途停止。请删除这个数据库（数据目录中的 jiesu.db* 文件），再重新运行"
    )]
    Unfinished,
    #[error("单位“{name}”的类别“{kind}”不认识")]
    UnitKind { name: String, kind: String },
}

impl App {
    /// Opens a jurisdiction on a migrated store.
    ///
    /// # Errors
    /// The store fails, or the jurisdiction has no rulebook.
    pub async fn open(store: Store, law: Law, clock: Clock, jurisdiction: &str) -> Result<Arc<App>, OpenError> {
        let today = Day::of(clock.now()).date();
        if law.in_force(jurisdiction, today).is_none() {
            return Err(OpenError::NoRulebook(law.unknown(jurisdiction)));
        }
        store.unlock().await?;
        if store.unfinished(jurisdiction).await? {
            return Err(OpenError::Unfinished);
        }
        reindexed(&store, jurisdiction).await?;
        knowledge::said_anew(&store, jurisdiction).await?;
        let opened_at = store.marks(jurisdiction).await?;
        let seal = Seal::of(&**store.derived_key(jurisdiction, "log-in").await?);
        let refusals = audit::Refusals::new(store.clone(), jurisdiction.to_owned());
        let app = App {
            store,
            law,
            clock,
            jurisdiction: jurisdiction.to_owned(),
            rates: Rates::default(),
            hashing: Hashing::default(),
            seal,
            https: OnceLock::new(),
            oidc: OnceLock::new(),
            files: OnceLock::new(),
            limits: OnceLock::new(),
            evidence: OnceLock::new(),
            refusals,
            shelf: knowledge::Shelf::default(),
            proposals: proposals::Proposals::default(),
            matters: matters::Matters::default(),
            big_work: tokio::sync::Mutex::default(),
            live: Live::default(),
            opened_at,
            units: RwLock::default(),
            names: RwLock::default(),
        };
        app.reload().await?;
        Ok(Arc::new(app))
    }

    /// Reads units and names again after they changed.
    ///
    /// # Errors
    /// The store fails, or a unit is of a kind we do not know.
    pub async fn reload(&self) -> Result<(), OpenError> {
        let units = units_of(&self.store, &self.jurisdiction).await?;
        let accounts = self.store.accounts(&self.jurisdiction).await?.into_iter().map(|a| (a.account, a.name));
        let platforms =
            self.store.api_keys(&self.jurisdiction).await?.into_iter().map(|k| (key_actor(&k.key_id), k.name));
        let names = accounts.chain(platforms).collect();
        *self.units.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(units);
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(names);
        Ok(())
    }

    /// Puts a jurisdiction and its units there; what is there already is brought up to date.
    ///
    /// # Errors
    /// The store fails.
    pub async fn seed(store: &Store, jurisdiction: &str, name: &str, units: &Units) -> Result<(), StoreError> {
        let parent = None;
        store.jurisdiction_put(&Jurisdiction { jurisdiction: jurisdiction.into(), name: name.into(), parent }).await?;
        let rows: Vec<Unit> = units
            .iter()
            .map(|(id, u)| Unit {
                unit: id.clone(),
                name: u.name.clone(),
                kind: u.kind.code().into(),
                parent: u.parent.clone(),
                active: u.active,
            })
            .collect();
        store.units_put(jurisdiction, &rows).await
    }

    /// What anchors are signed with; without it none are made.
    pub fn keep_evidence(&self, evidence: Evidence) {
        let _ = self.evidence.set(evidence);
    }

    /// What anchors are signed with.
    pub fn evidence(&self) -> Option<&Evidence> {
        self.evidence.get()
    }

    /// What short-lived secrets are sealed with.
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// From now on cookies go over TLS only.
    pub fn behind_tls(&self) {
        let _ = self.https.set(());
    }

    /// From now on one can log in by this identity service too.
    pub fn identify_by(&self, oidc: Oidc) {
        let _ = self.oidc.set(Arc::new(oidc));
    }

    /// The identity service, if there is one.
    pub fn oidc(&self) -> Option<Arc<Oidc>> {
        self.oidc.get().cloned()
    }

    /// Whether browsers come by TLS.
    pub fn https(&self) -> bool {
        self.https.get().is_some()
    }

    pub fn units(&self) -> Arc<Units> {
        self.units.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// An account's name; its id where there is none (the worker, a citizen, an import).
    pub fn account_name(&self, id: &str) -> String {
        match id {
            "system" => "系统".into(),
            "citizen" => "诉求人".into(),
            "" => "未登录者".into(),
            id if id.starts_with("command-line:") => "命令行".into(),
            "import" => "历史导入".into(),
            sms::ACTOR => "短信".into(),
            id => self
                .names
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .get(id)
                .cloned()
                .unwrap_or_else(|| id.to_owned()),
        }
    }

    /// The rulebook for new tickets.
    pub fn rulebook(&self) -> &Rulebook {
        self.rulebook_at(self.clock.now())
    }

    /// The rulebook in force at an instant: what is decided goes by the instant that it is decided at, and never by two.
    fn rulebook_at(&self, now: Instant) -> &Rulebook {
        self.law.in_force(&self.jurisdiction, Day::of(now).date()).expect("checked when the centre opened")
    }

    /// The rulebook that holds for a ticket: its own once it was dispatched.
    pub fn rulebook_of(&self, ticket: &Ticket) -> &Rulebook {
        self.rulebook_of_at(ticket, self.clock.now())
    }

    fn rulebook_of_at(&self, ticket: &Ticket, now: Instant) -> &Rulebook {
        let book = self.law.of_ticket(&self.jurisdiction, Some(ticket), Day::of(now).date());
        book.expect("checked when the centre opened")
    }

    /// The very version that a decision cites; `None` where its file is gone.
    pub fn rulebook_behind(&self, basis: &Basis) -> Option<&Rulebook> {
        self.law.book(&basis.rulebook, basis.version)
    }

    /// The rulebook of a ticket that need not be read whole; the one in force where there is no such ticket.
    ///
    /// # Errors
    /// The store fails.
    pub async fn rulebook_of_number(&self, number: &str) -> Result<&Rulebook, StoreError> {
        /// Of a stored ticket, what says its rulebook.
        #[derive(serde::Deserialize)]
        struct Frozen {
            rulebook: Option<(String, u32)>,
        }
        let stored = self.store.ticket(&self.jurisdiction, number).await?;
        let frozen = stored.and_then(|t| serde_json::from_str::<Frozen>(&t.body).ok()?.rulebook);
        let own = frozen.and_then(|(id, version)| self.law.book(&id, version));
        Ok(own.unwrap_or_else(|| self.rulebook()))
    }

    /// The dispatch catalogue that holds for a ticket: the version it was dispatched under, else the one in force.
    pub fn catalogue_of(&self, ticket: Option<&Ticket>, now: Instant) -> Option<&Catalogue> {
        self.law.catalogue_of_ticket(&self.jurisdiction, ticket, Day::of(now).date())
    }

    /// What a decision on this ticket is made with. `standing` tells how other tickets stand that are named; without it nobody knows any.
    pub fn ctx<'a>(
        &'a self,
        ticket: Option<&Ticket>,
        units: &'a Units,
        standing: Option<&'a BTreeMap<String, Standing>>,
        actor: &'a Actor,
        now: Instant,
    ) -> Ctx<'a> {
        let rulebook = ticket.map_or_else(|| self.rulebook_at(now), |t| self.rulebook_of_at(t, now));
        let catalogue = self.catalogue_of(ticket, now);
        Ctx { rulebook, calendar: self.law.calendar(), catalogue, units, standing, now, actor }
    }
}

/// Where it stands how a jurisdiction's tickets were cut into words.
pub(crate) const CUT_SETTING: &str = "cut";
/// To be changed with how texts are cut, or with which texts of a ticket are.
pub(crate) const CUT: &str = "7";

/// Cuts the tickets' words anew, where an earlier program did it in another way.
async fn reindexed(store: &Store, jurisdiction: &str) -> Result<(), StoreError> {
    if store.setting(jurisdiction, CUT_SETTING).await?.as_deref() == Some(CUT) {
        return Ok(());
    }
    let told = |done| {
        if done % 20_000 == 0 {
            tracing::info!(tickets = done, "words of tickets cut anew");
        }
    };
    let tickets = store.reindex(jurisdiction, &project::terms_of_body, told).await?;
    if tickets > 0 {
        tracing::info!(tickets, "words of all tickets cut anew");
    }
    store.setting_put(jurisdiction, CUT_SETTING, CUT).await
}

/// As whom a key of a platform acts, in journals.
pub fn key_actor(key_id: &str) -> String {
    format!("platform:{key_id}")
}

/// The units of a jurisdiction as they are stored.
///
/// # Errors
/// The store fails, or a unit is of a kind we do not know.
pub async fn units_of(store: &Store, jurisdiction: &str) -> Result<Units, OpenError> {
    let mut units = Units::new();
    for unit in store.units(jurisdiction).await? {
        let unknown = || OpenError::UnitKind { name: unit.name.clone(), kind: unit.kind.clone() };
        let kind = unit.kind.parse().map_err(|_| unknown())?;
        units.insert(unit.unit, UnitInfo { name: unit.name, kind, parent: unit.parent, active: unit.active });
    }
    Ok(units)
}
