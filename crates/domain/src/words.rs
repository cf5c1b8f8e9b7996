//! The closed vocabularies: each word has one code (API, journal, rulebook) and one Chinese name (screens). See `docs/glossary.md`.

use serde::{Deserialize, Serialize};

/// Declares an enum whose variants carry a code and a Chinese name; both are accepted when parsing, the code is what is stored.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$vmeta:meta])* $variant:ident = $code:literal $zh:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $code, alias = $zh)] $variant),+ }

        impl $name {
            /// Every word, in the order of the glossary.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The code: what the API, the journal and the rulebooks say.
            pub const fn code(self) -> &'static str { match self { $($name::$variant => $code),+ } }

            /// The Chinese name: what people read.
            pub const fn zh(self) -> &'static str { match self { $($name::$variant => $zh),+ } }
        }

        // By hand: the derive does not see names that a macro passes on.
        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .description(Some(concat!($($code, " ", $zh, "; "),+)))
                    .enum_values(Some([$($code),+]))
                    .into()
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.zh()) }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                match s.trim() {
                    $($code | $zh => Ok($name::$variant),)+
                    other => Err($crate::words::UnknownWord { what: $what, got: other.chars().take(40).collect(), known: vec![$(concat!($code, " ", $zh)),+] }),
                }
            }
        }
    };
}
pub(crate) use words;

/// A word that is not in its vocabulary; the message lists those that are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}“{got}”不认识；可用：{}", known.join("、"))]
pub struct UnknownWord {
    pub what: &'static str,
    pub got: String,
    pub known: Vec<&'static str>,
}

words! {
    /// What an appeal asks for. The last four are recorded and never dispatched.
    Kind, "诉求类别" {
        Consultation = "consultation" "咨询",
        Help = "help" "求助",
        Complaint = "complaint" "投诉",
        Report = "report" "举报",
        Suggestion = "suggestion" "建议",
        Opinion = "opinion" "意见",
        Criticism = "criticism" "批评",
        Efficacy = "efficacy" "行政效能投诉",
        Thanks = "thanks" "感谢",
        Withdrawal = "withdrawal" "撤诉",
        Harassment = "harassment" "骚扰",
        Invalid = "invalid" "无效",
    }
}

impl Kind {
    /// Whether a ticket of this kind can go to a unit at all.
    pub const fn dispatchable(self) -> bool {
        !matches!(self, Kind::Thanks | Kind::Withdrawal | Kind::Harassment | Kind::Invalid)
    }
}

words! {
    /// The way an appeal came in.
    Channel, "渠道" {
        Phone = "phone" "电话",
        Web = "web" "网站",
        Sms = "sms" "短信",
        Wechat = "wechat" "微信",
        App = "app" "移动应用",
        Mail = "mail" "邮件",
        Letter = "letter" "来信",
        Visit = "visit" "来访",
        Platform = "platform" "其他平台",
    }
}

words! {
    /// What somebody is in the system; decides what they may do (see [`crate::access`]).
    Role, "角色" {
        Seat = "seat" "话务员",
        OutsourcedSeat = "outsourced-seat" "外包坐席",
        ShiftLeader = "shift-leader" "值班长",
        Dispatcher = "dispatcher" "派单员",
        Reviewer = "reviewer" "审核员",
        FollowUpClerk = "follow-up-clerk" "回访员",
        Supervisor = "supervisor" "督办员",
        KnowledgeClerk = "knowledge-clerk" "信息员",
        Analyst = "analyst" "统计分析",
        CentreManager = "centre-manager" "中心主任",
        Handler = "handler" "承办人",
        UnitLeader = "unit-leader" "分管领导",
        SuperiorUnit = "superior-unit" "上级单位",
        DisciplineOffice = "discipline-office" "单位纪检",
        DisciplineWatcher = "discipline-watcher" "监察",
        Leader = "leader" "领导",
        SystemAdmin = "system-admin" "系统管理员",
        SecurityAdmin = "security-admin" "安全管理员",
        AuditAdmin = "audit-admin" "审计管理员",
        Citizen = "citizen" "诉求人",
        Platform = "platform" "其他平台",
        System = "system" "系统",
    }
}

impl Role {
    /// Roles that a person logs in with. The others are what a channel or the worker acts as.
    pub const fn of_staff(self) -> bool {
        !matches!(self, Role::Citizen | Role::Platform | Role::System)
    }

    /// Roles that act for one unit and see only what concerns it.
    pub const fn of_unit(self) -> bool {
        matches!(self, Role::Handler | Role::UnitLeader | Role::SuperiorUnit | Role::DisciplineOffice)
    }
}

words! {
    /// How the appellant wants to be asked afterwards, and by which a contact was made.
    Contact, "联系方式" {
        Phone = "phone" "电话",
        Sms = "sms" "短信",
        Web = "web" "网络",
        Visit = "visit" "当面",
        Letter = "letter" "书面",
    }
}

words! {
    /// The appellant's judgement. Satisfied and basically satisfied count as satisfied (a reading of every rulebook).
    Satisfaction, "满意度" {
        Satisfied = "satisfied" "满意",
        Basically = "basically" "基本满意",
        Unsatisfied = "unsatisfied" "不满意",
        Very = "very-unsatisfied" "非常不满意",
    }
}

impl Satisfaction {
    pub const fn is_satisfied(self) -> bool {
        matches!(self, Satisfaction::Satisfied | Satisfaction::Basically)
    }
}

/// Who acts. `id` is an account id (or `system`, `citizen`, `import`), never a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub id: String,
    pub role: Role,
    /// The unit a unit's role acts for; `None` for the centre and the citizen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl Actor {
    /// The worker, issuing timers.
    pub fn system() -> Self {
        Actor { id: "system".into(), role: Role::System, unit: None }
    }

    /// The appellant, known by number and query code.
    pub fn citizen() -> Self {
        Actor { id: "citizen".into(), role: Role::Citizen, unit: None }
    }
}
