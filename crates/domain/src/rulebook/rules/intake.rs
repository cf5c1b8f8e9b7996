//! From the first contact to the dispatch.

use super::rules;
use crate::{Kind, Role, ticket::HelpKind};

rules! {
    /// What is taken.
    AcceptRule |_| "accept" => {
        kinds: Vec<Kind>,
        /// Said on the citizen's form.
        scope: String,
    }

    /// One class of what is not taken.
    RefusalClass |r| &r.id => {
        id: String,
        name: String,
        /// What the first agent tells the appellant.
        advice: String,
        /// What has to be done for the appellant: one of these. Empty: whatever fits.
        #[serde(default)]
        help: Vec<HelpKind>,
        /// A refusal of this class must name the earlier ticket.
        #[serde(default)]
        names_earlier: bool,
        /// Only where an earlier ticket, confirmed to state the same fact and reason, was settled.
        #[serde(default)]
        settled: bool,
    }

    /// How what the first agent cannot judge goes up.
    ReferralRule |_| "referral" => {
        /// Roles in ascending order; the first receives the first referral.
        levels: Vec<Role>,
    }

    /// The emergency path.
    EmergencyRule |_| "emergency" => {
        /// Matters that make an emergency ticket, e.g. `水`, `电`.
        matters: Vec<String>,
        /// Kinds for which a ticket can be marked as an emergency.
        kinds: Vec<Kind>,
        /// Lines that can be linked, e.g. `110`.
        lines: Vec<String>,
        /// A dispatch of an emergency ticket must record the call to the unit.
        call_recorded: bool,
    }

    /// The appellant takes the appeal back.
    WithdrawalRule |_| "withdrawal" => {
    }

    /// Conduct of a caller that is marked, and may be referred to the police.
    MaliciousRule |r| &r.id => {
        id: String,
        name: String,
        /// Only where an earlier ticket, named, was closed with a reply and nothing new is said.
        #[serde(default)]
        after_reply: bool,
        /// The centre may refer it, with the evidence.
        refer: bool,
    }

    /// To and from other cities or levels.
    TransferRule |_| "transfer" => {
        /// What it can go to, e.g. `省内其他市热线`.
        to: Vec<String>,
    }

    /// A risk found in the work is reported upward at once.
    RiskRule |_| "risk" => {
        to: Vec<String>,
    }
}
