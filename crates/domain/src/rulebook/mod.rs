//! A regulation as data: limits, windows, counts, grounds and texts, each with its article, and each reading we assume where the text
//! is silent. The format is documented in `docs/rulebook-format.md`; files live in `rulebooks/`.
//!
//! Nothing of a city is in code: whatever differs between regulations is a value here.

mod answer;
mod check;
pub mod diff;
pub mod labels;
pub mod parameters;
mod parse;
mod rules;
pub mod source;
mod wording;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use answer::Subject;
pub use diff::{Change, ChangeKind, changes};
pub use rules::*;
pub(crate) use wording::{dates, in_chinese};

pub use parse::{RulebookError, RulebookErrors, line_of, parse_toml};

/// A rule that says where it comes from: an article, or readings where the text is silent.
pub trait Cited {
    /// The rule's id, unique in the rulebook.
    fn id(&self) -> &str;
    /// The article as the text names it; empty if only readings carry it.
    fn article(&self) -> &str;
    /// Ids of readings.
    fn readings(&self) -> &[String];
}

/// A whole rulebook, as its TOML file says it. A section that is left out is a power or a duty that this text does not know.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rulebook {
    pub rulebook: Head,
    #[serde(default)]
    pub counting: CountingRule,

    pub accept: AcceptRule,
    #[serde(default)]
    pub refusal: Vec<RefusalClass>,
    pub referral: ReferralRule,
    pub emergency: EmergencyRule,
    #[serde(default)]
    pub withdrawal: Option<WithdrawalRule>,
    #[serde(default)]
    pub malicious: Vec<MaliciousRule>,
    #[serde(default)]
    pub transfer: Option<TransferRule>,
    #[serde(default)]
    pub risk: Option<RiskRule>,

    pub limit: Vec<LimitRule>,
    #[serde(default)]
    pub special_law: Option<SpecialLawRule>,

    #[serde(default)]
    pub consultation: Option<ConsultationRule>,
    #[serde(default)]
    pub approval: Option<ApprovalRule>,
    #[serde(default)]
    pub copy: Vec<CopyRule>,
    pub dispatch: DispatchRule,
    #[serde(default)]
    pub whistle: Option<WhistleRule>,
    #[serde(default)]
    pub raise: Option<RaiseRule>,

    #[serde(rename = "return")]
    pub returns: ReturnRule,
    #[serde(default)]
    pub extension: Vec<ExtensionRule>,
    #[serde(default)]
    pub longer: Option<LongerRule>,

    #[serde(default)]
    pub contact: Option<ContactRule>,
    #[serde(default)]
    pub supplement: Option<SupplementRule>,
    #[serde(default)]
    pub report_up: Option<ReportUpRule>,
    pub reply: ReplyRule,
    pub confidential: ConfidentialRule,
    pub closure: ClosureRule,
    pub closure_ground: Vec<ClosureGround>,

    pub follow_up: FollowUpRule,
    pub redo: RedoRule,
    #[serde(default)]
    pub redo_ground: Vec<RedoGround>,
    #[serde(default)]
    pub no_redo: Vec<NoRedoGround>,
    #[serde(default)]
    pub settled: Option<SettledRule>,
    #[serde(default)]
    pub exempt: Vec<ExemptRule>,
    #[serde(default)]
    pub exclusion: Option<ExclusionRule>,

    #[serde(default)]
    pub supervise: Vec<SuperviseRule>,
    #[serde(default)]
    pub measure: Vec<MeasureRule>,
    #[serde(default)]
    pub urging: Option<UrgingRule>,
    #[serde(default)]
    pub conduct: Vec<ConductRule>,

    #[serde(default)]
    pub knowledge: Option<KnowledgeRule>,

    pub archive: ArchiveRule,
    #[serde(default)]
    pub message: Vec<MessageRule>,
    #[serde(default)]
    pub assume: Vec<Assume>,
    #[serde(default)]
    pub not_encoded: Vec<NotEncoded>,
}

/// Which text this is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub id: String,
    /// Two capital letters that begin its ticket numbers.
    pub prefix: String,
    pub place: String,
    pub name: String,
    pub version: u32,
    #[serde(deserialize_with = "wording::date")]
    pub in_force: Date,
    /// e.g. `征求意见稿`.
    #[serde(default)]
    pub status: Option<String>,
    /// The day a person last held this file against the text.
    #[serde(deserialize_with = "wording::date")]
    pub confirmed: Date,
}

/// Readings of counting.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountingRule {
    #[serde(default)]
    pub start_day: StartDay,
    /// `24:00` (default), `same clock time`, or a time of day such as `17:30`.
    #[serde(default)]
    pub end_of_day: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartDay {
    #[default]
    LeftOut,
    Counted,
}

/// A reading where the text is silent; a centre may change it, and sees it beside whatever rests on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assume {
    pub id: String,
    pub question: String,
    pub answer: String,
    /// A law it leans on.
    #[serde(default)]
    pub like: Option<String>,
    /// It fills in a number that the text leaves open.
    #[serde(default)]
    pub default: bool,
}

/// A place of the text that is not a rule for tickets, and why (`jiesu rulebook check --source`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotEncoded {
    pub article: String,
    pub reason: String,
}
