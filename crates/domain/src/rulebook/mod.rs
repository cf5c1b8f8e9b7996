//! A regulation as data: limits, windows, counts, grounds and texts, each with its article, and each reading we assume where the text
//! is silent. The format is documented in `docs/rulebook-format.md`; files live in `rulebooks/`.
//!
//! Nothing of a city is in code: whatever differs between regulations is a value here.

mod answer;
mod check;
mod parse;
pub mod source;
mod wording;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use answer::Subject;
pub(crate) use wording::{dates, in_chinese};

pub use parse::{RulebookError, RulebookErrors, line_of, parse_toml};

use crate::{Amount, Kind, clock::ClockKind, words::words};

/// A rule that says where it comes from: an article, or readings where the text is silent.
pub trait Cited {
    /// The rule's id, unique in the rulebook.
    fn id(&self) -> &str;
    /// The article as the text names it; empty if only readings carry it.
    fn article(&self) -> &str;
    /// Ids of readings.
    fn readings(&self) -> &[String];
}

macro_rules! cited {
    ($($t:ident $id:expr),+ $(,)?) => { $(impl Cited for $t {
        fn id(&self) -> &str { let of: fn(&$t) -> &str = $id; of(self) }
        fn article(&self) -> &str { self.article.as_deref().unwrap_or_default() }
        fn readings(&self) -> &[String] { &self.assume }
    })+ };
}

/// A whole rulebook, as its TOML file says it.
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
    pub limit: Vec<LimitRule>,
    #[serde(default)]
    pub special_law: Option<SpecialLawRule>,
    pub dispatch: DispatchRule,
    #[serde(rename = "return")]
    pub returns: ReturnRule,
    pub extension: ExtensionRule,
    pub reply: ReplyRule,
    pub confidential: ConfidentialRule,
    pub closure: ClosureRule,
    pub follow_up: FollowUpRule,
    pub redo: RedoRule,
    #[serde(default)]
    pub exempt: Vec<ExemptRule>,
    #[serde(default)]
    pub supervise: Vec<SuperviseRule>,
    pub measures: MeasuresRule,
    pub archive: ArchiveRule,
    #[serde(default)]
    pub message: Vec<MessageRule>,
    #[serde(default)]
    pub assume: Vec<Assume>,
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

/// What is taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptRule {
    pub kinds: Vec<Kind>,
    /// Said on the citizen's form.
    pub scope: String,
    /// "形成工单" rests on its own article.
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// One class of what is not taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalClass {
    pub id: String,
    pub name: String,
    /// What the first agent tells the appellant.
    pub advice: String,
    /// A refusal of this class must name the earlier ticket.
    #[serde(default)]
    pub names_earlier: bool,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// How what the first agent cannot judge goes up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferralRule {
    /// Roles in ascending order; the first receives the first referral.
    pub levels: Vec<crate::Role>,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// The emergency path.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyRule {
    /// Matters that make an emergency ticket, e.g. `水`, `电`.
    pub matters: Vec<String>,
    /// Kinds for which a ticket can be marked as an emergency.
    pub kinds: Vec<Kind>,
    /// Lines that can be linked, e.g. `110`.
    pub lines: Vec<String>,
    /// A dispatch of an emergency ticket must record the call to the unit.
    pub call_recorded: bool,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// From where a limit runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    Registration,
    Referral,
    Dispatch,
    Sign,
    Request,
    Closure,
    Rating,
    Conclusion,
}

/// A limit: one rule for one clock.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitRule {
    pub id: String,
    pub clock: ClockKind,
    pub from: Start,
    #[serde(default)]
    pub is: Option<Amount>,
    #[serde(default)]
    pub by_kind: BTreeMap<Kind, Amount>,
    #[serde(default)]
    pub when: When,
    /// Ids of rules whose place this one takes where both apply.
    #[serde(default)]
    pub over: Vec<String>,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// When a limit rule applies; all that is said must hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    #[serde(default)]
    pub contacts_at_least: Option<u32>,
    #[serde(default)]
    pub difficult: Option<bool>,
    #[serde(default)]
    pub urgent: Option<bool>,
    #[serde(default)]
    pub redo: Option<bool>,
}

/// Limits of other laws go before.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialLawRule {
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// To whom a ticket may go.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DispatchRule {
    /// Kinds of unit that can never lead (Zhongshan 6: committees).
    #[serde(default)]
    pub never_lead: Vec<UnitKind>,
    /// The lead's reply waits for the results of its assists.
    pub lead_waits: bool,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

words! {
    /// Kinds of units (ZS-5 and the like).
    UnitKind, "单位类别" {
        Department = "department" "职能部门",
        Town = "town" "镇街",
        District = "district" "县区政府",
        Zone = "zone" "开发区管委会",
        Authorised = "authorised" "授权组织",
        Enterprise = "enterprise" "公共服务企事业单位",
        Committee = "committee" "居（村）民委员会",
        Centre = "centre" "热线中心",
    }
}

