//! What is proposed while an appeal is registered and dispatched: kind, category, place, urgency, secrecy, department. A proposal names the
//! words it rests on and how often such proposals were right; a person decides, and what they did is counted ([`counting`]). What is learnt
//! comes from the centre's own closed tickets, every night ([`learning`]).

mod counting;
mod demo;
pub mod learning;
mod making;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::{Arc, Mutex as Lock, PoisonError},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiesu_domain::{Actor, Kind, audit::ActKind, calendar::Day, rulebook::UnitKind, ticket::Units};
use jiesu_store::StoreError;
use jiesu_text::{
    classify::{self, tree::Tree},
    propose::{Division, Gazetteer},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{sync::Mutex, time::Instant};
use utoipa::ToSchema;

use super::{Act, App, ExecuteError};
use counting::Counting;

pub use counting::Tallied;
pub use learning::{Night, Report};

/// The one threshold: what is right less often than this is not proposed.
pub const LEAST: f32 = classify::SURE;
/// What follows from words or from the catalogue is believed without a measure until there are so many cases to measure it by.
pub const LEAST_MEASURED: u64 = 30;

/// The setting that says which fields are switched off.
const OFF_SETTING: &str = "proposals-off";
/// How old what is known of switches and models may be.
const FRESH: Duration = Duration::from_secs(2);
/// Nights looked back for the one that a model is of.
const NIGHTS_KEPT: u32 = 1_000;
/// Nights looked back for one that came to its end.
const NIGHTS: u32 = 3;

/// What can be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = ProposedField)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    Kind,
    Category,
    Place,
    Urgent,
    Confidential,
    Department,
}

impl Field {
    pub const ALL: [Field; 6] =
        [Field::Kind, Field::Category, Field::Place, Field::Urgent, Field::Confidential, Field::Department];
    /// Those that are learnt from closed tickets.
    pub const LEARNT: [Field; 3] = [Field::Kind, Field::Category, Field::Department];

    /// As it is stored and as the API has it.
    pub const fn code(self) -> &'static str {
        match self {
            Field::Kind => "kind",
            Field::Category => "category",
            Field::Place => "place",
            Field::Urgent => "urgent",
            Field::Confidential => "confidential",
            Field::Department => "department",
        }
    }

    /// As the forms call it.
    pub const fn zh(self) -> &'static str {
        match self {
            Field::Kind => "诉求类别",
            Field::Category => "事项",
            Field::Place => "事发地点",
            Field::Urgent => "紧急",
            Field::Confidential => "保密",
            Field::Department => "承办单位",
        }
    }

    fn of(code: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.code() == code)
    }
}

/// What a proposal rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(as = ProposalSource)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The words say it.
    Words,
    /// Learnt from what the centre did before.
    Learned,
    /// The dispatch catalogue has it.
    Catalogue,
}

impl Source {
    pub const fn zh(self) -> &'static str {
        match self {
            Source::Words => "按文字",
            Source::Learned => "按以往办理",
            Source::Catalogue => "按派单目录",
        }
    }
}

/// Where words stand that a proposal rests on: in which text, from which character on, how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WordSpan {
    /// `title` or `content`.
    pub text: &'static str,
    /// From 0, in characters (Unicode scalar values).
    pub start: usize,
    pub length: usize,
}

/// Something proposed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Proposal {
    pub field: Field,
    /// What would be filled in: a kind's code, a category, a place, `true`, a unit's id.
    pub value: String,
    /// As people read it.
    pub label: String,
    /// How often such proposals are right, 0 to 1; absent: it follows from what is said or from the catalogue, and was not measured here yet.
    pub confidence: Option<f32>,
    pub source: Source,
    pub source_name: &'static str,
    /// Of the model, a day such as 20261122; 0: no model.
    pub version: i64,
    /// The catalogue's entry, the article, or the division found.
    pub why: Option<String>,
    /// Code of the catalogue's entry that it follows from.
    pub entry: Option<String>,
    pub words: Vec<WordSpan>,
}

/// What a proposal is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    pub title: &'a str,
    pub content: &'a str,
    pub kind: Option<Kind>,
    pub category: Option<&'a str>,
    pub place: Option<&'a str>,
}

/// A model in use.
#[derive(Debug)]
struct Learned {
    version: i64,
    tree: Tree,
    /// How often what it proposed was right on the tickets that were held out, where they were enough to say.
    share: Option<f32>,
}

/// How often what follows from words or the catalogue was right on the centre's own tickets.
pub(super) type Measured = BTreeMap<Field, Hits>;

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hits {
    pub right: u64,
    pub of: u64,
}

impl Hits {
    fn count(&mut self, right: bool) {
        self.right += u64::from(right);
        self.of += 1;
    }

    /// `None`: too few to say.
    fn measured(self) -> Option<f32> {
        (self.of >= LEAST_MEASURED).then(|| self.right as f32 / self.of as f32)
    }
}

/// What is known at a moment: shared by those who propose by it.
#[derive(Debug, Default, Clone)]
pub(super) struct Known {
    off: BTreeSet<Field>,
    learned: BTreeMap<Field, Arc<Learned>>,
    measured: Measured,
    gazetteer: Arc<Gazetteer>,
}

#[derive(Debug, Default)]
struct Following {
    at: Option<Instant>,
    known: Arc<Known>,
    /// The units that the gazetteer was made of.
    units: Option<Arc<Units>>,
}

/// What one process knows and has counted.
#[derive(Debug, Default)]
pub struct Proposals {
    following: Mutex<Following>,
    counting: Lock<Counting>,
}

