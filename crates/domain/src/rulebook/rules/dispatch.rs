//! Who handles it.

use serde::{Deserialize, Serialize};

use super::rules;
use crate::{Kind, words::words};

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

words! {
    /// Who gets a copy of a ticket.
    CopyTo, "抄送对象" {
        Superior = "superior" "上级单位",
        Discipline = "discipline" "单位纪检监察机构",
    }
}

words! {
    /// What an application to return a ticket must hold besides its reason.
    ReturnNeed, "退单材料" {
        Basis = "basis" "退回依据",
        Redirect = "redirect" "转办建议",
        LeaderSheet = "leader-sheet" "领导签署意见",
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

/// Whether a unit whose return was refused may ask once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Again {
    /// While the window is open.
    Free,
    /// Only where the centre opens it with a reason (「原则上不能」).
    Opened,
    Never,
}

/// Marks of a ticket that make a leader's approval necessary; all that is said must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    #[serde(default)]
    pub major: bool,
    #[serde(default)]
    pub difficult: bool,
    /// The opinion or the dispatch names more than one unit.
    #[serde(default)]
    pub several_units: bool,
}

rules! {
    /// Consultation on who handles a disputed or complex ticket.
    ConsultationRule |_| "consultation" => {
        /// Who can be asked, e.g. `市级协商机制`.
        levels: Vec<String>,
        before_dispatch: bool,
        on_return: bool,
        /// The unit it names takes the ticket and cannot give it back.
        binding: bool,
    }

    /// A handling opinion of the centre that a leader approves before the dispatch.
    ApprovalRule |_| "approval" => {
        /// Any of these.
        when: Vec<Marks>,
    }

    /// A copy that goes out with the dispatch.
    CopyRule |r| &r.id => {
        id: String,
        name: String,
        to: CopyTo,
        /// Empty: of every kind.
        #[serde(default)]
        kinds: Vec<Kind>,
        /// Kinds of the leading unit; empty: any.
        #[serde(default)]
        leads: Vec<UnitKind>,
    }

    /// To whom a ticket may go.
    DispatchRule |_| "dispatch" => {
        /// Kinds of unit that can never lead (Zhongshan 6: committees).
        #[serde(default)]
        never_lead: Vec<UnitKind>,
        /// The lead's reply waits for the results of its assists.
        lead_waits: bool,
        /// An assist that delivers late must explain.
        #[serde(default)]
        late_assists_explain: bool,
        /// Catalogue entries that a town or street leads must name its sub-office.
        #[serde(default)]
        town_needs_office: bool,
        /// A dispatch without an entry of the catalogue must say on which duty it rests.
        #[serde(default)]
        duty_note: bool,
    }

    /// The lead calls other units in, and they report in.
    WhistleRule |_| "whistle" => {
        /// What it is called here, e.g. `吹哨报到`.
        name: String,
        /// Kinds of unit that may whistle; empty: any lead.
        #[serde(default)]
        by: Vec<UnitKind>,
        /// What it is called where a lead of another kind calls units in (首接负责); left out: none of another kind may.
        #[serde(default)]
        others: Option<String>,
        /// Both sides are assessed: the whistler (of the kinds in `by`) judges how each unit answered.
        #[serde(default)]
        judged: bool,
    }

    /// A stalled ticket is raised to a higher level.
    RaiseRule |_| "raise" => {
    }

    /// Return of a ticket by its unit. The window is the limit rule with `clock = "return"`.
    ReturnRule |_| "return" => {
        /// All of these must be given.
        #[serde(default)]
        needs: Vec<ReturnNeed>,
        /// At least one of these.
        #[serde(default)]
        needs_one_of: Vec<ReturnNeed>,
        late: Late,
        pending: Pending,
        again: Again,
    }
}