/// What happens to an application made after its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Late {
    /// Refused by the system unless the centre opens the window with a reason.
    RefusedUnlessOpened,
    /// Counts as accepted; no way back.
    Accepted,
}

/// What a pending application does to the handling clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pending {
    /// The clock keeps running.
    Runs,
    /// Review time does not count.
    Paused,
}

/// Return of a ticket by its unit. The window is the limit rule with `clock = "return"`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnRule {
    /// Basis or a redirect proposal must be given.
    pub needs_basis_or_redirect: bool,
    /// An attached sheet signed by the unit's leader must be given.
    #[serde(default)]
    pub needs_leader_sheet: bool,
    pub late: Late,
    pub pending: Pending,
    /// Whether a unit whose return was refused may ask once more.
    pub again_after_refusal: bool,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// How long one extension may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AtMost {
    /// Not longer than the ticket's original limit.
    OriginalLimit,
}

/// Extension of the handling limit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionRule {
    pub times: u32,
    pub at_most: AtMost,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// The unit's reply.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyRule {
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// Tickets whose appellant asked for secrecy, or whose matter must not be public.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfidentialRule {
    /// Whether the unit may contact the appellant itself.
    pub unit_may_contact: bool,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

words! {
    /// Why a ticket may be closed.
    ClosureGround, "办结理由" {
        Done = "done" "已办理完毕",
        NoPolicyBasis = "no-policy-basis" "诉求无政策法规依据",
        Explained = "explained" "暂时无法解决，已作说明",
    }
}

/// Closure by application and review.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosureRule {
    pub grounds: Vec<ClosureGround>,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// Asking the appellant afterwards.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUpRule {
    /// Attempts without an answer after which the follow-up ends unrated.
    pub attempts: u32,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// Handling once more after an unsatisfied rating that was verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedoRule {
    /// The unsatisfied rating (counted over the ticket's life) from which on a redo goes with an entry in the supervision ledger.
    pub ledger_from: u32,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

words! {
    /// Why an unsatisfied rating is left out of the assessment.
    ExemptGround, "不纳入考核的情形" {
        SuggestionNotAdopted = "suggestion-not-adopted" "因建议没有得到采纳而不满意的建议类诉求",
        NoPolicyBasis = "no-policy-basis" "确属没有政策、法律法规依据且已解释回访",
    }
}

/// One ground of exemption.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExemptRule {
    pub ground: ExemptGround,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

words! {
    /// What brings a ticket under supervision.
    SuperviseGround, "督办事由" {
        Overdue = "overdue" "超期未办结",
        Unsatisfied = "unsatisfied" "多次回访不满意",
        Instruction = "instruction" "上级交办",
        Media = "media" "媒体曝光",
        Other = "other" "其他",
    }
}

/// One ground of supervision.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuperviseRule {
    pub ground: SuperviseGround,
    /// The unit's fault must be found before an entry is made.
    pub fault_needed: bool,
    /// For `unsatisfied`: how many.
    #[serde(default)]
    pub times: Option<u32>,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

words! {
    /// What supervision can do.
    SupervisionMeasure, "督办方式" {
        SpecialReport = "special-report" "督查专报",
        RectificationNotice = "rectification-notice" "整改通知",
        Proposal = "proposal" "督查建议",
        Interview = "interview" "约谈提醒",
    }
}

/// Measures of supervision.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuresRule {
    pub may: Vec<SupervisionMeasure>,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

/// Archive and retention.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveRule {
    pub keeps: Vec<String>,
    /// Years recordings are kept at least.
    pub recordings_years: u32,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
}

words! {
    /// When a message to the appellant goes out.
    MessageOn, "短信时机" {
        Registered = "registered" "登记",
        Refused = "refused" "不予受理",
        Dispatched = "dispatched" "派单",
        ExtensionGranted = "extension-granted" "同意延期",
        ReplyAudited = "reply-audited" "答复审定",
        Closed = "closed" "办结",
        Redo = "redo" "重办",
    }
}

/// A text to the appellant. Placeholders: `{place} {number} {code} {unit} {due} {reply} {advice} {days}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRule {
    pub id: String,
    pub on: MessageOn,
    pub text: String,
    pub article: Option<String>,
    #[serde(default)]
    pub assume: Vec<String>,
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

cited! {
    AcceptRule |_| "accept", RefusalClass |r| &r.id, ReferralRule |_| "referral", EmergencyRule |_| "emergency", LimitRule |r| &r.id,
    SpecialLawRule |_| "special-law", DispatchRule |_| "dispatch", ReturnRule |_| "return", ExtensionRule |_| "extension",
    ReplyRule |_| "reply", ConfidentialRule |_| "confidential", ClosureRule |_| "closure", FollowUpRule |_| "follow-up", RedoRule |_| "redo", ExemptRule |r| r.ground.code(),
    SuperviseRule |r| r.ground.code(), MeasuresRule |_| "measures", ArchiveRule |_| "archive", MessageRule |r| &r.id,
}