impl Proposals {
    fn counting(&self) -> std::sync::MutexGuard<'_, Counting> {
        self.counting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// What is proposed for an appeal, in the order of [`Field::ALL`]; nothing where nothing is sure enough or the field is switched off.
    ///
    /// # Errors
    /// The store failed.
    pub async fn propose(&self, asked: &Asked<'_>) -> Result<Vec<Proposal>, StoreError> {
        Ok(self.proposed(&*self.known_proposals().await?, asked))
    }

    /// The switches, models and measures in use, not older than [`FRESH`].
    async fn known_proposals(&self) -> Result<Arc<Known>, StoreError> {
        let mut following = self.proposals.following.lock().await;
        let units = self.units();
        let same_units = following.units.as_ref().is_some_and(|known| Arc::ptr_eq(known, &units));
        if same_units && following.at.is_some_and(|at| at.elapsed() < FRESH) {
            return Ok(following.known.clone());
        }
        let (store, j) = (&self.store, &self.jurisdiction);
        let mut known = (*following.known).clone();
        known.off = self.switched_off().await?;
        let versions = store.learned_versions(j).await?;
        known.learned.retain(|field, _| versions.iter().any(|(code, _)| code == field.code()));
        for (code, version) in versions {
            let Some(field) = Field::of(&code) else { continue };
            if known.learned.get(&field).is_none_or(|l| l.version != version)
                && let Some(learned) = self.opened(field).await?
            {
                known.learned.insert(field, Arc::new(learned));
            }
        }
        let nights = store.learnings(j, NIGHTS).await?;
        known.measured = nights.iter().find_map(Report::of).map(|report| report.measured).unwrap_or_default();
        if !same_units {
            known.gazetteer = Arc::new(gazetteer(&units));
        }
        *following = Following { at: Some(Instant::now()), known: Arc::new(known), units: Some(units) };
        Ok(following.known.clone())
    }

    /// The model of a field; one that cannot be read is as good as none.
    async fn opened(&self, field: Field) -> Result<Option<Learned>, StoreError> {
        let Some((version, parts)) = self.store.learned(&self.jurisdiction, field.code()).await? else {
            return Ok(None);
        };
        let opened = tokio::task::spawn_blocking(move || {
            let bytes = |text: &str| BASE64_STANDARD.decode(text).unwrap_or_default();
            let parts: Vec<(String, Vec<u8>)> = parts.into_iter().map(|p| (p.part, bytes(&p.body))).collect();
            Tree::from_parts(&parts)
        });
        let nights = self.store.learnings(&self.jurisdiction, NIGHTS_KEPT).await?;
        let of_version = nights
            .iter()
            .find(|night| i32::try_from(night.day).is_ok_and(|day| learning::version(Day(day)) == version));
        let share = of_version.and_then(Report::of).and_then(|report| report.share(field));
        match opened.await {
            Ok(Ok(tree)) => Ok(Some(Learned { version, tree, share })),
            Ok(Err(error)) => {
                tracing::error!(field = field.code(), %error, "a learnt model cannot be read; the next night makes a new one");
                Ok(None)
            }
            Err(_) => Ok(None),
        }
    }

    /// The fields for which nothing is proposed.
    ///
    /// # Errors
    /// The store failed.
    pub async fn switched_off(&self) -> Result<BTreeSet<Field>, StoreError> {
        let setting = self.store.setting(&self.jurisdiction, OFF_SETTING).await?;
        let codes: Vec<String> = setting.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Ok(codes.iter().filter_map(|code| Field::of(code)).collect())
    }

    /// Switches the proposals of a field on or off; the audit journal says so.
    ///
    /// # Errors
    /// The store failed.
    pub async fn switch_proposals(
        &self,
        actor: &Actor,
        origin: Option<IpAddr>,
        field: Field,
        on: bool,
    ) -> Result<(), ExecuteError> {
        let mut off = self.switched_off().await?;
        let changed = if on { off.remove(&field) } else { off.insert(field) };
        if !changed {
            return Ok(());
        }
        let detail = json!({ "field": field.code(), "on": on });
        let codes: Vec<&str> = off.iter().map(|field| field.code()).collect();
        let mut deed = self.deed().await?;
        deed.setting_put(OFF_SETTING, &json!(codes).to_string()).await?;
        self.done(deed, actor, Act::done(ActKind::SettingChanged, OFF_SETTING).with(detail).from(origin)).await?;
        self.proposals.following.lock().await.at = None;
        Ok(())
    }
}

/// The divisions among the units, by the names that people use for them.
fn gazetteer(units: &Units) -> Gazetteer {
    let is_division = |kind: UnitKind| matches!(kind, UnitKind::District | UnitKind::Town | UnitKind::Zone);
    let divisions = units.iter().filter(|(_, unit)| unit.active && is_division(unit.kind)).map(|(id, unit)| {
        let name = division_name(&unit.name);
        Division { key: id.clone(), aliases: aliases(name), name: name.to_owned(), above: unit.parent.clone() }
    });
    Gazetteer::new(divisions.collect())
}

/// What is governed, of what governs it.
fn division_name(unit: &str) -> &str {
    let ends = ["人民政府", "办事处", "管理委员会", "管委会"];
    ends.iter().find_map(|end| unit.trim().strip_suffix(end)).unwrap_or(unit.trim())
}

/// What zones are called for short.
fn aliases(name: &str) -> Vec<String> {
    let short = |long: &str, short: &str| name.contains(long).then(|| name.replace(long, short));
    [short("高新技术产业开发区", "高新区"), short("经济技术开发区", "经开区"), short("经济开发区", "经开区")]
        .into_iter()
        .flatten()
        .collect()
}
