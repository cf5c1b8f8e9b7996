//! What happened to an entry.

use serde::{Deserialize, Serialize};

use super::{Content, Found, Reminder};
use crate::{Basis, Instant, clock::Clock};

/// How far ahead of its publication a new policy was announced (ZS-34).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = PolicyNotice))]
pub struct Notice {
    /// Working days from the day of the announcement to the day before the publication.
    pub days: i64,
    pub in_time: bool,
    pub basis: Basis,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Event {
    Asked {
        unit: String,
        question: String,
        urgent: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reminded: Option<Reminder>,
    },
    Demanded {
        unit: String,
        ticket: String,
        question: String,
    },
    /// `unit`: who is responsible for it; `None`: the centre.
    Submitted {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
        content: Box<Content>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        script: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notice: Option<Notice>,
    },
    Answered {
        text: String,
    },
    Returned {
        reason: String,
    },
    /// What was submitted last is what is said from now on.
    Published {
        /// 1, 2, 3 …
        version: u32,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        script: bool,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    Withdrawn {
        reason: String,
    },
    Renewed,
    ErrorReported {
        what: String,
    },
    ErrorConfirmed {
        no: u32,
        note: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        found: Option<Found>,
    },
    ErrorDismissed {
        no: u32,
        reason: String,
    },
    Checked {
        sample: i64,
        right: bool,
        note: String,
    },
    ClockStarted(Clock),
    ClockMet {
        clock: u32,
        at: Instant,
    },
    ClockVoid {
        clock: u32,
    },
    ClockExpired {
        clock: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        found: Option<Found>,
    },
    /// The last day on which it holds is over.
    Expired,
}

impl Event {
    /// Every kind of event with its Chinese name.
    pub const NAMES: &'static [(&'static str, &'static str)] = &[
        ("asked", "我要提问"),
        ("demanded", "派单要求录入"),
        ("submitted", "报送"),
        ("answered", "我要答复"),
        ("returned", "退回修改"),
        ("published", "发布"),
        ("withdrawn", "撤下"),
        ("renewed", "确认仍有效"),
        ("error-reported", "报错"),
        ("error-confirmed", "核实有误"),
        ("error-dismissed", "核实无误"),
        ("checked", "抽查"),
        ("clock-started", "开始计时"),
        ("clock-met", "按要求完成"),
        ("clock-void", "时限取消"),
        ("clock-expired", "超过时限"),
        ("expired", "过期"),
    ];

    /// The code, as the journal has it.
    pub const fn name(&self) -> &'static str {
        match self {
            Event::Asked { .. } => "asked",
            Event::Demanded { .. } => "demanded",
            Event::Submitted { .. } => "submitted",
            Event::Answered { .. } => "answered",
            Event::Returned { .. } => "returned",
            Event::Published { .. } => "published",
            Event::Withdrawn { .. } => "withdrawn",
            Event::Renewed => "renewed",
            Event::ErrorReported { .. } => "error-reported",
            Event::ErrorConfirmed { .. } => "error-confirmed",
            Event::ErrorDismissed { .. } => "error-dismissed",
            Event::Checked { .. } => "checked",
            Event::ClockStarted(_) => "clock-started",
            Event::ClockMet { .. } => "clock-met",
            Event::ClockVoid { .. } => "clock-void",
            Event::ClockExpired { .. } => "clock-expired",
            Event::Expired => "expired",
        }
    }

    /// What people read for it.
    pub fn zh(&self) -> &'static str {
        Self::NAMES.iter().find(|(code, _)| *code == self.name()).map_or("", |(_, zh)| zh)
    }
}
